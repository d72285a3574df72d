//! Takes a new bundle over: verified and judged first, then put in force in steps that may each be the last.
//!
//! Whatever step the power goes after, the former bundle or the new one is whole and in its place.

use std::{fs, io, path::Path};

use serde_json::json;

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
    let (result, text) = match &outcome {
        Ok(Installed::New { serial }) => ("installed", format!("bundle {serial}")),
        Ok(Installed::Already { serial }) => ("already", format!("bundle {serial}")),
        Err(fault) => ("refused", fault.to_string()),
    };
    let word = json!({ "result": result, "reason": text, "time": now });
    if let Err(fault) = durable::replace(&roots.last(), word.to_string().as_bytes()) {
        log::warn!("how the installation ended cannot be written down: {fault}");
    }
    outcome
}

fn take_over(roots: &Roots, bundle: &[u8], now: Option<i64>) -> Result<Installed, InstallError> {
    let serial = roots.judge(bundle, now)?.serial;
    fs::create_dir_all(&roots.data)?;
    let trust = Trust::load(&roots.trust)?;
    let kept = |file: &Path| trust.open(&provision::read(file).ok()?, None).ok();
    let serial_of = |tar: Vec<u8>| Contents::read(&tar).ok().map(|contents| contents.serial);
    let current = kept(&roots.current());
    // The same settings signed anew are the same settings.
    if current.is_some() && current == trust.open(bundle, None).ok() {
        return Ok(Installed::Already { serial });
    }
    let current = current.and_then(serial_of);
    if let Some(newest) = current.max(kept(&roots.previous()).and_then(serial_of))
        && serial <= newest
    {
        return Err(InstallError::Older { found: serial, newest });
    }
    for step in Step::all(current.is_some()) {
        step.take(roots, bundle)?;
    }
    Ok(Installed::New { serial })
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
