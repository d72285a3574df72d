//! The portal's online pages: a PIN that is drawn only under a finger, ways in, a new PIN without an old one.

use std::os::unix::net::UnixListener;

use eimza_kiosk::{
    link::{
        intent::{Intent, Touch},
        keypad::{Frame, receive},
        pin::{Verdict, answer},
        signer::TriesLeft,
        view::{Language, LoginKind, NewPinKind, Overlay, Page, SmsPurpose, View},
    },
    portal::OnlineLogin,
    redact::PortalSecret,
};
use kiosk_ui::{
    headless::controls::{controls, find},
    new_pin::{Entry, Step},
};
use serde_json::json;
use slint::{
    ComponentHandle as _, LogicalPosition,
    platform::{PointerEventButton, WindowEvent},
};

use super::{
    listening::listening,
    robot::{CONFIGURATION, Kiosk, REQUEST, send, touch, view},
};

const HOLD: &str = "PIN'i görmek için basılı tutun";

fn page(serial: u64) -> View {
    let usable_from = "02.01.2027 16:45:01".to_owned();
    view(serial, Page::NewCardPin { pin: PortalSecret::new("618305"), usable_from })
}

impl Kiosk {
    fn hold(&mut self) {
        assert_eq!(self.ask(&json!({ "do": "hold", "label": HOLD })), json!({ "ok": true }));
    }

    fn lift(&mut self) {
        self.ask(&json!({ "do": "lift" }));
    }
}

#[test]
fn the_new_cards_pin_is_there_while_a_finger_is_on_its_button_and_gone_with_it() {
    let (mut kiosk, mut link) = Kiosk::linked(CONFIGURATION);
    send(&mut link, &page(1));
    kiosk.until("page", "new-card-pin");
    assert!(kiosk.reads("02.01.2027 16:45:01") && !kiosk.reads("618305"));
    kiosk.hold();
    assert!(kiosk.reads("618305"));
    // kioskd hears that somebody is there and says how long the page stands now.
    for language in [Language::English, Language::Turkish] {
        let mut more = page(1);
        more.frame.language = language;
        send(&mut link, &more);
        kiosk.until("language", if language == Language::English { "en" } else { "tr" });
        assert!(kiosk.reads("618305"), "the finger is still there");
    }
    kiosk.lift();
    assert!(!kiosk.reads("618305"));
    kiosk.tap(HOLD);
    assert!(!kiosk.reads("618305"), "a tap shows nothing that stays");
    kiosk.tap("Bitir, kartımı al");
    assert_eq!(touch(&mut link), Touch { serial: 1, intent: Intent::Next });
}

#[test]
fn a_finger_that_slides_off_the_button_takes_the_pin_with_it_until_it_is_put_down_anew() {
    let (screen, _) = listening((800, 480));
    screen.show(page(1));
    let button = find(&screen, HOLD, Some("button")).unwrap();
    let (at, size) = (button.absolute_position(), button.size());
    let (x, y) = (at.x + size.width / 2.0, at.y + size.height / 2.0);
    let event = |event| screen.window().window().dispatch_event(event);
    let to = |x: f32, y: f32| event(WindowEvent::PointerMoved { position: LogicalPosition::new(x, y) });
    let button = PointerEventButton::Left;
    let position = LogicalPosition::new(x, y);
    let drawn = || controls(&screen).iter().any(|it| it.label.contains("618305"));
    to(x, y);
    event(WindowEvent::PointerPressed { position, button });
    assert!(drawn());
    to(x + size.width / 2.0 - 2.0, y);
    assert!(drawn(), "still on it");
    for (away, back) in
        [(x, at.y - 3.0), (at.x - 3.0, y), (at.x + size.width + 3.0, y)].map(|it| (it, (x, y)))
    {
        to(away.0, away.1);
        assert!(!drawn(), "{away:?} is beside it");
        to(back.0, back.1);
        assert!(!drawn(), "it has to be touched again");
        event(WindowEvent::PointerReleased { position, button });
        event(WindowEvent::PointerPressed { position, button });
        assert!(drawn());
    }
    event(WindowEvent::PointerReleased { position, button });
    assert!(!drawn());
}

#[test]
fn a_finger_that_stays_shows_nothing_of_what_comes_later() {
    let (mut kiosk, mut link) = Kiosk::linked(CONFIGURATION);
    send(&mut link, &page(1));
    kiosk.until("page", "new-card-pin");
    kiosk.hold();
    send(&mut link, &View { overlay: Some(Overlay::StillThere { left_ms: 20_000 }), ..page(1) });
    kiosk.until("overlay", "still-there");
    send(&mut link, &page(1));
    let mut state = kiosk.ask(&json!({ "do": "state" }));
    while state.get("overlay").is_some() {
        state = kiosk.ask(&json!({ "do": "wait", "unlike": state, "timeout_ms": 500 }));
    }
    assert!(!kiosk.reads("618305"), "it has to be touched again");
    kiosk.lift();
    kiosk.hold();
    assert!(kiosk.reads("618305"));
    send(&mut link, &view(2, Page::ReadingCard));
    kiosk.until("page", "reading-card");
    send(&mut link, &page(3));
    kiosk.until("serial", 3);
    assert!(!kiosk.reads("618305"));
    kiosk.lift();
}

#[test]
fn only_the_ways_in_that_are_offered_can_be_touched_and_a_forgotten_word_is_said() {
    let (mut kiosk, mut link) = Kiosk::linked(CONFIGURATION);
    send(&mut link, &view(1, Page::LoginWay { offered: vec![OnlineLogin::Password] }));
    kiosk.until("page", "login-way");
    assert!(!kiosk.reads("E-imzamla"));
    kiosk.tap("Güvenlik sözcüğümle");
    assert_eq!(touch(&mut link).intent, Intent::LoginWay(OnlineLogin::Password));
    let login = |serial, kind| {
        let captcha = eimza_kiosk::portal::Captcha { width: 1, height: 1, rgba: vec![0; 4] };
        let (fields, wrong_captcha) = (Vec::new(), false);
        view(
            serial,
            Page::Login { kind, captcha, fields, wrong_captcha, refusal: None, suggested_word: None },
        )
    };
    send(&mut link, &login(2, LoginKind::Application));
    kiosk.until("serial", 2);
    assert!(!kiosk.reads("Güvenlik sözcüğümü unuttum"));
    send(&mut link, &login(3, LoginKind::Online));
    kiosk.until("serial", 3);
    if !kiosk.reads("Güvenlik sözcüğümü unuttum") {
        kiosk.tap("Devam et");
    }
    kiosk.tap("Güvenlik sözcüğümü unuttum");
    assert_eq!(touch(&mut link), Touch { serial: 3, intent: Intent::ForgottenWord });
}

#[test]
fn a_number_that_cannot_be_corrected_here_has_no_button_for_it() {
    let (mut kiosk, mut link) = Kiosk::linked(CONFIGURATION);
    for (serial, correctable) in [(1, true), (2, false)] {
        send(&mut link, &view(serial, Page::SmsSend { phone: "535 000 00 42".into(), correctable }));
        kiosk.until("serial", serial);
        assert_eq!(kiosk.reads("Numarayı düzelt"), correctable);
    }
    let purposes = [
        (SmsPurpose::Application, [true, false]),
        (SmsPurpose::Login, [false, false]),
        (SmsPurpose::Unblocking, [false, true]),
    ];
    for (serial, (purpose, expected)) in (3_u64..).zip(purposes) {
        send(&mut link, &view(serial, Page::SmsCode { wrong: false, late: true, digits: 6, purpose }));
        kiosk.until("serial", serial);
        assert_eq!(
            ["Numarayı düzelt", "ikinci kodu"].map(|words| kiosk.reads(words)),
            expected,
            "{purpose:?}"
        );
    }
}

#[test]
fn a_pin_that_is_opened_is_typed_twice_and_leaves_without_an_old_one() {
    let (mut kiosk, mut link) = Kiosk::linked(CONFIGURATION);
    let (request, kind) = (REQUEST, NewPinKind::Unblock);
    send(&mut link, &view(1, Page::NewPin { request, kind, tries: TriesLeft::Locked, wrong: false }));
    kiosk.until("page", "new-pin");
    assert!(!kiosk.reads("Şimdiki PIN") && !kiosk.reads("Geri") && !kiosk.reads("Kalan deneme hakkı"));
    let types = |kiosk: &mut Kiosk, digits: &str| {
        digits.chars().for_each(|digit| kiosk.tap(&digit.to_string()));
        kiosk.tap("Tamam");
    };
    types(&mut kiosk, "345678");
    assert!(kiosk.reads("Rakamlar sırayla gidiyor"));
    types(&mut kiosk, "735194");
    assert!(kiosk.reads("Yeni PIN (tekrar)") && kiosk.reads("Geri"));
    kiosk.tap("Geri");
    types(&mut kiosk, "735194");
    types(&mut kiosk, "735194");
    let frame = next_frame(&kiosk.pin);
    assert_eq!(frame, (true, b"735194".to_vec()));
    assert_eq!(touch(&mut link), Touch { serial: 1, intent: Intent::PinSent(REQUEST) });
}

/// Whether there was no old PIN, and the new one.
fn next_frame(signer: &UnixListener) -> (bool, Vec<u8>) {
    let (mut stream, _) = signer.accept().unwrap();
    let Ok(Frame::NewPin(frame)) = receive(&mut stream) else { panic!("another frame") };
    answer(&mut stream, Verdict::Accepted).unwrap();
    (frame.old.is_none(), frame.new.expose().to_vec())
}

#[test]
fn where_there_is_no_old_pin_a_step_back_ends_at_the_new_one() {
    let mut entry = Entry::new(REQUEST, NewPinKind::Unblock).unwrap();
    assert_eq!(entry.step(), Step::New);
    entry.digit(7);
    entry.back();
    assert_eq!((entry.step(), entry.length()), (Step::New, 0));
}
