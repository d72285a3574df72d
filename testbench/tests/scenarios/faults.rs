//! Every fault of `faults.toml`: the right page for the right cause, and the next visitor served.

use std::collections::BTreeSet;

use testbench::{
    faults::Fault,
    portal::{PageName, What},
};

use super::stage::Stage;

macro_rules! faults {
    ($($test:ident: $name:literal)*) => {
        const COVERED: &[&str] = &[$($name),*];
        $(
            #[test]
            fn $test() {
                run($name);
            }
        )*
    };
}

faults! {
    wrong_captcha_is_asked_again: "wrong-captcha"
    a_slow_portal_is_waited_for: "slow"
    a_late_sms_is_waited_for: "late-sms"
    a_wrong_sms_code_is_asked_again: "wrong-sms"
    a_foreign_charset_is_read: "foreign-charset"
    a_label_glued_to_its_value_is_no_difference: "glued-line"
    an_answer_lost_after_submitting_is_asked_for_and_nothing_is_handed_in_twice: "drop-after-submit"
    a_position_that_is_not_eligible_is_told_so: "not-eligible"
    a_failing_web_service_is_named: "web-service-error"
    an_http_error_is_named: "http-500"
    a_dropped_connection_is_named: "connection-drop"
    an_expired_sms_code_is_named: "expired-sms"
    an_expired_verification_code_is_never_called_a_pin_fault: "expired-code"
    an_unknown_verification_code_is_never_called_a_pin_fault: "code-unknown"
    a_changed_form_stops_the_visit: "changed-form"
    an_unknown_page_stops_the_visit: "unknown-page"
    a_form_that_leads_to_another_host_stops_the_visit: "off-host"
    a_contract_that_differs_from_the_form_is_not_signed: "contract-differs"
    an_oversize_answer_is_named: "oversize"
    a_malformed_picture_is_named: "malformed"
    a_portal_with_an_untrusted_certificate_gets_nothing: "tls-untrusted"
    a_lost_portal_session_is_named: "session-lost"
    a_refused_signature_is_named: "signature-refused"
    a_word_the_online_pages_would_refuse_renews: "wrong-word"
    a_challenge_that_would_expire_renews: "expired-challenge"
    a_wrong_sms_code_of_an_unblocking_renews: "wrong-unblock-sms"
    an_expired_sms_code_of_an_unblocking_renews: "expired-unblock-sms"
    a_wrong_pin_is_asked_again: "wrong-pin"
    a_card_pulled_at_verify_and_put_back_goes_on: "pulled-at-verify"
    a_card_pulled_at_sign_and_put_back_goes_on: "pulled-at-sign"
    a_card_that_would_be_pulled_at_a_new_pin_renews: "pulled-at-replace"
    a_card_that_would_be_pulled_after_a_new_pin_renews: "pulled-after-replace"
    a_locked_pin_is_named: "locked"
    a_mute_card_is_named: "mute"
    an_expired_certificate_cannot_renew: "expired"
    a_certificate_that_is_not_valid_yet_cannot_renew: "not-yet-valid"
    a_seal_is_refused: "seal"
    an_unknown_card_is_named: "unknown-atr"
    the_last_try_is_asked_for_before_it_is_spent: "last-try"
    a_certificate_with_a_year_left_is_too_early: "too-early"
    a_certificate_that_is_not_qualified_is_refused: "not-qualified"
    a_certificate_that_does_not_parse_is_named: "malformed-certificate"
    a_card_without_a_certificate_is_named: "no-certificate"
    the_one_usable_certificate_of_two_renews: "two-certificates"
    a_document_that_would_be_missing_is_not_asked_for: "paper-missing"
    a_document_that_would_be_garbled_is_not_asked_for: "paper-garbled"
    a_document_that_would_be_too_large_is_not_asked_for: "paper-oversize"
    a_document_that_would_have_no_end_is_not_asked_for: "paper-endless"
    a_document_that_would_be_elsewhere_is_not_asked_for: "paper-off-host"
    a_printer_that_would_be_off_is_not_needed: "printer-off"
    a_printer_that_would_be_empty_is_not_needed: "printer-empty"
    a_printer_that_would_be_jammed_is_not_needed: "printer-jammed"
}

#[test]
fn every_fault_there_is_has_a_scenario() {
    let all: BTreeSet<&str> = Fault::all().map(Fault::name).collect();
    assert_eq!(all, COVERED.iter().copied().collect());
}

#[test]
fn a_card_put_back_while_signing_costs_no_new_captcha_and_no_new_sms() {
    let mut stage = Stage::set(&["--fault", "pulled-at-sign", "--then-healthy", "false"]);
    let events = stage.bench.portal.events();
    let report = stage.run();
    assert!(report.as_expected, "{:?}", report.deviations);
    let events: Vec<What> = events.try_iter().map(|event| event.what).collect();
    let count = |wanted: fn(&What) -> bool| events.iter().filter(|what| wanted(what)).count();
    assert_eq!(count(|what| matches!(what, What::Served { page: PageName::Captcha, .. })), 1);
    assert_eq!(count(|what| matches!(what, What::SmsSent)), 1);
    assert_eq!(count(|what| matches!(what, What::CodeIssued)), 1);
}

fn run(name: &str) {
    let mut stage = Stage::set(&["--fault", name]);
    let report = stage.run();
    assert!(report.as_expected, "{:?}\n{:#?}", report.deviations, report.pages);
    assert_eq!(report.faults_met, [name]);
    assert_eq!(report.next_visitor_served, Some(true));
}
