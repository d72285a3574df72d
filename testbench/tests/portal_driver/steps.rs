//! The steps of an application, at both institutions.

use eimza_kiosk::{
    portal::{Action, Driver, Fault, FieldId, FieldKind, Page, Quote, RefusedSignature, SigningText},
    redact::Personal,
};
use testbench::portal as simulated;

use crate::visit::{BOTH, NATIONAL_ID, TYPED, Visit, field, sign};

#[tokio::test]
async fn both_institutions_are_driven_from_the_first_page_to_the_receipt() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[]);
        let Page::Login { captcha, fields, wrong_captcha: false, refusal: None } =
            visit.open().await.expect("opened")
        else {
            panic!("the login page")
        };
        assert!(
            captcha.width >= 100
                && captcha.rgba.len() == 4 * usize::from(captcha.width) * usize::from(captcha.height)
        );
        let ids: Vec<FieldId> = fields.iter().map(|field| field.id).collect();
        assert_eq!(
            ids,
            [
                FieldId::Captcha,
                FieldId::NationalId,
                FieldId::GivenName,
                FieldId::Surname,
                FieldId::BirthPlace,
                FieldId::BirthDate
            ]
        );
        assert_eq!(field(&fields, FieldId::NationalId).kind, FieldKind::Text { max_length: Some(11) });

        let code = visit.reach_code().await.expect("a code");
        let texts = visit.texts(&code).await.expect("texts");
        assert_eq!(texts.len(), 2);
        let waiting = visit.driver.perform(Action::CheckResult).await.expect("still waiting");
        assert!(matches!(waiting, Page::Signing { .. }));
        let signatures = sign(NATIONAL_ID, &texts);
        let hand_in = Action::SubmitSignatures { code, signatures: signatures.clone() };
        assert_eq!(visit.driver.perform(hand_in.clone()).await, Ok(Page::SignaturesTaken));
        let again = visit.driver.perform(hand_in).await;
        assert_eq!(again, Err(Fault::SignatureRefused(RefusedSignature::CodeUsed)));
        assert_eq!(visit.driver.perform(Action::CheckResult).await, Ok(Page::Received));

        let applications = visit.simulator.applications();
        assert_eq!(applications.len(), 1);
        assert_eq!(applications[0].signatures, signatures);
        contract_repeats_the_form(&visit.driver, &texts[0]);
    }
}

/// The profile's labels find what was typed in the contract.
fn contract_repeats_the_form(driver: &Driver, text: &SigningText) {
    let text = std::str::from_utf8(&text.0).expect("UTF-8");
    let mut lines = text.lines();
    for (label, id) in driver.profile().contract() {
        let line = lines.find_map(|line| line.strip_prefix(&format!("{label}: ")));
        let value = line.unwrap_or_else(|| panic!("{label} is in the contract, in order"));
        let simple =
            matches!(id, FieldId::Email | FieldId::Address | FieldId::WorkPhone | FieldId::PostalCode);
        if let (true, Some((_, words))) = (simple, TYPED.iter().find(|(known, _)| *known == id)) {
            assert_eq!(value, words[0], "{label}");
        }
    }
}

#[tokio::test]
async fn what_the_pages_say_about_fields_is_understood_at_both_institutions() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[]);
        let Page::Form { fields, .. } = visit.log_in().await.expect("logged in") else { panic!("the form") };
        assert_eq!(fields.len(), 25, "{institution:?}");
        for (id, _) in TYPED {
            let optional = matches!(id, FieldId::RegistryNumber | FieldId::WorkExtension);
            assert_eq!(field(&fields, id).required, !optional, "{institution:?} {id:?}");
            assert!(!field(&fields, id).read_only, "{institution:?} {id:?}");
        }
        for (id, value) in [
            (FieldId::NationalId, NATIONAL_ID),
            (FieldId::GivenName, "DENEME ŞIİ"),
            (FieldId::BirthPlace, "İĞDEŞ"),
            (FieldId::Institution, "DENEME MÜDÜRLÜĞÜ"),
        ] {
            assert!(field(&fields, id).read_only, "{institution:?} {id:?}");
            assert_eq!(field(&fields, id).value.expose(), value, "{institution:?} {id:?}");
        }
        assert_eq!(
            field(&fields, FieldId::RegistryNumber).value.expose(),
            "12345678",
            "the portal filled it in"
        );
        assert!(field(&fields, FieldId::Province).value.is_blank(), "nothing is chosen yet");
        let FieldKind::Choice(provinces) = &field(&fields, FieldId::Province).kind else { panic!("a list") };
        assert_eq!(provinces.len(), 81, "{institution:?}: the prompt is no province");
    }
}

#[tokio::test]
async fn refused_fields_are_named_each_by_itself() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[]);
        let wrong = [
            (FieldId::PostalCode, "2610"),
            (FieldId::SecurityWordRepeat, "başka"),
            (FieldId::WorkPhone, "1"),
            (FieldId::WorkExtension, "x"),
            (FieldId::MobilePhone, "2"),
            (FieldId::HomePhone, ""),
        ];
        let Page::Form { errors, fields } = visit.fill_in(&wrong).await.expect("the form again") else {
            panic!("the form")
        };
        let mut named: Vec<FieldId> = errors.iter().map(|(id, _)| *id).collect();
        named.sort();
        let mut expected = wrong.map(|(id, _)| id);
        expected.sort();
        assert_eq!(named, expected, "{institution:?}");
        let (_, quote) = errors.iter().find(|(id, _)| *id == FieldId::PostalCode).expect("named");
        assert_eq!(quote, &Quote(Personal::from("Posta kodu 5 haneli olmalıdır.")));
        assert_eq!(
            field(&fields, FieldId::Email).value.expose(),
            "deneme@example.org",
            "what was typed is kept"
        );
        let FieldKind::Choice(districts) = &field(&fields, FieldId::District).kind else { panic!("a list") };
        assert_eq!(districts.len(), 14, "the districts of the province come with the form");
    }
}

#[tokio::test]
async fn a_wrong_captcha_is_told_from_data_that_are_not_the_registers() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[simulated::Fault::WrongCaptcha]);
        let refused = visit.log_in().await.expect("the login page");
        let Page::Login { wrong_captcha: true, refusal: None, .. } = refused else { panic!("{refused:?}") };
        let Action::Login(mut stranger) = visit.login() else { panic!("a login") };
        stranger[3].1 = Personal::from("BAŞKA");
        let refused = visit.driver.perform(Action::Login(stranger)).await.expect("the login page");
        let Page::Login { wrong_captcha: false, refusal: Some(quote), .. } = refused else {
            panic!("{refused:?}")
        };
        assert!(quote.0.expose().contains("uyuşmuyor"));
        let login = visit.login();
        assert!(matches!(visit.driver.perform(login).await, Ok(Page::Form { .. })), "the third try");
    }
}

#[tokio::test]
async fn a_wrong_sms_code_is_said_and_the_right_one_goes_on() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[simulated::Fault::WrongSms]);
        let page = visit.reach_sms_code().await.expect("asked");
        assert!(matches!(page, Page::SmsCode { wrong: false, remaining } if remaining.as_secs() >= 290));
        assert!(matches!(visit.type_sms(0).await, Ok(Page::SmsCode { wrong: true, .. })));
        assert!(matches!(visit.type_sms(1).await, Ok(Page::Method { .. })));
    }
}
