//! One institution's portal as data: addresses, how its pages are recognised, its labels and phrases.
//!
//! A changed label is a changed file, never a changed program (invariant 9). It knows nothing of HTML; what
//! a label stands beside is found by [`super::label`].

mod load;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use url::Url;

use super::{online::Online, page::FieldId};

pub use load::ProfileError;
pub(super) use load::https;

/// A whole profile. In all lists of words any one of them will do, compared without regard to case (by
/// Turkish rules), white space, colons and required marks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Profile {
    /// The institution, for people.
    pub name: String,
    /// The first page.
    #[serde(deserialize_with = "load::https")]
    pub address: Url,
    /// The signing service: `/texts` and `/signatures` are below it.
    #[serde(deserialize_with = "load::https")]
    pub signing_address: Url,
    /// The only hosts that pages, forms and redirects may lead to; with a port where it is not 443.
    pub hosts: Vec<String>,
    /// Options of lists that stand for "nothing chosen yet".
    #[serde(default)]
    pub placeholders: Vec<String>,
    /// Classes of elements that hold the portal's refusals.
    #[serde(default)]
    pub message_classes: Vec<String>,
    /// The pages.
    pub pages: Pages,
    /// Words that mean a fault, wherever they stand.
    pub phrases: Phrases,
    /// How the districts of a province are learned.
    pub districts: Districts,
    /// The pages for holders of a card, where the kiosk may offer what they are for.
    #[serde(default)]
    pub online: Option<Online>,
    /// Labels of the contract's lines that repeat a field, in order.
    contract: Vec<(String, FieldId)>,
}

/// The pages of an application.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pages {
    /// The login page.
    pub login: FormPage,
    /// The application form.
    pub form: FormPage,
    /// "GÖNDER".
    pub sms_send: SmsSendPage,
    /// The code is awaited.
    pub sms_code: SmsCodePage,
    /// The choice of methods.
    pub method: MethodPage,
    /// Method 1: the document to be printed. Left out, this kiosk does not offer it.
    #[serde(default)]
    pub wet_ink: Option<WetInkPage>,
    /// The verification code.
    pub signing: SigningPage,
    /// The application was received.
    pub received: ReceivedPage,
}

/// A page with fields to fill in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FormPage {
    /// What the page says; every one of these.
    pub says: Vec<String>,
    /// Captions of the button that sends it.
    pub buttons: Vec<String>,
    /// Labels of each field.
    pub fields: BTreeMap<FieldId, Vec<String>>,
    /// Fields that may be missing.
    #[serde(default)]
    pub optional: BTreeSet<FieldId>,
    /// Fields the portal fills in and takes no change of; they may stand on the page as mere text.
    #[serde(default)]
    pub filled_by_portal: BTreeSet<FieldId>,
    /// A part of the address of the captcha's picture; on the login page only.
    #[serde(default)]
    pub picture: Option<String>,
}

/// The page that sends the SMS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SmsSendPage {
    /// What the page says; every one of these.
    pub says: Vec<String>,
    /// Captions of the button that sends the SMS.
    pub buttons: Vec<String>,
    /// Labels of the telephone number.
    pub phone: Vec<String>,
}

/// The page that takes the SMS code.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SmsCodePage {
    /// What the page says; every one of these.
    pub says: Vec<String>,
    /// Captions of the button that sends the code.
    pub buttons: Vec<String>,
    /// Labels of the code's field.
    pub code: Vec<String>,
    /// Words before the seconds left.
    pub remaining: Vec<String>,
}

/// The choice of methods; each a button, a link, or an option of a list sent by one of `buttons`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MethodPage {
    /// What the page says; every one of these.
    pub says: Vec<String>,
    /// Captions of the wet-ink method.
    pub wet_ink: Vec<String>,
    /// Captions of the electronic method.
    pub electronic: Vec<String>,
    /// Captions of the button that sends the choice, where methods are options.
    #[serde(default)]
    pub buttons: Vec<String>,
}

/// The page of method 1.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WetInkPage {
    /// What the page says; every one of these.
    pub says: Vec<String>,
    /// Captions of the link or button that gives the document, a PDF.
    pub document: Vec<String>,
}

/// The page that waits for the signature.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SigningPage {
    /// What the page says; every one of these.
    pub says: Vec<String>,
    /// Labels of the verification code.
    pub code: Vec<String>,
    /// Words before the seconds left.
    pub remaining: Vec<String>,
}

/// The page at the end.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReceivedPage {
    /// What the page says; every one of these.
    pub says: Vec<String>,
}

/// Words that mean a fault, wherever they stand on a page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Phrases {
    /// "kadronuz e-imza için uygun değildir"
    pub not_eligible: Vec<String>,
    /// The portal's own web-service error.
    pub web_service: Vec<String>,
    /// On the login page: the picture was read wrongly.
    pub wrong_captcha: Vec<String>,
    /// On the page of the SMS code: the code was wrong.
    pub wrong_sms_code: Vec<String>,
    /// The SMS code's time is over.
    pub sms_expired: Vec<String>,
    /// The verification code's time is over.
    pub code_expired: Vec<String>,
    /// The portal's session is over.
    pub session_ended: Vec<String>,
}

/// How the districts of a province are learned.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "by")]
pub enum Districts {
    /// By a GET of an address that answers `option` elements.
    Address {
        /// Relative to the form's page.
        address: String,
        /// The parameter that holds the province's option value.
        parameter: String,
    },
    /// By sending the form back with a hidden field that says why.
    PostBack {
        /// The hidden field.
        field: String,
        /// What is put into it.
        value: String,
    },
}

impl Profile {
    /// Labels of the contract's lines that repeat a field of the form, in the contract's order.
    #[must_use]
    pub fn contract(&self) -> Vec<(String, FieldId)> {
        self.contract.clone()
    }
}

#[cfg(test)]
mod tests;
