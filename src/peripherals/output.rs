//! A pin that is on or off, whichever level that is.

use std::time::Duration;

use embedded_hal::digital::OutputPin;
use linux_embedded_hal::CdevPin;

use super::line::{self, LineError};
use crate::config::Line;

/// An output with its pin.
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
