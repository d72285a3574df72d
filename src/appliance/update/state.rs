//! How far the last update came, on the data partition: it outlives the restart that tries the new system.
//!
//! It is written whole or not at all; one that cannot be read counts as none.

use std::{io, path::Path};

use serde::{Deserialize, Serialize};

use crate::durable;

/// The last update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// How far it came.
    pub phase: Phase,
    /// Its version, as the bundle says.
    pub version: String,
    /// The system it went to, by RAUC's name.
    pub slot: String,
    /// Why it is not in force, if so: for staff.
    #[serde(default)]
    pub reason: Option<String>,
}

/// How far an update came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It is being written. Read after a restart: the power went, and what was written in part is never started.
    Writing,
    /// It is written, and the next start tries it.
    Trial,
    /// It came up and is kept.
    Kept,
    /// It was not taken; nothing was changed.
    Refused,
    /// It did not come up, or was not well; the former system is in force again.
    RolledBack,
}

impl State {
    /// Reads the last one.
    #[must_use]
    pub fn read(file: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(file).ok()?).ok()
    }

    /// Writes it down.
    ///
    /// # Errors
    /// The folder or the disk.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        durable::replace(file, &serde_json::to_vec(self).unwrap_or_default())
    }
}
