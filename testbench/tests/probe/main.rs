//! `kiosk-token probe` as staff and scripts see it: every kind of card, no PIN, nothing personal, nothing spent.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod bench;

use std::{ffi::CString, fs, time::Duration};

use bench::{Bench, bench};
use pcsc::{Context, Protocols, Scope, ShareMode};
use serde_json::Value;
use testbench::{
    card::{ATR_AKIS_1_1, ATR_UNKNOWN, Card, Model, Quirk, Reset, Timing, fault::CardFault},
    opensc,
    pcscd::READERS,
};

fn card_of(report: &Value) -> &Value {
    &report["readers"][0]["card"]
}

#[test]
fn a_card_that_can_renew_is_told_with_its_model_and_whose_it_is_by_initials() {
    for (model, name, protocol, config) in [
        (Model::V1_0, "AKİS v1.0", "T=1", ""),
        (Model::V1_0OverT0, "AKİS v1.0", "T=0", ""),
        (Model::V2, "AKİS v2", "T=1", "[token]\nbackend = 'akis'\n"),
    ] {
        let mut bench = bench();
        let card = bench.card(model, None);
        bench.insert(&card);
        let config = bench.config(config);
        let (code, report) = bench.json(&["--config", &config]);
        assert_eq!((code, &report["verdict"]), (0, &"ready".into()), "{report:#}");
        let seen = card_of(&report);
        assert_eq!(report["readers"][0]["name"], READERS[0]);
        assert_eq!(
            (&seen["model"], &seen["protocol"], &seen["backend"]),
            (&name.into(), &protocol.into(), &"akis".into())
        );
        assert_eq!((&seen["tries"], &seen["pin"]), (&"not-allowed".into(), &"as-known".into()));
        let certificate = &seen["certificates"][0];
        let id = &bench.visitor.national_id;
        assert_eq!(certificate["national_id"], format!("*********{}", &id[9..]));
        let initial = bench.visitor.given_name.chars().next().unwrap();
        assert!(certificate["holder"].as_str().unwrap().starts_with(&format!("{initial}***")));
        assert_eq!((&certificate["qualified"], &certificate["renewable"]), (&true.into(), &true.into()));

        let said = bench.probe(&["--config", &config]);
        assert_eq!(said.code, 0);
        for wanted in [name, protocol, "qualified: yes", "renewal: yes", "the kiosk's own driver", "(0)"] {
            assert!(said.text.contains(wanted), "{wanted}: {}", said.text);
        }
        bench.require_only_reading();
        assert_eq!((card.counters().verifies, card.tries()), (0, 3));
    }
}

fn expect(bench: &Bench, what: &str, card: &Card, code: i32, verdict: &str) {
    let tries = card.tries();
    bench.insert(card);
    let (found, report) = bench.json(&["--config", "/dev/null"]);
    assert_eq!((found, &report["verdict"]), (code, &verdict.into()), "{what}: {report:#}");
    bench.require_only_reading();
    assert_eq!((card.counters().verifies, card.tries()), (0, tries), "{what}");
    bench.remove();
}

#[test]
fn a_script_can_tell_every_kind_of_card_by_the_exit_status() {
    let bench = bench();
    for (fault, code, verdict) in [
        (CardFault::Locked, 0, "ready"),
        (CardFault::LastTry, 0, "ready"),
        (CardFault::TwoCertificates, 0, "ready"),
        (CardFault::Mute, 13, "mute"),
        (CardFault::UnknownAtr, 14, "unknown"),
        (CardFault::Expired, 19, "not-now"),
        (CardFault::NotYetValid, 19, "not-now"),
        (CardFault::TooEarly, 19, "not-now"),
        (CardFault::Seal, 18, "not-qualified"),
        (CardFault::NotQualified, 18, "not-qualified"),
        (CardFault::Malformed, 18, "not-qualified"),
        (CardFault::NoCertificate, 18, "not-qualified"),
    ] {
        expect(&bench, fault.name(), &bench.card(Model::V1_0, Some(fault)), code, verdict);
    }
    // Nobody has seen one: the driver takes it only where the office says so.
    expect(&bench, "v2", &bench.card(Model::V2, None), 14, "unknown");
    let secure = || bench.card(Model::V1_0, None).with(Quirk::SecureMessaging);
    let by_atr = secure().answering(Reset::Atr(ATR_AKIS_1_1.to_vec()));
    expect(&bench, "secure messaging by answer to reset", &by_atr, 15, "secure-messaging");
    expect(&bench, "secure messaging by status word", &secure(), 15, "secure-messaging");
    // What the signer refuses before it sends a PIN is refused here.
    let otherwise = bench.card(Model::V1_0, None).with(Quirk::PinCalledOtherwise);
    expect(&bench, "a PIN of another name", &otherwise, 14, "unknown");
    expect(&bench, "no directory", &bench.card(Model::V1_0, None).with(Quirk::NoDirectory), 0, "ready");
}

#[test]
fn an_empty_slot_and_a_missing_service_are_told_apart() {
    let mut bench = bench();
    let (code, report) = bench.json(&["--config", "/dev/null"]);
    assert_eq!((code, report["readers"].as_array().unwrap().len()), (12, 2), "{report:#}");
    bench.pcscd.stop();
    let (code, report) = bench.json(&["--config", "/dev/null"]);
    assert_eq!((code, report["readers"].as_array().unwrap().len()), (10, 0), "{report:#}");
    assert!(report["service_fault"].is_string());
}

#[test]
fn a_card_another_program_holds_is_told_as_held() {
    let mut bench = bench();
    bench.insert(&bench.card(Model::V1_0, None));
    let context = Context::establish(Scope::User).unwrap();
    let reader = CString::new(READERS[0]).unwrap();
    let held = context.connect(&reader, ShareMode::Exclusive, Protocols::ANY).unwrap();
    assert_eq!(bench.json(&["--config", "/dev/null"]).0, 16);
    drop(held);
    // In a transaction it looks free, and never becomes so.
    let mut shared = context.connect(&reader, ShareMode::Shared, Protocols::ANY).unwrap();
    let transaction = shared.transaction().unwrap();
    let config = bench.config("[token]\ncall_deadline_ms = 1000\n");
    let said = bench.probe(&["--config", &config]);
    assert_eq!(said.code, 16, "{}", said.errors);
    drop(transaction);
}

#[test]
fn a_card_that_does_not_come_back_ends_it() {
    let mut bench = bench();
    bench.insert(&bench.card(Model::V1_0, None));
    bench.pcscd.slot(0).set_timing(Timing { command: Duration::from_secs(4), ..Timing::NONE });
    let config = bench.config("[token]\ncall_deadline_ms = 1000\n");
    let said = bench.probe(&["--config", &config]);
    assert_eq!((said.code, said.text.as_str()), (3, ""));
    assert!(said.errors.contains("does not come back"), "{}", said.errors);
}

#[test]
fn what_is_asked_wrongly_is_refused_before_any_card_is_looked_at() {
    let mut bench = bench();
    bench.insert(&bench.card(Model::V1_0, None));
    let broken = bench.config("[token]\nmodul = 'm.so'\n");
    let there_already = bench.config("");
    for (arguments, words) in [
        (&["--pin", "1"][..], "usage: kiosk-token probe"),
        (&["--config", "/nowhere.toml"], "cannot be read"),
        (&["--config", &broken], "line 2: token.modul"),
        (&["--config", "/dev/null", "--trace", &there_already], "--trace"),
    ] {
        let said = bench.probe(arguments);
        assert_eq!((said.code, said.text.as_str()), (2, ""), "{arguments:?}");
        assert!(said.errors.contains(words), "{arguments:?}: {}", said.errors);
    }
    assert!(bench.commands().is_empty());
}

#[test]
fn where_a_module_is_configured_its_version_is_told_and_what_it_sees() {
    let mut bench = bench();
    bench.insert(&bench.card(Model::V1_0, None));
    let module = opensc::module().unwrap();
    let pkcs11 = format!("[token]\nbackend = 'pkcs11'\nmodule = '{}'\n", module.display());
    let pkcs11 = bench.config(&pkcs11);
    let (code, report) = bench.json(&["--config", &pkcs11]);
    assert_eq!(code, 0, "{report:#}");
    assert!(report["module"]["version"].as_str().unwrap().contains("OpenSC"), "{report:#}");
    assert_eq!(
        (&card_of(&report)["backend"], &card_of(&report)["read_as"]),
        (&"pkcs11".into(), &Value::Null)
    );
    // OpenSC reads the card for itself; it spends nothing either.
    assert!(!bench.commands().contains(&"VERIFY"));

    let none = bench.config("[token]\nmodule = 'nowhere.so'\n");
    let (code, report) = bench.json(&["--config", &none]);
    assert_eq!(code, 20, "{report:#}");
    assert_eq!(card_of(&report)["backend"], "akis", "the card is told all the same");
}

#[test]
fn a_trace_tells_how_a_card_was_read_and_nothing_of_what_is_on_it() {
    for model in [Model::V1_0, Model::V1_0OverT0, Model::V2] {
        let mut bench = bench();
        let card = bench.card(model, None);
        bench.insert(&card);
        let (_, report, trace) = bench.traced(&["--config", "/dev/null"]);
        assert_eq!(card_of(&report)["certificates"].as_array().unwrap().len(), 1, "{report:#}");
        bench.require_only_reading();
        for wanted in [
            "answer to reset 3B",
            "read as AKİS",
            "> 00A4",
            "> 00B00000",
            "> 00CA0106",
            "< [77 bytes] 9000",
            "6F",
            "0C[",
            // The PIN's reference, in the directory of PINs.
            if model == Model::V2 { "80=01" } else { "80=0080" },
        ] {
            assert!(trace.contains(wanted), "{model:?} {wanted}: {trace}");
        }
        if model == Model::V1_0OverT0 {
            assert!(trace.contains("> 00C00000") && trace.contains("<  61"), "{trace}");
        }
        // Of an answer to READ BINARY there is a length and a status word: no line is as long as what was read.
        assert!(trace.lines().all(|line| !line.starts_with("< 30")), "{trace}");
        let longest = trace.lines().filter(|line| line.starts_with('<')).map(str::len).max().unwrap();
        assert!(longest < 80, "{trace}");
    }
}

#[test]
fn a_card_nobody_knows_is_read_in_every_dialect_where_it_is_traced_and_spends_nothing() {
    let mut bench = bench();
    for (card, code) in [
        (bench.card(Model::V1_0, None).answering(Reset::Atr(ATR_UNKNOWN.to_vec())), 14),
        (bench.card(Model::V2, None).answering(Reset::Atr(ATR_UNKNOWN.to_vec())), 14),
        (bench.card(Model::V1_0, None).answering(Reset::Atr(ATR_AKIS_1_1.to_vec())), 15),
        (bench.card(Model::V2, None).with(Quirk::SecureMessaging), 14),
    ] {
        bench.insert(&card);
        let (found, report, trace) = bench.traced(&["--config", "/dev/null"]);
        assert_eq!(found, code, "to be read is not to be supported: {report:#}");
        assert!(trace.contains("read as AKİS"), "{trace}");
        bench.require_only_reading();
        assert_eq!((card.counters().verifies, card.tries()), (0, 3));
        bench.remove();
    }
}

#[test]
fn with_a_trace_no_module_comes_near_the_card() {
    let mut bench = bench();
    bench.insert(&bench.card(Model::V1_0, None));
    let module = opensc::module().unwrap();
    let config = bench.config(&format!("[token]\nbackend = 'pkcs11'\nmodule = '{}'\n", module.display()));
    let (code, report, _) = bench.traced(&["--config", &config]);
    assert_eq!((code, &report["module"]["asked"]), (0, &false.into()), "{report:#}");
    bench.require_only_reading();
    let text = bench.file();
    let said = bench.probe(&["--config", &config, "--trace", text.to_str().unwrap()]);
    assert!(said.text.contains("not loaded: it would speak to the card"), "{}", said.text);
    assert!(fs::read_to_string(text).unwrap().contains("> 00A4"));
}
