//! A field of a page: to fill in, to check, to compare with the contract.
//!
//! Ids and values only; its label comes from the screen's own catalogue.

use serde::{Deserialize, Serialize};

use crate::{
    portal::{Choice, FieldId, Quote},
    redact::Personal,
};

/// The four pages of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Section {
    /// Why: reason, reader, validity, security word.
    Reason,
    /// Institution: name, registry number, unit, title.
    Institution,
    /// Address: street, province, district, postal code.
    Address,
    /// Contact: e-mail, telephones, operator, channel.
    Contact,
}

/// A field to fill in, or to read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldView {
    /// Which.
    pub id: FieldId,
    /// How it is filled in.
    pub input: Input,
    /// What is in it: for a choice, the option's value.
    pub value: Personal,
    /// Where the value came from, if not from the person.
    pub source: Source,
    /// It must be filled in.
    pub required: bool,
    /// What is wrong with it.
    pub error: Option<FieldError>,
    /// Worth a look, but not wrong.
    pub warning: Option<FieldWarning>,
}

/// How a field is filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// Not by the person.
    ReadOnly,
    /// Letters: the Turkish keyboard.
    Text {
        /// Most characters.
        max_length: u16,
    },
    /// The keyboard with `@` and `.com.tr`.
    Email {
        /// Most characters.
        max_length: u16,
    },
    /// Digits only.
    Digits {
        /// Most digits.
        max_length: u16,
    },
    /// A date, `DD.MM.YYYY`, digits only.
    Date,
    /// One of these.
    Choice(Vec<Choice>),
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// Nobody yet, or the person.
    Person,
    /// The certificate on the card.
    Card,
    /// The portal.
    Portal,
    /// The office's configuration, or the kiosk.
    Office,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldError {
    /// Required and blank.
    Missing,
    /// The check digits of the national id do not fit.
    NationalId,
    /// Not a date `DD.MM.YYYY` in the past.
    Date,
    /// Not an e-mail address.
    Email,
    /// Not ten digits, or not a number of this kind.
    Phone,
    /// Not five digits.
    PostalCode,
    /// Not the same twice.
    Repeat,
    /// Longer than the portal takes.
    TooLong,
    /// Too easy to guess: shorter than 8 characters, or known to everybody.
    WeakWord,
    /// None of the choices.
    Choice,
    /// The portal refused it, in these words.
    Refused(Quote),
}

/// Worth a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldWarning {
    /// The postal code does not start with the province's plate code.
    PostalCodeOfOtherProvince,
    /// The prefix was given out by another operator; numbers are portable.
    OtherOperator,
    /// The number is not a mobile one by its prefix.
    NotMobile,
}

/// A line of the check-your-answers page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewRow {
    /// Which field.
    pub id: FieldId,
    /// What is shown: for a choice, the option's label.
    pub shown: Personal,
    /// The page on which it can be changed.
    pub section: Option<Section>,
}

/// A line of the contract beside what was typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparedLine {
    /// Zero-based line of the first text.
    pub line: u32,
    /// Which field.
    pub id: FieldId,
    /// Where the two differ: what the form says. `None` when they agree.
    pub form_says: Option<Personal>,
}
