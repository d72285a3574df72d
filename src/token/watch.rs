//! A deadline for every call into the card's module.
//!
//! A C function that does not return cannot be ended from outside; this says that it happened, and the
//! process ends itself. It knows nothing of what is called.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Sets the deadline around each call.
#[derive(Clone)]
pub(super) struct Watch {
    shared: Arc<Shared>,
    patience: Duration,
}

struct Shared {
    /// When the call under way is overdue.
    due: Mutex<Option<Instant>>,
    changed: Condvar,
}

impl Watch {
    /// Starts the watching thread; `overdue` is called once, on it, when a call takes longer than `patience`.
    pub(super) fn start(
        patience: Duration,
        overdue: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { due: Mutex::new(None), changed: Condvar::new() });
        let watched = Arc::downgrade(&shared);
        thread::Builder::new().name("watch".to_owned()).spawn(move || {
            // Gone with the last `Watch`.
            while let Some(shared) = watched.upgrade() {
                if shared.wait() {
                    return overdue();
                }
            }
        })?;
        Ok(Self { shared, patience })
    }

    /// Makes one call into the module.
    pub(super) fn call<T>(&self, call: impl FnOnce() -> T) -> T {
        self.shared.set(Some(Instant::now() + self.patience));
        let result = call();
        self.shared.set(None);
        result
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, due: Option<Instant>) {
        *self.lock() = due;
        self.changed.notify_one();
    }

    /// Waits for something to change; true when a call is overdue.
    fn wait(&self) -> bool {
        /// How often a thread whose watch is gone finds out.
        const IDLE: Duration = Duration::from_secs(5);
        let due = self.lock();
        let left = due.map_or(IDLE, |at| at.saturating_duration_since(Instant::now()));
        let (due, _) = self.changed.wait_timeout(due, left).unwrap_or_else(PoisonError::into_inner);
        due.is_some_and(|at| at <= Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc::{RecvTimeoutError, channel},
        time::Duration,
    };

    use super::Watch;

    #[test]
    fn a_call_that_does_not_return_is_reported() {
        let (tell, told) = channel();
        let watch = Watch::start(Duration::from_millis(20), move || tell.send(()).unwrap()).unwrap();
        watch.call(|| told.recv_timeout(Duration::from_secs(30))).unwrap();
    }

    #[test]
    fn the_time_between_calls_does_not_count() {
        let (tell, told) = channel();
        let watch = Watch::start(Duration::from_millis(200), move || tell.send(()).unwrap()).unwrap();
        watch.call(|| ());
        assert_eq!(told.recv_timeout(Duration::from_millis(600)), Err(RecvTimeoutError::Timeout));
        watch.call(|| ());
    }
}
