//! What the kiosk's own sensors and switches mean: the housing, the staff's key, somebody being there.
//!
//! It knows no lines and no debouncing; that somebody is there is a hint that hurries a question and lights the
//! screen, and is never proof of who it is.

use std::time::Duration;

use super::{
    Backlight, Now, Session, Settings, Sound,
    desk::Desk,
    fault::Cause,
    machine::State,
    step::{Ending, Next},
};
use crate::link::view::Service;

/// The staff's key is held for so long before it counts.
pub(super) const KEY_HELD: Duration = Duration::from_secs(5);

/// What the sensors and switches said last.
#[derive(Debug)]
pub(super) struct Hardware {
    housing: Housing,
    key: Key,
    /// Since when the sensor sees nobody; empty where it sees somebody, or where there is none.
    pub(super) nobody_since: Option<Duration>,
    /// When the screen was last touched, or the attract page came.
    used: Duration,
    backlight: Option<Backlight>,
}

/// The tamper switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Housing {
    /// Closed, and looked after.
    Sound,
    /// It was opened: nobody is served until staff says so.
    Opened {
        /// It still is.
        is: bool,
    },
}

/// The staff's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    /// Not seen turned back yet: a key that is turned from the start is a wire, or forgotten.
    Unseen,
    Back,
    Turned {
        since: Duration,
    },
    /// It has done what it does, and has to be turned back.
    Done,
}

impl Hardware {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            housing: if settings.tampered { Housing::Opened { is: false } } else { Housing::Sound },
            key: Key::Unseen,
            nobody_since: None,
            used: Duration::ZERO,
            backlight: None,
        }
    }

    /// Nobody is served until staff has looked after the housing.
    pub(super) fn is_opened(&self) -> bool {
        self.housing != Housing::Sound
    }

    pub(super) fn used(&mut self, now: Now) {
        self.used = now.mono;
    }

    /// When the key will have been held long enough.
    pub(super) fn key_due(&self) -> Option<Duration> {
        match self.key {
            Key::Turned { since } => Some(since + KEY_HELD),
            Key::Unseen | Key::Back | Key::Done => None,
        }
    }
}

impl Desk {
    /// When the screen goes dark, nobody coming.
    fn dark_at(&self) -> Option<Duration> {
        let since = self.hardware.nobody_since?.max(self.hardware.used);
        Some(since + Settings::seconds(self.settings.rules.dark_s))
    }

    fn shine(&mut self, backlight: Backlight) {
        if self.hardware.backlight != Some(backlight) {
            self.hardware.backlight = Some(backlight);
            self.emit(super::Effect::Backlight(backlight));
        }
    }

    fn mark_opened(&mut self, housing: Housing) {
        let was = self.hardware.is_opened();
        self.hardware.housing = housing;
        let is = self.hardware.is_opened();
        if was != is {
            self.emit(super::Effect::Tampered(is));
        }
    }
}

impl Session {
    pub(super) fn presence(&mut self, somebody: bool, now: Now) {
        let since = &mut self.desk.hardware.nobody_since;
        *since = if somebody { None } else { since.or(Some(now.mono)) };
    }

    /// The housing is opened: whatever is here is wiped, and nobody is served until staff has looked.
    pub(super) fn tamper(&mut self, open: bool, now: Now) {
        match (open, self.desk.hardware.housing) {
            (true, _) => self.desk.mark_opened(Housing::Opened { is: true }),
            (false, Housing::Opened { .. }) => self.desk.hardware.housing = Housing::Opened { is: false },
            (false, Housing::Sound) => {}
        }
        if self.desk.hardware.is_opened() {
            self.in_visit(now, |_, _| Next::End(Ending::Fault(Cause::Tampered)));
        }
    }

    pub(super) fn service_key(&mut self, turned: bool, now: Now) {
        let key = &mut self.desk.hardware.key;
        *key = match (turned, *key) {
            (false, _) => Key::Back,
            (true, Key::Back) => Key::Turned { since: now.mono },
            (true, held) => held,
        };
    }

    /// The key was held long enough: the housing counts as looked after, if it is closed.
    pub(super) fn key_held(&mut self) {
        self.desk.hardware.key = Key::Done;
        match self.desk.hardware.housing {
            Housing::Sound => {}
            Housing::Opened { is: true } => self.desk.sound(Sound::Error),
            Housing::Opened { is: false } => {
                self.desk.mark_opened(Housing::Sound);
                self.desk.sound(Sound::Success);
            }
        }
    }

    /// Dark only on the attract page, and only where the sensor says that nobody is there.
    pub(super) fn light_screen(&mut self, now: Now) {
        let dark = matches!(self.state, State::Attract { chosen: Service::Renewal, .. })
            && self.desk.dark_at().is_some_and(|at| at <= now.mono);
        self.desk.shine(if dark { Backlight::Off } else { Backlight::On });
    }

    pub(super) fn darkening(&self) -> Option<Duration> {
        match (&self.state, self.desk.hardware.backlight) {
            (State::Attract { chosen: Service::Renewal, .. }, Some(Backlight::On)) => self.desk.dark_at(),
            (
                State::Attract { .. }
                | State::Starting { .. }
                | State::Recovering(_)
                | State::OutOfService(_)
                | State::Visit { .. }
                | State::TakeCard { .. }
                | State::HandOver(_)
                | State::Unknown { .. }
                | State::ThankYou { .. },
                _,
            ) => None,
        }
    }
}
