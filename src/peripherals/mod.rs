//! The lamp at the card slot and the buzzer: drivers over embedded-hal's output pins.
//!
//! They know patterns and time, given as an argument; why the lamp blinks is decided in [`crate::session`].

mod buzzer;
mod lamp;
mod pattern;

use std::time::Duration;

use embedded_hal::digital::OutputPin;
use linux_embedded_hal::{
    CdevPin,
    gpio_cdev::{self, Chip, LineRequestFlags},
};

pub use buzzer::Buzzer;
pub use lamp::Lamp;

use crate::config::Line;

/// Why a line cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{chip} line {offset}: {source}")]
pub struct LineError {
    chip: String,
    offset: u32,
    source: gpio_cdev::Error,
}

/// A pin that is on or off, whichever level that is.
#[derive(Debug)]
pub struct Output<P> {
    pin: P,
    active_low: bool,
    on: bool,
}

impl Output<CdevPin> {
    /// Takes a GPIO line of the configuration, switched off.
    ///
    /// # Errors
    /// [`LineError`] when the chip or line is not there or is in use.
    pub fn open(line: &Line) -> Result<Self, LineError> {
        // The level is turned round here and not by the kernel: `CdevPin` turns a line that the kernel
        // turns a second time.
        Chip::new(&line.chip)
            .and_then(|mut chip| chip.get_line(line.offset))
            .and_then(|wire| wire.request(LineRequestFlags::OUTPUT, u8::from(line.active_low), "eimza-kiosk"))
            .and_then(CdevPin::new)
            .map(|pin| Self { pin, active_low: line.active_low, on: false })
            .map_err(|source| LineError {
                chip: line.chip.display().to_string(),
                offset: line.offset,
                source,
            })
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

    fn set(&mut self, on: bool) -> Result<(), P::Error> {
        if on != self.on {
            self.pin.set_state((on != self.active_low).into())?;
            self.on = on;
        }
        Ok(())
    }
}

/// What a driver did, and when it wants to be turned again; `None`: not before the next order.
pub type Turned<E> = Result<Option<Duration>, E>;
