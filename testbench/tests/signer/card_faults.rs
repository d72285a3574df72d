//! Cards that are pulled, silent, unknown or empty: each is told as what it is.

use eimza_kiosk::{
    card::certificate::Certificate,
    link::{
        pin::Verdict,
        signer::{Fault, Reply, Request},
    },
};
use testbench::card::{
    Pull,
    fault::{self, CardFault},
};

use crate::bench::{Bench, FORM, PKI, UNDERTAKING, Way};

on_every_way! {
    a_card_pulled_at_verify_is_no_wrong_pin_and_costs_no_try
    a_card_pulled_at_sign_signs_after_it_was_put_back
    a_card_pulled_before_the_pin_is_told_to_whoever_collects
    a_card_that_never_answers_ends_the_process_after_telling_so
    an_empty_reader_is_told_as_empty
    a_card_nobody_knows_is_told_as_unknown_and_a_mute_one_as_mute
    a_card_without_a_certificate_is_told_so
    a_certificate_that_does_not_parse_is_handed_over_for_judgement
    of_two_certificates_both_are_shown_and_no_authority_is
    a_pcsc_service_that_was_restarted_is_found_again
}

fn a_card_pulled_at_verify_is_no_wrong_pin_and_costs_no_try(way: Way) {
    let mut bench = Bench::new(way, None);
    bench.slot().arm(Pull::AtVerify);
    assert_eq!(bench.sign(), Err(Fault::CardPulled));
    assert_eq!(bench.card.tries(), 3);
}

fn a_card_pulled_at_sign_signs_after_it_was_put_back(way: Way) {
    let mut bench = Bench::new(way, None);
    bench.slot().arm(Pull::AtSign);
    assert_eq!(bench.sign(), Err(Fault::CardPulled));
    assert_eq!(bench.ask(Request::CardOut), Ok(Reply::Done));
    bench.insert();
    let signed = bench.sign();
    assert_eq!(bench.opened(signed), [FORM, UNDERTAKING]);
}

fn a_card_pulled_before_the_pin_is_told_to_whoever_collects(way: Way) {
    let mut bench = Bench::new(way, None);
    let (request, _) = bench.prepare();
    bench.slot().remove();
    assert_eq!(bench.type_pin(request, &bench.visitor.pin, false), Verdict::Accepted);
    assert_eq!(bench.ask(Request::Collect(request)), Err(Fault::CardPulled));
    assert_eq!(bench.card.counters().verifies, 0);
}

fn a_card_that_never_answers_ends_the_process_after_telling_so(way: Way) {
    let mut bench =
        Bench::with(way, |visitor| fault::card_of(way.model(), &PKI, visitor, None).unwrap(), 3_000);
    bench.slot().arm(Pull::SilentAtSign);
    let (request, _) = bench.prepare();
    let collected = bench.call(Request::Collect(request));
    assert_eq!(bench.type_pin(request, &bench.visitor.pin, false), Verdict::Accepted);
    let answer = bench.answer();
    assert_eq!((answer.number, answer.result), (collected, Err(Fault::ModuleHung)));
    assert_eq!(bench.await_end(), Some(3));
    bench.slot().remove();
    bench.start_again();
    bench.insert();
    let signed = bench.sign();
    assert_eq!(bench.opened(signed).len(), 2);
}

fn an_empty_reader_is_told_as_empty(way: Way) {
    let mut bench = Bench::new(way, None);
    bench.slot().remove();
    bench.await_reader("empty");
    assert_eq!(bench.read_card(), Err(Fault::NoCard));
}

fn a_card_nobody_knows_is_told_as_unknown_and_a_mute_one_as_mute(way: Way) {
    let mut bench = Bench::new(way, Some(CardFault::UnknownAtr));
    assert_eq!(bench.read_card(), Err(Fault::UnknownCard));
    let mut bench = Bench::new(way, Some(CardFault::Mute));
    assert_eq!(bench.read_card(), Err(Fault::CardMute));
}

fn a_card_without_a_certificate_is_told_so(way: Way) {
    let mut bench = Bench::new(way, Some(CardFault::NoCertificate));
    assert_eq!(bench.read_card(), Err(Fault::NoCertificate));
}

fn a_certificate_that_does_not_parse_is_handed_over_for_judgement(way: Way) {
    let mut bench = Bench::new(way, Some(CardFault::Malformed));
    let certificates = bench.certificates();
    assert_eq!(certificates.len(), 1);
    assert!(Certificate::parse(&certificates[0]).is_err());
}

fn of_two_certificates_both_are_shown_and_no_authority_is(way: Way) {
    let mut bench = Bench::new(way, Some(CardFault::TwoCertificates));
    let certificates = bench.certificates();
    assert_eq!(certificates.len(), 2);
    assert!(certificates.iter().all(|der| !Certificate::parse(der).unwrap().is_authority()));
}

fn a_pcsc_service_that_was_restarted_is_found_again(way: Way) {
    let mut bench = Bench::new(way, None);
    assert_eq!(bench.certificates().len(), 1);
    bench.pcscd.restart().unwrap();
    bench.await_reader("full");
    let signed = bench.sign();
    assert_eq!(bench.opened(signed).len(), 2);
}
