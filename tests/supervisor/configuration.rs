//! Broken configurations: named by file, key, finding and expectation, and told to the screen.

use std::fs;

use eimza_kiosk::{link::view::Page, session::fault::Cause};

use crate::harness::Office;

/// Breaks the configuration, starts on it and shows the screen; what was logged.
fn refused(change: impl FnOnce(String) -> String) -> String {
    let office = Office::new();
    office.configure(change);
    let (kiosk, _notices) = office.start_notifying(&[]);
    let mut screen = office.screen();
    let view = screen.view();
    assert_eq!(view.page, Page::OutOfService { cause: Cause::Configuration });
    assert_eq!(view.frame.office, "DENEME Ofisi");
    assert_eq!(view.frame.help.phone, "444 0 000");
    assert_eq!(kiosk.end().code(), Some(78));
    assert!(office.marks().is_empty());
    office.log()
}

#[test]
fn a_value_out_of_range_puts_the_kiosk_out_of_service() {
    let log = refused(|text| text.replace("idle_s = 60", "idle_s = 1"));
    assert!(log.contains("kiosk.toml: rules.idle_s: found 1, expected seconds from 5 to 600"), "{log}");
}

#[test]
fn an_unknown_key_puts_the_kiosk_out_of_service() {
    let log = refused(|text| text.replace("idle_s = 60", "idel_s = 60"));
    assert!(log.contains("rules.idel_s: unknown field `idel_s`, expected one of"), "{log}");
}

#[test]
fn a_profile_that_is_not_there_puts_the_kiosk_out_of_service() {
    let log = refused(|text| text.replace("profiles/meb.toml", "profiles/none.toml"));
    assert!(log.contains("portal.profile: found ") && log.contains("profiles/none.toml"), "{log}");
}

#[test]
fn a_broken_profile_puts_the_kiosk_out_of_service() {
    let profile = tempfile::NamedTempFile::new().unwrap();
    fs::write(&profile, "name = 1\n").unwrap();
    let meb = format!("{}/profiles/meb.toml", env!("CARGO_MANIFEST_DIR"));
    let log = refused(|text| text.replace(&meb, &profile.path().display().to_string()));
    assert!(log.contains(&profile.path().display().to_string()), "{log}");
}

#[test]
fn a_file_that_is_not_there_ends_the_process_with_its_name() {
    let office = Office::new();
    let status = office.command(&["--config", "none.toml"]).status().unwrap();
    assert_eq!(status.code(), Some(78));
    assert!(office.log().contains("none.toml: cannot be read"), "{}", office.log());
}

#[test]
fn a_level_of_the_log_that_is_none_is_named() {
    let office = Office::new();
    let status = office.command(&["--config", "kiosk.toml"]).env("KIOSK_LOG", "loud").status().unwrap();
    assert_eq!(status.code(), Some(78));
    assert!(
        office.log().contains("KIOSK_LOG: found \"loud\", expected off, error, warn"),
        "{}",
        office.log()
    );
}

#[test]
fn check_config_judges_a_configuration_on_any_machine() {
    let office = Office::new();
    let status = office.command(&["check-config", "kiosk.toml"]).status().unwrap();
    assert!(status.success(), "{}", office.log());
    assert!(office.log().contains("kiosk.toml: sound, for Milli Eğitim Bakanlığı"), "{}", office.log());
    assert!(!office.file("screen").exists(), "it binds nothing");

    office.configure(|text| text.replace("roots.pem", "none.pem"));
    let status = office.command(&["check-config", "kiosk.toml"]).status().unwrap();
    assert_eq!(status.code(), Some(78));
    assert!(office.log().contains("portal.ca_roots: found "), "{}", office.log());
}
