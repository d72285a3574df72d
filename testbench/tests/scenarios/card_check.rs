//! The card check with the real processes: each card with its colours, and the portal asked nothing.

use testbench::{demo::check, faults::Fault};

use super::stage::Stage;

fn run(arguments: &[&str]) {
    let report = Stage::set(&[&["--service", "card-check"], arguments].concat()).run_alone();
    assert!(report.pages.iter().any(|seen| seen.page == "card-check"), "{arguments:?}: {:#?}", report.pages);
}

#[test]
fn a_good_card_is_checked_without_a_word_to_the_portal() {
    run(&[]);
    run(&["--lang", "en"]);
}

#[test]
fn a_portal_that_cannot_be_trusted_or_reached_changes_nothing() {
    run(&["--fault", "tls-untrusted", "--then-healthy", "false"]);
    run(&["--fault", "connection-drop", "--then-healthy", "false"]);
}

#[test]
fn every_card_there_is_has_its_colours_and_the_next_visitor_renews() {
    for fault in Fault::all().filter(|fault| check::meets(*fault)) {
        let next = if fault.name() == "mute" { "true" } else { "false" };
        run(&["--fault", fault.name(), "--then-healthy", next]);
    }
}
