//! An AKİS card for tests: a chip with files, keys and a PIN, and the slot it is put into.
//!
//! The slot speaks to a real pcscd through its virtual reader (vpcd), or to the USB reader of a virtual machine, so
//! that whatever uses PC/SC sees a card that comes and goes. The card knows nothing of the kiosk or of PKCS#11.
//!
//! | module | owns |
//! |---|---|
//! | `chip`, `apdu`, `tpdu`, `pin`, `keys`, `pkcs15` | what the card does with a command |
//! | `model` | how its generation wants to be spoken to, and how a single one departs from that |
//! | `line`, `vpcd`, `vsc` | the line to the virtual reader |
//! | [`slot`] | putting it in and pulling it out, also in the middle of a command |
//! | [`fault`] | cards and slots that are broken in one known way |

mod apdu;
mod chip;
mod event;
pub mod fault;
mod keys;
mod line;
mod model;
mod pin;
mod pkcs15;
pub mod slot;
#[cfg(test)]
mod tests;
mod tpdu;
mod vpcd;
mod vsc;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::Rng;

use chip::Chip;
pub use chip::Counters;
pub use event::Event;
pub use model::{ATR_AKIS_1_0, ATR_AKIS_1_0_T0, ATR_AKIS_1_1, ATR_AKIS_2, ATR_UNKNOWN, Model, Quirk};
pub use slot::{Pull, Slot, Timing};

use crate::{pki::Credential, visitor::Visitor};

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
    /// A visitor's card of AKİS v1.0 with these credentials, and the authorities' certificates beside them (DER). Keys have
    /// the references 1, 2, … in their order.
    #[must_use]
    pub fn new(visitor: &Visitor, credentials: &[Credential], authorities: &[Vec<u8>]) -> Self {
        Self::of(Model::V1_0, visitor, credentials, authorities)
    }

    /// The same as a card of this model.
    #[must_use]
    pub fn of(model: Model, visitor: &Visitor, credentials: &[Credential], authorities: &[Vec<u8>]) -> Self {
        let number: u64 = rand::thread_rng().gen_range(0..1_000_000_000_000);
        let mut serial = [0; 12];
        serial.copy_from_slice(format!("{number:012}").as_bytes());
        let label = pkcs15::Label {
            token: TOKEN_LABEL,
            serial: &number.to_be_bytes()[3..],
            holder: &visitor.national_id,
        };
        let mut chip = Chip {
            model,
            quirks: Vec::new(),
            files: pkcs15::files(model.manners(), &label, credentials, authorities),
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
        Self { reset: Reset::Atr(model.atr().to_vec()), chip: Arc::new(Mutex::new(chip)) }
    }

    /// The same card answering otherwise when it is powered.
    #[must_use]
    pub fn answering(self, reset: Reset) -> Self {
        Self { reset, ..self }
    }

    /// The same card, departing from its model.
    #[must_use]
    pub fn with(self, quirk: Quirk) -> Self {
        self.chip().depart(quirk);
        self
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
