//! The signing dialogue, each rule by the attempt to break it.

use eimza_kiosk::link::{
    pin::Verdict,
    signer::{Fault, Fingerprint, Reply, Request, RequestId, TriesLeft},
};

use crate::harness::{Home, IDENTITY, PIN, Signer, WRONG, fingerprint, opened_by_openssl, prepare};

const FORM: &str = "Aşağıda yazılı bütün bilgilerin doğru olduğunu,\nADRES: Örnek Mah. 1/2\nİL: ESKİŞEHİR\n";
const UNDERTAKING: &str = "TAAHHÜTNAME FORM-001-042\r\nADRES: yok\r\n";

#[test]
fn two_texts_are_signed_with_one_pin_and_openssl_finds_exactly_them() {
    let mut signer = Signer::start();
    let (request, tries) = signer.prepare(&[FORM, UNDERTAKING]);
    assert_eq!(tries, TriesLeft::Unknown);
    let collected = signer.call(Request::Collect(request));
    let verdict = signer.type_pin(request, &[FORM, UNDERTAKING], PIN, false).unwrap();
    assert_eq!(verdict, Verdict::Accepted);
    let answer = signer.answer();
    assert_eq!(answer.number, collected);
    let Ok(Reply::Signed(envelopes)) = answer.result else { panic!("{:?}", answer.result) };
    let texts: Vec<_> =
        envelopes.iter().map(|e| opened_by_openssl(signer.home.path("").as_path(), e)).collect();
    assert_eq!(texts, [FORM.as_bytes(), UNDERTAKING.as_bytes()]);
}

#[test]
fn the_card_shows_its_certificate_without_a_pin() {
    let mut signer = Signer::start();
    let Ok(Reply::Card { certificates, tries }) = signer.read_card() else { panic!("no card") };
    assert_eq!(certificates, std::slice::from_ref(&IDENTITY.certificate));
    assert_eq!(tries, TriesLeft::Unknown);
}

#[test]
fn other_texts_shown_end_the_request_before_the_pin_is_used() {
    for shown in [&[FORM][..], &[UNDERTAKING, FORM], &[FORM, "something else"]] {
        let mut signer = Signer::start();
        let (request, _) = signer.prepare(&[FORM, UNDERTAKING]);
        assert_eq!(signer.type_pin(request, shown, PIN, false).unwrap(), Verdict::OtherTextShown);
        assert_eq!(signer.ask(Request::Collect(request)), Err(Fault::OtherTextShown));
        let again = signer.type_pin(request, &[FORM, UNDERTAKING], PIN, false).unwrap();
        assert_eq!(again, Verdict::NoSuchRequest);
    }
}

#[test]
fn a_request_that_was_used_cannot_be_replayed() {
    let mut signer = Signer::start();
    let (request, _) = signer.prepare(&[FORM]);
    signer.type_pin(request, &[FORM], PIN, false).unwrap();
    assert!(matches!(signer.ask(Request::Collect(request)), Ok(Reply::Signed(_))));
    assert_eq!(signer.type_pin(request, &[FORM], PIN, false).unwrap(), Verdict::NoSuchRequest);
    assert_eq!(signer.ask(Request::Collect(request)), Err(Fault::NoSuchRequest));
}

#[test]
fn a_wrong_pin_uses_the_request_up() {
    let mut signer = Signer::start();
    let (request, _) = signer.prepare(&[FORM]);
    assert_eq!(signer.type_pin(request, &[FORM], WRONG, false).unwrap(), Verdict::Accepted);
    assert!(matches!(signer.ask(Request::Collect(request)), Err(Fault::WrongPin { .. })));
    assert_eq!(signer.type_pin(request, &[FORM], PIN, false).unwrap(), Verdict::NoSuchRequest);
}

#[test]
fn a_pin_for_a_request_nobody_prepared_is_not_used() {
    let mut signer = Signer::start();
    signer.prepare(&[FORM]);
    let verdict = signer.type_pin(RequestId([7; 16]), &[FORM], PIN, false).unwrap();
    assert_eq!(verdict, Verdict::NoSuchRequest);
}

#[test]
fn a_request_past_its_life_is_dead() {
    let mut signer = Signer::start();
    signer.read_card().unwrap();
    let Ok(Reply::Prepared { request, .. }) = signer.ask(prepare(&[FORM], 1)) else { panic!("not prepared") };
    assert_eq!(signer.ask(Request::Collect(request)), Err(Fault::Expired));
    assert_eq!(signer.type_pin(request, &[FORM], PIN, false).unwrap(), Verdict::NoSuchRequest);
}

#[test]
fn an_abandoned_request_is_dead_and_its_collector_hears_of_it() {
    let mut signer = Signer::start();
    let (request, _) = signer.prepare(&[FORM]);
    let collected = signer.call(Request::Collect(request));
    let abandoned = signer.call(Request::Abandon(request));
    let (first, second) = (signer.answer(), signer.answer());
    assert_eq!((first.number, first.result), (collected, Err(Fault::Abandoned)));
    assert_eq!((second.number, second.result), (abandoned, Ok(Reply::Done)));
    assert_eq!(signer.type_pin(request, &[FORM], PIN, false).unwrap(), Verdict::NoSuchRequest);
}

#[test]
fn a_card_that_left_takes_its_request_along() {
    let mut signer = Signer::start();
    let (request, _) = signer.prepare(&[FORM]);
    assert_eq!(signer.ask(Request::CardOut), Ok(Reply::Done));
    assert_eq!(signer.type_pin(request, &[FORM], PIN, false).unwrap(), Verdict::NoSuchRequest);
    assert_eq!(signer.ask(Request::Collect(request)), Err(Fault::CardPulled));
    assert_eq!(signer.ask(prepare(&[FORM], 60_000)), Err(Fault::NoCard));
}

#[test]
fn a_request_dies_with_the_kioskd_that_prepared_it() {
    let mut signer = Signer::start();
    let (request, _) = signer.prepare(&[FORM]);
    signer.lose_kioskd();
    assert_eq!(signer.type_pin(request, &[FORM], PIN, false).unwrap(), Verdict::NoSuchRequest);
    assert_eq!(signer.ask(Request::Collect(request)), Err(Fault::NoSuchRequest));
    assert_eq!(signer.ask(prepare(&[FORM], 60_000)), Err(Fault::NoCard));
}

#[test]
fn the_end_of_a_visit_replaces_the_image_and_keeps_the_process_and_its_sockets() {
    let mut signer = Signer::start();
    for _ in 0..3 {
        let (request, _) = signer.prepare(&[FORM]);
        signer.type_pin(request, &[FORM], PIN, false).unwrap();
        assert!(matches!(signer.ask(Request::Collect(request)), Ok(Reply::Signed(_))));
        assert_eq!(signer.ask(Request::EndVisit), Ok(Reply::Done));
        signer.await_new_image();
    }
    let open = std::fs::read_dir(format!("/proc/{}/fd", signer.process_id())).unwrap().count();
    assert!(open < 20, "descriptors pile up: {open}");
}

#[test]
fn the_last_try_is_not_spent_without_the_persons_yes() {
    let mut signer = Signer::start();
    for left in [TriesLeft::Known(2), TriesLeft::Known(1)] {
        let (request, _) = signer.prepare(&[FORM]);
        assert_eq!(signer.type_pin(request, &[FORM], WRONG, false).unwrap(), Verdict::Accepted);
        assert_eq!(signer.ask(Request::Collect(request)), Err(Fault::WrongPin { tries: left }));
    }
    let (request, tries) = signer.prepare(&[FORM]);
    assert_eq!(tries, TriesLeft::Known(1));
    assert_eq!(signer.type_pin(request, &[FORM], PIN, false).unwrap(), Verdict::LastTryNotAccepted);
    // Nothing was spent; the request is over, and another takes the PIN once the person has said yes.
    assert_eq!(signer.type_pin(request, &[FORM], PIN, true).unwrap(), Verdict::NoSuchRequest);
    assert_eq!(signer.ask(Request::Collect(request)), Err(Fault::LastTry));
    let (request, tries) = signer.prepare(&[FORM]);
    assert_eq!(tries, TriesLeft::Known(1));
    assert_eq!(signer.type_pin(request, &[FORM], PIN, true).unwrap(), Verdict::Accepted);
    assert!(matches!(signer.ask(Request::Collect(request)), Ok(Reply::Signed(_))));
    let (_, tries) = signer.prepare(&[FORM]);
    assert_eq!(tries, TriesLeft::Unknown);
}

#[test]
fn texts_that_cannot_be_shown_safely_are_not_prepared() {
    let mut signer = Signer::start();
    signer.read_card().unwrap();
    let long = "a".repeat(256 * 1024 + 1);
    for texts in [&[][..], &["a", "b", "c", "d", "e"], &[""], &["\u{202E}ters"], &["a\u{1b}[2J"], &[&long]] {
        assert_eq!(signer.ask(prepare(texts, 60_000)), Err(Fault::BadText));
    }
    let mut broken = prepare(&[FORM], 60_000);
    if let Request::Prepare { texts, .. } = &mut broken {
        texts[0].0.push(0xFF);
    }
    assert_eq!(signer.ask(broken), Err(Fault::BadText));
}

#[test]
fn a_certificate_that_is_not_on_the_card_is_not_signed_with() {
    let mut signer = Signer::start();
    signer.read_card().unwrap();
    let mut other = prepare(&[FORM], 60_000);
    if let Request::Prepare { certificate, .. } = &mut other {
        assert_eq!(*certificate, fingerprint());
        *certificate = Fingerprint([9; 32]);
    }
    assert_eq!(signer.ask(other), Err(Fault::OtherCard));
}

#[test]
fn a_second_request_takes_the_place_of_the_first() {
    let mut signer = Signer::start();
    let (first, _) = signer.prepare(&[FORM]);
    let (second, _) = signer.prepare(&[UNDERTAKING]);
    assert_ne!(first, second);
    assert_eq!(signer.type_pin(first, &[FORM], PIN, false).unwrap(), Verdict::NoSuchRequest);
    assert_eq!(signer.type_pin(second, &[UNDERTAKING], PIN, false).unwrap(), Verdict::Accepted);
    assert!(matches!(signer.ask(Request::Collect(second)), Ok(Reply::Signed(_))));
}

#[test]
fn a_pin_from_another_uid_is_not_even_read() {
    let signer = Signer::with(Home::new(|config| config.replace("[token]", "screen_uid = 54321\n[token]")));
    assert!(signer.type_pin(RequestId([0; 16]), &[FORM], PIN, false).is_err());
}

#[test]
fn garbage_on_the_link_ends_it_and_the_next_kioskd_is_served() {
    let mut signer = Signer::start();
    signer.write_to_link(&[0, 0, 0, 2, 0xFF, 0xFF]);
    signer.await_new_image();
    assert!(signer.read_card().is_ok());
}

#[test]
fn a_module_that_wants_no_arguments_is_initialised_without() {
    let home = Home::new(|config| config.replace("label =", "initialize_with_null = true\nlabel ="));
    let mut signer = Signer::with(home);
    assert!(signer.read_card().is_ok());
}
