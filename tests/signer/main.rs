//! The real `kiosk-token` on a software token: the dialogue over its real sockets.
//!
//! What a card does when it is pulled, locked or slow is tried on the test bench's emulated card.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod dialogue;
mod harness;
mod new_pin;
mod own_texts;
mod start;
