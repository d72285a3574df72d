//! Visitors' cards: the healthy one, and each that is broken in one known way.
//!
//! A wrong PIN is not among them: it is the visitor who types it.

use std::{fmt, str::FromStr};

use super::{ATR_UNKNOWN, Card, Model, Pull, Reset, Slot};
use crate::{
    pki::{Credential, Holder, KeyKind, Pki, PkiError, Variant},
    visitor::Visitor,
};

/// What is wrong with a card, or will happen to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CardFault {
    /// The PIN is locked.
    Locked,
    /// One try of the PIN is left.
    LastTry,
    /// The card is pulled when the PIN is verified, once.
    PulledAtVerify,
    /// The card is pulled when it signs, once.
    PulledAtSign,
    /// The card stops answering when it signs, once, until it is pulled.
    SilentAtSign,
    /// The card is pulled before it gives its PIN another, once.
    PulledAtReplace,
    /// The card is pulled when it has given its PIN another, before it can say so, once.
    PulledAfterReplace,
    /// The card does not answer to reset.
    Mute,
    /// Nobody knows its answer to reset.
    UnknownAtr,
    /// The certificate has expired.
    Expired,
    /// The certificate is not in force yet.
    NotYetValid,
    /// The certificate has more than a year left.
    TooEarly,
    /// The certificate is an electronic seal's.
    Seal,
    /// The certificate is a person's, but not a qualified one.
    NotQualified,
    /// The certificate cannot be parsed as far as needed.
    Malformed,
    /// There is no certificate on the card.
    NoCertificate,
    /// There are two of the same person, the first one expired.
    TwoCertificates,
}

impl CardFault {
    /// All of them, with the names they are asked for by.
    pub const ALL: [(Self, &'static str); 17] = [
        (Self::Locked, "locked"),
        (Self::LastTry, "last-try"),
        (Self::PulledAtVerify, "pulled-at-verify"),
        (Self::PulledAtSign, "pulled-at-sign"),
        (Self::SilentAtSign, "silent-at-sign"),
        (Self::PulledAtReplace, "pulled-at-replace"),
        (Self::PulledAfterReplace, "pulled-after-replace"),
        (Self::Mute, "mute"),
        (Self::UnknownAtr, "unknown-atr"),
        (Self::Expired, "expired"),
        (Self::NotYetValid, "not-yet-valid"),
        (Self::TooEarly, "too-early"),
        (Self::Seal, "seal"),
        (Self::NotQualified, "not-qualified"),
        (Self::Malformed, "malformed-certificate"),
        (Self::NoCertificate, "no-certificate"),
        (Self::TwoCertificates, "two-certificates"),
    ];

    /// Its name on a command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(fault, _)| *fault == self).map_or("", |(_, name)| name)
    }

    /// Sets the slot's trap, where the fault is something that happens in the slot.
    pub fn arm(self, slot: &Slot) {
        match self {
            Self::PulledAtVerify => slot.arm(Pull::AtVerify),
            Self::PulledAtSign => slot.arm(Pull::AtSign),
            Self::SilentAtSign => slot.arm(Pull::SilentAtSign),
            Self::PulledAtReplace => slot.arm(Pull::AtReplace),
            Self::PulledAfterReplace => slot.arm(Pull::AfterReplace),
            Self::Locked
            | Self::LastTry
            | Self::Mute
            | Self::UnknownAtr
            | Self::Expired
            | Self::NotYetValid
            | Self::TooEarly
            | Self::Seal
            | Self::NotQualified
            | Self::Malformed
            | Self::NoCertificate
            | Self::TwoCertificates => {}
        }
    }

    fn variants(self) -> &'static [Variant] {
        match self {
            Self::Locked
            | Self::LastTry
            | Self::PulledAtVerify
            | Self::PulledAtSign
            | Self::SilentAtSign
            | Self::PulledAtReplace
            | Self::PulledAfterReplace
            | Self::Mute
            | Self::UnknownAtr => &[Variant::Valid],
            Self::Expired => &[Variant::Expired],
            Self::NotYetValid => &[Variant::NotYetValid],
            Self::TooEarly => &[Variant::TooEarly],
            Self::Seal => &[Variant::Seal],
            Self::NotQualified => &[Variant::NotQualified],
            Self::Malformed => &[Variant::Malformed],
            Self::NoCertificate => &[],
            Self::TwoCertificates => &[Variant::Expired, Variant::Valid],
        }
    }
}

impl fmt::Display for CardFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for CardFault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        let found = Self::ALL.iter().find(|(_, known)| *known == name);
        found.map(|(fault, _)| *fault).ok_or_else(|| UnknownFault(name.to_owned()))
    }
}

/// No fault of a card has this name.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no fault of a card")]
pub struct UnknownFault(String);

/// The card that was sent to the visitor: not in force before the healthy one ends, its PIN known to the portal alone.
///
/// # Errors
/// When its certificate cannot be made.
pub fn next_card(pki: &Pki, visitor: &Visitor) -> Result<Card, PkiError> {
    let name = visitor.full_name();
    let holder = Holder { name: &name, national_id: &visitor.national_id };
    let credential = pki.issue(holder, Variant::Successor, KeyKind::Rsa2048)?;
    let sent = Visitor { pin: visitor.next_card_pin.clone(), ..visitor.clone() };
    Ok(Card::new(&sent, &[credential], &[pki.issuer_der().to_vec()]))
}

/// The visitor's card with RSA keys, healthy or with a fault.
///
/// # Errors
/// When its certificates cannot be made.
pub fn card(pki: &Pki, visitor: &Visitor, fault: Option<CardFault>) -> Result<Card, PkiError> {
    card_of(Model::V1_0, pki, visitor, fault)
}

/// The same, and its certificates (DER).
///
/// # Errors
/// When they cannot be made.
pub fn card_and_certificates(
    pki: &Pki,
    visitor: &Visitor,
    fault: Option<CardFault>,
) -> Result<(Card, Vec<Vec<u8>>), PkiError> {
    let credentials = credentials(pki, visitor, fault)?;
    let certificates = credentials.iter().map(|it| it.certificate.clone()).collect();
    Ok((with(Model::V1_0, pki, visitor, fault, &credentials), certificates))
}

/// The same as a card of this model.
///
/// # Errors
/// When its certificates cannot be made.
pub fn card_of(
    model: Model,
    pki: &Pki,
    visitor: &Visitor,
    fault: Option<CardFault>,
) -> Result<Card, PkiError> {
    Ok(with(model, pki, visitor, fault, &credentials(pki, visitor, fault)?))
}

fn credentials(pki: &Pki, visitor: &Visitor, fault: Option<CardFault>) -> Result<Vec<Credential>, PkiError> {
    let name = visitor.full_name();
    let holder = Holder { name: &name, national_id: &visitor.national_id };
    let variants = fault.map_or(&[Variant::Valid][..], CardFault::variants);
    variants.iter().map(|variant| pki.issue(holder, *variant, KeyKind::Rsa2048)).collect()
}

fn with(
    model: Model,
    pki: &Pki,
    visitor: &Visitor,
    fault: Option<CardFault>,
    credentials: &[Credential],
) -> Card {
    let card = Card::of(model, visitor, credentials, &[pki.issuer_der().to_vec()]);
    match fault {
        Some(CardFault::Locked) => {
            card.set_tries(0);
            card
        }
        Some(CardFault::LastTry) => {
            card.set_tries(1);
            card
        }
        Some(CardFault::Mute) => card.answering(Reset::Mute),
        Some(CardFault::UnknownAtr) => card.answering(Reset::Atr(ATR_UNKNOWN.to_vec())),
        Some(
            CardFault::PulledAtVerify
            | CardFault::PulledAtSign
            | CardFault::SilentAtSign
            | CardFault::PulledAtReplace
            | CardFault::PulledAfterReplace
            | CardFault::Expired
            | CardFault::NotYetValid
            | CardFault::TooEarly
            | CardFault::Seal
            | CardFault::NotQualified
            | CardFault::Malformed
            | CardFault::NoCertificate
            | CardFault::TwoCertificates,
        )
        | None => card,
    }
}
