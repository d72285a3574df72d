//! A person at the online pages: a login as the signer makes it, and the ways to each page.

use std::time::Duration;

use eimza_kiosk::{
    link::challenge::Challenge,
    portal::{Action, Fault, FieldId, OnlineLogin, OnlineService, Page},
    redact::Personal,
    signature::{ContentType, Draft},
};
use jiff::{Timestamp, tz::Offset};
use p384::ecdsa::DerSignature;
use signature::hazmat::PrehashSigner;
use testbench::pki::{Credential, Holder, Key, KeyKind, Variant};

use crate::visit::{NATIONAL_ID, PKI, Visit, WORD, values};

/// A login signed at this moment, as the kiosk's signer does.
pub(crate) fn login(national_id: &str, variant: Variant, challenge: &Challenge) -> Vec<u8> {
    let now = Timestamp::now();
    own_text(national_id, variant, ContentType::Login, &login_text(challenge, now), now)
}

/// The signer's text for a challenge.
pub(crate) fn login_text(challenge: &Challenge, at: Timestamp) -> String {
    let date = Offset::constant(3).to_datetime(at).strftime("%d.%m.%Y %H:%M:%S");
    format!(
        "KAMU SM PORTALINA GİRİŞ: başvuru değildir.\nTarih: {date}\nSınama değeri: {}\n",
        challenge.as_str()
    )
}

/// A text signed for this purpose.
pub(crate) fn own_text(id: &str, variant: Variant, kind: ContentType, text: &str, at: Timestamp) -> Vec<u8> {
    let holder = Holder { name: "DENEME SINAMA", national_id: id };
    let Credential { certificate, key } = PKI.issue(holder, variant, KeyKind::P384).expect("a certificate");
    let draft = Draft::new(kind, text.as_bytes(), &certificate, at.as_second()).expect("a draft");
    let Key::P384(key) = key else { panic!("an EC key") };
    let value: DerSignature = key.sign_prehash(&draft.digest()).expect("signed");
    draft.enclose(value.as_bytes()).expect("a signature")
}

impl Visit {
    pub(crate) async fn open_online(&mut self) -> Result<Page, Fault> {
        self.driver.perform(Action::OpenOnline).await
    }

    pub(crate) async fn reach_challenge(&mut self) -> Result<Challenge, Fault> {
        self.open_online().await?;
        let page = self.driver.perform(Action::ChooseOnlineLogin(OnlineLogin::Signature)).await?;
        let Page::OnlineChallenge { challenge, .. } = page else { panic!("{page:?}") };
        Ok(challenge)
    }

    pub(crate) async fn log_in_by_signature(&mut self) -> Result<Page, Fault> {
        let challenge = self.reach_challenge().await?;
        let signature = login(NATIONAL_ID, Variant::Valid, &challenge);
        self.driver.perform(Action::LoginSigned { signature }).await
    }

    pub(crate) async fn reach_login(&mut self) -> Result<Page, Fault> {
        self.open_online().await?;
        self.driver.perform(Action::ChooseOnlineLogin(OnlineLogin::Password)).await
    }

    pub(crate) fn word(&self, word: &str) -> Action {
        let captcha = self.simulator.captcha().expect("drawn");
        Action::LoginOnline(values(&[
            (FieldId::Captcha, &captcha),
            (FieldId::NationalId, NATIONAL_ID),
            (FieldId::SecurityWord, word),
        ]))
    }

    pub(crate) fn new_word(&self, word: &str, again: &str) -> Action {
        let captcha = self.simulator.captcha().expect("drawn");
        Action::ResetWord(values(&[
            (FieldId::Captcha, &captcha),
            (FieldId::NationalId, NATIONAL_ID),
            (FieldId::SecurityWord, word),
            (FieldId::SecurityWordRepeat, again),
        ]))
    }

    /// To the page that asks for the login's SMS code.
    pub(crate) async fn reach_online_sms_code(&mut self) -> Result<Page, Fault> {
        self.reach_login().await?;
        let word = self.word(WORD);
        let page = self.driver.perform(word).await?;
        let Page::SmsSend { phone } = page else { panic!("{page:?}") };
        assert_eq!(phone.expose(), "535 *** ** 01");
        self.driver.perform(Action::SendSms).await
    }

    pub(crate) async fn log_in_by_word(&mut self) -> Result<Page, Fault> {
        let sent = self.simulator.outbox().count();
        self.reach_online_sms_code().await?;
        self.type_sms(sent).await
    }

    pub(crate) async fn reach_unblock_code(&mut self) -> Result<Personal, Fault> {
        self.log_in_by_word().await?;
        let page = self.driver.perform(Action::ChooseOnlineService(OnlineService::Unblock)).await?;
        let Page::UnblockCode { code, .. } = page else { panic!("{page:?}") };
        Ok(code)
    }

    pub(crate) async fn confirm(&mut self, code: &Personal, index: usize) -> Result<Page, Fault> {
        let sms = self.simulator.outbox().wait_for(index, Duration::from_secs(10)).expect("an SMS");
        let confirm = Action::ConfirmUnblock { code: code.clone(), sms: Personal::new(sms.code) };
        self.driver.perform(confirm).await
    }

    pub(crate) async fn report(&mut self, code: &Personal, done: bool) -> Result<Page, Fault> {
        self.driver.perform(Action::ReportUnblocked { code: code.clone(), done }).await
    }
}
