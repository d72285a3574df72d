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
}

/// How far a session has come in what it is shown: sessions of one seed begin alike, whatever others have seen.
#[derive(Default)]
pub(super) struct Drawn {
    pictures: u64,
    numbers: u64,
}

impl Chance {
    pub(super) fn new(seed: Option<u64>) -> Self {
        Self { seed }
    }

    /// The next picture of a session.
    pub(super) fn captcha(&self, drawn: &mut Drawn) -> Captcha {
        drawn.pictures += 1;
        Captcha::draw(&mut self.source(PICTURES | drawn.pictures))
    }

    /// The next number of a session, of so many digits, the first of them not a zero.
    pub(super) fn digits(&self, drawn: &mut Drawn, count: usize) -> String {
        drawn.numbers += 1;
        let mut source = self.source(drawn.numbers);
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
    use super::{Chance, Drawn};

    #[test]
    fn portals_of_one_seed_show_alike_and_others_do_not() {
        let told = |seed| {
            let (chance, mut drawn) = (Chance::new(seed), Drawn::default());
            let captcha = chance.captcha(&mut drawn);
            let other = chance.captcha(&mut drawn).text;
            let [one, two] = [6, 6].map(|count| chance.digits(&mut drawn, count));
            (captcha.text, captcha.png, other, one, two)
        };
        let (one, same, other) = (told(Some(7)), told(Some(7)), told(Some(8)));
        assert_eq!(one, same);
        assert!(one.0 != other.0 && one.3 != other.3);
        assert!(one.0 != one.2 && one.3 != one.4, "and nothing twice");
        assert_ne!(told(None), told(None));
    }
}
