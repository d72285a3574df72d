//! Whom to ask, and a call for staff: what it is known by and what became of it.
//!
//! It knows no way by which staff is told.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whom to ask, from the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Help {
    /// A telephone number as it is printed.
    pub phone: String,
    /// An e-mail address.
    pub email: String,
}

/// What a visit is known by where somebody is asked for help: two letters and four digits, to be read out. It says
/// nothing of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reference(u32);

/// Letters that neither look nor sound like others, in either language.
const LETTERS: &[u8; 16] = b"ABDEFHKLMNPRTUYZ";

/// So many references there are.
const ALL: u32 = 16 * 16 * 10_000;

impl Reference {
    /// From a number nobody can foresee.
    #[must_use]
    pub const fn of(number: u32) -> Self {
        Self(number % ALL)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = |number: u32| char::from(LETTERS[(number % 16) as usize]);
        let (letters, digits) = (self.0 / 10_000, self.0 % 10_000);
        write!(f, "{}{}-{digits:04}", letter(letters / 16), letter(letters))
    }
}

/// What became of a call for staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    /// This kiosk tells nobody by itself: one telephones.
    ByPhone,
    /// It is on its way.
    UnderWay,
    /// Staff was told.
    Told,
    /// Nobody could be told.
    Failed,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{ALL, Reference};

    #[test]
    fn a_reference_is_two_letters_and_four_digits_and_no_two_are_the_same() {
        assert_eq!(Reference::of(0).to_string(), "AA-0000");
        assert_eq!(Reference::of(ALL - 1).to_string(), "ZZ-9999");
        assert_eq!(Reference::of(ALL), Reference::of(0));
        let all: HashSet<String> = (0..ALL).map(|number| Reference::of(number).to_string()).collect();
        assert_eq!(all.len(), 2_560_000);
        assert!(all.iter().all(|it| it.len() == 7));
    }
}
