//! Between the card of whoever helps and the card of whoever is helped: one is taken out, another one put in.
//!
//! The visit of the first is over, and nothing of it is left but what its card is known by, so that it is not taken for
//! another person's. The help is for the next card, for a while, and for no other.

use std::{collections::HashSet, time::Duration};

use super::{Lamp, Now, Session, VisitId, fault::Cause, machine::State};
use crate::{
    card::{ReaderName, certificate::Certificate},
    link::{signer::Fingerprint, view::HandOver as Shown},
    redact::Personal,
};

/// What the cards of whoever helps are known by.
#[derive(Debug)]
pub(super) struct Helper {
    fingerprints: HashSet<Fingerprint>,
    national_id: Option<Personal>,
}

/// Somebody of the staff has shown who they are.
#[derive(Debug)]
pub(super) struct HandOver {
    pub(super) helper: Box<Helper>,
    /// In which they did.
    pub(super) visit: VisitId,
    pub(super) reader: ReaderName,
    pub(super) at: Shown,
    pub(super) until: Duration,
}

impl Helper {
    pub(super) fn new(fingerprints: &HashSet<Fingerprint>, certificate: &Certificate) -> Self {
        Self { fingerprints: fingerprints.clone(), national_id: certificate.national_id().cloned() }
    }

    /// Whether these certificates are of one of their cards.
    pub(super) fn has(&self, certificates: &[Vec<u8>]) -> bool {
        certificates.iter().filter_map(|der| Certificate::parse(der).ok()).any(|it| {
            let same_person = it.national_id().is_some_and(|id| Some(id) == self.national_id.as_ref());
            same_person || self.fingerprints.contains(&it.fingerprint())
        })
    }
}

impl Session {
    /// The help stands; the card that is in is asked for, or the next one.
    pub(super) fn hand_over(
        &mut self,
        (visit, reader): (VisitId, ReaderName),
        helper: Box<Helper>,
        at: Shown,
        from: &'static str,
        now: Now,
    ) {
        let at = if self.desk.readers.holds(&reader) { at } else { Shown::Person };
        let until = now.mono + self.desk.settings.patient_idle();
        let next = HandOver { helper, visit, reader, at, until };
        self.enter(Some(visit), from, None, State::HandOver(next));
        self.settle(now);
    }

    /// The helper's card is out: the other person's is next.
    pub(super) fn own_is_out(&mut self, now: Now) {
        let until = now.mono + self.desk.settings.patient_idle();
        let State::HandOver(next) = &mut self.state else { return };
        (next.at, next.until) = (Shown::Person, until);
        self.desk.turn_page();
        self.desk.light(Lamp::Invite);
        // It may be in another reader already.
        self.settle(now);
    }

    /// Nobody came, or whoever helps thought better of it: the help is over.
    pub(super) fn no_hand_over(&mut self, cause: Cause, now: Now) {
        let State::HandOver(HandOver { visit, reader, .. }) = &self.state else { return };
        let (visit, reader) = (*visit, reader.clone());
        self.ask_for_card((visit, reader), "hand-over", Some(cause), false, now);
    }
}
