//! From what is known of a system that started to what becomes of it. Pure.

use std::time::Duration;

use crate::{
    health::Word,
    link::view::Setback,
    system::{Phase, Update},
};

/// So long a system has to come up in. A board that is emulated takes minutes.
pub const COMES_UP_WITHIN: Duration = Duration::from_secs(240);
/// So long it has to stay well.
pub const STAYS_WELL_FOR: Duration = Duration::from_secs(5);

/// What is known.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The running system, by RAUC's name.
    pub slot: String,
    /// The last update, as it was found at this start.
    pub update: Option<Update>,
    /// The system that was kept last. Where another one runs, somebody had RAUC write it by hand, or the boot loader left
    /// the kept one.
    pub kept: Option<String>,
    /// What `kioskd` says, if it has said anything since the start.
    pub word: Option<Word>,
    /// So long the same process has said that all is well.
    pub well_for: Option<Duration>,
    /// So long this check runs.
    pub waited: Duration,
}

/// What becomes of the running system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may still come up.
    Wait,
    /// It is well: it is kept.
    Keep,
    /// It is on trial and not well, for this reason: it is left for the former one.
    Leave(Setback),
    /// It is not well, for this reason, and there is nothing to go back to: it was well before, or is the only one.
    Stay(Setback),
}

/// What is to be done.
#[must_use]
pub fn judge(facts: &Facts) -> Verdict {
    let ailment = facts.word.as_ref().map_or(Some(Setback::NoSupervisor), ailment);
    let Some(ailment) = ailment else {
        let long_enough = facts.well_for.is_some_and(|well| well >= STAYS_WELL_FOR);
        return if long_enough { Verdict::Keep } else { Verdict::Wait };
    };
    if facts.waited < COMES_UP_WITHIN {
        return Verdict::Wait;
    }
    if is_on_trial(facts) { Verdict::Leave(ailment) } else { Verdict::Stay(ailment) }
}

/// What a word says is not well, worst first.
#[must_use]
pub fn ailment(word: &Word) -> Option<Setback> {
    [
        (word.drawn, Setback::NothingDrawn),
        (word.readers, Setback::NoReaderService),
        (word.signer, Setback::NoSigner),
        (word.clock, Setback::ClockNotSet),
    ]
    .into_iter()
    .find_map(|(is, ailment)| (!is).then_some(ailment))
}

/// For the journal and whoever reads the files.
#[must_use]
pub fn in_words(setback: Setback) -> &'static str {
    match setback {
        Setback::OldLoader => "the board's boot loader is too old",
        Setback::Refused => "it was refused",
        Setback::PowerCut => "the power went while it was written",
        Setback::DidNotComeUp => "it did not come up",
        Setback::NoSupervisor => "the kiosk's main program does not serve",
        Setback::NothingDrawn => "the screen drew nothing",
        Setback::NoReaderService => "the reader service does not answer",
        Setback::NoSigner => "the signer does not come up",
        Setback::ClockNotSet => "neither a time server nor a clock of the board has set the clock",
    }
}

fn is_on_trial(facts: &Facts) -> bool {
    let another_was_kept = facts.kept.as_ref().is_some_and(|kept| *kept != facts.slot);
    another_was_kept
        || facts
            .update
            .as_ref()
            .is_some_and(|update| update.phase == Phase::Trial && update.slot == facts.slot)
}

/// What the last update has become by the time a system started: the state to be written, if it is another.
#[must_use]
pub fn found_at_start(update: &Update, running: &str) -> Option<Update> {
    let is = |phase, setback| {
        let (reason, setback) = (Some(in_words(setback).to_owned()), Some(setback));
        Some(Update { phase, reason, setback, ..update.clone() })
    };
    match update.phase {
        Phase::Writing => is(Phase::Refused, Setback::PowerCut),
        Phase::Trial if update.slot != running => is(Phase::RolledBack, Setback::DidNotComeUp),
        Phase::Trial | Phase::Kept | Phase::Refused | Phase::RolledBack => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        COMES_UP_WITHIN, Duration, Facts, Phase, STAYS_WELL_FOR, Setback, Update, Verdict, Word,
        found_at_start, judge,
    };

    const WELL: Word =
        Word { process: 7, started: 1, said_ms: 0, drawn: true, readers: true, clock: true, signer: true };

    fn update(phase: Phase, slot: &str) -> Update {
        Update { phase, version: "2".into(), slot: slot.into(), reason: None, setback: None }
    }

    fn facts(word: Option<Word>, waited: Duration) -> Facts {
        Facts {
            slot: "B".into(),
            update: Some(update(Phase::Trial, "B")),
            kept: None,
            word,
            well_for: None,
            waited,
        }
    }

    #[test]
    fn a_system_that_stays_well_is_kept_and_not_before() {
        let mut facts = facts(Some(WELL), Duration::ZERO);
        assert_eq!(judge(&facts), Verdict::Wait);
        facts.well_for = Some(STAYS_WELL_FOR - Duration::from_millis(1));
        facts.waited = COMES_UP_WITHIN * 2;
        assert_eq!(judge(&facts), Verdict::Wait, "it became well at the last moment");
        facts.well_for = Some(STAYS_WELL_FOR);
        assert_eq!(judge(&facts), Verdict::Keep);
    }

    #[test]
    fn a_system_on_trial_that_is_not_well_in_time_is_left_and_it_is_said_why() {
        for (word, reason) in [
            (None, Setback::NoSupervisor),
            (Some(Word { drawn: false, readers: false, ..WELL }), Setback::NothingDrawn),
            (Some(Word { readers: false, ..WELL }), Setback::NoReaderService),
            (Some(Word { signer: false, ..WELL }), Setback::NoSigner),
            (Some(Word { clock: false, ..WELL }), Setback::ClockNotSet),
        ] {
            assert_eq!(judge(&facts(word.clone(), COMES_UP_WITHIN - Duration::from_secs(1))), Verdict::Wait);
            assert_eq!(judge(&facts(word, COMES_UP_WITHIN)), Verdict::Leave(reason));
        }
    }

    #[test]
    fn a_system_that_was_kept_before_or_is_the_only_one_is_never_left() {
        for last in [
            None,
            Some(update(Phase::Trial, "A")),
            Some(update(Phase::Kept, "B")),
            Some(update(Phase::RolledBack, "A")),
        ] {
            let facts = Facts { update: last, ..facts(None, COMES_UP_WITHIN) };
            assert!(matches!(judge(&facts), Verdict::Stay(_)), "{facts:?}");
        }
    }

    #[test]
    fn a_system_that_was_written_by_hand_is_on_trial_while_another_is_the_kept_one() {
        let by_hand =
            |kept: &str| Facts { update: None, kept: Some(kept.to_owned()), ..facts(None, COMES_UP_WITHIN) };
        assert_eq!(judge(&by_hand("A")), Verdict::Leave(Setback::NoSupervisor));
        assert_eq!(judge(&by_hand("B")), Verdict::Stay(Setback::NoSupervisor));
    }

    #[test]
    fn what_became_of_an_update_is_known_at_the_next_start() {
        let found = |phase, running| found_at_start(&update(phase, "B"), running);
        let cut = found(Phase::Writing, "A").unwrap();
        assert_eq!(
            (cut.phase, cut.reason.as_deref()),
            (Phase::Refused, Some("the power went while it was written"))
        );
        assert_eq!(found(Phase::Trial, "B"), None, "it is to be judged");
        let back = found(Phase::Trial, "A").unwrap();
        assert_eq!((back.phase, back.reason.as_deref()), (Phase::RolledBack, Some("it did not come up")));
        for phase in [Phase::Kept, Phase::Refused, Phase::RolledBack] {
            assert_eq!(found(phase, "A"), None);
        }
    }
}
