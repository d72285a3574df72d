//! PIN değiştirme with the real processes: the card has the PIN that was said, and the portal is asked nothing.

use testbench::{
    demo::{auto::Report, change},
    faults::Fault,
};

use super::stage::Stage;

fn run(arguments: &[&str]) -> Report {
    Stage::set(&[&["--service", "change-pin"], arguments].concat()).run_alone()
}

#[test]
fn whoever_knows_the_pin_changes_it_and_renews_with_the_new_one() {
    let report = run(&[]);
    assert_eq!(report.next_visitor_served, Some(true), "the same person, with the new PIN");
    assert_eq!(report.applications, 0, "of the change itself");
    run(&["--lang", "en", "--size", "800x480", "--seed", "5"]);
}

#[test]
fn nothing_of_it_needs_the_network() {
    for fault in ["tls-untrusted", "connection-drop"] {
        run(&["--fault", fault, "--then-healthy", "false"]);
    }
}

#[test]
fn a_wrong_pin_and_the_last_try_lead_to_the_new_pin_and_a_locked_one_to_its_advice() {
    for fault in ["wrong-pin", "last-try"] {
        assert_eq!(run(&["--fault", fault]).next_visitor_served, Some(true), "{fault}");
    }
    run(&["--fault", "locked"]);
}

#[test]
fn a_card_pulled_in_the_middle_has_either_pin_and_nobody_claims_to_know() {
    for fault in ["pulled-at-replace", "pulled-after-replace"] {
        let report = run(&["--fault", fault]);
        assert_eq!(report.cause.as_deref(), Some("pin-uncertain"));
        assert_eq!(report.next_visitor_served, Some(true), "with the PIN that the card has: {fault}");
    }
}

#[test]
fn every_other_card_has_the_pin_that_was_said() {
    let tried = ["wrong-pin", "last-try", "locked", "pulled-at-replace", "pulled-after-replace"];
    for fault in Fault::all().filter(|fault| change::meets(*fault) && !tried.contains(&fault.name())) {
        let next = if fault.name() == "mute" { "true" } else { "false" };
        run(&["--fault", fault.name(), "--then-healthy", next]);
    }
}
