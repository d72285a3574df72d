//! The command line of `kiosk-token probe`.

use std::{ffi::OsString, path::PathBuf};

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// For a script.
    pub json: bool,
    /// Where the trace goes.
    pub trace: Option<PathBuf>,
    /// The configuration, where another is named.
    pub config: Option<PathBuf>,
}

/// How it is called.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("usage: kiosk-token probe [--json] [--trace FILE] [--config FILE]")]
pub struct Usage;

impl Arguments {
    /// Reads what follows `probe`.
    ///
    /// # Errors
    /// [`Usage`] for anything else, and for anything named twice.
    pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Self, Usage> {
        let mut arguments = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let place = match word.to_str() {
                Some("--json") if !arguments.json => {
                    arguments.json = true;
                    continue;
                }
                Some("--trace") => &mut arguments.trace,
                Some("--config") => &mut arguments.config,
                Some(_) | None => return Err(Usage),
            };
            let file = words.next().filter(|file| !file.is_empty()).ok_or(Usage)?;
            if place.replace(file.into()).is_some() {
                return Err(Usage);
            }
        }
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Usage};

    fn parse(words: &[&str]) -> Result<Arguments, Usage> {
        Arguments::parse(words.iter().map(Into::into))
    }

    #[test]
    fn each_word_counts_once_and_others_not_at_all() {
        let all = parse(&["--trace", "t", "--json", "--config", "c"]).unwrap();
        let expected = Arguments { json: true, trace: Some("t".into()), config: Some("c".into()) };
        assert_eq!(all, expected);
        assert_eq!(parse(&[]).unwrap(), Arguments::default());
        for wrong in
            [&["--trace"][..], &["--json", "--json"], &["--config", "a", "--config", "b"], &["--pin", "1"]]
        {
            assert_eq!(parse(wrong), Err(Usage), "{wrong:?}");
        }
    }
}
