//! The acceptance tests: whole visits with the real processes, a real pcscd with a card, real TLS.
//!
//! Every test puts a bench of its own together. The programs are built first if they are older than their
//! sources (`cargo build --workspace --all-features --bins`, as `scripts/test` does beforehand); with
//! `KIOSK_PROGRAMS=DIR` those of that folder are run instead. `KIOSK_TOKEN=akis|pkcs11` says how the signer
//! reaches the card.

mod assisted;
mod card_check;
mod change_pin;
mod crashes;
mod faults;
mod memory;
mod online;
mod paper;
mod screens;
mod stage;
mod twin;
mod whole_visit;
