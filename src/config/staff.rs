//! Who is staff of the office, by the certificates of their cards.
//!
//! It is carried and judged with the office's settings; nobody is let in by it yet.

use serde::Deserialize;

use super::{
    ConfigError,
    judge::{Judge, quoted},
};

/// The staff.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Staff {
    /// SHA-256 of each one's certificate (DER), as 64 hexadecimal digits. No name and no national id.
    pub certificates: Vec<String>,
}

impl Staff {
    pub(super) fn judge(&self, judge: &Judge<'_>) -> Result<(), ConfigError> {
        for (index, digest) in self.certificates.iter().enumerate() {
            let is_digest =
                digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            if !is_digest || self.certificates[..index].contains(digest) {
                let expected = "SHA-256 digests of certificates, 64 digits 0-9a-f each, each once";
                return judge.refuse("staff.certificates", &quoted(digest), expected);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Judge, Staff};

    #[test]
    fn staff_are_named_by_digests_alone_and_each_once() {
        let judged = |list: &[&str]| {
            let staff = Staff { certificates: list.iter().map(|digest| (*digest).to_owned()).collect() };
            staff.judge(&Judge { file: Path::new("f") }).map_err(|fault| fault.to_string())
        };
        let (one, other) = ("0a".repeat(32), "f".repeat(64));
        judged(&[]).unwrap();
        judged(&[&one, &other]).unwrap();
        for wrong in [vec![one.as_str(), &one], vec!["0A"], vec!["10000000146"], vec![&one[1..]]] {
            assert!(judged(&wrong).unwrap_err().contains("staff.certificates: found"), "{wrong:?}");
        }
    }
}
