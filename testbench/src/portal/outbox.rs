//! The SMS messages the portal sent: wait for the next one, or list them all.
//!
//! It carries what a telephone would show; who reads it plays the person.

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A message as the telephone shows it. Its text holds a code and does not print itself in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Sms {
    /// Ten digits.
    pub to: String,
    /// The whole text.
    pub text: String,
    /// The code in the text.
    pub code: String,
}

impl fmt::Debug for Sms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sms([redacted])")
    }
}

/// All messages of a run, in the order they arrived.
#[derive(Clone, Default)]
pub struct Outbox(Arc<(Mutex<Vec<Sms>>, Condvar)>);

impl Outbox {
    /// All messages so far.
    #[must_use]
    pub fn list(&self) -> Vec<Sms> {
        self.lock().clone()
    }

    /// How many messages there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Message number `index` (from 0), waiting for it to arrive; blocks the calling thread.
    ///
    /// `None`: it did not arrive in time.
    #[must_use]
    pub fn wait_for(&self, index: usize, timeout: Duration) -> Option<Sms> {
        let deadline = Instant::now() + timeout;
        let mut messages = self.lock();
        loop {
            if let Some(sms) = messages.get(index) {
                return Some(sms.clone());
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            messages = self.0.1.wait_timeout(messages, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub(super) fn deliver(&self, sms: Sms) {
        self.lock().push(sms);
        self.0.1.notify_all();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Sms>> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
