//! What a backend finds on a card, and what comes of a PIN there.
//!
//! It says which certificates a person is shown; what they allow is judged elsewhere.

use super::{pad::Unentered, tries::Told};
use crate::{
    card::certificate::Certificate,
    link::{pin::Pin, signer::Fault},
    signature::Algorithm,
};

/// What is on a card.
pub(super) struct Found {
    /// DER of each end-entity certificate.
    pub(super) certificates: Vec<Vec<u8>>,
    /// Of its PIN.
    pub(super) told: Told,
}

/// How a PIN comes to the card.
pub(super) enum Entry {
    /// It was typed on the screen or on the signer's own keys.
    Typed(Pin),
    /// It is to be typed on the reader's keys; nobody else sees it.
    AtReader,
}

/// What came of a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The card said no, or the backend did before asking it.
    WrongPin {
        /// A try was spent.
        spent: bool,
        /// What is known of the tries afterwards.
        told: Told,
    },
    /// None was entered at the reader; the card was not asked.
    Unentered(Unentered),
    /// A PIN went out and nobody heard what became of it: a try may be spent.
    Unheard(Fault),
    /// The reader was asked and did not say what became of it: a try may be spent.
    PadFailed(Fault),
    /// Something else was in the way.
    Fault(Fault),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// How a card's PIN is given another.
pub(super) enum Replacement {
    /// By whoever knows it.
    Change {
        /// The PIN until now.
        old: Pin,
    },
    /// With the PUK, where it is locked.
    Unblock {
        /// As the portal gave it.
        puk: Pin,
    },
}

/// Why a PIN was given no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreplaced {
    /// The card said no to the old PIN, or to the PUK; what is known of its tries afterwards.
    Wrong(Told),
    /// One of the two has no form the card takes; nothing was spent.
    Unfit,
    /// Something else was in the way: [`Fault::ChangeUnknown`] where nobody knows which PIN holds.
    Fault(Fault),
}

impl From<Fault> for Unreplaced {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Sorts a card's certificates.
#[derive(Default)]
pub(super) struct Sieve {
    fit: Vec<Vec<u8>>,
    unreadable: Vec<Vec<u8>>,
}

impl Sieve {
    /// Takes one; `keyed` says that its key is on the card, as far as can be seen.
    pub(super) fn take(&mut self, der: Vec<u8>, keyed: bool) {
        match Certificate::parse(&der) {
            Ok(certificate) if certificate.is_authority() => {}
            Ok(_) if keyed && Algorithm::of(&der).is_ok() => self.fit.push(der),
            Ok(_) => {}
            Err(_) => self.unreadable.push(der),
        }
    }

    /// Whether there is one that can sign.
    pub(super) fn has_any(&self) -> bool {
        !self.fit.is_empty()
    }

    /// What was found; where none can sign, those that nobody can read: whoever judges them can then say what
    /// is wrong with them.
    pub(super) fn found(self, told: Told) -> Result<Found, Fault> {
        let certificates = if self.fit.is_empty() { self.unreadable } else { self.fit };
        if certificates.is_empty() { Err(Fault::NoCertificate) } else { Ok(Found { certificates, told }) }
    }
}
