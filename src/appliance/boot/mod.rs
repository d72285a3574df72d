//! Which of the two systems starts, on a Raspberry Pi: RAUC's custom boot loader backend over the firmware's tryboot.
//!
//! The firmware reads `autoboot.txt` on the first partition: one partition starts as a rule, the other once, when the reboot
//! asks for it (`reboot "0 tryboot"`); whatever resets the board then, the next start is the rule again. So nothing counts
//! attempts, and a system becomes the rule only when it has been marked good while it runs. That a try is due lies in a
//! volatile file: a power cut before it leaves the former system. It knows nothing of updates or health.
//!
//! RAUC calls: `get-primary`, `set-primary NAME`, `get-state NAME`, `set-state NAME good|bad`, `get-current`.

mod autoboot;
mod firmware;
#[cfg(test)]
mod tests;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub use autoboot::{Autoboot, Slot};
pub use firmware::Firmware;
pub(crate) use firmware::judge_if_any;

use crate::durable;

/// Why the boot loader cannot be asked or told.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// A file cannot be read or written.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `autoboot.txt` is not one of ours.
    #[error("{file}: found {found}, expected {expected}")]
    Autoboot {
        /// The file.
        file: PathBuf,
        /// What was found.
        found: String,
        /// What is expected.
        expected: &'static str,
    },
    /// The kernel was not told which system it starts.
    #[error("the kernel's command line: found {found}, expected rauc.slot=A or rauc.slot=B")]
    Running {
        /// What was found.
        found: String,
    },
    /// The board's boot loader cannot try a system.
    #[error("{0}")]
    Firmware(String),
    /// Words RAUC does not use.
    #[error(
        "boot: found {found:?}, expected get-primary, set-primary NAME, get-state NAME, set-state NAME good|bad or get-current"
    )]
    Words {
        /// What was found.
        found: String,
    },
}

/// Where everything lies.
#[derive(Debug, Clone)]
pub struct Roots {
    /// The first partition's `autoboot.txt`.
    pub autoboot: PathBuf,
    /// Volatile: which system is to be tried at the next start.
    pub due: PathBuf,
    /// The kernel's command line.
    pub cmdline: PathBuf,
    /// What the boot loader tells of itself.
    pub firmware: PathBuf,
}

impl Roots {
    /// The places of a board whose `/` is `root`.
    #[must_use]
    pub fn under(root: &Path) -> Self {
        Self {
            autoboot: root.join("boot/autoboot.txt"),
            due: root.join("run/eimza-kiosk/tryboot"),
            cmdline: root.join("proc/cmdline"),
            firmware: root.join("proc/device-tree/chosen/bootloader"),
        }
    }

    /// Which system runs.
    ///
    /// # Errors
    /// [`BootError::Running`] where the kernel was not told.
    pub fn running(&self) -> Result<Slot, BootError> {
        let cmdline = read(&self.cmdline)?;
        let name = cmdline.split_whitespace().find_map(|word| word.strip_prefix("rauc.slot="));
        name.and_then(Slot::of)
            .ok_or_else(|| BootError::Running { found: name.unwrap_or("nothing").to_owned() })
    }

    /// Which system is to be tried at the next start.
    #[must_use]
    pub fn due(&self) -> Option<Slot> {
        fs::read_to_string(&self.due).ok().and_then(|name| Slot::of(name.trim()))
    }

    fn set_due(&self, slot: Option<Slot>) -> Result<(), BootError> {
        let told = |source| BootError::File { file: self.due.clone(), source };
        match slot {
            Some(slot) => durable::replace(&self.due, slot.name().as_bytes()).map_err(told),
            None => match fs::remove_file(&self.due) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(told(error)),
                Ok(()) | Err(_) => Ok(()),
            },
        }
    }

    fn autoboot(&self) -> Result<Autoboot, BootError> {
        Autoboot::parse(&read(&self.autoboot)?).map_err(|(found, expected)| BootError::Autoboot {
            file: self.autoboot.clone(),
            found,
            expected,
        })
    }

    /// Both files are short and in one folder of a few names: the rename is within one sector of the FAT. What is there
    /// already is not written again: a system that is kept is marked good at every start.
    fn write(&self, autoboot: &Autoboot) -> Result<(), BootError> {
        let text = autoboot.to_string();
        if read(&self.autoboot)? == text {
            return Ok(());
        }
        durable::replace(&self.autoboot, text.as_bytes())
            .map_err(|source| BootError::File { file: self.autoboot.clone(), source })
    }
}

/// Answers RAUC; what it asked for, if it asked.
///
/// # Errors
/// [`BootError`]; RAUC gives up then.
pub fn answer(roots: &Roots, words: &[&str]) -> Result<Option<&'static str>, BootError> {
    let unknown = || BootError::Words { found: words.join(" ") };
    let slot = |name: &str| Slot::of(name).ok_or_else(unknown);
    match words {
        ["get-primary"] => Ok(Some(roots.due().unwrap_or(roots.autoboot()?.rule).name())),
        ["get-current"] => Ok(Some(roots.running()?.name())),
        ["get-state", name] => {
            let slot = slot(name)?;
            let good = roots.autoboot()?.is_good(slot) || roots.due() == Some(slot);
            Ok(Some(if good { "good" } else { "bad" }))
        }
        ["set-primary", name] => {
            let (slot, autoboot) = (slot(name)?, roots.autoboot()?);
            if slot == autoboot.rule {
                roots.set_due(None)?;
            } else {
                Firmware::read(&roots.firmware).judge().map_err(BootError::Firmware)?;
                roots.write(&autoboot)?;
                roots.set_due(Some(slot))?;
            }
            Ok(None)
        }
        ["set-state", name, state @ ("good" | "bad")] => {
            let slot = slot(name)?;
            let mut autoboot = roots.autoboot()?;
            if *state == "good" {
                autoboot.mark_good(slot, roots.running()?);
            } else {
                autoboot.mark_bad(slot);
            }
            roots.write(&autoboot)?;
            // A try that was due is overtaken: the system is the rule now, or not to be started.
            if roots.due() == Some(slot) {
                roots.set_due(None)?;
            }
            Ok(None)
        }
        _ => Err(unknown()),
    }
}

/// Answers RAUC on the appliance, on standard output.
///
/// # Errors
/// [`BootError`], or nobody reads the answer.
pub fn answer_and_tell(words: &[Option<&str>]) -> anyhow::Result<()> {
    let words: Vec<&str> = words.iter().map(|word| word.unwrap_or("\u{fffd}")).collect();
    if let Some(answer) = answer(&Roots::under(Path::new("/")), &words)? {
        io::Write::write_all(&mut io::stdout(), format!("{answer}\n").as_bytes())?;
    }
    Ok(())
}

fn read(file: &Path) -> Result<String, BootError> {
    fs::read_to_string(file).map_err(|source| BootError::File { file: file.to_owned(), source })
}
