//! What `kioskd` says of the kiosk, in a volatile file, for the health check that keeps or leaves a new system.
//!
//! Facts only; what follows from them is decided in `kiosk-appliance`. A file outlives who wrote it, and says nothing of a
//! process that hangs: so a word holds only while its process runs and for a short time after it was said.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::process;

/// So often it is written anew, also when nothing has changed.
pub const SAID_EVERY: Duration = Duration::from_secs(1);
/// So old a word may be: three times it was not written.
pub const HOLDS_FOR: Duration = Duration::from_secs(3);

/// What was true when it was written; it is written anew whenever one of it changes, and [`SAID_EVERY`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// Whose word it is: the process that wrote it.
    pub process: u32,
    /// When that process started ([`process::started`]): its number may be another's later.
    pub started: u64,
    /// When it was written, milliseconds of the kernel's clock that nobody sets ([`process::since_boot`]).
    pub said_ms: u64,
    /// A page of this process stands on the display: the screen drew it and said so.
    pub drawn: bool,
    /// The PC/SC service answers. There may be no reader: that is no fault of the system.
    pub readers: bool,
    /// The wall clock can be trusted.
    pub clock: bool,
    /// The signer is connected.
    pub signer: bool,
}

impl Word {
    /// Whether it holds at `now` of [`process::since_boot`]: it was said lately, by a process that still runs.
    #[must_use]
    pub fn holds(&self, now: Duration) -> bool {
        let age = now.checked_sub(Duration::from_millis(self.said_ms));
        age.is_some_and(|age| age <= HOLDS_FOR)
            && process::started(self.process).is_ok_and(|started| started == self.started)
    }
}

#[cfg(test)]
mod tests {
    use std::{process::Command, time::Duration};

    use super::{HOLDS_FOR, Word, process};

    const SAID: Duration = Duration::from_secs(100);

    fn word_of(process: u32) -> Word {
        let started = process::started(process).unwrap();
        let said_ms = u64::try_from(SAID.as_millis()).unwrap();
        Word { process, started, said_ms, drawn: true, readers: true, clock: true, signer: true }
    }

    #[test]
    fn a_word_that_was_not_said_again_holds_no_longer() {
        let word = word_of(std::process::id());
        assert!(word.holds(SAID) && word.holds(SAID + HOLDS_FOR));
        assert!(!word.holds(SAID + HOLDS_FOR + Duration::from_millis(1)), "its process hangs");
        assert!(!word.holds(SAID - Duration::from_millis(1)), "of a start before");
    }

    #[test]
    fn the_word_of_a_process_that_is_gone_holds_no_longer_nor_does_one_of_its_number() {
        let mut process = Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let word = word_of(process.id());
        assert!(word.holds(SAID));
        let of_its_number = Word { started: word.started + 1, ..word.clone() };
        assert!(!of_its_number.holds(SAID));
        process.kill().unwrap();
        process.wait().unwrap();
        assert!(!word.holds(SAID));
    }
}
