//! What the Raspberry Pi's boot loader says it can do, by the device tree it hands over.
//!
//! The loader is in a memory of the board and is not part of an update: one that is too old is named before an update begins.

use std::{fs, path::Path};

use super::BootError;

/// Bits of `capabilities` (Raspberry Pi documentation, device tree, `/chosen/bootloader`).
const TRYBOOT_A_B: u32 = 1 << 2;
const TRYBOOT: u32 = 1 << 3;

/// What is known of the loader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firmware {
    capabilities: Option<u32>,
    built: Option<i64>,
    version: Option<String>,
}

impl Firmware {
    /// Reads the properties in a folder of the device tree: big-endian numbers and a string with a zero at its end.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let property = |name: &str| fs::read(folder.join(name)).ok();
        let number = |name| property(name).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
        let version = property("version")
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .map(|text| text.trim_end_matches('\0').to_owned());
        Self {
            capabilities: number("capabilities"),
            built: number("build-timestamp").map(i64::from),
            version: version.filter(|version| !version.is_empty()),
        }
    }

    /// Whether it can try a system and fall back by itself.
    ///
    /// # Errors
    /// For staff: what it is and what is expected.
    pub fn judge(&self) -> Result<(), String> {
        if self.capabilities.is_some_and(|can| can & TRYBOOT != 0 && can & TRYBOOT_A_B != 0) {
            return Ok(());
        }
        let built = self.built.and_then(|built| jiff::Timestamp::from_second(built).ok());
        let built =
            built.map_or_else(|| "an unknown day".to_owned(), |built| built.strftime("%Y-%m-%d").to_string());
        let version = self.version.as_deref().unwrap_or("unknown");
        Err(format!(
            "the board's boot loader is too old for updates: found version {version} of {built}, \
             expected one that can start a system on trial (tryboot_a_b); update the EEPROM first"
        ))
    }
}

/// Whether this board's loader can do what an update needs; others than the Raspberry Pi's are not asked.
///
/// # Errors
/// [`BootError::Firmware`], for staff.
pub(crate) fn judge_if_any(folder: &Path) -> Result<(), BootError> {
    if folder.exists() { Firmware::read(folder).judge().map_err(BootError::Firmware) } else { Ok(()) }
}
