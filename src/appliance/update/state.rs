//! How far the last update came, on the data partition: it outlives the restart that tries the new system.
//!
//! It is written whole or not at all; one that cannot be read counts as none.

use std::{io, path::Path};

use crate::{durable, system::Update};

impl Update {
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
