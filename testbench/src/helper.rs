//! Whoever helps another person at the kiosk: who that is, and what goes wrong with their card or their hands.
//!
//! It knows names; how a fault is brought about belongs to the card emulator and to the robot.

use anyhow::Context;

use crate::{card::fault, faults::CardFault, visitor::Visitor};

/// Somebody of the staff who comes along.
#[derive(Debug, Clone)]
pub struct Helper {
    /// Who.
    pub person: Visitor,
    /// What goes wrong.
    pub fault: Option<HelperFault>,
}

/// What goes wrong with whoever helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HelperFault {
    /// The same that may be wrong with any card.
    Card(CardFault),
    /// The office's list does not have the card.
    NotListed,
    /// The helper's own card is put in again as the other person's, once.
    OwnCard,
    /// In the middle the person's card is pulled and the helper's put in, once.
    SwappedBack,
}

impl HelperFault {
    /// Every one there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_card =
            CardFault::ALL.into_iter().filter(|fault| fault.strikes() != crate::faults::Strikes::NewPin);
        of_card.map(Self::Card).chain([Self::NotListed, Self::OwnCard, Self::SwappedBack])
    }

    /// The name on the command line and in `assisted.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Card(fault) => fault.name(),
            Self::NotListed => "not-listed",
            Self::OwnCard => "own-card",
            Self::SwappedBack => "swapped-back",
        }
    }

    /// What the card itself has.
    ///
    /// # Errors
    /// When the card emulator does not know it.
    pub fn emulated(self) -> anyhow::Result<Option<fault::CardFault>> {
        match self {
            // The PIN is typed, not built into a card.
            Self::Card(CardFault::WrongPin) | Self::NotListed | Self::OwnCard | Self::SwappedBack => Ok(None),
            Self::Card(fault) => Ok(Some(fault.name().parse()?)),
        }
    }
}

impl std::str::FromStr for HelperFault {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        Self::all().find(|fault| fault.name() == name).with_context(|| {
            let names: Vec<_> = Self::all().map(Self::name).collect();
            format!("no fault of a helper is named {name:?}; there are: {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::HelperFault;

    #[test]
    fn names_are_read_back_as_the_fault_they_name_and_every_card_can_be_made() {
        for fault in HelperFault::all() {
            assert_eq!(fault.name().parse::<HelperFault>().unwrap(), fault);
            fault.emulated().unwrap();
        }
        assert!("pulled-at-replace".parse::<HelperFault>().is_err(), "a helper changes no PIN");
    }
}
