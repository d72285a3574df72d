//! On and off over time, as pure functions of the time since a pattern began.

use std::time::Duration;

/// Alternating lengths in milliseconds, the first one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    /// The same for ever.
    Steady(bool),
    /// Again and again.
    Repeated(&'static [u64]),
    /// Once, then off for ever.
    Once(&'static [u64]),
}

impl Pattern {
    /// Whether it is on so long after its beginning, and when after its beginning that changes next.
    pub(super) fn at(self, since: Duration) -> (bool, Option<Duration>) {
        let (lengths, start) = match self {
            Self::Steady(on) => return (on, None),
            Self::Once(lengths) => (lengths, Duration::ZERO),
            Self::Repeated(lengths) => {
                let period: Duration = lengths.iter().copied().map(Duration::from_millis).sum();
                let into = since.as_nanos() % period.as_nanos().max(1);
                (lengths, since - Duration::from_nanos(u64::try_from(into).unwrap_or(0)))
            }
        };
        let mut end = start;
        for (index, length) in lengths.iter().enumerate() {
            end += Duration::from_millis(*length);
            if since < end {
                return (index % 2 == 0, Some(end));
            }
        }
        (false, None)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Pattern;

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn a_repeated_pattern_goes_on_where_it_is_in_its_period() {
        let pattern = Pattern::Repeated(&[200, 300]);
        assert_eq!(pattern.at(ms(0)), (true, Some(ms(200))));
        assert_eq!(pattern.at(ms(200)), (false, Some(ms(500))));
        assert_eq!(pattern.at(ms(500)), (true, Some(ms(700))));
        assert_eq!(pattern.at(ms(3_600_000 + 499)), (false, Some(ms(3_600_500))));
    }

    #[test]
    fn a_pattern_played_once_ends_off_and_wants_no_more_turns() {
        let pattern = Pattern::Once(&[100, 50, 100]);
        assert_eq!(pattern.at(ms(99)), (true, Some(ms(100))));
        assert_eq!(pattern.at(ms(120)), (false, Some(ms(150))));
        assert_eq!(pattern.at(ms(150)), (true, Some(ms(250))));
        assert_eq!(pattern.at(ms(250)), (false, None));
    }

    #[test]
    fn a_steady_pattern_never_changes() {
        assert_eq!(Pattern::Steady(true).at(ms(1)), (true, None));
        assert_eq!(Pattern::Steady(false).at(ms(1)), (false, None));
    }
}
