//! What the PIN costs, and that nobody else can use it.

use std::{process::Command, time::Duration};

use eimza_kiosk::link::{
    pin::Verdict,
    signer::{Fault, Reply, Request, TriesLeft},
};
use testbench::card::{
    Card, Event, Quirk, Timing,
    fault::{self, CardFault},
};

use crate::bench::{Bench, FORM, PKI, UNDERTAKING, Way, position};

on_every_way! {
    one_pin_signs_both_texts_and_openssl_accepts_them
    a_wrong_pin_costs_exactly_one_try_and_the_right_one_gives_it_back
    the_last_try_waits_for_a_yes_and_locks_when_it_is_wrong
    a_no_that_was_not_heard_counts_and_the_last_try_waits_for_a_yes
    a_locked_pin_is_told_as_locked
    a_card_that_comes_with_its_last_try_does_not_claim_to_have_more
    another_client_cannot_sign_between_login_and_logout
    the_same_thief_does_sign_while_a_login_is_left_open
    kioskd_lost_in_the_middle_of_signing_leaves_a_card_that_signs_for_nobody
    one_visit_after_another_signs_with_the_same_process
}

const SIGN: &str = "PERFORM SECURITY OPERATION";

/// What is known after the first wrong PIN: the card says it, OpenSC does not before the last one.
pub(crate) fn two_left(way: Way) -> TriesLeft {
    match way {
        Way::Akis | Way::AkisAtReader | Way::AkisT0 | Way::AkisV2 => TriesLeft::Known(2),
        Way::Pkcs11 | Way::Pkcs11AtReader => TriesLeft::Unknown,
    }
}

fn one_pin_signs_both_texts_and_openssl_accepts_them(way: Way) {
    let mut bench = Bench::new(way, None);
    let signed = bench.sign();
    assert_eq!(bench.opened(signed), [FORM, UNDERTAKING]);
    let counters = bench.card.counters();
    assert_eq!((counters.verifies, counters.signatures), (way.verifies(2), 2));
}

#[test]
fn both_ways_make_the_same_bytes_of_the_same_attributes() {
    let mut first = Bench::new(Way::Akis, None);
    let of_driver = first.sign().unwrap();
    first.slot().remove();
    let mut second = Bench::with(Way::Pkcs11, |_| first.card.clone(), 20_000);
    second.signing_time = first.signing_time;
    let of_module = second.sign().unwrap();
    assert!(of_driver == of_module, "PKCS#1 v1.5 leaves no choice");
    assert_eq!(second.opened(Ok(of_module)), [FORM, UNDERTAKING]);
}

fn a_wrong_pin_costs_exactly_one_try_and_the_right_one_gives_it_back(way: Way) {
    let mut bench = Bench::new(way, None);
    let wrong = bench.wrong_pin();
    assert_eq!(bench.sign_with(&wrong), Err(Fault::WrongPin { tries: two_left(way) }));
    assert_eq!((bench.card.tries(), bench.card.counters().verifies), (2, 1));
    let signed = bench.sign();
    assert_eq!(bench.opened(signed).len(), 2);
    assert_eq!((bench.card.tries(), bench.card.counters().verifies), (3, 1 + way.verifies(2)));
}

fn the_last_try_waits_for_a_yes_and_locks_when_it_is_wrong(way: Way) {
    let mut bench = Bench::new(way, None);
    let wrong = bench.wrong_pin();
    assert_eq!(bench.sign_with(&wrong), Err(Fault::WrongPin { tries: two_left(way) }));
    assert_eq!(bench.sign_with(&wrong), Err(Fault::WrongPin { tries: TriesLeft::Known(1) }));
    let (request, tries) = bench.prepare();
    assert_eq!(tries, TriesLeft::Known(1));
    assert_eq!(bench.type_pin(request, &wrong, false), Verdict::LastTryNotAccepted);
    assert_eq!((bench.card.tries(), bench.card.counters().verifies), (1, 2));
    assert_eq!(bench.ask(Request::Collect(request)), Err(Fault::LastTry));
    let (request, _) = bench.prepare();
    assert_eq!(bench.type_pin(request, &wrong, true), Verdict::Accepted);
    assert_eq!(bench.ask(Request::Collect(request)), Err(Fault::PinLocked));
    assert_eq!((bench.card.tries(), bench.card.counters().verifies), (0, 3));
}

fn a_no_that_was_not_heard_counts_and_the_last_try_waits_for_a_yes(way: Way) {
    let card = |visitor: &_| fault::card_of(way.model(), &PKI, visitor, None).unwrap();
    let mut bench = Bench::with(way, |visitor| card(visitor).with(Quirk::SecondNoUnsaid), 20_000);
    let wrong = bench.wrong_pin();
    assert_eq!(bench.sign_with(&wrong), Err(Fault::WrongPin { tries: two_left(way) }));
    let unheard = bench.sign_with(&wrong);
    assert!(matches!(unheard, Err(Fault::ModuleFailed | Fault::WrongPin { .. })), "{unheard:?}");
    assert_eq!(bench.card.tries(), 1);
    bench.certificates();
    let (request, tries) = bench.prepare();
    assert_eq!(tries, TriesLeft::Known(1));
    assert_eq!(bench.type_pin(request, &wrong, false), Verdict::LastTryNotAccepted);
    assert_eq!(bench.card.tries(), 1);
}

fn a_locked_pin_is_told_as_locked(way: Way) {
    let mut bench = Bench::new(way, Some(CardFault::Locked));
    assert_eq!(bench.sign(), Err(Fault::PinLocked));
}

fn a_card_that_comes_with_its_last_try_does_not_claim_to_have_more(way: Way) {
    let mut bench = Bench::new(way, Some(CardFault::LastTry));
    let (_, tries) = bench.prepare();
    assert_eq!(tries, TriesLeft::Unknown);
    assert_eq!(bench.card.tries(), 1);
}

/// `DigestInfo` of a digest of nobody's text, after choosing the key: what a thief would send.
fn steal(way: Way) -> Vec<String> {
    let choose = match way {
        Way::Akis | Way::AkisAtReader | Way::Pkcs11 | Way::Pkcs11AtReader => "0022C301",
        Way::AkisT0 => "0022C30100",
        Way::AkisV2 => "002241B603840181",
    };
    let sign = format!("002A9E9A333031300D060960864801650304020105000420{}", "0A".repeat(32));
    // In character frames a case of its own: no Le.
    let le = if way == Way::AkisT0 { "" } else { "00" };
    ["--send-apdu", choose, "--send-apdu", &(sign + le)].map(str::to_owned).into()
}

/// What another client that knows the PIN would send first.
fn verify(way: Way, pin: &str) -> String {
    let reference = if way == Way::AkisV2 { "01" } else { "80" };
    format!("002000{reference}06{}", pin.bytes().map(|b| format!("{b:02X}")).collect::<String>())
}

fn another_client_cannot_sign_between_login_and_logout(way: Way) {
    let mut bench = Bench::new(way, None);
    let (request, _) = bench.prepare();
    bench.slot().set_timing(Timing { sign: Duration::from_millis(700), ..Timing::NONE });
    let collected = bench.call(Request::Collect(request));
    assert_eq!(bench.type_pin(request, &bench.visitor.pin, false), Verdict::Accepted);
    bench.await_answer("VERIFY", 0x9000);
    // The card knows the PIN now and is busy for more than a second.
    let thief = Command::new("opensc-tool").args(steal(way)).envs(bench.pcscd.env()).spawn().unwrap();
    let answer = bench.answer();
    assert_eq!(answer.number, collected);
    assert_eq!(bench.opened(answer.result), [FORM, UNDERTAKING]);
    let mut thief = thief;
    thief.wait().unwrap();

    let events = bench.slot().events();
    let login = position(&events, "VERIFY", 0x9000).unwrap();
    let logout = login + let_go(way, &events[login..])[0];
    let refused = position(&events, SIGN, 0x6982).expect("the thief did reach the card");
    assert!(login < logout && logout < refused, "{events:?}");
    assert_eq!(bench.card.counters().signatures, 2);
}

fn the_same_thief_does_sign_while_a_login_is_left_open(way: Way) {
    // The judge of the test above: without a lock and a logout the same commands succeed.
    let bench = Bench::new(way, None);
    let login = ["--send-apdu".to_owned(), verify(way, &bench.visitor.pin)];
    bench.tool(&[login.as_slice(), &steal(way)].concat());
    assert_eq!(bench.card.counters().signatures, 1, "{:?}", bench.slot().events());
}

#[test]
fn a_module_that_would_let_others_sign_is_not_served_with() {
    for (key, from, to) in [
        ("lock_login", "lock_login = true", "lock_login = false"),
        ("use_pin_caching", "use_pin_caching = false", ""),
    ] {
        let mut bench = Bench::new(Way::Pkcs11, None);
        let file = bench.path("pcscd/opensc.conf");
        let settings = std::fs::read_to_string(&file).unwrap();
        assert!(settings.contains(from));
        std::fs::write(&file, settings.replace(from, to)).unwrap();
        let named = format!("opensc.conf: {key}: found");
        // Changed while it served: the next visit gets nothing of the card, however often it asks.
        bench.lose_kioskd();
        for _ in 0..2 {
            assert_eq!(bench.read_card(), Err(Fault::ModuleFailed));
        }
        assert!(bench.log().contains(&named), "{}", bench.log());
        assert_eq!(bench.start_in_vain(), Some(2));
    }
}

fn kioskd_lost_in_the_middle_of_signing_leaves_a_card_that_signs_for_nobody(way: Way) {
    let mut bench = Bench::new(way, None);
    let (request, _) = bench.prepare();
    bench.slot().set_timing(Timing { sign: Duration::from_millis(400), ..Timing::NONE });
    assert_eq!(bench.type_pin(request, &bench.visitor.pin, false), Verdict::Accepted);
    bench.await_answer("VERIFY", 0x9000);
    bench.lose_kioskd();
    let signatures = bench.card.counters().signatures;
    assert!(signatures < 2, "it stops between two texts");
    bench.tool(&steal(way));
    assert_eq!(bench.card.counters().signatures, signatures);
    assert_eq!(bench.ask(Request::Collect(request)), Err(Fault::NoSuchRequest));
    let signed = bench.sign();
    assert_eq!(bench.opened(signed).len(), 2);
}

fn one_visit_after_another_signs_with_the_same_process(way: Way) {
    let mut bench = Bench::new(way, None);
    for _ in 0..2 {
        let signed = bench.sign();
        assert_eq!(bench.opened(signed).len(), 2);
        assert_eq!(bench.ask(Request::EndVisit), Ok(Reply::Done));
        bench.await_new_image();
    }
    // The certificate of the former visit is not known any more; it has to be read again.
    bench.slot().remove();
    let other: Card = fault::card_of(way.model(), &PKI, &bench.visitor, None).unwrap();
    bench.card = other;
    bench.insert();
    let signed = bench.sign();
    assert_eq!(bench.opened(signed).len(), 2);
    assert_eq!(let_go(way, &bench.slot().events()).len(), 3);
}

/// Where a card that has signed forgets the PIN: OpenSC logs out, the kiosk's driver has it reset.
fn let_go(way: Way, events: &[Event]) -> Vec<usize> {
    let mut signed = false;
    let mut forgets = |event: &Event| match (way, event) {
        (_, Event::Answered { command: SIGN, status: 0x9000 }) => {
            signed = true;
            false
        }
        (Way::Akis | Way::AkisT0 | Way::AkisV2, Event::Powered) => std::mem::take(&mut signed),
        (Way::Pkcs11, Event::Answered { command: "LOGOUT", status: 0x9000 }) => true,
        _ => false,
    };
    (0..events.len()).filter(|at| forgets(&events[*at])).collect()
}
