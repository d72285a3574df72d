//! The real `kiosk-token` with the emulated card in a real pcscd's reader, by its own driver and by OpenSC.
//!
//! What the dialogue refuses without asking the card is tried on a software token in `tests/signer`.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

/// Each named function is four tests: the same must hold whichever way a card is reached, and for each card.
macro_rules! on_every_way {
    ($($name:ident)*) => {
        mod akis {
            $(#[test] fn $name() { super::$name(crate::bench::Way::Akis); })*
        }
        mod akis_t0 {
            $(#[test] fn $name() { super::$name(crate::bench::Way::AkisT0); })*
        }
        mod akis_v2 {
            $(#[test] fn $name() { super::$name(crate::bench::Way::AkisV2); })*
        }
        mod pkcs11 {
            $(#[test] fn $name() { super::$name(crate::bench::Way::Pkcs11); })*
        }
    };
}
mod at_reader;
mod bench;
mod card_faults;
mod driver;
mod new_pin;
mod own_texts;
mod pin_and_lock;
mod way;
