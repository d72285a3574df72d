//! What the kiosk's own driver asks of a card, and what it makes of one that departs from the rule.

use eimza_kiosk::link::{
    keypad::Heard,
    pin::Verdict,
    signer::{Fault, Request},
};
use testbench::{
    card::{
        ATR_AKIS_1_1, Card, Model, Quirk, Reset,
        fault::{self, CardFault},
    },
    pki::{Holder, KeyKind, Variant},
    visitor::Visitor,
};

use crate::bench::{Bench, FORM, PKI, UNDERTAKING, Way};

fn with(way: Way, quirk: Quirk) -> Bench {
    Bench::with(way, |visitor| fault::card_of(way.model(), &PKI, visitor, None).unwrap().with(quirk), 20_000)
}

/// Commands to list the certificates, and to verify and sign with one VERIFY and two texts; GET RESPONSE counts.
#[test]
fn the_driver_asks_the_card_exactly_so_much() {
    // To list: SELECT and READ BINARY per file, the certificate in pieces. To sign: SELECT, VERIFY, the key and the
    // block in two commands, five; two more for the second text. A v2 card takes the digest in one command and wants
    // VERIFY and the key again; over T=0 each answer to a command with data is fetched.
    for (way, to_list, to_sign) in
        [(Way::Akis, 12, 5 + 2), (Way::AkisV2, 10, 4 + 3), (Way::AkisT0, 16, 6 + 1 + 3)]
    {
        let mut bench = Bench::new(way, None);
        bench.certificates();
        assert_eq!(bench.card.counters().commands, to_list, "{way:?}: {:?}", bench.slot().events());
        let (request, _) = bench.prepare();
        let prepared = bench.card.counters().commands;
        assert_eq!(bench.type_pin(request, &bench.visitor.pin, false), Verdict::Accepted);
        let signed = bench.ask(Request::Collect(request));
        assert_eq!(bench.opened(signed).len(), 2);
        let spent = bench.card.counters().commands - prepared;
        assert_eq!(spent, to_sign, "{way:?}: {:?}", bench.slot().events());
    }
}

#[test]
fn a_card_that_names_the_right_length_is_asked_again_and_signs() {
    for way in [Way::Akis, Way::AkisV2] {
        let mut bench = with(way, Quirk::ExactLe);
        let signed = bench.sign();
        assert_eq!(bench.opened(signed), [FORM, UNDERTAKING]);
        assert_eq!(bench.card.counters().verifies, way.verifies(2), "no VERIFY is said again");
    }
}

#[test]
fn a_key_on_p_384_signs_on_every_card() {
    for way in [Way::Akis, Way::AkisT0, Way::AkisV2] {
        let card = |visitor: &Visitor| {
            let holder = Holder { name: &visitor.full_name(), national_id: &visitor.national_id };
            let credential = PKI.issue(holder, Variant::Valid, KeyKind::P384).unwrap();
            Card::of(way.model(), visitor, &[credential], &[PKI.issuer_der().to_vec()])
        };
        let mut bench = Bench::with(way, card, 20_000);
        let signed = bench.sign();
        assert_eq!(bench.opened(signed), [FORM, UNDERTAKING], "{way:?}");
        assert_eq!(bench.card.counters().verifies, way.verifies(2));
    }
}

#[test]
fn without_a_directory_or_with_one_that_leads_nowhere_the_fixed_files_are_signed_with() {
    for way in [Way::Akis, Way::AkisT0, Way::AkisV2] {
        for quirk in [Quirk::NoDirectory, Quirk::BrokenDirectory] {
            let mut bench = with(way, quirk);
            let signed = bench.sign();
            assert_eq!(bench.opened(signed), [FORM, UNDERTAKING], "{way:?} {quirk:?}");
        }
    }
}

#[test]
fn a_card_that_takes_no_chain_costs_one_verify_and_is_let_go() {
    for quirk in [Quirk::NoChaining, Quirk::ChainIsLost] {
        for way in [Way::Akis, Way::AkisT0] {
            let mut bench = with(way, quirk);
            assert_eq!(bench.sign(), Err(Fault::ModuleFailed), "{quirk:?}");
            assert_eq!((bench.card.counters().verifies, bench.card.counters().signatures), (1, 0));
            assert_eq!(bench.card.tries(), 3, "the PIN was right");
        }
    }
}

#[test]
fn a_card_that_demands_secure_messaging_gets_no_pin_whatever_its_answer_to_reset_says() {
    for model in [Model::V1_0, Model::V2] {
        for atr in [ATR_AKIS_1_1.as_slice(), model.atr()] {
            let card = |visitor: &_| {
                let card = fault::card_of(model, &PKI, visitor, None).unwrap().with(Quirk::SecureMessaging);
                card.answering(Reset::Atr(atr.to_vec()))
            };
            let mut bench = Bench::with(Way::Akis, card, 20_000);
            assert_eq!(bench.read_card(), Err(Fault::UnknownCard));
            let log = bench.log();
            assert!(log.contains("secure messaging") || log.contains("SecureMessaging"), "{log}");
            assert_eq!(bench.card.counters().verifies, 0);
        }
    }
}

#[test]
fn a_card_whose_directory_gives_the_pin_another_name_gets_no_pin() {
    for way in [Way::Akis, Way::AkisT0, Way::AkisV2] {
        let mut bench = with(way, Quirk::PinCalledOtherwise);
        let certificate = bench.certificates().remove(0);
        assert_eq!(bench.announce(&certificate), Err(Fault::UnknownCard));
        assert_eq!((bench.card.counters().verifies, bench.card.tries()), (0, 3));
    }
}

#[test]
fn of_a_card_of_v2_that_comes_with_its_last_try_none_is_spent_by_asking() {
    let mut bench = Bench::new(Way::AkisV2, Some(CardFault::LastTry));
    bench.prepare();
    assert_eq!((bench.card.counters().verifies, bench.card.tries()), (0, 1));
}

#[test]
fn an_application_that_is_not_where_the_dialect_says_is_found_by_the_cards_own_directory() {
    let card = |visitor: &_| {
        let card = fault::card_of(Model::V1_0, &PKI, visitor, None).unwrap();
        card.answering(Reset::Atr(Model::V2.atr().to_vec()))
    };
    let mut bench = Bench::with(Way::Akis, card, 20_000);
    let certificate = bench.certificates().remove(0);
    // It is no card of that dialect all the same, and its directory of PINs says so.
    assert_eq!(bench.announce(&certificate), Err(Fault::UnknownCard));
    assert_eq!(bench.card.counters().verifies, 0);
}

#[test]
fn a_reader_without_keys_costs_no_try_and_the_screens_pin_signs_for_the_same_request() {
    let mut bench = Bench::new(Way::AkisAtReader, None);
    for _ in 0..2 {
        let (request, _) = bench.prepare();
        let before = bench.card.counters().verifies;
        assert_eq!(bench.ask_at_reader(request), Heard::Verdict(Verdict::NoKeypad));
        assert_eq!(bench.card.counters().verifies, before);
        assert_eq!(bench.type_pin(request, &bench.visitor.pin, false), Verdict::Accepted);
        let signed = bench.ask(Request::Collect(request));
        assert_eq!(bench.opened(signed), [FORM, UNDERTAKING]);
        assert_eq!(bench.card.counters().verifies, before + 1);
        // The next image of the process knows it still.
        bench.lose_kioskd();
    }
    assert_eq!(bench.log().matches("this reader takes no PIN").count(), 1, "{}", bench.log());
}
