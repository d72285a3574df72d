//! Watches whether the wall clock can be trusted at all.
//!
//! A board without a battery starts years in the past; nothing can be judged or signed then. It knows one
//! limit from the configuration and is woken by the kernel when somebody sets the clock (`timerfd` with
//! `TFD_TIMER_CANCEL_ON_SET`), or when the limit itself comes; it never asks again and again.

use std::io;

use rustix::{
    fd::OwnedFd,
    io::Errno,
    time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    },
};
use tokio::io::unix::AsyncFd;

use super::readable::readable;

/// The wall clock in Unix seconds.
#[must_use]
pub(super) fn wall() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// Tells when the answer to "is the clock set?" may have changed.
#[derive(Debug)]
pub(super) struct Clock {
    timer: AsyncFd<OwnedFd>,
    not_before: i64,
}

impl Clock {
    /// A clock that is trusted from this Unix time on.
    ///
    /// # Errors
    /// When the kernel has no timer to give.
    pub(super) fn new(not_before: i64) -> io::Result<Self> {
        let timer = timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)?;
        let clock = Self { timer: readable(timer)?, not_before };
        clock.arm()?;
        Ok(clock)
    }

    /// Whether the clock is past the limit now.
    #[must_use]
    pub(super) fn is_set(&self) -> bool {
        wall() >= self.not_before
    }

    /// Waits until somebody sets the clock or the limit comes. Safe to drop while waiting.
    pub(super) async fn changed(&self) {
        loop {
            let Ok(mut ready) = self.timer.readable().await else { return };
            let mut ticks = [0; 8];
            match rustix::io::read(self.timer.get_ref(), &mut ticks) {
                Err(Errno::AGAIN) => ready.clear_ready(),
                // Cancelled: the clock was set. A tick: the limit is here.
                Ok(_) | Err(_) => {
                    ready.clear_ready();
                    if let Err(error) = self.arm() {
                        log::error!("the clock cannot be watched any more: {error}");
                    }
                    return;
                }
            }
        }
    }

    fn arm(&self) -> io::Result<()> {
        // A limit that has passed would tick at once; only a clock that is set matters then.
        let until = if self.is_set() { i64::from(u32::MAX) * 2 } else { self.not_before };
        let at = Itimerspec {
            it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
            it_value: Timespec { tv_sec: until, tv_nsec: 0 },
        };
        let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
        timerfd_settime(self.timer.get_ref(), flags, &at)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, wall};

    fn run<T>(test: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
    }

    #[test]
    fn a_clock_before_the_limit_is_not_set_and_the_limit_wakes() {
        run(async {
            let clock = Clock::new(wall() + 1).unwrap();
            assert!(!clock.is_set());
            clock.changed().await;
            assert!(clock.is_set());
        });
    }

    #[test]
    fn a_clock_past_the_limit_is_set_and_stays_quiet() {
        run(async {
            let clock = Clock::new(wall()).unwrap();
            assert!(clock.is_set());
            tokio::select! {
                biased;
                () = clock.changed() => panic!("nobody set the clock"),
                () = tokio::task::yield_now() => {}
            }
        });
    }
}
