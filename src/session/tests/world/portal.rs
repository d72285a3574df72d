//! The portal's side of the world: what a page says to an action.

use std::time::Duration;

use super::{AfterSms, CODE_LIFE, PIN_LIFE, SMS_LIFE, World};
use crate::{
    portal::{
        Action, Captcha, Choice, Fault as PortalFault, Field, FieldId, FieldKind, Method, OnlineLogin,
        OnlineService, Page, Pdf, Quote, SigningText,
    },
    redact::{Personal, PortalSecret},
};

impl World {
    pub(in crate::session::tests) fn portal_page(&mut self, action: &Action) -> Result<Page, PortalFault> {
        let mark = self.mark();
        Ok(match action {
            Action::Open => self.login_page(false, None),
            Action::Login(values) => {
                self.form.extend(values.iter().cloned());
                Page::Form { fields: self.form_fields(), errors: Vec::new() }
            }
            Action::Districts(_) => Page::Districts(vec![
                Choice { value: "1".into(), label: "ODUNPAZARI".into() },
                Choice { value: "2".into(), label: "TEPEBAŞI".into() },
            ]),
            Action::SubmitForm(values) => {
                self.form.extend(values.iter().cloned());
                self.after_sms = AfterSms::Method;
                Page::SmsSend { phone: format!("532 {mark}").into() }
            }
            Action::SendSms => Page::SmsCode { remaining: Duration::from_secs(SMS_LIFE), wrong: false },
            Action::SubmitSmsCode(_) => match self.after_sms {
                AfterSms::Method => Page::Method { offered: vec![Method::WetInk, Method::Electronic] },
                AfterSms::Services => Self::online_services(),
                AfterSms::Word => Page::WordSet,
            },
            Action::ChooseMethod(Method::WetInk) => {
                Page::WetInkPaper(Pdf(format!("%PDF-1.7 {mark}").into_bytes().into()))
            }
            Action::ChooseMethod(Method::Electronic) => {
                self.codes += u32::from(!self.keeps_code);
                self.taken = false;
                self.signing_page()
            }
            Action::FetchTexts(_) => Page::Texts(vec![
                self.contract(),
                SigningText(format!("FORM-001-042\nTAAHHÜTNAME {mark}\n").into()),
            ]),
            Action::SubmitSignatures { .. } => {
                self.taken = true;
                Page::SignaturesTaken
            }
            Action::CheckResult => {
                if self.taken && self.looks == 0 {
                    Page::Received
                } else {
                    self.looks = self.looks.saturating_sub(1);
                    self.signing_page()
                }
            }
            Action::OpenOnline => {
                Page::OnlineEntry { offered: vec![OnlineLogin::Signature, OnlineLogin::Password] }
            }
            Action::ChooseOnlineLogin(OnlineLogin::Signature) => {
                let challenge = format!("0123456789abcdef-{mark}").try_into().expect("base64url");
                Page::OnlineChallenge { challenge, remaining: Duration::from_secs(CODE_LIFE) }
            }
            Action::ChooseOnlineLogin(OnlineLogin::Password) => self.online_login(false, None),
            Action::LoginSigned { .. } => Self::online_services(),
            Action::LoginOnline(_) => {
                self.after_sms = AfterSms::Services;
                Page::SmsSend { phone: format!("532 {mark}").into() }
            }
            Action::ForgottenWord => self.word_reset(false, None),
            Action::ResetWord(_) => {
                self.after_sms = AfterSms::Word;
                Page::SmsSend { phone: format!("532 {mark}").into() }
            }
            Action::ChooseOnlineService(OnlineService::NewPin) => Page::NewCardPin {
                pin: PortalSecret::new(format!("PIN-{mark}")),
                usable_from: "01.01.2027 00:00:00".into(),
                remaining: Duration::from_secs(PIN_LIFE),
            },
            Action::ChooseOnlineService(OnlineService::Unblock) => {
                self.codes += 1;
                Page::UnblockCode { code: self.code(), remaining: Duration::from_secs(CODE_LIFE) }
            }
            Action::FetchUnblock(_) => {
                Page::UnblockSms { remaining: Duration::from_secs(SMS_LIFE), wrong: false }
            }
            Action::ConfirmUnblock { .. } => {
                Page::UnblockGrant { puk: PortalSecret::new(format!("PUK-{mark}")) }
            }
            Action::ReportUnblocked { .. } => Page::UnblockReported,
        })
    }

    pub(in crate::session::tests) fn code(&self) -> Personal {
        format!("{}-{:05}", self.mark(), self.codes).into()
    }

    fn signing_page(&self) -> Page {
        Page::Signing { code: self.code(), remaining: Duration::from_secs(CODE_LIFE) }
    }

    pub(in crate::session::tests) fn login_page(&self, wrong_captcha: bool, refusal: Option<Quote>) -> Page {
        use FieldId as F;
        let fields = [F::Captcha, F::NationalId, F::GivenName, F::Surname, F::BirthPlace, F::BirthDate];
        Page::Login { captcha: picture(), fields: fields.map(typed).into(), wrong_captcha, refusal }
    }

    pub(in crate::session::tests) fn online_services() -> Page {
        Page::OnlineServices { offered: vec![OnlineService::NewPin, OnlineService::Unblock] }
    }

    pub(in crate::session::tests) fn online_login(
        &self,
        wrong_captcha: bool,
        refusal: Option<Quote>,
    ) -> Page {
        use FieldId as F;
        let fields = [F::Captcha, F::NationalId, F::SecurityWord].map(typed).into();
        Page::OnlineLogin { captcha: picture(), fields, wrong_captcha, refusal }
    }

    pub(in crate::session::tests) fn word_reset(&self, wrong_captcha: bool, refusal: Option<Quote>) -> Page {
        use FieldId as F;
        let fields = [F::Captcha, F::NationalId, F::SecurityWord, F::SecurityWordRepeat].map(typed).into();
        Page::WordReset { captcha: picture(), fields, wrong_captcha, refusal }
    }

    pub(in crate::session::tests) fn form_fields(&self) -> Vec<Field> {
        use FieldId as F;
        let said = |id| self.form.get(&id).cloned().unwrap_or_default();
        let mark = self.mark();
        let fixed = |id, value| Field {
            id,
            kind: FieldKind::Text { max_length: None },
            value,
            required: true,
            read_only: true,
        };
        let text = |id, required| Field {
            id,
            kind: FieldKind::Text { max_length: Some(60) },
            value: Personal::default(),
            required,
            read_only: false,
        };
        let list = |id, options: &[(&str, &str)]| Field {
            id,
            kind: FieldKind::Choice(
                options.iter().map(|(v, l)| Choice { value: (*v).into(), label: (*l).into() }).collect(),
            ),
            value: Personal::default(),
            required: true,
            read_only: false,
        };
        vec![
            list(F::Reason, &[("K", "Kayıp Çalıntı"), ("Y", "Yenileme"), ("D", "Diğer")]),
            list(F::ReaderType, &[("0", "İstenmedi"), ("1", "Mini Kart Okuyucu")]),
            list(F::Validity, &[("3", "3 Yıl")]),
            fixed(F::NationalId, said(F::NationalId)),
            fixed(F::GivenName, said(F::GivenName)),
            fixed(F::Surname, said(F::Surname)),
            fixed(F::BirthPlace, said(F::BirthPlace)),
            fixed(F::BirthDate, said(F::BirthDate)),
            text(F::SecurityWord, true),
            text(F::SecurityWordRepeat, true),
            fixed(F::Institution, format!("DENEME KURUMU {mark}").into()),
            text(F::RegistryNumber, false),
            text(F::Unit, true),
            text(F::Title, true),
            text(F::Address, true),
            list(F::Province, &[("06", "ANKARA"), ("26", "ESKİŞEHİR")]),
            list(F::District, &[]),
            text(F::PostalCode, true),
            text(F::Email, true),
            text(F::WorkPhone, true),
            text(F::WorkExtension, false),
            text(F::MobilePhone, true),
            list(F::MobileOperator, &[("1", "Turkcell"), ("2", "Vodafone"), ("3", "Türk Telekom")]),
            text(F::HomePhone, false),
            list(F::InfoChannel, &[("e", "Eposta"), ("s", "SMS"), ("h", "Her İkisi")]),
        ]
    }

    fn contract(&self) -> SigningText {
        let said = |id| self.form.get(&id).map(Personal::expose).unwrap_or_default();
        let province = if self.contract_differs { "KONYA" } else { "ESKİŞEHİR" };
        SigningText(
            format!(
                "Aşağıda yazılı bütün bilgilerin doğru olduğunu,\nbeyan ederim.\nAD: {}\nSOYAD: {}\nADRES: {}\n\
                 CEP TELEFONU: {}\nİL: {province}\n",
                said(FieldId::GivenName),
                said(FieldId::Surname),
                said(FieldId::Address),
                said(FieldId::MobilePhone),
            )
            .into(),
        )
    }
}

fn picture() -> Captcha {
    Captcha { width: 2, height: 1, rgba: vec![0; 8] }
}

/// A field of a page with a picture.
fn typed(id: FieldId) -> Field {
    Field {
        id,
        kind: FieldKind::Text { max_length: Some(50) },
        value: Personal::default(),
        // As the guide shows it: no mark on the first page.
        required: false,
        read_only: false,
    }
}
