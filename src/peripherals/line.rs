//! GPIO lines as the kernel gives them out: found by chip and offset or name, taken as pins.
//!
//! It knows nothing of what hangs on a line. Levels are turned round by the drivers and not by the kernel: the pin of
//! `linux-embedded-hal` turns a line that the kernel turns a second time.

use std::{io, os::fd::OwnedFd};

use embedded_hal::digital::{ErrorType, InputPin};
#[cfg(feature = "signer")]
use linux_embedded_hal::Delay;
use linux_embedded_hal::{
    CdevPin,
    gpio_cdev::{self, Chip, EventRequestFlags, LineEventHandle, LineRequestFlags},
};
use rustix::fs::OFlags;

#[cfg(feature = "signer")]
use super::keypad::{COLUMNS, Matrix};
#[cfg(feature = "signer")]
use crate::config::Keypad;
use crate::config::{Line, Pull};

/// What the kernel shows as the line's user.
const CONSUMER: &str = "eimza-kiosk";

/// Why a line cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{chip} line {line}: {why}")]
pub struct LineError {
    chip: String,
    line: String,
    why: Why,
}

#[derive(Debug, thiserror::Error)]
enum Why {
    #[error("{0}")]
    Kernel(#[from] gpio_cdev::Error),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("no line of the chip has this name")]
    NoSuchName,
    #[cfg(feature = "signer")]
    #[error("{0}")]
    Pin(String),
}

fn told(line: &Line) -> impl FnOnce(Why) -> LineError {
    let chip = line.chip.display().to_string();
    let line = line.name.clone().or(line.offset.map(|offset| offset.to_string())).unwrap_or_default();
    |why| LineError { chip, line, why }
}

fn find(line: &Line) -> Result<gpio_cdev::Line, Why> {
    let mut chip = Chip::new(&line.chip)?;
    if let Some(offset) = line.offset {
        return Ok(chip.get_line(offset)?);
    }
    for candidate in chip.lines() {
        if candidate.info()?.name().is_some_and(|name| Some(name) == line.name.as_deref()) {
            return Ok(candidate);
        }
    }
    Err(Why::NoSuchName)
}

/// Takes a line as an output at this level.
#[cfg(feature = "supervisor")]
pub(super) fn output(line: &Line, high: bool) -> Result<CdevPin, LineError> {
    let take = || -> Result<CdevPin, Why> {
        let wire = find(line)?.request(LineRequestFlags::OUTPUT, u8::from(high), CONSUMER)?;
        Ok(CdevPin::new(wire)?)
    };
    take().map_err(told(line))
}

/// Takes a line as an input that tells of its edges.
pub(super) fn input(line: &Line) -> Result<(EdgePin, OwnedFd), LineError> {
    let take = || -> Result<_, Why> {
        // gpio.h: GPIOHANDLE_REQUEST_BIAS_PULL_UP and _DOWN, which the crate has no names for.
        let pull = match line.pull {
            Pull::Board => LineRequestFlags::empty(),
            Pull::Up => LineRequestFlags::from_bits_retain(1 << 5),
            Pull::Down => LineRequestFlags::from_bits_retain(1 << 6),
        };
        let flags = LineRequestFlags::INPUT | pull;
        let handle = find(line)?.events(flags, EventRequestFlags::BOTH_EDGES, CONSUMER)?;
        let edges = OwnedFd::from(handle.file().try_clone()?);
        let status = rustix::fs::fcntl_getfl(&edges).map_err(io::Error::from)?;
        rustix::fs::fcntl_setfl(&edges, status | OFlags::NONBLOCK).map_err(io::Error::from)?;
        Ok((EdgePin(handle), edges))
    };
    take().map_err(told(line))
}

/// The lines of a keypad as a matrix, and the descriptors on which the edges of its columns are told.
///
/// # Errors
/// [`LineError`] for the first line that is not there or is in use, or cannot be set.
#[cfg(feature = "signer")]
pub fn matrix(keypad: &Keypad) -> Result<(CdevMatrix, [OwnedFd; COLUMNS]), LineError> {
    let row = |line: Line| {
        let take = || -> Result<CdevPin, Why> {
            let flags = LineRequestFlags::OUTPUT | LineRequestFlags::OPEN_DRAIN;
            Ok(CdevPin::new(find(&line)?.request(flags, 1, CONSUMER)?)?)
        };
        take().map_err(told(&line))
    };
    let [a, b, c, d] = keypad.rows();
    let rows = [row(a)?, row(b)?, row(c)?, row(d)?];
    let [a, b, c] = keypad.columns();
    let [(a, a_edges), (b, b_edges), (c, c_edges)] = [input(&a)?, input(&b)?, input(&c)?];
    let first = &keypad.rows()[0];
    let matrix =
        Matrix::new(rows, [a, b, c], Delay).map_err(|error| told(first)(Why::Pin(error.to_string())))?;
    Ok((matrix, [a_edges, b_edges, c_edges]))
}

/// A keypad on the kernel's lines.
#[cfg(feature = "signer")]
pub type CdevMatrix = Matrix<CdevPin, EdgePin, Delay>;

/// An input whose edges are told on a descriptor; each is one read of it.
#[derive(Debug)]
pub struct EdgePin(LineEventHandle);

impl ErrorType for EdgePin {
    type Error = <CdevPin as ErrorType>::Error;
}

impl InputPin for EdgePin {
    fn is_high(&mut self) -> Result<bool, Self::Error> {
        Ok(self.0.get_value()? != 0)
    }

    fn is_low(&mut self) -> Result<bool, Self::Error> {
        self.is_high().map(|high| !high)
    }
}

#[cfg(test)]
mod tests {
    use super::input;
    use crate::config::{Line, Pull};

    #[test]
    fn a_chip_that_is_not_there_is_named_with_the_line() {
        let named = Line {
            chip: "/dev/gpiochip-none".into(),
            offset: None,
            name: Some("GPIO17".into()),
            active_low: false,
            pull: Pull::Up,
        };
        let error = input(&named).expect_err("none").to_string();
        assert!(error.starts_with("/dev/gpiochip-none line GPIO17: No such file"), "{error}");
        let counted = Line { offset: Some(4), name: None, ..named };
        let error = input(&counted).expect_err("none").to_string();
        assert!(error.starts_with("/dev/gpiochip-none line 4: No such file"), "{error}");
    }
}
