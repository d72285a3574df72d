//! `autoboot.txt`: which boot partition the firmware takes as a rule, and which when it is asked to try the other.
//!
//! The firmware does not read the comment line; it is where we keep which systems have been well. Pure.

use std::fmt;

/// One of the two systems, by the name RAUC and the kernel's command line have for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Boot partition 2.
    A,
    /// Boot partition 4.
    B,
}

impl Slot {
    /// By its name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        [Self::A, Self::B].into_iter().find(|slot| slot.name() == name)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }

    /// Its boot partition on the card (`image/genimage/raspberrypi-card.cfg`).
    fn partition(self) -> u32 {
        match self {
            Self::A => 2,
            Self::B => 4,
        }
    }

    /// The one beside it.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Autoboot {
    /// The system that starts as a rule. The other one is what a try starts.
    pub rule: Slot,
    good: Vec<Slot>,
}

const EXPECTED: &str =
    "[all] with tryboot_a_b=1 and boot_partition=2 or 4, [tryboot] with the other partition";
const GOOD: &str = "# good:";

impl Autoboot {
    /// Reads the file: what was found and what is expected, if it is not one of ours.
    ///
    /// # Errors
    /// A pair of what was found and what is expected.
    pub fn parse(text: &str) -> Result<Self, (String, &'static str)> {
        let (mut rule, mut tried, mut by_partition, mut section) = (None, None, false, "");
        let mut good = None;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if let Some(names) = line.strip_prefix(GOOD) {
                good = Some(names.split_whitespace().filter_map(Slot::of).collect());
                continue;
            }
            if line.starts_with('#') {
                continue;
            }
            let partition = || {
                let number =
                    line.strip_prefix("boot_partition=").and_then(|number| number.parse::<u32>().ok());
                [Slot::A, Slot::B].into_iter().find(|slot| Some(slot.partition()) == number)
            };
            match (section, line) {
                (_, "[all]" | "[tryboot]") => section = line,
                ("[all]", "tryboot_a_b=1") => by_partition = true,
                ("[all]", _) if partition().is_some() => rule = partition(),
                ("[tryboot]", _) if partition().is_some() => tried = partition(),
                _ => return Err((format!("{line:?}"), EXPECTED)),
            }
        }
        match (rule, tried) {
            (Some(rule), Some(tried)) if by_partition && tried == rule.other() => {
                // As it comes from the factory there is no such line, and the other system is empty.
                Ok(Self { rule, good: good.unwrap_or_else(|| vec![rule]) })
            }
            _ => Err(("a file without all of it".to_owned(), EXPECTED)),
        }
    }

    /// Whether a system has been well and not been marked bad since.
    #[must_use]
    pub fn is_good(&self, slot: Slot) -> bool {
        self.good.contains(&slot)
    }

    /// A system is well; the one that runs becomes the rule by it.
    pub fn mark_good(&mut self, slot: Slot, running: Slot) {
        if !self.is_good(slot) {
            self.good.push(slot);
        }
        if slot == running {
            self.rule = slot;
        }
    }

    /// A system is not to be started; the rule goes to the other one only if that has been well.
    pub fn mark_bad(&mut self, slot: Slot) {
        self.good.retain(|good| *good != slot);
        if slot == self.rule && self.is_good(slot.other()) {
            self.rule = slot.other();
        }
    }
}

impl fmt::Display for Autoboot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let good: Vec<_> = self.good.iter().map(|slot| slot.name()).collect();
        write!(
            f,
            "{GOOD} {}\n[all]\ntryboot_a_b=1\nboot_partition={}\n[tryboot]\nboot_partition={}\n",
            good.join(" "),
            self.rule.partition(),
            self.rule.other().partition(),
        )
    }
}
