//! The kiosk's own hardware: drivers over embedded-hal's pins.
//!
//! They know patterns, bouncing contacts and time, given as an argument; why the lamp blinks and what a switch means
//! is decided in [`crate::session`].

#[cfg(feature = "supervisor")]
mod buzzer;
#[cfg(feature = "supervisor")]
mod call;
#[cfg(feature = "supervisor")]
mod input;
#[cfg(feature = "signer")]
pub mod keypad;
#[cfg(feature = "supervisor")]
mod lamp;
mod line;
#[cfg(feature = "supervisor")]
mod output;
#[cfg(feature = "supervisor")]
mod pattern;
#[cfg(feature = "supervisor")]
mod settle;

#[cfg(feature = "signer")]
pub use line::{CdevMatrix, matrix};
pub use line::{EdgePin, LineError};
#[cfg(feature = "supervisor")]
pub use {
    buzzer::Buzzer,
    call::CallLine,
    input::{Heard, Input},
    lamp::Lamp,
    output::{Output, Turned},
};
