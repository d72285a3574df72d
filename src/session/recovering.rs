//! After a crash: "take your card" until it is out, or what is not known about an application or a PIN.
//!
//! Nothing personal survived; only what was in flight (invariant 5).

use std::time::Duration;

use super::{InFlight, Lamp, Now, Settings, Sound, desk::Desk, fault::Cause, machine::STARTING};

/// How long readers may take to report a card that was in all the time.
const REPORTS: Duration = Duration::from_secs(3);

/// How long what is not known stays when there is no card to wait for.
const READABLE: Duration = Duration::from_secs(60);

/// The kiosk comes up after a crash.
#[derive(Debug)]
pub(super) struct Recovering {
    in_flight: Option<InFlight>,
    seen_card: bool,
    /// Since when readers answer and no card is in.
    clear_since: Option<Duration>,
    patience: Patience,
    alarm: Alarm,
    over: bool,
}

/// How long readers may be away before it is said.
#[derive(Debug, PartialEq, Eq)]
enum Patience {
    NotBegun,
    Until(Duration),
    Over,
}

#[derive(Debug, PartialEq, Eq)]
enum Alarm {
    NotYet,
    At(Duration),
    Sounding,
}

impl Recovering {
    pub(super) fn new(in_flight: Option<InFlight>) -> Self {
        Self {
            in_flight,
            seen_card: false,
            clear_since: None,
            patience: Patience::NotBegun,
            alarm: Alarm::NotYet,
            over: false,
        }
    }

    pub(super) fn cause(&self) -> Cause {
        self.in_flight.map_or(Cause::Restarted, InFlight::cause)
    }

    /// There is something to read though no card is in.
    pub(super) fn unknown(&self) -> Option<InFlight> {
        self.in_flight
    }

    pub(super) fn is_alarming(&self) -> bool {
        self.alarm == Alarm::Sounding
    }

    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// The person has read it.
    pub(super) fn finish(&mut self) {
        if self.clear_since.is_some() {
            self.over = true;
        }
    }

    /// The readers have been away for so long that it must be said.
    pub(super) fn waits_long(&self) -> bool {
        self.patience == Patience::Over
    }

    fn readable(&self) -> Duration {
        if self.in_flight.is_some() {
            READABLE
        } else if self.seen_card {
            Duration::ZERO
        } else {
            REPORTS
        }
    }

    /// Sees whether a card is in.
    fn notice(&mut self, now: Now, desk: &mut Desk) {
        match self.patience {
            Patience::NotBegun => self.patience = Patience::Until(now.mono + STARTING),
            Patience::Until(end) if end <= now.mono => self.patience = Patience::Over,
            Patience::Until(_) | Patience::Over => {}
        }
        if desk.readers.occupied().is_some() {
            if self.seen_card && self.clear_since.is_some() {
                // The card of before was taken: this one is the next visitor's.
                self.over = true;
                return;
            }
            self.clear_since = None;
            if self.alarm == Alarm::NotYet {
                self.seen_card = true;
                self.alarm = Alarm::At(now.mono + Settings::seconds(desk.settings.rules.take_card_s));
                desk.turn_page();
                desk.light(Lamp::Attention);
                desk.sound(Sound::TakeCard);
                desk.log(None, "recovering", "take-card", Some(self.cause()));
            }
            return;
        }
        if self.alarm != Alarm::NotYet {
            self.alarm = Alarm::NotYet;
            desk.turn_page();
            desk.light(Lamp::Off);
            desk.sound(Sound::Silence);
        }
        if desk.readers.ailment().is_none() || self.in_flight.is_some() || self.seen_card {
            self.clear_since.get_or_insert(now.mono);
        }
    }

    pub(super) fn expire(&mut self, now: Now, desk: &mut Desk) {
        self.notice(now, desk);
        if let Alarm::At(at) = self.alarm
            && at <= now.mono
        {
            self.alarm = Alarm::Sounding;
            desk.sound(Sound::Alarm);
        }
        if self.clear_since.is_some_and(|since| since + self.readable() <= now.mono) {
            self.over = true;
        }
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        let alarm = match self.alarm {
            Alarm::At(at) => Some(at),
            Alarm::NotYet | Alarm::Sounding => None,
        };
        let clear = self.clear_since.map(|since| since + self.readable());
        let waiting = match self.patience {
            Patience::Until(end) => Some(end),
            Patience::NotBegun | Patience::Over => None,
        };
        alarm.into_iter().chain(clear).chain(waiting).min()
    }
}
