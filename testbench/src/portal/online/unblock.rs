//! Unblocking at the signing service: a verification code brings an SMS, both bring the PUK, and the end is told.
//!
//! The protocol is in `docs/signing-protocol.md`. It knows nothing of pages or cards.

use std::{
    fmt,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::portal::{
    Fault,
    chance::Drawn,
    event::What,
    outbox::Sms,
    signing::Refusal,
    state::{Aftermath, Portal},
};

/// Wrong codes until an SMS is good for nothing any more.
const MOST_WRONG: u8 = 3;

/// What is posted to `/unblock`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct AskUnblock {
    code: String,
}

/// What is posted to `/unblock-confirm`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct Confirm {
    code: String,
    sms: String,
}

/// What is posted to `/unblock-report`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct Report {
    code: String,
    done: bool,
}

/// The answer of `/unblock`.
#[derive(Serialize)]
pub(in crate::portal) struct Sent {
    remaining: u64,
    #[serde(skip)]
    pub(in crate::portal) aftermath: Aftermath,
}

/// The answer of `/unblock-confirm`.
#[derive(Serialize)]
pub(in crate::portal) struct Granted {
    puk: String,
}

/// The answer of `/unblock-report`.
#[derive(Serialize)]
pub(in crate::portal) struct Reported {
    taken: bool,
    /// The answer is to be lost on the way.
    #[serde(skip)]
    pub(in crate::portal) lost: bool,
}

/// Why `/unblock-confirm` says no.
pub(in crate::portal) enum Unconfirmed {
    /// For good, or until another SMS.
    Refused(Refusal),
    /// Another code than the SMS's.
    WrongSms {
        remaining: u64,
        /// The right one may be on its way now.
        aftermath: Aftermath,
    },
}

/// An unblocking that was begun.
pub(in crate::portal) struct Unblocking {
    pub(super) national_id: String,
    pub(super) until: Instant,
    pub(super) drawn: Drawn,
    pub(super) sms: Option<Awaited>,
    pub(super) reported: Option<bool>,
}

/// An SMS that was sent.
pub(super) struct Awaited {
    code: String,
    until: Instant,
    spare: Option<String>,
    wrong: u8,
}

/// How an unblocking ended, as the kiosk told. Does not print the person.
#[derive(Clone, PartialEq, Eq)]
pub struct Unblocked {
    /// Whose card.
    pub national_id: String,
    /// It has a new PIN.
    pub done: bool,
}

impl fmt::Debug for Unblocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unblocked({})", self.done)
    }
}

impl Portal {
    /// Sends an SMS for a code that lives; as often as it is asked.
    pub(in crate::portal) fn ask_unblock(
        &mut self,
        asked: &AskUnblock,
        now: Instant,
    ) -> Result<Sent, Refusal> {
        if self.strikes(Fault::CodeUnknown) {
            return Err(self.refused(Refusal::CodeUnknown));
        }
        self.unblocking_alive(&asked.code, now).map_err(|reason| self.refused(reason))?;
        let life = if self.strikes(Fault::ExpiredUnblockSms) {
            self.timers.short_life
        } else {
            self.timers.sms_life
        };
        let delay = if self.strikes(Fault::LateSms) { self.timers.late_sms } else { Duration::ZERO };
        let misled = self.strikes_once(Fault::WrongUnblockSms);
        let Some(unblocking) = self.unblockings.get_mut(&asked.code) else {
            return Err(Refusal::CodeUnknown);
        };
        let code = self.chance.digits(&mut unblocking.drawn, 6);
        let other = misled.then(|| self.chance.digits(&mut unblocking.drawn, 6));
        let (sent, spare) = match other {
            Some(other) => (other, Some(code.clone())),
            None => (code.clone(), None),
        };
        unblocking.sms = Some(Awaited { code, until: now + life, spare, wrong: 0 });
        let person = unblocking.national_id.clone();
        let sms = self.unblock_sms(&person, sent);
        let aftermath = Aftermath { sms: sms.map(|sms| (sms, delay)), ..Aftermath::default() };
        Ok(Sent { remaining: life.as_secs(), aftermath })
    }

    /// Hands the PUK out for the code of the SMS; again as long as nothing was reported.
    pub(in crate::portal) fn confirm_unblock(
        &mut self,
        asked: &Confirm,
        now: Instant,
    ) -> Result<Granted, Unconfirmed> {
        let refuse = |portal: &mut Self, reason| Unconfirmed::Refused(portal.refused(reason));
        if let Err(reason) = self.unblocking_alive(&asked.code, now) {
            return Err(refuse(self, reason));
        }
        let judged_expired = self.faults.contains(&Fault::ExpiredUnblockSms);
        let Some(unblocking) = self.unblockings.get_mut(&asked.code) else {
            return Err(refuse(self, Refusal::CodeUnknown));
        };
        let person = unblocking.national_id.clone();
        let awaited = unblocking.sms.as_mut().filter(|sms| now < sms.until && sms.wrong < MOST_WRONG);
        let Some(awaited) = awaited.filter(|_| !judged_expired) else {
            return Err(refuse(self, Refusal::SmsExpired));
        };
        if awaited.code != asked.sms.trim() {
            awaited.wrong += 1;
            let (spare, remaining) = (awaited.spare.take(), (awaited.until - now).as_secs());
            let sms = spare.and_then(|right| self.unblock_sms(&person, right));
            let aftermath = Aftermath { sms: sms.map(|sms| (sms, Duration::ZERO)), ..Aftermath::default() };
            self.refused(Refusal::WrongSms);
            return Err(Unconfirmed::WrongSms { remaining, aftermath });
        }
        let account =
            self.register.iter().find(|known| known.national_id == person).and_then(|p| p.online.as_ref());
        let Some(puk) = account.map(|account| account.puk.clone()) else {
            return Err(refuse(self, Refusal::CodeUnknown));
        };
        self.journal.record(What::UnblockGranted);
        Ok(Granted { puk })
    }

    /// Takes how it ended. The first report counts; the same one again changes nothing.
    pub(in crate::portal) fn report_unblock(&mut self, told: &Report) -> Result<Reported, Refusal> {
        let Some(unblocking) = self.unblockings.get_mut(&told.code) else {
            return Err(self.refused(Refusal::CodeUnknown));
        };
        match unblocking.reported {
            None => {
                unblocking.reported = Some(told.done);
                let national_id = unblocking.national_id.clone();
                self.unblocked.push(Unblocked { national_id, done: told.done });
            }
            Some(before) if before == told.done => {}
            Some(_) => return Err(self.refused(Refusal::CodeUsed)),
        }
        self.journal.record(What::UnblockReported { done: told.done });
        Ok(Reported { taken: true, lost: self.strikes_once(Fault::DropAfterSubmit) })
    }

    fn unblocking_alive(&self, code: &str, now: Instant) -> Result<(), Refusal> {
        let unblocking = self.unblockings.get(code).ok_or(Refusal::CodeUnknown)?;
        if unblocking.reported.is_some() {
            return Err(Refusal::CodeUsed);
        }
        let expired = now >= unblocking.until || self.faults.contains(&Fault::ExpiredCode);
        if expired { Err(Refusal::CodeExpired) } else { Ok(()) }
    }

    fn unblock_sms(&mut self, national_id: &str, code: String) -> Option<Sms> {
        let person = self.register.iter().find(|person| person.national_id == national_id)?;
        let to = person.online.as_ref()?.phone.clone();
        self.journal.record(What::SmsSent);
        Some(Sms {
            to, text: format!("Kamu SM kilit çözme işleminiz için SMS Onay Kodunuz: {code}"), code
        })
    }
}
