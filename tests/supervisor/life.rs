//! Starts, orderly ends, crashes and what the service manager hears.

use std::{fs, os::unix::fs::MetadataExt};

use eimza_kiosk::{link::view::Page, session::fault::Cause};

use crate::harness::Office;

#[test]
fn sigterm_ends_in_order_and_leaves_nothing_to_recover_from() {
    let office = Office::new();
    let kiosk = office.start();
    assert_eq!(office.marks(), ["in-flight.running"]);
    let mut screen = office.screen();
    screen.view();
    assert!(kiosk.terminate().success());
    assert!(screen.is_closed());
    assert!(office.marks().is_empty(), "{:?}", office.marks());
    let _kiosk = office.start();
    assert_eq!(office.screen().view().page, Page::Starting);
}

#[test]
fn after_a_crash_with_a_submission_in_flight_the_outcome_is_said_to_be_unknown() {
    let office = Office::new();
    office.start().kill();
    fs::write(office.file("in-flight"), []).unwrap();
    let kiosk = office.start();
    let page = office.screen().view().page;
    assert!(format!("{page:?}").contains("OutcomeUnknown"), "{page:?}");
    assert!(kiosk.terminate().success());
    assert_eq!(office.marks(), ["in-flight"], "an open outcome outlives an orderly end");
}

#[test]
fn after_a_crash_while_the_card_took_another_pin_that_is_said_and_no_application_is_spoken_of() {
    let office = Office::new();
    office.start().kill();
    fs::write(office.file("in-flight.new-pin"), []).unwrap();
    let kiosk = office.start();
    let page = office.screen().view().page;
    assert!(format!("{page:?}").contains("PinUncertain"), "{page:?}");
    assert!(kiosk.terminate().success());
    assert_eq!(office.marks(), ["in-flight.new-pin"], "an open outcome outlives an orderly end");
}

#[test]
fn the_service_manager_hears_that_it_is_ready_alive_and_going() {
    let office = Office::new();
    let (kiosk, notices) = office.start_notifying(&[("WATCHDOG_USEC", "100000")]);
    let hear = || {
        let mut notice = [0; 64];
        let length = notices.recv(&mut notice).expect("a notice in time");
        String::from_utf8_lossy(&notice[..length]).into_owned()
    };
    assert_eq!(hear(), "READY=1\n");
    assert_eq!(hear(), "WATCHDOG=1\n");
    assert_eq!(hear(), "WATCHDOG=1\n");
    assert!(kiosk.terminate().success());
    while hear() != "STOPPING=1\n" {}
}

#[test]
fn hardware_that_is_not_there_is_said_once_and_a_tamper_switch_that_is_not_counts_as_an_opened_housing() {
    let office = Office::new();
    office.configure(|text| {
        let line = |name: &str| format!("{name} = {{ chip = \"/dev/gpiochip-none\", name = \"{name}\" }}\n");
        let lines = ["lamp", "backlight", "presence", "tamper", "service_key"].map(line).concat();
        format!("{text}[peripherals]\n{lines}tamper_flag = \"opened\"\n")
    });
    let opened = Page::OutOfService { cause: Cause::Tampered };
    let kiosk = office.start();
    office.screen().until(|view| view.page == opened);
    let log = office.log();
    for said in [
        "the lamp is not used: /dev/gpiochip-none line lamp: No such file",
        "the backlight is not used: ",
        "the presence sensor is not used: ",
        "the tamper switch is not used: ",
        "the service key is not used: ",
        "no buzzer is configured",
    ] {
        assert_eq!(log.matches(said).count(), 1, "{said}: {log}");
    }
    assert!(office.file("opened").exists(), "it is remembered");
    kiosk.kill();
    let kiosk = office.start();
    assert_eq!(office.screen().view().page, opened);
    assert!(kiosk.terminate().success());
    // That there is none is a choice, and said.
    office.configure(|text| text);
    let _kiosk = office.start();
    assert_eq!(office.screen().view().page, Page::Starting);
    assert!(office.log().contains("no tamper switch is configured"));
}

#[test]
fn it_leaves_no_core_and_its_memory_belongs_to_root() {
    let office = Office::new();
    let kiosk = office.start();
    let limits = fs::read_to_string(format!("/proc/{}/limits", kiosk.pid())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(5), Some("0"), "{core}");
    assert_eq!(fs::metadata(format!("/proc/{}/mem", kiosk.pid())).unwrap().uid(), 0);
}

#[test]
fn its_log_is_json_lines_with_the_states_it_goes_through() {
    let office = Office::new();
    office.start().kill();
    let kiosk = office.start();
    office.screen().view();
    assert!(kiosk.terminate().success());
    let log = office.log();
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.iter().any(|line| line["RECOVERY"] == "Restarted"), "{log}");
    assert!(lines.iter().all(|line| line["process"] == "kioskd" && line["ts"].is_string()), "{log}");
}

#[test]
fn the_program_has_no_way_to_connect_to_a_card() {
    let program = fs::read(env!("CARGO_BIN_EXE_kioskd")).unwrap();
    let program = String::from_utf8_lossy(&program);
    let names = |name: &str| program.contains(name);
    assert!(names("SCardGetStatusChange"), "the search finds what is there");
    for function in ["SCardConnect", "SCardTransmit", "SCardBeginTransaction", "C_GetFunctionList"] {
        assert!(!names(function), "{function}");
    }
}
