//! What PINs and keys do when they are asked to.

use rsa::traits::PublicKeyParts;

use super::{
    super::{
        apdu::{Command, status},
        keys::sign,
        model::{Manners, Quirk},
        pin::Refused,
    },
    Answer, Chip,
};
use crate::pki::Key;

impl Chip {
    /// VERIFY (7.5.6) of the PIN, or of a PUK that is verified by itself. Without digits it asks for the tries left.
    pub(super) fn verify(&mut self, command: &Command<'_>, digits: &[u8]) -> Answer {
        let Manners { pin, puk, asking_costs, .. } = *self.manners();
        if command.p1 != 0x00 || (command.p2 != pin && Some(command.p2) != puk) {
            return Err(status::REFERENCED_DATA_NOT_FOUND);
        }
        if digits.is_empty() && !asking_costs {
            return match (self.pin.tries(), self.pin.is_verified()) {
                (0, _) => Err(status::BLOCKED),
                (_, true) => Ok(Vec::new()),
                (left, false) => Err(status::TRIES_LEFT | u16::from(left)),
            };
        }
        self.counters.verifies += 1;
        let said = if command.p2 == pin { self.pin.verify(digits) } else { self.pin.verify_puk(digits) };
        if said == Err(Refused::Wrong(1)) && self.has(Quirk::SecondNoUnsaid) {
            return Err(status::NO_DIAGNOSIS);
        }
        done(said)
    }

    /// CHANGE REFERENCE DATA. AKİS v1.0's: length and digits of the old PIN, then of the new one; P1 02 is "local".
    /// ISO/IEC 7816-4's (7.5.7): both digits one after the other.
    pub(super) fn change_pin(&mut self, command: &Command<'_>, data: &[u8]) -> Answer {
        let Manners { pin, counted: with_lengths, .. } = *self.manners();
        let expected = if with_lengths { (0x02, pin & 0x7F) } else { (0x00, pin) };
        if (command.p1, command.p2) != expected {
            return Err(status::REFERENCED_DATA_NOT_FOUND);
        }
        let (old, new) = if with_lengths {
            let (old, rest) = counted(data).ok_or(status::WRONG_LENGTH)?;
            let (new, []) = counted(rest).ok_or(status::WRONG_LENGTH)? else {
                return Err(status::WRONG_LENGTH);
            };
            (old, new)
        } else {
            data.split_at_checked(self.pin.pin_length()).ok_or(status::WRONG_LENGTH)?
        };
        done(self.pin.change(old, new))
    }

    /// RESET RETRY COUNTER (7.5.10). P1 00: PUK, then the new PIN. P1 02: the new PIN after a VERIFY of the PUK.
    pub(super) fn unblock_pin(&mut self, command: &Command<'_>, data: &[u8]) -> Answer {
        if command.p2 != self.manners().pin {
            return Err(status::REFERENCED_DATA_NOT_FOUND);
        }
        match (command.p1, self.manners().puk) {
            (0x00, None) => {
                let (puk, new) = data.split_at_checked(self.pin.puk_length()).ok_or(status::WRONG_LENGTH)?;
                done(self.pin.unblock(puk, new))
            }
            (0x02, Some(_)) if self.pin.is_puk_verified() => done(self.pin.set(data)),
            (0x02, Some(_)) => Err(status::SECURITY_STATUS),
            _ => Err(status::WRONG_P1_P2),
        }
    }

    /// MANAGE SECURITY ENVIRONMENT. AKİS v1.0's: P2 is the key's reference, from 1. ISO/IEC 7816-4's (7.5.11): a
    /// template with 80 or'ed with it.
    pub(super) fn choose_key(&mut self, command: &Command<'_>, data: &[u8]) -> Answer {
        let reference = match (self.manners().template, command.p1, command.p2, data) {
            (false, 0xC3, reference, []) => reference,
            (true, 0x41, 0xB6, [0x84, 0x01, reference @ 0x81..=0xFF]) => reference & 0x7F,
            (true, 0x41, 0xB6, _) => return Err(status::WRONG_DATA),
            _ => return Err(status::WRONG_P1_P2),
        };
        let index = usize::from(reference).checked_sub(1).filter(|index| *index < self.keys.len());
        self.chosen = Some(index.ok_or(status::REFERENCED_DATA_NOT_FOUND)?);
        Ok(Vec::new())
    }

    /// COMPUTE DIGITAL SIGNATURE (ISO/IEC 7816-8, 11.7).
    pub(super) fn sign(&mut self, command: &Command<'_>, data: &[u8]) -> Answer {
        if (command.p1, command.p2) != (0x9E, 0x9A) {
            return Err(status::WRONG_P1_P2);
        }
        let key = self.chosen.and_then(|index| self.keys.get(index)).ok_or(status::CONDITIONS)?;
        if !self.pin.is_verified() {
            return Err(status::SECURITY_STATUS);
        }
        if self.manners().pads && matches!(key, Key::Rsa(key) if data.len() == key.size()) {
            return Err(status::WRONG_LENGTH);
        }
        let signature = sign(key, data)?;
        self.counters.signatures += 1;
        if self.manners().each_signature {
            self.pin.forget();
        }
        Ok(signature)
    }

    pub(super) fn logout(&mut self, command: &Command<'_>, data: &[u8]) -> Answer {
        if (command.p1, command.p2) != (0, 0) || !data.is_empty() {
            return Err(status::WRONG_P1_P2);
        }
        self.pin.forget();
        Ok(Vec::new())
    }
}

fn done(outcome: Result<(), Refused>) -> Answer {
    match outcome {
        Ok(()) => Ok(Vec::new()),
        Err(Refused::Wrong(left)) => Err(status::TRIES_LEFT | u16::from(left)),
        Err(Refused::Locked) => Err(status::BLOCKED),
        Err(Refused::Form) => Err(status::WRONG_DATA),
    }
}

/// A value behind its length.
fn counted(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = data.split_first()?;
    rest.split_at_checked(usize::from(*length))
}
