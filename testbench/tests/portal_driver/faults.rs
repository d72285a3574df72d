//! Every fault of the portal has its own name.

use eimza_kiosk::{
    portal::{Action, Fault, Page, Quote, RefusedSignature},
    redact::Personal,
};
use testbench::portal::{self as simulated, Institution};

use crate::visit::{BOTH, NATIONAL_ID, Visit, sign};

#[tokio::test]
async fn faults_that_delay_or_recode_change_nothing() {
    use simulated::Fault::{ForeignCharset, LateSms, Slow};
    for institution in BOTH {
        for fault in [ForeignCharset, LateSms, Slow] {
            let mut visit = Visit::new(institution, &[fault]);
            assert_eq!(visit.hand_in().await, Ok(Page::SignaturesTaken), "{institution:?} {fault:?}");
            assert_eq!(visit.driver.perform(Action::CheckResult).await, Ok(Page::Received));
            let text = String::from_utf8(visit.simulator.applications()[0].texts[0].clone()).expect("UTF-8");
            assert!(
                text.contains("Deneme-42-Ğ") && text.contains("<SINAMA>"),
                "{fault:?}: what was typed arrived"
            );
        }
    }
}

#[tokio::test]
async fn each_fault_of_the_portal_has_its_own_name() {
    use simulated::Fault as F;
    for institution in BOTH {
        for (fault, expected) in [
            (F::Oversize, Fault::Oversize { limit: 2 * 1024 * 1024 }),
            (F::Malformed, Fault::Malformed("a captcha that cannot be decoded")),
            (F::TlsUntrusted, Fault::Tls),
            (
                F::NotEligible,
                Fault::NotEligible(Quote(Personal::from(
                    "Kadronuz e-imza için uygun değildir. Lütfen kurumunuzun insan kaynakları birimi ile iletişime geçiniz.",
                ))),
            ),
            (
                F::WebServiceError,
                Fault::WebService(Quote(Personal::from(
                    "Web servis hatası oluştu. Lütfen daha sonra tekrar deneyiniz.",
                ))),
            ),
            (F::ChangedForm, Fault::ChangedForm("a field the profile does not know")),
            (F::Http500, Fault::Status(500)),
            (F::ConnectionDrop, Fault::Interrupted),
            (F::ExpiredSms, Fault::SmsExpired),
            (F::SessionLost, Fault::SessionEnded),
            (F::UnknownPage, Fault::UnknownPage),
            (F::OffHost, Fault::OffHost),
            (F::ExpiredCode, Fault::CodeExpired),
            (F::CodeUnknown, Fault::CodeUnknown),
            (F::SignatureRefused, Fault::SignatureRefused(RefusedSignature::Invalid)),
        ] {
            let mut visit = Visit::new(institution, &[fault]);
            assert_eq!(visit.hand_in().await, Err(expected), "{institution:?} {fault:?}");
            assert!(visit.simulator.applications().is_empty(), "{institution:?} {fault:?}");
            // The next visitor is served.
            visit.simulator.set_faults(&[]);
            assert!(visit.open().await.is_ok(), "{institution:?} after {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_lost_reply_to_the_signatures_is_an_open_outcome_and_the_page_tells() {
    for institution in BOTH {
        let mut visit = Visit::new(institution, &[simulated::Fault::DropAfterSubmit]);
        assert_eq!(visit.hand_in().await, Err(Fault::Interrupted), "{institution:?}");
        assert_eq!(visit.driver.perform(Action::CheckResult).await, Ok(Page::Received));
        assert_eq!(visit.simulator.applications().len(), 1);
    }
}

#[tokio::test]
async fn signatures_of_another_person_or_order_are_refused_by_their_reason() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    let code = visit.reach_code().await.expect("a code");
    let texts = visit.texts(&code).await.expect("texts");
    let mut submit = async |signatures| {
        let code = code.clone();
        visit.driver.perform(Action::SubmitSignatures { code, signatures }).await
    };
    let stranger = submit(sign("10000000078", &texts)).await;
    assert_eq!(stranger, Err(Fault::SignatureRefused(RefusedSignature::WrongPerson)));
    let mut turned = sign(NATIONAL_ID, &texts);
    turned.reverse();
    assert_eq!(submit(turned).await, Err(Fault::SignatureRefused(RefusedSignature::WrongText)));
    assert_eq!(submit(sign(NATIONAL_ID, &texts)).await, Ok(Page::SignaturesTaken));
}

#[tokio::test]
async fn a_portal_that_is_gone_is_unreachable_and_nothing_was_sent() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    visit.open().await.expect("opened");
    let login = visit.login();
    visit.simulator.stop().expect("stopped");
    assert_eq!(visit.driver.perform(login).await, Err(Fault::Unreachable));
}

#[tokio::test]
async fn a_given_up_action_leaves_the_visit_where_it_was() {
    let mut visit = Visit::new(Institution::Meb, &[]);
    visit.open().await.expect("opened");
    let login = visit.login();
    {
        let mut asked = std::pin::pin!(visit.driver.perform(login.clone()));
        let first = std::future::poll_fn(|cx| std::task::Poll::Ready(asked.as_mut().poll(cx))).await;
        assert!(first.is_pending(), "under way, then dropped");
    }
    assert!(matches!(visit.driver.perform(login).await, Ok(Page::Form { .. })));
    visit.driver.close();
    assert_eq!(visit.driver.perform(Action::SendSms).await, Err(Fault::OutOfOrder));
}
