//! An AKİS card for tests: a chip with files, keys and a PIN, and the slot it is put into.
//!
//! The slot speaks to a real pcscd through its virtual reader (vpcd), so that whatever uses PC/SC sees a
//! card that comes and goes. The card knows nothing of the kiosk or of PKCS#11.
//!
//! | module | owns |
//! |---|---|
//! | `chip`, `apdu`, `pin`, `keys`, `pkcs15` | what the card does with a command |
//! | `vpcd` | the line to the virtual reader |
//! | [`slot`] | putting it in and pulling it out, also in the middle of a command |
//! | [`fault`] | cards and slots that are broken in one known way |

mod apdu;
mod chip;
mod event;
pub mod fault;
mod keys;
mod pin;
mod pkcs15;
pub mod slot;
#[cfg(test)]
mod tests;
mod vpcd;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::Rng;

use chip::Chip;
pub use chip::Counters;
pub use event::Event;
pub use slot::{Pull, Slot, Timing};

use crate::{pki::Credential, visitor::Visitor};

/// Answer to reset of AKİS v1.0 (`UEKAE V1.0`), the one OpenSC 0.23's driver knows.
pub const ATR_AKIS_1_0: [u8; 19] = [
    0x3B, 0xBA, 0x11, 0x00, 0x81, 0x31, 0xFE, 0x4D, 0x55, 0x45, 0x4B, 0x41, 0x45, 0x20, 0x56, 0x31, 0x2E,
    0x30, 0xAE,
];
/// Answer to reset of a card that nobody knows: T=1, historical bytes `DENEME 0.0`, its check byte correct.
pub const ATR_UNKNOWN: [u8; 19] = [
    0x3B, 0xBA, 0x11, 0x00, 0x81, 0x31, 0xFE, 0x4D, 0x44, 0x45, 0x4E, 0x45, 0x4D, 0x45, 0x20, 0x30, 0x2E,
    0x30, 0xA4,
];
/// `CKA_LABEL` of the token.
pub const TOKEN_LABEL: &str = "AKIS NES";

/// How a card answers when it is powered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reset {
    /// With these bytes.
    Atr(Vec<u8>),
    /// Not at all: upside down, dirty or dead.
    Mute,
}

/// A card; clones are the same card.
#[derive(Clone)]
pub struct Card {
    reset: Reset,
    chip: Arc<Mutex<Chip>>,
}

impl Card {
    /// A visitor's card with these credentials, and the authorities' certificates beside them (DER). Keys have
    /// the references 1, 2, … in their order.
    #[must_use]
    pub fn new(visitor: &Visitor, credentials: &[Credential], authorities: &[Vec<u8>]) -> Self {
        let number: u64 = rand::thread_rng().gen_range(0..1_000_000_000_000);
        let mut serial = [0; 12];
        serial.copy_from_slice(format!("{number:012}").as_bytes());
        let label = pkcs15::Label {
            token: TOKEN_LABEL,
            serial: &number.to_be_bytes()[3..],
            holder: &visitor.national_id,
        };
        let mut chip = Chip {
            files: pkcs15::files(&label, credentials, authorities),
            keys: credentials.iter().map(|credential| credential.key.clone()).collect(),
            pin: pin::PinStore::new(&visitor.pin, &visitor.puk),
            serial,
            current: Vec::new(),
            chosen: None,
            rest: Vec::new(),
            chain: None,
            counters: Counters::default(),
        };
        chip.reset();
        Self { reset: Reset::Atr(ATR_AKIS_1_0.to_vec()), chip: Arc::new(Mutex::new(chip)) }
    }

    /// The same card answering otherwise when it is powered.
    #[must_use]
    pub fn answering(self, reset: Reset) -> Self {
        Self { reset, ..self }
    }

    /// Sets the tries that are left, 0 to 3; 0 is a locked PIN.
    pub fn set_tries(&self, tries: u8) {
        self.chip().pin.set_tries(tries);
    }

    /// Tries of the PIN that are left.
    #[must_use]
    pub fn tries(&self) -> u8 {
        self.chip().pin.tries()
    }

    /// What was asked of it so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.chip().counters
    }

    /// One command APDU, answered with data and status word, as a reader would exchange them.
    #[must_use]
    pub fn transmit(&self, command: &[u8]) -> Vec<u8> {
        let (mut answer, status) = self.chip().transmit(command);
        answer.extend(status.to_be_bytes());
        answer
    }

    /// Power on, power off or reset.
    pub fn power(&self) {
        self.chip().reset();
    }

    /// How it answers when it is powered.
    #[must_use]
    pub fn reset(&self) -> &Reset {
        &self.reset
    }

    fn chip(&self) -> MutexGuard<'_, Chip> {
        self.chip.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
