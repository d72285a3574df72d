//! A PIN is given another through a module that does all of PKCS#11: `C_SetPIN`, `C_Login` and `C_InitPIN`.

use eimza_kiosk::{
    link::{
        pin::Verdict,
        signer::{Fault, Reply, Request, RequestId, TriesLeft},
    },
    redact::PortalSecret,
};

use crate::harness::{NEW, PIN, PUK, Signer, WRONG, fingerprint};

const TEXT: &str = "AD: DENEME\n";
const LIFE_MS: u64 = 60_000;

fn change(signer: &mut Signer) -> RequestId {
    announced(signer, Request::PrepareChange { certificate: fingerprint(), life_ms: LIFE_MS })
}

fn unblock(signer: &mut Signer, puk: &str) -> RequestId {
    let puk = PortalSecret::new(puk);
    announced(signer, Request::PrepareUnblock { certificate: fingerprint(), puk, life_ms: LIFE_MS })
}

fn announced(signer: &mut Signer, request: Request) -> RequestId {
    signer.read_card().unwrap();
    match signer.ask(request) {
        Ok(Reply::Prepared { request, .. }) => request,
        other => panic!("not prepared: {other:?}"),
    }
}

fn signs_with(signer: &mut Signer, pin: &str) -> bool {
    let (request, _) = signer.prepare(&[TEXT]);
    assert_eq!(signer.type_pin(request, &[TEXT], pin, false).unwrap(), Verdict::Accepted);
    match signer.ask(Request::Collect(request)) {
        Ok(Reply::Signed(_)) => true,
        Err(Fault::WrongPin { .. }) => false,
        other => panic!("{other:?}"),
    }
}

#[test]
fn whoever_knows_the_pin_changes_it_and_signs_with_the_new_one_alone() {
    let mut signer = Signer::start();
    let request = change(&mut signer);
    assert_eq!(signer.type_new_pin(request, Some(PIN), NEW), Verdict::Accepted);
    assert_eq!(signer.ask(Request::Collect(request)), Ok(Reply::Done));
    assert!(signs_with(&mut signer, NEW));
    assert!(!signs_with(&mut signer, PIN));
}

#[test]
fn a_wrong_old_pin_changes_nothing_and_uses_the_request_up() {
    let mut signer = Signer::start();
    let request = change(&mut signer);
    assert_eq!(signer.type_new_pin(request, Some(WRONG), NEW), Verdict::Accepted);
    assert!(matches!(signer.ask(Request::Collect(request)), Err(Fault::WrongPin { .. })));
    assert_eq!(signer.type_new_pin(request, Some(PIN), NEW), Verdict::NoSuchRequest);
    assert!(signs_with(&mut signer, PIN));
}

#[test]
fn the_puk_gives_the_pin_another_and_a_wrong_one_gives_none() {
    let mut signer = Signer::start();
    let request = unblock(&mut signer, "48151624");
    assert_eq!(signer.type_new_pin(request, None, NEW), Verdict::Accepted);
    let wrong = Err(Fault::WrongPuk { tries: TriesLeft::Unknown });
    assert_eq!(signer.ask(Request::Collect(request)), wrong);
    assert!(signs_with(&mut signer, PIN));

    let request = unblock(&mut signer, PUK);
    assert_eq!(signer.type_new_pin(request, None, NEW), Verdict::Accepted);
    assert_eq!(signer.ask(Request::Collect(request)), Ok(Reply::Done));
    assert!(signs_with(&mut signer, NEW));
}

#[test]
fn a_weak_pin_reaches_no_card_whatever_the_screen_let_pass() {
    let mut signer = Signer::start();
    let request = change(&mut signer);
    for weak in ["222222", "345678", "101987", PIN] {
        assert_eq!(signer.type_new_pin(request, Some(PIN), weak), Verdict::WeakPin);
    }
    assert_eq!(signer.type_new_pin(request, Some(PIN), NEW), Verdict::Accepted);
    assert_eq!(signer.ask(Request::Collect(request)), Ok(Reply::Done));
}

#[test]
fn a_new_pin_signs_nothing_and_a_pin_changes_nothing() {
    let mut signer = Signer::start();
    let (signature, _) = signer.prepare(&[TEXT]);
    assert_eq!(signer.type_new_pin(signature, Some(PIN), NEW), Verdict::NoSuchRequest);
    let request = change(&mut signer);
    assert_eq!(signer.type_pin(request, &[TEXT], PIN, true).unwrap(), Verdict::NoSuchRequest);
    assert!(signs_with(&mut signer, PIN));
}
