//! Listens to the presence sensor, the tamper switch, the staff's key and the call button: edges from the kernel, events to the inbox.
//!
//! It knows no policy and never polls. Hardware that is not configured is a choice of the office and is said once;
//! hardware that fails is given up with one record. Only a tamper switch is missed: without it the housing counts as
//! opened.

use std::{os::fd::OwnedFd, time::Duration};

use embedded_hal::digital::InputPin;
use tokio::{io::unix::AsyncFd, task::JoinSet, time::Instant};

use super::{
    inbox::{Inbox, Message},
    readable::readable,
};
use crate::{
    config::{Line, Peripherals},
    peripherals::{Heard, Input},
    session::Event,
};

/// A switch rests after so long.
const SWITCH_RESTS: Duration = Duration::from_millis(50);
/// A sensor of motion flickers at its edge.
const SENSOR_RESTS: Duration = Duration::from_millis(500);
/// Edges taken at once: the kernel keeps at most 16 of 16 bytes each (gpio.h, `struct gpioevent_data`).
const EDGES: usize = 256;

/// An input, and what its being out of order is told as.
struct Wanted {
    name: &'static str,
    rest: Duration,
    made: fn(bool) -> Event,
    /// Where it cannot be had at the start.
    missing: &'static [bool],
    /// Where it fails later.
    lost: &'static [bool],
}

/// Without a sensor somebody may always be there.
const PRESENCE: Wanted = Wanted {
    name: "presence sensor",
    rest: SENSOR_RESTS,
    made: Event::Presence,
    missing: &[],
    lost: &[true],
};
/// A switch that is lost may be one that was torn off: staff looks, and its key says so. One that cannot be had
/// guards nothing, and no key helps: whoever wants none leaves it out of the configuration.
const TAMPER: Wanted = Wanted {
    name: "tamper switch",
    rest: SWITCH_RESTS,
    made: Event::Tamper,
    missing: &[true],
    lost: &[true, false],
};
const SERVICE_KEY: Wanted =
    Wanted { name: "service key", rest: SWITCH_RESTS, made: Event::ServiceKey, missing: &[], lost: &[false] };
/// The screen has another.
const CALL_BUTTON: Wanted =
    Wanted { name: "call button", rest: SWITCH_RESTS, made: Event::CallButton, missing: &[], lost: &[] };

/// Opens what is configured and listens to it as long as the set is kept.
pub(super) fn listen(config: &Peripherals, inbox: &Inbox) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for (wanted, line) in [
        (PRESENCE, &config.presence),
        (TAMPER, &config.tamper),
        (SERVICE_KEY, &config.service_key),
        (CALL_BUTTON, &config.call_button),
    ] {
        match line {
            Some(line) => drop(tasks.spawn(wanted.listen(line, inbox.clone()))),
            None => log::info!("no {} is configured", wanted.name),
        }
    }
    tasks
}

impl Wanted {
    /// Opens it at once; what is returned listens.
    fn listen(self, line: &Line, inbox: Inbox) -> impl Future<Output = ()> + use<> {
        let Self { name, rest, made, missing, lost } = self;
        let opened = Input::open(line, rest).map_err(|error| error.to_string());
        let opened =
            opened.and_then(|(input, edges)| Ok((input, readable(edges).map_err(|e| e.to_string())?)));
        async move {
            let stands = match opened {
                Ok((input, edges)) => {
                    let why = hear(input, edges, made, &inbox).await;
                    log::warn!("the {name} fails and is not used any more: {why}");
                    lost
                }
                Err(error) => {
                    log::warn!("the {name} is not used: {error}");
                    missing
                }
            };
            for stands in stands {
                inbox.put(Message::Event(made(*stands))).await;
            }
        }
    }
}

/// Reports how the input stands and each change of it; ends when it fails, and says why.
async fn hear<P: InputPin>(
    mut input: Input<P>,
    edges: AsyncFd<OwnedFd>,
    made: fn(bool) -> Event,
    inbox: &Inbox,
) -> String {
    let start = Instant::now();
    let mut heard = input.read();
    loop {
        let next: Option<Duration> = match heard {
            Ok(Heard::Changed(on)) => {
                inbox.put(Message::Event(made(on))).await;
                None
            }
            Ok(Heard::Nothing(due)) => due,
            Err(error) => return format!("{error:?}"),
        };
        let edge = tokio::select! {
            // An edge that came before the time was up moves it.
            biased;
            edge = take(&edges) => Some(edge),
            () = async {
                match next {
                    Some(next) => tokio::time::sleep_until(start + next).await,
                    None => std::future::pending().await,
                }
            } => None,
        };
        heard = match edge {
            Some(Ok(())) => {
                let now = start.elapsed();
                input.edge(now);
                // Edges that never end may not put it off for ever.
                input.turn(now)
            }
            Some(Err(error)) => return error.to_string(),
            None => input.turn(start.elapsed()),
        };
    }
}

/// Waits for edges and takes all that are there; how many there were does not matter.
async fn take(edges: &AsyncFd<OwnedFd>) -> std::io::Result<()> {
    loop {
        let mut ready = edges.readable().await?;
        let read = ready.try_io(|edges| Ok(rustix::io::read(edges.get_ref(), &mut [0; EDGES])?));
        match read {
            Ok(Ok(0)) => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => return read.map(drop),
            Err(_would_block) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write, os::unix::net::UnixStream, time::Duration};

    use embedded_hal_mock::eh1::{
        MockError,
        digital::{Mock, State, Transaction},
    };

    use super::{
        super::inbox::{Message, inbox},
        Event, Input, OwnedFd, SWITCH_RESTS, hear, readable,
    };

    const DEADLINE: Duration = Duration::from_secs(20);

    fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { tokio::time::timeout(DEADLINE, test).await.unwrap() });
    }

    /// Where the kernel would tell of edges, and the descriptor on which it does.
    fn edges() -> (UnixStream, OwnedFd) {
        let (tells, told) = UnixStream::pair().unwrap();
        told.set_nonblocking(true).unwrap();
        (tells, told.into())
    }

    fn input(levels: &[State]) -> (Mock, Input<Mock>) {
        let pin = Mock::new(&levels.iter().map(|level| Transaction::get(*level)).collect::<Vec<_>>());
        (pin.clone(), Input::new(pin, false, SWITCH_RESTS))
    }

    fn event(message: Option<Message>) -> Event {
        let Some(Message::Event(event)) = message else { panic!("{message:?}") };
        event
    }

    #[test]
    fn a_switch_is_told_as_it_stands_and_once_for_each_burst_of_edges() {
        run(async {
            let (mut pin, input) = input(&[State::Low, State::High, State::Low]);
            let (mut kernel, told) = edges();
            let (inbox, mut messages) = inbox();
            let hearing =
                tokio::spawn(
                    async move { hear(input, readable(told).unwrap(), Event::Tamper, &inbox).await },
                );
            assert_eq!(event(messages.recv().await), Event::Tamper(false));
            for expected in [true, false] {
                for _ in 0..3 {
                    kernel.write_all(&[0; 16]).unwrap();
                }
                assert_eq!(event(messages.recv().await), Event::Tamper(expected));
            }
            // The line is gone, as when its chip is unplugged.
            drop(kernel);
            assert_eq!(hearing.await.unwrap(), "unexpected end of file");
            assert!(messages.recv().await.is_none(), "nothing more was told");
            pin.done();
        });
    }

    #[test]
    fn a_line_that_cannot_be_read_is_given_up() {
        run(async {
            let broken = MockError::Io(std::io::ErrorKind::NotConnected);
            let mut pin = Mock::new(&[Transaction::get(State::Low).with_error(broken)]);
            let (_kernel, told) = edges();
            let (inbox, _messages) = inbox();
            let input = Input::new(pin.clone(), false, SWITCH_RESTS);
            let why = hear(input, readable(told).unwrap(), Event::Presence, &inbox).await;
            assert!(why.contains("NotConnected"), "{why}");
            pin.done();
        });
    }
}
