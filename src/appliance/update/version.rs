//! Versions of the system, in order. Pure.

use std::{cmp::Ordering, fmt};

/// Numbers with dots between, as `1.4.0`: `1.4` is before `1.4.1`, and as much as `1.4.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(Vec<u64>);

impl Version {
    /// By its text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = Vec::new();
        for part in text.split('.') {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            numbers.push(part.parse().ok().filter(|_| is_number)?);
        }
        while numbers.len() > 1 && numbers.last() == Some(&0) {
            numbers.pop();
        }
        Some(Self(numbers))
    }

    /// Of the running system: `IMAGE_VERSION` of `os-release`.
    #[must_use]
    pub fn of_image(os_release: &str) -> Option<Self> {
        let text = os_release.lines().find_map(|line| line.strip_prefix("IMAGE_VERSION="))?;
        Self::parse(text.trim().trim_matches('"'))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_in_the_order_of_their_numbers() {
        let version = |text| Version::parse(text).unwrap();
        for (before, after) in [("1.9", "1.10"), ("1.4", "1.4.1"), ("2026.8", "2026.11"), ("0", "0.0.1")] {
            assert!(version(before) < version(after), "{before} {after}");
        }
        assert_eq!(version("1.4"), version("1.4.0"));
        for text in ["", "1.", ".1", "1.4-rc1", "v1", "1..2", "+1"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert_eq!(Version::of_image("ID=x\nIMAGE_VERSION=\"1.2\"\n"), Some(version("1.2")));
        assert_eq!(Version::of_image("VERSION=3\n"), None);
    }
}
