//! A deadline for every call into the card's module or into PC/SC.
//!
//! A C function that does not return cannot be ended from outside; this says that it happened, and the
//! process ends itself. It knows nothing of what is called, only what it would mean.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use crate::link::signer::Fault;

/// Sets the deadline around each call.
#[derive(Clone)]
pub(super) struct Watch {
    shared: Arc<Shared>,
    patience: Duration,
}

type Due = Option<(Instant, Fault)>;

struct Shared {
    /// When the call under way is overdue, and what that means.
    due: Mutex<Due>,
    changed: Condvar,
}

impl Watch {
    /// Starts the watching thread; `overdue` is called once, on it, when a call takes longer than `patience`.
    pub(super) fn start(
        patience: Duration,
        overdue: impl FnOnce(Fault) + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { due: Mutex::new(None), changed: Condvar::new() });
        let watched = Arc::downgrade(&shared);
        thread::Builder::new().name("watch".to_owned()).spawn(move || {
            // Gone with the last `Watch`.
            while let Some(shared) = watched.upgrade() {
                if let Some(fault) = shared.wait() {
                    return overdue(fault);
                }
            }
        })?;
        Ok(Self { shared, patience })
    }

    /// Makes one call into the module or to the card.
    pub(super) fn call<T>(&self, call: impl FnOnce() -> T) -> T {
        self.timed(Fault::ModuleHung, call)
    }

    /// Makes one call that waits for a person, who may take so long.
    pub(super) fn person<T>(&self, takes: Duration, call: impl FnOnce() -> T) -> T {
        Self { shared: self.shared.clone(), patience: self.patience + takes }.call(call)
    }

    /// Makes one call that waits as long as another program holds the reader.
    pub(super) fn lock<T>(&self, call: impl FnOnce() -> T) -> T {
        self.timed(Fault::ReaderBusy, call)
    }

    /// Whether a call takes longer than it may: what was to come of it is late, too.
    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        self.shared.lock().is_some_and(|(at, _)| at < now)
    }

    fn timed<T>(&self, overdue: Fault, call: impl FnOnce() -> T) -> T {
        self.shared.set(Some((Instant::now() + self.patience, overdue)));
        let result = call();
        self.shared.set(None);
        result
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Due> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, due: Due) {
        *self.lock() = due;
        self.changed.notify_one();
    }

    /// Waits for something to change; what it means when a call is overdue.
    fn wait(&self) -> Option<Fault> {
        /// How often a thread whose watch is gone finds out.
        const IDLE: Duration = Duration::from_secs(5);
        let due = self.lock();
        let left = due.map_or(IDLE, |(at, _)| at.saturating_duration_since(Instant::now()));
        let (due, _) = self.changed.wait_timeout(due, left).unwrap_or_else(PoisonError::into_inner);
        due.filter(|(at, _)| *at <= Instant::now()).map(|(_, fault)| fault)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc::{RecvTimeoutError, channel},
        time::{Duration, Instant},
    };

    use super::Watch;
    use crate::link::signer::Fault;

    #[test]
    fn a_call_that_does_not_return_is_reported_for_what_it_is() {
        let begin = || {
            let (tell, told) = channel();
            let tell = move |fault| tell.send(fault).unwrap();
            (Watch::start(Duration::from_millis(20), tell).unwrap(), told)
        };
        let (watch, told) = begin();
        assert_eq!(watch.call(|| told.recv_timeout(Duration::from_secs(30))), Ok(Fault::ModuleHung));
        let (watch, told) = begin();
        assert_eq!(watch.lock(|| told.recv_timeout(Duration::from_secs(30))), Ok(Fault::ReaderBusy));
    }

    #[test]
    fn a_person_may_take_longer_than_a_call_and_not_for_ever() {
        let (tell, told) = channel();
        let watch = Watch::start(Duration::from_millis(20), move |fault| tell.send(fault).unwrap()).unwrap();
        let short = Duration::from_millis(200);
        let nothing = watch.person(Duration::from_secs(60), || told.recv_timeout(short));
        assert_eq!(nothing, Err(RecvTimeoutError::Timeout));
        let ended = watch.person(short, || told.recv_timeout(Duration::from_secs(30)));
        assert_eq!(ended, Ok(Fault::ModuleHung));
    }

    #[test]
    fn only_a_call_that_takes_too_long_is_overdue() {
        let watch = Watch::start(Duration::from_secs(60), |_| ()).unwrap();
        let later = |seconds| Instant::now() + Duration::from_secs(seconds);
        assert!(!watch.is_overdue(later(61)), "there is none");
        watch.call(|| {
            assert!(!watch.is_overdue(later(0)));
            assert!(watch.is_overdue(later(61)));
        });
        assert!(!watch.is_overdue(later(61)), "it came back");
    }

    #[test]
    fn the_time_between_calls_does_not_count() {
        let (tell, told) = channel();
        let watch = Watch::start(Duration::from_millis(200), move |fault| tell.send(fault).unwrap()).unwrap();
        watch.call(|| ());
        assert_eq!(told.recv_timeout(Duration::from_millis(600)), Err(RecvTimeoutError::Timeout));
        watch.call(|| ());
    }
}
