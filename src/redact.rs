//! Personal data that cannot print itself.
//!
//! Everything that identifies or belongs to a visitor is held in a [`Personal`], a PIN or PUK of the portal's in a
//! [`PortalSecret`]. It knows nothing of who
//! may read it; it makes sure that reading is an explicit act and that formatting is never one.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

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

/// Personal data that is no text, a document or the picture of one: prints its length alone, is zeroed when its last
/// owner lets go.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonalBytes(Arc<Zeroizing<Vec<u8>>>);

impl PersonalBytes {
    /// The bytes themselves. Every call of this is a place to review.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for PersonalBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Zeroizing::new(bytes)))
    }
}

impl fmt::Debug for PersonalBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonalBytes({})", self.0.len())
    }
}

impl Serialize for PersonalBytes {
    // As one stretch: there may be millions.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for PersonalBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl de::Visitor<'_> for Bytes {
            type Value = PersonalBytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<PersonalBytes, E> {
                Ok(bytes.to_vec().into())
            }
        }

        deserializer.deserialize_bytes(Bytes)
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
