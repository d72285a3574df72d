//! OpenSC's own tools on the card, over T=1 and over T=0: list, log in, sign, lock, change the PIN.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use testbench::{
    card::{Event, Model},
    pcscd::READERS,
};

use super::bench::{Bench, PKI, errors, openssl_verifies};

/// Each named function is two tests.
macro_rules! over_both_protocols {
    ($($name:ident)*) => {
        mod t1 {
            $(#[test] fn $name() { super::$name(super::Model::V1_0); })*
        }
        mod t0 {
            $(#[test] fn $name() { super::$name(super::Model::V1_0OverT0); })*
        }
    };
}

over_both_protocols! {
    opensc_reads_the_certificates_as_they_were_issued
    a_signature_made_through_opensc_verifies_and_costs_one_verify
    three_wrong_pins_lock_the_card_for_the_right_one_too
    a_pin_changed_through_opensc_is_the_pin_from_then_on
    the_other_tool_lists_the_same_and_changes_the_pin_too
}

fn opensc_reads_the_certificates_as_they_were_issued(model: Model) {
    let bench = Bench::of(model);
    let read = |id: &str| {
        let output = bench.pkcs11(&["--read-object", "--type", "cert", "--id", id, "--output-file", "read"]);
        assert!(output.status.success(), "{}", errors(&output));
        std::fs::read(bench.path("read")).unwrap()
    };
    let holder = eimza_kiosk::card::certificate::Certificate::parse(&read("45")).unwrap();
    assert_eq!(holder.holder().expose(), bench.visitor.full_name());
    assert_eq!(read("46"), PKI.issuer_der());
    let listed = errors(&bench.pkcs11(&["--list-slots"]));
    assert!(listed.contains("AKIS NES") && listed.contains(READERS[0]), "{listed}");
    assert_eq!(bench.card.counters().verifies, 0);
}

fn a_signature_made_through_opensc_verifies_and_costs_one_verify(model: Model) {
    let bench = Bench::of(model);
    let output = bench.sign(&bench.visitor.pin);
    assert!(output.status.success(), "{}", errors(&output));
    assert!(
        bench
            .pkcs11(&["--read-object", "--type", "cert", "--id", "45", "--output-file", "der"])
            .status
            .success()
    );
    let certificate = std::fs::read(bench.path("der")).unwrap();
    assert!(openssl_verifies(bench.folder.path(), &certificate));
    assert_eq!((bench.card.counters().verifies, bench.card.counters().signatures), (1, 1));
    let events = bench.pcscd.slot(0).events();
    let last_named = |name: &str| {
        events.iter().rposition(|event| matches!(event, Event::Answered { command, .. } if *command == name))
    };
    assert!(last_named("LOGOUT") > last_named("PERFORM SECURITY OPERATION"));
    std::fs::write(bench.path("text"), "another text").unwrap();
    assert!(!openssl_verifies(bench.folder.path(), &certificate));
}

fn three_wrong_pins_lock_the_card_for_the_right_one_too(model: Model) {
    let bench = Bench::of(model);
    for left in [2, 1, 0] {
        let output = bench.sign(&bench.wrong_pin());
        let expected = if left == 0 { "CKR_PIN_LOCKED" } else { "CKR_PIN_INCORRECT" };
        assert!(errors(&output).contains(expected), "{}", errors(&output));
        assert_eq!(bench.card.tries(), left);
    }
    let output = bench.sign(&bench.visitor.pin);
    assert!(errors(&output).contains("CKR_PIN_LOCKED"), "{}", errors(&output));
    assert_eq!(bench.card.counters().signatures, 0);
}

fn a_pin_changed_through_opensc_is_the_pin_from_then_on(model: Model) {
    let bench = Bench::of(model);
    let output =
        bench.pkcs11(&["--login", "--pin", &bench.visitor.pin, "--change-pin", "--new-pin", "481526"]);
    assert!(output.status.success(), "{}", errors(&output));
    assert!(errors(&bench.sign(&bench.visitor.pin)).contains("CKR_PIN_INCORRECT"));
    let output = bench.sign("481526");
    assert!(output.status.success(), "{}", errors(&output));
}

fn the_other_tool_lists_the_same_and_changes_the_pin_too(model: Model) {
    let bench = Bench::of(model);
    let listed = errors(&bench.pkcs15(&["--list-certificates", "--list-keys", "--list-pins"]));
    for wanted in ["X.509 Certificate", "Private RSA Key", "PIN [PIN]", "Reference      : 128"] {
        assert!(listed.contains(wanted), "{wanted}: {listed}");
    }
    let change = |old: &str| bench.pkcs15(&["--change-pin", "--pin", old, "--new-pin", "481526"]);
    assert!(!change(&bench.wrong_pin()).status.success());
    assert_eq!(bench.card.tries(), 2);
    let changed = change(&bench.visitor.pin);
    assert!(changed.status.success(), "{}", errors(&changed));
    let output = bench.sign("481526");
    assert!(output.status.success(), "{}", errors(&output));
}
