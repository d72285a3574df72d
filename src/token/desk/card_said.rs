//! What the card said, and what the desk makes of it: read, looked at, signed, given another PIN.
//!
//! Which tries are left is counted here by what [`Tries`] says; nothing is asked of a card again.

use sha2::{Digest, Sha256};

use super::{
    Card, Desk, Output, Why,
    request::{Stage, Subject},
};
use crate::{
    card::ReaderName,
    link::{
        pin::Verdict,
        signer::{Fault, Fingerprint, Reply, RequestId, TriesLeft},
    },
    token::{
        found::{Found, Refusal, Unreplaced},
        tries::{Told, Tries},
    },
};

impl Desk {
    pub(super) fn read(&mut self, number: u64, reader: ReaderName, result: Result<Found, Fault>) {
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
    pub(super) fn checked(&mut self, id: RequestId, result: Result<Told, Fault>) {
        let left = result.map(|told| self.tries.left(told));
        let Some(request) = self.request.as_mut().filter(|request| request.id == id) else { return };
        let (ticket, secret, accept_last_try) = match std::mem::replace(&mut request.stage, Stage::Waiting) {
            Stage::Checking { ticket, secret, accept_last_try } => (ticket, secret, accept_last_try),
            other @ (Stage::Waiting
            | Stage::AtReader(_)
            | Stage::Signing
            | Stage::Replacing
            | Stage::Over(_)) => {
                request.stage = other;
                return;
            }
        };
        // A PUK spends no try of the PIN's, and opens one that has none.
        let left = match request.subject {
            Subject::Unblock { .. } => left.map(|_| TriesLeft::Unknown),
            Subject::Texts { .. } | Subject::Change => left,
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
                let Some((job, verdict)) = request.spend(secret, ticket) else { return };
                let why = if request.is_being_replaced() {
                    Why::Replace { id, by_puk: request.subject.is_unblock() }
                } else {
                    Why::Sign(id)
                };
                self.run(job, why);
                verdict
            }
            Err(fault) => {
                self.end(Err(fault));
                Some(Verdict::Accepted)
            }
        };
        self.outputs.extend(verdict.map(|verdict| Output::Verdict(ticket, verdict)));
    }

    pub(super) fn signed(&mut self, id: RequestId, result: Result<Vec<Vec<u8>>, Refusal>) {
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
                Err(self.wrong_pin(told))
            }
            Err(Refusal::Fault(fault)) => Err(fault),
            Err(Refusal::Unheard(fault) | Refusal::PadFailed(fault)) => {
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

    pub(super) fn replaced(&mut self, id: RequestId, by_puk: bool, result: Result<(), Unreplaced>) {
        let result = match result {
            Ok(()) => {
                self.tries.succeeded();
                Ok(Reply::Done)
            }
            Err(Unreplaced::Wrong(told)) if by_puk => Err(wrong_puk(told)),
            Err(Unreplaced::Wrong(told)) => {
                self.tries.failed();
                Err(self.wrong_pin(told))
            }
            Err(Unreplaced::Unfit) => Err(Fault::UnfitPin),
            Err(Unreplaced::Fault(fault)) => {
                if fault == Fault::ChangeUnknown && !by_puk {
                    // The card may have weighed the old PIN: it counts as a wrong one.
                    self.tries.failed();
                }
                Err(fault)
            }
        };
        // One that was given up has its end already.
        let request = self.request.as_mut().filter(|request| request.id == id && request.is_being_replaced());
        if let Some(request) = request {
            request.stage = Stage::Waiting;
            self.end(result);
        }
    }

    fn wrong_pin(&self, told: Told) -> Fault {
        match self.tries.left(told) {
            TriesLeft::Locked => Fault::PinLocked,
            tries @ (TriesLeft::Known(_) | TriesLeft::Unknown) => Fault::WrongPin { tries },
        }
    }
}

/// The PUK's tries are counted by the card alone.
fn wrong_puk(told: Told) -> Fault {
    match Tries::default().left(told) {
        TriesLeft::Locked => Fault::PukLocked,
        tries @ (TriesLeft::Known(_) | TriesLeft::Unknown) => Fault::WrongPuk { tries },
    }
}
