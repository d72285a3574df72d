//! Tells the service manager that the screen is alive, and says what that proves.
//!
//! "Ready" is said from the event loop's second round: the first one has put a frame on the display. A keep-alive proves
//! that the loop turns, which draws and takes touches; one that cannot draw ends with an error. It proves nothing of
//! `kioskd`, nor of somebody's eyes.

use std::time::Duration;

use sd_notify::NotifyState;
use slint::{Timer, TimerMode};

/// Keep-alives for as long as it lives, if the service manager asks for any.
pub struct Alive {
    _beat: Option<Timer>,
}

impl Alive {
    /// Begins with them when the event loop turns; "ready" goes out then, too.
    #[must_use]
    pub fn start() -> Self {
        Timer::single_shot(Duration::ZERO, || {
            Timer::single_shot(Duration::ZERO, || notify(NotifyState::Ready))
        });
        let beat = sd_notify::watchdog_enabled().map(|within| {
            let beat = Timer::default();
            beat.start(TimerMode::Repeated, within / 2, || notify(NotifyState::Watchdog));
            beat
        });
        Self { _beat: beat }
    }
}

/// Where no service manager waits for it, nobody hears it.
fn notify(state: NotifyState<'_>) {
    let _ = sd_notify::notify(&[state]);
}
