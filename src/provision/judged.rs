//! A configuration with its profile and roots, judged as `kioskd` does before it serves. It connects nowhere.

use std::path::{Path, PathBuf};

use crate::{
    config::{Config, ConfigError},
    portal::{Driver, Profile, SetupError},
};

/// Why `kioskd` cannot serve with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum Unsound {
    /// The configuration, or a file it names.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The profile, the roots, the proxy or an address.
    #[error("{file}: {source}")]
    Portal {
        /// The configuration file.
        file: PathBuf,
        /// What is wrong.
        source: SetupError,
    },
}

/// Loads and judges a configuration file.
///
/// # Errors
/// [`Unsound`], naming file, key, what was found and what is expected.
pub fn load(file: &Path) -> Result<(Config, Profile), Unsound> {
    let config = Config::load(file)?;
    config.judge_files(file)?;
    let driver =
        Driver::new(&config.portal).map_err(|source| Unsound::Portal { file: file.to_owned(), source })?;
    let profile = driver.profile().clone();
    Ok((config, profile))
}
