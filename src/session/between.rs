//! Between visits: how one ends, and where the health of the kiosk and the cards that are in lead to.
//!
//! What is left of a visit here is its number, where its card is and what must still be said.

use std::time::Duration;

use super::{
    Effect, InFlight, Lamp, Now, Session, Settings, Sound, VisitId,
    desk::Preferences,
    fault::Cause,
    machine::{STARTING, State},
    readers::Slot,
    step::{self, Context, Ending, Next},
    visit::Visit,
};
use crate::{
    card::ReaderName,
    link::{
        signer::Request,
        view::{HandOver, Service},
    },
};

/// How long an outcome that nobody knows can be read when the card is out already.
const UNKNOWN_READABLE: Duration = Duration::from_secs(30);

impl Session {
    /// Ends a visit: everything of it is dropped here, and the adapters are told to drop theirs.
    pub(super) fn end(&mut self, mut visit: Visit, from: &'static str, ending: Ending, now: Now) {
        self.desk.emit(Effect::CancelPortal);
        self.desk.emit(Effect::ClosePortal);
        self.desk.emit(Effect::DropPaper);
        self.desk.tell_signer(visit.id, Request::EndVisit);
        let cause = match ending {
            Ending::Received
            | Ending::Served
            | Ending::Left
            | Ending::ToReinsert
            | Ending::HandOver
            | Ending::OwnAgain => None,
            Ending::Fault(cause) => Some(cause),
        };
        if ending == Ending::Fault(Cause::PinUncertain) {
            // They come from the page that says so.
            self.desk.flag(None);
        }
        // Whatever ends it, an open outcome is what the person must know.
        let cause = self.desk.in_flight.map(InFlight::cause).or(cause);
        let (id, reader, service) = (visit.id, visit.reader.clone(), visit.service);
        let preferences = self.desk.preferences;
        let received = matches!(ending, Ending::Received | Ending::Served);
        let at = match ending {
            Ending::HandOver => Some(HandOver::OwnOut),
            Ending::OwnAgain => Some(HandOver::OwnAgain),
            Ending::ToReinsert => Some(HandOver::Person),
            Ending::Received | Ending::Served | Ending::Left | Ending::Fault(_) => None,
        };
        if let (Some(at), Some(helper)) = (at, visit.helper.take()) {
            drop(visit);
            return self.hand_over((id, reader), helper, at, from, now);
        }
        // What is in the reader may be the next visitor's already.
        let card_taken =
            matches!(ending, Ending::Left | Ending::ToReinsert) || (received && visit.has_other_card());
        drop(visit);
        if card_taken || !self.desk.readers.holds(&reader) {
            self.after_card(id, from, cause, received, now);
            if ending == Ending::ToReinsert && matches!(self.state, State::Attract { .. }) {
                self.desk.preferences = preferences;
                self.expect_card(service, now);
            }
            return;
        }
        self.ask_for_card((id, reader), from, cause, received, now);
    }

    /// The card is taken, or was already.
    pub(super) fn ask_for_card(
        &mut self,
        (visit, reader): (VisitId, ReaderName),
        from: &'static str,
        cause: Option<Cause>,
        received: bool,
        now: Now,
    ) {
        if !self.desk.readers.holds(&reader) {
            return self.after_card(visit, from, cause, received, now);
        }
        self.desk.sound(Sound::TakeCard);
        let alarm_at = Some(now.mono + Settings::seconds(self.desk.settings.rules.take_card_s));
        self.enter(Some(visit), from, cause, State::TakeCard { visit, reader, cause, received, alarm_at });
    }

    /// The card is out and the visit over.
    fn after_card(
        &mut self,
        visit: VisitId,
        from: &'static str,
        cause: Option<Cause>,
        received: bool,
        now: Now,
    ) {
        self.desk.sound(Sound::Silence);
        if let Some(what) = self.desk.in_flight {
            let until = now.mono + UNKNOWN_READABLE;
            self.enter(Some(visit), from, cause, State::Unknown { visit, what, until });
        } else if received {
            let until = now.mono + Settings::seconds(self.desk.settings.rules.thank_you_s);
            self.enter(Some(visit), from, None, State::ThankYou { until });
        } else {
            self.go_to_attract(Some(visit), from, cause, now);
        }
    }

    /// Ready for the next visitor, if the kiosk is well; nothing of the last one is left.
    pub(super) fn attract(&mut self, now: Now) {
        self.go_to_attract(None, self.state.name(), None, now);
    }

    fn go_to_attract(&mut self, visit: Option<VisitId>, from: &'static str, cause: Option<Cause>, now: Now) {
        self.desk.flag(None);
        self.desk.preferences = Preferences::default();
        self.desk.hardware.used(now);
        self.enter(visit, from, cause, State::Attract { until: None, chosen: Service::Renewal });
        self.settle(now);
    }

    /// The next card is for this, for a while.
    pub(super) fn expect_card(&mut self, chosen: Service, now: Now) {
        let until = Some(now.mono + Settings::seconds(self.desk.settings.rules.idle_s));
        self.enter(None, self.state.name(), None, State::Attract { until, chosen });
    }

    /// The chosen service is begun by somebody who has no card.
    pub(super) fn without_card(&mut self, now: Now) {
        if !matches!(self.state, State::Attract { chosen: Service::WetInk, .. }) {
            return;
        }
        let id = self.desk.next_visit();
        let mut visit = Box::new(Visit::without_card(id, &self.desk.settings, now.mono));
        visit.service = Service::WetInk;
        let stage = step::begin_on_paper(&mut Context { desk: &mut self.desk, visit: &mut visit, now });
        self.follow(visit, "insert-card", Next::Go(stage), now);
    }

    fn out_of_service(&mut self, from: &'static str, cause: Cause) {
        self.enter(None, from, Some(cause), State::OutOfService(cause));
    }

    pub(super) fn enter(
        &mut self,
        visit: Option<VisitId>,
        from: &'static str,
        cause: Option<Cause>,
        state: State,
    ) {
        let lamp = match &state {
            State::Starting { .. } | State::Recovering(_) | State::OutOfService(_) => Lamp::Off,
            State::Attract { .. } | State::ThankYou { .. } | State::Unknown { .. } => Lamp::Invite,
            State::Visit { .. } => Lamp::Steady,
            State::HandOver(next) => match next.at {
                HandOver::OwnOut | HandOver::OwnAgain => Lamp::Attention,
                HandOver::Person => Lamp::Invite,
            },
            State::TakeCard { .. } => Lamp::Attention,
        };
        self.desk.help.close();
        self.desk.turn_page();
        self.desk.light(lamp);
        self.desk.log(visit, from, state.name(), cause);
        self.state = state;
    }

    /// Goes where the health of the kiosk and the cards that are in lead to.
    pub(super) fn settle(&mut self, now: Now) {
        match &self.state {
            State::Visit { .. } => {
                // Without the time nothing can be judged, sent or signed.
                if !self.desk.clock_is_right(now) {
                    self.in_visit(now, |_, _| Next::End(Ending::Fault(Cause::ClockNotSet)));
                }
            }
            State::TakeCard { visit, reader, cause, received, .. } => {
                if !self.desk.readers.holds(reader) {
                    let (visit, cause, received) = (*visit, *cause, *received);
                    self.after_card(visit, "take-card", cause, received, now);
                }
            }
            State::HandOver(next) => {
                if let Some(cause) = self.desk.ailment(now) {
                    return self.no_hand_over(cause, now);
                }
                match next.at {
                    HandOver::Person => self.welcome(now),
                    HandOver::OwnOut | HandOver::OwnAgain if !self.desk.readers.holds(&next.reader) => {
                        self.own_is_out(now);
                    }
                    HandOver::OwnOut | HandOver::OwnAgain => {}
                }
            }
            State::Recovering(recovering) => {
                if recovering.is_over() {
                    self.desk.flag(None);
                    self.enter(None, "recovering", None, State::Starting { since: Some(now.mono) });
                    self.settle(now);
                }
            }
            State::Starting { since } => match self.desk.unready(now) {
                None => self.attract(now),
                // What is missing may still come; a housing that was opened stays so.
                Some(cause)
                    if cause == Cause::Tampered
                        || since.is_some_and(|since| since + STARTING <= now.mono) =>
                {
                    self.out_of_service("starting", cause);
                }
                Some(_) => {}
            },
            State::OutOfService(shown) => match self.desk.unready(now) {
                None => self.attract(now),
                Some(cause) if cause != *shown => {
                    self.out_of_service("out-of-service", cause);
                }
                Some(_) => {}
            },
            State::Attract { .. } => match self.desk.ailment(now) {
                Some(cause) => self.out_of_service("attract", cause),
                None => self.welcome(now),
            },
            // A card that comes now is the next visitor's.
            State::ThankYou { .. } | State::Unknown { .. } => {
                if self.desk.ailment(now).is_none() && self.desk.readers.occupied().is_some() {
                    self.attract(now);
                }
            }
        }
    }

    /// Opens a visit for a card that is in.
    fn welcome(&mut self, now: Now) {
        let Some((reader, slot)) = self.desk.readers.occupied() else { return };
        let service = match &self.state {
            State::Attract { chosen, .. } => *chosen,
            State::HandOver(_)
            | State::Starting { .. }
            | State::Recovering(_)
            | State::OutOfService(_)
            | State::Visit { .. }
            | State::TakeCard { .. }
            | State::Unknown { .. }
            | State::ThankYou { .. } => Service::Renewal,
        };
        let (reader, atr) = match slot {
            Slot::Card(atr) => (reader.clone(), Some(atr.clone())),
            Slot::Mute | Slot::Empty => (reader.clone(), None),
        };
        let id = self.desk.next_visit();
        let settings = &self.desk.settings;
        let mut visit = Box::new(Visit::new(id, reader, atr.clone().unwrap_or_default(), settings, now.mono));
        visit.service = service;
        let state = std::mem::replace(&mut self.state, State::Starting { since: None });
        let from = if let State::HandOver(next) = state {
            visit.helper = Some(next.helper);
            visit.assisted = true;
            self.desk.assisted = Some(id);
            "hand-over"
        } else {
            "attract"
        };
        let mut cx = Context { desk: &mut self.desk, visit: &mut visit, now };
        let stage = match atr {
            Some(_) => step::begin(&mut cx),
            None => step::mute(&mut cx),
        };
        self.follow(visit, from, Next::Go(stage), now);
    }
}
