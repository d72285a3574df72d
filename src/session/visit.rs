//! One visit: who came with which card, what they said, and whether card and person are still there.
//!
//! All of it is dropped when the visit ends; it knows nothing of what a stage does.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use sha2::{Digest, Sha256};

use super::{
    OpId, Settings, VisitId,
    answers::Answers,
    fault::Cause,
    hand_over::Helper,
    help::Absence,
    sheet::Sheet,
    stage::{Patience, Phase, Stage},
};
use crate::{
    card::{ReaderName, certificate::Certificate},
    link::{
        signer::{Fingerprint, TriesLeft},
        view::{Section, Service},
    },
    redact::Personal,
};

/// What belongs to one visit, wherever it is.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) id: VisitId,
    /// What the person came for.
    pub(super) service: Service,
    /// Somebody of the staff helps.
    pub(super) assisted: bool,
    /// Who, as far as their own cards are known by it; nothing once the person's card has been read.
    pub(super) helper: Option<Box<Helper>>,
    pub(super) reader: ReaderName,
    pub(super) atr: Vec<u8>,
    /// Every certificate of the card, by which it is known again.
    pub(super) fingerprints: HashSet<Fingerprint>,
    /// Those a renewal can be signed with.
    pub(super) usable: Vec<Certificate>,
    /// The signer that is running has read this card since it was put in.
    pub(super) signer_knows: bool,
    pub(super) presence: Presence,
    pub(super) answers: Answers,
    /// The form as the portal accepted it.
    pub(super) confirmed: Option<Box<Sheet>>,
    /// The fresh security word that is offered.
    pub(super) word: Option<Personal>,
    /// The page of the form to begin with, after a correction.
    pub(super) land: Section,
    /// The card said so when it was read.
    pub(super) pin_locked: bool,
    /// Refused logins, wrong captchas apart.
    pub(super) refusals: u8,
    /// Wrong PINs, and PINs of which nobody knows whether the card weighed them.
    pub(super) wrongs: u8,
    /// At most so many tries are left, as far as the card or a wrong PIN told.
    pub(super) tries: Option<u8>,
    /// Codes whose signatures were handed in: never twice (invariant 3).
    pub(super) handed_in: BTreeSet<Personal>,
    pub(super) overlay: Overlay,
    /// When somebody last touched the screen, or a page appeared for them.
    pub(super) touched: Duration,
}

/// Whether the card is there.
#[derive(Debug)]
pub(super) enum Presence {
    In,
    /// There is none, and there was none.
    None,
    /// Not to be had. `by` is empty while nothing waits for it.
    Away {
        why: Away,
        by: Option<Duration>,
    },
    /// A card is in again and is being read: is it the same? Nothing is asked while the signer is away.
    Back {
        op: Option<OpId>,
        by: Option<Duration>,
    },
}

/// Why the card is not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Away {
    Pulled,
    Other,
    Fault(Cause),
}

impl Away {
    pub(super) fn cause(self) -> Cause {
        match self {
            Self::Pulled => Cause::CardPulled,
            Self::Other => Cause::OtherCard,
            Self::Fault(cause) => cause,
        }
    }
}

/// A question over the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overlay {
    None,
    StillThere { since: Duration },
    CancelConfirm,
}

impl Visit {
    pub(super) fn new(
        id: VisitId,
        reader: ReaderName,
        atr: Vec<u8>,
        settings: &Settings,
        now: Duration,
    ) -> Self {
        Self {
            id,
            service: Service::Renewal,
            assisted: false,
            helper: None,
            reader,
            atr,
            fingerprints: HashSet::new(),
            usable: Vec::new(),
            signer_knows: false,
            presence: Presence::In,
            answers: Answers::new(settings, None),
            confirmed: None,
            word: None,
            land: Section::Reason,
            pin_locked: false,
            refusals: 0,
            wrongs: 0,
            tries: None,
            handed_in: BTreeSet::new(),
            overlay: Overlay::None,
            touched: now,
        }
    }

    /// Somebody has come without a card: nothing waits for one.
    pub(super) fn without_card(id: VisitId, settings: &Settings, now: Duration) -> Self {
        let visit = Self::new(id, ReaderName(String::new()), Vec::new(), settings, now);
        Self { presence: Presence::None, ..visit }
    }

    /// The card, or a wrong PIN, tells how many tries are left; where it does not, what it told before holds. They become
    /// fewer, until a right PIN: a number that was told before a PIN went unheard is not believed again.
    pub(super) fn learn_tries(&mut self, told: TriesLeft) -> TriesLeft {
        match told {
            TriesLeft::Known(left) => {
                let left = self.tries.map_or(left, |fewer| fewer.min(left));
                self.tries = Some(left);
                return TriesLeft::Known(left);
            }
            TriesLeft::Locked => {}
            TriesLeft::Unknown => return self.tries.map_or(told, TriesLeft::Known),
        }
        told
    }

    /// A wrong PIN.
    pub(super) fn pin_was_wrong(&mut self, told: TriesLeft) {
        self.pin_may_be_spent();
        self.learn_tries(told);
    }

    /// A PIN was sent and nobody heard what became of it: it counts as a wrong one. Whether the card is locked
    /// is the card's word alone.
    pub(super) fn pin_may_be_spent(&mut self) {
        self.wrongs = self.wrongs.saturating_add(1);
        self.tries = self.tries.map(|left| left.saturating_sub(1).max(1));
    }

    /// A right PIN: the card counts anew.
    pub(super) fn pin_was_right(&mut self) {
        self.wrongs = 0;
        self.tries = None;
    }

    /// Whether the person came without one.
    pub(super) fn has_no_card(&self) -> bool {
        matches!(self.presence, Presence::None)
    }

    pub(super) fn is_in(&self) -> bool {
        matches!(self.presence, Presence::In | Presence::None)
    }

    /// Whether the card that is in is known to be another one.
    pub(super) fn has_other_card(&self) -> bool {
        matches!(self.presence, Presence::Away { why: Away::Other, .. })
    }

    /// Whether what is in the reader is not, or may well not be, the card the visit began with, and will not be
    /// read again by itself.
    pub(super) fn has_strange_card(&self) -> bool {
        match self.presence {
            Presence::Away { why: Away::Fault(cause), .. } => {
                !matches!(cause, Cause::ReaderLost | Cause::ReaderService)
            }
            Presence::Away { why: Away::Other, .. } => true,
            Presence::In
            | Presence::None
            | Presence::Back { .. }
            | Presence::Away { why: Away::Pulled, .. } => false,
        }
    }

    /// Whether whoever stands there may be somebody else: nothing personal is shown meanwhile (invariant 4).
    pub(super) fn may_be_a_stranger(&self) -> bool {
        self.has_strange_card() || matches!(self.presence, Presence::Back { .. })
    }

    /// Whether the page says that the card is missing.
    pub(super) fn card_missing(&self, stage: &Stage) -> bool {
        match self.presence {
            Presence::In | Presence::None => false,
            Presence::Away { .. } | Presence::Back { .. } => stage.needs_card(),
        }
    }

    /// When the card must be back: a code that was paid for with captcha and SMS is waited for to its end.
    pub(super) fn card_back_by(&self, stage: &Stage) -> Option<Duration> {
        let by = self.card_away_by()?;
        Some(stage.code().map_or(by, |code| by.max(code.by)))
    }

    /// The same without a code.
    pub(super) fn card_away_by(&self) -> Option<Duration> {
        match self.presence {
            Presence::In | Presence::None => None,
            Presence::Away { by, .. } | Presence::Back { by, .. } => by,
        }
    }

    /// When the stage ends by itself. What waits for the card waits as long as the card may be away.
    pub(super) fn stage_ends(&self, stage: &Stage) -> Option<Duration> {
        let waiting = matches!(stage, Stage::Preparing { phase: Phase::Waiting { .. }, .. });
        if waiting && self.card_missing(stage) { None } else { stage.ends() }
    }

    /// When it will be asked whether anybody is there: sooner where the sensor sees nobody (`nobody` is since when),
    /// but never sooner where a wait of the portal's gives the person time, nor while what became of a call for staff is read.
    pub(super) fn idle_at(&self, stage: &Stage, settings: &Settings, absence: Absence) -> Option<Duration> {
        if self.card_missing(stage) {
            return None;
        }
        let idle = self.touched + self.idle(settings);
        let alone = settings.wait(settings.rules.left_alone_s, self.assisted);
        let left_alone = absence.nobody.map(|since| since.max(self.touched) + alone);
        let at = match stage.patience() {
            Patience::NotWaiting => None,
            Patience::Own => left_alone,
            Patience::Idle => Some(left_alone.map_or(idle, |at| at.min(idle))),
            Patience::Until(end) => Some(idle.max(end)),
        };
        at.max(at.and(absence.excused))
    }

    /// How long nobody need touch the screen: longer where somebody helps.
    pub(super) fn idle(&self, settings: &Settings) -> Duration {
        settings.wait(settings.rules.idle_s, self.assisted)
    }

    /// When the result page closes.
    pub(super) fn result_until(&self, settings: &Settings) -> Duration {
        self.touched + settings.wait(settings.rules.result_s, self.assisted)
    }

    /// Whether this answer is the one that tells which card is in again.
    pub(super) fn is_rereading(&self, op: OpId) -> bool {
        matches!(self.presence, Presence::Back { op: Some(asked), .. } if asked == op)
    }

    /// Whether these certificates are those of the card the visit began with: one without any is never known again.
    pub(super) fn same_card(&self, certificates: &[Vec<u8>]) -> bool {
        !certificates.is_empty() && fingerprints(certificates) == self.fingerprints
    }
}

/// What a card is known by.
pub(super) fn fingerprints(certificates: &[Vec<u8>]) -> HashSet<Fingerprint> {
    certificates.iter().map(|der| Fingerprint(Sha256::digest(der).into())).collect()
}
