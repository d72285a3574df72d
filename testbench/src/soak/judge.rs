//! What must hold after every step, and what the processes may have grown by at the end.
//!
//! It counts what portal and card saw; it knows nothing of what was done to them.

use std::{fs, path::Path, sync::mpsc::Receiver};

use anyhow::{Context, ensure};

use crate::{
    card::{Event, Slot},
    demo::bench::Bench,
    portal::{SimEvent, Simulator, What},
};

/// Texts of one application: the form and the undertaking.
const TEXTS: usize = 2;
/// Memory may differ so much between two like moments: pages of a library touched for the first time.
const SLACK_KIB: u64 = 16 * 1024;

/// What the portal was asked for and the card did.
pub struct Judge {
    events: Receiver<SimEvent>,
    /// Card events of the visits before.
    seen: usize,
    codes: usize,
    received: usize,
    /// PINs typed in the visits before.
    pins: usize,
}

impl Judge {
    /// Begins to count.
    #[must_use]
    pub fn new(bench: &Bench) -> Self {
        Self {
            events: bench.portal.events(),
            seen: bench.slot.events().len(),
            codes: 0,
            received: 0,
            pins: 0,
        }
    }

    /// What holds at any moment; `typed` PINs in this visit.
    ///
    /// # Errors
    /// Names what does not.
    pub fn look(&mut self, portal: &Simulator, slot: &Slot, typed: usize) -> anyhow::Result<()> {
        for event in self.events.try_iter() {
            match event.what {
                What::CodeIssued => self.codes += 1,
                What::ApplicationReceived { .. } => self.received += 1,
                What::Served { .. }
                | What::FaultStruck { .. }
                | What::FaultsSet { .. }
                | What::SmsSent
                | What::TextsHandedOut { .. }
                | What::SigningRefused { .. }
                | What::ServedOnline { .. }
                | What::WordReset
                | What::UnblockBegun
                | What::UnblockGranted
                | What::UnblockReported { .. } => {}
            }
        }
        ensure!(
            self.received <= self.codes,
            "{} applications were handed in for {} codes",
            self.received,
            self.codes
        );
        ensure!(portal.applications().len() > self.received, "an application got lost");
        let events = slot.events();
        let (mut verified, mut signed) = (0, 0);
        for event in &events[self.seen.min(events.len())..] {
            if let Event::Answered { command, status } = event {
                match *command {
                    "VERIFY" => {
                        ensure!(*status == 0x9000, "the right PIN was answered with {status:04X}");
                        verified += 1;
                    }
                    "PERFORM SECURITY OPERATION" if *status == 0x9000 => signed += 1,
                    _ => {}
                }
            }
        }
        let pins = self.pins + typed;
        ensure!(verified <= pins * TEXTS, "{verified} VERIFY for {pins} PINs");
        ensure!(signed == 0 || verified > 0, "a signature without a VERIFY");
        Ok(())
    }

    /// The visit is over in which so many PINs were typed.
    pub fn visit_over(&mut self, typed: usize) {
        self.pins += typed;
    }
}

/// What a process holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Which.
    pub name: &'static str,
    /// Open descriptors.
    pub descriptors: usize,
    /// Threads.
    pub threads: usize,
    /// Resident memory, KiB.
    pub resident_kib: u64,
}

impl Usage {
    /// Reads it from `/proc`.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn of(name: &'static str, pid: u32) -> anyhow::Result<Self> {
        let process = Path::new("/proc").join(pid.to_string());
        let count =
            |folder: &str| -> anyhow::Result<usize> { Ok(fs::read_dir(process.join(folder))?.count()) };
        let status = fs::read_to_string(process.join("status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(Self {
            name,
            descriptors: count("fd")?,
            threads: count("task")?,
            resident_kib: resident.trim().trim_end_matches(" kB").parse()?,
        })
    }
}

/// Descriptors and threads are the same at two like moments, memory nearly.
///
/// # Errors
/// Names the process that holds more.
pub fn steady(before: &[Usage], after: &[Usage]) -> anyhow::Result<()> {
    for (before, after) in before.iter().zip(after) {
        let held = after.descriptors <= before.descriptors
            && after.threads <= before.threads
            && after.resident_kib <= before.resident_kib + SLACK_KIB;
        ensure!(held, "{} holds more than before: {before:?}, {after:?}", after.name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Usage, steady};

    fn usage(descriptors: usize, threads: usize, resident_kib: u64) -> [Usage; 1] {
        [Usage { name: "DENEME", descriptors, threads, resident_kib }]
    }

    #[test]
    fn a_descriptor_or_thread_more_is_a_leak_and_so_is_memory_beyond_the_slack() {
        let before = usage(10, 3, 20_000);
        assert!(steady(&before, &usage(10, 3, 30_000)).is_ok());
        for leak in [usage(11, 3, 20_000), usage(10, 4, 20_000), usage(10, 3, 60_000)] {
            assert!(steady(&before, &leak).is_err(), "{leak:?}");
        }
    }

    #[test]
    fn this_process_has_descriptors_threads_and_memory() {
        let usage = Usage::of("this", std::process::id()).expect("it runs");
        assert!(usage.descriptors > 0 && usage.threads > 0 && usage.resident_kib > 0);
    }
}
