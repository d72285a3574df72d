//! Whether OpenSC is set up so that nobody else can sign between login and logout.
//!
//! It reads OpenSC's own configuration file and changes nothing. Other modules are not its business.

use std::{env, path::PathBuf};

/// What is wrong with OpenSC's configuration.
#[derive(Debug, thiserror::Error)]
pub enum OpenScError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}", file.display())]
    Unreadable {
        /// `OPENSC_CONF`, or the system's.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A setting is missing or wrong.
    #[error("{}: {key}: found {found}, expected {expected}", file.display())]
    Setting {
        /// `OPENSC_CONF`, or the system's.
        file: PathBuf,
        /// The setting.
        key: &'static str,
        /// Its value.
        found: String,
        /// What it has to be.
        expected: &'static str,
    },
}

const SYSTEM: &str = "/etc/opensc/opensc.conf";
/// The card stays locked from login to logout; no PIN is kept to be verified again.
const REQUIRED: [(&str, &str, &[&str]); 2] =
    [("lock_login", "true", &["true", "yes", "1"]), ("use_pin_caching", "false", &["false", "no", "0"])];

/// Requires the settings without which the signing dialogue's promises do not hold.
///
/// # Errors
/// [`OpenScError`] names the file, the setting, what was found and what is expected.
pub(super) fn require_safe_settings() -> Result<(), OpenScError> {
    let file = env::var_os("OPENSC_CONF").map_or_else(|| PathBuf::from(SYSTEM), PathBuf::from);
    let text = std::fs::read_to_string(&file)
        .map_err(|source| OpenScError::Unreadable { file: file.clone(), source })?;
    for (key, expected, accepted) in REQUIRED {
        let found = values(&text, key);
        if found.is_empty() || !found.iter().all(|value| accepted.contains(value)) {
            let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
            return Err(OpenScError::Setting { file, key, found, expected });
        }
    }
    Ok(())
}

/// Every value a setting gets anywhere in the file.
fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let settings = text.lines().filter_map(|line| line.split('#').next());
    settings
        .flat_map(|line| line.split([';', '{', '}']))
        .filter_map(|setting| setting.split_once('='))
        .filter(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.trim())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{REQUIRED, values};

    #[test]
    fn the_file_that_is_shipped_has_what_is_required() {
        let text = include_str!("../../config/opensc.conf");
        for (key, expected, _) in REQUIRED {
            assert_eq!(values(text, key), [expected], "{key}");
        }
    }

    #[test]
    fn a_setting_in_a_comment_does_not_count() {
        assert!(values("# lock_login = true;\n", "lock_login").is_empty());
        let twice = "app a { lock_login = true; }\nlock_login=false;";
        assert_eq!(values(twice, "lock_login"), ["true", "false"]);
    }
}
