//! A switch or a sensor on an input pin: on or off, reported when it changed and rests.

use std::{os::fd::OwnedFd, time::Duration};

use embedded_hal::digital::InputPin;

use super::{
    line::{self, EdgePin, LineError},
    settle::Settle,
};
use crate::config::Line;

/// What an input has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is another way than before: on, or off.
    Changed(bool),
    /// Nothing new; it wants to be turned then, or not before the next edge.
    Nothing(Option<Duration>),
}

/// An input with its pin.
#[derive(Debug)]
pub struct Input<P> {
    pin: P,
    active_low: bool,
    settle: Settle,
    on: Option<bool>,
}

impl Input<EdgePin> {
    /// Takes a GPIO line of the configuration, and the descriptor on which its edges are told. `rest` is how long
    /// it has to be quiet before it is believed.
    ///
    /// # Errors
    /// [`LineError`] when the chip or line is not there or is in use.
    pub fn open(line: &Line, rest: Duration) -> Result<(Self, OwnedFd), LineError> {
        let (pin, edges) = line::input(line)?;
        Ok((Self::new(pin, line.active_low, rest), edges))
    }
}

impl<P: InputPin> Input<P> {
    /// An input that was never read.
    pub fn new(pin: P, active_low: bool, rest: Duration) -> Self {
        Self { pin, active_low, settle: Settle::new(rest), on: None }
    }

    /// Reads how it stands now.
    ///
    /// # Errors
    /// The pin's.
    pub fn read(&mut self) -> Result<Heard, P::Error> {
        let on = self.pin.is_high()? != self.active_low;
        Ok(if self.on.replace(on) == Some(on) { Heard::Nothing(None) } else { Heard::Changed(on) })
    }

    /// The kernel told of an edge; when to turn.
    pub fn edge(&mut self, now: Duration) -> Duration {
        self.settle.edge(now)
    }

    /// Reads it, if it rests.
    ///
    /// # Errors
    /// The pin's.
    pub fn turn(&mut self, now: Duration) -> Result<Heard, P::Error> {
        match self.settle.at(now) {
            Ok(()) => self.read(),
            Err(due) => Ok(Heard::Nothing(due)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use embedded_hal_mock::eh1::{
        MockError,
        digital::{Mock, State, Transaction},
    };

    use super::{Heard, Input};

    const REST: Duration = Duration::from_millis(50);

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn a_switch_that_bounces_is_one_change_and_one_that_falls_back_is_none() {
        let mut pin = Mock::new(&[State::Low, State::High, State::High].map(Transaction::get));
        let mut input = Input::new(pin.clone(), false, REST);
        assert_eq!(input.read(), Ok(Heard::Changed(false)), "how it stands is said first");
        for at in [0, 3, 11, 12] {
            input.edge(ms(at));
        }
        assert_eq!(input.turn(ms(61)), Ok(Heard::Nothing(Some(ms(62)))));
        assert_eq!(input.turn(ms(62)), Ok(Heard::Changed(true)));
        // A spike: back before it was read.
        input.edge(ms(500));
        input.edge(ms(501));
        assert_eq!(input.turn(ms(551)), Ok(Heard::Nothing(None)));
        pin.done();
    }

    #[test]
    fn a_switch_to_ground_is_on_when_low() {
        let mut pin = Mock::new(&[State::Low, State::High].map(Transaction::get));
        let mut input = Input::new(pin.clone(), true, REST);
        assert_eq!(input.read(), Ok(Heard::Changed(true)));
        assert_eq!(input.read(), Ok(Heard::Changed(false)));
        pin.done();
    }

    #[test]
    fn a_pin_that_fails_is_told() {
        let broken = MockError::Io(std::io::ErrorKind::NotConnected);
        let mut pin = Mock::new(&[Transaction::get(State::Low).with_error(broken.clone())]);
        assert_eq!(Input::new(pin.clone(), false, REST).read(), Err(broken));
        pin.done();
    }
}
