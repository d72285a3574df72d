//! The online pages, from the first one to what somebody comes for.

use std::time::Duration;

use eimza_kiosk::{
    link::challenge::Challenge,
    portal::{Action, Fault, Field, FieldId, FieldKind, OnlineLogin, OnlineService, Page, RefusedSignature},
    redact::PortalSecret,
    signature::ContentType,
};
use jiff::Timestamp;
use testbench::{pki::Variant, portal::Institution};

use crate::{
    online_visit::{login, login_text, own_text},
    visit::{NATIONAL_ID, NEW_PIN, PUK, Visit, WORD, field, sign},
};

fn ids(fields: &[Field]) -> Vec<FieldId> {
    let mut ids: Vec<FieldId> = fields.iter().map(|field| field.id).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn whoever_signs_the_challenge_learns_the_new_cards_pin_and_from_when_it_is_good() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    let entry = visit.open_online().await;
    let offered = vec![OnlineLogin::Signature, OnlineLogin::Password];
    assert_eq!(entry, Ok(Page::OnlineEntry { offered }));
    let page =
        visit.driver.perform(Action::ChooseOnlineLogin(OnlineLogin::Signature)).await.expect("the challenge");
    let Page::OnlineChallenge { challenge, remaining } = page else { panic!("{page:?}") };
    assert_eq!(remaining, Duration::from_secs(120));
    let signature = login(NATIONAL_ID, Variant::Valid, &challenge);
    let services = visit.driver.perform(Action::LoginSigned { signature }).await;
    let offered = vec![OnlineService::NewPin, OnlineService::Unblock];
    assert_eq!(services, Ok(Page::OnlineServices { offered }));
    let page = visit.driver.perform(Action::ChooseOnlineService(OnlineService::NewPin)).await;
    let expected = Page::NewCardPin {
        pin: PortalSecret::new(NEW_PIN),
        usable_from: "06.01.2027 12:33:10".to_owned(),
        remaining: Duration::from_secs(120),
    };
    assert_eq!(page, Ok(expected));
    assert!(visit.simulator.applications().is_empty());
}

#[tokio::test]
async fn whoever_knows_the_word_and_has_the_telephone_is_let_in_without_a_card() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    let page = visit.reach_login().await.expect("the login page");
    let Page::OnlineLogin { captcha, fields, wrong_captcha: false, refusal: None } = page else {
        panic!("{page:?}")
    };
    assert!(captcha.width >= 100);
    assert_eq!(ids(&fields), [FieldId::Captcha, FieldId::NationalId, FieldId::SecurityWord]);
    assert_eq!(field(&fields, FieldId::NationalId).kind, FieldKind::Text { max_length: Some(11) });
    let page = visit.reach_online_sms_code().await;
    assert!(matches!(page, Ok(Page::SmsCode { wrong: false, remaining }) if remaining.as_secs() == 300));
    let wrong = visit.driver.perform(Action::SubmitSmsCode("000000".into())).await;
    assert!(matches!(wrong, Ok(Page::SmsCode { wrong: true, .. })));
    assert!(matches!(visit.type_sms(0).await, Ok(Page::OnlineServices { .. })));
    let pin = visit.driver.perform(Action::ChooseOnlineService(OnlineService::NewPin)).await;
    assert!(matches!(pin, Ok(Page::NewCardPin { .. })));
}

#[tokio::test]
async fn a_wrong_captcha_is_told_from_a_wrong_word() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    visit.reach_login().await.expect("the login page");
    let Action::LoginOnline(mut typed) = visit.word(WORD) else { panic!("a login") };
    typed[0].1 = "-----".into();
    let refused = visit.driver.perform(Action::LoginOnline(typed)).await;
    let Ok(Page::OnlineLogin { wrong_captcha: true, refusal: None, .. }) = refused else {
        panic!("{refused:?}")
    };
    let word = visit.word("Deneme-17-S");
    let refused = visit.driver.perform(word).await;
    let Ok(Page::OnlineLogin { wrong_captcha: false, refusal: Some(quote), .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(quote.0.expose(), "T.C. Kimlik No veya güvenlik sözcüğü hatalıdır.");
    let word = visit.word(WORD);
    assert!(matches!(visit.driver.perform(word).await, Ok(Page::SmsSend { .. })));
}

#[tokio::test]
async fn a_forgotten_word_is_replaced_by_sms_and_the_new_one_logs_in() {
    const NEW: &str = "Deneme-88-Ç";
    let mut visit = Visit::new(Institution::Meb, &[]);
    visit.reach_login().await.expect("the login page");
    let page = visit.driver.perform(Action::ForgottenWord).await.expect("the reset page");
    let Page::WordReset { fields, wrong_captcha: false, refusal: None, .. } = page else {
        panic!("{page:?}")
    };
    let expected =
        [FieldId::Captcha, FieldId::NationalId, FieldId::SecurityWord, FieldId::SecurityWordRepeat];
    assert_eq!(ids(&fields), expected);
    let unlike = visit.new_word(NEW, "Deneme-88-C");
    let refused = visit.driver.perform(unlike).await;
    let Ok(Page::WordReset { wrong_captcha: false, refusal: Some(_), .. }) = refused else {
        panic!("{refused:?}")
    };
    let Action::ResetWord(mut typed) = visit.new_word(NEW, NEW) else { panic!("a reset") };
    typed[0].1 = "-----".into();
    let refused = visit.driver.perform(Action::ResetWord(typed)).await;
    assert!(matches!(refused, Ok(Page::WordReset { wrong_captcha: true, refusal: None, .. })));
    let new = visit.new_word(NEW, NEW);
    assert!(matches!(visit.driver.perform(new).await, Ok(Page::SmsSend { .. })));
    assert!(matches!(visit.driver.perform(Action::SendSms).await, Ok(Page::SmsCode { .. })));
    assert_eq!(visit.type_sms(0).await, Ok(Page::WordSet));

    visit.reach_login().await.expect("the login page");
    let old = visit.word(WORD);
    assert!(matches!(visit.driver.perform(old).await, Ok(Page::OnlineLogin { refusal: Some(_), .. })));
    let new = visit.word(NEW);
    assert!(matches!(visit.driver.perform(new).await, Ok(Page::SmsSend { .. })));
}

#[tokio::test]
async fn a_code_and_its_sms_bring_the_puk_and_the_end_may_be_told_twice() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    let code = visit.reach_unblock_code().await.expect("a code");
    assert_eq!(code.expose().len(), 15);
    let asked = visit.driver.perform(Action::FetchUnblock(code.clone())).await;
    assert_eq!(asked, Ok(Page::UnblockSms { remaining: Duration::from_secs(300), wrong: false }));
    let sms = "000000".into();
    let wrong = visit.driver.perform(Action::ConfirmUnblock { code: code.clone(), sms }).await;
    assert!(matches!(wrong, Ok(Page::UnblockSms { wrong: true, .. })), "{wrong:?}");
    let grant = Ok(Page::UnblockGrant { puk: PortalSecret::new(PUK) });
    assert_eq!(visit.confirm(&code, 1).await, grant);
    assert_eq!(visit.confirm(&code, 1).await, grant, "an answer may have been lost");
    assert_eq!(visit.report(&code, true).await, Ok(Page::UnblockReported));
    assert_eq!(visit.report(&code, true).await, Ok(Page::UnblockReported));
    let used = Err(Fault::SignatureRefused(RefusedSignature::CodeUsed));
    assert_eq!(visit.report(&code, false).await, used, "what was done is done");
    assert_eq!(visit.confirm(&code, 1).await, used, "and unblocks nothing any more");
    let told = visit.simulator.unblocked();
    assert_eq!(told.len(), 1);
    assert!(told[0].done && told[0].national_id == NATIONAL_ID);
}

#[tokio::test]
async fn three_wrong_codes_are_the_end_of_an_sms_and_another_may_be_asked_for() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    let code = visit.reach_unblock_code().await.expect("a code");
    let fetch = Action::FetchUnblock(code.clone());
    visit.driver.perform(fetch.clone()).await.expect("sent");
    for _ in 0..3 {
        let confirm = Action::ConfirmUnblock { code: code.clone(), sms: "000000".into() };
        assert!(matches!(visit.driver.perform(confirm).await, Ok(Page::UnblockSms { wrong: true, .. })));
    }
    assert_eq!(visit.confirm(&code, 1).await, Err(Fault::SmsExpired), "the right one too");
    visit.driver.perform(fetch).await.expect("sent anew");
    assert!(matches!(visit.confirm(&code, 2).await, Ok(Page::UnblockGrant { .. })));
    assert_eq!(visit.report(&code, false).await, Ok(Page::UnblockReported));
    assert!(!visit.simulator.unblocked()[0].done);
}

#[tokio::test]
async fn an_application_handed_in_as_a_login_logs_nobody_in_and_a_login_applies_for_nothing() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    let code = visit.reach_code().await.expect("a code");
    let texts = visit.texts(&code).await.expect("texts");
    let application = sign(NATIONAL_ID, &texts);
    // The reverse first: a good login for the application at hand.
    let challenge = Challenge::try_from("ZGVuZW1lLWRlbmVtZQ".to_owned()).expect("a challenge");
    let logins = vec![login(NATIONAL_ID, Variant::Valid, &challenge); texts.len()];
    let invalid = Err(Fault::SignatureRefused(RefusedSignature::Invalid));
    let submit = |signatures| Action::SubmitSignatures { code: code.clone(), signatures };
    assert_eq!(visit.driver.perform(submit(logins)).await, invalid);
    // The very text of the application, signed as logins are.
    let disguised = texts.iter().map(|text| {
        let text = std::str::from_utf8(&text.0).expect("UTF-8");
        own_text(NATIONAL_ID, Variant::Valid, ContentType::Login, text, Timestamp::now())
    });
    assert_eq!(visit.driver.perform(submit(disguised.collect())).await, invalid);
    assert!(visit.simulator.applications().is_empty());

    visit.reach_challenge().await.expect("a challenge");
    let signature = application[0].clone();
    assert_eq!(visit.driver.perform(Action::LoginSigned { signature }).await, invalid);
    // The very text of a login, signed as applications are.
    let challenge = visit.reach_challenge().await.expect("a challenge");
    let now = Timestamp::now();
    let text = login_text(&challenge, now);
    let signature = own_text(NATIONAL_ID, Variant::Valid, ContentType::Data, &text, now);
    assert_eq!(visit.driver.perform(Action::LoginSigned { signature }).await, invalid);
    assert!(matches!(visit.log_in_by_signature().await, Ok(Page::OnlineServices { .. })));
}

#[tokio::test]
async fn a_login_is_good_for_its_challenge_its_holder_and_a_certificate_in_force_alone() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    let stale = visit.reach_challenge().await.expect("a challenge");
    for (what, id, variant, own_challenge, reason) in [
        ("another challenge", NATIONAL_ID, Variant::Valid, false, RefusedSignature::WrongText),
        ("nobody known", "10000000078", Variant::Valid, true, RefusedSignature::WrongPerson),
        ("expired", NATIONAL_ID, Variant::Expired, true, RefusedSignature::Certificate),
        ("not yet valid", NATIONAL_ID, Variant::Successor, true, RefusedSignature::Certificate),
        ("a seal", NATIONAL_ID, Variant::Seal, true, RefusedSignature::Certificate),
    ] {
        let challenge = visit.reach_challenge().await.expect("a challenge");
        let signature = login(id, variant, if own_challenge { &challenge } else { &stale });
        let refused = visit.driver.perform(Action::LoginSigned { signature }).await;
        assert_eq!(refused, Err(Fault::SignatureRefused(reason)), "{what}");
        // A challenge is used once.
        let signature = login(NATIONAL_ID, Variant::Valid, &challenge);
        let again = visit.driver.perform(Action::LoginSigned { signature }).await;
        assert_eq!(again, Err(Fault::SessionEnded), "{what}");
    }
}

#[tokio::test]
async fn what_the_portal_does_not_have_it_does_not_offer() {
    let mut visit = Visit::at(Institution::Meb, &[], |person| {
        if let Some(account) = &mut person.online {
            account.new_card = None;
        }
    });
    let offered = vec![OnlineService::Unblock];
    assert_eq!(visit.log_in_by_signature().await, Ok(Page::OnlineServices { offered }));
    let choose = Action::ChooseOnlineService(OnlineService::NewPin);
    assert_eq!(visit.driver.perform(choose).await, Err(Fault::OutOfOrder));

    let mut visit = Visit::at(Institution::Meb, &[], |person| person.online = None);
    let refused = visit.log_in_by_signature().await;
    assert_eq!(refused, Err(Fault::SignatureRefused(RefusedSignature::WrongPerson)));
    visit.reach_login().await.expect("the login page");
    let word = visit.word(WORD);
    assert!(matches!(visit.driver.perform(word).await, Ok(Page::OnlineLogin { refusal: Some(_), .. })));

    // An institution whose profile has no such pages.
    let mut visit = Visit::new(Institution::Saglik, &[]);
    assert_eq!(visit.open_online().await, Err(Fault::OutOfOrder));
}
