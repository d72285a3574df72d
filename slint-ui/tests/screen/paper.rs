//! A document that is to be printed: nobody prints what was not on the screen, however often a button is touched.

use std::time::Duration;

use eimza_kiosk::link::{
    intent::Intent,
    paper::{Grey, SCREEN_SIZE},
    view::{Page, View},
};
use i_slint_backend_testing::mock_elapsed_time;
use kiosk_ui::{
    headless::{
        controls::{Control, controls},
        open,
    },
    screen::Screen,
};

use super::{
    listening::{finger, listening, middle, tap},
    robot::view,
};

/// So long a page stands before it can be turned, and a little more.
const STANDS: Duration = Duration::from_millis(1100);

fn page(serial: u64, number: u8) -> View {
    let pixels = vec![255; usize::from(SCREEN_SIZE.0) * usize::from(SCREEN_SIZE.1)];
    view(serial, Page::Paper { page: Grey::new(SCREEN_SIZE, pixels).unwrap(), number, of: 3 })
}

fn button(screen: &Screen, label: &str) -> Option<Control> {
    controls(screen).into_iter().find(|it| it.role == "button" && it.label == label && it.enabled)
}

/// That a page has changed is noticed before time passes.
fn passes(screen: &Screen, time: Duration) {
    let _ = controls(screen);
    mock_elapsed_time(Duration::from_millis(1));
    mock_elapsed_time(time);
}

/// The way on, once a page has stood for a moment.
fn way(screen: &Screen, label: &str) -> (f32, f32) {
    passes(screen, STANDS);
    middle(&button(screen, label).unwrap_or_else(|| panic!("{label}: {:#?}", controls(screen))))
}

fn read_to_end(screen: &Screen) {
    let mut strokes = 0;
    while let Some(more) = button(screen, "Devamını göster") {
        assert!(button(screen, "Yazdır").is_none(), "there is more below");
        tap(screen, middle(&more));
        mock_elapsed_time(Duration::from_millis(10));
        strokes += 1;
    }
    assert!(strokes > 0, "the page fits, so this proves nothing");
}

#[test]
fn a_second_tap_on_the_way_on_neither_turns_the_page_it_brought_nor_prints_it() {
    let (screen, told) = listening((1280, 800));
    let went = || told.borrow().iter().filter(|it| **it == Intent::Next).count();
    // Where a whole page fits, and where it does not.
    for size in [(720, 1280), (1280, 800)] {
        screen.lost();
        open(&screen, size).unwrap();
        screen.show(page(1, 1));
        let on = way(&screen, "Sonraki sayfa");
        for (number, serial) in [(2, 2), (3, 3)] {
            let before = went();
            tap(&screen, on);
            assert_eq!(went(), before + 1);
            screen.show(page(serial, number));
            tap(&screen, on);
            passes(&screen, Duration::from_millis(500));
            tap(&screen, on);
            assert_eq!(went(), before + 1, "{size:?}: page {number} has only just come");
            // What begins too early counts for nothing later.
            finger(&screen, on, true);
            mock_elapsed_time(STANDS);
            finger(&screen, on, false);
            assert_eq!(went(), before + 1, "{size:?}: page {number} had only just come");
        }
    }
}

#[test]
fn a_page_that_comes_under_a_finger_is_not_turned_by_it() {
    let (screen, told) = listening((720, 1280));
    screen.show(page(1, 2));
    let on = way(&screen, "Sonraki sayfa");
    finger(&screen, on, true);
    screen.show(page(2, 3));
    passes(&screen, STANDS);
    finger(&screen, on, false);
    assert!(!told.borrow().contains(&Intent::Next));
}

#[test]
fn the_last_page_is_printed_only_when_its_end_was_on_the_screen() {
    let (screen, told) = listening((1280, 800));
    screen.show(page(1, 3));
    passes(&screen, STANDS * 3);
    assert!(button(&screen, "Yazdır").is_none());
    read_to_end(&screen);
    let up = button(&screen, "Yukarı").unwrap();
    tap(&screen, middle(&up));
    tap(&screen, way(&screen, "Yazdır"));
    assert_eq!(told.borrow().iter().filter(|it| **it == Intent::Next).count(), 1);
    // It was another page's end.
    screen.show(page(2, 2));
    way(&screen, "Sonraki sayfa");
    read_to_end(&screen);
    screen.show(page(3, 3));
    passes(&screen, STANDS * 3);
    assert!(button(&screen, "Yazdır").is_none());
}
