//! What outlives a visit: settings, readers, links, and the effects that wait to be taken.
//!
//! It numbers visits, operations and pages; it knows nothing of what they are for.

use std::{collections::VecDeque, time::Duration};

use super::{
    Effect, InFlight, Lamp, Now, OpId, Settings, Sound, Transition, VisitId, fault::Cause,
    hardware::Hardware, help::Help, readers::Readers,
};
use crate::link::{
    signer::Request,
    view::{Contrast, Language, Setback, TextSize},
};

/// Seconds a signer may be away before the kiosk says that it cannot serve: it starts anew after each visit.
const SIGNER_GRACE: Duration = Duration::from_secs(10);

/// What outlives a visit.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) settings: Settings,
    pub(super) readers: Readers,
    pub(super) signer: Signer,
    pub(super) hardware: Hardware,
    pub(super) help: Help,
    /// The visit in which staff helps, the last one of them.
    pub(super) assisted: Option<VisitId>,
    pub(super) clock_set: bool,
    /// An update is being written.
    pub(super) updating: bool,
    /// Why the last one is not in force.
    pub(super) setback: Option<Setback>,
    pub(super) preferences: Preferences,
    /// The number of the page that is shown.
    pub(super) serial: u64,
    /// What the flag says that is raised.
    pub(super) in_flight: Option<InFlight>,
    outbox: VecDeque<Effect>,
    lamp: Option<Lamp>,
    visits: u64,
    ops: u64,
}

/// The connection to the signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signer {
    Up,
    /// Away since then; empty before the first moment is known.
    Away {
        since: Option<Duration>,
    },
}

/// How the visitor wants the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Preferences {
    pub(super) language: Language,
    pub(super) text_size: TextSize,
    pub(super) contrast: Contrast,
}

impl Desk {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            readers: Readers::default(),
            signer: Signer::Away { since: None },
            hardware: Hardware::new(&settings),
            help: Help::default(),
            assisted: None,
            settings,
            clock_set: false,
            updating: false,
            setback: None,
            preferences: Preferences::default(),
            serial: 1,
            in_flight: None,
            outbox: VecDeque::new(),
            lamp: None,
            visits: 0,
            ops: 0,
        }
    }

    pub(super) fn take_effect(&mut self) -> Option<Effect> {
        self.outbox.pop_front()
    }

    pub(super) fn emit(&mut self, effect: Effect) {
        self.outbox.push_back(effect);
    }

    pub(super) fn next_visit(&mut self) -> VisitId {
        self.visits += 1;
        VisitId(self.visits)
    }

    /// How many visits there were.
    pub(super) fn visits(&self) -> u64 {
        self.visits
    }

    pub(super) fn next_op(&mut self) -> OpId {
        self.ops += 1;
        OpId(self.ops)
    }

    /// Another page is shown: what was touched on the old one does not count.
    pub(super) fn turn_page(&mut self) {
        self.serial += 1;
    }

    pub(super) fn light(&mut self, lamp: Lamp) {
        if self.lamp != Some(lamp) {
            self.lamp = Some(lamp);
            self.emit(Effect::Lamp(lamp));
        }
    }

    pub(super) fn sound(&mut self, sound: Sound) {
        self.emit(Effect::Sound(sound));
    }

    /// Tells the signer something whose answer matters to nobody.
    pub(super) fn tell_signer(&mut self, visit: VisitId, request: Request) {
        if self.signer == Signer::Up {
            let op = self.next_op();
            self.emit(Effect::Signer { visit, op, request });
        }
    }

    /// Raises or clears the flag that outlives a crash (invariant 5).
    pub(super) fn flag(&mut self, in_flight: Option<InFlight>) {
        if self.in_flight != in_flight {
            self.in_flight = in_flight;
            self.emit(Effect::InFlight(in_flight));
        }
    }

    pub(super) fn log(
        &mut self,
        visit: Option<VisitId>,
        from: &'static str,
        to: &'static str,
        cause: Option<Cause>,
    ) {
        let staff = cause.is_some_and(|cause| cause.remedy().staff);
        let assisted = visit.is_some() && visit == self.assisted;
        self.emit(Effect::Log(Transition { visit, from, to, cause, staff, assisted }));
    }

    /// Whether the wall clock can be relied on.
    pub(super) fn clock_is_right(&self, now: Now) -> bool {
        self.clock_set && now.wall >= self.settings.rules.clock_not_before
    }

    /// Why nobody can be served, if so. A signer that is away is one only after a while.
    pub(super) fn ailment(&self, now: Now) -> Option<Cause> {
        self.hardware
            .is_opened()
            .then_some(Cause::Tampered)
            .or(self.updating.then_some(Cause::Updating))
            .or(self.readers.ailment())
            .or((!self.clock_is_right(now)).then_some(Cause::ClockNotSet))
            .or(self.signer_overdue().filter(|at| *at <= now.mono).map(|_| Cause::SignerDown))
    }

    /// Why the first visitor cannot be served yet.
    pub(super) fn unready(&self, now: Now) -> Option<Cause> {
        self.ailment(now).or((self.signer != Signer::Up).then_some(Cause::SignerDown))
    }

    /// When a signer that is away will have been so for too long.
    pub(super) fn signer_overdue(&self) -> Option<Duration> {
        match self.signer {
            Signer::Up | Signer::Away { since: None } => None,
            Signer::Away { since: Some(since) } => Some(since + SIGNER_GRACE),
        }
    }
}
