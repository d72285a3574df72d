//! Says in a volatile file how the kiosk is, whenever that changes and every second, for the health check of the system.
//!
//! What is true of readers, clock and signer the session knows; that a page stands on the display the screen says. It
//! draws no conclusion.

use std::{path::PathBuf, time::Duration};

use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::{
    durable,
    health::{SAID_EVERY, Word},
    process,
};

/// The file, and what it says.
#[derive(Debug)]
pub(super) struct Health {
    told: Option<Told>,
    drawn: bool,
}

#[derive(Debug)]
struct Told {
    file: PathBuf,
    /// When this process started.
    started: u64,
    /// What the file says; nothing, where it is to be written again.
    word: Option<Word>,
    /// The last attempt failed, and that was logged.
    failed: bool,
    beat: Interval,
}

impl Health {
    /// Inside the runtime: it brings a clock of its own.
    pub(super) fn new(file: Option<PathBuf>) -> Self {
        let told = file.map(|file| {
            let started = process::started(std::process::id()).unwrap_or_else(|error| {
                log::error!(
                    "no health check will believe this process: when it started is not known: {error}"
                );
                0
            });
            let mut beat = interval(SAID_EVERY);
            beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
            Told { file, started, word: None, failed: false, beat }
        });
        Self { told, drawn: false }
    }

    /// A page stands on the display, or its screen is gone.
    pub(super) fn drawn(&mut self, is: bool) {
        self.drawn = is;
    }

    /// Waits until it is to be said again. Safe to drop while waiting.
    pub(super) async fn due(&mut self) {
        match &mut self.told {
            Some(told) => drop(told.beat.tick().await),
            None => std::future::pending().await,
        }
    }

    /// What was told is to be told again, though it be the same.
    pub(super) fn again(&mut self) {
        if let Some(told) = &mut self.told {
            told.word = None;
        }
    }

    /// Writes it down, if it is another word than before. `now` of [`process::since_boot`].
    pub(super) fn tell(&mut self, (readers, clock, signer): (bool, bool, bool), now: Duration) {
        let Some(told) = &mut self.told else { return };
        let said_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let (process, started) = (std::process::id(), told.started);
        let word = Word { process, started, said_ms, drawn: self.drawn, readers, clock, signer };
        if told.word.as_ref().is_some_and(|told| Word { said_ms, ..told.clone() } == word) {
            return;
        }
        let text = serde_json::to_vec(&word).unwrap_or_default();
        let written = durable::replace(&told.file, &text);
        if let Err(error) = &written
            && !told.failed
        {
            log::error!("{}: {error}", told.file.display());
        }
        told.failed = written.is_err();
        told.word = Some(word);
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use super::{Health, Word};

    const ALL: (bool, bool, bool) = (true, true, true);

    #[tokio::test]
    async fn a_word_is_written_when_it_changes_and_when_it_is_due() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("health.json");
        let mut health = Health::new(Some(file.clone()));
        let said = |health: &mut Health, facts, seconds| {
            health.tell(facts, Duration::from_secs(seconds));
            serde_json::from_slice::<Word>(&fs::read(&file).unwrap()).unwrap()
        };
        let first = said(&mut health, ALL, 100);
        assert!(first.holds(Duration::from_secs(100)), "{first:?}");
        assert_eq!(said(&mut health, ALL, 101), first, "nothing is new, and nothing due");
        assert_eq!(said(&mut health, (true, true, false), 102).said_ms, 102_000);
        health.due().await;
        health.again();
        assert_eq!(said(&mut health, (true, true, false), 103).said_ms, 103_000);
    }
}
