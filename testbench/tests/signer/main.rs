//! The real `kiosk-token` with OpenSC and the emulated card in a real pcscd's reader.
//!
//! What the dialogue refuses without asking the card is tried on a software token in `tests/signer`.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod bench;
mod card_faults;
mod pin_and_lock;
