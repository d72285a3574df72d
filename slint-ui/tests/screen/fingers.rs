//! More than one finger on the glass: two thumbs that type, a palm that rests, somebody who points.

use std::collections::HashMap;

use eimza_kiosk::{
    link::{
        intent::Intent,
        signer::TriesLeft,
        view::{NewPinKind, Page, SmsPurpose},
    },
    redact::PortalSecret,
};
use i_slint_backend_testing::mock_elapsed_time;
use i_slint_core::input::TouchPhase;
use kiosk_ui::{
    headless::{controls, samples},
    screen::Screen,
    ui::{Local, Shown},
};
use slint::{
    ComponentHandle as _, Global as _,
    platform::{InternalEvent, WindowEvent},
};

use super::{
    listening::listening,
    robot::{REQUEST, view},
};

/// Fingers by their numbers, each where it was put down.
struct Fingers<'a> {
    screen: &'a Screen,
    down: HashMap<i32, (f32, f32)>,
}

impl<'a> Fingers<'a> {
    fn over(screen: &'a Screen) -> Self {
        Self { screen, down: HashMap::new() }
    }

    fn says(&self, id: i32, (x, y): (f32, f32), phase: TouchPhase) {
        let touch = InternalEvent::Touch { id, position: (x, y).into(), phase };
        self.screen.window().window().dispatch_event(WindowEvent::internal(touch));
        // It is drawn: that is when what stands is made anew.
        let _ = controls::controls(self.screen);
    }

    fn down_at(&mut self, id: i32, place: (f32, f32)) {
        assert!(self.down.insert(id, place).is_none(), "{id} is down");
        self.says(id, place, TouchPhase::Started);
    }

    fn down(&mut self, id: i32, label: &str) {
        let button = controls::find(self.screen, label, Some("button")).unwrap_or_else(|| panic!("{label}"));
        let (at, size) = (button.absolute_position(), button.size());
        self.down_at(id, (at.x + size.width / 2.0, at.y + size.height / 2.0));
    }

    fn up(&mut self, id: i32) {
        let place = self.down.remove(&id).unwrap();
        self.says(id, place, TouchPhase::Ended);
    }

    fn tap(&mut self, id: i32, label: &str) {
        self.down(id, label);
        self.up(id);
    }
}

/// A page that shows the digits it is given.
fn digits() -> Page {
    Page::SmsCode { wrong: false, late: false, digits: 6, purpose: SmsPurpose::Application }
}

fn typed(screen: &Screen) -> String {
    Local::get(screen.window()).get_code().into()
}

#[test]
fn a_key_under_a_finger_that_stays_is_typed_once_whatever_another_finger_does() {
    let (screen, _) = listening((1280, 800));
    let tries = TriesLeft::Known(3);
    screen.show(view(1, Page::NewPin { request: REQUEST, kind: NewPinKind::Change, tries, wrong: false }));
    let mut fingers = Fingers::over(&screen);
    fingers.down(0, "1");
    fingers.tap(1, "2");
    fingers.tap(1, "2");
    fingers.up(0);
    assert_eq!(Shown::get(screen.window()).get_pin_length(), 1, "of a PIN never a digit twice");
    fingers.tap(0, "1");
    assert_eq!(Shown::get(screen.window()).get_pin_length(), 2, "and one finger alone types as ever");
    screen.show(view(2, digits()));
    fingers.down(0, "7");
    fingers.down(1, "8");
    fingers.down(2, "9");
    for id in [1, 2, 0] {
        fingers.up(id);
    }
    fingers.tap(0, "4");
    assert_eq!(typed(&screen), "74");
}

#[test]
fn thumbs_that_roll_from_key_to_key_type_each_key_once_and_in_order() {
    let (screen, _) = listening((800, 480));
    screen.show(view(1, digits()));
    let mut fingers = Fingers::over(&screen);
    fingers.down(0, "1");
    fingers.down(1, "2");
    fingers.up(0);
    fingers.down(0, "3");
    fingers.up(1);
    fingers.up(0);
    fingers.tap(0, "3");
    fingers.tap(0, "1");
    assert_eq!(typed(&screen), "12331");
}

#[test]
fn under_a_palm_that_rests_nothing_is_typed_and_all_is_well_when_it_is_gone() {
    let (screen, told) = listening((1280, 800));
    screen.show(view(1, digits()));
    let mut fingers = Fingers::over(&screen);
    for places in [[(0, 500.0), (1, 520.0)], [(1, 560.0), (0, 500.0)]] {
        let [(palm, x), (finger, _)] = places;
        fingers.down_at(palm, (x, 790.0));
        for key in ["1", "2", "Onayla"] {
            fingers.tap(finger, key);
        }
        fingers.up(palm);
        assert_eq!(typed(&screen), "");
    }
    fingers.tap(0, "5");
    assert_eq!(typed(&screen), "5");
    assert!(told.borrow().iter().all(|it| *it == Intent::Present), "{told:?}");
}

#[test]
fn a_button_acts_once_when_its_own_finger_is_lifted_from_it() {
    let (screen, told) = listening((1280, 800));
    let next = || told.borrow().iter().filter(|it| **it == Intent::Next).count();
    screen.show(view(1, Page::SmsSend { phone: "535 000 00 42".into(), correctable: true }));
    let mut fingers = Fingers::over(&screen);
    let button = "Gönder";
    fingers.down(0, button);
    fingers.down_at(1, (500.0, 790.0));
    assert_eq!(next(), 0, "it is not lifted");
    fingers.up(1);
    fingers.up(0);
    assert_eq!(next(), 1);
    // A finger that is on the next page's button without having been put down there.
    fingers.down(0, button);
    screen.show(view(2, Page::SmsSend { phone: "535 000 00 43".into(), correctable: true }));
    screen.show(view(3, Page::ReadingCard));
    let _ = controls::controls(&screen);
    screen.show(view(4, Page::SmsSend { phone: "535 000 00 44".into(), correctable: true }));
    fingers.tap(1, button);
    fingers.up(0);
    assert_eq!(next(), 1, "it was not put down on this one");
    fingers.tap(0, button);
    assert_eq!(next(), 2);
}

#[test]
fn a_second_finger_hides_the_new_cards_pin_until_its_button_is_touched_anew() {
    let (screen, _) = listening((1280, 800));
    let hold = "PIN'i görmek için basılı tutun";
    let (pin, usable_from) = (PortalSecret::new("618305"), "02.01.2027 16:45:01".to_owned());
    screen.show(view(1, Page::NewCardPin { pin, usable_from }));
    let shown = || !Shown::get(screen.window()).get_new_card_pin().is_empty();
    let mut fingers = Fingers::over(&screen);
    fingers.down(0, hold);
    assert!(shown());
    fingers.down_at(1, (500.0, 790.0));
    assert!(!shown());
    fingers.up(1);
    assert!(!shown(), "it is on the glass since before");
    fingers.up(0);
    fingers.down(0, hold);
    assert!(shown());
    fingers.up(0);
    assert!(!shown());
}

#[test]
fn on_every_page_a_finger_that_stays_is_no_second_touch() {
    let (screen, told) = listening((1280, 800));
    let mut tried = 0;
    for (serial, sample) in (1..).zip(samples::all()) {
        screen.lost();
        screen.show(sample.view(serial, kiosk_ui::headless::gallery::Manner::default()));
        (sample.then)(&screen);
        mock_elapsed_time(std::time::Duration::from_secs(2));
        let buttons: Vec<_> = controls::controls(&screen)
            .into_iter()
            .filter(|it| it.enabled && controls::touchable(it.role))
            .collect();
        let Some(last) = buttons.last() else { continue };
        let place = (last.x + last.w / 2.0, last.y + last.h / 2.0);
        told.borrow_mut().clear();
        let mut fingers = Fingers::over(&screen);
        fingers.down_at(0, place);
        for _ in 0..2 {
            fingers.down_at(1, (place.0, 1.0));
            fingers.up(1);
        }
        fingers.up(0);
        let said: Vec<_> = told.borrow().iter().filter(|it| **it != Intent::Present).cloned().collect();
        let acts = said.iter().filter(|it| !matches!(it, Intent::Drawn)).count();
        assert!(acts <= 1, "{}: {:?} says {said:?}", sample.name, last.label);
        tried += 1;
    }
    assert!(tried > 40, "{tried} pages");
}
