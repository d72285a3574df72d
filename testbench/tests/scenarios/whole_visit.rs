//! From card to receipt.

use testbench::demo::{bench::PROCESSES, remains, verdict::verified};

use super::stage::{Stage, pages};

#[test]
fn a_pin_typed_on_the_readers_keys_hands_the_application_in_and_a_wrong_one_is_asked_for_anew() {
    for faults in [&[][..], &["--fault", "wrong-pin"]] {
        let mut stage = Stage::set_as(faults, |plan| {
            plan.pin_pad = true;
            plan.rules.push(("signer_s", 60));
        });
        let report = stage.run();
        assert!(report.as_expected, "{:?}", report.deviations);
        let asked = stage.bench.pcscd.keys().expect("keys").asked().len();
        // After a fault another visitor comes.
        assert_eq!(asked, if faults.is_empty() { 1 } else { 2 + 1 });
    }
}

#[test]
fn a_renewal_from_card_to_receipt_leaves_a_signature_that_openssl_accepts() {
    let mut stage = Stage::set(&[]);
    let report = stage.run();
    assert!(report.as_expected, "{:?}", report.deviations);
    let out = stage.out.path();
    for number in ["", "-2"] {
        let text = std::fs::read(out.join(format!("contract{number}.txt"))).expect("the bytes shown");
        assert!(!text.is_empty());
        assert_eq!(verified(out, number).expect("accepted"), text, "text {number}");
    }
    assert_eq!(
        pages(&report.pages),
        [
            "attract",
            "eligibility",
            "notice",
            "login",
            "form",
            "review",
            "sms-send",
            "sms-code",
            "method",
            "contract",
            "pin",
            "signing",
            "result",
            "take-card",
            "thank-you",
            "attract"
        ]
    );
    for seen in &report.pages {
        let picture = std::fs::read(out.join(&seen.picture)).expect("a picture of each page");
        assert!(picture.starts_with(b"\x89PNG"), "{}", seen.picture.display());
    }
}

#[test]
fn an_altered_application_is_not_accepted() {
    let mut stage = Stage::set(&[]);
    assert!(stage.run().as_expected);
    let out = stage.out.path();
    let file = out.join("application.p7s");
    let mut der = std::fs::read(&file).expect("an application");
    let text = std::fs::read(out.join("contract.txt")).expect("its text");
    let at = der.windows(text.len()).position(|window| window == text).expect("the text is attached");
    der[at] ^= 1;
    std::fs::write(&file, der).expect("writable");
    assert!(verified(out, "").is_err(), "the check above could not fail");
}

#[test]
fn an_english_visit_is_as_good_as_a_turkish_one() {
    let mut stage = Stage::set(&["--lang", "en"]);
    let report = stage.run();
    assert!(report.as_expected, "{:?}", report.deviations);
}

#[test]
fn the_second_institution_is_served_by_its_profile_alone() {
    let mut stage = Stage::set(&["--institution", "saglik"]);
    let report = stage.run();
    assert!(report.as_expected, "{:?}", report.deviations);
    let out = stage.out.path();
    assert_eq!(
        verified(out, "").expect("accepted"),
        std::fs::read(out.join("contract.txt")).expect("the bytes shown")
    );
}

#[test]
fn no_value_of_the_visitor_is_in_any_log() {
    let mut stage = Stage::set(&["--fault", "wrong-pin"]);
    let report = stage.run();
    assert!(report.as_expected, "{:?}", report.deviations);
    let logs = stage.out.path().join("logs");
    let written = std::fs::read_to_string(stage.out.path().join("visitor.json")).expect("visitor.json");
    let values: std::collections::BTreeMap<String, String> = serde_json::from_str(&written).expect("values");
    let values: Vec<(&str, &str)> =
        values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(remains::in_logs(&logs, &values).expect("readable"), []);
    let codes = stage.bench.portal.outbox().list();
    let codes: Vec<(&str, &str)> = codes.iter().map(|sms| ("SMS code", sms.code.as_str())).collect();
    assert!(!codes.is_empty());
    assert_eq!(remains::in_logs(&logs, &codes).expect("readable"), []);
    for name in PROCESSES {
        let log = std::fs::read_to_string(logs.join(name).with_extension("log")).expect("a log");
        // A verification code has 15 digits, an APDU's shortest interesting part 8 bytes in hexadecimal.
        let runs = |kind: fn(char) -> bool| {
            log.split(move |letter| !kind(letter)).map(str::len).max().unwrap_or_default()
        };
        assert!(runs(|letter| letter.is_ascii_digit()) < 11, "{name} logs a long number");
        assert!(runs(|letter| letter.is_ascii_hexdigit()) < 16, "{name} logs bytes");
        assert!(!log.contains("</") && !log.contains("&nbsp;"), "{name} logs a page");
    }
    let counted = std::fs::read_to_string(logs.join("kiosk.prom")).expect("counters");
    assert!(counted.contains("eimza_kiosk_visits_total{outcome=\"received\"} 2\n"), "{counted}");
    let longest = counted.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max();
    assert!(longest < Some(7), "a long number is counted: {counted}");
    // The logs do tell the visit, so there was something to search.
    let told = std::fs::read_to_string(logs.join("kioskd.log")).expect("a log");
    assert!(told.contains("result"), "{told}");
}
