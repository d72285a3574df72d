//! What the signer signs that is a text of its own: which one, and the challenge in it, the portal's or the kiosk's.
//!
//! How such a text reads is said by the signer alone.

use serde::{Deserialize, Serialize};

/// Characters of a challenge.
const LENGTHS: std::ops::RangeInclusive<usize> = 16..=128;

/// A text that the signer builds itself. It has a content type of its own: a signature over it is no application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OwnText {
    /// A trial of the card; what is signed binds nobody.
    CardTest,
    /// A login at the portal.
    Login {
        /// What the portal wants signed, once.
        challenge: Challenge,
    },
    /// Whoever helps at this kiosk shows that they are staff of the office.
    Assistance {
        /// What the kiosk wants signed, once.
        challenge: Challenge,
    },
}

/// A challenge: 16 to 128 characters of base64url (RFC 4648, 5) without padding, whatever they mean.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Challenge(String);

/// What is no challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoChallenge {
    /// Too short to be one, or too long to be shown.
    #[error("found {0} characters, expected 16 to 128")]
    Length(usize),
    /// A character that could say something to whoever reads it.
    #[error("found the character U+{0:04X}, expected base64url")]
    Character(u32),
}

impl Challenge {
    /// Its characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Challenge {
    type Error = NoChallenge;

    fn try_from(text: String) -> Result<Self, NoChallenge> {
        let is_base64url = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        match text.chars().find(|character| !is_base64url(character)) {
            Some(character) => Err(NoChallenge::Character(character.into())),
            None if !LENGTHS.contains(&text.len()) => Err(NoChallenge::Length(text.len())),
            None => Ok(Self(text)),
        }
    }
}

impl From<Challenge> for String {
    fn from(challenge: Challenge) -> Self {
        challenge.0
    }
}

impl std::fmt::Debug for Challenge {
    // Whoever has it within its time can ask somebody else to sign it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Challenge({} characters)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{Challenge, NoChallenge};
    use crate::link::codec;

    fn challenge(text: &str) -> Result<Challenge, NoChallenge> {
        text.to_owned().try_into()
    }

    #[test]
    fn a_challenge_is_base64url_of_a_length_that_can_be_shown() {
        for fine in ["0123456789-_AZaz", &"x".repeat(128)] {
            assert_eq!(challenge(fine).unwrap().as_str(), fine);
        }
        for length in [0, 15, 129] {
            assert_eq!(challenge(&"x".repeat(length)), Err(NoChallenge::Length(length)));
        }
    }

    #[test]
    fn nothing_that_reads_as_words_or_lines_is_a_challenge() {
        for character in [' ', '\n', '.', ':', '=', '+', '/', '\u{0}', '\u{7F}', 'İ', '\u{202E}'] {
            let text = format!("0123456789{character}abcdefghij");
            assert_eq!(challenge(&text), Err(NoChallenge::Character(character.into())));
        }
    }

    #[test]
    fn what_is_none_does_not_come_over_the_link_either() {
        let (good, bad) = ("0123456789abcdef".to_owned(), "0123456789 abcde".to_owned());
        let cross = |text: &String| {
            codec::read::<Challenge>(&mut codec::encode(text).unwrap().as_slice()).map(String::from)
        };
        assert_eq!(cross(&good).unwrap(), good);
        assert!(cross(&bad).is_err());
    }
}
