//! Each named fault strikes where it says, and only there.

use std::time::Duration;

use super::{
    browser::{Browser, NATIONAL_ID, code, credential, sign, simulator},
    visit::{choose_electronic, fill_in, log_in, reload_signing_page, to_the_code, type_code},
};
use crate::{
    pki::{KeyKind, Variant},
    portal::{Fault, Institution, Simulator},
};

async fn opened(faults: &[Fault]) -> (Simulator, Browser) {
    let simulator = simulator(faults);
    let mut browser = Browser::new(&simulator, Institution::Meb);
    browser.open().await.unwrap();
    (simulator, browser)
}

async fn logged_in(faults: &[Fault]) -> (Simulator, Browser) {
    let (simulator, mut browser) = opened(faults).await;
    log_in(&mut browser, &simulator).await.unwrap();
    (simulator, browser)
}

async fn awaiting_the_sms_code(faults: &[Fault]) -> (Simulator, Browser) {
    let (simulator, mut browser) = logged_in(faults).await;
    fill_in(&mut browser, &[]).await.unwrap();
    browser.post(&[]).await.unwrap();
    (simulator, browser)
}

async fn sms(simulator: &Simulator, index: usize) -> String {
    simulator.outbox().wait_for(index, Duration::from_secs(5)).unwrap().code
}

#[tokio::test]
async fn wrong_captcha_strikes_the_first_answer_and_no_other() {
    let (simulator, mut browser) = logged_in(&[Fault::WrongCaptcha]).await;
    assert!(browser.says("Resimdeki yazıyı hatalı girdiniz"));
    log_in(&mut browser, &simulator).await.unwrap();
    assert!(browser.says("Form Onayla"));
}

#[tokio::test]
async fn the_portals_own_refusals_are_said_in_the_guides_words() {
    let (_simulator, browser) = logged_in(&[Fault::NotEligible]).await;
    assert!(browser.says("Kadronuz e-imza için uygun değildir"));
    let (_simulator, browser) = logged_in(&[Fault::WebServiceError]).await;
    assert!(browser.says("Web servis hatası"));
}

#[tokio::test]
async fn the_form_is_answered_with_500_or_with_a_cut_connection() {
    let (_simulator, mut browser) = logged_in(&[Fault::Http500]).await;
    let error = fill_in(&mut browser, &[]).await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(500));

    let (_simulator, mut browser) = logged_in(&[Fault::ConnectionDrop]).await;
    let error = fill_in(&mut browser, &[]).await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
}

#[tokio::test]
async fn a_late_sms_arrives_after_the_page_that_asks_for_it() {
    let (simulator, mut browser) = awaiting_the_sms_code(&[Fault::LateSms]).await;
    assert!(browser.says("SMS Doğrulama Kodu"));
    let code = sms(&simulator, 0).await;
    type_code(&mut browser, &code).await.unwrap();
    assert!(browser.says("Yöntem 2"));
}

#[tokio::test]
async fn a_wrong_sms_is_followed_by_the_right_one_once_it_was_typed() {
    let (simulator, mut browser) = awaiting_the_sms_code(&[Fault::WrongSms]).await;
    let wrong = sms(&simulator, 0).await;
    type_code(&mut browser, &wrong).await.unwrap();
    assert!(browser.says("SMS Onay Kodu hatalıdır"));
    let right = sms(&simulator, 1).await;
    type_code(&mut browser, &right).await.unwrap();
    assert!(browser.says("Yöntem 2"));
}

#[tokio::test]
async fn an_expired_sms_code_a_lost_session_and_an_unknown_page_come_instead_of_the_methods() {
    for (fault, words) in [
        (Fault::ExpiredSms, "SMS Onay Kodunun süresi doldu"),
        (Fault::SessionLost, "Oturumunuz sona erdi"),
        (Fault::UnknownPage, "sayfalarımız yenilenmektedir"),
    ] {
        let (simulator, mut browser) = awaiting_the_sms_code(&[fault]).await;
        let code = sms(&simulator, 0).await;
        type_code(&mut browser, &code).await.unwrap();
        assert!(browser.says(words), "{fault:?}: {}", browser.page);
        assert!(!browser.says("Yöntem 2"), "{fault:?}");
    }
}

#[tokio::test]
async fn the_method_page_leads_off_the_host() {
    let (simulator, mut browser) = awaiting_the_sms_code(&[Fault::OffHost]).await;
    let code = sms(&simulator, 0).await;
    type_code(&mut browser, &code).await.unwrap();
    assert!(browser.says("action=\"https://baska-sunucu.invalid/"));
}

#[tokio::test]
async fn an_expired_code_is_refused_by_page_and_service_alike() {
    let (simulator, mut browser) = awaiting_the_sms_code(&[Fault::ExpiredCode]).await;
    let code = sms(&simulator, 0).await;
    type_code(&mut browser, &code).await.unwrap();
    choose_electronic(&mut browser).await.unwrap();
    assert!(browser.says("Doğrulama Kodunun süresi doldu"));
}

#[tokio::test]
async fn the_signing_service_does_not_know_the_code_it_issued() {
    let (simulator, mut browser) = opened(&[Fault::CodeUnknown]).await;
    let code = to_the_code(&mut browser, &simulator).await;
    let (status, answer) = browser.ask("texts", &serde_json::json!({ "code": code })).await.unwrap();
    assert_eq!((status, answer["error"].as_str()), (409, Some("code-unknown")));
}

#[tokio::test]
async fn a_lost_reply_to_the_signatures_leaves_the_application_received() {
    let (simulator, mut browser) = opened(&[Fault::DropAfterSubmit]).await;
    let code = to_the_code(&mut browser, &simulator).await;
    let texts = browser.texts(&code).await;
    let signer = credential(NATIONAL_ID, Variant::Valid, KeyKind::P384);
    let signatures = sign(&signer, &texts, &["-nodetach", "-cades"]);
    assert!(browser.hand_in(&code, &signatures).await.is_err());
    reload_signing_page(&mut browser).await;
    assert!(browser.says("alınmıştır"));
    assert_eq!(simulator.applications().len(), 1);
}

#[tokio::test]
async fn signatures_in_order_are_refused_and_nothing_is_received() {
    let (simulator, mut browser) = opened(&[Fault::SignatureRefused]).await;
    let code = to_the_code(&mut browser, &simulator).await;
    let texts = browser.texts(&code).await;
    let signer = credential(NATIONAL_ID, Variant::Valid, KeyKind::P384);
    let signatures = sign(&signer, &texts, &["-nodetach", "-cades"]);
    let (status, answer) = browser.hand_in(&code, &signatures).await.unwrap();
    assert_eq!((status, answer["error"].as_str()), (409, Some("invalid")));
    assert!(simulator.applications().is_empty());
}

#[tokio::test]
async fn a_changed_form_has_a_required_field_nobody_knows() {
    for institution in [Institution::Meb, Institution::Saglik] {
        let simulator = simulator(&[Fault::ChangedForm]);
        let mut browser = Browser::new(&simulator, institution);
        browser.open().await.unwrap();
        log_in(&mut browser, &simulator).await.unwrap();
        assert!(browser.says("Kan Grubu"));
    }
}

#[tokio::test]
async fn a_contract_that_differs_names_another_institution_and_province() {
    let (simulator, mut browser) = opened(&[Fault::ContractDiffers]).await;
    let code = to_the_code(&mut browser, &simulator).await;
    let form = String::from_utf8(browser.texts(&code).await.remove(0)).unwrap();
    assert!(form.contains("KURUM: ADIYAMAN") && form.ends_with("İL: ADIYAMAN"), "{form}");
}

#[tokio::test]
async fn a_glued_line_is_the_guides_own_slip_and_nothing_else() {
    let (simulator, mut browser) = opened(&[Fault::GluedLine]).await;
    let code = to_the_code(&mut browser, &simulator).await;
    let form = String::from_utf8(browser.texts(&code).await.remove(0)).unwrap();
    assert!(form.contains("KURUM: ESKİŞEHİR") && form.ends_with("\nİLESKİŞEHİR"), "{form}");
}

#[tokio::test]
async fn foreign_pages_are_iso_8859_9_by_their_header_alone() {
    let (simulator, browser) = opened(&[Fault::ForeignCharset]).await;
    let answer = browser.client.get(simulator.address(Institution::Meb)).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/html; charset=ISO-8859-9");
    let bytes = answer.bytes().await.unwrap();
    assert!(!bytes.windows(7).any(|window| window == b"charset"));
    let said = b"Giri\xFE";
    assert!(bytes.windows(said.len()).any(|window| window == said));
}

#[tokio::test]
async fn an_oversize_page_and_half_a_picture_are_served() {
    let (simulator, browser) = opened(&[Fault::Malformed]).await;
    let bytes = browser.get("captcha.go?no=1").await.unwrap().bytes().await.unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));
    assert!(!bytes.windows(4).any(|window| window == b"IEND"));
    simulator.set_faults(&[Fault::Oversize]);
    let answer = browser.client.get(simulator.address(Institution::Meb)).send().await.unwrap();
    assert!(answer.bytes().await.unwrap().len() > 16 * 1024 * 1024);
}

#[tokio::test]
async fn an_untrusted_certificate_is_shown_at_once_and_taken_back_at_once() {
    let (simulator, mut browser) = opened(&[]).await;
    simulator.set_faults(&[Fault::TlsUntrusted]);
    assert!(browser.open().await.is_err());
    simulator.set_faults(&[]);
    browser.open().await.unwrap();
}

#[tokio::test]
async fn the_next_visitor_is_served_once_a_fault_is_switched_off() {
    let (simulator, mut browser) = logged_in(&[Fault::NotEligible]).await;
    simulator.set_faults(&[]);
    let issued = to_the_code(&mut browser, &simulator).await;
    assert_eq!(issued, code(&browser.page));
}
