//! The sockets and threads around the desk: `kioskd`'s link, the PIN socket, the module's thread.
//!
//! It moves messages and checks who is at the other end; what they lead to is decided in [`super::desk`].

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    os::unix::net::{UnixListener, UnixStream},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use super::{
    alive::Alive,
    desk::{Desk, Input, Job, Output, Ticket},
    keypad::{Keypad, Told},
    module::ModuleError,
    padless::Padless,
    restart,
    typing::Keys,
    watch::Watch,
    worker,
};
use crate::{
    config::{self, Config},
    link::{
        codec::{self, CodecError},
        keypad::{self, Frame},
        listen::{allowed_uid, listen, peer_uid},
        pin::{self, Verdict},
        signer::{Answer, Call, Fault, RequestId},
    },
    peripherals::matrix,
};

/// Exit status after a call into the module did not come back.
pub const EXIT_MODULE_HUNG: i32 = 3;
/// How long a peer may take to send or take a frame.
const PEER_PATIENCE: Duration = Duration::from_secs(5);

/// Why the signer cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A socket cannot be listened on.
    #[error("{key}: cannot be listened on: {source}")]
    Listen {
        /// Of the configuration.
        key: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The module cannot be used.
    #[error(transparent)]
    Module(#[from] ModuleError),
    /// Threads, random numbers or the new image cannot be had.
    #[error("the system refuses: {0}")]
    System(#[from] io::Error),
}

enum Event {
    Loaded(Result<(), ModuleError>),
    Connected(UnixStream),
    Call(Call),
    KioskdLost,
    Pin(Frame, UnixStream),
    Keys(Told),
    ScreenLeft(Ticket),
    Module(super::desk::Outcome),
    Hung(Fault),
}

/// Serves one visit, then begins anew.
///
/// # Errors
/// [`ServeError`] when it cannot begin, or cannot begin anew.
pub fn serve(config: &Config) -> Result<Infallible, ServeError> {
    let bind = |name, key, path| listen(name, path).map_err(|source| ServeError::Listen { key, source });
    let link = bind("signer", "links.signer", &config.links.signer)?;
    let pins = bind("pin", "links.pin", &config.links.pin)?;

    let (events, inbox) = channel();
    let overdue = events.clone();
    let patience = Duration::from_millis(config.token.call_deadline_ms);
    let watch = Watch::start(patience, move |fault| drop(overdue.send(Event::Hung(fault))))?;
    let (jobs, given) = channel();
    let (loaded, done) = (events.clone(), events.clone());
    // Nobody listens any more only when the process is being replaced.
    let loaded = move |result| drop(loaded.send(Event::Loaded(result)));
    let done = move |outcome| drop(done.send(Event::Module(outcome)));
    let mut alive = Alive::new(watch.clone());
    let padless = Padless::of_process();
    worker::start(config.token.clone(), restart::is_anew(), watch, padless.clone(), given, loaded, done)?;
    await_module(&mut alive, &inbox)?;
    take_calls(link.try_clone()?, allowed_uid(config.links.supervisor_uid), events.clone())?;
    take_pins(pins.try_clone()?, allowed_uid(config.links.screen_uid), events.clone())?;
    let keys = match &config.token.keypad {
        Some(keypad) => open_keypad(keypad, events.clone()).unwrap_or_default(),
        None if config.token.pin_pad => Keys::at_reader(),
        None => Keys::default(),
    };
    log::info!("ready");
    // Where no service manager waits for it, nobody hears it.
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);

    run(&mut alive, &inbox, &jobs, keys, &events)?;
    log::info!("beginning anew");
    Ok(restart::anew(&[("signer", &link), ("pin", &pins)], padless.kept())?)
}

/// Waits until the module is there; nobody else speaks before.
fn await_module(alive: &mut Alive, inbox: &Receiver<Event>) -> Result<(), ServeError> {
    match alive.next(inbox, None) {
        Ok(Event::Loaded(result)) => Ok(result?),
        Ok(Event::Hung(_)) => {
            log::error!("the card's module does not come back from loading; ending");
            restart::end_at_once(EXIT_MODULE_HUNG)
        }
        Ok(
            Event::Connected(_)
            | Event::Call(_)
            | Event::KioskdLost
            | Event::Pin(..)
            | Event::Keys(_)
            | Event::ScreenLeft(_)
            | Event::Module(_),
        )
        | Err(_) => Err(io::Error::other("the module's thread has ended").into()),
    }
}

/// The keypad, if it can be had: without it the PIN is typed on the screen.
fn open_keypad(config: &config::Keypad, events: Sender<Event>) -> Option<Keys> {
    let start = Instant::now();
    let tell = move |told| drop(events.send(Event::Keys(told)));
    let opened = matrix(config).map_err(|error| error.to_string()).and_then(|(matrix, edges)| {
        Keypad::start(matrix, edges.into(), move || start.elapsed(), tell).map_err(|error| error.to_string())
    });
    opened.inspect_err(|error| log::warn!("the keypad is not used: {error}")).ok().map(Keys::of)
}

/// Runs the desk until it wants to leave.
fn run(
    alive: &mut Alive,
    inbox: &Receiver<Event>,
    jobs: &Sender<Job>,
    mut keys: Keys,
    events: &Sender<Event>,
) -> io::Result<()> {
    let mut desk = Desk::default();
    let mut kioskd: Option<UnixStream> = None;
    let mut waiting = HashMap::new();
    let mut tickets = 0;
    loop {
        let input = match alive.next(inbox, desk.deadline()) {
            Ok(Event::Connected(socket)) => {
                kioskd = Some(socket);
                continue;
            }
            Ok(Event::Loaded(_)) => continue,
            Ok(Event::Call(call)) => Input::Call { call, fresh: random_name()? },
            Ok(Event::KioskdLost) => Input::KioskdLost,
            Ok(Event::Pin(frame, socket)) => {
                tickets += 1;
                let ticket = Ticket(tickets);
                match frame {
                    Frame::Pin(frame) => {
                        waiting.insert(ticket, socket);
                        Input::Pin { frame, ticket }
                    }
                    // Its PINs are never typed on other keys than the screen's.
                    Frame::NewPin(frame) => {
                        waiting.insert(ticket, socket);
                        Input::NewPin { frame, ticket }
                    }
                    Frame::Keypad(question) if keys.are_at_reader() => {
                        waiting.insert(ticket, socket);
                        Input::AtReader { question, ticket }
                    }
                    Frame::Keypad(question) => {
                        let (awaited, events) = (desk.awaits(question.request), events.clone());
                        let left = move || drop(events.send(Event::ScreenLeft(ticket)));
                        keys.ask(question, socket, ticket, awaited, left);
                        continue;
                    }
                }
            }
            Ok(Event::Keys(Told::Typed(ticket, pin))) => {
                let Some((frame, socket)) = keys.typed(ticket, pin) else { continue };
                waiting.insert(ticket, socket);
                Input::Pin { frame, ticket }
            }
            Ok(Event::Keys(Told::Dots(ticket, count))) => {
                keys.dots(ticket, count);
                continue;
            }
            Ok(Event::Keys(Told::Failed(why))) => {
                log::warn!("the keypad fails and is not used any more: {why}");
                keys.failed();
                continue;
            }
            Ok(Event::ScreenLeft(ticket)) => {
                keys.left(ticket);
                continue;
            }
            Ok(Event::Module(outcome)) => Input::Module(outcome),
            Ok(Event::Hung(fault)) => {
                log::error!(CAUSE = fault.to_string(); "a call to the card does not come back; ending");
                desk.give_up(fault);
                for output in desk.outputs() {
                    if let (Output::Answer(answer), Some(socket)) = (output, &mut kioskd) {
                        let _ = codec::write(socket, &answer);
                    }
                }
                restart::end_at_once(EXIT_MODULE_HUNG)
            }
            Err(RecvTimeoutError::Timeout) => Input::Tick,
            Err(RecvTimeoutError::Disconnected) => return Err(io::Error::other("every thread has ended")),
        };
        desk.handle(input, Instant::now());
        keys.heed(|request| desk.awaits(request));
        for output in desk.outputs() {
            match output {
                Output::Answer(answer) => tell(&mut kioskd, &answer),
                Output::Verdict(ticket, verdict) => {
                    if let Some(mut socket) = waiting.remove(&ticket) {
                        // A screen that is gone learns of it by its own means.
                        let _ = pin::answer(&mut socket, verdict);
                    }
                }
                Output::Run(job) => {
                    jobs.send(job).map_err(|_| io::Error::other("the module's thread has ended"))?;
                }
                Output::Leave => return Ok(()),
            }
        }
    }
}

/// An answer that cannot be delivered shows as the loss of `kioskd` on the reading side.
fn tell(kioskd: &mut Option<UnixStream>, answer: &Answer) {
    let Some(socket) = kioskd else { return };
    if codec::write(socket, answer).is_err() {
        let _ = socket.shutdown(std::net::Shutdown::Both);
        *kioskd = None;
    }
}

fn random_name() -> io::Result<RequestId> {
    let mut name = [0; 16];
    getrandom::fill(&mut name).map_err(io::Error::other)?;
    Ok(RequestId(name))
}

/// Accepts `kioskd` once: this image serves one connection, and its loss ends it.
fn take_calls(listener: UnixListener, uid: u32, events: Sender<Event>) -> io::Result<()> {
    thread::Builder::new().name("calls".to_owned()).spawn(move || {
        let Some(mut socket) = accept(&listener, uid) else { return };
        let Ok(writing) = socket.try_clone() else { return };
        let _ = writing.set_write_timeout(Some(PEER_PATIENCE));
        let _ = events.send(Event::Connected(writing));
        loop {
            match codec::read::<Call>(&mut socket) {
                Ok(call) => {
                    if events.send(Event::Call(call)).is_err() {
                        return;
                    }
                }
                Err(error) => {
                    if !matches!(error, CodecError::Closed) {
                        log::warn!(CAUSE = error.to_string(); "the link to kioskd broke");
                    }
                    let _ = events.send(Event::KioskdLost);
                    return;
                }
            }
        }
    })?;
    Ok(())
}

/// Takes one frame per connection, one connection at a time.
fn take_pins(listener: UnixListener, uid: u32, events: Sender<Event>) -> io::Result<()> {
    thread::Builder::new().name("pins".to_owned()).spawn(move || {
        while let Some(mut socket) = accept(&listener, uid) {
            let patience = Some(PEER_PATIENCE);
            if socket.set_read_timeout(patience).and(socket.set_write_timeout(patience)).is_err() {
                continue;
            }
            match keypad::receive(&mut socket) {
                Ok(frame) => {
                    if events.send(Event::Pin(frame, socket)).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    let _ = pin::answer(&mut socket, Verdict::Malformed);
                }
                Err(error) => log::info!(CAUSE = error.kind().to_string(); "no frame on the PIN socket"),
            }
        }
    })?;
    Ok(())
}

/// The next peer of the right uid; others are turned away. `None` when the socket fails for good.
fn accept(listener: &UnixListener, uid: u32) -> Option<UnixStream> {
    loop {
        match listener.accept() {
            Ok((socket, _)) => match peer_uid(&socket) {
                Ok(found) if found == uid => return Some(socket),
                Ok(found) => log::warn!(UID = found; "a peer of another uid was turned away"),
                Err(_) => {}
            },
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                log::error!(CAUSE = error.to_string(); "a socket cannot be accepted on");
                return None;
            }
        }
    }
}
