//! What the session hears: cards, the signer, answers, touches, before a stage sees any of it.
//!
//! Late answers and touches on a page that is gone end here; so does all that needs no stage to be understood.
//! What is valid on any page is taken with any serial: presence, "stay", language, text size, contrast.

use super::{
    Now, OpId, Session, Settings, SignerEvent, Sound, VisitId,
    desk::{Preferences, Signer},
    fault::{Advice, Cause},
    machine::State,
    stage::Stage,
    step::{self, Ending, Next},
    visit::{Away, Overlay, Presence},
};
use crate::{
    card::{self, ReaderName},
    link::{
        intent::{Intent, Touch},
        paper::{self, Paper},
        signer::{self, Reply, Request},
        view::Service,
    },
    portal, printer,
};

impl Session {
    pub(super) fn card(&mut self, event: &card::Event, now: Now) {
        self.desk.readers.hear(event);
        let State::Visit { visit, .. } = &self.state else { return };
        if visit.has_no_card() {
            return self.card_beside(event, now);
        }
        match event {
            card::Event::CardOut(reader) if *reader == visit.reader => self.card_gone(Away::Pulled, now),
            card::Event::ReaderOut(reader) if *reader == visit.reader => {
                self.card_gone(Away::Fault(Cause::ReaderLost), now);
            }
            card::Event::ServiceDown => self.card_gone(Away::Fault(Cause::ReaderService), now),
            card::Event::CardMute(reader) if *reader == visit.reader || !visit.is_in() => {
                self.card_gone(Away::Fault(Cause::CardMute), now);
            }
            card::Event::CardIn { reader, atr } if *reader == visit.reader || !visit.is_in() => {
                self.card_in(reader.clone(), atr, now);
            }
            card::Event::CardOut(_)
            | card::Event::ReaderOut(_)
            | card::Event::CardMute(_)
            | card::Event::CardIn { .. }
            | card::Event::ServiceUp
            | card::Event::ReaderIn(_) => {}
        }
    }

    /// Somebody has come without a card, and one is put in: whoever stands there now may be somebody else, who is not shown
    /// the pages of the other (invariant 4).
    fn card_beside(&mut self, event: &card::Event, now: Now) {
        match event {
            card::Event::CardIn { .. } | card::Event::CardMute(_) => self.in_visit(now, |stage, _| {
                let served = matches!(stage, Stage::Printed);
                Next::End(if served { Ending::Served } else { Ending::Left })
            }),
            card::Event::CardOut(_)
            | card::Event::ReaderOut(_)
            | card::Event::ServiceDown
            | card::Event::ServiceUp
            | card::Event::ReaderIn(_) => {}
        }
    }

    fn card_gone(&mut self, why: Away, now: Now) {
        self.in_visit(now, |stage, cx| {
            let by = cx.visit.card_away_by();
            let was_in = cx.visit.is_in();
            cx.visit.presence = Presence::Away { why, by };
            cx.visit.signer_knows = false;
            cx.visit.overlay = Overlay::None;
            cx.desk.help.close();
            cx.desk.turn_page();
            if was_in {
                cx.desk.tell_signer(cx.visit.id, Request::CardOut);
            }
            if stage.needs_card() {
                cx.desk.sound(Sound::Error);
                cx.desk.log(Some(cx.visit.id), stage.name(), "card-away", Some(why.cause()));
            }
            step::card_is_gone(stage, cx)
        });
    }

    fn card_in(&mut self, reader: ReaderName, atr: &[u8], now: Now) {
        let State::Visit { visit, .. } = &self.state else { return };
        let id = visit.id;
        if visit.is_in() {
            // It went and came between two reports.
            self.card_gone(Away::Pulled, now);
        }
        if !matches!(&self.state, State::Visit { visit, .. } if visit.id == id) {
            return;
        }
        self.in_visit(now, |stage, cx| {
            let by = cx.visit.card_away_by();
            cx.desk.turn_page();
            if cx.visit.atr == atr {
                cx.visit.reader = reader;
                let op = cx.read_card().map(|asked| asked.op);
                cx.visit.presence = Presence::Back { op, by };
            } else {
                cx.visit.presence = Presence::Away { why: Away::Other, by };
            }
            step::other_card(stage, cx)
        });
    }

    /// Which card is in again?
    fn reread(&mut self, result: Result<Reply, signer::Fault>, now: Now) {
        self.in_visit(now, |stage, cx| {
            let by = cx.visit.card_away_by();
            let presence = match result {
                Ok(Reply::Card { certificates, .. }) if cx.visit.same_card(&certificates) => Presence::In,
                Ok(Reply::Card { .. }) => Presence::Away { why: Away::Other, by },
                Ok(Reply::Prepared { .. } | Reply::PreparedOwn { .. } | Reply::Signed(_) | Reply::Done) => {
                    Presence::Away { why: Away::Fault(Cause::CardModule), by }
                }
                Err(signer::Fault::SignerLost) => Presence::Back { op: None, by },
                Err(signer::Fault::NoCard | signer::Fault::CardPulled) => {
                    Presence::Away { why: Away::Pulled, by }
                }
                Err(fault) => Presence::Away { why: Away::Fault(Cause::from(fault)), by },
            };
            cx.visit.presence = presence;
            cx.desk.turn_page();
            if !cx.visit.is_in() {
                return step::other_card(stage, cx);
            }
            cx.visit.signer_knows = true;
            cx.visit.touched = now.mono;
            cx.desk.log(Some(cx.visit.id), "card-away", stage.name(), None);
            step::card_is_back(stage, cx)
        });
    }

    pub(super) fn signer(&mut self, event: SignerEvent, now: Now) {
        // Whatever the signer was asked before is void, also where only its return is reported.
        self.desk.signer = Signer::Away { since: Some(now.mono) };
        self.in_visit(now, |stage, cx| {
            cx.visit.signer_knows = false;
            if let Presence::Back { op, .. } = &mut cx.visit.presence {
                *op = None;
            }
            step::signer_is_gone(stage, cx)
        });
        match event {
            SignerEvent::Lost => {}
            SignerEvent::Connected => {
                self.desk.signer = Signer::Up;
                self.in_visit(now, |stage, cx| {
                    if matches!(cx.visit.presence, Presence::Back { .. }) {
                        let asked = cx.read_card().map(|asked| asked.op);
                        if let Presence::Back { op, .. } = &mut cx.visit.presence {
                            *op = asked;
                        }
                    }
                    step::signer_is_back(stage, cx)
                });
            }
        }
    }

    pub(super) fn portal(
        &mut self,
        visit: VisitId,
        op: OpId,
        result: Result<portal::Page, portal::Fault>,
        now: Now,
    ) {
        let State::Visit { visit: current, stage } = &self.state else { return };
        if current.id == visit && stage.portal_op() == Some(op) {
            self.in_visit(now, |stage, cx| step::answered(stage, result, cx));
        }
    }

    /// An answer about the document of this visit, or from the printer.
    pub(super) fn paper(&mut self, visit: VisitId, op: OpId, now: Now, heard: Heard) {
        let State::Visit { visit: current, stage } = &self.state else { return };
        if current.id == visit && stage.paper_op() == Some(op) {
            self.in_visit(now, |stage, cx| match heard {
                Heard::Paper(result) => step::taken_apart(stage, result, cx),
                Heard::Printer(result) => step::printed(stage, result, cx),
            });
        }
    }

    pub(super) fn signed(
        &mut self,
        visit: VisitId,
        op: OpId,
        result: Result<Reply, signer::Fault>,
        now: Now,
    ) {
        let State::Visit { visit: current, stage } = &self.state else { return };
        if current.id != visit {
        } else if current.is_rereading(op) {
            self.reread(result, now);
        } else if stage.signer_op() == Some(op) {
            self.in_visit(now, |stage, cx| step::signed(stage, result, cx));
        }
    }

    pub(super) fn touch(&mut self, touch: Touch, now: Now) {
        let Touch { serial, intent } = touch;
        self.desk.hardware.used(now);
        if is_button(&intent) && (serial == self.desk.serial || counts_on_any_page(&intent)) {
            self.click();
        }
        if let Intent::Language(language) = intent {
            self.prefer(|preferences| preferences.language = language, now);
        } else if let Intent::TextSize(size) = intent {
            self.prefer(|preferences| preferences.text_size = size, now);
        } else if let Intent::Contrast(contrast) = intent {
            self.prefer(|preferences| preferences.contrast = contrast, now);
        } else if intent == Intent::Present {
            self.someone_is_there(now);
        } else if intent == Intent::Stay {
            self.someone_is_there(now);
            self.lay(Overlay::None);
            self.desk.help.close();
        } else if intent == Intent::CallStaff {
            self.someone_is_there(now);
            self.call_staff(now);
        } else if serial == self.desk.serial {
            // What was made on a page that is gone does not count.
            self.meant(intent, now);
        }
    }

    /// An alarm, or a card to be taken, is not drowned.
    fn click(&mut self) {
        if matches!(self.state, State::Visit { .. } | State::Attract { .. }) {
            self.desk.sound(Sound::Click);
        }
    }

    fn prefer(&mut self, change: impl FnOnce(&mut Preferences), now: Now) {
        change(&mut self.desk.preferences);
        self.someone_is_there(now);
        if let State::HandOver(next) = &mut self.state {
            next.until = now.mono + self.desk.settings.patient_idle();
        } else if let State::Attract { until, .. } = &mut self.state {
            *until = Some(now.mono + Settings::seconds(self.desk.settings.rules.idle_s));
        }
    }

    pub(super) fn someone_is_there(&mut self, now: Now) {
        if let State::Visit { visit, .. } = &mut self.state {
            visit.touched = now.mono;
            if let Overlay::StillThere { .. } = visit.overlay {
                visit.overlay = Overlay::None;
            }
        }
    }

    fn lay(&mut self, overlay: Overlay) {
        if let State::Visit { visit, .. } = &mut self.state {
            visit.overlay = overlay;
        }
    }

    /// Something that counts on the page that is shown.
    fn meant(&mut self, intent: Intent, now: Now) {
        let (cancel, overlay, missing) = match &mut self.state {
            State::Visit { visit, stage } => (stage.can_cancel(), visit.overlay, visit.card_missing(stage)),
            State::ThankYou { .. } if intent == Intent::Next => return self.attract(now),
            State::Attract { .. } => return self.choose(&intent, now),
            State::HandOver(_) if intent == Intent::Back => {
                return self.no_hand_over(Cause::Cancelled, now);
            }
            State::Unknown { .. } if intent == Intent::Next || is_finish(&intent) => {
                return self.attract(now);
            }
            State::Recovering(recovering) if intent == Intent::Next || is_finish(&intent) => {
                return recovering.finish();
            }
            State::Recovering(_)
            | State::HandOver(_)
            | State::ThankYou { .. }
            | State::Unknown { .. }
            | State::Starting { .. }
            | State::OutOfService(_)
            | State::TakeCard { .. } => return,
        };
        self.someone_is_there(now);
        // Under a question nothing else is meant, but what was typed or sent before it came counts.
        let on_its_way = matches!(intent, Intent::Fill { .. } | Intent::PinSent(_));
        if overlay == Overlay::CancelConfirm && cancel && intent == Intent::ConfirmCancel {
            return self.in_visit(now, |_, _| Next::End(Ending::Fault(Cause::Cancelled)));
        }
        if overlay != Overlay::None && !on_its_way {
            return;
        }
        if self.desk.help.open.is_some() && !on_its_way {
            return;
        }
        if intent == Intent::Cancel && cancel {
            return self.lay(Overlay::CancelConfirm);
        }
        if missing {
            // Only leaving is possible without the card.
            if is_finish(&intent) {
                self.end_without_card(now);
            }
            return;
        }
        self.in_visit(now, |stage, cx| step::touched(stage, intent, cx));
    }

    /// What the person came for, before the card is in.
    fn choose(&mut self, intent: &Intent, now: Now) {
        if *intent == Intent::NoCard {
            return self.without_card(now);
        }
        let wanted = if let Intent::Service(service) = intent {
            if !self.desk.settings.offers(*service) {
                return;
            }
            *service
        } else if *intent == Intent::Back {
            Service::Renewal
        } else {
            return;
        };
        self.expect_card(wanted, now);
    }

    pub(super) fn end_without_card(&mut self, now: Now) {
        self.in_visit(now, |_, cx| {
            let cause = match cx.visit.presence {
                Presence::Away { why, .. } => why.cause(),
                // It is in, and was not read in time.
                Presence::Back { .. } if cx.desk.signer == Signer::Up => Cause::CardModule,
                Presence::Back { .. } => Cause::SignerDown,
                Presence::In | Presence::None => Cause::CardPulled,
            };
            Next::End(Ending::Fault(cause))
        });
    }
}

/// What is heard of a document.
pub(super) enum Heard {
    Paper(Result<Paper, paper::Fault>),
    Printer(Result<printer::News, printer::Fault>),
}

fn is_finish(intent: &Intent) -> bool {
    *intent == Intent::Advice(Advice::Finish)
}

fn counts_on_any_page(intent: &Intent) -> bool {
    matches!(
        intent,
        Intent::Stay | Intent::CallStaff | Intent::Language(_) | Intent::TextSize(_) | Intent::Contrast(_)
    )
}

/// Whether a button was touched; typing gives no sound, the PIN's least of all.
fn is_button(intent: &Intent) -> bool {
    match intent {
        Intent::Present | Intent::Fill { .. } | Intent::PinSent(_) | Intent::Drawn => false,
        Intent::Next
        | Intent::Back
        | Intent::Cancel
        | Intent::ConfirmCancel
        | Intent::Stay
        | Intent::CallStaff
        | Intent::Service(_)
        | Intent::NoCard
        | Intent::Language(_)
        | Intent::TextSize(_)
        | Intent::Contrast(_)
        | Intent::NewCaptcha
        | Intent::LoginWay(_)
        | Intent::ForgottenWord
        | Intent::TakeSuggestedWord
        | Intent::Edit(_)
        | Intent::WrongNumber
        | Intent::SmsCode(_)
        | Intent::Method(_)
        | Intent::ContractRead
        | Intent::Certificate(_)
        | Intent::AcceptLastTry
        | Intent::Advice(_) => true,
    }
}
