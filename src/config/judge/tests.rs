use std::{fs, path::PathBuf};

use tempfile::TempDir;

use super::{Config, ConfigError};
use crate::config::{Backend, Salvaged};

const SOUND: &str = r#"
[office]
name = "DENEME İlçe Müdürlüğü"
help_phone = "444 0 000"
help_email = "yardim@example.invalid"
[portal]
profile = "profile.toml"
ca_roots = ["roots.pem"]
[links]
screen = "screen.sock"
signer = "signer.sock"
pin = "pin.sock"
submission_flag = "flag"
[token]
module = "module.so"
[rules]
idle_s = 60
[peripherals]
lamp = { chip = "/dev/gpiochip0", offset = 4 }
"#;

fn written(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kiosk.toml");
    fs::write(&file, text).unwrap();
    (folder, file)
}

/// Loads the sound file with one place changed; the fault's text without the file's folder.
pub(in crate::config) fn fault(from: &str, to: &str) -> String {
    assert!(SOUND.contains(from), "{from}");
    let (folder, file) = written(&SOUND.replacen(from, to, 1));
    let text = Config::load(&file).expect_err(to).to_string();
    text.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn a_sound_file_is_read_with_paths_beside_it() {
    let (folder, file) = written(SOUND);
    let config = Config::load(&file).unwrap();
    assert_eq!(config.links.screen, folder.path().join("screen.sock"));
    assert_eq!(config.portal.ca_roots, [folder.path().join("roots.pem")]);
    assert_eq!(config.rules.still_there_s, 20);
}

#[test]
fn a_file_behind_a_link_has_its_paths_beside_itself() {
    let (folder, file) = written(SOUND);
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("kiosk.toml");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let config = Config::load(&link).unwrap();
    assert_eq!(config.portal.ca_roots, [folder.path().canonicalize().unwrap().join("roots.pem")]);
}

#[test]
fn a_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.toml");
    let error = Config::load(&file).unwrap_err();
    assert!(matches!(error, ConfigError::Unreadable { .. }));
    assert!(error.to_string().starts_with(&format!("{}: cannot be read: ", file.display())), "{error}");
}

#[test]
fn an_unknown_key_is_named_with_the_known_ones_even_in_a_nested_table() {
    let text = fault("idle_s = 60", "idel_s = 60");
    assert!(
        text.starts_with("kiosk.toml: line 17: rules.idel_s: unknown field `idel_s`, expected"),
        "{text}"
    );
    let text = fault("offset = 4 }", "offset = 4, colour = 1 }");
    assert!(text.starts_with("kiosk.toml: line 19: peripherals.lamp: unknown field `colour`"), "{text}");
    let text = fault("[rules]", "[ruels]");
    assert!(text.contains("unknown field `ruels`"), "{text}");
    let text = fault("[portal]", "defaults = { shoe-size = \"44\" }\n[portal]");
    assert!(text.contains("office.defaults: unknown variant `shoe-size`"), "{text}");
}

#[test]
fn a_wrong_type_is_named_with_what_was_found_and_expected() {
    assert_eq!(
        fault("idle_s = 60", "idle_s = \"sixty\""),
        "kiosk.toml: line 17: rules.idle_s: invalid type: string \"sixty\", expected u64"
    );
}

#[test]
fn a_missing_key_is_named_with_its_table() {
    let text = fault("screen = \"screen.sock\"\n", "");
    assert!(text.contains("links: missing field `screen`"), "{text}");
}

#[test]
fn what_is_no_toml_is_named_by_its_line() {
    let text = fault("idle_s = 60", "idle_s 60");
    assert!(text.starts_with("kiosk.toml: line 17: rules"), "{text}");
}

#[test]
fn a_value_out_of_range_is_named_with_the_range() {
    for (from, to, expected) in [
        ("idle_s = 60", "idle_s = 1", "rules.idle_s: found 1, expected seconds from 5 to 600"),
        (
            "idle_s = 60",
            "renewal_window_days = 0",
            "rules.renewal_window_days: found 0, expected days from 1",
        ),
        ("name = \"DENEME İlçe Müdürlüğü\"", "name = \" \"", "office.name: found \" \", expected 1 to 60"),
        ("[\"roots.pem\"]", "[]", "portal.ca_roots: found an empty list, expected at least one PEM file"),
        ("pin = \"pin.sock\"", "pin = \"signer.sock\"", "links: found the same path twice, expected diff"),
        (
            "[links]",
            "address = \"http://a.invalid\"\n[links]",
            "portal.address: found \"http://a.invalid\", exp",
        ),
        ("[links]", "proxy = \"ftp://a.invalid\"\n[links]", "portal.proxy: found an address of another kind"),
        (
            "[token]",
            "[screen]\nsize = \"wide\"\n[token]",
            "screen.size: found \"wide\", expected WIDTHxHEIGHT",
        ),
    ] {
        let text = fault(from, to);
        assert!(text.starts_with(&format!("kiosk.toml: {expected}")), "{text}");
    }
    let long = format!("screen = \"{}\"", "s".repeat(120));
    assert!(fault("screen = \"screen.sock\"", &long).contains("links.screen: found a path of "));
}

#[test]
fn an_address_of_ones_own_needs_its_router_and_both_are_of_one_kind() {
    let network = |lines: &str| fault("idle_s = 60", &format!("idle_s = 60\n[network]\n{lines}"));
    for (lines, expected) in [
        ("address = '10.0.0.5'", "network.address: found \"10.0.0.5\", expected an address with the length"),
        ("address = '10.0.0.5/33'\ngateway = '10.0.0.1'", "network.address: found"),
        ("address = '10.0.0.5/24'", "network.gateway: found nothing, expected the router"),
        ("gateway = '10.0.0.1'", "network.gateway: found a router for DHCP"),
        (
            "address = '10.0.0.5/24'\ngateway = 'fd00::1'",
            "network.gateway: found fd00::1, expected an address of",
        ),
    ] {
        let text = network(lines);
        assert!(text.starts_with(&format!("kiosk.toml: {expected}")), "{text}");
    }
    let text = network("printer = ['printer']");
    assert!(text.contains("network.printer: found \"printer\", expected host:port"), "{text}");
}

#[test]
fn a_module_is_wanted_only_where_one_is_used() {
    assert_eq!(
        fault("module = \"module.so\"", "backend = \"pkcs11\""),
        "kiosk.toml: token.module: found nothing, expected the path of a PKCS#11 module, or another backend"
    );
    for (backend, module) in [("auto", None), ("akis", None), ("pkcs11", Some("module.so"))] {
        let named = module.map_or(String::new(), |module| format!("\nmodule = \"{module}\""));
        let text = SOUND.replace("module = \"module.so\"", &format!("backend = \"{backend}\"{named}"));
        let (folder, file) = written(&text);
        let token = Config::load(&file).unwrap().token;
        assert_eq!(token.module, module.map(|module| folder.path().join(module)), "{backend}");
    }
    let (_folder, file) = written(SOUND);
    assert_eq!(Config::load(&file).unwrap().token.backend, Backend::Auto);
    let text = fault("module = \"module.so\"", "backend = \"ccid\"");
    assert!(text.contains("token.backend: unknown variant `ccid`"), "{text}");
}

#[test]
fn a_profile_or_root_that_is_not_there_is_named() {
    let (folder, file) = written(SOUND);
    let config = Config::load(&file).unwrap();
    let text = || config.judge_files(&file).unwrap_err().to_string();
    assert!(text().contains("portal.profile: found ") && text().contains("profile.toml"), "{}", text());
    fs::write(folder.path().join("profile.toml"), "").unwrap();
    assert!(text().contains("portal.ca_roots: found ") && text().contains("roots.pem"), "{}", text());
    fs::write(folder.path().join("roots.pem"), "none").unwrap();
    assert!(text().contains("roots.pem without a certificate"), "{}", text());
    fs::write(folder.path().join("roots.pem"), "-----BEGIN CERTIFICATE-----").unwrap();
    config.judge_files(&file).unwrap();
}

#[test]
fn links_and_office_of_a_broken_file_can_be_used_to_tell_the_screen() {
    let (folder, file) = written(&SOUND.replace("idle_s = 60", "idle_s = 1"));
    assert!(Config::load(&file).is_err());
    let salvaged = Salvaged::from(&file);
    assert_eq!(salvaged.links.unwrap().screen, folder.path().join("screen.sock"));
    assert_eq!(salvaged.office.unwrap().help_phone, "444 0 000");
    let none = Salvaged::from(&folder.path().join("none.toml"));
    assert!(none.links.is_none() && none.office.is_none());
}
