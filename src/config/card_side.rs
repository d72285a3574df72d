//! What of the configuration concerns the card alone: enough to look at one where nothing else is set up yet.

use std::path::Path;

use serde::Deserialize;

use super::{ConfigError, Rules, Token, folder_of, judge::Judge, parse};

/// The sections a card is looked at with; what else is in the file is not read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CardSide {
    /// The signer.
    pub token: Token,
    /// Rules that differ between offices and institutions.
    pub rules: Rules,
}

impl CardSide {
    /// Reads these sections of a configuration file; what is left out has its default.
    ///
    /// # Errors
    /// [`ConfigError`], naming file, key, what was found and what is expected.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let mut side: Self = parse(file)?;
        side.token.module = side.token.module.map(|module| folder_of(file).join(module));
        let judge = Judge { file };
        judge.token(&side.token)?;
        judge.rules(&side.rules)?;
        Ok(side)
    }
}

#[cfg(test)]
mod tests {
    use super::CardSide;
    use crate::config::Backend;

    fn load(text: &str) -> Result<CardSide, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kiosk.toml");
        std::fs::write(&file, text).unwrap();
        CardSide::load(&file).map_err(|error| error.to_string())
    }

    #[test]
    fn a_card_can_be_looked_at_where_no_socket_and_no_portal_are_configured() {
        assert_eq!(load("").unwrap().token.backend, Backend::Auto);
        let side =
            load("[portal]\nnonsense = 1\n[token]\nmodule = 'm.so'\n[rules]\nrenewal_window_days = 5\n");
        let side = side.unwrap();
        assert!(side.token.module.unwrap().ends_with("m.so"));
        assert_eq!(side.rules.renewal_window_days, Some(5));
    }

    #[test]
    fn what_concerns_the_card_is_judged_as_ever() {
        assert!(load("[token]\nmodul = 'm.so'\n").unwrap_err().contains("line 2: token.modul"));
        assert!(load("[token]\ncall_deadline_ms = 1\n").unwrap_err().contains("token.call_deadline_ms"));
        assert!(load("[token]\nbackend = 'pkcs11'\n").unwrap_err().contains("token.module"));
    }
}
