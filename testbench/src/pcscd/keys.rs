//! Readers with keys for a PIN (PC/SC part 10), played between pcscd and its clients.
//!
//! vpcd's readers have none. Clients are told another socket; all they say there is passed on to pcscd but
//! `SCardControl`, which is answered here: for a PIN the reader puts the VERIFY together itself, sends it down the
//! client's own connection, and hands back the card's two bytes. It keeps what it was asked, and no digit.

mod message;

use std::{
    collections::VecDeque,
    fs, io,
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use message::{Control, Message, Transmit};

/// `CM_IOCTL_GET_FEATURE_REQUEST` and the control code of `FEATURE_VERIFY_PIN_DIRECT` here.
const GET_FEATURES: u32 = 0x4200_0000 + 3400;
const VERIFY: u32 = 0x4233_0006;
const FEATURES: [u8; 6] = [0x06, 0x04, 0x42, 0x33, 0x00, 0x06];
/// The reader's words (part 10, 2.5.3).
const TIMED_OUT: [u8; 2] = [0x64, 0x00];
const LENGTH: [u8; 2] = [0x64, 0x03];
const WRONG_STRUCTURE: [u8; 2] = [0x6B, 0x80];
/// `SCARD_E_UNSUPPORTED_FEATURE`, what pcscd says of a control code nobody knows.
const UNSUPPORTED: u32 = 0x8010_001F;

/// What a person does at the keys, or the reader of itself, when a PIN is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finger {
    /// These digits, and the key that ends them.
    Types(String),
    /// The reader answers so, and asks no card: 6400 nobody typed, 6401 the key that cancels, 6B80 and others.
    Says([u8; 2]),
    /// `SCardControl` fails with this value of PC/SC.
    Fails(u32),
    /// The digits reach the card, and what it answers is lost with this value.
    Loses(String, u32),
}

/// The keys of all readers of one pcscd; they are gone when it is dropped.
pub struct Keys {
    shared: Arc<Shared>,
    socket: PathBuf,
    listener: UnixListener,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    fingers: VecDeque<Finger>,
    asked: Vec<Vec<u8>>,
}

impl Keys {
    /// Keys for the readers of the pcscd that listens at `service`, for clients of `socket`.
    pub(super) fn start(service: &Path, socket: PathBuf) -> io::Result<Self> {
        let _ = fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket)?;
        let shared = Arc::<Shared>::default();
        let (keys, service, accepted) = (Arc::clone(&shared), service.to_owned(), listener.try_clone()?);
        let accepting = thread::Builder::new().name("keys".to_owned()).spawn(move || {
            for client in accepted.incoming().map_while(Result::ok) {
                // A service that is away is told by a connection that ends.
                if let Ok(service) = UnixStream::connect(&service) {
                    let keys = Arc::clone(&keys);
                    thread::spawn(move || Line::run(client, service, &keys));
                }
            }
        })?;
        Ok(Self { shared, socket, listener, accepting: Some(accepting) })
    }

    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    /// What is done at the entry that waits or comes next, after those given before.
    pub fn then(&self, finger: Finger) {
        self.shared.lock().fingers.push_back(finger);
        self.shared.changed.notify_all();
    }

    /// The `PIN_VERIFY_STRUCTURE`s (part 10, 2.5.2) of each time a PIN was asked for.
    #[must_use]
    pub fn asked(&self) -> Vec<Vec<u8>> {
        self.shared.lock().asked.clone()
    }

    /// Waits until a PIN was asked for so often; false when the time is over.
    #[must_use]
    pub fn wait_for(&self, timeout: Duration, times: usize) -> bool {
        let state = self.shared.lock();
        let waited =
            self.shared.changed.wait_timeout_while(state, timeout, |state| state.asked.len() < times);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.then(Finger::Says(TIMED_OUT));
        // Whoever accepts fails then.
        let _ = rustix::net::shutdown(&self.listener, rustix::net::Shutdown::Both);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What happens at the keys, once it does.
    fn asked(&self, structure: &[u8]) -> Finger {
        let mut state = self.lock();
        state.asked.push(structure.to_vec());
        self.changed.notify_all();
        // bTimerOut: so long for the first key.
        let patience = Duration::from_secs(structure.first().copied().unwrap_or(0).into());
        let waited = self.changed.wait_timeout_while(state, patience, |state| state.fingers.is_empty());
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.fingers.pop_front().unwrap_or(Finger::Says(TIMED_OUT))
    }
}

/// One client's connection, and what was last said on it of the card's protocol.
struct Line<'a> {
    client: UnixStream,
    service: UnixStream,
    keys: &'a Shared,
    /// Where the service's next bytes go instead of to the client.
    diverted: Arc<Mutex<Option<Sender<Vec<u8>>>>>,
    last: Option<Transmit>,
}

impl Line<'_> {
    fn run(client: UnixStream, service: UnixStream, keys: &Shared) {
        let diverted = Arc::<Mutex<Option<Sender<Vec<u8>>>>>::default();
        let back = match (service.try_clone(), client.try_clone()) {
            (Ok(from), Ok(to)) => {
                let diverted = Arc::clone(&diverted);
                thread::spawn(move || answers(from, to, &diverted))
            }
            (Err(_), _) | (_, Err(_)) => return,
        };
        let mut line = Line { client, service, keys, diverted, last: None };
        // It ends when either side does.
        let _ = line.serve();
        let _ = line.service.shutdown(Shutdown::Both);
        let _ = back.join();
    }

    fn serve(&mut self) -> io::Result<()> {
        loop {
            let message = Message::read(&mut self.client)?;
            if let Some(transmit) = message.transmit() {
                self.last = Some(transmit);
            }
            match message.control() {
                Some(control) => {
                    let answer = self.answer(&control)?;
                    self.client.write_all(&control.answered(answer))?;
                }
                None => message.write(&mut self.service)?,
            }
        }
    }

    fn answer(&mut self, control: &Control) -> io::Result<Result<Vec<u8>, u32>> {
        Ok(match control.code {
            GET_FEATURES => Ok(FEATURES.to_vec()),
            VERIFY => match self.keys.asked(&control.data) {
                Finger::Types(digits) => self.verify(control, &digits)?,
                Finger::Says(word) => Ok(word.to_vec()),
                Finger::Fails(value) => Err(value),
                Finger::Loses(digits, value) => {
                    let _ = self.verify(control, &digits)?;
                    Err(value)
                }
            },
            _ => Err(UNSUPPORTED),
        })
    }

    /// VERIFY with these digits, if they are what the client's structure asks for; the card's status word.
    fn verify(&mut self, control: &Control, digits: &str) -> io::Result<Result<Vec<u8>, u32>> {
        let Some(asked) = message::Entry::of(&control.data) else { return Ok(Ok(WRONG_STRUCTURE.to_vec())) };
        if !asked.lengths.contains(&digits.len()) {
            return Ok(Ok(LENGTH.to_vec()));
        }
        let Some(last) = &self.last else { return Ok(Err(UNSUPPORTED)) };
        let (divert, diverted) = channel();
        *self.diverted.lock().unwrap_or_else(PoisonError::into_inner) = Some(divert);
        last.saying(control.card, &asked.command(digits)).write(&mut self.service)?;
        let answer = Transmit::answer(&mut Diverted { diverted, rest: VecDeque::new() });
        *self.diverted.lock().unwrap_or_else(PoisonError::into_inner) = None;
        answer
    }
}

/// What the service says, to the client or to whoever diverts it.
fn answers(mut from: UnixStream, mut to: UnixStream, diverted: &Mutex<Option<Sender<Vec<u8>>>>) {
    let mut room = vec![0; 1 << 17];
    while let Ok(length @ 1..) = from.read(&mut room) {
        let divert = diverted.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = match &*divert {
            Some(divert) => divert.send(room[..length].to_vec()).is_ok(),
            None => to.write_all(&room[..length]).is_ok(),
        };
        if !passed {
            break;
        }
    }
    *diverted.lock().unwrap_or_else(PoisonError::into_inner) = None;
    let _ = to.shutdown(Shutdown::Both);
}

/// Diverted bytes, to be read in any portions.
struct Diverted {
    diverted: Receiver<Vec<u8>>,
    rest: VecDeque<u8>,
}

impl Read for Diverted {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            self.rest.extend(self.diverted.recv().map_err(|_| io::ErrorKind::UnexpectedEof)?);
        }
        self.rest.read(room)
    }
}
