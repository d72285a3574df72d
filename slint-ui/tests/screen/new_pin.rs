//! Another PIN: nothing leaves before it is fit and was typed twice, and then it leaves once.

use std::os::unix::net::UnixListener;

use eimza_kiosk::link::{
    intent::{Intent, Touch},
    keypad::{Frame, receive},
    new_pin::{NewPinFrame, Weakness},
    pin::{Verdict, answer},
    signer::TriesLeft,
    view::{NewPinKind, Page, View},
};
use kiosk_ui::new_pin::{Entry, Step, Typed};
use serde_json::json;

use super::robot::{CONFIGURATION, Kiosk, REQUEST, send, touch, view};

fn entry() -> Entry {
    Entry::new(REQUEST, NewPinKind::Change).unwrap()
}

fn typed(mut entry: Entry, digits: &str) -> (Option<Entry>, Typed) {
    digits.bytes().for_each(|digit| entry.digit(digit - b'0'));
    entry.done(false)
}

/// The old PIN was typed.
fn at_the_new_one() -> Entry {
    let (entry, _) = typed(entry(), "904713");
    let entry = entry.unwrap();
    assert_eq!(entry.step(), Step::New);
    entry
}

#[test]
fn a_new_pin_that_is_easily_guessed_is_asked_for_again_with_the_reason() {
    for (weak, why) in [
        ("777777", Weakness::AllEqual),
        ("345678", Weakness::Run),
        ("041985", Weakness::Year),
        ("904713", Weakness::SameAsOld),
    ] {
        let (entry, said) = typed(at_the_new_one(), weak);
        assert!(matches!(said, Typed::Weak(it) if it == why), "{weak}");
        let entry = entry.unwrap();
        assert_eq!((entry.step(), entry.length()), (Step::New, 0));
    }
}

#[test]
fn a_repeat_that_differs_asks_for_the_new_pin_again() {
    let (entry, _) = typed(at_the_new_one(), "735194");
    let (entry, said) = typed(entry.unwrap(), "735195");
    assert!(matches!(said, Typed::Differs));
    let entry = entry.unwrap();
    assert_eq!((entry.step(), entry.length()), (Step::New, 0));
}

#[test]
fn too_few_digits_go_nowhere_and_a_new_pin_has_room_for_six() {
    let (entry, _) = typed(entry(), "90471");
    assert_eq!(entry.unwrap().step(), Step::Old);
    let (entry, _) = typed(at_the_new_one(), "73519");
    let mut entry = entry.unwrap();
    assert_eq!((entry.step(), entry.length()), (Step::New, 5));
    entry.digit(4);
    entry.digit(4);
    assert_eq!(entry.length(), 6);
    entry.delete();
    assert_eq!(entry.length(), 5);
}

#[test]
fn a_step_back_forgets_what_was_typed_since() {
    let (entry, _) = typed(at_the_new_one(), "735194");
    let mut entry = entry.unwrap();
    entry.digit(7);
    entry.back();
    assert_eq!((entry.step(), entry.length()), (Step::New, 0));
    entry.back();
    assert_eq!((entry.step(), entry.length()), (Step::Old, 0));
    entry.back();
    assert_eq!(entry.step(), Step::Old);
}

fn page(serial: u64, wrong: bool) -> View {
    let (request, kind) = (REQUEST, NewPinKind::Change);
    view(serial, Page::NewPin { request, kind, tries: TriesLeft::Known(3), wrong })
}

fn next_frame(signer: &UnixListener, verdict: Verdict) -> NewPinFrame {
    let (mut stream, _) = signer.accept().unwrap();
    let Ok(Frame::NewPin(frame)) = receive(&mut stream) else { panic!("another frame") };
    answer(&mut stream, verdict).unwrap();
    frame
}

impl Kiosk {
    fn types(&mut self, digits: &str) {
        for digit in digits.chars() {
            self.tap(&digit.to_string());
        }
        let shown = self.ask(&json!({ "do": "controls" })).to_string();
        assert!(!shown.contains(digits), "a PIN can be read on the screen");
        self.tap("Tamam");
    }
}

#[test]
fn a_visitor_finds_each_pin_by_its_name_and_both_leave_in_one_frame() {
    let (mut kiosk, mut link) = Kiosk::linked(CONFIGURATION);
    send(&mut link, &page(1, false));
    kiosk.until("page", "new-pin");
    assert!(kiosk.reads("Şimdiki PIN") && !kiosk.reads("Geri"));
    kiosk.types("904713");
    assert!(kiosk.reads("Yeni PIN") && kiosk.reads("Geri"));
    kiosk.types("345678");
    assert!(kiosk.reads("Rakamlar sırayla gidiyor"));
    kiosk.types("735194");
    assert!(kiosk.reads("Yeni PIN (tekrar)") && !kiosk.reads("Rakamlar sırayla gidiyor"));
    kiosk.types("735195");
    assert!(kiosk.reads("İki yazdığınız aynı değil"));
    kiosk.types("735194");
    kiosk.tap("Geri");
    assert!(!kiosk.reads("(tekrar)"));
    kiosk.types("735194");
    kiosk.types("735194");
    let frame = next_frame(&kiosk.pin, Verdict::Accepted);
    assert_eq!((frame.request, frame.accept_last_try), (REQUEST, false));
    assert_eq!(frame.old.as_ref().map(|pin| pin.expose()), Some(&b"904713"[..]));
    assert_eq!(frame.new.expose(), b"735194");
    assert_eq!(touch(&mut link), Touch { serial: 1, intent: Intent::PinSent(REQUEST) });
}

#[test]
fn a_frame_the_signer_refuses_is_no_pin_sent_and_begins_with_the_old_one() {
    let (mut kiosk, mut link) = Kiosk::linked(CONFIGURATION);
    send(&mut link, &page(1, true));
    kiosk.until("page", "new-pin");
    assert!(kiosk.reads("Hatalı PIN"));
    for verdict in [Verdict::NoSuchRequest, Verdict::WeakPin, Verdict::Accepted] {
        for pin in ["904713", "735194", "735194"] {
            kiosk.types(pin);
        }
        next_frame(&kiosk.pin, verdict);
        if verdict != Verdict::Accepted {
            let mut state = kiosk.ask(&json!({ "do": "state" }));
            while !kiosk.reads("Şimdiki PIN") {
                state = kiosk.ask(&json!({ "do": "wait", "unlike": state, "timeout_ms": 500 }));
            }
            assert!(kiosk.reads("PIN imza birimine iletilemedi"));
        }
    }
    assert_eq!(touch(&mut link), Touch { serial: 1, intent: Intent::PinSent(REQUEST) });
}

#[test]
fn a_yes_to_the_last_try_goes_with_the_pins_of_that_request() {
    let (mut kiosk, mut link) = Kiosk::linked(CONFIGURATION);
    let dialogue = eimza_kiosk::link::view::Dialogue { request: REQUEST, texts: Vec::new() };
    send(&mut link, &view(1, Page::LastTry { dialogue }));
    kiosk.until("page", "last-try");
    kiosk.tap("Son hakkımı kullan");
    assert_eq!(touch(&mut link).intent, Intent::AcceptLastTry);
    send(&mut link, &page(2, false));
    kiosk.until("page", "new-pin");
    for pin in ["904713", "735194", "735194"] {
        kiosk.types(pin);
    }
    assert!(next_frame(&kiosk.pin, Verdict::Accepted).accept_last_try);
}
