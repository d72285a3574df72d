//! Broken profiles are named by file, key, what was found and what is expected.

use std::path::Path;

use super::{Districts, Profile, ProfileError};
use crate::portal::FieldId;

const MEB: &str = include_str!("../../../profiles/meb.toml");

fn broken(from: &str, to: &str) -> String {
    assert!(MEB.contains(from), "{from} is in the profile");
    let text = MEB.replacen(from, to, 1);
    Profile::parse(Path::new("/etc/x/okul.toml"), &text).expect_err("a broken profile").to_string()
}

#[test]
fn the_profile_of_the_tree_loads_from_its_file() {
    let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/meb.toml"));
    let profile = Profile::load(file).expect("a good profile");
    assert_eq!(profile.address.path(), "/bp/meb.go");
    assert!(matches!(&profile.districts, Districts::Address { parameter, .. } if parameter == "il"));
    let fields: Vec<FieldId> = profile.contract().into_iter().map(|(_, field)| field).collect();
    assert_eq!((fields[0], fields[14]), (FieldId::GivenName, FieldId::Province));
    let missing = Profile::load(Path::new("/nonexistent/okul.toml"));
    assert!(matches!(missing, Err(ProfileError::Unreadable { .. })));
}

#[test]
fn an_error_names_the_file_the_key_what_was_found_and_what_is_expected() {
    for (from, to, named) in [
        ("name =", "nmae =", &["nmae", "unknown field"][..]),
        ("[pages.sms-send]", "[pages.sms-sent]", &["sms-sent"]),
        ("captcha = [", "capcha = [", &["capcha"]),
        ("buttons = [\"Giriş\"]", "buttons = \"Giriş\"", &["buttons", "sequence"]),
        ("says = [\"Yöntem 2\"]", "says = []", &["pages.method.says", "an empty list", "at least one text"]),
        (
            "code-expired = [\"Doğrulama",
            "code-expired = [\" \", \"Doğrulama",
            &["phrases.code-expired", "empty text"],
        ),
        ("address = \"https:", "address = \"http:", &["http://portal", "expected an https address"]),
        (
            "hosts = [\"portal.kamusm.gov.tr\",",
            "hosts = [\"baska.invalid\",",
            &["hosts", "baska.invalid", "the host of `address`"],
        ),
        (
            ", \"nesbireysel.kamusm.gov.tr\"]",
            "]",
            &["hosts", "portal.kamusm.gov.tr", "the host of `online.address`"],
        ),
        (
            "address = \"https://nesbireysel",
            "address = \"http://nesbireysel",
            &["http://nes", "expected an https address"],
        ),
        ("signature = \"imza\"", "signature = \"\"", &["online.challenge.signature", "an empty text"]),
        (
            "[online.login.fields]\ncaptcha = [\"Resimdeki Yazı\"",
            "[online.login.fields]\nunit = [\"Resimdeki Yazı\"",
            &["online.login.fields", "no Captcha", "its labels"],
        ),
        ("forgotten = [\"Güv", "forgotten = [\" \", \"Güv", &["online.forgotten", "an empty text"]),
        ("unblock = [\"Kilit Çözme\"]", "unblock = []", &["online.services.unblock", "an empty list"]),
        (
            "given-name = [\"Ad\",",
            "given-name = [\"SOYAD\",",
            &["pages.login.fields", "twice", "one field for a label"],
        ),
        ("picture = \"captcha\"", "", &["pages.login.picture", "nothing"]),
        (
            "optional = [\"registry-number\"",
            "optional = [\"captcha\"",
            &["pages.form.optional", "Captcha", "a field of this page"],
        ),
        ("[\"SOYAD\", \"surname\"]", "[\"AD\", \"surname\"]", &["contract", "\"AD\"", "once"]),
        ("by = \"address\"", "by = \"guess\"", &["guess"]),
        ("parameter = \"il\"", "parameter = \"\"", &["districts", "empty text"]),
    ] {
        let error = broken(from, to);
        for part in ["/etc/x/okul.toml"].iter().chain(named) {
            assert!(error.contains(part), "{part:?} is not in: {error}");
        }
    }
}

#[test]
fn an_institution_without_the_online_pages_has_none_and_its_hosts_need_not_be_known() {
    let (without, _) = MEB.split_once("[online]").expect("the last section");
    let profile = Profile::parse(Path::new("okul.toml"), without).expect("a good profile");
    assert!(profile.online.is_none());
    assert!(Profile::parse(Path::new("okul.toml"), MEB).expect("a good profile").online.is_some());
}

#[test]
fn a_line_of_the_contract_repeats_a_field_of_the_form() {
    let error = broken("[\"AD\", \"given-name\"]", "[\"AD\", \"captcha\"]");
    assert!(error.contains("contract") && error.contains("a field of the form"), "{error}");
}
