//! Judges a bundle on any machine, as the appliance will: for whoever makes one.
//!
//! It leaves nothing behind and needs nothing of an appliance; what the image would bring can be named.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use super::{Contents, Places, ProvisionError, Trust, read, unpack};

/// Sections of the image that a bundle can be judged beside, where there is no image.
const SOME_BOARD: &str = "[links]
screen = \"/run/eimza-kiosk/screen.sock\"
signer = \"/run/eimza-kiosk/signer.sock\"
pin = \"/run/eimza-kiosk/pin.sock\"
submission_flag = \"/run/eimza-kiosk/in-flight\"
[token]
";

/// What stands in for the image.
#[derive(Debug, Default)]
pub struct Bench {
    /// The provisioning authority; left out, the one of the image.
    pub authority: Option<PathBuf>,
    /// The board's own sections; left out, those of some board.
    pub machine: Option<PathBuf>,
    /// The folder of the image's profiles; left out, the one of the image.
    pub profiles: Option<PathBuf>,
}

impl Bench {
    /// Its serial and the institution's name. The signer's certificate may have expired: that is judged when a bundle is
    /// installed.
    ///
    /// # Errors
    /// [`ProvisionError`], naming what was found and what is expected.
    pub fn judge(self, bundle: &Path) -> Result<(u64, String), ProvisionError> {
        let authority = self.authority.unwrap_or_else(|| "/etc/eimza-kiosk/trust/provision-ca.pem".into());
        let tar = Trust::load(&authority)?.open(&read(bundle)?, None)?;
        let contents = Contents::read(&tar)?;
        let scratch = Scratch::make().map_err(ProvisionError::file(&std::env::temp_dir()))?;
        let machine = match self.machine {
            Some(machine) => machine,
            None => {
                let machine = scratch.0.join("machine.toml");
                fs::write(&machine, SOME_BOARD).map_err(ProvisionError::file(&machine))?;
                machine
            }
        };
        let profiles = self.profiles.unwrap_or_else(|| "/usr/share/eimza-kiosk/profiles".into());
        // The paths of a configuration are taken relative to its own folder.
        let profiles = std::path::absolute(&profiles).map_err(ProvisionError::file(&profiles))?;
        let unpacked = unpack(&contents, &Places { machine, profiles }, &scratch.0.join("bundle"))?;
        Ok((contents.serial, unpacked.profile.name))
    }
}

/// A folder of its own that goes when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn make() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("kiosk-bundle-{}", std::process::id()));
        // Refused where there is one: it may be somebody else's.
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
