//! Looks at everything that goes into the session and comes out of it, and fails when an invariant of
//! `ARCHITECTURE.md` is broken. It keeps books of its own and trusts nothing the session says of itself.
//!
//! Longer than others: what is judged at one event needs all the books.

mod marks;

use std::collections::{BTreeSet, HashMap, HashSet};

use self::marks::{contents, drawn, exposed, found, secret, visit_name};
use super::{cards, hardware::Hardware};
use crate::{
    config::Rules,
    link::{
        challenge::{Challenge, OwnText},
        intent::Intent,
        signer::{Fault as SignerFault, Reply, Request, RequestId, TriesLeft},
        view::{Overlay, Page as Shown, View},
    },
    portal::{Action, Fault, Page, RefusedSignature, SigningText},
    redact::{Personal, PortalSecret},
    session::{Effect, Event, InFlight, Now, OpId, Recovery, ScreenEvent, Transition, VisitId, fault::Cause},
};

#[derive(Debug, Default)]
pub(super) struct Watch {
    /// States that were entered.
    pub(super) reached: BTreeSet<&'static str>,
    pub(super) card_of_visit: Option<usize>,
    visit: Option<VisitId>,
    clock_set: bool,
    /// An update is being written: nobody is served.
    updating: bool,
    now: Option<Now>,
    // Invariant 1
    read: Option<Vec<SigningText>>,
    announced: HashMap<OpId, Vec<SigningText>>,
    requests: HashMap<RequestId, Vec<SigningText>>,
    collects: HashMap<OpId, RequestId>,
    signed: Option<Vec<Vec<u8>>>,
    /// Announced for another PIN, and the requests made of it: there is nothing to read.
    changes: HashSet<OpId>,
    new_pins: HashSet<RequestId>,
    /// Those of them that open a PIN.
    openings: HashSet<OpId>,
    opened: HashSet<RequestId>,
    /// Texts of the signer's own.
    own: HashSet<RequestId>,
    signed_own: bool,
    /// What the portal gave in this visit and was not used yet.
    challenge: Option<Challenge>,
    puk: Option<PortalSecret>,
    /// The card said that it has its new PIN.
    has_opened: bool,
    /// Nobody knows which PIN the card of this visit has.
    uncertain: bool,
    /// So it is by what was heard of a PIN that was to be set.
    unset: bool,
    // Invariant 2
    tries: HashMap<RequestId, TriesLeft>,
    accepted: Vec<RequestId>,
    /// The PIN dialogue that is waited for, and whether a PIN was sent in it.
    dialogue: Option<(OpId, RequestId, bool)>,
    /// PINs of this visit that were wrong, or whose end nobody heard.
    spent: u8,
    /// At most so many tries are left.
    left: Option<u8>,
    // Invariant 3
    submitted: BTreeSet<Personal>,
    in_flight: Option<InFlight>,
    outcome_open: bool,
    /// What was handed in last, and what of it never left.
    handed_in: Option<(Personal, Vec<Vec<u8>>)>,
    unsent: Option<(Personal, Vec<Vec<u8>>)>,
    portal_op: Option<(OpId, bool)>,
    // Paper
    /// The last page stood there when a finger touched it, and nothing was printed since.
    may_print: bool,
    /// Something of a document is at the adapters.
    paper_out: bool,
    hardware: Hardware,
    /// Announced for whoever helps, and the requests made of it.
    assistance: HashSet<OpId>,
    helpers: HashSet<RequestId>,
    helping: Option<VisitId>,
    /// The visit that has whoever helps, and whether the last page was between that and the next one.
    helped: Option<VisitId>,
    handing_over: bool,
}

impl Watch {
    pub(super) fn new(recovery: Recovery) -> Self {
        let in_flight = if let Recovery::InFlight(what) = recovery { Some(what) } else { None };
        Self { in_flight, ..Self::default() }
    }

    pub(super) fn tampered(&mut self) {
        self.hardware = Hardware::opened();
    }

    /// Before the session has it; `view` is what was shown when it happened.
    pub(super) fn event(&mut self, event: &Event, view: &View, now: Now) {
        self.now = Some(now);
        secret(&format!("{event:?}"));
        match event {
            Event::Screen(ScreenEvent::Connected | ScreenEvent::Lost) => self.read = None,
            Event::Screen(ScreenEvent::Touch(touch)) => {
                let shown = if let Shown::Pin { dialogue, .. } = &view.page {
                    Some(dialogue.request)
                } else if let Shown::NewPin { request, .. } = &view.page {
                    Some(*request)
                } else {
                    None
                };
                if let (Intent::PinSent(request), Some((_, asked, sent))) =
                    (&touch.intent, &mut self.dialogue)
                {
                    *sent |= touch.serial == view.serial && shown == Some(*request) && request == asked;
                }
                if touch.serial == view.serial && view.overlay.is_none() {
                    self.touched(&touch.intent, view);
                }
            }
            Event::Signed { op, result, .. } => {
                self.signed = None;
                if let Some((_, request, sent)) = self.dialogue.take_if(|(asked, _, _)| asked == op) {
                    self.collected(sent, result);
                    self.unset |= self.new_pins.contains(&request) && self.uncertain;
                }
                if let (Ok(Reply::Prepared { request, tries }), true) = (result, self.changes.contains(op)) {
                    self.new_pins.insert(*request);
                    if self.openings.contains(op) {
                        self.opened.insert(*request);
                    }
                    self.tries.insert(*request, *tries);
                }
                if let Ok(Reply::Prepared { request, tries }) = result
                    && let Some(texts) = self.announced.get(op)
                {
                    self.requests.insert(*request, texts.clone());
                    self.tries.insert(*request, *tries);
                }
                if let Ok(Reply::PreparedOwn { request, tries, text }) = result {
                    if self.assistance.contains(op) {
                        self.helpers.insert(*request);
                    }
                    self.requests.insert(*request, vec![text.clone()]);
                    self.own.insert(*request);
                    self.tries.insert(*request, *tries);
                }
                if let Ok(Reply::Signed(signatures)) = result
                    && self.collects.get(op).is_some_and(|request| !self.new_pins.contains(request))
                {
                    self.signed = Some(signatures.clone());
                    self.signed_own = self.collects.get(op).is_some_and(|request| self.own.contains(request));
                    if self.helpers.contains(&self.collects[op]) {
                        self.helped = self.visit;
                    }
                }
                if *result == Ok(Reply::Done) {
                    self.has_opened |=
                        self.collects.get(op).is_some_and(|request| self.opened.contains(request));
                }
            }
            Event::Portal { op, result, .. } => {
                if let Some((asked, submission)) = self.portal_op.take_if(|(asked, _)| asked == op) {
                    let _ = asked;
                    self.outcome(result, submission);
                    match result {
                        Ok(Page::OnlineChallenge { challenge, .. }) => {
                            self.challenge = Some(challenge.clone());
                        }
                        Ok(Page::UnblockGrant { puk }) => self.puk = Some(puk.clone()),
                        Ok(_) | Err(_) => {}
                    }
                }
            }
            Event::ClockSet(set) => self.clock_set = *set,
            Event::Updating(is) => self.updating = *is,
            Event::Signer(_) => self.taken_back(),
            Event::Paper { .. } | Event::Printer { .. } => {}
            Event::Presence(_) | Event::Tamper(_) | Event::ServiceKey(_) => self.hardware.event(event, now),
            Event::Card(_)
            | Event::SuggestedWord { .. }
            | Event::Setback(_)
            | Event::CallButton(_)
            | Event::StaffCalled { .. }
            | Event::Wake => {}
        }
    }

    /// What became of a PIN, if one was sent.
    fn collected(&mut self, sent: bool, result: &Result<Reply, SignerFault>) {
        use SignerFault as F;
        match result {
            Ok(Reply::Signed(_) | Reply::Done) => (self.spent, self.left) = (0, None),
            Err(F::WrongPin { tries }) => {
                self.spend();
                if let TriesLeft::Known(left) = tries {
                    self.left = Some(*left);
                }
            }
            Err(
                F::NoCard
                | F::CardPulled
                | F::CardMute
                | F::OtherCard
                | F::SignerLost
                | F::Abandoned
                | F::ModuleHung
                | F::ModuleFailed,
            ) if sent => self.spend(),
            Err(F::ChangeUnknown) => self.uncertain = true,
            Ok(_) | Err(_) => {}
        }
    }

    fn spend(&mut self) {
        self.spent += 1;
        self.left = self.left.map(|left| left.saturating_sub(1).max(1));
    }

    /// Nobody will hear any more what becomes of the PIN.
    fn taken_back(&mut self) {
        if let Some((_, _, true)) = self.dialogue.take() {
            self.spend();
        }
    }

    fn touched(&mut self, intent: &Intent, view: &View) {
        match (&view.page, intent) {
            (Shown::Contract { texts, comparison }, Intent::ContractRead)
                if comparison.iter().all(|line| line.form_says.is_none()) =>
            {
                self.read = Some(texts.clone());
            }
            (Shown::Paper { number, of, .. }, Intent::Next) if number == of => self.may_print = true,
            (Shown::LastTry { dialogue }, Intent::AcceptLastTry) => self.accepted.push(dialogue.request),
            _ => {}
        }
    }

    pub(super) fn is_in_flight(&self) -> bool {
        self.in_flight == Some(InFlight::Submission)
    }

    fn outcome(&mut self, result: &Result<Page, Fault>, submission: bool) {
        if submission && *result == Err(Fault::Unreachable) {
            self.unsent = self.handed_in.take();
            if let Some((code, _)) = &self.unsent {
                self.submitted.remove(code);
            }
        }
        let known = match result {
            Ok(page) => *page == Page::Received,
            Err(Fault::CodeExpired) => true,
            Err(Fault::SignatureRefused(why)) => submission && *why != RefusedSignature::CodeUsed,
            Err(fault) => submission && matches!(fault, Fault::Unreachable | Fault::CodeUnknown),
        };
        self.outcome_open &= !known;
    }

    pub(super) fn effect(&mut self, effect: &Effect, visit: Option<VisitId>) {
        secret(&format!("{effect:?}"));
        if self.visit != visit {
            self.helped = visit.filter(|_| self.handing_over);
            self.visit = visit;
            assert!(!self.paper_out, "invariant 4: a document of another visit is still there");
            self.read = None;
            self.may_print = false;
            self.outcome_open = false;
            (self.uncertain, self.unset) = (false, false);
            (self.challenge, self.puk, self.has_opened) = (None, None, false);
            (self.handed_in, self.unsent) = (None, None);
            (self.dialogue, self.spent, self.left) = (None, 0, None);
        }
        match effect {
            Effect::Portal { visit, op, action } => {
                assert_eq!(Some(*visit), self.visit, "invariant 4: an action of another visit");
                self.marks(&exposed(action), visit_name(self.visit), "action");
                assert!(Some(*visit) != self.helping, "whoever helps applies for nothing");
                self.portal(*op, action);
            }
            Effect::TakeApart { visit, pdf, .. } => {
                assert_eq!(Some(*visit), self.visit, "invariant 4: a document of another visit");
                self.marks(&String::from_utf8_lossy(pdf.0.expose()), visit_name(self.visit), "document");
                self.paper_out = true;
            }
            Effect::Print { visit, paper, .. } => {
                assert_eq!(Some(*visit), self.visit, "invariant 4: sheets of another visit");
                assert!(std::mem::take(&mut self.may_print), "printed without a touch on the last page");
                for leaf in paper.leaves() {
                    let text = String::from_utf8_lossy(leaf.print.pixels.expose()).into_owned();
                    self.marks(&text, visit_name(self.visit), "sheet");
                }
                self.paper_out = true;
            }
            Effect::DropPaper => self.paper_out = false,
            Effect::Signer { op, request, .. } => self.signer(*op, request),
            Effect::InFlight(what) => self.in_flight = *what,
            Effect::Log(Transition { from, to, cause, visit, .. }) => {
                assert!(
                    !self.updating || visit.is_none(),
                    "{to}: somebody is served while an update is written"
                );
                self.reached.extend([from, to]);
                if *cause == Some(Cause::Abandoned) && !["take-card", "hand-over"].contains(from) {
                    self.hardware.abandoned(self.now.expect("an event came first"));
                }
            }
            Effect::CancelPortal
            | Effect::ClosePortal
            | Effect::SuggestWord { .. }
            | Effect::CallStaff(_)
            | Effect::Lamp(_)
            | Effect::Sound(_) => {}
            Effect::Backlight(_) | Effect::Tampered(_) => {
                self.hardware.effect(effect, self.now.expect("an event came first"));
            }
        }
    }

    fn clock_is_right(&self) -> bool {
        let wall = self.now.expect("an event came first").wall;
        self.clock_set && wall >= Rules::default().clock_not_before
    }

    fn portal(&mut self, op: OpId, action: &Action) {
        assert!(self.clock_is_right(), "an action at the portal before the clock is set");
        assert!(!self.hardware.is_opened(), "an action at the portal while the housing is open");
        let submission = matches!(action, Action::SubmitSignatures { .. });
        self.portal_op = Some((op, submission));
        assert!(
            !self.outcome_open || *action == Action::CheckResult,
            "invariant 3: {action:?} before the outcome is known"
        );
        if let Action::SubmitSignatures { code, signatures } = action {
            assert!(self.submitted.insert(code.clone()), "invariant 3: submitted twice for one code");
            assert!(self.is_in_flight(), "invariant 5: submitted before the flag was raised");
            let application = Some((code.clone(), signatures.clone()));
            if self.unsent.take() != application {
                assert_eq!(
                    self.signed.as_ref(),
                    Some(signatures),
                    "invariant 1: not what was signed just now"
                );
            }
            assert!(!self.signed_own, "a login or a trial handed in as an application");
            self.handed_in = application;
            self.outcome_open = true;
        }
        if let Action::LoginSigned { signature } = action {
            let signed = self.signed.take();
            assert_eq!(signed, Some(vec![signature.clone()]), "invariant 1: not what was signed just now");
            assert!(self.signed_own, "an application handed in as a login");
        }
        if let Action::ReportUnblocked { done, .. } = action {
            assert!(!done || self.has_opened, "told as opened, and the card never said so");
        }
    }

    fn signer(&mut self, op: OpId, request: &Request) {
        match request {
            Request::Prepare { texts, .. } => {
                assert!(self.clock_is_right(), "a signature prepared before the clock is set");
                assert_eq!(self.read.as_ref(), Some(texts), "invariant 1: announced before it was read");
                self.announced.insert(op, texts.clone());
            }
            // What it is comes with the answer; it must have been read before anything is collected.
            Request::PrepareOwn { text, .. } => {
                assert!(self.clock_is_right(), "a signature prepared before the clock is set");
                match text {
                    OwnText::CardTest => {}
                    OwnText::Assistance { .. } => {
                        self.assistance.insert(op);
                        self.helping = self.visit;
                    }
                    OwnText::Login { challenge } => {
                        assert_eq!(
                            Some(challenge),
                            self.challenge.as_ref(),
                            "a challenge the portal did not give"
                        );
                    }
                }
            }
            Request::PrepareChange { .. } => {
                assert!(!self.uncertain, "a PIN is asked for of which nobody knows whether it still holds");
                self.changes.insert(op);
            }
            Request::PrepareUnblock { puk, .. } => {
                assert!(!self.uncertain, "a PIN is opened of which nobody knows whether it is locked");
                assert_eq!(
                    Some(puk),
                    self.puk.take().as_ref(),
                    "a PUK the portal did not give, or not for this"
                );
                self.changes.insert(op);
                self.openings.insert(op);
            }
            Request::Collect(request) => {
                if !self.new_pins.contains(request) {
                    let texts = self.requests.get(request).expect("invariant 1: a request nobody prepared");
                    assert_eq!(self.read.as_ref(), Some(texts), "invariant 1: collected before it was read");
                }
                let again = self.collects.insert(op, *request).is_some()
                    || self.collects.values().filter(|collected| *collected == request).count() > 1;
                assert!(!again, "invariant 2: one request collected twice");
                assert!(
                    self.tries[request] != TriesLeft::Known(1) || self.accepted.contains(request),
                    "invariant 2: a last try without a yes"
                );
                if let TriesLeft::Known(left) = self.tries[request] {
                    self.left = Some(left);
                }
                let opens = self.opened.contains(request);
                let last = self.left.map_or(self.spent >= 2, |left| left == 1);
                assert!(
                    !last || opens || self.accepted.contains(request),
                    "invariant 2: a last try without a yes, for all that was known"
                );
                self.dialogue = Some((op, *request, false));
            }
            Request::Abandon(_) | Request::CardOut | Request::EndVisit => self.taken_back(),
            Request::ReadCard { .. } => {
                assert!(!self.hardware.is_opened(), "a card read while the housing is open");
            }
        }
    }

    /// After the session had an event.
    pub(super) fn view(&mut self, view: &View, visit: Option<VisitId>) {
        secret(&format!("{view:?}"));
        let mut text = serde_json::to_string(view).expect("a view is data");
        let (in_visit, texts) = contents(&view.page);
        for SigningText(bytes) in texts {
            text.push_str(&String::from_utf8_lossy(bytes));
        }
        text.push_str(&drawn(&view.page));
        let learned = matches!(view.page, Shown::NewCardPin { .. });
        assert!(learned || !text.contains("PIN-ZQ"), "the new card's PIN on {:?}", view.page);
        assert!(!text.contains("PUK-ZQ"), "the PUK on {:?}", view.page);
        let whose = if in_visit { visit_name(visit) } else { None };
        self.marks(&text, whose, "view");
        if matches!(view.overlay, Some(Overlay::StillThere { .. } | Overlay::CancelConfirm)) {
            assert!(in_visit, "a question over a page nobody is at");
        }
        let setting = self.dialogue.is_some_and(|(_, asked, sent)| sent && self.new_pins.contains(&asked));
        assert!(
            self.in_flight == Some(InFlight::NewPin) || !(setting || in_visit && self.unset),
            "invariant 5: {:?} while nobody knows which PIN holds, and no flag says so",
            view.page
        );
        let attracts = matches!(view.page, Shown::Attract { .. } | Shown::InsertCard { .. });
        assert!(
            !attracts || self.in_flight.is_none(),
            "invariant 5: the flag stays raised for the next visitor"
        );
        self.handing_over = matches!(view.page, Shown::HandOver { .. });
        assert!(
            !view.frame.assisted || (self.helped.is_some() && self.helped == self.visit),
            "helped by nobody who has shown who they are"
        );
        let marked = !found(&text, "ZQ").is_empty() || !found(&text, "KARTQ").is_empty();
        self.hardware.view(view, marked, self.now.expect("an event came first"));
    }

    /// Somebody else's card is in: nothing of the visit may be on the screen, not even what was there before.
    pub(super) fn seen_by_a_stranger(&self, view: &View) {
        let text = serde_json::to_string(view).expect("a view is data") + &drawn(&view.page);
        let seen = !found(&text, "ZQ").is_empty() || !found(&text, "KARTQ").is_empty();
        assert!(!seen, "invariant 4: {:?} shown to another card", view.page);
    }

    /// The whole session as it would be printed.
    pub(super) fn printed(&self, session: &str) {
        secret(session);
    }

    /// Invariant 4: nothing but this visit's own.
    fn marks(&self, text: &str, visit: Option<String>, place: &str) {
        for mark in found(text, "ZQ") {
            assert_eq!(Some(&mark), visit.as_ref(), "invariant 4: in a {place}");
        }
        let card = self.card_of_visit.and_then(|card| cards::GOOD.get(card)).map(|card| card.mark.clone());
        for mark in found(text, "KARTQ") {
            assert!(visit.is_some() && Some(&mark) == card.as_ref(), "invariant 4: {mark} in a {place}");
        }
    }
}
