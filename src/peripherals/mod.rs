//! The kiosk's own hardware: drivers over embedded-hal's pins.
//!
//! They know patterns, bouncing contacts and time, given as an argument; why the lamp blinks and what a switch means
//! is decided in [`crate::session`].

mod buzzer;
mod input;
mod lamp;
mod line;
mod pattern;
mod settle;

use std::time::Duration;

use embedded_hal::digital::OutputPin;
use linux_embedded_hal::CdevPin;

pub use buzzer::Buzzer;
pub use input::{Heard, Input};
pub use lamp::Lamp;
pub use line::{EdgePin, LineError};

use crate::config::Line;

/// A pin that is on or off, whichever level that is.
#[derive(Debug)]
pub struct Output<P> {
    pin: P,
    active_low: bool,
    on: bool,
}

impl Output<CdevPin> {
    /// Takes a GPIO line of the configuration, switched so.
    ///
    /// # Errors
    /// [`LineError`] when the chip or line is not there or is in use.
    pub fn open(line: &Line, on: bool) -> Result<Self, LineError> {
        let pin = line::output(line, on != line.active_low)?;
        Ok(Self { pin, active_low: line.active_low, on })
    }
}

impl<P: OutputPin> Output<P> {
    /// Takes a pin and switches it off.
    ///
    /// # Errors
    /// The pin's.
    pub fn new(mut pin: P, active_low: bool) -> Result<Self, P::Error> {
        pin.set_state(active_low.into())?;
        Ok(Self { pin, active_low, on: false })
    }

    /// Switches it.
    ///
    /// # Errors
    /// The pin's.
    pub fn set(&mut self, on: bool) -> Result<(), P::Error> {
        if on != self.on {
            self.pin.set_state((on != self.active_low).into())?;
            self.on = on;
        }
        Ok(())
    }
}

/// What a driver did, and when it wants to be turned again; `None`: not before the next order.
pub type Turned<E> = Result<Option<Duration>, E>;
