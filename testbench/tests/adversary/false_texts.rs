//! Another text, a request again, a yes that nobody gave: with the emulated card counting what it costs.

use eimza_kiosk::link::{
    intent::Intent,
    signer::{Fault, Request, RequestId, TriesLeft},
    view::{Dialogue, Page},
};

use crate::{
    bench::{Bench, FORM, UNDERTAKING, Way},
    kiosk::{Kiosk, READ, READ_FIRST, pin_page, texts},
};

const OTHER: &str = "Bir dilekçe, altında imza yok.\n";
const REFUSED_TEXT: &str = "Gösterilen metin imzalanacak metinle aynı değil; PIN kullanılmadı.";
const REFUSED_LAST_TRY: &str = "Son deneme hakkı onaylanmadığı için PIN kullanılmadı.";
const NOT_SENT: &str = "PIN imza birimine iletilemedi. Yeniden girin.";

struct Scene {
    kiosk: Kiosk,
    bench: Bench,
    pin: String,
}

impl Scene {
    fn set() -> Self {
        let bench = Bench::new(Way::Akis, None);
        let kiosk = Kiosk::start(&bench.path(""));
        let pin = bench.visitor.pin.clone();
        Self { kiosk, bench, pin }
    }

    fn type_pin(&mut self) {
        let pin = self.pin.clone();
        self.kiosk.type_and(&pin, "Tamam");
    }

    fn spent(&self) -> (u32, u32) {
        let counters = self.bench.card.counters();
        (counters.verifies, counters.signatures)
    }

    /// What an honest `kioskd` does: so that the attempts here fail by what is false in them.
    fn sign_honestly(&mut self) -> RequestId {
        let (request, tries) = self.bench.prepare();
        self.kiosk.show(pin_page(request, &[FORM, UNDERTAKING], tries));
        if !self.kiosk.takes_a_pin() {
            self.kiosk.read();
        }
        self.type_pin();
        assert_eq!(self.kiosk.intent(), Intent::PinSent(request));
        let signed = self.bench.ask(Request::Collect(request));
        assert_eq!(self.bench.opened(signed), [FORM, UNDERTAKING]);
        request
    }
}

#[test]
fn another_text_than_the_one_that_was_read_is_not_signed() {
    let mut scene = Scene::set();
    let (request, tries) = scene.bench.prepare();
    scene.kiosk.show(pin_page(request, &[OTHER], tries));
    scene.kiosk.read();
    scene.type_pin();
    scene.kiosk.await_control(REFUSED_TEXT);
    assert_eq!(scene.bench.ask(Request::Collect(request)), Err(Fault::OtherTextShown));
    assert_eq!(scene.spent(), (0, 0));
    scene.sign_honestly();
    assert_eq!(scene.spent(), (1, 2));
}

#[test]
fn a_text_that_only_flashed_over_the_screen_gets_no_pin() {
    let mut scene = Scene::set();
    let (request, tries) = scene.bench.prepare();
    let contract = |shown: &[&str]| Page::Contract { texts: texts(shown), comparison: Vec::new() };
    // Both fit on the screen, so that the end of each was on it; no finger said anything.
    scene.kiosk.show(contract(&[FORM, UNDERTAKING]));
    scene.kiosk.await_control(READ);
    // Instead the person reads this and says so.
    scene.kiosk.show(contract(&[OTHER]));
    scene.kiosk.read();
    assert_eq!(scene.kiosk.intent(), Intent::ContractRead);
    scene.kiosk.show(pin_page(request, &[FORM, UNDERTAKING], tries));
    assert!(!scene.kiosk.takes_a_pin());
    assert!(scene.kiosk.has(READ_FIRST));
    scene.kiosk.read();
    assert!(scene.kiosk.takes_a_pin());
}

#[test]
fn a_request_shown_again_gets_no_second_signature_for_another_pin() {
    let mut scene = Scene::set();
    let used = scene.sign_honestly();
    assert_eq!(scene.spent(), (1, 2));
    scene.kiosk.show(pin_page(used, &[FORM, UNDERTAKING], TriesLeft::Unknown));
    scene.type_pin();
    scene.kiosk.await_control(NOT_SENT);
    assert_eq!(scene.bench.ask(Request::Collect(used)), Err(Fault::NoSuchRequest));
    // Neither does the PIN typed for the old one serve a new one.
    let (fresh, _) = scene.bench.prepare();
    scene.type_pin();
    scene.kiosk.await_control(NOT_SENT);
    let collected = scene.bench.call(Request::Collect(fresh));
    scene.bench.call(Request::Abandon(fresh));
    let answer = scene.bench.answer();
    assert_eq!((answer.number, answer.result), (collected, Err(Fault::Abandoned)));
    assert_eq!(scene.spent(), (1, 2));
}

#[test]
fn a_last_try_takes_a_yes_to_this_request_on_this_screen() {
    let mut scene = Scene::set();
    let wrong = scene.bench.wrong_pin();
    for _ in 0..2 {
        assert!(matches!(scene.bench.sign_with(&wrong), Err(Fault::WrongPin { .. })));
    }
    let ask = |request| Page::LastTry { dialogue: Dialogue { request, texts: texts(&[FORM, UNDERTAKING]) } };
    // A yes to another request, and a page that says there is no hurry.
    scene.kiosk.show(ask(RequestId([9; 16])));
    scene.kiosk.read();
    scene.kiosk.tap("Son hakkımı kullan");
    assert_eq!(scene.kiosk.intent(), Intent::AcceptLastTry);
    for claimed in [TriesLeft::Known(3), TriesLeft::Known(1)] {
        let (request, tries) = scene.bench.prepare();
        assert_eq!(tries, TriesLeft::Known(1));
        scene.kiosk.show(pin_page(request, &[FORM, UNDERTAKING], claimed));
        scene.type_pin();
        scene.kiosk.await_control(REFUSED_LAST_TRY);
        assert_eq!(scene.bench.ask(Request::Collect(request)), Err(Fault::LastTry));
        assert_eq!((scene.bench.card.tries(), scene.spent()), (1, (2, 0)));
    }
    let (request, tries) = scene.bench.prepare();
    scene.kiosk.show(ask(request));
    scene.kiosk.tap("Son hakkımı kullan");
    assert_eq!(scene.kiosk.intent(), Intent::AcceptLastTry);
    scene.kiosk.show(pin_page(request, &[FORM, UNDERTAKING], tries));
    scene.type_pin();
    let signed = scene.bench.ask(Request::Collect(request));
    assert_eq!(scene.bench.opened(signed).len(), 2);
}
