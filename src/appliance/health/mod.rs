//! Whether a system that started is well: then RAUC marks it good, and it starts from now on. If it is on trial and does not
//! become well, why is written down and the board goes back to the former one.
//!
//! The system that was kept last is never left, however unwell: a reader service that died of its hardware would die in the
//! other one too. The check then goes on, so that the system is marked good when it has recovered.

mod verdict;

use std::{
    fs::{self, File},
    io::Read as _,
    path::Path,
    time::{Duration, Instant},
};

pub use verdict::{
    COMES_UP_WITHIN, Facts, STAYS_WELL_FOR, Verdict, ailment, found_at_start, in_words, is_on_trial, judge,
};

use super::update::{Roots, mark, restart, running_version};
use crate::{
    durable,
    health::Word,
    link::view::Setback,
    process,
    system::{Phase, Update},
};

/// Between two looks at what `kioskd` says.
const LOOKS_EVERY: Duration = Duration::from_millis(500);

/// Bytes of the longest word there is, and more.
const LONGEST_WORD: u64 = 4096;

/// Watches until it is decided, on the appliance.
///
/// # Errors
/// The kernel does not say which system runs, or RAUC does not mark it.
pub fn run() -> anyhow::Result<()> {
    let roots = Roots::under(Path::new("/"));
    let slot = roots.boot.running()?.name().to_owned();
    let begun = Instant::now();
    let mut facts = Facts {
        update: Update::read(&roots.state),
        kept: fs::read_to_string(&roots.kept).ok(),
        slot,
        word: None,
        well_for: None,
        waited: Duration::ZERO,
    };
    mark_kept_before(&roots, &facts);
    let mut well = Well::default();
    let mut told = None;
    loop {
        facts.word = word(&roots.word, process::since_boot());
        facts.waited = begun.elapsed();
        facts.well_for = well.since(facts.word.as_ref(), facts.waited);
        match judge(&facts) {
            Verdict::Wait => {}
            Verdict::Keep => return keep(&roots, &facts.slot, facts.update),
            Verdict::Leave(setback) => return leave(&roots, &facts.slot, facts.update, setback),
            Verdict::Stay(setback) => {
                if told != Some(setback) {
                    let reason = in_words(setback);
                    log::error!("the system is not well, and there is nothing to go back to: {reason}");
                    told = Some(setback);
                }
            }
        }
        std::thread::sleep(LOOKS_EVERY);
    }
}

/// GRUB counts every start as a try until the system is marked good, of one that was kept before too: without this a power cut
/// before it is well has the former one started.
fn mark_kept_before(roots: &Roots, facts: &Facts) {
    let kept = facts.kept.as_deref();
    if kept != Some(&facts.slot) || is_on_trial(&facts.slot, facts.update.as_ref(), kept) {
        return;
    }
    if let Err(fault) = mark(&roots.rauc, "good") {
        log::error!("the system that was kept before cannot be marked good yet: {fault}");
    }
}

/// Since when the same process has said that all is well.
#[derive(Default)]
struct Well(Option<(u32, Duration)>);

impl Well {
    fn since(&mut self, word: Option<&Word>, now: Duration) -> Option<Duration> {
        let Some(word) = word.filter(|word| ailment(word).is_none()) else {
            self.0 = None;
            return None;
        };
        let (_, since) = *self.0.get_or_insert((word.process, now));
        if self.0 != Some((word.process, since)) {
            self.0 = Some((word.process, now));
            return Some(Duration::ZERO);
        }
        Some(now.saturating_sub(since))
    }
}

/// What `kioskd` says, if it runs and has said so lately: the file stays when it is gone.
fn word(file: &Path, now: Duration) -> Option<Word> {
    let mut text = Vec::new();
    // Whoever has taken kioskd over has this process, which runs as root, hold no more than that.
    File::open(file).ok()?.take(LONGEST_WORD).read_to_end(&mut text).ok()?;
    let word: Word = serde_json::from_slice(&text).ok()?;
    word.holds(now).then_some(word)
}

fn keep(roots: &Roots, slot: &str, update: Option<Update>) -> anyhow::Result<()> {
    mark(&roots.rauc, "good")?;
    durable::replace(&roots.kept, slot.as_bytes())?;
    log::info!("the system is well and is kept");
    // Whatever was written down of it before: somebody may have written or started it by hand since.
    if let Some(mut update) = update.filter(|update| update.slot == slot && update.phase != Phase::Kept) {
        if update.phase != Phase::Trial {
            update.version = running_version(roots).map_or(update.version, |version| version.to_string());
        }
        Update { phase: Phase::Kept, reason: None, setback: None, ..update }.write(&roots.state)?;
    }
    Ok(())
}

/// Why comes first: the power may go before the board starts anew by itself.
fn leave(roots: &Roots, slot: &str, update: Option<Update>, setback: Setback) -> anyhow::Result<()> {
    let reason = in_words(setback);
    log::error!("the new system is not well and is left for the former one: {reason}");
    // One that was written by hand is known by its slot alone.
    let version = update.filter(|update| update.slot == slot).map(|update| update.version);
    let update = Update {
        phase: Phase::RolledBack,
        version: version.unwrap_or_default(),
        slot: slot.to_owned(),
        reason: Some(reason.to_owned()),
        setback: Some(setback),
    };
    if let Err(fault) = update.write(&roots.state) {
        log::error!("why cannot be written down: {fault}");
    }
    if let Err(fault) = mark(&roots.rauc, "bad") {
        // Not marked good either: the boot loader takes the former one by itself.
        log::error!("the system cannot be marked bad: {fault}");
    }
    restart(&roots.systemctl, false)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{
        Duration, Facts, LONGEST_WORD, Phase, Roots, Setback, Update, Well, Word, fs, keep, leave,
        mark_kept_before, process, word,
    };
    use crate::appliance::stand_ins::{Board, SECOND};

    const WELL: Word =
        Word { process: 7, started: 1, said_ms: 0, drawn: true, readers: true, clock: true, signer: true };

    #[test]
    fn a_file_that_nobody_stands_by_any_more_is_no_word() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("health.json");
        assert_eq!(word(&file, SECOND), None, "nothing was said yet");
        let (process, now) = (std::process::id(), 100 * SECOND);
        let said = Word { process, started: process::started(process).unwrap(), said_ms: 99_000, ..WELL };
        fs::write(&file, serde_json::to_vec(&said).unwrap()).unwrap();
        assert_eq!(word(&file, now), Some(said.clone()));
        assert_eq!(word(&file, 2 * now), None, "not said again for too long");
        let mut long = serde_json::to_vec(&said).unwrap();
        long.resize(usize::try_from(LONGEST_WORD).unwrap() + 1, b' ');
        fs::write(&file, &long).unwrap();
        assert_eq!(word(&file, now), Some(said.clone()), "the end is not looked at");
        long[4095] = b'}';
        fs::write(&file, &long).unwrap();
        assert_eq!(word(&file, now), None, "what comes after a word within the limit is");
        let gone = Word { started: said.started + 1, ..said };
        fs::write(&file, serde_json::to_vec(&gone).unwrap()).unwrap();
        assert_eq!(word(&file, now), None, "another process has its number");
    }

    #[test]
    fn being_well_counts_from_when_one_process_said_so_without_a_break() {
        let mut well = Well::default();
        assert_eq!(well.since(None, SECOND), None);
        assert_eq!(well.since(Some(&WELL), 2 * SECOND), Some(Duration::ZERO));
        assert_eq!(well.since(Some(&WELL), 5 * SECOND), Some(3 * SECOND));
        let anew = Word { process: 8, ..WELL };
        assert_eq!(well.since(Some(&anew), 6 * SECOND), Some(Duration::ZERO), "kioskd started anew");
        assert_eq!(well.since(Some(&anew), 9 * SECOND), Some(3 * SECOND));
        assert_eq!(well.since(Some(&Word { drawn: false, ..anew.clone() }), 10 * SECOND), None);
        assert_eq!(well.since(Some(&anew), 11 * SECOND), Some(Duration::ZERO));
    }

    fn trial(roots: &Roots) -> Update {
        let update = Update {
            phase: Phase::Trial,
            version: "2".into(),
            slot: "B".into(),
            reason: None,
            setback: None,
        };
        update.write(&roots.state).unwrap();
        update
    }

    #[test]
    fn a_system_that_is_kept_is_marked_good_first() {
        let board = Board::new();
        keep(&board.roots, "B", Some(trial(&board.roots))).unwrap();
        assert_eq!(board.calls(), ["rauc status mark-good booted"]);
        assert_eq!(Update::read(&board.roots.state).unwrap().phase, Phase::Kept);
        assert_eq!(fs::read_to_string(&board.roots.kept).unwrap(), "B");
        board.rauc("exit 1");
        assert!(keep(&board.roots, "B", Some(trial(&board.roots))).is_err());
        assert_eq!(Update::read(&board.roots.state).unwrap().phase, Phase::Trial, "not kept, not said so");
    }

    #[test]
    fn a_system_that_is_kept_is_said_to_be_whatever_was_said_of_it_before() {
        let board = Board::new();
        let lies = |slot: &str| Update {
            phase: Phase::RolledBack,
            slot: slot.into(),
            reason: Some("it did not come up".into()),
            setback: Some(Setback::DidNotComeUp),
            ..trial(&board.roots)
        };
        keep(&board.roots, "B", Some(lies("B"))).unwrap();
        let found = Update::read(&board.roots.state).unwrap();
        assert_eq!((found.phase, found.reason, found.setback), (Phase::Kept, None, None));
        assert_eq!(found.version, "1.4", "the one that runs");
        keep(&board.roots, "B", Some(lies("A"))).unwrap();
        assert_eq!(
            Update::read(&board.roots.state).unwrap().phase,
            Phase::Trial,
            "the other one's is left alone"
        );
    }

    #[test]
    fn a_system_that_was_kept_before_is_marked_good_at_once_and_one_on_trial_is_not() {
        let facts = |kept: Option<&str>, update| Facts {
            slot: "B".into(),
            update,
            kept: kept.map(str::to_owned),
            word: None,
            well_for: None,
            waited: Duration::ZERO,
        };
        let marked = |facts: &dyn Fn(&Roots) -> Facts| {
            let board = Board::new();
            mark_kept_before(&board.roots, &facts(&board.roots));
            board.calls() == ["rauc status mark-good booted"]
        };
        assert!(marked(&|_| facts(Some("B"), None)));
        assert!(marked(&|roots| facts(Some("B"), Some(Update { slot: "A".into(), ..trial(roots) }))));
        assert!(!marked(&|roots| facts(Some("B"), Some(trial(roots)))));
        assert!(!marked(&|_| facts(Some("A"), None)), "written by hand");
        assert!(!marked(&|_| facts(None, None)), "the first start of all");
    }

    #[test]
    fn a_system_that_is_left_has_said_why_and_the_board_starts_anew_whatever_rauc_says() {
        for rauc in ["exit 0", "exit 1"] {
            let board = Board::new();
            board.rauc(rauc);
            leave(&board.roots, "B", Some(trial(&board.roots)), Setback::NothingDrawn).unwrap();
            assert_eq!(board.calls(), ["rauc status mark-bad booted", "systemctl reboot"]);
            let last = Update::read(&board.roots.state).unwrap();
            assert_eq!(
                (last.phase, last.reason.as_deref()),
                (Phase::RolledBack, Some("the screen drew nothing"))
            );
        }
    }
}
