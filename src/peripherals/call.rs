//! The line that calls staff: a lamp, a bell or a relay elsewhere in the office.

use std::time::Duration;

use embedded_hal::digital::OutputPin;

use super::output::{Output, Turned};

/// It is on for so long after a call.
const CALLS: Duration = Duration::from_secs(30);

/// The line on its pin.
#[derive(Debug)]
pub struct CallLine<P> {
    output: Output<P>,
    until: Option<Duration>,
}

impl<P: OutputPin> CallLine<P> {
    /// A line that calls nobody.
    pub fn new(output: Output<P>) -> Self {
        Self { output, until: None }
    }

    /// Calls, from now on; a call that is under way is made longer.
    ///
    /// # Errors
    /// The pin's.
    pub fn call(&mut self, now: Duration) -> Turned<P::Error> {
        self.until = Some(now + CALLS);
        self.turn(now)
    }

    /// Calls nobody any more.
    ///
    /// # Errors
    /// The pin's.
    pub fn rest(&mut self) -> Turned<P::Error> {
        self.until = None;
        self.output.set(false)?;
        Ok(None)
    }

    /// Switches as it is due at this time.
    ///
    /// # Errors
    /// The pin's.
    pub fn turn(&mut self, now: Duration) -> Turned<P::Error> {
        let until = self.until.filter(|until| now < *until);
        self.until = until;
        self.output.set(until.is_some())?;
        Ok(until)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use embedded_hal_mock::eh1::digital::{Mock, State, Transaction};

    use super::{CallLine, Output};

    const fn s(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn a_call_is_on_for_half_a_minute_and_another_one_makes_it_longer() {
        let levels = [State::Low, State::High, State::Low, State::High, State::Low];
        let mut pin = Mock::new(&levels.map(Transaction::set));
        let mut line = CallLine::new(Output::new(pin.clone(), false).unwrap());
        assert_eq!(line.turn(s(1)), Ok(None));
        assert_eq!(line.call(s(10)), Ok(Some(s(40))));
        assert_eq!(line.call(s(30)), Ok(Some(s(60))));
        assert_eq!(line.turn(s(40)), Ok(Some(s(60))));
        assert_eq!(line.turn(s(60)), Ok(None));
        assert_eq!(line.call(s(90)), Ok(Some(s(120))));
        assert_eq!(line.rest(), Ok(None));
        assert_eq!(line.turn(s(100)), Ok(None));
        pin.done();
    }
}
