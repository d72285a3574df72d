//! Keeps the lamp, the buzzer, the backlight and the line that calls staff going: orders in, pins switched when their patterns say so.
//!
//! It knows no policy. Hardware that is not configured is a choice of the office and is said once; hardware
//! that fails is given up with one record, because the screen says everything the lamp says.

use std::time::Duration;

use embedded_hal::digital::OutputPin;
use linux_embedded_hal::CdevPin;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use crate::{
    config::Peripherals,
    peripherals::{Buzzer, CallLine, Lamp, Output, Turned},
    session,
};

/// What one of them is to do.
#[derive(Debug)]
pub(super) enum Order {
    /// A pattern of the lamp.
    Lamp(session::Lamp),
    /// A sound.
    Sound(session::Sound),
    /// The light behind the screen.
    Backlight(session::Backlight),
    /// Staff is called; told is whether the line was switched.
    Call(oneshot::Sender<bool>),
}

/// The lamp, the buzzer, the backlight and the line that calls staff, as far as they are there.
#[derive(Debug)]
pub(super) struct Indicators<P> {
    lamp: Option<Lamp<P>>,
    buzzer: Option<Buzzer<P>>,
    backlight: Option<Output<P>>,
    call: Option<CallLine<P>>,
}

impl Indicators<CdevPin> {
    /// Opens what is configured.
    #[must_use]
    pub(super) fn open(config: &Peripherals) -> Self {
        let open = |name: &str, line: &Option<_>, on| {
            let Some(line) = line else {
                log::info!("no {name} is configured");
                return None;
            };
            Output::open(line, on).inspect_err(|error| log::warn!("the {name} is not used: {error}")).ok()
        };
        Self {
            lamp: open("lamp", &config.lamp, false).map(Lamp::new),
            buzzer: open("buzzer", &config.buzzer, false).map(Buzzer::new),
            backlight: open("backlight", &config.backlight, true),
            call: open("line that calls staff", &config.staff_call, false).map(CallLine::new),
        }
    }

    /// Whether there is a line that calls staff.
    pub(super) fn calls_staff(&self) -> bool {
        self.call.is_some()
    }
}

impl<P: OutputPin> Indicators<P> {
    /// Serves orders until nobody can give any; then all is off but the backlight: the screen says what is wrong.
    pub(super) async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let start = Instant::now();
        let (mut lamp_next, mut buzzer_next, mut call_next) = (None, None, None);
        loop {
            let next: Option<Duration> = [lamp_next, buzzer_next, call_next].into_iter().flatten().min();
            let order = tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => Some(order),
                    None => break,
                },
                () = async {
                    match next {
                        Some(next) => tokio::time::sleep_until(start + next).await,
                        None => std::future::pending().await,
                    }
                } => None,
            };
            let now = start.elapsed();
            match order {
                Some(Order::Lamp(order)) => lamp_next = used(&mut self.lamp, |lamp| lamp.order(order, now)),
                Some(Order::Sound(sound)) => {
                    buzzer_next = used(&mut self.buzzer, |buzzer| buzzer.order(sound, now));
                }
                Some(Order::Backlight(order)) => light(&mut self.backlight, order),
                Some(Order::Call(told)) => {
                    call_next = used(&mut self.call, |call| call.call(now));
                    // A line that fails is given up.
                    let _ = told.send(self.call.is_some());
                }
                None => {
                    lamp_next = used(&mut self.lamp, |lamp| lamp.turn(now));
                    buzzer_next = used(&mut self.buzzer, |buzzer| buzzer.turn(now));
                    call_next = used(&mut self.call, |call| call.turn(now));
                }
            }
        }
        used(&mut self.lamp, |lamp| lamp.order(session::Lamp::Off, start.elapsed()));
        used(&mut self.buzzer, |buzzer| buzzer.order(session::Sound::Silence, start.elapsed()));
        used(&mut self.call, CallLine::rest);
        light(&mut self.backlight, session::Backlight::On);
    }
}

fn light<P: OutputPin>(backlight: &mut Option<Output<P>>, order: session::Backlight) {
    let on = order == session::Backlight::On;
    used(backlight, |output| output.set(on).map(|()| None));
}

fn used<D, E: std::fmt::Debug>(
    device: &mut Option<D>,
    turn: impl FnOnce(&mut D) -> Turned<E>,
) -> Option<Duration> {
    match turn(device.as_mut()?) {
        Ok(next) => next,
        Err(error) => {
            log::warn!("an indicator fails and is not used any more: {error:?}");
            *device = None;
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use embedded_hal_mock::eh1::{
        MockError,
        digital::{Mock, State, Transaction},
    };
    use tokio::sync::{mpsc, oneshot};

    use super::{Buzzer, CallLine, Indicators, Lamp, Order, Output, session};

    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
    }

    fn pin(levels: &[State]) -> Mock {
        Mock::new(&levels.iter().map(|level| Transaction::set(*level)).collect::<Vec<_>>())
    }

    #[test]
    fn everything_is_off_when_the_supervisor_goes() {
        let mut lamp = pin(&[State::Low, State::High, State::Low]);
        let mut buzzer = pin(&[State::Low, State::High, State::Low]);
        let indicators = Indicators {
            lamp: Some(Lamp::new(Output::new(lamp.clone(), false).unwrap())),
            buzzer: Some(Buzzer::new(Output::new(buzzer.clone(), false).unwrap())),
            backlight: None,
            call: None,
        };
        let (orders, taken) = mpsc::unbounded_channel();
        orders.send(Order::Lamp(session::Lamp::Steady)).unwrap();
        orders.send(Order::Sound(session::Sound::Alarm)).unwrap();
        drop(orders);
        run(indicators.run(taken));
        lamp.done();
        buzzer.done();
    }

    #[test]
    fn a_lamp_that_fails_is_given_up_and_the_buzzer_goes_on() {
        let broken = MockError::Io(std::io::ErrorKind::NotConnected);
        let mut lamp =
            Mock::new(&[Transaction::set(State::Low), Transaction::set(State::High).with_error(broken)]);
        let mut buzzer = pin(&[State::Low, State::High, State::Low]);
        let indicators = Indicators {
            lamp: Some(Lamp::new(Output::new(lamp.clone(), false).unwrap())),
            buzzer: Some(Buzzer::new(Output::new(buzzer.clone(), false).unwrap())),
            backlight: None,
            call: None,
        };
        let (orders, taken) = mpsc::unbounded_channel();
        orders.send(Order::Lamp(session::Lamp::Steady)).unwrap();
        orders.send(Order::Lamp(session::Lamp::Off)).unwrap();
        orders.send(Order::Sound(session::Sound::Error)).unwrap();
        drop(orders);
        run(indicators.run(taken));
        lamp.done();
        buzzer.done();
    }
    #[test]
    fn the_screen_is_lit_again_when_the_supervisor_goes() {
        let mut pin = pin(&[State::Low, State::High, State::Low, State::High]);
        let indicators = Indicators {
            lamp: None,
            buzzer: None,
            backlight: Some(Output::new(pin.clone(), false).unwrap()),
            call: None,
        };
        let (orders, taken) = mpsc::unbounded_channel();
        orders.send(Order::Backlight(session::Backlight::On)).unwrap();
        orders.send(Order::Backlight(session::Backlight::On)).unwrap();
        orders.send(Order::Backlight(session::Backlight::Off)).unwrap();
        drop(orders);
        run(indicators.run(taken));
        pin.done();
    }

    /// Calls twice; whether staff was told each time.
    fn calls(levels: &[Transaction]) -> [bool; 2] {
        let mut pin = Mock::new(levels);
        let call = Some(CallLine::new(Output::new(pin.clone(), false).unwrap()));
        let indicators = Indicators { lamp: None, buzzer: None, backlight: None, call };
        let (orders, taken) = mpsc::unbounded_channel();
        let heard = [(); 2].map(|()| {
            let (told, heard) = oneshot::channel();
            orders.send(Order::Call(told)).unwrap();
            heard
        });
        drop(orders);
        run(indicators.run(taken));
        pin.done();
        heard.map(|heard| heard.blocking_recv().unwrap())
    }

    #[test]
    fn a_line_that_fails_calls_nobody_and_says_so_each_time() {
        let [low, high] = [State::Low, State::High].map(Transaction::set);
        assert_eq!(calls(&[low.clone(), high.clone(), low.clone()]), [true, true]);
        let broken = MockError::Io(std::io::ErrorKind::NotConnected);
        assert_eq!(calls(&[low, high.with_error(broken)]), [false, false]);
    }
}
