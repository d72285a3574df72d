//! `[clock]`: who has to have set the wall clock before it is believed. It is the board's, not the office's.

use std::path::Path;

use serde::Deserialize;

use super::{ConfigError, parse};

/// What the clock is believed by, besides a date that can be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clock {
    /// One of these has to have set it. Left out: whatever it says is believed, as at a desk whose system is looked after.
    pub set_by: Vec<TimeSource>,
}

/// Who can set a board's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeSource {
    /// A time server, by `systemd-timesyncd`.
    Ntp,
    /// The board's own clock that runs without power, by the kernel as it started.
    Rtc,
}

impl Clock {
    /// Reads this section of a configuration file and nothing else of it.
    ///
    /// # Errors
    /// [`ConfigError`], naming file, key, what was found and what is expected.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        #[derive(Deserialize)]
        struct Only {
            #[serde(default)]
            clock: Clock,
        }
        parse::<Only>(file).map(|only| only.clock)
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, TimeSource};

    #[test]
    fn the_boards_own_settings_say_who_sets_its_clock() {
        let machine =
            concat!(env!("CARGO_MANIFEST_DIR"), "/image/overlay/usr/share/eimza-kiosk/machine.toml");
        let clock = Clock::load(machine.as_ref()).unwrap();
        assert_eq!(clock.set_by, [TimeSource::Ntp, TimeSource::Rtc]);
    }

    #[test]
    fn a_source_nobody_knows_is_refused_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "[clock]\nset_by = ['sundial']\n").unwrap();
        let fault = Clock::load(file.path()).unwrap_err().to_string();
        assert!(fault.contains("clock.set_by") && fault.contains("`sundial`"), "{fault}");
    }
}
