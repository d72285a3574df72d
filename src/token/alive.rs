//! Tells the service manager that the signer is alive, and says what that proves.
//!
//! A keep-alive proves two things: the loop that answers `kioskd` and the screen took its turn (it is the loop that
//! sends it), and no call into the card's module is overdue. It proves nothing of the card, the reader or a person.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use super::watch::Watch;

/// Sends keep-alives at half the interval the service manager asks for, if it asks.
pub(super) struct Alive {
    every: Option<Duration>,
    next: Instant,
    watch: Watch,
}

impl Alive {
    pub(super) fn new(watch: Watch) -> Self {
        // An image that follows another has to speak up before the former one's word is too old.
        Self { every: sd_notify::watchdog_enabled().map(|within| within / 2), next: Instant::now(), watch }
    }

    /// The next of `inbox`, awaited until `deadline` if there is one; keep-alives go out meanwhile.
    pub(super) fn next<T>(
        &mut self,
        inbox: &Receiver<T>,
        deadline: Option<Instant>,
    ) -> Result<T, RecvTimeoutError> {
        loop {
            let now = Instant::now();
            if self.is_due(now) && !self.watch.is_overdue(now) {
                // Where no service manager waits for it, nobody hears it.
                let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
            }
            let until = match (deadline, self.every) {
                (Some(deadline), Some(_)) => deadline.min(self.next),
                (Some(deadline), None) => deadline,
                (None, Some(_)) => self.next,
                (None, None) => return inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match inbox.recv_timeout(until.saturating_duration_since(now)) {
                Err(RecvTimeoutError::Timeout) if deadline.is_none_or(|deadline| until < deadline) => {}
                result => return result,
            }
        }
    }

    /// Whether one is due; the next is due half an interval later.
    fn is_due(&mut self, now: Instant) -> bool {
        match self.every {
            Some(every) if self.next <= now => {
                self.next = now + every;
                true
            }
            Some(_) | None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc::{RecvTimeoutError, channel},
        time::{Duration, Instant},
    };

    use super::Alive;
    use crate::token::watch::Watch;

    fn alive(every: Option<Duration>) -> Alive {
        let watch = Watch::start(Duration::from_secs(60), |_| ()).unwrap();
        Alive { every, next: Instant::now(), watch }
    }

    #[test]
    fn what_is_due_between_keep_alives_comes_at_its_time() {
        let mut alive = alive(Some(Duration::from_millis(1)));
        let (tell, inbox) = channel::<u8>();
        let begun = Instant::now();
        let deadline = begun + Duration::from_millis(20);
        assert_eq!(alive.next(&inbox, Some(deadline)), Err(RecvTimeoutError::Timeout));
        assert!(begun.elapsed() >= Duration::from_millis(20), "no keep-alive passes for the deadline");
        tell.send(7).unwrap();
        assert_eq!(alive.next(&inbox, None), Ok(7));
        drop(tell);
        assert_eq!(alive.next(&inbox, None), Err(RecvTimeoutError::Disconnected));
    }

    #[test]
    fn a_keep_alive_is_due_at_once_and_then_after_half_an_interval() {
        let mut alive = alive(Some(Duration::from_secs(5)));
        let start = alive.next;
        assert!(alive.is_due(start));
        assert!(!alive.is_due(start + Duration::from_secs(4)));
        assert!(alive.is_due(start + Duration::from_secs(5)));
        assert!(!self::alive(None).is_due(start), "nobody asked");
    }
}
