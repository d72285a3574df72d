//! The slot of a reader: a card goes in, comes out, or is torn out in the middle of a command.
//!
//! The other end is a reader that listens: vpcd inside a pcscd, or a virtual machine's. A card is in the slot while
//! there is a connection. The slot keeps a story of what happened, with names of commands and status words only: no
//! content, no digits.

use std::{
    io,
    net::TcpStream,
    os::unix::net::UnixStream,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use super::{
    Card, Reset, apdu,
    event::Event,
    line::{Asked, Line},
    vpcd::NO_ATR,
    vsc,
};

/// A slot; clones are the same slot. The card falls out when the last one is dropped.
#[derive(Clone)]
pub struct Slot {
    shared: Arc<Shared>,
    _emptied: Arc<EmptyOnDrop>,
}

/// How long a card takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// For any command.
    pub command: Duration,
    /// For each byte that goes over the line, either way.
    pub byte: Duration,
    /// For a VERIFY, CHANGE REFERENCE DATA or RESET RETRY COUNTER, beside that.
    pub verify: Duration,
    /// For a signature, beside that.
    pub sign: Duration,
}

impl Timing {
    /// As fast as it goes.
    pub const NONE: Self =
        Self { command: Duration::ZERO, byte: Duration::ZERO, verify: Duration::ZERO, sign: Duration::ZERO };
    /// Like a card of that generation on a line of 115200 bit/s. The figures are typical, not measured on one.
    pub const CARD: Self = Self {
        command: Duration::from_millis(8),
        byte: Duration::from_micros(105),
        verify: Duration::from_millis(120),
        sign: Duration::from_millis(650),
    };
}

/// What happens once, when the command comes; the command itself is not carried out, unless it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    /// The card is torn out when the PIN is to be verified.
    AtVerify,
    /// The card is torn out when it is to sign.
    AtSign,
    /// The card stays and never answers when it is to sign; only pulling it ends that.
    SilentAtSign,
    /// The card is torn out when its PIN is to be given another.
    AtReplace,
    /// The card gives its PIN another and is torn out before it can say so: the one trap whose command is carried out.
    AfterReplace,
}

impl Slot {
    /// The slot of a vpcd that is connected to like that.
    #[must_use]
    pub fn new(connect: impl Fn() -> io::Result<TcpStream> + Send + Sync + 'static) -> Self {
        Self::of(Box::new(move || connect().map(Line::Vpcd)))
    }

    /// The slot of a virtual machine's reader whose card is connected to like that.
    #[must_use]
    pub fn vsc(connect: impl Fn() -> io::Result<UnixStream> + Send + Sync + 'static) -> Self {
        Self::of(Box::new(move || connect().map(|line| Line::Vsc(vsc::Wire::new(line)))))
    }

    fn of(connect: Connect) -> Self {
        let state = State {
            card: None,
            line: None,
            visit: 0,
            busy: false,
            torn: false,
            pull: None,
            timing: Timing::NONE,
            events: Vec::new(),
        };
        let shared = Arc::new(Shared { connect, state: Mutex::new(state), changed: Condvar::new() });
        Self { _emptied: Arc::new(EmptyOnDrop(Arc::clone(&shared))), shared }
    }

    /// Puts a card in; one that is in there comes out first. Readers look at their slots every 0.4 s.
    ///
    /// # Errors
    /// When there is no reader.
    pub fn insert(&self, card: &Card) -> io::Result<()> {
        self.remove();
        let line = self.shared.connect()?;
        card.power();
        let mut state = self.shared.lock();
        state.card = Some(card.clone());
        state.happened(Event::Inserted);
        self.shared.serve(&mut state, line)
    }

    /// Pulls the card out, also in the middle of a command.
    pub fn remove(&self) {
        self.shared.remove(&mut self.shared.lock());
    }

    /// Whether a card is in.
    #[must_use]
    pub fn is_occupied(&self) -> bool {
        self.shared.lock().card.is_some()
    }

    /// The reader is there again after its service was restarted or it was unplugged: a card that stayed in is seen
    /// again.
    ///
    /// # Errors
    /// When there is no reader.
    pub fn reader_is_back(&self) -> io::Result<()> {
        {
            let mut state = self.shared.lock();
            if state.card.is_none() {
                return Ok(());
            }
            // Who still serves the old line belongs to the past.
            state.visit += 1;
            if let Some(mut line) = state.line.take() {
                line.abandon();
            }
        }
        let line = self.shared.connect()?;
        let mut state = self.shared.lock();
        self.shared.serve(&mut state, line)
    }

    /// Sets a trap that springs once.
    pub fn arm(&self, pull: Pull) {
        self.shared.lock().pull = Some(pull);
    }

    /// Sets how long the card takes from now on.
    pub fn set_timing(&self, timing: Timing) {
        self.shared.lock().timing = timing;
    }

    /// What happened so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.shared.lock().events.clone()
    }

    /// Waits until what happened so far is as wanted; false when the time is over.
    #[must_use]
    pub fn wait_for(&self, timeout: Duration, wanted: impl Fn(&[Event]) -> bool) -> bool {
        let state = self.shared.lock();
        let (_state, outcome) = self
            .shared
            .changed
            .wait_timeout_while(state, timeout, |state| !wanted(&state.events))
            .unwrap_or_else(PoisonError::into_inner);
        !outcome.timed_out()
    }
}

type Connect = Box<dyn Fn() -> io::Result<Line> + Send + Sync>;

struct Shared {
    connect: Connect,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    card: Option<Card>,
    line: Option<Line>,
    /// Counts connections and removals: who holds another number belongs to the past.
    visit: u64,
    /// A command is being carried out.
    busy: bool,
    /// The card was pulled in the middle of a command: vpcd has dropped the connection without pcscd having
    /// seen an empty slot, and would take the next connection for the same card.
    torn: bool,
    pull: Option<Pull>,
    timing: Timing,
    events: Vec<Event>,
}

impl State {
    fn happened(&mut self, event: Event) {
        log::debug!("card slot: {event}");
        self.events.push(event);
    }
}

struct EmptyOnDrop(Arc<Shared>);

impl Drop for EmptyOnDrop {
    fn drop(&mut self) {
        self.0.remove(&mut self.0.lock());
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(&self) -> io::Result<Line> {
        let mut line = (self.connect)()?;
        line.open()?;
        Ok(line)
    }

    fn serve(self: &Arc<Self>, state: &mut State, line: Line) -> io::Result<()> {
        state.visit += 1;
        state.line = Some(line.try_clone()?);
        let visit = state.visit;
        let shared = Arc::clone(self);
        self.changed.notify_all();
        thread::Builder::new().name("card".to_owned()).spawn(move || shared.stay(visit, line))?;
        Ok(())
    }

    fn remove(&self, state: &mut State) {
        if state.card.take().is_none() {
            return;
        }
        state.visit += 1;
        state.torn = state.busy;
        state.busy = false;
        if let Some(mut line) = state.line.take() {
            line.pull();
        }
        state.happened(Event::Removed);
        self.changed.notify_all();
    }

    /// Answers the reader until the card is pulled or the reader is gone for good.
    fn stay(self: &Arc<Self>, visit: u64, mut line: Line) {
        loop {
            let _ = self.answer(visit, &mut line);
            drop(line);
            let Some(again) = self.connect_again(visit) else { return };
            line = again;
        }
    }

    /// The connection ended. If the card is still in, the reader dropped it, or must see an empty slot first.
    fn connect_again(&self, visit: u64) -> Option<Line> {
        let mut state = self.lock();
        if state.visit != visit {
            return None;
        }
        state.line = None;
        let line = self.connect().ok()?;
        state.line = line.try_clone().ok();
        Some(line)
    }

    fn answer(&self, visit: u64, line: &mut Line) -> io::Result<()> {
        let mut powered = false;
        loop {
            let asked = line.receive()?;
            let Some(card) = self.begin(visit) else { return Ok(()) };
            match asked {
                Asked::PowerOn => {
                    powered = true;
                    card.power();
                    self.happened(visit, Event::Powered);
                }
                Asked::PowerOff => {
                    powered = false;
                    card.power();
                    self.happened(visit, Event::Off);
                }
                // The reader asks this also to see whether there is a card at all; a mute one is there.
                Asked::Atr => line.send_atr(match card.reset() {
                    Reset::Mute if powered => &NO_ATR,
                    Reset::Mute => &super::ATR_UNKNOWN,
                    Reset::Atr(bytes) => bytes,
                })?,
                Asked::Command(command) => match self.command(visit, &card, &command) {
                    Some(answer) => line.send(&answer)?,
                    None => return Ok(()),
                },
                Asked::Nothing => {}
            }
            self.end(visit);
        }
    }

    /// The card, when it may answer.
    fn begin(&self, visit: u64) -> Option<Card> {
        let mut state = self.lock();
        if state.visit != visit || std::mem::take(&mut state.torn) {
            return None;
        }
        state.busy = true;
        state.card.clone()
    }

    fn end(&self, visit: u64) {
        let mut state = self.lock();
        if state.visit == visit {
            state.busy = false;
        }
    }

    fn happened(&self, visit: u64, event: Event) {
        let mut state = self.lock();
        if state.visit == visit {
            state.happened(event);
            self.changed.notify_all();
        }
    }

    /// Carries a command out and takes the time it takes; `None` when the card was pulled meanwhile.
    fn command(&self, visit: u64, card: &Card, command: &[u8]) -> Option<Vec<u8>> {
        let (class, instruction) = (command.first().copied(), command.get(1).copied());
        let name = apdu::name(class.unwrap_or(0xFF), instruction.unwrap_or(0xFF));
        let verifies = instruction == Some(0x20) && command.len() > 5;
        // The last command of a chain.
        let signs = class == Some(0x00) && instruction == Some(0x2A);
        let replaces = matches!(instruction, Some(0x24 | 0x2C));
        let timing = {
            let mut state = self.lock();
            match state.pull {
                Some(Pull::AtVerify) if verifies => {
                    state.pull = None;
                    self.remove(&mut state);
                    return None;
                }
                Some(pull @ (Pull::AtReplace | Pull::AfterReplace)) if replaces => {
                    state.pull = None;
                    if pull == Pull::AfterReplace {
                        let _unsaid = card.transmit(command);
                    }
                    self.remove(&mut state);
                    return None;
                }
                Some(Pull::AtSign) if signs => {
                    state.pull = None;
                    self.remove(&mut state);
                    return None;
                }
                Some(Pull::SilentAtSign) if signs => {
                    state.pull = None;
                    state.happened(Event::Silent);
                    self.changed.notify_all();
                    drop(
                        self.changed
                            .wait_while(state, |state| state.visit == visit)
                            .unwrap_or_else(PoisonError::into_inner),
                    );
                    return None;
                }
                Some(
                    Pull::AtVerify | Pull::AtSign | Pull::SilentAtSign | Pull::AtReplace | Pull::AfterReplace,
                )
                | None => state.timing,
            }
        };
        let answer = card.transmit(command);
        let bytes = u32::try_from(command.len() + answer.len()).unwrap_or(u32::MAX);
        let mut takes = timing.command + timing.byte.saturating_mul(bytes);
        if matches!(instruction, Some(0x20 | 0x24 | 0x2C)) {
            takes += timing.verify;
        } else if signs {
            takes += timing.sign;
        }
        if !takes.is_zero() && !self.take_time(visit, takes) {
            return None;
        }
        let status = answer.last_chunk().map_or(0, |status| u16::from_be_bytes(*status));
        self.happened(visit, Event::Answered { command: name, status });
        Some(answer)
    }

    /// Waits that long; false when the card was pulled meanwhile.
    fn take_time(&self, visit: u64, time: Duration) -> bool {
        let (_state, outcome) = self
            .changed
            .wait_timeout_while(self.lock(), time, |state| state.visit == visit)
            .unwrap_or_else(PoisonError::into_inner);
        outcome.timed_out()
    }
}
