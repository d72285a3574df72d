//! Says in a volatile file how the kiosk is, whenever that changes, for the health check of the system.
//!
//! What is true of readers, clock and signer the session knows; that a page stands on the display the screen says. It
//! draws no conclusion.

use std::path::PathBuf;

use crate::{durable, health::Word};

/// The file, and what it says.
#[derive(Debug)]
pub(super) struct Health {
    file: Option<PathBuf>,
    drawn: bool,
    told: Option<Word>,
}

impl Health {
    pub(super) fn new(file: Option<PathBuf>) -> Self {
        Self { file, drawn: false, told: None }
    }

    /// A page stands on the display, or its screen is gone.
    pub(super) fn drawn(&mut self, is: bool) {
        self.drawn = is;
    }

    /// Writes it down, if it is another word than before.
    pub(super) fn tell(&mut self, (readers, clock, signer): (bool, bool, bool)) {
        let Some(file) = &self.file else { return };
        let word = Word { process: std::process::id(), drawn: self.drawn, readers, clock, signer };
        if self.told.as_ref() == Some(&word) {
            return;
        }
        let text = serde_json::to_vec(&word).unwrap_or_default();
        if let Err(error) = durable::replace(file, &text) {
            log::error!("{}: {error}", file.display());
        }
        self.told = Some(word);
    }
}
