//! Updates of the whole system: looked for, taken over by RAUC into the system that does not run, and tried at the next start.
//! And newer settings of the office, from the same address.
//!
//! None begins while somebody is served, and nobody is served until the board starts anew. Who may sign one, for which board it
//! is and whether its bytes are right is RAUC's to judge. Whether the new system is well is judged by [`super::health`].

mod fetch;
mod install;
mod rauc;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod version;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

pub use fetch::FetchError;
pub(super) use install::running_version;
pub use install::{Checked, Restarting, UpdateError, check, install};
pub use rauc::{Bundle, RaucError};
pub(super) use rauc::{mark, restart};
pub use version::Version;

use super::{boot, provision, trusted_now};
use crate::{
    durable,
    system::{System, Update},
};

/// An hour's grace for the slowest line, and none for a server that trickles.
const WRITES_WITHIN: Duration = Duration::from_secs(60 * 60);

/// Where everything lies, and the programs that do what needs doing.
#[derive(Debug, Clone)]
pub struct Roots {
    /// The last update, on the data partition.
    pub state: PathBuf,
    /// The system that was kept last, by RAUC's name; on the data partition.
    pub kept: PathBuf,
    /// What is known of the running system, for everybody to read; volatile.
    pub system: PathBuf,
    /// What `kioskd` says of the kiosk.
    pub word: PathBuf,
    /// The lock that keeps visits and updates apart.
    pub lock: PathBuf,
    /// `IMAGE_VERSION` of the running system.
    pub os_release: PathBuf,
    /// RAUC's configuration: for which board.
    pub system_conf: PathBuf,
    /// The office's settings.
    pub config: PathBuf,
    /// The boot loader.
    pub boot: boot::Roots,
    /// The office's settings, as they are kept.
    pub provision: provision::Roots,
    /// The authorities that vouch for servers: those RAUC's service goes by.
    pub authorities: PathBuf,
    /// RAUC.
    pub rauc: PathBuf,
    /// The message bus's.
    pub busctl: PathBuf,
    /// The service manager's.
    pub systemctl: PathBuf,
    /// How long an update may be written; nobody is served meanwhile.
    pub writes_within: Duration,
}

impl Roots {
    /// The places of an appliance whose `/` is `root`.
    #[must_use]
    pub fn under(root: &Path) -> Self {
        Self {
            state: root.join("data/update/last.json"),
            kept: root.join("data/update/kept"),
            system: root.join("run/eimza-kiosk/system.json"),
            word: root.join("run/eimza-kiosk/metrics/health.json"),
            lock: root.join("run/eimza-kiosk/visit.lock"),
            os_release: root.join("etc/os-release"),
            system_conf: root.join("etc/rauc/system.conf"),
            config: root.join("etc/eimza-kiosk/kiosk.toml"),
            boot: boot::Roots::under(root),
            provision: provision::Roots::under(root),
            authorities: root.join("etc/ssl/certs/ca-certificates.crt"),
            rauc: root.join("usr/bin/rauc"),
            busctl: root.join("usr/bin/busctl"),
            systemctl: root.join("usr/bin/systemctl"),
            writes_within: WRITES_WITHIN,
        }
    }
}

/// Writes down what became of the last update by the time this system started, and tells everybody which system runs.
///
/// # Errors
/// The kernel does not say which system runs, or nothing can be written.
pub fn settle(roots: &Roots) -> anyhow::Result<System> {
    let slot = roots.boot.running()?.name();
    let mut update = Update::read(&roots.state);
    if let Some(found) = update.as_ref().and_then(|update| super::health::found_at_start(update, slot)) {
        if let Some(reason) = &found.reason {
            log::warn!(VERSION = found.version, SLOT = found.slot; "the last update is not in force: {reason}");
        }
        found.write(&roots.state)?;
        update = Some(found);
    }
    let version = install::running_version(roots).ok().map(|version| version.to_string());
    let system = System { slot: Some(slot.to_owned()), version, update };
    durable::replace(&roots.system, &serde_json::to_vec(&system)?)?;
    Ok(system)
}

/// `update settle`, on the appliance.
///
/// # Errors
/// As [`settle`].
pub fn settle_and_tell() -> anyhow::Result<()> {
    settle(&Roots::under(Path::new("/"))).map(drop)
}

/// `update check`, on the appliance.
///
/// # Errors
/// Why nothing could be looked for, or what was found was not taken.
pub fn check_and_tell() -> anyhow::Result<()> {
    let roots = Roots::under(Path::new("/"));
    let done = check(&roots, trusted_now(&roots.config))?;
    log::info!("{done}");
    if let Checked::Restarting(restarting) = done {
        restarting.hold();
    }
    Ok(())
}

/// `update install FILE|URL`, on the appliance.
///
/// # Errors
/// Why it was not taken.
pub fn install_and_tell(source: &str) -> anyhow::Result<()> {
    // RAUC's service looks for files from its own folder.
    let source = if source.starts_with("https://") {
        source.to_owned()
    } else {
        std::path::absolute(source)?.display().to_string()
    };
    install(&Roots::under(Path::new("/")), &source)?.hold();
    Ok(())
}
