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
/// The applications whose blocks the module reads, `opensc-pkcs11.so` being its name.
const APPLICATIONS: [&str; 2] = ["app opensc-pkcs11", "app default"];
/// Blocks within an application, setting, what it has to be and how else that is written: the card stays locked
/// from login to logout; no PIN is kept to be verified again.
const REQUIRED: [(&[&str], &str, &str, &[&str]); 2] = [
    (&["pkcs11"], "lock_login", "true", &["true", "yes", "1"]),
    (&["framework pkcs15"], "use_pin_caching", "false", &["false", "no", "0"]),
];

/// Requires the settings without which the signing dialogue's promises do not hold.
///
/// # Errors
/// [`OpenScError`] names the file, the setting, what was found and what is expected.
pub(super) fn require_safe_settings() -> Result<(), OpenScError> {
    let file = env::var_os("OPENSC_CONF").map_or_else(|| PathBuf::from(SYSTEM), PathBuf::from);
    let text = std::fs::read_to_string(&file)
        .map_err(|source| OpenScError::Unreadable { file: file.clone(), source })?;
    for (within, key, expected, accepted) in REQUIRED {
        let found = values(&text, within, key);
        if found.is_empty() || !found.iter().all(|value| accepted.contains(&value.as_str())) {
            let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
            return Err(OpenScError::Setting { file, key, found, expected });
        }
    }
    Ok(())
}

/// Every value a setting gets where the module looks for it. Which of two applications counts before the other
/// is OpenSC's business: all of them have to be right.
fn values(text: &str, within: &[&str], key: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut statement = String::new();
    let mut found = Vec::new();
    let lines = text.lines().filter_map(|line| line.split('#').next());
    for letter in lines.flat_map(|line| line.chars().chain([' '])) {
        match letter {
            '{' => blocks.push(words(&std::mem::take(&mut statement))),
            ';' | '}' => {
                let here = match blocks.split_first() {
                    Some((application, inner)) => {
                        APPLICATIONS.contains(&application.as_str()) && inner.iter().eq(within)
                    }
                    None => false,
                };
                if let Some((name, value)) = std::mem::take(&mut statement).split_once('=')
                    && here
                    && name.trim() == key
                {
                    found.push(value.trim().to_owned());
                }
                if letter == '}' {
                    blocks.pop();
                }
            }
            other => statement.push(other),
        }
    }
    found
}

/// A block's head, `app  default` and `app default` being the same one.
fn words(head: &str) -> String {
    head.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{REQUIRED, values};

    const LOCK: (&[&str], &str) = (&["pkcs11"], "lock_login");

    #[test]
    fn the_file_that_is_shipped_has_what_is_required() {
        let text = include_str!("../../config/opensc.conf");
        for (within, key, expected, _) in REQUIRED {
            assert_eq!(values(text, within, key), [expected], "{key}");
        }
    }

    #[test]
    fn a_setting_in_a_comment_does_not_count() {
        let text = "app default { pkcs11 {\n# lock_login = true;\n} }";
        assert!(values(text, LOCK.0, LOCK.1).is_empty());
    }

    #[test]
    fn a_setting_counts_only_where_the_module_looks_for_it() {
        for elsewhere in [
            "lock_login = true;",
            "app default { lock_login = true; }",
            "app pkcs15-init { pkcs11 { lock_login = true; } }",
            "app default { framework pkcs15 { lock_login = true; } }",
            "app default { pkcs11 { } } lock_login = true;",
        ] {
            assert!(values(elsewhere, LOCK.0, LOCK.1).is_empty(), "{elsewhere}");
        }
        let both = "app  default {pkcs11{lock_login=false}}\napp opensc-pkcs11 {\npkcs11 {\nlock_login = true;\n}\n}";
        assert_eq!(
            values(both, LOCK.0, LOCK.1),
            ["false", "true"],
            "whichever counts, both have to be right"
        );
    }
}
