//! What is in a bundle: a tar of plain files with known names, read whole and strictly.
//!
//! Anything a tar could do to a file system (links, folders, long names by extension, paths that lead away, a name twice)
//! is refused by name; nothing is written here.

use std::{collections::BTreeMap, io::Read};

use super::ProvisionError;

/// The settings.
const OFFICE: &str = "office.toml";
/// A profile of the office's own.
pub(super) const PROFILE: &str = "profile.toml";
/// Roots of the portal.
const ROOTS: &str = "ca/";
const MOST_FILES: usize = 40;
/// Most bytes of a file.
const MOST_OF_A_FILE: u64 = 256 * 1024;
const EXPECTED_NAME: &str = "office.toml, profile.toml or ca/NAME.pem";

/// A bundle's files, and what of `office.toml` concerns the bundle itself.
#[derive(Debug, Clone)]
pub struct Contents {
    /// Counts up with each bundle of an office; a lower one is never installed over a higher.
    pub serial: u64,
    /// The tables of `office.toml`.
    pub(super) office: toml::Table,
    /// The other files, by name.
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

impl Contents {
    /// Under which name the office's settings are looked for at the updates' address: `updates.office`.
    #[must_use]
    pub fn office_of_updates(&self) -> Option<&str> {
        self.office.get("updates")?.get("office")?.as_str()
    }

    /// Reads a tar.
    ///
    /// # Errors
    /// [`ProvisionError::Contents`] for the first thing that does not belong there.
    pub fn read(tar: &[u8]) -> Result<Self, ProvisionError> {
        let mut files = BTreeMap::new();
        let broken =
            |error: std::io::Error| ProvisionError::contents("the tar", error, "a tar of plain files");
        // Raw: extension headers are entries of another kind here, and refused as such.
        for entry in tar::Archive::new(tar).entries().map_err(broken)?.raw(true) {
            let mut entry = entry.map_err(broken)?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let kind = entry.header().entry_type();
            if kind != tar::EntryType::Regular {
                return Err(ProvisionError::contents(
                    &name,
                    format!("an entry of kind {kind:?}"),
                    "a plain file",
                ));
            }
            if !is_known(&name) {
                return Err(ProvisionError::contents(&name, "a name that means nothing", EXPECTED_NAME));
            }
            if entry.size() > MOST_OF_A_FILE {
                return Err(ProvisionError::contents(
                    &name,
                    format!("{} bytes", entry.size()),
                    "at most 262144",
                ));
            }
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(broken)?;
            if files.insert(name.clone(), bytes).is_some() {
                return Err(ProvisionError::contents(&name, "the name twice", "each name once"));
            }
            if files.len() > MOST_FILES {
                return Err(ProvisionError::contents(&name, "one file too many", "at most 40 files"));
            }
        }
        let Some(office) = files.remove(OFFICE) else {
            return Err(ProvisionError::contents(OFFICE, "nothing", "the office's settings"));
        };
        let (serial, office) = settings(&office)?;
        Ok(Self { serial, office, files })
    }
}

fn is_known(name: &str) -> bool {
    let is_root = |file: &str| {
        let stem = file.strip_suffix(".pem").unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !stem.is_empty() && !stem.starts_with('.') && stem.len() <= 60 && stem.chars().all(plain)
    };
    name == OFFICE || name == PROFILE || name.strip_prefix(ROOTS).is_some_and(is_root)
}

fn settings(office: &[u8]) -> Result<(u64, toml::Table), ProvisionError> {
    let text = std::str::from_utf8(office)
        .map_err(|_| ProvisionError::contents(OFFICE, "bytes that are no UTF-8", "TOML"))?;
    let mut table: toml::Table =
        toml::from_str(text).map_err(|error| ProvisionError::contents(OFFICE, error, "TOML"))?;
    let serial = table.remove("serial");
    let number = serial.as_ref().and_then(toml::Value::as_integer).and_then(|n| u64::try_from(n).ok());
    let Some(serial) = number.filter(|serial| *serial > 0) else {
        let found = serial.map_or_else(|| "nothing".to_owned(), |value| value.to_string());
        return Err(ProvisionError::contents(
            "office.toml: serial",
            found,
            "a whole number from 1, before any table",
        ));
    };
    Ok((serial, table))
}
