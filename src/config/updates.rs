//! Where updates of the system and newer settings of the office come from, and when one may begin.
//!
//! What they are and who may sign one is not its business: that stands in the image.

use serde::Deserialize;

use super::{
    ConfigError,
    judge::{Judge, quoted},
};

/// Updates of the system and of the settings; without an address none is looked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Updates {
    /// A folder of bundles, `https://…`: the bundle for a board is at `ADDRESS/CHANNEL/COMPATIBLE.raucb`.
    pub address: Option<String>,
    /// Which line of versions.
    pub channel: String,
    /// The office's own name at that address: its settings are at `ADDRESS/offices/OFFICE.bundle`. Left out: none are looked
    /// for.
    pub office: Option<String>,
    /// Hours of the day, UTC, in which one may begin: `HH:MM-HH:MM`. Left out: at any time nobody is served.
    pub window_utc: Option<String>,
}

impl Default for Updates {
    fn default() -> Self {
        Self { address: None, channel: "stable".to_owned(), office: None, window_utc: None }
    }
}

impl Updates {
    /// Whether an update may begin at this Unix time.
    #[must_use]
    pub fn may_begin(&self, now: i64) -> bool {
        let Some((from, to)) = self.window_utc.as_deref().and_then(window) else { return true };
        let minute = now.div_euclid(60).rem_euclid(24 * 60);
        // One that ends before it begins goes over midnight.
        if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to }
    }

    pub(super) fn judge(&self, judge: &Judge<'_>) -> Result<(), ConfigError> {
        if let Some(address) = &self.address {
            let host = address.strip_prefix("https://").and_then(|rest| rest.split('/').next());
            if host.is_none_or(str::is_empty)
                || address.contains(|c: char| c.is_whitespace() || c.is_control())
            {
                return judge.refuse(
                    "updates.address",
                    &quoted(address),
                    "an address that begins with https://",
                );
            }
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(1..=30).contains(&self.channel.len()) || !self.channel.chars().all(plain) {
            return judge.refuse("updates.channel", &quoted(&self.channel), "1 to 30 of a-z, 0-9 and -");
        }
        if let Some(office) = self.office.as_deref()
            && (!(1..=64).contains(&office.len()) || !office.chars().all(plain))
        {
            return judge.refuse("updates.office", &quoted(office), "1 to 64 of a-z, 0-9 and -");
        }
        match &self.window_utc {
            Some(text) if window(text).is_none_or(|(from, to)| from == to) => judge.refuse(
                "updates.window_utc",
                &quoted(text),
                "HH:MM-HH:MM, two different times of the day",
            ),
            Some(_) | None => Ok(()),
        }
    }
}

/// Minutes of the day.
fn window(text: &str) -> Option<(i64, i64)> {
    let time = |text: &str| {
        let (hours, minutes) = text.split_once(':')?;
        let number = |digits: &str, below: i64| -> Option<i64> {
            let is_number = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse::<i64>().ok().filter(|number| is_number && *number < below)
        };
        Some(number(hours, 24)? * 60 + number(minutes, 60)?)
    };
    let (from, to) = text.split_once('-')?;
    Some((time(from)?, time(to)?))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Judge, Updates};

    fn fault(text: &str) -> String {
        let updates: Updates = toml::from_str(text).unwrap();
        updates.judge(&Judge { file: Path::new("f") }).map_err(|fault| fault.to_string()).unwrap_err()
    }

    #[test]
    fn updates_come_by_https_and_at_hours_that_can_be() {
        let judge = Judge { file: Path::new("f") };
        for text in [
            "",
            "address = 'https://a.invalid/k'",
            "window_utc = '23:30-01:00'\nchannel = 'beta-2'\noffice = 'deneme-1'",
        ] {
            toml::from_str::<Updates>(text).unwrap().judge(&judge).unwrap();
        }
        for address in ["http://a.invalid", "https://", "https:///x", "file:///a", "https://a b"] {
            let text = fault(&format!("address = '{address}'"));
            assert!(
                text.contains("updates.address: found") && text.contains("begins with https://"),
                "{text}"
            );
        }
        for channel in ["", "../x", "A", "a/b"] {
            assert!(fault(&format!("channel = '{channel}'")).contains("updates.channel: found"));
        }
        for office in ["", "..", "a/b", "İ", "a.bundle", &"a".repeat(65)] {
            assert!(fault(&format!("office = '{office}'")).contains("updates.office: found"), "{office}");
        }
        for window in ["", "1:00-2:00", "01:00", "24:00-01:00", "01:60-02:00", "02:00-02:00", "+1:00-02:00"] {
            assert!(
                fault(&format!("window_utc = '{window}'")).contains("updates.window_utc: found"),
                "{window}"
            );
        }
    }

    #[test]
    fn a_window_may_go_over_midnight_and_its_end_is_not_in_it() {
        let at = |window: &str, hour: i64, minute: i64| {
            let updates = Updates { window_utc: Some(window.to_owned()), ..Updates::default() };
            updates.may_begin(1_790_000_000 / 86_400 * 86_400 + (hour * 60 + minute) * 60)
        };
        assert!(at("01:00-02:30", 1, 0) && at("01:00-02:30", 2, 29));
        assert!(!at("01:00-02:30", 2, 30) && !at("01:00-02:30", 0, 59));
        assert!(at("23:00-01:00", 23, 0) && at("23:00-01:00", 0, 59));
        assert!(!at("23:00-01:00", 1, 0) && !at("23:00-01:00", 12, 0));
        assert!(Updates::default().may_begin(0));
    }
}
