//! The session itself: one mutation, effects and deadlines out, between visits and around each.
//!
//! Interrupts are dealt with here, before a stage sees anything: card, deadline, cancel, screen, signer,
//! clock. It knows nothing of what a stage does.

use std::time::Duration;

use super::{
    Effect, Event, InFlight, Lamp, Now, Recovery, ScreenEvent, Settings, Sound, VisitId,
    desk::{Desk, Signer},
    fault::Cause,
    hand_over::HandOver,
    hear::Heard,
    recovering::Recovering,
    stage::Stage,
    step::{self, Context, Next},
    visit::{Overlay, Presence, Visit},
};
use crate::{card::ReaderName, link::view::Service};

/// How long the kiosk says that it is starting before it says what is missing.
pub(super) const STARTING: Duration = Duration::from_secs(20);

/// The whole policy of the kiosk.
#[derive(Debug)]
pub struct Session {
    pub(super) desk: Desk,
    pub(super) state: State,
}

/// What [`Session::poll`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Do this, then poll again.
    Effect(Effect),
    /// Nothing until an event, or until this monotonic time, at which [`Event::Wake`] is due.
    Wait(Option<Duration>),
}

/// Where the kiosk is.
#[derive(Debug)]
pub(super) enum State {
    /// Since the first event.
    Starting {
        since: Option<Duration>,
    },
    /// After a crash.
    Recovering(Recovering),
    OutOfService(Cause),
    /// Somebody may have chosen a language or a service; forgotten by then.
    Attract {
        until: Option<Duration>,
        chosen: Service,
    },
    Visit {
        visit: Box<Visit>,
        stage: Box<Stage>,
    },
    /// Nothing of the visit is left but where its card is.
    TakeCard {
        visit: VisitId,
        reader: ReaderName,
        cause: Option<Cause>,
        received: bool,
        /// When the alarm begins; empty when it has.
        alarm_at: Option<Duration>,
    },
    /// Whoever helps has shown who they are.
    HandOver(HandOver),
    /// The card is out, and what became of this is not known: to be read.
    Unknown {
        visit: VisitId,
        what: InFlight,
        until: Duration,
    },
    ThankYou {
        until: Duration,
    },
}

impl State {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Starting { .. } => "starting",
            Self::Recovering(_) => "recovering",
            Self::OutOfService(_) => "out-of-service",
            Self::Attract { chosen: Service::Renewal, .. } => "attract",
            Self::Attract { .. } => "insert-card",
            Self::Visit { stage, .. } => stage.name(),
            Self::TakeCard { .. } => "take-card",
            Self::HandOver(_) => "hand-over",
            Self::Unknown { .. } => "outcome-unknown",
            Self::ThankYou { .. } => "thank-you",
        }
    }
}

impl Session {
    /// A session that knows no reader, no card, no screen, no signer and no time yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let state = match settings.recovery {
            Recovery::None => State::Starting { since: None },
            Recovery::Restarted => State::Recovering(Recovering::new(None)),
            Recovery::InFlight(what) => State::Recovering(Recovering::new(Some(what))),
        };
        let mut desk = Desk::new(settings);
        desk.in_flight = match desk.settings.recovery {
            Recovery::InFlight(what) => Some(what),
            Recovery::None | Recovery::Restarted => None,
        };
        Self { desk, state }
    }

    /// Takes an event: the single mutation. What follows is had by [`Self::poll`] and [`Self::view`].
    pub fn handle(&mut self, event: Event, now: Now) {
        self.notice_time(now);
        self.expire(now);
        match event {
            Event::Card(event) => self.card(&event, now),
            Event::Screen(ScreenEvent::Touch(touch)) => self.touch(touch, now),
            Event::Screen(ScreenEvent::Connected | ScreenEvent::Lost) => {
                self.desk.turn_page();
                self.in_visit(now, step::screen_is_new);
            }
            Event::Signer(event) => self.signer(event, now),
            Event::Portal { visit, op, result } => self.portal(visit, op, result, now),
            Event::Signed { visit, op, result } => self.signed(visit, op, result, now),
            Event::Paper { visit, op, result } => self.paper(visit, op, now, Heard::Paper(result)),
            Event::Printer { visit, op, result } => self.paper(visit, op, now, Heard::Printer(result)),
            Event::SuggestedWord { visit, word } => {
                if let State::Visit { visit: current, .. } = &mut self.state
                    && current.id == visit
                {
                    current.word = Some(word);
                }
            }
            Event::ClockSet(set) => self.desk.clock_set = set,
            Event::Setback(setback) => self.desk.setback = setback,
            Event::Updating(is) => self.desk.updating = is,
            Event::Presence(somebody) => self.presence(somebody, now),
            Event::Tamper(open) => self.tamper(open, now),
            Event::ServiceKey(turned) => self.service_key(turned, now),
            Event::CallButton(pressed) => {
                if pressed {
                    self.someone_is_there(now);
                    self.call_staff(now);
                }
            }
            Event::StaffCalled { number, told } => self.staff_called(number, told),
            Event::Wake => {}
        }
        self.expire(now);
        self.settle(now);
        self.light_screen(now);
    }

    /// The next thing to do, or how long there is nothing.
    pub fn poll(&mut self) -> Output {
        match self.desk.take_effect() {
            Some(effect) => Output::Effect(effect),
            None => Output::Wait(self.next_deadline()),
        }
    }

    /// What the session knows of the kiosk's health: the reader service answers, the clock can be trusted, the signer
    /// is there.
    #[must_use]
    pub fn health(&self, now: Now) -> (bool, bool, bool) {
        let desk = &self.desk;
        (desk.readers.is_served(), desk.clock_is_right(now), desk.signer == Signer::Up)
    }

    /// Whether nobody is served and no card is in: an update may begin.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        let serves = match &self.state {
            State::Starting { .. } | State::OutOfService(_) | State::Attract { .. } => false,
            State::Recovering(_)
            | State::Visit { .. }
            | State::TakeCard { .. }
            | State::HandOver(_)
            | State::Unknown { .. }
            | State::ThankYou { .. } => true,
        };
        !serves && self.desk.readers.occupied().is_none()
    }

    fn notice_time(&mut self, now: Now) {
        if let Signer::Away { since: since @ None } = &mut self.desk.signer {
            *since = Some(now.mono);
        }
        if let State::Starting { since: since @ None } = &mut self.state {
            *since = Some(now.mono);
            self.desk.light(Lamp::Off);
        }
    }

    /// Runs a step of the visit, if there is one.
    pub(super) fn in_visit(&mut self, now: Now, run: impl FnOnce(Stage, &mut Context<'_>) -> Next) {
        let state = std::mem::replace(&mut self.state, State::Starting { since: None });
        let State::Visit { mut visit, stage } = state else {
            self.state = state;
            return;
        };
        let from = stage.name();
        let mut cx = Context { desk: &mut self.desk, visit: &mut visit, now };
        let next = run(*stage, &mut cx);
        self.follow(visit, from, next, now);
    }

    pub(super) fn follow(&mut self, mut visit: Box<Visit>, from: &'static str, next: Next, now: Now) {
        match next {
            Next::Stay(stage) => {
                self.state = State::Visit { visit, stage: Box::new(stage) };
            }
            Next::Go(stage) => {
                visit.touched = now.mono;
                visit.overlay = Overlay::None;
                self.announce(&visit, from, &stage);
                self.state = State::Visit { visit, stage: Box::new(stage) };
            }
            Next::End(ending) => return self.end(*visit, from, ending, now),
        }
        self.watch_card(now);
    }

    /// Another page of a visit: log, sound.
    fn announce(&mut self, visit: &Visit, from: &'static str, stage: &Stage) {
        self.desk.turn_page();
        let cause = stage.cause();
        self.desk.log(Some(visit.id), from, stage.name(), cause);
        if matches!(stage, Stage::Result { .. }) || stage.is_served() {
            self.desk.sound(Sound::Success);
        }
        if let Some(sound) = cause.map(|cause| cause.remedy().sound).filter(|s| *s != Sound::Silence) {
            self.desk.sound(sound);
        }
    }

    /// Keeps the time for the card to come back, from when the visit cannot go on without, and the lamp.
    fn watch_card(&mut self, now: Now) {
        let State::Visit { visit, stage } = &mut self.state else { return };
        let settings = &self.desk.settings;
        let back = now.mono + settings.wait(settings.rules.card_back_s, visit.assisted);
        let missing = visit.card_missing(stage);
        if let Presence::Away { by, .. } | Presence::Back { by, .. } = &mut visit.presence {
            *by = if missing { by.or(Some(back)) } else { None };
        }
        let calls = missing || stage.wants_card_moved();
        self.desk.light(if calls { Lamp::Attention } else { Lamp::Steady });
    }
}
