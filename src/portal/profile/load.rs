//! Loading a profile and judging it: a broken one is named by file, key, what was found and what is
//! expected, before anybody stands in front of the kiosk.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Deserializer, de::Error as _};
use url::Url;

use super::{Districts, FormPage, Profile};
use crate::portal::{online::Online, page::FieldId, words};

/// What is wrong with a profile.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The file cannot be read.
    #[error("{file}: cannot be read: {source}")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// TOML, a key or a type is wrong; the text names line, key, what was found and what is expected.
    #[error("{file}: {text}")]
    Invalid {
        /// The file.
        file: PathBuf,
        /// Of the TOML reader.
        text: String,
    },
    /// A value cannot be, or does not fit another.
    #[error("{file}: {key}: found {found}, expected {expected}")]
    Value {
        /// The file.
        file: PathBuf,
        /// Dotted key.
        key: String,
        /// What was found.
        found: String,
        /// What is expected.
        expected: &'static str,
    },
}

impl Profile {
    /// Reads and judges a profile.
    ///
    /// # Errors
    /// [`ProfileError`], naming file, key, what was found and what is expected.
    pub fn load(file: &Path) -> Result<Self, ProfileError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| ProfileError::Unreadable { file: file.to_owned(), source })?;
        Self::parse(file, &text)
    }

    /// Reads and judges the text of a profile; `file` is named in errors only.
    ///
    /// # Errors
    /// As [`Profile::load`].
    pub fn parse(file: &Path, text: &str) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text)
            .map_err(|error| ProfileError::Invalid { file: file.to_owned(), text: error.to_string() })?;
        profile.judge().map_err(|(key, found, expected)| ProfileError::Value {
            file: file.to_owned(),
            key,
            found,
            expected,
        })?;
        Ok(profile)
    }

    fn judge(&self) -> Result<(), (String, String, &'static str)> {
        let is_known = |address: &Url| {
            let host = address.host_str().unwrap_or_default();
            self.hosts.iter().any(|known| known.split(':').next() == Some(host))
        };
        let addresses = [
            (Some(&self.address), "the host of `address` among them"),
            (self.online.as_ref().map(|online| &online.address), "the host of `online.address` among them"),
        ];
        for (address, expected) in addresses {
            if address.is_some_and(|address| !is_known(address)) {
                return Err(("hosts".to_owned(), format!("{:?}", self.hosts), expected));
            }
        }
        for (key, words) in self.words() {
            if words.iter().any(|word| words::fold(word).is_empty()) {
                return Err((key, "an empty text".to_owned(), "words of the page"));
            }
            if words.is_empty() {
                return Err((key, "an empty list".to_owned(), "at least one text"));
            }
        }
        judge_fields("pages.form", &self.pages.form)?;
        let online = self.online.as_ref().map(Online::forms);
        let login = ("pages.login", &self.pages.login, &[FieldId::Captcha][..]);
        for (key, page, needed) in std::iter::once(login).chain(online.into_iter().flatten()) {
            judge_login(key, page, needed)?;
        }
        let online = self.online.as_ref();
        if online.is_some_and(|online| online.challenge.signature.is_empty()) {
            let key = "online.challenge.signature".to_owned();
            return Err((key, "an empty text".to_owned(), "the name of a hidden field"));
        }
        let form = &self.pages.form.fields;
        for (key, field) in [("province", FieldId::Province), ("district", FieldId::District)] {
            if !form.contains_key(&field) {
                return Err((format!("pages.form.fields.{key}"), "nothing".to_owned(), "its labels"));
            }
        }
        let (address, parameter) = match &self.districts {
            Districts::Address { address, parameter } => (address, parameter),
            Districts::PostBack { field, value } => (field, value),
        };
        if address.is_empty() || parameter.is_empty() {
            return Err(("districts".to_owned(), "an empty text".to_owned(), "names of the page"));
        }
        self.judge_contract()
    }

    fn judge_contract(&self) -> Result<(), (String, String, &'static str)> {
        let key = || "contract".to_owned();
        if self.contract.is_empty() {
            return Err((key(), "an empty list".to_owned(), "at least one line"));
        }
        let mut seen = BTreeSet::new();
        for (label, field) in &self.contract {
            if words::label(label).is_empty() || !seen.insert(words::label(label)) {
                return Err((key(), format!("{label:?}"), "a label, once"));
            }
            if !self.pages.form.fields.contains_key(field) {
                return Err((key(), format!("{label:?}"), "a field of the form"));
            }
        }
        Ok(())
    }

    /// Every list of words that must hold some, with its key.
    fn words(&self) -> Vec<(String, &[String])> {
        let (pages, phrases) = (&self.pages, &self.phrases);
        let lists: [(&str, &[String]); 25] = [
            ("hosts", &self.hosts),
            ("pages.login.says", &pages.login.says),
            ("pages.login.buttons", &pages.login.buttons),
            ("pages.form.says", &pages.form.says),
            ("pages.form.buttons", &pages.form.buttons),
            ("pages.sms-send.says", &pages.sms_send.says),
            ("pages.sms-send.buttons", &pages.sms_send.buttons),
            ("pages.sms-send.phone", &pages.sms_send.phone),
            ("pages.sms-code.says", &pages.sms_code.says),
            ("pages.sms-code.buttons", &pages.sms_code.buttons),
            ("pages.sms-code.code", &pages.sms_code.code),
            ("pages.sms-code.remaining", &pages.sms_code.remaining),
            ("pages.method.says", &pages.method.says),
            ("pages.method.wet-ink", &pages.method.wet_ink),
            ("pages.method.electronic", &pages.method.electronic),
            ("pages.signing.says", &pages.signing.says),
            ("pages.signing.code", &pages.signing.code),
            ("pages.signing.remaining", &pages.signing.remaining),
            ("pages.received.says", &pages.received.says),
            ("phrases.not-eligible", &phrases.not_eligible),
            ("phrases.web-service", &phrases.web_service),
            ("phrases.wrong-captcha", &phrases.wrong_captcha),
            ("phrases.wrong-sms-code", &phrases.wrong_sms_code),
            ("phrases.sms-expired", &phrases.sms_expired),
            ("phrases.code-expired", &phrases.code_expired),
        ];
        let fields = [("pages.login", &pages.login), ("pages.form", &pages.form)].into_iter().flat_map(
            |(key, page)| {
                page.fields
                    .iter()
                    .map(move |(field, labels)| (format!("{key}.fields.{field:?}"), labels.as_slice()))
            },
        );
        let wet_ink = pages.wet_ink.iter().flat_map(|page| {
            [
                ("pages.wet-ink.says", page.says.as_slice()),
                ("pages.wet-ink.document", page.document.as_slice()),
            ]
        });
        lists
            .into_iter()
            .chain([("phrases.session-ended", phrases.session_ended.as_slice())])
            .chain(wet_ink)
            .map(|(key, words)| (key.to_owned(), words))
            .chain(fields)
            .chain(self.online.iter().flat_map(Online::words))
            .collect()
    }
}

/// An https address.
pub(in crate::portal) fn https<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    let text = String::deserialize(from)?;
    let address = Url::parse(&text).ok().filter(|url| url.scheme() == "https" && url.host_str().is_some());
    address.ok_or_else(|| D::Error::custom(format!("found {text:?}, expected an https address")))
}

/// A page with a captcha has its picture and everything that is asked for there.
fn judge_login(key: &str, page: &FormPage, needed: &[FieldId]) -> Result<(), (String, String, &'static str)> {
    judge_fields(key, page)?;
    if page.picture.as_deref().is_none_or(str::is_empty) {
        return Err((format!("{key}.picture"), "nothing".to_owned(), "a part of the picture's address"));
    }
    if let Some(missing) = needed.iter().find(|field| !page.fields.contains_key(field)) {
        return Err((format!("{key}.fields"), format!("no {missing:?}"), "its labels"));
    }
    Ok(())
}

/// A label that names two fields would put what was typed into the wrong one.
fn judge_fields(key: &str, page: &FormPage) -> Result<(), (String, String, &'static str)> {
    let mut seen: BTreeMap<String, FieldId> = BTreeMap::new();
    for (field, labels) in &page.fields {
        for label in labels {
            if let Some(other) = seen.insert(words::label(label), *field)
                && other != *field
            {
                return Err((format!("{key}.fields"), format!("{label:?} twice"), "one field for a label"));
            }
        }
    }
    for (list, fields) in [("optional", &page.optional), ("filled-by-portal", &page.filled_by_portal)] {
        if let Some(stray) = fields.iter().find(|field| !page.fields.contains_key(field)) {
            return Err((format!("{key}.{list}"), format!("{stray:?}"), "a field of this page"));
        }
    }
    Ok(())
}
