//! An office's settings as one signed bundle: a CMS `SignedData` over a tar of `office.toml`, a portal profile and roots.
//!
//! [`Trust`] says who may sign one, [`Contents`] what may be in it, [`unpack`] lays it beside the board's own settings and
//! judges the whole as `kioskd` will. It knows nothing of where bundles are kept and which one is in force; that is
//! `kiosk-appliance`'s. The format and the commands to make one are in `docs/provisioning.md`.

mod bench;
mod compose;
mod contents;
mod judged;
#[cfg(test)]
pub(crate) mod making;
#[cfg(test)]
mod tests;
mod trust;

use std::{io, path::PathBuf};

pub use bench::Bench;
pub use compose::{CONFIG, FILES, Places, Unpacked, not_set_up, unpack};
pub use contents::Contents;
pub use judged::{Unsound, load};
pub use trust::Trust;

use crate::signature::SignatureError;

/// Most bytes of a bundle.
pub const MOST_BYTES: usize = 1024 * 1024;

/// Why a bundle is not taken. Each says what was found and what is expected.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// A file cannot be read or written.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The bundle is larger than any could be.
    #[error("a bundle of more than {MOST_BYTES} bytes, expected a smaller one")]
    Oversize,
    /// The certificates that may have bundles signed cannot be used.
    #[error("{file}: found {found}, expected PEM certificates of the provisioning authority")]
    Roots {
        /// The file.
        file: PathBuf,
        /// What was found.
        found: String,
    },
    /// The envelope is none, or its value is not right.
    #[error("the bundle's signature: {0}")]
    Signature(#[from] SignatureError),
    /// Whoever signed it may not.
    #[error("the bundle's signer: found {found}, expected {expected}")]
    Signer {
        /// What was found.
        found: String,
        /// What is expected.
        expected: &'static str,
    },
    /// A file in the bundle is none that belongs there.
    #[error("in the bundle: {name}: found {found}, expected {expected}")]
    Contents {
        /// Its name in the bundle, or what it stands for.
        name: String,
        /// What was found.
        found: String,
        /// What is expected.
        expected: &'static str,
    },
    /// The settings do not make a configuration that `kioskd` can serve with.
    #[error(transparent)]
    Unsound(#[from] Unsound),
}

impl ProvisionError {
    pub(crate) fn file(file: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        move |source| Self::File { file, source }
    }

    fn contents(name: &str, found: impl ToString, expected: &'static str) -> Self {
        Self::Contents { name: name.to_owned(), found: found.to_string(), expected }
    }
}

/// Reads a bundle, no further than one may be long.
///
/// # Errors
/// [`ProvisionError::File`], [`ProvisionError::Oversize`].
pub fn read(file: &std::path::Path) -> Result<Vec<u8>, ProvisionError> {
    use io::Read;
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(ProvisionError::file(file))?;
    opened.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(ProvisionError::file(file))?;
    if bytes.len() > MOST_BYTES { Err(ProvisionError::Oversize) } else { Ok(bytes) }
}
