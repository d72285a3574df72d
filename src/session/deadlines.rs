//! What time does: the nearest deadline, and what is due when it has come.
//!
//! It reads no clock; the time comes with each event.

use std::time::Duration;

use super::{
    Now, Session, Settings, Sound,
    desk::Preferences,
    fault::Cause,
    machine::{STARTING, State},
    stage::Stage,
    step::{self, Ending, Next},
    visit::Overlay,
};
use crate::link::view::Service;

impl Session {
    /// Does what is due.
    pub(super) fn expire(&mut self, now: Now) {
        // Each round consumes the deadline it acts on; the bound is for the case that one does not.
        for _ in 0..8 {
            if !self.expire_one(now) {
                break;
            }
        }
    }

    fn expire_one(&mut self, now: Now) -> bool {
        let due = |at: Option<Duration>| at.is_some_and(|at| at <= now.mono);
        if due(self.desk.hardware.key_due()) {
            self.key_held();
            return true;
        }
        if due(self.desk.help.open) {
            self.desk.help.close();
            return true;
        }
        let (visit, stage) = match &mut self.state {
            State::Visit { visit, stage } => (visit, stage),
            State::TakeCard { alarm_at, .. } if due(*alarm_at) => {
                *alarm_at = None;
                self.desk.sound(Sound::Alarm);
                return true;
            }
            State::Attract { until, chosen } if due(*until) => {
                *until = None;
                self.desk.preferences = Preferences::default();
                if std::mem::take(chosen) != Service::Renewal {
                    self.desk.turn_page();
                    // The first page stands a while before it goes dark.
                    self.desk.hardware.used(now);
                }
                return true;
            }
            State::ThankYou { until } | State::Unknown { until, .. } if *until <= now.mono => {
                self.attract(now);
                return true;
            }
            State::HandOver(next) if next.until <= now.mono => {
                self.no_hand_over(Cause::Abandoned, now);
                return true;
            }
            State::Recovering(recovering) => {
                recovering.expire(now, &mut self.desk);
                return false;
            }
            State::Attract { .. }
            | State::HandOver(_)
            | State::TakeCard { .. }
            | State::ThankYou { .. }
            | State::Unknown { .. }
            | State::Starting { .. }
            | State::OutOfService(_) => return false,
        };
        let (settings, nobody) = (&self.desk.settings, self.desk.absence());
        if due(visit.card_back_by(stage)) {
            self.end_without_card(now);
        } else if due(stage.code().map(|code| code.by)) {
            self.in_visit(now, step::code_expired);
        } else if due(stage.late_at()) {
            stage.is_late();
        } else if due(visit.stage_ends(stage)) {
            self.in_visit(now, step::ended);
        } else if matches!(**stage, Stage::Result { .. }) && due(Some(visit.result_until(settings))) {
            self.in_visit(now, |_, _| Next::End(Ending::Received));
        } else if let Overlay::StillThere { since } = visit.overlay {
            if since + Settings::seconds(settings.rules.still_there_s) > now.mono {
                return false;
            }
            let ending = if matches!(**stage, Stage::Result { .. }) {
                Ending::Received
            } else if stage.is_served() {
                Ending::Served
            } else {
                Ending::Fault(Cause::Abandoned)
            };
            self.in_visit(now, |_, _| Next::End(ending));
        } else if due(visit.idle_at(stage, settings, nobody)) {
            visit.overlay = Overlay::StillThere { since: now.mono };
        } else {
            return false;
        }
        true
    }

    pub(super) fn next_deadline(&self) -> Option<Duration> {
        let (settings, nobody) = (&self.desk.settings, self.desk.absence());
        let of_state = match &self.state {
            State::Starting { since } => since.map(|since| since + STARTING),
            State::Recovering(recovering) => recovering.deadline(),
            State::OutOfService(_) => None,
            State::Attract { until, .. } => *until,
            State::Visit { visit, stage } => {
                let answer_by = match visit.overlay {
                    Overlay::StillThere { since } => {
                        Some(since + Settings::seconds(settings.rules.still_there_s))
                    }
                    Overlay::None | Overlay::CancelConfirm => visit.idle_at(stage, settings, nobody),
                };
                let result = matches!(**stage, Stage::Result { .. }).then(|| visit.result_until(settings));
                let all = [
                    visit.card_back_by(stage),
                    stage.code().map(|code| code.by),
                    visit.stage_ends(stage),
                    stage.late_at(),
                    answer_by,
                    result,
                ];
                all.into_iter().flatten().min()
            }
            State::TakeCard { alarm_at, .. } => *alarm_at,
            State::HandOver(next) => Some(next.until),
            State::Unknown { until, .. } | State::ThankYou { until } => Some(*until),
        };
        let of_signer = match &self.state {
            State::Attract { .. } => self.desk.signer_overdue(),
            State::Starting { .. }
            | State::OutOfService(_)
            | State::Recovering(_)
            | State::Visit { .. }
            | State::TakeCard { .. }
            | State::HandOver(_)
            | State::Unknown { .. }
            | State::ThankYou { .. } => None,
        };
        let of_hardware = self.desk.hardware.key_due().into_iter().chain(self.darkening());
        of_state.into_iter().chain(of_signer).chain(of_hardware).chain(self.desk.help.open).min()
    }
}
