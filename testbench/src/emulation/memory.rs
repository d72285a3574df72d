//! Memory of a guest: in use in total, and of each process its share (PSS), which adds up where pages are shared.
//!
//! It asks through the agent, and leaves out what is there for the asking; whose process it is, is not its affair.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context;

use super::agent::Agent;

/// The guest looks through its processes within this time.
const LOOKED_WITHIN: Duration = Duration::from_secs(120);
/// The agent and what it runs.
const ASKING: [&str; 5] = ["qemu-ga", "sh", "cat", "sed", "tr"];
/// Total and free memory, then of each process its name and its share; a thread of the kernel has none.
const SCRIPT: &str = "grep -e MemTotal -e MemAvailable /proc/meminfo; for p in /proc/[0-9]*; do \
    s=$(sed -n 's/^Pss: *\\([0-9]*\\).*/\\1/p' $p/smaps_rollup 2>/dev/null) && [ -n \"$s\" ] && \
    echo \"$s $(tr ' ' '_' < $p/comm)\"; done; true";

/// What is in use at one moment, in KiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// What the kernel has.
    pub total: u64,
    /// What is not available to a program that would want it.
    pub used: u64,
    /// Shares by the name of the process, those of one name together.
    pub processes: BTreeMap<String, u64>,
}

impl Memory {
    /// What is in use in the guest now.
    ///
    /// # Errors
    /// When the guest does not tell.
    pub fn of(agent: &Agent) -> anyhow::Result<Self> {
        let told = agent.run(SCRIPT, LOOKED_WITHIN)?.output;
        Self::read(&told).with_context(|| format!("memory of the guest in {told:?}"))
    }

    fn read(told: &str) -> Option<Self> {
        let kib = |name: &str| -> Option<u64> {
            told.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
        };
        let (total, available) = (kib("MemTotal:")?, kib("MemAvailable:")?);
        let mut processes = BTreeMap::new();
        for line in told.lines().filter(|line| !line.starts_with("Mem")) {
            let (share, name) = line.split_once(' ')?;
            if !ASKING.contains(&name) {
                *processes.entry(name.to_owned()).or_insert(0) += share.parse::<u64>().ok()?;
            }
        }
        Some(Self { total, used: total.checked_sub(available)?, processes })
    }

    /// Of all processes together.
    #[must_use]
    pub fn of_processes(&self) -> u64 {
        self.processes.values().sum()
    }
}

/// KiB in words.
#[must_use]
pub fn mib(kib: u64) -> String {
    format!("{:.1} MiB", kib as f64 / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::{Memory, mib};

    #[test]
    fn shares_of_one_name_are_added_and_who_asks_is_left_out() {
        let told = "MemTotal:         987000 kB\nMemAvailable:     800000 kB\n5000 kioskd\n300 systemd\n\
             200 systemd\n900 qemu-ga\n80 sh\n7 Web_Content\n";
        let memory = Memory::read(told).unwrap();
        assert_eq!((memory.total, memory.used), (987_000, 187_000));
        let processes: Vec<_> = memory.processes.iter().map(|(name, kib)| (name.as_str(), *kib)).collect();
        assert_eq!(processes, [("Web_Content", 7), ("kioskd", 5000), ("systemd", 500)]);
        assert_eq!(memory.of_processes(), 5507);
        assert_eq!(mib(memory.used), "182.6 MiB");
    }

    #[test]
    fn an_answer_that_is_none_is_not_taken_for_little_memory() {
        for told in [
            "",
            "MemTotal: 5 kB\n",
            "MemTotal: 5 kB\nMemAvailable: 9 kB\n",
            "MemTotal: 5 kB\nMemAvailable: 1 kB\nx y\n",
        ] {
            assert_eq!(Memory::read(told), None, "{told:?}");
        }
    }
}
