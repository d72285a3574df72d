//! Cards: what readers report, what a certificate says and allows.
//!
//! `certificate` and `profile` are pure; `monitor` hears reader and card events and never connects to a card.

#[cfg(feature = "certificates")]
pub mod certificate;
#[cfg(feature = "supervisor")]
pub mod monitor;
#[cfg(feature = "signer")]
pub mod profile;

use serde::{Deserialize, Serialize};

/// The name PC/SC gives a reader.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReaderName(pub String);

/// What the reader monitor reports. Order is the order of PC/SC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The PC/SC service answers; readers follow.
    ServiceUp,
    /// The PC/SC service is gone; every reader and card with it.
    ServiceDown,
    /// A reader is there.
    ReaderIn(ReaderName),
    /// A reader is gone, or the service does not reach it (a suspended bus), and with it its card.
    ReaderOut(ReaderName),
    /// A card answered with this ATR.
    CardIn {
        /// In which reader.
        reader: ReaderName,
        /// Its answer to reset, at most 33 bytes (ISO/IEC 7816-3, 8.2).
        atr: Vec<u8>,
    },
    /// A card is in the slot and does not answer (mute, upside down).
    CardMute(ReaderName),
    /// The card left the slot.
    CardOut(ReaderName),
}
