//! The signing dialogue: which call is answered with what, and when a PIN may be spent. Pure.
//!
//! Time, random names, the module's findings and the frames of the PIN socket are given to it; it answers
//! with [`Output`]s. It knows no socket and no PKCS#11.
//!
//! A request lives through three stages: it waits for a PIN; the card is looked at once more, because only
//! then is it known whether this is the last try; the card signs, or takes its new PIN. It dies by use, by its deadline, when
//! the card or `kioskd` goes, and is never revived. While a card takes a new PIN only the card's answer ends it well: whoever
//! gives up before hears that either PIN may hold.

mod announce;
mod card_said;
mod request;
mod seam;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeSet, VecDeque},
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use announce::Announced;
use request::{Pending, Secret, Stage, Subject};
pub(super) use seam::{Input, Job, Outcome, Output, ReplaceJob, SignJob, Ticket};

use super::{found::Entry, tries::Tries};
use crate::{
    card::ReaderName,
    link::{
        keypad::Question,
        new_pin::{NewPinFrame, Weakness},
        pin::{PinFrame, Verdict},
        signer::{Answer, Call, Fault, Fingerprint, Reply, Request, RequestId},
    },
    portal::SigningText,
};

/// The desk of one visit.
#[derive(Default)]
pub(super) struct Desk {
    card: Option<Card>,
    tries: Tries,
    /// The card the tries were counted on.
    tried: Vec<Fingerprint>,
    request: Option<Pending>,
    /// Why each job was given, in order.
    jobs: VecDeque<Why>,
    /// Calls not answered yet.
    open: BTreeSet<u64>,
    leaving: bool,
    outputs: Vec<Output>,
}

struct Card {
    reader: ReaderName,
    certificates: Vec<(Fingerprint, Vec<u8>)>,
}

enum Why {
    Read {
        number: u64,
        reader: ReaderName,
    },
    /// With the text, where it is the signer's own.
    Prepare {
        number: u64,
        request: Box<Pending>,
        own: Option<SigningText>,
    },
    Check(RequestId),
    Sign(RequestId),
    Replace {
        id: RequestId,
        by_puk: bool,
    },
    CardOut(u64),
    Leave(Option<u64>),
}

impl Desk {
    /// The single mutation; what it leads to is in [`Desk::outputs`].
    pub(super) fn handle(&mut self, input: Input, now: Instant) {
        self.expire(now);
        match input {
            Input::Call { call, fresh } => self.call(call, fresh, now),
            Input::Pin { frame, ticket } => {
                let PinFrame { request, digests, accept_last_try, pin } = frame;
                self.pin(Question { request, digests, accept_last_try }, Entry::Typed(pin), ticket);
            }
            Input::NewPin { frame, ticket } => self.new_pin(frame, ticket),
            Input::AtReader { question, ticket } => self.pin(question, Entry::AtReader, ticket),
            Input::Module(outcome) => self.module(outcome),
            Input::KioskdLost => {
                self.end(Err(Fault::SignerLost));
                self.leave(None);
            }
            Input::Tick => {}
        }
    }

    /// What is to be done now, in order.
    pub(super) fn outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }

    /// When a [`Input::Tick`] is wanted.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let mortal = |request: &&Pending| !request.is_over() && !request.is_being_replaced();
        self.request.as_ref().filter(mortal).map(|request| request.dies_at)
    }

    /// Whether this request waits for a PIN that signs.
    pub(super) fn awaits(&self, id: RequestId) -> bool {
        let waits = |request: &Pending| {
            let texts = matches!(request.subject, Subject::Texts { .. });
            texts && request.id == id && matches!(request.stage, Stage::Waiting)
        };
        self.request.as_ref().is_some_and(waits)
    }

    /// Answers every open call with one fault: nothing will come any more. Whoever waits for a new PIN hears that nobody
    /// knows whether it holds.
    pub(super) fn give_up(&mut self, fault: Fault) {
        if self.request.as_ref().is_some_and(Pending::is_being_replaced) {
            self.end(Err(Fault::ChangeUnknown));
        }
        for number in std::mem::take(&mut self.open) {
            self.outputs.push(Output::Answer(Answer { number, result: Err(fault) }));
        }
    }

    fn call(&mut self, call: Call, fresh: RequestId, now: Instant) {
        let number = call.number;
        if self.leaving {
            return self.outputs.push(Output::Answer(Answer { number, result: Err(Fault::SignerLost) }));
        }
        self.open.insert(number);
        match call.request {
            Request::ReadCard { reader, atr: _ } => {
                self.forget_card(Fault::Abandoned);
                self.run(Job::Read(reader.clone()), Why::Read { number, reader });
            }
            Request::Prepare { purpose, texts, certificate, signing_time, life_ms } => {
                let announced =
                    Announced { id: fresh, dies_at: now + Duration::from_millis(life_ms), certificate };
                let prepared = self.application(purpose, &texts, signing_time, announced);
                self.prepare(number, prepared.map(|request| (request, None)));
            }
            Request::PrepareOwn { text, certificate, signing_time, life_ms } => {
                let announced =
                    Announced { id: fresh, dies_at: now + Duration::from_millis(life_ms), certificate };
                let prepared = self.own(&text, signing_time, announced);
                self.prepare(number, prepared.map(|(request, text)| (request, Some(text))));
            }
            Request::PrepareChange { certificate, life_ms } => {
                let announced =
                    Announced { id: fresh, dies_at: now + Duration::from_millis(life_ms), certificate };
                let prepared = self.new_pin_for(Subject::Change, announced);
                self.prepare(number, prepared.map(|request| (request, None)));
            }
            Request::PrepareUnblock { certificate, puk, life_ms } => {
                let announced =
                    Announced { id: fresh, dies_at: now + Duration::from_millis(life_ms), certificate };
                let prepared = self.unblocking(&puk, announced);
                self.prepare(number, prepared.map(|request| (request, None)));
            }
            Request::Collect(id) => self.collect(id, number),
            Request::Abandon(id) => {
                if self.request.as_ref().is_some_and(|request| request.id == id) {
                    self.end(Err(Fault::Abandoned));
                    self.request = None;
                }
                self.answer(number, Ok(Reply::Done));
            }
            Request::CardOut => {
                self.forget_card(Fault::CardPulled);
                self.run(Job::Settle, Why::CardOut(number));
            }
            Request::EndVisit => {
                self.end(Err(Fault::Abandoned));
                self.leave(Some(number));
            }
        }
    }

    fn collect(&mut self, id: RequestId, number: u64) {
        let over = self.request.take_if(|request| request.id == id && request.is_over());
        if let Some(Pending { stage: Stage::Over(result), .. }) = over {
            return self.answer(number, result);
        }
        match &mut self.request {
            Some(request) if request.id == id && request.collector.is_none() => {
                request.collector = Some(number);
            }
            Some(_) | None => self.answer(number, Err(Fault::NoSuchRequest)),
        }
    }

    fn pin(&mut self, frame: Question, entry: Entry, ticket: Ticket) {
        let verdict = match &mut self.request {
            Some(request) if request.id == frame.request && matches!(request.stage, Stage::Waiting) => {
                match &request.subject {
                    Subject::Texts { digests, .. } if *digests == frame.digests => {
                        return self.weigh(Secret::Entry(entry), frame.accept_last_try, ticket);
                    }
                    Subject::Texts { .. } => {
                        log::warn!("the screen showed other texts than those to be signed");
                        self.end(Err(Fault::OtherTextShown));
                        Verdict::OtherTextShown
                    }
                    Subject::Change | Subject::Unblock { .. } => Verdict::NoSuchRequest,
                }
            }
            Some(_) | None => Verdict::NoSuchRequest,
        };
        self.outputs.push(Output::Verdict(ticket, verdict));
    }

    fn new_pin(&mut self, frame: NewPinFrame, ticket: Ticket) {
        let NewPinFrame { request: id, accept_last_try, old, new } = frame;
        let waits = |request: &&mut Pending| request.id == id && matches!(request.stage, Stage::Waiting);
        let fits = self.request.as_mut().filter(waits).is_some_and(|request| match request.subject {
            Subject::Change => old.is_some(),
            Subject::Unblock { .. } => old.is_none(),
            Subject::Texts { .. } => false,
        });
        let verdict = if !fits {
            Verdict::NoSuchRequest
        } else if let Some(weakness) = Weakness::of(&new, old.as_ref()) {
            // The screen says so before it sends one.
            log::warn!("a new PIN is refused: {weakness:?}");
            Verdict::WeakPin
        } else {
            return self.weigh(Secret::NewPin { old, new }, accept_last_try, ticket);
        };
        self.outputs.push(Output::Verdict(ticket, verdict));
    }

    /// Has the card looked at once more before anything is spent.
    fn weigh(&mut self, secret: Secret, accept_last_try: bool, ticket: Ticket) {
        let Some(request) = &mut self.request else { return };
        let job = Job::Check(request.reader.clone(), request.certificate);
        request.stage = Stage::Checking { ticket, secret, accept_last_try };
        let why = Why::Check(request.id);
        self.run(job, why);
    }

    fn module(&mut self, outcome: Outcome) {
        let Some(why) = self.jobs.pop_front() else { return };
        match (why, outcome) {
            (Why::Read { number, reader }, Outcome::Read(result)) => self.read(number, reader, result),
            (Why::Prepare { number, request, own }, Outcome::Checked(result)) => {
                self.prepared(number, *request, own, result);
            }
            (Why::Check(id), Outcome::Checked(result)) => self.checked(id, result),
            (Why::Sign(id), Outcome::Signed(result)) => self.signed(id, result),
            (Why::Replace { id, by_puk }, Outcome::Replaced(result)) => self.replaced(id, by_puk, result),
            (Why::CardOut(number), Outcome::Idle) => self.answer(number, Ok(Reply::Done)),
            (Why::Leave(number), Outcome::Idle) => {
                if let Some(number) = number {
                    self.answer(number, Ok(Reply::Done));
                }
                self.outputs.push(Output::Leave);
            }
            // Jobs and outcomes go through two queues in order; this cannot be.
            (
                _,
                Outcome::Read(_)
                | Outcome::Checked(_)
                | Outcome::Signed(_)
                | Outcome::Replaced(_)
                | Outcome::Idle,
            ) => {
                log::error!("the module's thread answered out of order");
                self.outputs.push(Output::Leave);
            }
        }
    }

    fn expire(&mut self, now: Instant) {
        if self.deadline().is_some_and(|dies_at| dies_at <= now) {
            self.end(Err(Fault::Expired));
        }
    }

    fn forget_card(&mut self, fault: Fault) {
        self.end(Err(fault));
        self.card = None;
    }

    /// Ends the request at hand, unless it is over already.
    fn end(&mut self, mut result: Result<Reply, Fault>) {
        let Some(request) = self.request.as_mut().filter(|request| !request.is_over()) else { return };
        if request.is_being_replaced() {
            // The card's answer is on its way, or that there is none.
            if result == Err(Fault::CardPulled) {
                return;
            }
            result = Err(Fault::ChangeUnknown);
        }
        request.unwanted.store(true, Ordering::SeqCst);
        match &result {
            Ok(_) => log::info!("request done"),
            Err(fault) => log::info!(CAUSE = fault.to_string(); "request over"),
        }
        request.subject.forget();
        let collector = request.collector.take();
        let over = match collector {
            // Handed over once; what stays says only that the request is used.
            Some(_) => Err(Fault::NoSuchRequest),
            None => result.clone(),
        };
        if let Stage::Checking { ticket, .. } | Stage::AtReader(ticket) =
            std::mem::replace(&mut request.stage, Stage::Over(over))
        {
            self.outputs.push(Output::Verdict(ticket, Verdict::NoSuchRequest));
        }
        if let Some(number) = collector {
            self.answer(number, result);
        }
    }

    fn leave(&mut self, number: Option<u64>) {
        self.card = None;
        self.request = None;
        self.leaving = true;
        self.run(Job::Close, Why::Leave(number));
    }

    fn run(&mut self, job: Job, why: Why) {
        self.jobs.push_back(why);
        self.outputs.push(Output::Run(job));
    }

    fn answer(&mut self, number: u64, result: Result<Reply, Fault>) {
        self.open.remove(&number);
        self.outputs.push(Output::Answer(Answer { number, result }));
    }
}
