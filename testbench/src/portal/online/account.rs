//! What the online pages know of a person: the security word, the telephone, the cards.
//!
//! It is data; who may be told what is decided by the steps.

use std::fmt;

use jiff::{Timestamp, tz::Offset};
use serde::Deserialize;

/// A holder's account. Does not print itself.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// "Güvenlik sözcüğü" of the last application.
    pub security_word: String,
    /// Where SMS codes go: ten digits.
    pub phone: String,
    /// PUK of the card in use.
    pub puk: String,
    /// The card that is on its way, if one is.
    #[serde(default)]
    pub new_card: Option<NewCard>,
}

/// A card that was sent to its holder, who does not know its PIN. Does not print itself.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCard {
    /// Six digits.
    pub pin: String,
    /// From when it can be used, Unix seconds: the first one of its certificate.
    pub usable_from: i64,
}

impl NewCard {
    /// `DD.MM.YYYY HH:MM:SS` in Turkish time, UTC+3 all year.
    pub(super) fn usable_from(&self) -> String {
        let time = Timestamp::from_second(self.usable_from).unwrap_or_default();
        Offset::constant(3).to_datetime(time).strftime("%d.%m.%Y %H:%M:%S").to_string()
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account([redacted])")
    }
}

impl fmt::Debug for NewCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewCard([redacted])")
    }
}
