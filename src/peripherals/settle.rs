//! When a contact that bounces is worth reading: a pure function of the times of its edges.

use std::time::Duration;

/// A contact that never rests is read all the same, after so many times its rest: a loose wire may not go unheard.
const AT_MOST: u32 = 4;

/// The rest of a contact.
#[derive(Debug)]
pub(super) struct Settle {
    rest: Duration,
    bouncing: Option<Bouncing>,
}

#[derive(Debug)]
struct Bouncing {
    first: Duration,
    last: Duration,
}

impl Settle {
    /// A contact at rest, which counts as so again this long after its last edge.
    pub(super) const fn new(rest: Duration) -> Self {
        Self { rest, bouncing: None }
    }

    /// An edge at this time; when the contact is to be read.
    pub(super) fn edge(&mut self, now: Duration) -> Duration {
        let bouncing = self.bouncing.get_or_insert(Bouncing { first: now, last: now });
        bouncing.last = now;
        Self::due(self.rest, bouncing)
    }

    /// Whether the contact is to be read now, or else when.
    pub(super) fn at(&mut self, now: Duration) -> Result<(), Option<Duration>> {
        let Some(bouncing) = &self.bouncing else { return Err(None) };
        let due = Self::due(self.rest, bouncing);
        if now < due {
            return Err(Some(due));
        }
        self.bouncing = None;
        Ok(())
    }

    fn due(rest: Duration, bouncing: &Bouncing) -> Duration {
        (bouncing.last + rest).min(bouncing.first + rest * AT_MOST)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{AT_MOST, Settle};

    const REST: Duration = Duration::from_millis(50);

    proptest! {
        #[test]
        fn a_contact_is_read_once_it_rests_and_never_later_than_it_may(
            pauses in proptest::collection::vec(0_u64..200, 1..40),
        ) {
            let mut settle = Settle::new(REST);
            let (mut now, mut first, mut last, mut due) = (Duration::ZERO, None, Duration::ZERO, None::<Duration>);
            for pause in pauses {
                let then = now + Duration::from_millis(pause);
                if let Some(at) = due.filter(|at| *at <= then) {
                    prop_assert_eq!(settle.at(at - Duration::from_nanos(1)), Err(Some(at)), "too soon");
                    prop_assert_eq!(settle.at(at), Ok(()));
                    let begun = first.take().expect("an edge came first");
                    prop_assert!(at == last + REST || at == begun + REST * AT_MOST);
                    prop_assert_eq!(settle.at(then), Err(None), "read once");
                }
                now = then;
                last = now;
                first.get_or_insert(now);
                due = Some(settle.edge(now));
            }
        }
    }
}
