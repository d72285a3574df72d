//! Every fault of the portal on the online pages: its own name, and the next visitor served.

use eimza_kiosk::{
    portal::{Action, Fault, OnlineLogin, OnlineService, Page, Quote, RefusedSignature},
    redact::Personal,
};
use testbench::{
    pki::Variant,
    portal::{self as simulated, Institution},
};

use crate::{
    online_visit::login,
    visit::{NATIONAL_ID, Visit, WORD},
};

impl Visit {
    /// All the way to the PUK.
    async fn unblock(&mut self) -> Result<Page, Fault> {
        let code = self.reach_unblock_code().await?;
        let sent = self.simulator.outbox().count();
        self.driver.perform(Action::FetchUnblock(code.clone())).await?;
        self.confirm(&code, sent).await
    }

    async fn forget_word(&mut self) -> Result<Page, Fault> {
        self.reach_login().await?;
        self.driver.perform(Action::ForgottenWord).await
    }

    async fn learn_pin(&mut self) -> Result<Page, Fault> {
        self.log_in_by_signature().await?;
        self.driver.perform(Action::ChooseOnlineService(OnlineService::NewPin)).await
    }
}

#[tokio::test]
async fn faults_that_delay_or_recode_change_nothing() {
    use simulated::Fault::{ForeignCharset, LateSms, Slow};
    for fault in [ForeignCharset, LateSms, Slow] {
        let mut visit = Visit::new(Institution::Meb, &[fault]);
        assert!(matches!(visit.unblock().await, Ok(Page::UnblockGrant { .. })), "{fault:?}");
        assert!(matches!(visit.learn_pin().await, Ok(Page::NewCardPin { .. })), "{fault:?}");
    }
}

#[tokio::test]
async fn each_fault_on_the_way_to_the_puk_has_its_own_name() {
    use simulated::Fault as F;
    let web_service = "Web servis hatası oluştu. Lütfen daha sonra tekrar deneyiniz.";
    for (fault, expected) in [
        (F::Oversize, Fault::Oversize { limit: 2 * 1024 * 1024 }),
        (F::Malformed, Fault::Malformed("a captcha that cannot be decoded")),
        (F::TlsUntrusted, Fault::Tls),
        (F::ChangedForm, Fault::ChangedForm("a field the profile does not know")),
        (F::ExpiredSms, Fault::SmsExpired),
        (F::SessionLost, Fault::SessionEnded),
        (F::WebServiceError, Fault::WebService(Quote(Personal::from(web_service)))),
        (F::UnknownPage, Fault::UnknownPage),
        (F::OffHost, Fault::OffHost),
        (F::Http500, Fault::Status(500)),
        (F::ConnectionDrop, Fault::Interrupted),
        (F::ExpiredCode, Fault::CodeExpired),
        (F::CodeUnknown, Fault::CodeUnknown),
        (F::ExpiredUnblockSms, Fault::SmsExpired),
    ] {
        let mut visit = Visit::new(Institution::Meb, &[fault]);
        assert_eq!(visit.unblock().await, Err(expected), "{fault:?}");
        assert!(visit.simulator.unblocked().is_empty());
        // The next visitor is served.
        visit.simulator.set_faults(&[]);
        assert!(matches!(visit.unblock().await, Ok(Page::UnblockGrant { .. })), "after {fault:?}");
    }
}

#[tokio::test]
async fn each_fault_on_the_way_to_the_pin_by_signature_has_its_own_name() {
    use simulated::Fault as F;
    for (fault, expected) in [
        (F::Oversize, Fault::Oversize { limit: 2 * 1024 * 1024 }),
        (F::TlsUntrusted, Fault::Tls),
        (F::ChangedForm, Fault::ChangedForm("a field the profile does not know")),
        (F::ExpiredChallenge, Fault::SessionEnded),
        (F::SessionLost, Fault::SessionEnded),
        (F::SignatureRefused, Fault::SignatureRefused(RefusedSignature::Invalid)),
        (F::UnknownPage, Fault::UnknownPage),
        (F::OffHost, Fault::OffHost),
        (F::Http500, Fault::Status(500)),
        (F::ConnectionDrop, Fault::Interrupted),
    ] {
        let mut visit = Visit::new(Institution::Meb, &[fault]);
        assert_eq!(visit.learn_pin().await, Err(expected), "{fault:?}");
        visit.simulator.set_faults(&[]);
        assert!(matches!(visit.learn_pin().await, Ok(Page::NewCardPin { .. })), "after {fault:?}");
    }
}

#[tokio::test]
async fn the_page_of_a_forgotten_word_stops_at_the_same_faults() {
    use simulated::Fault as F;
    let mut visit = Visit::new(Institution::Meb, &[]);
    for (fault, expected) in [
        (F::Malformed, Fault::Malformed("a captcha that cannot be decoded")),
        (F::ChangedForm, Fault::ChangedForm("a field the profile does not know")),
    ] {
        visit.simulator.set_faults(&[]);
        visit.reach_login().await.expect("the login page");
        visit.simulator.set_faults(&[fault]);
        assert_eq!(visit.driver.perform(Action::ForgottenWord).await, Err(expected), "{fault:?}");
    }
    visit.simulator.set_faults(&[]);
    assert!(matches!(visit.forget_word().await, Ok(Page::WordReset { .. })));
}

#[tokio::test]
async fn what_is_judged_wrong_once_is_asked_again_on_its_own_page() {
    use simulated::Fault::{WrongCaptcha, WrongSms, WrongUnblockSms, WrongWord};
    let faults = [WrongCaptcha, WrongWord, WrongSms, WrongUnblockSms];
    let mut visit = Visit::new(Institution::Meb, &faults);
    visit.reach_login().await.expect("the login page");
    let word = visit.word(WORD);
    let refused = visit.driver.perform(word).await;
    assert!(matches!(refused, Ok(Page::OnlineLogin { wrong_captcha: true, refusal: None, .. })));
    let word = visit.word(WORD);
    let refused = visit.driver.perform(word).await;
    assert!(matches!(refused, Ok(Page::OnlineLogin { wrong_captcha: false, refusal: Some(_), .. })));
    let word = visit.word(WORD);
    assert!(matches!(visit.driver.perform(word).await, Ok(Page::SmsSend { .. })));
    visit.driver.perform(Action::SendSms).await.expect("sent");
    assert!(matches!(visit.type_sms(0).await, Ok(Page::SmsCode { wrong: true, .. })));
    assert!(matches!(visit.type_sms(1).await, Ok(Page::OnlineServices { .. })));
    let page = visit.driver.perform(Action::ChooseOnlineService(OnlineService::Unblock)).await;
    let Ok(Page::UnblockCode { code, .. }) = page else { panic!("{page:?}") };
    visit.driver.perform(Action::FetchUnblock(code.clone())).await.expect("sent");
    assert!(matches!(visit.confirm(&code, 2).await, Ok(Page::UnblockSms { wrong: true, .. })));
    assert!(matches!(visit.confirm(&code, 3).await, Ok(Page::UnblockGrant { .. })));
}

#[tokio::test]
async fn a_report_whose_answer_was_lost_is_made_again() {
    let mut visit = Visit::new(Institution::Meb, &[simulated::Fault::DropAfterSubmit]);
    let code = visit.reach_unblock_code().await.expect("a code");
    visit.driver.perform(Action::FetchUnblock(code.clone())).await.expect("sent");
    visit.confirm(&code, 1).await.expect("granted");
    assert_eq!(visit.report(&code, true).await, Err(Fault::Interrupted));
    assert_eq!(visit.report(&code, true).await, Ok(Page::UnblockReported));
    assert_eq!(visit.simulator.unblocked().len(), 1, "it counts once");
}

#[tokio::test]
async fn a_portal_that_is_gone_is_unreachable_at_every_page() {
    let by = |login| [Action::OpenOnline, Action::ChooseOnlineLogin(login)];
    let mut ways: Vec<Vec<Action>> = (0..=2).map(|n| by(OnlineLogin::Password)[..n].to_vec()).collect();
    ways.push(by(OnlineLogin::Signature).to_vec());
    for way in ways {
        let mut visit = Visit::new(Institution::Meb, &[]);
        for action in &way {
            visit.driver.perform(action.clone()).await.expect("served");
        }
        let next = match (way.len(), way.last()) {
            (0, _) => Action::OpenOnline,
            (1, _) => Action::ChooseOnlineLogin(OnlineLogin::Password),
            (_, Some(Action::ChooseOnlineLogin(OnlineLogin::Password))) => visit.word(WORD),
            _ => Action::LoginSigned { signature: vec![0x30] },
        };
        visit.simulator.stop().expect("stopped");
        assert_eq!(visit.driver.perform(next.clone()).await, Err(Fault::Unreachable), "{next:?}");
    }
    // Further on: the SMS pages, the services, and the signing service.
    let mut visit = Visit::new(Institution::Meb, &[]);
    visit.reach_online_sms_code().await.expect("asked");
    visit.simulator.stop().expect("stopped");
    assert_eq!(visit.driver.perform(Action::SubmitSmsCode("1".into())).await, Err(Fault::Unreachable));
    let mut visit = Visit::new(Institution::Meb, &[]);
    visit.log_in_by_word().await.expect("logged in");
    visit.simulator.stop().expect("stopped");
    let choose = Action::ChooseOnlineService(OnlineService::NewPin);
    assert_eq!(visit.driver.perform(choose).await, Err(Fault::Unreachable));
    let mut visit = Visit::new(Institution::Meb, &[]);
    let code = visit.reach_unblock_code().await.expect("a code");
    visit.simulator.stop().expect("stopped");
    let fetch = Action::FetchUnblock(code.clone());
    assert_eq!(visit.driver.perform(fetch).await, Err(Fault::Unreachable));
    let sms = "1".into();
    let confirm = Action::ConfirmUnblock { code: code.clone(), sms };
    assert_eq!(visit.driver.perform(confirm).await, Err(Fault::Unreachable));
    assert_eq!(
        visit.driver.perform(Action::ReportUnblocked { code, done: true }).await,
        Err(Fault::Unreachable)
    );
}

#[tokio::test]
async fn the_next_visitor_begins_without_the_session_of_the_one_before() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    visit.log_in_by_signature().await.expect("logged in");
    visit.driver.close();
    let choose = Action::ChooseOnlineService(OnlineService::NewPin);
    assert_eq!(visit.driver.perform(choose.clone()).await, Err(Fault::OutOfOrder));
    visit.open_online().await.expect("the first page");
    assert_eq!(visit.driver.perform(choose).await, Err(Fault::OutOfOrder));
    // An application's portal knows nothing of it either.
    assert!(visit.open().await.is_ok());
    let signature = login(NATIONAL_ID, Variant::Valid, &"x".repeat(16).try_into().expect("a challenge"));
    assert_eq!(visit.driver.perform(Action::LoginSigned { signature }).await, Err(Fault::OutOfOrder));
}
