//! The card check with the real processes: each card with its colours, and the portal asked nothing.

use testbench::{demo::check, faults::Fault, portal::What};

use super::stage::Stage;

fn run(arguments: &[&str]) {
    let mut stage = Stage::set(&[&["--service", "card-check"], arguments].concat());
    let events = stage.bench.portal.events();
    let report = stage.run();
    assert!(report.as_expected, "{:?}\n{:#?}", report.deviations, report.pages);
    let pages: Vec<&str> = report.pages.iter().map(|seen| seen.page.as_str()).collect();
    assert!(pages.contains(&"insert-card") && pages.contains(&"card-check"), "{pages:?}");
    if report.next_visitor_served.is_none() {
        let asked: Vec<What> = events
            .try_iter()
            .map(|event| event.what)
            .filter(|what| !matches!(what, What::FaultsSet { .. }))
            .collect();
        assert!(asked.is_empty(), "the portal was asked: {asked:?}");
    }
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
