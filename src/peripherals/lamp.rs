//! The guide lamp at the card slot.

use std::time::Duration;

use embedded_hal::digital::OutputPin;

use super::{
    output::{Output, Turned},
    pattern::Pattern,
};
use crate::session::Lamp as Order;

/// Flashes stay under three a second (WCAG 2.2, 2.3.1).
const fn pattern(order: Order) -> Pattern {
    match order {
        Order::Off => Pattern::Steady(false),
        Order::Invite => Pattern::Repeated(&[1000, 1000]),
        Order::Steady => Pattern::Steady(true),
        Order::Attention => Pattern::Repeated(&[200, 200]),
    }
}

/// The lamp on its pin.
#[derive(Debug)]
pub struct Lamp<P> {
    output: Output<P>,
    order: Order,
    since: Duration,
}

impl<P: OutputPin> Lamp<P> {
    /// A dark lamp.
    pub fn new(output: Output<P>) -> Self {
        Self { output, order: Order::Off, since: Duration::ZERO }
    }

    /// Begins a pattern, unless it is the one that is being shown.
    ///
    /// # Errors
    /// The pin's.
    pub fn order(&mut self, order: Order, now: Duration) -> Turned<P::Error> {
        if order != self.order {
            self.order = order;
            self.since = now;
        }
        self.turn(now)
    }

    /// Switches as the pattern has it at this time.
    ///
    /// # Errors
    /// The pin's.
    pub fn turn(&mut self, now: Duration) -> Turned<P::Error> {
        let (on, change) = pattern(self.order).at(now.saturating_sub(self.since));
        self.output.set(on)?;
        Ok(change.map(|change| self.since + change))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use embedded_hal_mock::eh1::{
        MockError,
        digital::{Mock, State, Transaction},
    };

    use super::{Lamp, Order, Output};

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn on_a_pin(levels: &[State], active_low: bool) -> (Mock, Lamp<Mock>) {
        let expected: Vec<_> = levels.iter().map(|level| Transaction::set(*level)).collect();
        let pin = Mock::new(&expected);
        (pin.clone(), Lamp::new(Output::new(pin, active_low).unwrap()))
    }

    #[test]
    fn attention_blinks_from_the_moment_it_is_ordered() {
        let (mut pin, mut lamp) = on_a_pin(&[State::Low, State::High, State::Low, State::High], false);
        assert_eq!(lamp.order(Order::Attention, ms(5_000)), Ok(Some(ms(5_200))));
        assert_eq!(lamp.turn(ms(5_199)), Ok(Some(ms(5_200))));
        assert_eq!(lamp.turn(ms(5_200)), Ok(Some(ms(5_400))));
        assert_eq!(lamp.turn(ms(5_400)), Ok(Some(ms(5_600))));
        pin.done();
    }

    #[test]
    fn the_same_order_again_does_not_begin_the_pattern_anew() {
        let (mut pin, mut lamp) = on_a_pin(&[State::Low, State::High], false);
        assert_eq!(lamp.order(Order::Invite, ms(0)), Ok(Some(ms(1_000))));
        assert_eq!(lamp.order(Order::Invite, ms(900)), Ok(Some(ms(1_000))));
        pin.done();
    }

    #[test]
    fn a_lamp_that_low_switches_on_is_dark_when_high() {
        let (mut pin, mut lamp) = on_a_pin(&[State::High, State::Low, State::High], true);
        assert_eq!(lamp.order(Order::Steady, ms(0)), Ok(None));
        assert_eq!(lamp.order(Order::Off, ms(10)), Ok(None));
        pin.done();
    }

    #[test]
    fn a_pin_that_fails_is_told() {
        let broken = MockError::Io(std::io::ErrorKind::NotConnected);
        let mut pin = Mock::new(&[
            Transaction::set(State::Low),
            Transaction::set(State::High).with_error(broken.clone()),
        ]);
        let mut lamp = Lamp::new(Output::new(pin.clone(), false).unwrap());
        assert_eq!(lamp.order(Order::Steady, ms(0)), Err(broken));
        pin.done();
    }
}
