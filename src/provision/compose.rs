//! Lays an office's settings beside the board's own, in a folder, and has the whole judged.
//!
//! The sections of the two are apart: what belongs to the image (sockets, users, the signer, the board's lines) no bundle
//! can change. Paths in the result are relative to its folder, so that a folder that was judged can be moved whole.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{Contents, ProvisionError, contents::PROFILE, judged::load};
use crate::{config::Config, portal::Profile};

/// The sections a bundle may have; every other one is the image's.
const OF_THE_OFFICE: [&str; 10] =
    ["office", "portal", "rules", "screen", "network", "printer", "usb", "updates", "staff", "help"];
/// The folder of a bundle's files, beside the configuration.
pub const FILES: &str = "office";
/// The configuration.
pub const CONFIG: &str = "kiosk.toml";

/// What of the image a configuration is composed with.
#[derive(Debug, Clone)]
pub struct Places {
    /// The board's own sections: `machine.toml`.
    pub machine: PathBuf,
    /// The folder of the profiles that come with the image.
    pub profiles: PathBuf,
}

/// A configuration that lies in its folder and is sound.
pub struct Unpacked {
    /// The configuration.
    pub config: Config,
    /// The institution's profile.
    pub profile: Profile,
}

/// Writes `kiosk.toml` and the bundle's files into `folder`, which must not be there yet, and judges them.
///
/// Everybody may read them: three users have to. A folder that did not become sound stays for the caller to remove.
///
/// # Errors
/// [`ProvisionError`], naming what was found and what is expected.
pub fn unpack(contents: &Contents, places: &Places, folder: &Path) -> Result<Unpacked, ProvisionError> {
    let text = compose(contents, places)?;
    let file = folder.join(CONFIG);
    write_all(contents, &text, folder).map_err(ProvisionError::file(folder))?;
    let (config, profile) = load(&file)?;
    Ok(Unpacked { config, profile })
}

/// The configuration of a kiosk without settings: the board's own sections alone. `kioskd` does not serve with it and has
/// the screen say that the kiosk is not set up.
///
/// # Errors
/// [`ProvisionError::File`].
pub fn not_set_up(places: &Places) -> Result<String, ProvisionError> {
    fs::read_to_string(&places.machine).map_err(ProvisionError::file(&places.machine))
}

fn compose(contents: &Contents, places: &Places) -> Result<String, ProvisionError> {
    let machine = fs::read_to_string(&places.machine).map_err(ProvisionError::file(&places.machine))?;
    let mut whole: toml::Table = toml::from_str(&machine).map_err(|error| {
        ProvisionError::contents(&places.machine.display().to_string(), error, "the board's sections as TOML")
    })?;
    for (section, settings) in &contents.office {
        let key = format!("office.toml: {section}");
        if !OF_THE_OFFICE.contains(&section.as_str()) || whole.contains_key(section) {
            let expected = "sections of the office: office, portal, rules, screen, network, printer, usb, updates, staff";
            return Err(ProvisionError::contents(&key, "a section of the image's", expected));
        }
        whole.insert(section.clone(), settings.clone());
    }
    if let Some(portal) = whole.get_mut("portal").and_then(toml::Value::as_table_mut) {
        place_files(portal, contents, places)?;
    }
    if let Some(printer) = whole.get_mut("printer").and_then(toml::Value::as_table_mut) {
        place_roots(printer, "office.toml: printer.ca_roots", contents)?;
    }
    Ok(whole.to_string())
}

/// Paths of the portal's section: files of the bundle, or a profile of the image by its name.
fn place_files(portal: &mut toml::Table, contents: &Contents, places: &Places) -> Result<(), ProvisionError> {
    if let Some(toml::Value::String(profile)) = portal.get_mut("profile") {
        let is_name = !profile.is_empty() && !profile.contains('/') && !profile.starts_with('.');
        if contents.files.contains_key(profile.as_str()) && profile == PROFILE {
            *profile = format!("{FILES}/{PROFILE}");
        } else if is_name && profile != PROFILE {
            *profile = places.profiles.join(&*profile).display().to_string();
        } else {
            let expected = "profile.toml with that file in the bundle, or the name of a profile of the image";
            return Err(ProvisionError::contents(
                "office.toml: portal.profile",
                format!("{profile:?}"),
                expected,
            ));
        }
    }
    place_roots(portal, "office.toml: portal.ca_roots", contents)
}

/// Roots of a section: files of the bundle.
fn place_roots(section: &mut toml::Table, key: &str, contents: &Contents) -> Result<(), ProvisionError> {
    for root in section.get_mut("ca_roots").and_then(toml::Value::as_array_mut).into_iter().flatten() {
        let toml::Value::String(name) = root else { continue };
        if !contents.files.contains_key(name.as_str()) || name == PROFILE {
            let expected = "files of the bundle, as ca/NAME.pem";
            return Err(ProvisionError::contents(key, format!("{name:?}"), expected));
        }
        *name = format!("{FILES}/{name}");
    }
    Ok(())
}

fn write_all(contents: &Contents, text: &str, folder: &Path) -> io::Result<()> {
    // Set, not asked for: whoever runs this may have a tighter umask than three other users can live with.
    let open_to_all = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    let make = |folder: &Path| fs::create_dir(folder).and_then(|()| open_to_all(folder, 0o755));
    let write = |file: &Path, bytes: &[u8]| {
        fs::File::create_new(file)?.write_all(bytes)?;
        open_to_all(file, 0o644)
    };
    make(folder)?;
    let files = folder.join(FILES);
    make(&files)?;
    make(&files.join("ca"))?;
    for (name, bytes) in &contents.files {
        write(&files.join(name), bytes)?;
    }
    write(&folder.join(CONFIG), text.as_bytes())
}
