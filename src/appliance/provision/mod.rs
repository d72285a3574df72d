//! Which of an office's signed bundles is in force: kept on the data partition, judged anew at each boot.
//!
//! The data partition is not trusted: whatever lies there is verified before anything of it is used. It knows nothing of
//! what a bundle holds; [`crate::provision`] does.

mod activate;
mod install;
#[cfg(test)]
mod tests;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub use activate::{Activated, InForce, activate};
pub use install::{InstallError, Installed, install, is_for, is_news};

use anyhow::Context as _;

use super::trusted_now;
use crate::provision::{self, Contents, Places, ProvisionError, Trust, unpack};

/// Where everything lies.
#[derive(Debug, Clone)]
pub struct Roots {
    /// On the data partition: `current.bundle`, `previous.bundle`, and the last outcome.
    pub data: PathBuf,
    /// Volatile: the configuration in force, and a word on which one it is.
    pub run: PathBuf,
    /// The boot partition, where staff may lay a bundle.
    pub medium: PathBuf,
    /// The provisioning authority.
    pub trust: PathBuf,
    /// What of the image a configuration is composed with.
    pub places: Places,
}

impl Roots {
    /// The places of an appliance whose `/` is `root`.
    #[must_use]
    pub fn under(root: &Path) -> Self {
        Self {
            data: root.join("data/provision"),
            run: root.join("run/eimza-kiosk"),
            medium: root.join("boot"),
            trust: root.join("etc/eimza-kiosk/trust/provision-ca.pem"),
            places: Places {
                machine: root.join("usr/share/eimza-kiosk/machine.toml"),
                profiles: root.join("usr/share/eimza-kiosk/profiles"),
            },
        }
    }

    fn current(&self) -> PathBuf {
        self.data.join("current.bundle")
    }

    fn previous(&self) -> PathBuf {
        self.data.join("previous.bundle")
    }

    /// How the last installation ended.
    fn last(&self) -> PathBuf {
        self.data.join("last.json")
    }

    fn on_medium(&self) -> PathBuf {
        self.medium.join("eimza-kiosk.bundle")
    }

    /// Where a bundle is laid out to be judged.
    fn trial(&self) -> PathBuf {
        self.run.join("provision.trial")
    }

    /// Verifies a bundle and lays it out in [`Self::trial`], where it was found sound.
    fn judge(&self, bundle: &[u8], now: Option<i64>) -> Result<Contents, ProvisionError> {
        let tar = Trust::load(&self.trust)?.open(bundle, now)?;
        let contents = Contents::read(&tar)?;
        let trial = self.trial();
        remove_folder(&trial).map_err(ProvisionError::file(&trial))?;
        fs::create_dir_all(&self.run).map_err(ProvisionError::file(&self.run))?;
        unpack(&contents, &self.places, &trial)?;
        Ok(contents)
    }
}

/// Puts the settings of this boot in force. What was not right on the way there is logged and kept.
///
/// # Errors
/// Where not even the board's own settings can be put in place.
pub fn activate_and_tell() -> anyhow::Result<()> {
    let roots = Roots::under(Path::new("/"));
    let activated = activate(&roots, trusted_now(&roots.places.machine))?;
    for problem in &activated.problems {
        log::warn!("{problem}");
    }
    log::info!("{activated}");
    Ok(())
}

/// Takes a bundle over.
///
/// # Errors
/// Why it was not taken.
pub fn install_and_tell(file: &Path) -> anyhow::Result<()> {
    let named = || file.display().to_string();
    let bundle = provision::read(file).with_context(named)?;
    let roots = Roots::under(Path::new("/"));
    match install(&roots, &bundle, trusted_now(&roots.places.machine)).with_context(named)? {
        Installed::New { serial } => log::info!("bundle {serial} is in force from the next start on"),
        Installed::Already { serial } => log::info!("bundle {serial} is in force already"),
    }
    Ok(())
}

fn remove_folder(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
