//! Tells the service manager that `kioskd` is alive, and says what that proves.
//!
//! A keep-alive proves three things: the loop took its turn (it is the loop that sends it), the thread that
//! listens to PC/SC got an answer lately (its turns rise), and the tasks that serve the screen and the signer
//! run (their end ends the process). It proves nothing of the portal, the card or a person.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use crate::card::monitor::RECHECK;

/// The monitor's thread may take this long between two turns: it rechecks in a third of it.
const TURNS_WITHIN: Duration = RECHECK.saturating_mul(3);

/// Sends keep-alives at half the interval the service manager asks for, if it asks.
#[derive(Debug)]
pub(super) struct Watchdog {
    ticks: Option<Interval>,
    turns: u64,
    turned: Instant,
}

impl Watchdog {
    pub(super) fn new() -> Self {
        let ticks = sd_notify::watchdog_enabled().map(|within| {
            let mut ticks = interval((within / 2).max(Duration::from_millis(1)));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        Self { ticks, turns: 0, turned: Instant::now() }
    }

    /// Waits until a keep-alive is due. Safe to drop while waiting.
    pub(super) async fn due(&mut self) {
        match &mut self.ticks {
            Some(ticks) => drop(ticks.tick().await),
            None => std::future::pending().await,
        }
    }

    /// Sends one, unless the monitor's thread has not turned for too long.
    pub(super) fn keep_alive(&mut self, monitor_turns: u64) {
        if self.judge(monitor_turns, Instant::now()) {
            notify(&[NotifyState::Watchdog]);
        } else {
            log::error!("the card monitor hangs: the watchdog is not told that all is well");
        }
    }

    fn judge(&mut self, monitor_turns: u64, now: Instant) -> bool {
        if monitor_turns != self.turns {
            self.turns = monitor_turns;
            self.turned = now;
        }
        now.duration_since(self.turned) <= TURNS_WITHIN
    }
}

/// The kiosk serves.
pub(super) fn ready() {
    notify(&[NotifyState::Ready]);
}

/// The kiosk is going down in order.
pub(super) fn stopping() {
    notify(&[NotifyState::Stopping]);
}

fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        log::debug!("no service manager to notify: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{TURNS_WITHIN, Watchdog};

    #[test]
    fn a_monitor_that_stands_still_too_long_ends_the_keep_alives() {
        let mut watchdog = Watchdog::new();
        let start = watchdog.turned;
        let after = |seconds| start + Duration::from_secs(seconds);
        assert!(watchdog.judge(1, after(25)));
        assert!(watchdog.judge(1, after(25) + TURNS_WITHIN));
        assert!(!watchdog.judge(1, after(26) + TURNS_WITHIN));
        assert!(watchdog.judge(2, after(27) + TURNS_WITHIN), "it turns again");
    }
}
