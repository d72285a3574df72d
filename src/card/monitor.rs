//! Hears from PC/SC which readers there are and which cards come and go.
//!
//! It never connects to a card and sends it nothing: all it knows is what `SCardGetStatusChange` carries,
//! the ATR included. What an event means is decided in [`crate::session`].
//!
//! The thread sleeps inside PC/SC and is woken by events alone; between them it does not run. What events do not
//! cover is bounded without waking anybody more often than libpcsclite itself does, once in [`RECHECK`]:
//! pcsc-lite before 2.3 does not see a reader that arrives between listing the readers and waiting, so a change of
//! the list is followed by another look after [`SETTLE`]; and a service whose socket is there may start to answer
//! without touching it, so it is asked again after [`RETRY`].

mod readers;
mod slot;

use std::{
    ffi::CString,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use pcsc::{Context, PNP_NOTIFICATION, ReaderState, Scope, State};
use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll},
    fd::OwnedFd,
};

use super::Event;
use crate::link::arrival::Arrival;
use readers::Readers;

/// The list of readers is compared at least this often: as long as libpcsclite sleeps at a stretch when it is told
/// to wait for ever, so that nothing is saved by waiting longer.
pub const RECHECK: Duration = Duration::from_secs(60);
/// The list is compared once more so long after it has changed: readers with two slots come as two, one right
/// after the other.
pub const SETTLE: Duration = Duration::from_secs(1);
/// A service whose socket is there and that does not answer is asked again at least this often.
pub const RETRY: Duration = Duration::from_secs(5);

/// pcsc-lite takes this many reader states in a call (`PCSCLITE_MAX_READERS_CONTEXTS`), ours included.
const MOST_STATES: usize = 16;
/// `SCardCancel` ends only a wait that has begun; it is repeated at this interval until the thread ends.
const CANCEL_AGAIN: Duration = Duration::from_millis(20);

/// The running monitor. Dropping it ends its thread.
pub struct Monitor {
    shared: Arc<Shared>,
    ended: mpsc::Receiver<()>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Monitor {
    /// Starts the thread; `emit` gets every event in the order of PC/SC.
    ///
    /// # Errors
    /// When the kernel gives no thread or descriptor.
    pub fn start(emit: impl FnMut(Event) + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            stopping: AtomicBool::new(false),
            turns: AtomicU64::new(0),
            context: Mutex::new(None),
            wake: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        });
        let (end, ended) = mpsc::channel();
        let watched = Arc::clone(&shared);
        let thread = thread::Builder::new().name("card-monitor".to_owned()).spawn(move || {
            // Dropped when the thread ends, a panic included.
            let _end = end;
            Watch { shared: watched, emit, readers: Readers::default(), down_said: false }.run();
        })?;
        Ok(Self { shared, ended, thread: Some(thread) })
    }

    /// Counts the turns of the thread, each an answer of PC/SC or a look for its service. It rises at least
    /// once in [`RECHECK`]; one that stands still has a thread that hangs or has ended.
    #[must_use]
    pub fn turns(&self) -> u64 {
        self.shared.turns.load(Ordering::Relaxed)
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread where it waits for the service; the descriptor is ours, writing cannot fail.
        let _ = rustix::io::write(&self.shared.wake, &1_u64.to_ne_bytes());
        while let Err(mpsc::RecvTimeoutError::Timeout) = self.ended.recv_timeout(CANCEL_AGAIN) {
            if let Some(context) = &*self.shared.context() {
                // Nothing is waiting yet, or the service is gone: the next round tells.
                let _ = context.cancel();
            }
        }
        if let Some(thread) = self.thread.take() {
            // A panic has been logged by the hook.
            let _ = thread.join();
        }
    }
}

struct Shared {
    stopping: AtomicBool,
    turns: AtomicU64,
    context: Mutex<Option<Context>>,
    /// Readable when the monitor is to stop.
    wake: OwnedFd,
}

impl Shared {
    fn context(&self) -> std::sync::MutexGuard<'_, Option<Context>> {
        self.context.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    fn turned(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns when the service may have come up, after [`RETRY`] or [`RECHECK`], or when the monitor is to stop.
    fn wait_for(&self, arrival: Option<&Arrival>, socket: &Path) {
        if arrival.is_none() {
            log::debug!("no change of {} can be watched", socket.display());
        }
        // Without a socket nobody answers before the folder changes.
        let patience = if arrival.is_some() && !socket.exists() { RECHECK } else { RETRY };
        let patience = Timespec { tv_sec: patience.as_secs().cast_signed(), tv_nsec: 0 };
        let mut descriptors = vec![PollFd::new(&self.wake, PollFlags::IN)];
        descriptors.extend(arrival.map(|arrival| PollFd::new(arrival, PollFlags::IN)));
        // An interrupted wait is one that ended early.
        let _ = poll(&mut descriptors, Some(&patience));
    }
}

struct Watch<F> {
    shared: Arc<Shared>,
    emit: F,
    readers: Readers,
    down_said: bool,
}

impl<F: FnMut(Event)> Watch<F> {
    fn run(&mut self) {
        while let Some(context) = self.service() {
            self.down_said = false;
            self.readers.forget();
            (self.emit)(Event::ServiceUp);
            *self.shared.context() = Some(context.clone());
            let fault = self.watch(&context);
            *self.shared.context() = None;
            let Some(fault) = fault else { return };
            log::warn!(FAULT = fault.to_string(); "the card service is gone");
        }
    }

    /// A context of the service, waiting for it as long as it takes; `None` when the monitor is to stop.
    fn service(&mut self) -> Option<Context> {
        let socket = service_socket();
        loop {
            if self.shared.stopping() {
                return None;
            }
            self.shared.turned();
            // Before the try, so that a service that comes up right after it is not missed.
            let arrival = Arrival::watch(&socket).ok();
            match Context::establish(Scope::System) {
                Ok(context) => return Some(context),
                Err(fault) => {
                    if !self.down_said {
                        self.down_said = true;
                        log::warn!(FAULT = fault.to_string(); "the card service does not answer");
                        (self.emit)(Event::ServiceDown);
                    }
                }
            }
            self.shared.wait_for(arrival.as_ref(), &socket);
        }
    }

    /// Reports changes until the service is gone (why) or the monitor is to stop (`None`).
    fn watch(&mut self, context: &Context) -> Option<pcsc::Error> {
        let mut states = Vec::new();
        let mut settling = false;
        loop {
            if self.shared.stopping() {
                return None;
            }
            self.shared.turned();
            let listed = match list(context) {
                Ok(listed) => listed,
                Err(fault) => return self.lost(fault),
            };
            let changed = self.tell(|readers| readers.listed(&listed));
            settling |= changed;
            if changed || states.is_empty() {
                self.ask_anew(&mut states);
            }
            match context.get_status_change(if settling { SETTLE } else { RECHECK }, &mut states) {
                Ok(()) => self.look(&mut states),
                // A reader vanished between listing and waiting: the next round says which.
                Err(pcsc::Error::UnknownReader | pcsc::Error::ReaderUnavailable) => states.clear(),
                Err(pcsc::Error::Timeout) => settling = false,
                Err(pcsc::Error::Cancelled) => {}
                Err(fault) => return self.lost(fault),
            }
        }
    }

    fn lost(&mut self, fault: pcsc::Error) -> Option<pcsc::Error> {
        if self.shared.stopping() {
            return None;
        }
        self.readers.forget();
        self.down_said = true;
        (self.emit)(Event::ServiceDown);
        Some(fault)
    }

    /// Reports what the readers make of it; whether there was anything.
    fn tell(&mut self, news: impl FnOnce(&mut Readers) -> Vec<Event>) -> bool {
        let events = news(&mut self.readers);
        let any = !events.is_empty();
        events.into_iter().for_each(&mut self.emit);
        any
    }

    /// What to ask PC/SC about: hot-plug, which keeps its event counter, then each reader as one of unknown
    /// state, so that it is told at once.
    fn ask_anew(&self, states: &mut Vec<ReaderState>) {
        states.truncate(1);
        if states.is_empty() {
            states.push(ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE));
        }
        states.extend(self.readers.names().map(|name| ReaderState::new(name.clone(), State::UNAWARE)));
    }

    fn look(&mut self, states: &mut [ReaderState]) {
        for state in states {
            // Keeps the event counter in the high word too: cards swapped between two calls show there.
            state.sync_current_state();
            self.tell(|readers| {
                readers.seen(state.name(), state.event_state(), state.atr(), state.event_count())
            });
        }
    }
}

fn list(context: &Context) -> Result<Vec<CString>, pcsc::Error> {
    match context.list_readers_owned() {
        Ok(mut names) => {
            names.truncate(MOST_STATES - 1);
            Ok(names)
        }
        Err(pcsc::Error::NoReadersAvailable) => Ok(Vec::new()),
        Err(fault) => Err(fault),
    }
}

/// Where libpcsclite looks for the service.
fn service_socket() -> PathBuf {
    std::env::var_os("PCSCLITE_CSOCK_NAME").map_or_else(|| "/run/pcscd/pcscd.comm".into(), PathBuf::from)
}
