//! Watches whether the wall clock can be trusted at all.
//!
//! A board without a battery starts in the past; nothing can be judged or signed then. What is demanded of the clock is in
//! [`crate::wall_clock`]. The kernel wakes it when somebody sets the clock (`timerfd` with `TFD_TIMER_CANCEL_ON_SET`), or
//! when the first date that can be comes. Who has set it is looked for again and again until somebody has: a clock that is
//! right already is set by nobody, only confirmed. Once it was, that stays so; only the date is still judged.

use std::{io, time::Duration};

use rustix::{
    fd::OwnedFd,
    io::Errno,
    time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    },
};
use tokio::{
    io::unix::AsyncFd,
    time::{Interval, MissedTickBehavior, interval},
};

use super::readable::readable;
use crate::wall_clock::WallClock;

/// Between two looks for who has set the clock.
const LOOKS_EVERY: Duration = Duration::from_secs(1);

/// The wall clock in Unix seconds.
#[must_use]
pub(super) fn wall() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// Tells when the answer to "is the clock set?" may have changed.
#[derive(Debug)]
pub(super) struct Clock {
    timer: AsyncFd<OwnedFd>,
    demanded: WallClock,
    /// Somebody was found to have set it.
    was_set: bool,
    looks: Interval,
}

impl Clock {
    /// Inside the runtime: it brings a clock of its own.
    ///
    /// # Errors
    /// When the kernel has no timer to give.
    pub(super) fn new(demanded: WallClock) -> io::Result<Self> {
        let timer = timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)?;
        let mut looks = interval(LOOKS_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        arm(&timer, &demanded)?;
        Ok(Self { timer: readable(timer)?, demanded, was_set: false, looks })
    }

    /// Whether the clock can be trusted now.
    #[must_use]
    pub(super) fn is_set(&mut self) -> bool {
        let now = wall();
        self.was_set = self.was_set || self.demanded.is_set(now);
        self.was_set && self.demanded.can_be(now)
    }

    /// Waits until somebody sets the clock, the limit comes, or it is found to be set. Safe to drop while waiting.
    pub(super) async fn changed(&mut self) {
        while !self.was_set {
            tokio::select! {
                () = touched(&self.timer, &self.demanded) => return,
                _ = self.looks.tick() => if self.is_set() { return },
            }
        }
        touched(&self.timer, &self.demanded).await;
    }
}

/// Waits until somebody sets the clock or the limit comes.
async fn touched(timer: &AsyncFd<OwnedFd>, demanded: &WallClock) {
    loop {
        let Ok(mut ready) = timer.readable().await else { return };
        let mut ticks = [0; 8];
        match rustix::io::read(timer.get_ref(), &mut ticks) {
            Err(Errno::AGAIN) => ready.clear_ready(),
            // Cancelled: the clock was set. A tick: the limit is here.
            Ok(_) | Err(_) => {
                ready.clear_ready();
                if let Err(error) = arm(timer.get_ref(), demanded) {
                    log::error!("the clock cannot be watched any more: {error}");
                }
                return;
            }
        }
    }
}

fn arm(timer: &OwnedFd, demanded: &WallClock) -> io::Result<()> {
    // A limit that has passed would tick at once; only a clock that is set matters then.
    let until = if demanded.can_be(wall()) { i64::from(u32::MAX) * 2 } else { demanded.not_before() };
    let at = Itimerspec {
        it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
        it_value: Timespec { tv_sec: until, tv_nsec: 0 },
    };
    timerfd_settime(timer, TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET, &at)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Clock, WallClock, wall};
    use crate::config::{self, TimeSource};

    fn run<T>(test: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
    }

    /// At a desk, where nobody is asked who set it.
    fn clock(not_before: i64) -> Clock {
        Clock::new(WallClock::new(not_before, &config::Clock::default(), "/".as_ref())).unwrap()
    }

    #[test]
    fn a_clock_before_the_limit_is_not_set_and_the_limit_wakes() {
        run(async {
            let mut clock = clock(wall() + 1);
            assert!(!clock.is_set());
            clock.changed().await;
            assert!(clock.is_set());
        });
    }

    #[test]
    fn a_clock_past_the_limit_is_set_and_stays_quiet() {
        run(async {
            let mut clock = clock(wall());
            assert!(clock.is_set());
            tokio::select! {
                biased;
                () = clock.changed() => panic!("nobody set the clock"),
                () = tokio::task::yield_now() => {}
            }
        });
    }

    #[test]
    fn a_clock_that_a_time_server_confirms_without_setting_it_wakes_and_stays_confirmed() {
        run(async {
            let root = tempfile::tempdir().unwrap();
            let by_ntp = config::Clock { set_by: vec![TimeSource::Ntp] };
            let mut clock = Clock::new(WallClock::new(wall(), &by_ntp, root.path())).unwrap();
            assert!(!clock.is_set());
            let told = root.path().join("run/systemd/timesync");
            fs::create_dir_all(&told).unwrap();
            fs::write(told.join("synchronized"), "").unwrap();
            clock.changed().await;
            assert!(clock.is_set());
            fs::remove_dir_all(told).unwrap();
            assert!(clock.is_set(), "the service started anew");
        });
    }
}
