//! Who is staff of the office, by the certificates of their cards.
//!
//! Whether somebody with such a card may help, and at what, is decided in `session`.

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
    /// The digests, of a list that was judged.
    pub fn digests(&self) -> impl Iterator<Item = [u8; 32]> {
        self.certificates.iter().filter_map(|text| {
            let mut digest = [0; 32];
            for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
                *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
            }
            (text.len() == 64).then_some(digest)
        })
    }

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
        let list = Staff { certificates: vec![one.clone(), other.clone()] };
        assert_eq!(list.digests().collect::<Vec<_>>(), [[0x0A; 32], [0xFF; 32]]);
        for wrong in [vec![one.as_str(), &one], vec!["0A"], vec!["10000000146"], vec![&one[1..]]] {
            assert!(judged(&wrong).unwrap_err().contains("staff.certificates: found"), "{wrong:?}");
        }
    }
}
