//! Takes a new bundle over: verified and judged first, then put in force in steps that may each be the last.
//!
//! Whatever step the power goes after, the former bundle or the new one is whole and in its place.

use std::{fs, io, path::Path};

use serde_json::{Value, json};

use super::{Roots, remove_folder};
use crate::{
    durable,
    provision::{self, Contents, ProvisionError, Trust},
};

/// A bundle that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installed {
    /// In force from the next start on.
    New {
        /// Of the bundle.
        serial: u64,
    },
    /// It is the one in force.
    Already {
        /// Of the bundle.
        serial: u64,
    },
}

/// Why a bundle was not taken; what was in force still is.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// It is not right.
    #[error(transparent)]
    Refused(#[from] ProvisionError),
    /// It is older than what was here before, or another one of the same number.
    #[error("the bundle's serial: found {found}, expected more than {newest}, which was installed before")]
    Older {
        /// Of the bundle.
        found: u64,
        /// Highest of the bundles that are kept.
        newest: u64,
    },
    /// The data partition does not take it.
    #[error("the bundle cannot be kept: {0}")]
    Disk(#[from] io::Error),
}

/// Verifies, judges and keeps a bundle, and writes down how that ended. `now` in Unix seconds, where the clock can be
/// trusted.
///
/// # Errors
/// [`InstallError`]; what was in force still is.
pub fn install(roots: &Roots, bundle: &[u8], now: Option<i64>) -> Result<Installed, InstallError> {
    let outcome = take_over(roots, bundle, now);
    // The trial is of no more use, and a leftover is removed before the next one.
    drop(remove_folder(&roots.trial()));
    match &outcome {
        Ok(Installed::New { serial }) => write_down(roots, "installed", &format!("bundle {serial}"), now),
        // Nothing became of it: how the bundle that is in force came to be stays written down.
        Ok(Installed::Already { .. }) => {}
        Err(fault) => write_down(roots, "refused", &fault.to_string(), now),
    }
    outcome
}

/// Whether a bundle that lies where it is looked for again and again is worth installing, or refusing. One that is in force
/// already or was overtaken is not, whatever has become of its signer's certificate since.
#[must_use]
pub fn is_news(roots: &Roots, bundle: &[u8]) -> bool {
    if provision::read(&roots.current()).is_ok_and(|current| current == bundle) {
        return false;
    }
    match standing(roots, bundle) {
        Ok(Standing::InForce { .. } | Standing::Overtaken { .. }) => false,
        Ok(Standing::New { .. }) | Err(_) => true,
    }
}

/// Whether a bundle's own settings say that it is looked for under this name. Verified, but for the time.
///
/// # Errors
/// [`ProvisionError`] for one that is not right.
pub fn is_for(roots: &Roots, bundle: &[u8], office: &str) -> Result<bool, ProvisionError> {
    let tar = Trust::load(&roots.trust)?.open(bundle, None)?;
    Ok(Contents::read(&tar)?.office_of_updates() == Some(office))
}

/// The same words are not written again: they are read by staff, not by a program, and the time is that of the first.
fn write_down(roots: &Roots, result: &str, reason: &str, now: Option<i64>) {
    let before: Option<Value> =
        fs::read(roots.last()).ok().and_then(|text| serde_json::from_slice(&text).ok());
    if before.is_some_and(|before| before["result"] == result && before["reason"] == reason) {
        return;
    }
    let word = json!({ "result": result, "reason": reason, "time": now });
    if let Err(fault) = durable::replace(&roots.last(), word.to_string().as_bytes()) {
        log::warn!("how the installation ended cannot be written down: {fault}");
    }
}

fn take_over(roots: &Roots, bundle: &[u8], now: Option<i64>) -> Result<Installed, InstallError> {
    let (serial, keeps_current) = match standing(roots, bundle)? {
        Standing::InForce { serial } => return Ok(Installed::Already { serial }),
        Standing::Overtaken { serial: found, newest } => return Err(InstallError::Older { found, newest }),
        Standing::New { serial, keeps_current } => (serial, keeps_current),
    };
    roots.judge(bundle, now)?;
    fs::create_dir_all(&roots.data)?;
    for step in Step::all(keeps_current) {
        step.take(roots, bundle)?;
    }
    Ok(Installed::New { serial })
}

/// How a bundle stands to those that are kept.
enum Standing {
    /// It is above them all; the current one is right, where it is worth keeping.
    New { serial: u64, keeps_current: bool },
    /// It holds the settings of the current one. Signed anew they are the same settings.
    InForce { serial: u64 },
    /// It is older than what was here before, or another one of the same number.
    Overtaken { serial: u64, newest: u64 },
}

/// Verifies a bundle, but for the time, and compares it.
fn standing(roots: &Roots, bundle: &[u8]) -> Result<Standing, ProvisionError> {
    let trust = Trust::load(&roots.trust)?;
    let tar = trust.open(bundle, None)?;
    let serial = Contents::read(&tar)?.serial;
    let kept = |file: &Path| trust.open(&provision::read(file).ok()?, None).ok();
    let serial_of = |tar: Vec<u8>| Contents::read(&tar).ok().map(|contents| contents.serial);
    let current = kept(&roots.current());
    if current.as_ref() == Some(&tar) {
        return Ok(Standing::InForce { serial });
    }
    let current = current.and_then(serial_of);
    match current.max(kept(&roots.previous()).and_then(serial_of)) {
        Some(newest) if serial <= newest => Ok(Standing::Overtaken { serial, newest }),
        Some(_) | None => Ok(Standing::New { serial, keeps_current: current.is_some() }),
    }
}

/// A step of putting a bundle in force. The power may go within any and after any.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// The new one lies beside the current one, on the disk.
    WriteBeside,
    /// The current one gets a second name, that of the previous one.
    KeepCurrent,
    /// The new one gets the name of the current one.
    PutInForce,
}

impl Step {
    /// The steps there are. A current bundle that is not right is not worth the place of a previous one.
    pub(super) fn all(keeps_current: bool) -> &'static [Self] {
        if keeps_current {
            &[Self::WriteBeside, Self::KeepCurrent, Self::PutInForce]
        } else {
            &[Self::WriteBeside, Self::PutInForce]
        }
    }

    pub(super) fn take(self, roots: &Roots, bundle: &[u8]) -> io::Result<()> {
        let current = roots.current();
        match self {
            Self::WriteBeside => durable::write_beside(&current, bundle).map(drop),
            Self::KeepCurrent => {
                let previous = roots.previous();
                let beside = durable::beside(&previous);
                match fs::remove_file(&beside) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    Ok(()) | Err(_) => {}
                }
                fs::hard_link(&current, &beside)?;
                fs::rename(&beside, &previous)?;
                durable::sync_folder(&previous)
            }
            Self::PutInForce => {
                fs::rename(durable::beside(&current), &current)?;
                durable::sync_folder(&current)
            }
        }
    }
}
