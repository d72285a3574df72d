//! One update, from its offer to the restart that tries it. How far it came is on the disk before each step.

use std::{fmt, fs, io, path::PathBuf, time::Duration};

use super::{Bundle, FetchError, RaucError, Roots, Version, rauc, settings};
use crate::{
    appliance::{
        boot::{self, BootError, Slot},
        health::is_on_trial,
        provision::InstallError,
    },
    config::{Config, ConfigError},
    link::view::Setback,
    system::{Phase, Update},
    visit_lock::VisitLock,
};

/// The service manager ends this process within that time, and the lock goes with it.
const RESTARTS_WITHIN: Duration = Duration::from_secs(120);

/// Why there was no update.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// A visit is open, or another update is being written.
    #[error("somebody is served, or another update is being written: not now")]
    Busy,
    /// The running system is not kept yet: an update would be written over the one there is to go back to.
    #[error("the running system, {slot}, is on trial itself: found it not kept yet, expected one that is")]
    OnTrial {
        /// The running one, by RAUC's name.
        slot: &'static str,
    },
    /// The boot loader cannot try a system; or which system runs is not known.
    #[error(transparent)]
    Boot(#[from] BootError),
    /// RAUC says no.
    #[error(transparent)]
    Rauc(#[from] RaucError),
    /// The server has another office's settings under this one's name.
    #[error(
        "the settings that came are another office's: expected those that name updates.office = \"{expected}\""
    )]
    OtherOffice {
        /// This one's.
        expected: String,
    },
    /// For another board.
    #[error("the update is for {found}, expected one for {expected}")]
    Board {
        /// Of the bundle.
        found: String,
        /// Of this board.
        expected: String,
    },
    /// Older than what runs.
    #[error("the update's version: found {found}, expected no older one than {running}, which runs")]
    Older {
        /// Of the bundle.
        found: String,
        /// Of the running system.
        running: Version,
    },
    /// The office's settings cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Newer ones cannot be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Newer ones are not taken.
    #[error(transparent)]
    Settings(#[from] InstallError),
    /// A file cannot be read or written.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What a file says cannot be.
    #[error("{file}: found no {what}")]
    Missing {
        /// The file.
        file: PathBuf,
        /// What is expected in it.
        what: &'static str,
    },
}

/// The board starts anew to try what was written; nobody is served until then.
#[derive(Debug)]
#[must_use]
pub struct Restarting(VisitLock);

impl Restarting {
    pub(super) fn holding(lock: VisitLock) -> Self {
        Self(lock)
    }

    /// Keeps everybody out until the service manager ends this process, or gives up that it will.
    pub fn hold(self) {
        std::thread::sleep(RESTARTS_WITHIN);
        drop(self.0);
    }
}

/// How looking for an update ended.
#[derive(Debug)]
pub enum Checked {
    /// The office's settings name no address.
    NotWanted,
    /// The clock cannot be trusted, so neither can certificates be judged nor hours.
    NoTime,
    /// Not at this hour.
    NotNow,
    /// Nothing newer than what runs is offered.
    UpToDate(Version),
    /// This one was tried and left again: only by hand is it taken another time.
    LeftBefore(String),
    /// The board starts anew.
    Restarting(Restarting),
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWanted => write!(f, "no address of updates is configured"),
            Self::NoTime => write!(f, "the clock is not set: no update is looked for"),
            Self::NotNow => write!(f, "updates begin at other hours"),
            Self::UpToDate(version) => write!(f, "{version} is up to date"),
            Self::LeftBefore(version) => {
                write!(f, "{version} was tried and left again: it is not taken by itself")
            }
            Self::Restarting(_) => write!(f, "the board starts anew"),
        }
    }
}

/// Looks for newer settings of the office, then for a newer version of the system, and takes over what it finds first. `now`
/// in Unix seconds, where the clock can be trusted.
///
/// # Errors
/// [`UpdateError`].
pub fn check(roots: &Roots, now: Option<i64>) -> Result<Checked, UpdateError> {
    let updates = Config::load(&roots.config)?.updates;
    let Some(address) = &updates.address else { return Ok(Checked::NotWanted) };
    let Some(now) = now else { return Ok(Checked::NoTime) };
    if !updates.may_begin(now) {
        return Ok(Checked::NotNow);
    }
    match settings::check(roots, &updates, now) {
        Ok(Some(restarting)) => return Ok(Checked::Restarting(restarting)),
        Ok(None) => {}
        // A newer system may be what mends it.
        Err(fault) => log::warn!("no newer settings of the office: {fault}"),
    }
    let running = running_version(roots)?;
    let source = format!("{}/{}/{}.raucb", address.trim_end_matches('/'), updates.channel, board(roots)?);
    let offered = rauc::inspect(&roots.busctl, &source)?;
    if Version::parse(&offered.version).is_none_or(|version| version <= running) {
        return Ok(Checked::UpToDate(running));
    }
    // Where nobody had the time, it is no fault of the system's.
    let left = |last: &Update| {
        last.phase == Phase::RolledBack
            && last.version == offered.version
            && last.setback != Some(Setback::ClockNotSet)
    };
    if Update::read(&roots.state).as_ref().is_some_and(left) {
        return Ok(Checked::LeftBefore(offered.version));
    }
    Ok(Checked::Restarting(install_inspected(roots, &source, Some(offered))?))
}

/// Takes a bundle over, from a file or an address, and starts the board anew to try it.
///
/// # Errors
/// [`UpdateError`]; why is also written down for staff, unless nothing was even looked at.
pub fn install(roots: &Roots, source: &str) -> Result<Restarting, UpdateError> {
    install_inspected(roots, source, None)
}

/// The same of a bundle that was looked at before: it is that one, or none, that is installed.
fn install_inspected(roots: &Roots, source: &str, bundle: Option<Bundle>) -> Result<Restarting, UpdateError> {
    let running = roots.boot.running()?;
    judge_trial(roots, running)?;
    let slot = running.other().name().to_owned();
    // A loader that cannot try it is named before anything else is done.
    if let Err(fault) = boot::judge_if_any(&roots.boot.firmware) {
        let reason = Some(fault.to_string());
        let setback = Some(Setback::OldLoader);
        let update = Update { phase: Phase::Refused, version: String::new(), slot, reason, setback };
        update.write(&roots.state).map_err(file(&roots.state))?;
        return Err(fault.into());
    }
    // RAUC's service writes on when whoever asked it to has gone.
    if !rauc::is_idle(&roots.busctl)? {
        return Err(UpdateError::Busy);
    }
    let lock = VisitLock::try_take(&roots.lock).map_err(file(&roots.lock))?.ok_or(UpdateError::Busy)?;
    let mut update =
        Update { phase: Phase::Writing, version: String::new(), slot, reason: None, setback: None };
    let taken = take_over(roots, source, bundle, &mut update);
    match &taken {
        Ok(()) => update.phase = Phase::Trial,
        Err(fault) => {
            rauc::wait_until_idle(&roots.busctl);
            update.phase = Phase::Refused;
            (update.reason, update.setback) = (Some(fault.to_string()), Some(Setback::Refused));
        }
    }
    // An update nobody could say the end of is not tried.
    update.write(&roots.state).map_err(file(&roots.state))?;
    taken?;
    log::info!(VERSION = update.version, SLOT = update.slot; "an update is written; the board starts anew to try it");
    rauc::restart(&roots.systemctl, roots.boot.due().is_some())?;
    Ok(Restarting(lock))
}

/// Refuses while the running system is on trial.
pub(super) fn judge_trial(roots: &Roots, running: Slot) -> Result<(), UpdateError> {
    let slot = running.name();
    let (update, kept) = (Update::read(&roots.state), fs::read_to_string(&roots.kept).ok());
    if is_on_trial(slot, update.as_ref(), kept.as_deref()) {
        return Err(UpdateError::OnTrial { slot });
    }
    Ok(())
}

fn take_over(
    roots: &Roots,
    source: &str,
    bundle: Option<Bundle>,
    update: &mut Update,
) -> Result<(), UpdateError> {
    let bundle = match bundle {
        Some(bundle) => bundle,
        None => rauc::inspect(&roots.busctl, source)?,
    };
    update.version.clone_from(&bundle.version);
    let expected = board(roots)?;
    if bundle.compatible != expected {
        return Err(UpdateError::Board { found: bundle.compatible, expected });
    }
    let running = running_version(roots)?;
    if Version::parse(&bundle.version).is_none_or(|offered| offered < running) {
        return Err(UpdateError::Older { found: bundle.version, running });
    }
    update.write(&roots.state).map_err(file(&roots.state))?;
    Ok(rauc::install((&roots.rauc, &roots.systemctl), source, &bundle, roots.writes_within)?)
}

pub(in crate::appliance) fn running_version(roots: &Roots) -> Result<Version, UpdateError> {
    let text = fs::read_to_string(&roots.os_release).map_err(file(&roots.os_release))?;
    Version::of_image(&text)
        .ok_or_else(|| UpdateError::Missing { file: roots.os_release.clone(), what: "IMAGE_VERSION=1.2.3" })
}

/// Which board this is, as bundles name it.
fn board(roots: &Roots) -> Result<String, UpdateError> {
    let text = fs::read_to_string(&roots.system_conf).map_err(file(&roots.system_conf))?;
    let board = text.lines().find_map(|line| line.strip_prefix("compatible="));
    board
        .map(|board| board.trim().to_owned())
        .ok_or_else(|| UpdateError::Missing { file: roots.system_conf.clone(), what: "compatible=" })
}

pub(super) fn file(path: &std::path::Path) -> impl FnOnce(io::Error) -> UpdateError {
    let file = path.to_owned();
    move |source| UpdateError::File { file, source }
}
