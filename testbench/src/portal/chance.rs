//! Where the portal's pictures and numbers come from: chance, or a seed that two portals share.
//!
//! Portals of one seed that are gone through alike show alike: captcha, SMS code and contract are the same. What no
//! person sees, cookies and hidden numbers, stays chance. It knows nothing of pages.

use rand::{Rng, SeedableRng, rngs::StdRng};

use super::captcha::Captcha;

/// Told apart from the numbers, so that a further picture changes none of them.
const PICTURES: u64 = 1 << 63;

/// What comes next.
pub(super) struct Chance {
    seed: Option<u64>,
    numbers: u64,
}

impl Chance {
    pub(super) fn new(seed: Option<u64>) -> Self {
        Self { seed, numbers: 0 }
    }

    /// The picture a session shows after it has shown `before` others: how often others have looked in at the first
    /// page makes no difference.
    pub(super) fn captcha(&self, before: u64) -> Captcha {
        Captcha::draw(&mut self.source(PICTURES | before))
    }

    /// So many digits, the first of them not a zero.
    pub(super) fn digits(&mut self, count: usize) -> String {
        let mut source = self.source(self.numbers);
        self.numbers += 1;
        (0..count).map(|index| char::from(b'0' + source.gen_range(u8::from(index == 0)..10))).collect()
    }

    fn source(&self, which: u64) -> StdRng {
        match self.seed {
            Some(seed) => StdRng::seed_from_u64(seed.rotate_left(32) ^ which),
            None => StdRng::from_entropy(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn portals_of_one_seed_show_alike_and_others_do_not() {
        let told = |seed| {
            let mut chance = Chance::new(seed);
            let captcha = chance.captcha(0);
            (captcha.text, captcha.png, chance.captcha(1).text, chance.digits(6), chance.digits(6))
        };
        let (one, same, other) = (told(Some(7)), told(Some(7)), told(Some(8)));
        assert_eq!(one, same);
        assert!(one.0 != other.0 && one.3 != other.3);
        assert!(one.0 != one.2 && one.3 != one.4, "and nothing twice");
        assert_ne!(told(None), told(None));
    }
}
