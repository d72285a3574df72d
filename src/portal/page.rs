//! The vocabulary between the session and the portal: actions asked for, pages answered, faults named.
//!
//! It knows what the steps of an application are; it knows nothing of HTML, addresses or labels.

mod field;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    link::challenge::Challenge,
    redact::{Personal, PersonalBytes, PortalSecret},
};

pub use field::{Choice, Field, FieldId, FieldKind};

/// A decoded captcha picture: 8-bit RGBA, row by row, at most 600x200.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captcha {
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// `4 * width * height` bytes.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for Captcha {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Captcha({}x{})", self.width, self.height)
    }
}

/// Words of the portal, shown only inside a marked quotation: at most 300 characters, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote(pub Personal);

/// How the application is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// "Yöntem 1 : Islak İmzalı Başvuru Arayüzü"
    WetInk,
    /// "Yöntem 2 : Elektronik İmzalı Başvuru Arayüzü"
    Electronic,
}

/// How the portal's own pages for holders of a card are entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnlineLogin {
    /// "E-imza ile Giriş": a challenge signed with the card.
    Signature,
    /// "Şifreli Giriş": national id, captcha, security word, then SMS.
    Password,
}

/// What those pages are entered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnlineService {
    /// Learning the new card's PIN.
    NewPin,
    /// "Kilit Çözme"
    Unblock,
}

/// One text to be signed, in the order the signing service gave it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningText(pub Vec<u8>);

impl std::fmt::Debug for SigningText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningText({} bytes)", self.0.len())
    }
}

/// A document of the portal to be printed: a PDF that nobody here takes apart, at most [`Pdf::LIMIT`] bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pdf(pub PersonalBytes);

impl Pdf {
    /// Most bytes: it fits into one frame of a link.
    pub const LIMIT: usize = 3 * 1024 * 1024;
}

impl std::fmt::Debug for Pdf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pdf({} bytes)", self.0.expose().len())
    }
}

/// What the session asks the portal driver to do. One is under way at a time.
#[derive(Clone, PartialEq, Eq)]
pub enum Action {
    /// Fetch the login page afresh, with a new captcha and no cookies of before. Answers [`Page::Login`].
    Open,
    /// Log in. Answers [`Page::Form`], or [`Page::Login`] with an error.
    Login(Vec<(FieldId, Personal)>),
    /// Learn the districts of a province (its option value). Answers [`Page::Districts`].
    Districts(String),
    /// "Form Onayla". Answers [`Page::SmsSend`], or [`Page::Form`] with errors.
    SubmitForm(Vec<(FieldId, Personal)>),
    /// "GÖNDER", "Onay". Answers [`Page::SmsCode`].
    SendSms,
    /// The code that came by SMS. Answers [`Page::SmsCode`] with `wrong`, or the page it was asked for:
    /// [`Page::Method`], [`Page::OnlineServices`], [`Page::WordSet`].
    SubmitSmsCode(Personal),
    /// Method 1 or 2. Answers [`Page::WetInkPaper`] or [`Page::Signing`]; the first can be asked for again.
    ChooseMethod(Method),
    /// Ask the signing service for the texts behind the verification code. Answers [`Page::Texts`].
    FetchTexts(Personal),
    /// Hand in the signatures, one per text in order. Answers [`Page::SignaturesTaken`].
    SubmitSignatures {
        /// The verification code.
        code: Personal,
        /// DER of one CAdES `ContentInfo` per text.
        signatures: Vec<Vec<u8>>,
    },
    /// Look at the signing page again. Answers [`Page::Signing`] or [`Page::Received`].
    CheckResult,
    /// Fetch the first of the online pages afresh, with no cookies of before. Answers [`Page::OnlineEntry`].
    OpenOnline,
    /// Answers [`Page::OnlineChallenge`] or [`Page::OnlineLogin`].
    ChooseOnlineLogin(OnlineLogin),
    /// Log in with the signature over the signer's login text. Answers [`Page::OnlineServices`].
    LoginSigned {
        /// DER of the CAdES `ContentInfo`.
        signature: Vec<u8>,
    },
    /// Log in at [`Page::OnlineLogin`]. Answers [`Page::SmsSend`], or [`Page::OnlineLogin`] with an error.
    LoginOnline(Vec<(FieldId, Personal)>),
    /// "Güvenlik Sözcüğümü Unuttum". Answers [`Page::WordReset`].
    ForgottenWord,
    /// The new security word. Answers [`Page::SmsSend`], or [`Page::WordReset`] with an error.
    ResetWord(Vec<(FieldId, Personal)>),
    /// Answers [`Page::NewCardPin`] or [`Page::UnblockCode`].
    ChooseOnlineService(OnlineService),
    /// Ask the signing service to unblock by this verification code; it sends an SMS each time. Answers
    /// [`Page::UnblockSms`].
    FetchUnblock(Personal),
    /// "Doğrula". Answers [`Page::UnblockGrant`], or [`Page::UnblockSms`] with `wrong`.
    ConfirmUnblock {
        /// The verification code.
        code: Personal,
        /// The code that came by SMS.
        sms: Personal,
    },
    /// Tell the signing service how it ended; safe to repeat. Answers [`Page::UnblockReported`].
    ReportUnblocked {
        /// The verification code.
        code: Personal,
        /// The card has a new PIN.
        done: bool,
    },
}

impl std::fmt::Debug for Action {
    // A signature holds its signer's certificate: counted, never printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open => f.write_str("Open"),
            Self::Login(fields) => write!(f, "Login({} fields)", fields.len()),
            Self::Districts(_) => f.write_str("Districts"),
            Self::SubmitForm(fields) => write!(f, "SubmitForm({} fields)", fields.len()),
            Self::SendSms => f.write_str("SendSms"),
            Self::SubmitSmsCode(_) => f.write_str("SubmitSmsCode"),
            Self::ChooseMethod(method) => write!(f, "ChooseMethod({method:?})"),
            Self::FetchTexts(_) => f.write_str("FetchTexts"),
            Self::SubmitSignatures { signatures, .. } => {
                write!(f, "SubmitSignatures({} signatures)", signatures.len())
            }
            Self::CheckResult => f.write_str("CheckResult"),
            Self::OpenOnline => f.write_str("OpenOnline"),
            Self::ChooseOnlineLogin(login) => write!(f, "ChooseOnlineLogin({login:?})"),
            Self::LoginSigned { signature } => write!(f, "LoginSigned({} bytes)", signature.len()),
            Self::LoginOnline(fields) => write!(f, "LoginOnline({} fields)", fields.len()),
            Self::ForgottenWord => f.write_str("ForgottenWord"),
            Self::ResetWord(fields) => write!(f, "ResetWord({} fields)", fields.len()),
            Self::ChooseOnlineService(service) => write!(f, "ChooseOnlineService({service:?})"),
            Self::FetchUnblock(_) => f.write_str("FetchUnblock"),
            Self::ConfirmUnblock { .. } => f.write_str("ConfirmUnblock"),
            Self::ReportUnblocked { done, .. } => write!(f, "ReportUnblocked({done})"),
        }
    }
}

/// A page of the portal as the driver understood it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// The login page.
    Login {
        /// The picture to read.
        captcha: Captcha,
        /// The fields, captcha included, in the page's order.
        fields: Vec<Field>,
        /// The portal refused the last attempt because of the captcha.
        wrong_captcha: bool,
        /// Any other refusal, in the portal's words.
        refusal: Option<Quote>,
    },
    /// The application form.
    Form {
        /// The fields in the page's order.
        fields: Vec<Field>,
        /// Fields the portal refused.
        errors: Vec<(FieldId, Quote)>,
    },
    /// The districts of the province asked for.
    Districts(Vec<Choice>),
    /// "Telefon Numaranız : …" with "GÖNDER".
    SmsSend {
        /// The number as the portal shows it.
        phone: Personal,
    },
    /// The code is awaited.
    SmsCode {
        /// "Kalan Süre".
        remaining: Duration,
        /// The code sent last was wrong.
        wrong: bool,
    },
    /// The choice of methods.
    Method {
        /// Methods the page offers.
        offered: Vec<Method>,
    },
    /// The verification code waits for its signature.
    Signing {
        /// Fifteen digits.
        code: Personal,
        /// "Kalan süre".
        remaining: Duration,
    },
    /// Method 1: what is to be printed and signed by hand.
    WetInkPaper(Pdf),
    /// The texts to sign, in order.
    Texts(Vec<SigningText>),
    /// The signing service took the signatures.
    SignaturesTaken,
    /// "Başvurunuz E-İmzalı olarak alınmıştır."
    Received,
    /// "Kullanıcı Doğrulama Ekranı"
    OnlineEntry {
        /// Ways to log in that the page offers.
        offered: Vec<OnlineLogin>,
    },
    /// A challenge to sign with the card.
    OnlineChallenge {
        /// Used once.
        challenge: Challenge,
        /// How long it is good for.
        remaining: Duration,
    },
    /// "Şifreli Giriş Ekranı"
    OnlineLogin {
        /// The picture to read.
        captcha: Captcha,
        /// Captcha, national id, security word, in the page's order.
        fields: Vec<Field>,
        /// The portal refused the last attempt because of the captcha.
        wrong_captcha: bool,
        /// Any other refusal, in the portal's words.
        refusal: Option<Quote>,
    },
    /// The page that takes a new security word.
    WordReset {
        /// The picture to read.
        captcha: Captcha,
        /// Captcha, national id, security word and the word again, in the page's order.
        fields: Vec<Field>,
        /// The portal refused the last attempt because of the captcha.
        wrong_captcha: bool,
        /// Any other refusal, in the portal's words.
        refusal: Option<Quote>,
    },
    /// The new security word holds; one logs in with it at [`Action::OpenOnline`].
    WordSet,
    /// "Bireysel Nitelikli Elektronik Sertifika İşlemleri"
    OnlineServices {
        /// Services the page offers.
        offered: Vec<OnlineService>,
    },
    /// The new card's PIN.
    NewCardPin {
        /// Six digits.
        pin: PortalSecret,
        /// When the card can be used, as the page says it: `DD.MM.YYYY HH:MM:SS`, Turkish time.
        usable_from: String,
        /// How long the page may be looked at.
        remaining: Duration,
    },
    /// The verification code that unblocks the card.
    UnblockCode {
        /// Fifteen digits.
        code: Personal,
        /// "Kalan süre".
        remaining: Duration,
    },
    /// The signing service sent an SMS and awaits its code.
    UnblockSms {
        /// How long the SMS code lives.
        remaining: Duration,
        /// The code sent last was wrong.
        wrong: bool,
    },
    /// The card may be unblocked.
    UnblockGrant {
        /// What unblocks it.
        puk: PortalSecret,
    },
    /// The signing service knows how it ended.
    UnblockReported,
}

/// Why the portal did not answer with a page the session can go on from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// "kadronuz e-imza için uygun değildir"
    #[error("the portal says the position is not eligible")]
    NotEligible(Quote),
    /// The portal's own web-service error.
    #[error("the portal reports a web-service error")]
    WebService(Quote),
    /// No connection: DNS, TCP, proxy. Nothing was sent, or it is safe to say that nothing was taken.
    #[error("the portal cannot be reached")]
    Unreachable,
    /// The connection ended after the request may have been taken.
    #[error("the connection was lost before the answer")]
    Interrupted,
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The certificate of the server is not trusted.
    #[error("the server's certificate was not accepted")]
    Tls,
    /// An HTTP status that is no page.
    #[error("HTTP status {0}")]
    Status(u16),
    /// A body over the limit.
    #[error("the answer is larger than {limit} bytes")]
    Oversize {
        /// The limit, in bytes.
        limit: usize,
    },
    /// Not the text, charset, picture or structure that was expected.
    #[error("the answer is malformed: {0}")]
    Malformed(&'static str),
    /// No page of the profile matches.
    #[error("a page the profile does not know")]
    UnknownPage,
    /// A visible field or a required one that the profile does not know, or a known one that is missing.
    #[error("the page's form does not match the profile: {0}")]
    ChangedForm(&'static str),
    /// A redirect or form target away from the profile's hosts.
    #[error("the page leads off the profile's hosts")]
    OffHost,
    /// The portal's session is over.
    #[error("the portal's session has ended")]
    SessionEnded,
    /// The SMS code's time is over.
    #[error("the SMS code has expired")]
    SmsExpired,
    /// The verification code's time is over.
    #[error("the verification code has expired")]
    CodeExpired,
    /// The signing service does not know the verification code. Never a PIN fault.
    #[error("the verification code is not known")]
    CodeUnknown,
    /// The signing service refused a signature.
    #[error("the signing service refused the signature: {0:?}")]
    SignatureRefused(RefusedSignature),
    /// The driver was asked for an action that the page at hand does not offer.
    #[error("the page at hand does not offer this action")]
    OutOfOrder,
}

/// Why the signing service refused a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusedSignature {
    /// Not the person of the application.
    WrongPerson,
    /// Not the text, or not in order.
    WrongText,
    /// Not qualified, not in force, or not chained to the authority.
    Certificate,
    /// It does not verify.
    Invalid,
    /// The code was used before.
    CodeUsed,
}
