//! Broken configurations: named by file, key, finding and expectation, and told to the screen.

use std::{fs, process::Command};

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

#[test]
fn a_kiosk_that_is_not_set_up_has_the_screen_say_so() {
    let office = Office::new();
    office.configure(|text| text[text.find("[links]").unwrap()..].replace("[rules]\nidle_s = 60\n", ""));
    let (kiosk, _notices) = office.start_notifying(&[]);
    let view = office.screen().view();
    assert_eq!(view.page, Page::OutOfService { cause: Cause::NotSetUp });
    assert_eq!(kiosk.end().code(), Some(78));
}

#[test]
fn check_config_judges_a_signed_bundle_on_any_machine() {
    let office = Office::new();
    let repository = env!("CARGO_MANIFEST_DIR");
    let run = |script: &str, arguments: &[&str]| {
        let ran = Command::new(format!("{repository}/{script}"))
            .args(arguments)
            .current_dir(office.file(""))
            .status()
            .unwrap();
        assert!(ran.success(), "{script}");
    };
    let settings = "serial = 4\n[office]\nname = \"DENEME\"\nhelp_phone = \"1\"\nhelp_email = \"a\"\n\
                    [portal]\nprofile = \"meb.toml\"\nca_roots = [\"ca/roots.pem\"]\n";
    fs::create_dir_all(office.file("settings/ca")).unwrap();
    fs::copy(office.file("roots.pem"), office.file("settings/ca/roots.pem")).unwrap();
    fs::write(office.file("settings/office.toml"), settings).unwrap();
    run("image/ota/make-development-keys", &["keys"]);
    let make = ["settings", "keys/provision.pem", "keys/provision.key", "office.bundle"];
    run("scripts/make-provisioning", &make);

    let profiles = format!("{repository}/profiles");
    let check = |authority: &str| {
        let arguments = ["check-config", "office.bundle", "--ca", authority, "--profiles", &profiles];
        office.command(&arguments).env("TMPDIR", office.file("")).status().unwrap().code()
    };
    assert_eq!(check("keys/provision-ca.pem"), Some(0), "{}", office.log());
    assert!(office.log().contains("sound, for Milli Eğitim Bakanlığı, bundle 4"), "{}", office.log());
    assert_eq!(check("keys/update-ca.pem"), Some(78));
    assert!(office.log().contains("expected one that the provisioning authority issued"), "{}", office.log());
    fs::write(office.file("settings/office.toml"), settings.replace("meb.toml", "none.toml")).unwrap();
    run("scripts/make-provisioning", &make);
    assert_eq!(check("keys/provision-ca.pem"), Some(78));
    assert!(office.log().contains("portal.profile: found "), "{}", office.log());
    let left = fs::read_dir(office.file("")).unwrap().flatten();
    let left: Vec<_> =
        left.filter(|it| it.file_name().to_string_lossy().starts_with("kiosk-bundle-")).collect();
    assert!(left.is_empty(), "{left:?}");
}
