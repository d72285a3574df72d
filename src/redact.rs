//! Personal data that cannot print itself.
//!
//! Everything that identifies or belongs to a visitor is held in a [`Personal`], a PIN or PUK of the portal's in a
//! [`PortalSecret`]. It knows nothing of who
//! may read it; it makes sure that reading is an explicit act and that formatting is never one.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A piece of personal data: redacted in `Debug` and `Display`, zeroed when dropped.
#[derive(
    Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Zeroize, ZeroizeOnDrop,
)]
#[serde(transparent)]
pub struct Personal(String);

impl Personal {
    /// Takes the text over; the only copy is the one inside.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Every call of this is a place to review.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing but white space is inside.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl From<&str> for Personal {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Personal {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Display for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A PIN or a PUK that the portal delivers: it prints as nothing, is zeroed when dropped, and is serialised only over the
/// signer's link and into the one view that shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct PortalSecret(String);

impl PortalSecret {
    /// Takes the text over; the only copy is the one inside.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Every call of this is a place to review.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PortalSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::{Personal, PortalSecret};

    #[test]
    fn a_secret_of_the_portals_prints_as_nothing() {
        let puk = PortalSecret::new("48151623");
        assert_eq!(format!("{puk:?} {:?}", Some(&puk)), "[secret] Some([secret])");
        assert_eq!(puk.expose(), "48151623");
    }

    #[test]
    fn personal_data_prints_as_redacted_in_every_format() {
        let word = Personal::new("Zeytin-41-Köprü");
        let printed = format!("{word} {word:?} {:?} {:#?}", Some(&word), vec![&word]);
        assert!(!printed.contains("Zeytin"), "leaked: {printed}");
        assert!(printed.contains("[redacted]"));
    }
}
