//! Which step comes next: by its seed alone.

use rand::{Rng, SeedableRng, distributions::WeightedIndex, rngs::StdRng};

use super::KILLED;
use crate::card::Pull;

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The visitor does what the page asks for.
    Act,
    /// Nothing happens until the page asks for something.
    Settle,
    /// The visitor's card is put in.
    Insert,
    /// The card is pulled.
    Pull,
    /// Another person's card is put in, faster than anybody looks.
    Swap,
    /// The card will be torn out at a command yet to come.
    Trap(Pull),
    /// The card service dies and is started again.
    RestartCardService,
    /// `kill -9` of a process.
    Kill(&'static str),
}

const WEIGHTS: [(Step, u32); 11] = [
    (Step::Act, 90),
    (Step::Settle, 30),
    (Step::Insert, 3),
    (Step::Pull, 4),
    (Step::Swap, 2),
    (Step::Trap(Pull::AtVerify), 2),
    (Step::Trap(Pull::AtSign), 2),
    (Step::RestartCardService, 3),
    (Step::Kill(KILLED[0]), 3),
    (Step::Kill(KILLED[1]), 2),
    (Step::Kill(KILLED[2]), 1),
];

pub(super) struct Chance {
    random: StdRng,
    index: WeightedIndex<u32>,
    made: [u32; WEIGHTS.len()],
}

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        let index = WeightedIndex::new(WEIGHTS.map(|(_, weight)| weight)).expect("weights above nothing");
        Self { random: StdRng::seed_from_u64(seed), index, made: [0; WEIGHTS.len()] }
    }

    pub(super) fn next(&mut self) -> Step {
        let at = self.random.sample(&self.index);
        self.made[at] += 1;
        WEIGHTS[at].0
    }

    pub(super) fn made(&self) -> Vec<(Step, u32)> {
        WEIGHTS.iter().zip(self.made).map(|((step, _), made)| (*step, made)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn one_seed_gives_one_order_of_steps() {
        let order = |seed| {
            let mut chance = Chance::new(seed);
            (0..200).map(|_| chance.next()).collect::<Vec<_>>()
        };
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
    }
}
