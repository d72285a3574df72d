//! The PIN on the reader's own keys, by the kiosk's driver and by OpenSC: the readers have some here, before a real
//! pcscd and the card's own answers.

use std::time::Duration;

use eimza_kiosk::link::{
    keypad::{self, Heard},
    pin::Verdict,
    signer::{Fault, Reply, Request, TriesLeft},
};
use testbench::pcscd::{Finger, Keys};

use crate::{
    bench::{Bench, FORM, PATIENCE, UNDERTAKING, Way},
    pin_and_lock::two_left,
};

macro_rules! on_both_ways {
    ($($name:ident)*) => {
        mod akis {
            $(#[test] fn $name() { super::$name(crate::bench::Way::AkisAtReader); })*
        }
        mod pkcs11 {
            $(#[test] fn $name() { super::$name(crate::bench::Way::Pkcs11AtReader); })*
        }
    };
}

on_both_ways! {
    a_pin_typed_at_the_reader_signs_both_texts_and_is_asked_for_once
    where_no_pin_came_from_the_reader_the_screens_signs_for_the_same_request
    a_wrong_pin_at_the_reader_costs_one_try_and_ends_the_request
    the_reader_is_asked_for_no_other_text_and_for_no_last_try_without_a_yes
    a_try_of_which_the_reader_does_not_tell_counts_and_it_is_not_asked_again
    a_card_pulled_while_the_reader_asks_is_told_as_pulled
    a_request_taken_back_while_the_reader_asks_signs_nothing
    a_person_may_type_for_longer_than_any_call_may_take
}

const TIMED_OUT: [u8; 2] = [0x64, 0x00];
const CANCELLED: [u8; 2] = [0x64, 0x01];
const LENGTH: [u8; 2] = [0x64, 0x03];
const WRONG_STRUCTURE: [u8; 2] = [0x6B, 0x80];
const COMM_ERROR: u32 = 0x8010_002F;
const REMOVED_CARD: u32 = 0x8010_0069;

fn keys(bench: &Bench) -> &Keys {
    bench.pcscd.keys().unwrap()
}

/// How often a PIN was asked for on them.
fn asked(bench: &Bench) -> usize {
    keys(bench).asked().len()
}

/// Prepares, has these digits typed at the reader, and collects.
fn sign_at_reader(bench: &mut Bench, digits: &str) -> Result<Reply, Fault> {
    let (request, _) = bench.prepare();
    keys(bench).then(Finger::Types(digits.to_owned()));
    assert_eq!(bench.ask_at_reader(request), Heard::Verdict(Verdict::Accepted), "{}", bench.log());
    bench.ask(Request::Collect(request))
}

fn a_pin_typed_at_the_reader_signs_both_texts_and_is_asked_for_once(way: Way) {
    let mut bench = Bench::with_keys(way, 20_000);
    let pin = bench.visitor.pin.clone();
    let signed = sign_at_reader(&mut bench, &pin);
    assert_eq!(bench.opened(signed), [FORM, UNDERTAKING]);
    assert_eq!((asked(&bench), bench.card.counters().verifies), (1, 1));
    assert_eq!(bench.card.tries(), 3);
    // The next visit's PIN is asked for anew.
    bench.lose_kioskd();
    let signed = sign_at_reader(&mut bench, &pin);
    assert_eq!(bench.opened(signed).len(), 2);
    assert_eq!((asked(&bench), bench.card.counters().verifies), (2, 2));
}

fn where_no_pin_came_from_the_reader_the_screens_signs_for_the_same_request(way: Way) {
    let mut bench = Bench::with_keys(way, 20_000);
    let too_few = Finger::Types("123".to_owned());
    for ended in [Finger::Says(TIMED_OUT), Finger::Says(CANCELLED), Finger::Says(LENGTH), too_few] {
        let before = (asked(&bench), bench.card.counters().verifies);
        let (request, _) = bench.prepare();
        keys(&bench).then(ended.clone());
        assert_eq!(bench.ask_at_reader(request), Heard::Verdict(Verdict::NoKeypad), "{ended:?}");
        assert_eq!((asked(&bench), bench.card.counters().verifies), (before.0 + 1, before.1));
        assert_eq!(bench.type_pin(request, &bench.visitor.pin, false), Verdict::Accepted);
        let signed = bench.ask(Request::Collect(request));
        assert_eq!(bench.opened(signed), [FORM, UNDERTAKING]);
        assert_eq!((asked(&bench), bench.card.counters().verifies), (before.0 + 1, before.1 + 1));
    }
}

fn a_wrong_pin_at_the_reader_costs_one_try_and_ends_the_request(way: Way) {
    let mut bench = Bench::with_keys(way, 20_000);
    let (right, wrong) = (bench.visitor.pin.clone(), bench.wrong_pin());
    assert_eq!(sign_at_reader(&mut bench, &wrong), Err(Fault::WrongPin { tries: two_left(way) }));
    assert_eq!((asked(&bench), bench.card.counters().verifies, bench.card.tries()), (1, 1, 2));
    let signed = sign_at_reader(&mut bench, &right);
    assert_eq!(bench.opened(signed).len(), 2);
    assert_eq!((asked(&bench), bench.card.counters().verifies, bench.card.tries()), (2, 2, 3));
}

fn the_reader_is_asked_for_no_other_text_and_for_no_last_try_without_a_yes(way: Way) {
    let mut bench = Bench::with_keys(way, 20_000);
    let hears = |bench: &Bench, request, shown, yes| {
        keypad::hear(&mut bench.begin_at_reader(request, shown, yes)).unwrap()
    };
    let (request, _) = bench.prepare();
    let other = hears(&bench, request, [FORM, "başka bir metin"], true);
    assert_eq!(other, Heard::Verdict(Verdict::OtherTextShown));
    assert_eq!(bench.ask(Request::Collect(request)), Err(Fault::OtherTextShown));
    assert_eq!(asked(&bench), 0);

    let wrong = bench.wrong_pin();
    assert!(matches!(sign_at_reader(&mut bench, &wrong), Err(Fault::WrongPin { .. })));
    let last = Err(Fault::WrongPin { tries: TriesLeft::Known(1) });
    assert_eq!(sign_at_reader(&mut bench, &wrong), last);
    let (request, tries) = bench.prepare();
    assert_eq!(tries, TriesLeft::Known(1));
    let unwanted = hears(&bench, request, [FORM, UNDERTAKING], false);
    assert_eq!(unwanted, Heard::Verdict(Verdict::LastTryNotAccepted));
    assert_eq!(bench.ask(Request::Collect(request)), Err(Fault::LastTry));
    assert_eq!((asked(&bench), bench.card.tries()), (2, 1));

    let (request, _) = bench.prepare();
    keys(&bench).then(Finger::Types(wrong));
    assert_eq!(hears(&bench, request, [FORM, UNDERTAKING], true), Heard::Verdict(Verdict::Accepted));
    assert_eq!(bench.ask(Request::Collect(request)), Err(Fault::PinLocked));
    assert_eq!((asked(&bench), bench.card.tries()), (3, 0));
}

fn a_try_of_which_the_reader_does_not_tell_counts_and_it_is_not_asked_again(way: Way) {
    let mut bench = Bench::with_keys(way, 20_000);
    let wrong = bench.wrong_pin();
    let (request, _) = bench.prepare();
    keys(&bench).then(Finger::Loses(wrong.clone(), COMM_ERROR));
    assert_eq!(bench.ask_at_reader(request), Heard::Verdict(Verdict::Accepted));
    assert_eq!(bench.ask(Request::Collect(request)), Err(Fault::ModuleFailed));
    assert_eq!(bench.card.tries(), 2);
    let (request, _) = bench.prepare();
    assert_eq!(bench.ask_at_reader(request), Heard::Verdict(Verdict::NoKeypad));
    assert_eq!(asked(&bench), 1);
    assert_eq!(bench.type_pin(request, &wrong, false), Verdict::Accepted);
    let last = Err(Fault::WrongPin { tries: TriesLeft::Known(1) });
    assert_eq!(bench.ask(Request::Collect(request)), last);
}

fn a_card_pulled_while_the_reader_asks_is_told_as_pulled(way: Way) {
    let mut bench = Bench::with_keys(way, 20_000);
    let (request, _) = bench.prepare();
    let collected = bench.call(Request::Collect(request));
    let mut screen = bench.begin_at_reader(request, [FORM, UNDERTAKING], false);
    assert!(keys(&bench).wait_for(PATIENCE, 1));
    bench.slot().remove();
    bench.await_reader("empty");
    keys(&bench).then(Finger::Fails(REMOVED_CARD));
    assert_eq!(keypad::hear(&mut screen).unwrap(), Heard::Verdict(Verdict::Accepted));
    let answer = bench.answer();
    assert_eq!((answer.number, answer.result), (collected, Err(Fault::CardPulled)), "{}", bench.log());
    assert_eq!(bench.ask(Request::CardOut), Ok(Reply::Done));
    bench.insert();
    let pin = bench.visitor.pin.clone();
    let signed = sign_at_reader(&mut bench, &pin);
    assert_eq!(bench.opened(signed), [FORM, UNDERTAKING]);
}

fn a_request_taken_back_while_the_reader_asks_signs_nothing(way: Way) {
    let mut bench = Bench::with_keys(way, 20_000);
    let (request, _) = bench.prepare();
    let pin = bench.visitor.pin.clone();
    let mut screen = bench.begin_at_reader(request, [FORM, UNDERTAKING], false);
    assert!(keys(&bench).wait_for(PATIENCE, 1));
    assert_eq!(bench.ask(Request::Abandon(request)), Ok(Reply::Done));
    assert_eq!(keypad::hear(&mut screen).unwrap(), Heard::Verdict(Verdict::NoSuchRequest));
    keys(&bench).then(Finger::Types(pin.clone()));
    let signed = sign_at_reader(&mut bench, &pin);
    assert_eq!(bench.opened(signed), [FORM, UNDERTAKING]);
    let counters = bench.card.counters();
    assert_eq!((counters.verifies, counters.signatures), (2, 2), "the first one was for nothing");
}

fn a_person_may_type_for_longer_than_any_call_may_take(way: Way) {
    const CALL_MS: u64 = 5_000;
    let mut bench = Bench::with_keys(way, CALL_MS);
    let (request, _) = bench.prepare();
    let mut screen = bench.begin_at_reader(request, [FORM, UNDERTAKING], false);
    assert!(keys(&bench).wait_for(PATIENCE, 1));
    screen.set_read_timeout(Some(Duration::from_millis(CALL_MS + 1_000))).unwrap();
    keypad::hear(&mut screen).expect_err("nothing is typed");
    screen.set_read_timeout(Some(PATIENCE)).unwrap();
    keys(&bench).then(Finger::Types(bench.visitor.pin.clone()));
    assert_eq!(keypad::hear(&mut screen).unwrap(), Heard::Verdict(Verdict::Accepted));
    let signed = bench.ask(Request::Collect(request));
    assert_eq!(bench.opened(signed), [FORM, UNDERTAKING]);
}

#[test]
fn keys_that_refuse_what_they_are_asked_are_not_asked_again_and_only_the_driver_knows_that_no_try_was_spent()
{
    for way in [Way::AkisAtReader, Way::Pkcs11AtReader] {
        let mut bench = Bench::with_keys(way, 20_000);
        let (request, _) = bench.prepare();
        keys(&bench).then(Finger::Says(WRONG_STRUCTURE));
        let heard = bench.ask_at_reader(request);
        let request = if way == Way::AkisAtReader {
            assert_eq!(heard, Heard::Verdict(Verdict::NoKeypad));
            request
        } else {
            // OpenSC calls it CKR_GENERAL_ERROR.
            assert_eq!(heard, Heard::Verdict(Verdict::Accepted));
            assert_eq!(bench.ask(Request::Collect(request)), Err(Fault::ModuleFailed));
            let (request, _) = bench.prepare();
            assert_eq!(bench.ask_at_reader(request), Heard::Verdict(Verdict::NoKeypad));
            request
        };
        assert_eq!((asked(&bench), bench.card.counters().verifies), (1, 0));
        assert_eq!(bench.type_pin(request, &bench.visitor.pin, false), Verdict::Accepted);
        let signed = bench.ask(Request::Collect(request));
        assert_eq!(bench.opened(signed), [FORM, UNDERTAKING]);
    }
}

#[test]
fn a_module_whose_token_claims_no_way_of_its_own_to_the_pin_is_given_the_screens() {
    let mut bench = Bench::new(Way::Pkcs11AtReader, None);
    let (request, _) = bench.prepare();
    assert_eq!(bench.ask_at_reader(request), Heard::Verdict(Verdict::NoKeypad));
    assert_eq!(bench.card.counters().verifies, 0);
    assert_eq!(bench.type_pin(request, &bench.visitor.pin, false), Verdict::Accepted);
    let signed = bench.ask(Request::Collect(request));
    assert_eq!(bench.opened(signed), [FORM, UNDERTAKING]);
}
