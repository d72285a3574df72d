//! The online pages as data: how each is recognised, its labels and captions.
//!
//! Few of these words are public: what a page really says is a matter of the profile's file (invariant 9). Words that
//! mean a fault of the portal's are [`Phrases`](crate::portal::Phrases) as elsewhere.

use serde::Deserialize;
use url::Url;

use crate::portal::{
    page::FieldId,
    profile::{FormPage, ReceivedPage, SigningPage, SmsCodePage, SmsSendPage, https},
};

/// The online pages of a profile.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Online {
    /// The first page; of another portal than the application's.
    #[serde(deserialize_with = "https")]
    pub address: Url,
    /// "Kullanıcı Doğrulama Ekranı"
    pub entry: EntryPage,
    /// The challenge to be signed.
    pub challenge: ChallengePage,
    /// "Şifreli Giriş Ekranı"
    pub login: FormPage,
    /// Captions on that page of the way to a new security word.
    pub forgotten: Vec<String>,
    /// The page that takes a new security word.
    pub word_reset: FormPage,
    /// "SMS Onay Ekranı"
    pub sms_send: SmsSendPage,
    /// "SMS Onay Kodu Giriş Ekranı"
    pub sms_code: SmsCodePage,
    /// The new security word holds.
    pub word_set: ReceivedPage,
    /// "Bireysel Nitelikli Elektronik Sertifika İşlemleri"
    pub services: ServicesPage,
    /// The new card's PIN.
    pub new_pin: NewPinPage,
    /// "Kilit Çözme": the verification code.
    pub unblock: SigningPage,
    /// What is said of a login's signature that is not taken.
    pub refused: RefusedSignatures,
}

/// The choice of how to log in; each a button or a link.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EntryPage {
    /// What the page says; every one of these.
    pub says: Vec<String>,
    /// Captions of the login with a signature.
    pub signature: Vec<String>,
    /// Captions of the login with a security word.
    pub password: Vec<String>,
}

/// The page with the challenge, and the form that takes its signature.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ChallengePage {
    /// What the page says; every one of these.
    pub says: Vec<String>,
    /// Labels of the challenge.
    pub challenge: Vec<String>,
    /// Words before the seconds left.
    pub remaining: Vec<String>,
    /// Name of the hidden field that takes the signature, base64 of its DER.
    pub signature: String,
    /// Captions of the button that sends it.
    pub buttons: Vec<String>,
}

/// The choice of services; each a button or a link.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServicesPage {
    /// What the page says; every one of these.
    pub says: Vec<String>,
    /// Captions of the new card's PIN; not there where no new card is on its way.
    pub new_pin: Vec<String>,
    /// Captions of unblocking.
    pub unblock: Vec<String>,
}

/// The page with the new card's PIN.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NewPinPage {
    /// What the page says; every one of these.
    pub says: Vec<String>,
    /// Labels of the PIN.
    pub pin: Vec<String>,
    /// Labels of the time from which the card can be used.
    pub usable_from: Vec<String>,
    /// Words before the seconds left.
    pub remaining: Vec<String>,
}

/// Words by which a login's signature is refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RefusedSignatures {
    /// Its certificate: not qualified, not in force, of an unknown authority.
    pub certificate: Vec<String>,
    /// Another text than the one for this challenge.
    pub wrong_text: Vec<String>,
    /// The person is not known there.
    pub wrong_person: Vec<String>,
    /// It does not verify, or is no login.
    pub invalid: Vec<String>,
}

impl Online {
    /// Every list of words that must hold some, with its key.
    pub(in crate::portal) fn words(&self) -> Vec<(String, &[String])> {
        let lists: [(&str, &[String]); 34] = [
            ("entry.says", &self.entry.says),
            ("entry.signature", &self.entry.signature),
            ("entry.password", &self.entry.password),
            ("challenge.says", &self.challenge.says),
            ("challenge.challenge", &self.challenge.challenge),
            ("challenge.remaining", &self.challenge.remaining),
            ("challenge.buttons", &self.challenge.buttons),
            ("login.says", &self.login.says),
            ("login.buttons", &self.login.buttons),
            ("forgotten", &self.forgotten),
            ("word-reset.says", &self.word_reset.says),
            ("word-reset.buttons", &self.word_reset.buttons),
            ("sms-send.says", &self.sms_send.says),
            ("sms-send.buttons", &self.sms_send.buttons),
            ("sms-send.phone", &self.sms_send.phone),
            ("sms-code.says", &self.sms_code.says),
            ("sms-code.buttons", &self.sms_code.buttons),
            ("sms-code.code", &self.sms_code.code),
            ("sms-code.remaining", &self.sms_code.remaining),
            ("word-set.says", &self.word_set.says),
            ("services.says", &self.services.says),
            ("services.new-pin", &self.services.new_pin),
            ("services.unblock", &self.services.unblock),
            ("new-pin.says", &self.new_pin.says),
            ("new-pin.pin", &self.new_pin.pin),
            ("new-pin.usable-from", &self.new_pin.usable_from),
            ("new-pin.remaining", &self.new_pin.remaining),
            ("unblock.says", &self.unblock.says),
            ("unblock.code", &self.unblock.code),
            ("unblock.remaining", &self.unblock.remaining),
            ("refused.certificate", &self.refused.certificate),
            ("refused.wrong-text", &self.refused.wrong_text),
            ("refused.wrong-person", &self.refused.wrong_person),
            ("refused.invalid", &self.refused.invalid),
        ];
        let fields = self.forms().into_iter().flat_map(|(key, page, _)| {
            page.fields
                .iter()
                .map(move |(field, labels)| (format!("{key}.fields.{field:?}"), labels.as_slice()))
        });
        lists.into_iter().map(|(key, words)| (format!("online.{key}"), words)).chain(fields).collect()
    }

    /// The pages with fields, by key, and what each has to ask for.
    pub(in crate::portal) fn forms(&self) -> [(&'static str, &FormPage, &'static [FieldId]); 2] {
        use FieldId::{Captcha, NationalId, SecurityWord, SecurityWordRepeat};
        [
            ("online.login", &self.login, &[Captcha, NationalId, SecurityWord]),
            ("online.word-reset", &self.word_reset, &[Captcha, NationalId, SecurityWord, SecurityWordRepeat]),
        ]
    }
}
