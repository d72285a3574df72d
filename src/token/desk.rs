//! The signing dialogue: which call is answered with what, and when a PIN may be spent. Pure.
//!
//! Time, random names, the module's findings and the frames of the PIN socket are given to it; it answers
//! with [`Output`]s. It knows no socket and no PKCS#11.
//!
//! A request lives through three stages: it waits for a PIN; the card is looked at once more, because only
//! then is it known whether this is the last try; the card signs. It dies by use, by its deadline, when the
//! card or `kioskd` goes, and is never revived.

mod announce;
mod request;
mod seam;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeSet, VecDeque},
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};

use announce::Announced;
use request::{Pending, Stage};
pub(super) use seam::{Input, Job, Outcome, Output, SignJob, Ticket};

use super::{
    found::{Entry, Found, Refusal},
    tries::{Told, Tries},
};
use crate::{
    card::ReaderName,
    link::{
        keypad::Question,
        pin::{PinFrame, Verdict},
        signer::{Answer, Call, Fault, Fingerprint, Reply, Request, RequestId, TriesLeft},
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
        self.request.as_ref().filter(|request| !request.is_over()).map(|request| request.dies_at)
    }

    /// Whether this request waits for a PIN.
    pub(super) fn awaits(&self, id: RequestId) -> bool {
        let waits = |request: &Pending| request.id == id && matches!(request.stage, Stage::Waiting);
        self.request.as_ref().is_some_and(waits)
    }

    /// Answers every open call with one fault: nothing will come any more.
    pub(super) fn give_up(&mut self, fault: Fault) {
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
                if request.digests == frame.digests {
                    let job = Job::Check(request.reader.clone(), request.certificate);
                    let accept_last_try = frame.accept_last_try;
                    request.stage = Stage::Checking { ticket, entry, accept_last_try };
                    let why = Why::Check(request.id);
                    return self.run(job, why);
                }
                log::warn!("the screen showed other texts than those to be signed");
                self.end(Err(Fault::OtherTextShown));
                Verdict::OtherTextShown
            }
            Some(_) | None => Verdict::NoSuchRequest,
        };
        self.outputs.push(Output::Verdict(ticket, verdict));
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
            (Why::CardOut(number), Outcome::Idle) => self.answer(number, Ok(Reply::Done)),
            (Why::Leave(number), Outcome::Idle) => {
                if let Some(number) = number {
                    self.answer(number, Ok(Reply::Done));
                }
                self.outputs.push(Output::Leave);
            }
            // Jobs and outcomes go through two queues in order; this cannot be.
            (_, Outcome::Read(_) | Outcome::Checked(_) | Outcome::Signed(_) | Outcome::Idle) => {
                log::error!("the module's thread answered out of order");
                self.outputs.push(Output::Leave);
            }
        }
    }

    fn read(&mut self, number: u64, reader: ReaderName, result: Result<Found, Fault>) {
        // A `CardOut` or another `ReadCard` that came meanwhile counts.
        let overtaken = self.jobs.iter().any(|why| matches!(why, Why::CardOut(_) | Why::Leave(_)));
        let found = match result {
            Ok(_) if overtaken => return self.answer(number, Err(Fault::CardPulled)),
            Ok(found) => found,
            Err(fault) => return self.answer(number, Err(fault)),
        };
        let fingerprint = |der: &Vec<u8>| Fingerprint(Sha256::digest(der).into());
        let on_card: Vec<Fingerprint> = found.certificates.iter().map(fingerprint).collect();
        if on_card != self.tried {
            self.tries = Tries::default();
            self.tried.clone_from(&on_card);
        }
        let certificates = on_card.into_iter().zip(found.certificates.iter().cloned()).collect();
        self.card = Some(Card { reader, certificates });
        let tries = self.tries.left(found.told);
        self.answer(number, Ok(Reply::Card { certificates: found.certificates, tries }));
    }

    /// The card was looked at for a PIN that is here: the last moment at which nothing is spent.
    fn checked(&mut self, id: RequestId, result: Result<Told, Fault>) {
        let left = result.map(|told| self.tries.left(told));
        let Some(request) = self.request.as_mut().filter(|request| request.id == id) else { return };
        let (ticket, entry, accept_last_try) = match std::mem::replace(&mut request.stage, Stage::Waiting) {
            Stage::Checking { ticket, entry, accept_last_try } => (ticket, entry, accept_last_try),
            other @ (Stage::Waiting | Stage::AtReader(_) | Stage::Signing | Stage::Over(_)) => {
                request.stage = other;
                return;
            }
        };
        let verdict = match left {
            Ok(TriesLeft::Known(..=1)) if !accept_last_try => {
                self.end(Err(Fault::LastTry));
                Some(Verdict::LastTryNotAccepted)
            }
            Ok(TriesLeft::Locked) => {
                self.end(Err(Fault::PinLocked));
                Some(Verdict::Accepted)
            }
            Ok(TriesLeft::Known(_) | TriesLeft::Unknown) => {
                let (job, verdict) = request.spend(entry, ticket);
                self.run(Job::Sign(Box::new(job)), Why::Sign(id));
                verdict
            }
            Err(fault) => {
                self.end(Err(fault));
                Some(Verdict::Accepted)
            }
        };
        self.outputs.extend(verdict.map(|verdict| Output::Verdict(ticket, verdict)));
    }

    fn signed(&mut self, id: RequestId, result: Result<Vec<Vec<u8>>, Refusal>) {
        if let Some(request) = self.request.as_mut().filter(|request| request.id == id)
            && let Stage::AtReader(ticket) = request.stage
        {
            if let Err(Refusal::Unentered(why)) = result {
                log::info!("no PIN from the reader: {why:?}");
                request.stage = Stage::Waiting;
                return self.outputs.push(Output::Verdict(ticket, Verdict::NoKeypad));
            }
            request.stage = Stage::Signing;
            self.outputs.push(Output::Verdict(ticket, Verdict::Accepted));
        }
        let result = match result {
            Ok(envelopes) => {
                self.tries.succeeded();
                Ok(Reply::Signed(envelopes))
            }
            Err(Refusal::WrongPin { spent, told }) => {
                if spent {
                    self.tries.failed();
                }
                match self.tries.left(told) {
                    TriesLeft::Locked => Err(Fault::PinLocked),
                    tries @ (TriesLeft::Known(_) | TriesLeft::Unknown) => Err(Fault::WrongPin { tries }),
                }
            }
            Err(Refusal::Fault(fault)) => Err(fault),
            Err(Refusal::PadFailed(fault)) => {
                // Nobody knows whether the card weighed a PIN: it counts as a wrong one.
                self.tries.failed();
                Err(fault)
            }
            Err(Refusal::Unentered(_)) => Err(Fault::Abandoned), // Of a request that is over.
        };
        // A request that died meanwhile has its end already; what was signed for it goes nowhere.
        if self.request.as_ref().is_some_and(|request| request.id == id) {
            self.end(result);
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
    fn end(&mut self, result: Result<Reply, Fault>) {
        let Some(request) = self.request.as_mut().filter(|request| !request.is_over()) else { return };
        request.unwanted.store(true, Ordering::SeqCst);
        match &result {
            Ok(_) => log::info!("request signed"),
            Err(fault) => log::info!(CAUSE = fault.to_string(); "request over"),
        }
        request.drafts.clear();
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
