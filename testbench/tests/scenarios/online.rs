//! Yeni kartın PIN'i and Kilit çözme with the real processes: what was shown opens the new card, what was typed the old one.

use eimza_kiosk::link::view::Service;
use testbench::{
    demo::{auto::Report, online},
    faults::{Fault, Kind},
};

use super::stage::{Stage, is_pkcs11, pages};

fn run(service: &str, arguments: &[&str]) -> Report {
    let mut stage = Stage::set(&[&["--service", service], arguments].concat());
    let report = stage.run();
    assert!(report.as_expected, "{arguments:?} {:?}\n{:#?}", report.deviations, report.pages);
    assert!(report.pages.iter().any(|seen| seen.page == "insert-card"));
    report
}

#[test]
fn the_old_card_signs_the_challenge_and_the_new_ones_pin_is_learned() {
    let report = run("new-pin", &[]);
    let way = ["attract", "insert-card", "notice", "login-way", "contract", "pin", "signing", "new-card-pin"];
    assert_eq!(pages(&report.pages)[..way.len()], way);
    run("new-pin", &["--lang", "en", "--size", "800x480", "--seed", "5"]);
}

#[test]
fn the_security_word_leads_to_the_same_pin_and_a_forgotten_one_to_another_word() {
    let report = run("new-pin", &["--login", "word"]);
    assert!(report.pages.iter().all(|seen| seen.page != "pin"), "no PIN is asked for");
    for size in ["1280x800", "720x1280"] {
        let report = run("new-pin", &["--login", "forgotten-word", "--size", size]);
        assert!(report.pages.iter().any(|seen| seen.page == "word-set"));
    }
}

#[test]
fn a_locked_card_is_opened_and_renews_with_its_new_pin() {
    let report = run("unblock", &[]);
    // OpenSC opens none, and says so; somebody who cannot be helped does not renew.
    let renews = (!is_pkcs11()).then_some(true);
    assert_eq!(report.next_visitor_served, renews, "the same person, on the same card");
    run("unblock", &["--lang", "en", "--size", "800x480", "--seed", "5", "--then-healthy", "false"]);
}

/// Every fault of this kind that the service can meet, each with a bench of its own.
fn every(service: Service, name: &str, kind: Kind) {
    for fault in Fault::all().filter(|fault| fault.kind() == kind && online::meets(service, *fault)) {
        let report = run(name, &["--fault", fault.name(), "--then-healthy", "false"]);
        assert_eq!(report.faults_met, [fault.name()]);
    }
}

#[test]
fn every_fault_of_the_portal_is_told_as_what_it_is_to_whoever_wants_the_new_pin() {
    every(Service::NewPin, "new-pin", Kind::Portal);
}

#[test]
fn every_card_that_says_who_it_is_leads_to_the_new_pin() {
    every(Service::NewPin, "new-pin", Kind::Card);
}

#[test]
fn every_fault_of_the_portal_leaves_a_locked_card_as_it_was_or_opened() {
    every(Service::Unblock, "unblock", Kind::Portal);
}

#[test]
fn every_locked_card_is_opened_whatever_its_certificate_or_nobody_claims_to_know() {
    every(Service::Unblock, "unblock", Kind::Card);
}
