//! Calling staff, on any page: what the call is known by, how often it goes out, how long what it says stands.
//!
//! Whether anybody was told is heard from the supervisor. A call holds nothing up: whatever becomes of it, the visit goes on.

use std::time::Duration;

use super::{Effect, Now, Session, StaffCall, VisitId, desk::Desk, machine::State};
use crate::link::view::{self, Call, Reference};

/// A call goes out once in so long, whoever makes it: staff is on the way.
pub(super) const CALL_EVERY: Duration = Duration::from_secs(60);

/// What is known of calls.
#[derive(Debug, Default)]
pub(super) struct Help {
    /// Until when the last one is talked of on the screen.
    pub(super) open: Option<Duration>,
    last: Option<Last>,
}

/// The call that went out last.
#[derive(Debug, Clone, Copy)]
struct Last {
    number: u64,
    at: Duration,
    reference: Reference,
    call: Call,
}

impl Help {
    /// Nothing is said of it any more.
    pub(super) fn close(&mut self) {
        self.open = None;
    }
}

/// What is known of whether anybody is still there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Absence {
    /// Since when the sensor sees nobody.
    pub(super) nobody: Option<Duration>,
    /// Until then nobody need touch anything: staff was called.
    pub(super) excused: Option<Duration>,
}

impl Desk {
    pub(super) fn absence(&self) -> Absence {
        Absence { nobody: self.hardware.nobody_since, excused: self.help.open }
    }

    /// What this visit, or the time after the last one, is known by.
    fn reference(&self, visit: Option<VisitId>) -> Reference {
        let (what, number) = match visit {
            Some(visit) => ("visit", visit.0),
            None => ("between visits", self.visits()),
        };
        let [a, b, c, d, ..] = self.settings.chance.bits(what, number);
        Reference::of(u32::from_be_bytes([a, b, c, d]))
    }
}

impl Session {
    /// Somebody wants staff to come.
    pub(super) fn call_staff(&mut self, now: Now) {
        let visit = self.visit_known();
        let step = self.state.name();
        let desk = &mut self.desk;
        desk.help.open = Some(now.mono + desk.settings.patient_idle());
        let reference = desk.reference(visit);
        if let Some(last) = desk.help.last.as_mut().filter(|last| now.mono < last.at + CALL_EVERY) {
            let number = last.number;
            if std::mem::replace(&mut last.reference, reference) != reference {
                desk.emit(Effect::CallStaff(StaffCall {
                    number,
                    visit,
                    reference,
                    step,
                    told_already: true,
                }));
            }
            return;
        }
        let number = desk.help.last.map_or(1, |last| last.number + 1);
        let call = if desk.settings.calls_staff { Call::UnderWay } else { Call::ByPhone };
        desk.help.last = Some(Last { number, at: now.mono, reference, call });
        desk.emit(Effect::CallStaff(StaffCall { number, visit, reference, step, told_already: false }));
    }

    /// What came of a call.
    pub(super) fn staff_called(&mut self, number: u64, told: bool) {
        if let Some(last) = self.desk.help.last.as_mut().filter(|last| last.number == number) {
            last.call = if told { Call::Told } else { Call::Failed };
        }
    }

    /// What is said of it now.
    pub(super) fn help_shown(&self) -> Option<view::Overlay> {
        let help = &self.desk.help;
        let last = help.open.and(help.last)?;
        Some(view::Overlay::Help { reference: self.desk.reference(self.visit_known()), call: last.call })
    }

    /// The visit that whoever stands here is in, or was in a moment ago.
    fn visit_known(&self) -> Option<VisitId> {
        match &self.state {
            State::Visit { visit, .. } => Some(visit.id),
            State::HandOver(next) => Some(next.visit),
            State::TakeCard { visit, .. } | State::Unknown { visit, .. } => Some(*visit),
            State::Starting { .. }
            | State::Recovering(_)
            | State::OutOfService(_)
            | State::Attract { .. }
            | State::ThankYou { .. } => None,
        }
    }
}
