//! Calling staff from the frame: on every page, over every page, and in nobody's way.

use eimza_kiosk::link::{
    intent::Intent,
    signer::TriesLeft,
    view::{Call, NewPinKind, Overlay, Page, Reference, Service},
};
use kiosk_ui::headless::{
    controls::{controls, find},
    gallery::{Manner, blind},
    open, platform, samples,
};
use serde_json::json;

use super::{
    listening::listening,
    robot::{CONFIGURATION, Kiosk, REQUEST, send, touch, view},
};

const BUTTON: &str = "Yardım: görevli çağır";

#[test]
fn every_page_has_the_button_but_where_nobody_hears_it() {
    platform(false).unwrap();
    let screen = blind().unwrap();
    open(&screen, (800, 480)).unwrap();
    for (serial, sample) in (1..).zip(samples::all()) {
        let view = sample.view(serial, Manner::default());
        screen.show(view.clone());
        let there = find(&screen, BUTTON, Some("button")).is_some();
        assert_eq!(there, view.overlay.is_none(), "{}", sample.name);
    }
    screen.lost();
    assert!(find(&screen, BUTTON, None).is_none());
}

#[test]
fn what_is_to_be_read_out_stands_over_the_page_until_it_was_read() {
    let (screen, touched) = listening((800, 480));
    let mut shown = view(1, Page::Notice { service: Service::Renewal });
    shown.frame.help.phone = "0 222 000 00 00".into();
    screen.show(shown.clone());
    find(&screen, BUTTON, Some("button")).unwrap().invoke_accessible_default_action();
    assert!(touched.borrow().contains(&Intent::CallStaff));
    let reference = Reference::of(814_071);
    for (call, title) in [
        (Call::UnderWay, "Görevliye haber veriliyor…"),
        (Call::Told, "Görevliye haber verildi."),
        (Call::Failed, "Görevliye haber verilemedi."),
        (Call::ByPhone, "Yardım alabilirsiniz."),
    ] {
        shown.overlay = Some(Overlay::Help { reference, call });
        screen.show(shown.clone());
        let said = controls(&screen);
        let says = |text: &str| said.iter().any(|it| it.label.contains(text));
        for text in
            [title, "0 222 000 00 00", &reference.to_string(), "PIN ve SMS kodunuzu kimseye söylemeyin."]
        {
            assert!(says(text), "{call:?}: {text} is not among {said:#?}");
        }
        let buttons: Vec<_> = said.iter().filter(|it| it.role == "button").map(|it| &it.label).collect();
        assert_eq!(buttons, ["Devam et"], "nothing beneath it can be touched");
    }
    touched.borrow_mut().clear();
    find(&screen, "Devam et", Some("button")).unwrap().invoke_accessible_default_action();
    assert!(touched.borrow().contains(&Intent::Stay));
}

#[test]
fn a_pin_that_is_being_typed_is_typed_on_after_the_call() {
    let (mut kiosk, mut link) = Kiosk::linked(CONFIGURATION);
    let page =
        Page::NewPin { request: REQUEST, kind: NewPinKind::Change, tries: TriesLeft::Known(3), wrong: false };
    let mut shown = view(1, page);
    send(&mut link, &shown);
    kiosk.until("page", "new-pin");
    let typed = |kiosk: &mut Kiosk| {
        let controls = kiosk.ask(&json!({ "do": "controls" }));
        let pin =
            controls["controls"].as_array().unwrap().iter().find(|it| it["role"] == "text-input").cloned();
        pin.expect("a field")["value"].clone()
    };
    for digit in ["1", "2", "3"] {
        kiosk.tap(digit);
    }
    assert_eq!(typed(&mut kiosk), "3");
    kiosk.tap(BUTTON);
    assert_eq!(touch(&mut link).intent, Intent::CallStaff);
    shown.overlay = Some(Overlay::Help { reference: Reference::of(7), call: Call::Told });
    send(&mut link, &shown);
    kiosk.until("overlay", "help");
    shown.overlay = None;
    send(&mut link, &shown);
    kiosk.until("overlay", serde_json::Value::Null);
    assert_eq!(typed(&mut kiosk), "3");
    kiosk.tap("4");
    assert_eq!(typed(&mut kiosk), "4");
}
