//! The screen's link: who is let in, what it gets, and what ends it.

use std::time::Duration;

use eimza_kiosk::{
    health::Word,
    link::{
        codec::LIMIT,
        intent::Intent,
        view::{Language, Page},
    },
};

use crate::harness::Office;

#[test]
fn a_screen_gets_the_view_at_once_and_again_when_it_changes() {
    let office = Office::new();
    let _kiosk = office.start();
    let mut screen = office.screen();
    let view = screen.view();
    assert_eq!(view.page, Page::Starting);
    assert_eq!(view.frame.office, "DENEME Ofisi");
    screen.touch(view.serial, Intent::Language(Language::English));
    screen.until(|view| view.frame.language == Language::English);
}

#[test]
fn a_screen_that_comes_back_gets_the_view_as_it_is_now() {
    let office = Office::new();
    let _kiosk = office.start();
    let mut screen = office.screen();
    let serial = screen.view().serial;
    screen.touch(serial, Intent::Language(Language::English));
    screen.until(|view| view.frame.language == Language::English);
    drop(screen);
    assert_eq!(office.screen().view().frame.language, Language::English);
}

#[test]
fn a_process_of_another_uid_gets_not_a_byte() {
    let office = Office::new();
    let other = rustix::process::geteuid().as_raw() + 1;
    office.configure(|text| text.replace("[token]", &format!("screen_uid = {other}\n[token]")));
    let kiosk = office.start();
    assert_eq!(office.screen().rest(), b"");
    assert!(kiosk.terminate().success());
    assert!(office.log().contains("a stranger at the screen's socket was turned away"), "{}", office.log());
}

#[test]
fn an_oversize_frame_ends_the_connection_and_the_next_screen_is_served() {
    let office = Office::new();
    let _kiosk = office.start();
    let mut screen = office.screen();
    screen.view();
    screen.write(&u32::try_from(LIMIT + 1).unwrap().to_be_bytes());
    assert!(screen.is_closed());
    assert_eq!(office.screen().view().page, Page::Starting);
}

#[test]
fn a_touch_far_longer_than_any_value_ends_the_connection() {
    let office = Office::new();
    let _kiosk = office.start();
    let mut screen = office.screen();
    screen.view();
    screen.write(&100_000_u32.to_be_bytes());
    assert!(screen.is_closed());
}

#[test]
fn bytes_that_are_no_touch_end_the_connection() {
    let office = Office::new();
    let kiosk = office.start();
    let mut screen = office.screen();
    screen.view();
    screen.write(&[0, 0, 0, 3, 0xFF, 0xFF, 0xFF]);
    assert!(screen.is_closed());
    assert!(kiosk.terminate().success());
    assert!(office.log().contains("a frame that is no message of this link"), "{}", office.log());
}

#[test]
fn the_newest_screen_is_served_and_the_former_one_is_let_go() {
    let office = Office::new();
    let _kiosk = office.start();
    let mut former = office.screen();
    former.view();
    let mut newest = office.screen();
    let serial = newest.view().serial;
    assert!(former.is_closed());
    newest.touch(serial, Intent::Language(Language::English));
    newest.until(|view| view.frame.language == Language::English);
}

#[test]
fn that_a_page_stands_on_the_display_is_said_only_when_the_screen_said_so() {
    let office = Office::new();
    office.configure(|text| text.replace("[token]", "health = \"health.json\"\n[token]"));
    let kiosk = office.start();
    let word = |drawn: bool| {
        let wanted = format!("\"drawn\":{drawn}");
        office.says("health.json", |text| text.contains(&wanted))
    };
    let text = word(false);
    assert!(text.contains(&format!("\"process\":{}", kiosk.pid())), "{text}");
    assert!(text.contains("\"readers\":false,\"clock\":true,\"signer\":false"), "{text}");
    let mut screen = office.screen();
    let view = screen.view();
    screen.touch(view.serial, Intent::Drawn);
    word(true);
    drop(screen);
    word(false);
}

#[test]
fn how_the_kiosk_is_is_said_again_while_it_runs_though_nothing_changes() {
    let office = Office::new();
    office.configure(|text| text.replace("[token]", "health = \"health.json\"\n[token]"));
    let _kiosk = office.start();
    let said = |wanted: &dyn Fn(&Word) -> bool| {
        let word = |text: &str| serde_json::from_str::<Word>(text).ok();
        word(&office.says("health.json", |text| word(text).is_some_and(|word| wanted(&word)))).unwrap()
    };
    let first = said(&|_| true);
    assert!(first.holds(Duration::from_millis(first.said_ms)), "{first:?}");
    let later = said(&|word| word.said_ms > first.said_ms + 1500);
    assert_eq!((later.process, later.started), (first.process, first.started));
}
