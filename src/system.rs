//! Which system runs and what became of the last update, in a volatile file that `kiosk-appliance` writes before `kioskd` starts.
//!
//! Nothing of a person is in it. A file that is not there, or cannot be read, says nothing.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::link::view::Setback;

/// What is known of the running system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    /// By RAUC's name.
    pub slot: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The last update.
    pub update: Option<Update>,
}

/// The last update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// How far it came.
    pub phase: Phase,
    /// Its version, as the bundle says.
    pub version: String,
    /// The system it went to, by RAUC's name.
    pub slot: String,
    /// Why it is not in force, if so: for staff.
    #[serde(default)]
    pub reason: Option<String>,
    /// The same for the screen.
    #[serde(default)]
    pub setback: Option<Setback>,
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

impl System {
    /// Why the last update is not in force, if it is not.
    #[must_use]
    pub fn setback(&self) -> Option<Setback> {
        let update = self.update.as_ref()?;
        match update.phase {
            Phase::Refused | Phase::RolledBack => update.setback,
            Phase::Writing | Phase::Trial | Phase::Kept => None,
        }
    }

    /// Reads what is known.
    #[must_use]
    pub fn read(file: &Path) -> Self {
        std::fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }
}
