//! Yardımlı yenileme with the real processes: whoever helps shows who they are, and the other person renews.

use testbench::{demo::auto::Report, helper::HelperFault};

use super::stage::{Stage, pages};

fn run(arguments: &[&str]) -> Report {
    let mut stage = Stage::set(&[&["--service", "assisted"], arguments].concat());
    let report = stage.run();
    assert!(report.as_expected, "{:?}\n{:#?}", report.deviations, report.pages);
    report
}

#[test]
fn whoever_is_on_the_list_helps_and_the_other_persons_application_is_received() {
    let report = run(&[]);
    assert_eq!(report.applications, 1);
    let seen = pages(&report.pages);
    let begins =
        ["attract", "insert-card", "contract", "pin", "signing", "hand-over", "eligibility", "notice"];
    assert_eq!(seen[..begins.len()], begins, "{seen:?}");
    run(&["--lang", "en", "--size", "800x480", "--seed", "5"]);
}

#[test]
fn who_helps_is_in_the_journal_as_help_and_not_by_name() {
    let mut stage = Stage::set(&["--service", "assisted", "--then-healthy", "false"]);
    let report = stage.run();
    assert!(report.as_expected, "{:?}", report.deviations);
    let log = std::fs::read_to_string(stage.out.path().join("logs/kioskd.log")).expect("a log");
    let lines: Vec<&str> = log.lines().collect();
    let handed = lines.iter().position(|line| line.contains("hand-over -> reading-card"));
    let (before, after) = lines.split_at(handed.expect("handed over"));
    let helped = |lines: &[&str]| lines.iter().any(|line| line.contains("\"ASSISTED\":true"));
    assert!(!helped(before), "before anybody was helped");
    assert!(helped(after), "{log}");
}

#[test]
fn what_is_wrong_with_whoever_helps_ends_as_it_should_and_the_next_visitor_is_served() {
    for fault in HelperFault::all() {
        let report = run(&["--helper", fault.name()]);
        assert_eq!(report.next_visitor_served, Some(true), "{}", fault.name());
    }
}

#[test]
fn the_persons_renewal_meets_the_same_faults_as_without_help() {
    for fault in ["connection-drop", "wrong-pin", "pulled-at-sign", "expired", "drop-after-submit"] {
        let report = run(&["--fault", fault]);
        assert_eq!((report.faults_met, report.next_visitor_served), (vec![fault.to_owned()], Some(true)));
    }
}
