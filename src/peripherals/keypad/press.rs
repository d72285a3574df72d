//! Which looks at the keys make a press: a pure function of what was seen when.
//!
//! A key counts once it was the only one down for [`REST`], and the next one after none was down for as long. Fingers
//! that cover two keys, or slide from one to the other, press nothing.

use std::time::Duration;

use super::{Key, Seen};

/// How long a contact may bounce.
pub(super) const REST: Duration = Duration::from_millis(20);

/// The presses among looks.
#[derive(Default)]
pub struct Presses {
    state: State,
    seen: Option<(Seen, Duration)>,
}

#[derive(Default, PartialEq, Eq)]
enum State {
    /// What is down does not count: it did already, or there were several, or it was down before anybody looked.
    #[default]
    Spent,
    /// All keys are up: the next one counts.
    Up,
    /// This one will have been pressed when it rests.
    Down(Key),
}

impl Presses {
    /// Takes a look at this time; the key that is pressed by it.
    pub fn saw(&mut self, seen: Seen, now: Duration) -> Option<Key> {
        let (_, since) = *match &mut self.seen {
            Some(same) if same.0 == seen => same,
            other => other.insert((seen, now)),
        };
        let rests = now >= since + REST;
        self.state = match (std::mem::take(&mut self.state), seen) {
            (_, Seen::Nothing) if rests => State::Up,
            // It bounces.
            (state, Seen::Nothing) => state,
            (State::Up, Seen::One(key)) => State::Down(key),
            (State::Down(down), Seen::One(key)) if down == key => {
                if rests {
                    return Some(key);
                }
                State::Down(key)
            }
            (State::Spent | State::Down(_), Seen::One(_)) | (_, Seen::Several) => State::Spent,
        };
        None
    }

    /// Whether another look is wanted soon, and not only when a key goes down.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.state != State::Up
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Key, Presses, REST, Seen};

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// More often one of two keys than none, and seldom both.
    fn seen(kind: u8) -> Seen {
        match kind {
            0..4 => Seen::Nothing,
            4..10 => Seen::One(Key::Digit(kind % 2)),
            _ => Seen::Several,
        }
    }

    proptest! {
        #[test]
        fn only_a_key_that_was_alone_and_at_rest_after_a_rest_of_all_is_pressed(
            looks in proptest::collection::vec((0_u8..11, 0_u64..30), 1..200),
        ) {
            let mut presses = Presses::default();
            let mut now = Duration::ZERO;
            let mut history: Vec<(Seen, Duration)> = Vec::new();
            let mut pressed = 0;
            for (kind, pause) in looks {
                let seen = seen(kind);
                now += ms(pause);
                history.push((seen, now));
                let Some(key) = presses.saw(seen, now) else { continue };
                // For as long as a contact may bounce, every look saw this key alone.
                let same = history.iter().rev().take_while(|(it, _)| *it == Seen::One(key));
                let since = same.last().expect("it is seen now").1;
                prop_assert!(now - since >= REST);
                // Before that, back to the press before, all keys were up for as long, and no other was down since.
                let before = &history[pressed..];
                let up = before.iter().rposition(|(it, _)| !matches!(it, Seen::One(one) if *one == key) && *it != Seen::Nothing);
                let clear = &before[up.map_or(0, |at| at + 1)..];
                let rested = clear.chunk_by(|a, b| a.0 == b.0).any(|chunk| {
                    chunk[0].0 == Seen::Nothing && chunk[chunk.len() - 1].1 - chunk[0].1 >= REST
                });
                prop_assert!(rested, "pressed without a rest before");
                pressed = history.len();
            }
        }

        // A look each millisecond; a contact bounces for less than the rest.
        #[test]
        fn a_key_that_bounces_and_then_rests_is_pressed_once(
            digit in 0_u8..10,
            down in proptest::collection::vec(any::<bool>(), 0..18),
            held in 25_u64..200,
            up in proptest::collection::vec(any::<bool>(), 0..18),
        ) {
            let key = Key::Digit(digit);
            let look = |is: bool| if is { Seen::One(key) } else { Seen::Nothing };
            let rest = |is| (0..25).map(move |_| look(is));
            let looks = rest(false)
                .chain(down.into_iter().map(look))
                .chain((0..held).map(|_| look(true)))
                .chain(up.into_iter().map(look))
                .chain(rest(false));
            let mut presses = Presses::default();
            let mut pressed = 0;
            for (at, seen) in (0..).zip(looks) {
                if let Some(found) = presses.saw(seen, ms(at)) {
                    prop_assert!(found == key);
                    pressed += 1;
                }
            }
            prop_assert_eq!(pressed, 1);
            prop_assert!(!presses.is_busy(), "nobody looks while no key is down");
        }
    }

    #[test]
    fn a_key_held_from_before_or_slid_to_is_not_pressed() {
        let mut presses = Presses::default();
        for at in 0..20 {
            assert!(
                presses.saw(Seen::One(Key::Hash), ms(5 * at)).is_none(),
                "it was down before anybody looked"
            );
        }
        for at in 20..30 {
            presses.saw(Seen::Nothing, ms(5 * at));
        }
        assert!(presses.saw(Seen::One(Key::Digit(1)), ms(150)).is_none());
        for at in 31..60 {
            assert!(presses.saw(Seen::One(Key::Digit(2)), ms(5 * at)).is_none(), "the finger slid");
        }
    }
}
