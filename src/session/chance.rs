//! Values that nobody can foresee, made of what the kernel gave at the start and a count.
//!
//! It draws nothing itself: with the same start the same values come.

use std::fmt;

use sha2::{Digest, Sha256};

/// What all of them are made of: 32 random bytes of one run of the program.
#[derive(Clone)]
pub struct Chance([u8; 32]);

impl Chance {
    /// Of bytes that were drawn just now.
    #[must_use]
    pub fn new(drawn: [u8; 32]) -> Self {
        Self(drawn)
    }

    /// 128 bits for this use and number: the same again for the same, and nothing to be learnt from it of others.
    pub(super) fn bits(&self, what: &str, number: u64) -> [u8; 16] {
        // Of a fixed length each, or after all that is: no two uses are made of the same bytes.
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update(number.to_be_bytes())
            .chain_update(what)
            .finalize();
        let (first, _) = digest.split_at(16);
        first.try_into().expect("half of a digest")
    }
}

impl fmt::Debug for Chance {
    // Whoever has it can foresee them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chance")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Chance;

    #[test]
    fn another_start_another_use_and_another_number_give_other_bits() {
        let all: HashSet<_> = [Chance::new([1; 32]), Chance::new([2; 32])]
            .iter()
            .flat_map(|it| (0..100).flat_map(|number| [it.bits("a", number), it.bits("b", number)]))
            .collect();
        assert_eq!(all.len(), 400);
        let chance = Chance::new([7; 32]);
        assert_eq!(chance.bits("a", 3), chance.bits("a", 3));
        assert_eq!(format!("{chance:?}"), "Chance");
    }
}
