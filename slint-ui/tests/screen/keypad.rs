//! The PIN typed on the signer's own keys: the screen vouches for the texts, draws dots and has no digit to send.

use std::{io::Read as _, os::unix::net::UnixStream, time::Duration};

use eimza_kiosk::link::{
    intent::{Intent, Touch},
    keypad::{Frame, Question, dots, receive},
    pin::{Verdict, answer},
    signer::{RequestId, TriesLeft},
    view::{Dialogue, Page},
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::robot::{CONFIGURATION, Kiosk, REQUEST, pin_page, send, texts, touch, view};

const PATIENCE: Duration = Duration::from_secs(60);

/// A screen on the PIN page of texts that were read on it, its link to `kioskd`, and its question at the signer.
fn asked() -> (Kiosk, UnixStream, UnixStream, Question) {
    asked_with("keypad = { chip = \"/dev/gpiochip1\", rows = [0, 1, 2, 3], columns = [4, 5, 6] }\n")
}

fn asked_with(keys: &str) -> (Kiosk, UnixStream, UnixStream, Question) {
    let (mut kiosk, mut link) = Kiosk::linked(&format!("{CONFIGURATION}{keys}"));
    send(&mut link, &view(1, Page::Contract { texts: texts(), comparison: Vec::new() }));
    kiosk.until("page", "contract");
    kiosk.read_to_end();
    kiosk.tap("Okudum, PIN'e geç");
    assert_eq!(touch(&mut link), Touch { serial: 1, intent: Intent::ContractRead });
    send(&mut link, &pin_page(2));
    kiosk.until("page", "pin");
    let (signer, question) = question(&kiosk);
    (kiosk, link, signer, question)
}

fn question(kiosk: &Kiosk) -> (UnixStream, Question) {
    let (mut signer, _) = kiosk.pin.accept().unwrap();
    signer.set_read_timeout(Some(PATIENCE)).unwrap();
    let Ok(Frame::Keypad(question)) = receive(&mut signer) else { panic!("no question") };
    (signer, question)
}

#[test]
fn dots_are_drawn_by_count_and_the_screen_has_no_keys_of_its_own() {
    let (mut kiosk, mut link, mut signer, question) = asked();
    let digests: Vec<[u8; 32]> = texts().iter().map(|it| Sha256::digest(&it.0).into()).collect();
    assert_eq!(question, Question { request: REQUEST, digests, accept_last_try: false });
    for count in [0, 1, 2, 1, 6] {
        dots(&mut signer, count).unwrap();
        kiosk.until("dots", count);
    }
    let controls = kiosk.ask(&json!({ "do": "controls" })).to_string();
    assert!(controls.contains("PIN'i tuş takımından girin."), "{controls}");
    for key in ["4", "Tamam"] {
        assert!(kiosk.ask(&json!({ "do": "tap", "label": key })).get("error").is_some(), "{key}");
    }
    answer(&mut signer, Verdict::Accepted).unwrap();
    assert_eq!(touch(&mut link), Touch { serial: 2, intent: Intent::PinSent(REQUEST) });
}

#[test]
fn the_question_is_taken_back_when_the_page_goes() {
    let (_kiosk, mut link, mut signer, _) = asked();
    dots(&mut signer, 3).unwrap();
    send(&mut link, &view(3, Page::ThankYou));
    assert_eq!(signer.read(&mut [0]).unwrap(), 0, "the signer hears that nobody waits");
}

#[test]
fn a_signer_without_keys_has_the_pin_typed_on_the_screen() {
    let (mut kiosk, mut link, mut signer, _) = asked();
    answer(&mut signer, Verdict::NoKeypad).unwrap();
    kiosk.until("dots", serde_json::Value::Null);
    for digit in ["4", "0", "8", "1", "5", "2"] {
        kiosk.tap(digit);
    }
    kiosk.tap("Tamam");
    let (mut signer, _) = kiosk.pin.accept().unwrap();
    let Ok(Frame::Pin(frame)) = receive(&mut signer) else { panic!("no PIN") };
    assert_eq!(frame.pin.expose(), b"408152");
    answer(&mut signer, Verdict::Accepted).unwrap();
    assert_eq!(touch(&mut link), Touch { serial: 2, intent: Intent::PinSent(REQUEST) });
}

#[test]
fn a_signer_that_is_lost_under_the_question_leaves_a_page_with_keys() {
    let (mut kiosk, _link, mut signer, _) = asked();
    dots(&mut signer, 3).unwrap();
    kiosk.until("dots", 3);
    drop(signer);
    kiosk.until("dots", serde_json::Value::Null);
    for digit in ["4", "0", "8", "1", "5", "2"] {
        kiosk.tap(digit);
    }
    kiosk.tap("Tamam");
    let (mut signer, _) = kiosk.pin.accept().unwrap();
    assert!(matches!(receive(&mut signer), Ok(Frame::Pin(_))));
}

#[test]
fn the_readers_keys_are_named_and_asked_again_in_the_next_visit_where_this_one_took_the_screens() {
    let (mut kiosk, mut link, mut signer, _) = asked_with("pin_pad = true\nbackend = \"akis\"\n");
    let controls = kiosk.ask(&json!({ "do": "controls" })).to_string();
    assert!(controls.contains("PIN'i kart okuyucudan girin."), "{controls}");
    assert!(kiosk.ask(&json!({ "do": "tap", "label": "4" })).get("error").is_some());
    answer(&mut signer, Verdict::NoKeypad).unwrap();
    kiosk.until("dots", serde_json::Value::Null);
    kiosk.tap("4");
    send(&mut link, &view(3, Page::ThankYou));
    kiosk.until("page", "thank-you");
    send(&mut link, &view(4, Page::Contract { texts: texts(), comparison: Vec::new() }));
    kiosk.until("page", "contract");
    kiosk.read_to_end();
    kiosk.tap("Okudum, PIN'e geç");
    send(&mut link, &pin_page(5));
    question(&kiosk);
}

#[test]
fn nothing_is_asked_before_the_texts_were_read() {
    let keypad = "keypad = { chip = \"c\", rows = [0, 1, 2, 3], columns = [4, 5, 6] }\n";
    let (mut kiosk, mut link) = Kiosk::linked(&format!("{CONFIGURATION}{keypad}"));
    kiosk.pin.set_nonblocking(true).unwrap();
    send(&mut link, &pin_page(1));
    kiosk.until("page", "pin");
    assert!(kiosk.pin.accept().is_err(), "a question for texts nobody read");
    kiosk.pin.set_nonblocking(false).unwrap();
    kiosk.read_to_end();
    kiosk.tap("Okudum, PIN'e geç");
    question(&kiosk);
}

#[test]
fn a_last_try_nobody_said_yes_to_is_said() {
    let (mut kiosk, _link, mut signer, _) = asked();
    dots(&mut signer, 6).unwrap();
    kiosk.until("dots", 6);
    answer(&mut signer, Verdict::LastTryNotAccepted).unwrap();
    kiosk.until("dots", 0);
    let controls = kiosk.ask(&json!({ "do": "controls" })).to_string();
    assert!(controls.contains("Son deneme hakkı onaylanmadığı"), "{controls}");
}

#[test]
fn a_yes_to_the_last_try_goes_with_the_question() {
    let (mut kiosk, mut link, _signer, _) = asked();
    let request = RequestId([9; 16]);
    let dialogue = || Dialogue { request, texts: texts() };
    send(&mut link, &view(3, Page::LastTry { dialogue: dialogue() }));
    kiosk.until("page", "last-try");
    kiosk.tap("Son hakkımı kullan");
    assert_eq!(touch(&mut link), Touch { serial: 3, intent: Intent::AcceptLastTry });
    let page = Page::Pin { dialogue: dialogue(), tries: TriesLeft::Known(1), wrong: false };
    send(&mut link, &view(4, page));
    let (_signer, question) = question(&kiosk);
    assert_eq!((question.request, question.accept_last_try), (request, true));
}
