//! What is known of the tries left before the PIN locks. Pure.
//!
//! A card itself tells the number when it refuses a PIN. A PKCS#11 module tells little and not always: flags
//! that say "the last one" or "locked", and only in the process that saw the failures. What nobody can know
//! stays unknown; it is never guessed upwards.

use crate::link::signer::TriesLeft;

/// Wrong tries that lock a PIN.
const TRIES: u8 = 3;

/// What a backend says of the tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// A module's flags.
    Flags(Flags),
    /// The number the card itself told last, if it has told any; 0 is locked.
    Count(Option<u8>),
}

impl Default for Told {
    fn default() -> Self {
        Self::Count(None)
    }
}

impl From<Flags> for Told {
    fn from(flags: Flags) -> Self {
        Self::Flags(flags)
    }
}

/// The flags of `CK_TOKEN_INFO` (PKCS#11 v2.40, table 6) that speak of the user's PIN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// `CKF_USER_PIN_COUNT_LOW`: wrong at least once since the last success.
    pub(super) low: bool,
    /// `CKF_USER_PIN_FINAL_TRY`
    pub(super) last: bool,
    /// `CKF_USER_PIN_LOCKED`
    pub(super) locked: bool,
}

/// Wrong tries this process saw on the card at hand since the last right one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tries {
    wrong: u8,
}

impl Tries {
    /// The card said no.
    pub(super) fn failed(&mut self) {
        self.wrong = self.wrong.saturating_add(1);
    }

    /// The card said yes: its counter is full again.
    pub(super) fn succeeded(&mut self) {
        self.wrong = 0;
    }

    /// Tries left, given what the backend says.
    pub(super) fn left(self, told: Told) -> TriesLeft {
        match told {
            Told::Count(Some(0)) => TriesLeft::Locked,
            Told::Count(Some(count)) => TriesLeft::Known(count),
            Told::Count(None) => self.counted(false),
            Told::Flags(Flags { locked: true, .. }) => TriesLeft::Locked,
            Told::Flags(Flags { last: true, .. }) => TriesLeft::Known(1),
            Told::Flags(Flags { low, .. }) => self.counted(low),
        }
    }

    /// By what this process saw; `low` says that the backend counts as well.
    fn counted(self, low: bool) -> TriesLeft {
        match self.wrong {
            0 => TriesLeft::Unknown,
            // The module counts: it would have said so if this were the last.
            1 if low => TriesLeft::Known(TRIES - 1),
            // There may have been failures before this process came: at most two are left.
            1 => TriesLeft::Unknown,
            // At most one is left, whatever was before.
            _ => TriesLeft::Known(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Flags, Told, Tries};
    use crate::link::signer::TriesLeft;

    fn left(tries: Tries, flags: Flags) -> TriesLeft {
        tries.left(flags.into())
    }

    fn after(failures: u8) -> Tries {
        let mut tries = Tries::default();
        (0..failures).for_each(|_| tries.failed());
        tries
    }

    #[test]
    fn a_card_nobody_tried_here_is_unknown_unless_its_module_tells() {
        assert_eq!(left(after(0), Flags::default()), TriesLeft::Unknown);
        assert_eq!(left(after(0), Flags { low: true, ..Flags::default() }), TriesLeft::Unknown);
        assert_eq!(left(after(0), Flags { last: true, ..Flags::default() }), TriesLeft::Known(1));
        assert_eq!(left(after(0), Flags { locked: true, last: true, low: true }), TriesLeft::Locked);
    }

    #[test]
    fn two_failures_make_the_next_try_the_last_even_when_the_module_is_silent() {
        assert_eq!(left(after(1), Flags::default()), TriesLeft::Unknown);
        assert_eq!(left(after(1), Flags { low: true, ..Flags::default() }), TriesLeft::Known(2));
        assert_eq!(left(after(2), Flags::default()), TriesLeft::Known(1));
    }

    #[test]
    fn a_right_pin_fills_the_counter() {
        let mut tries = after(2);
        tries.succeeded();
        assert_eq!(left(tries, Flags::default()), TriesLeft::Unknown);
    }

    #[test]
    fn a_number_the_card_told_counts() {
        assert_eq!(after(1).left(Told::Count(Some(2))), TriesLeft::Known(2));
        assert_eq!(after(0).left(Told::Count(Some(1))), TriesLeft::Known(1));
        assert_eq!(after(3).left(Told::Count(Some(0))), TriesLeft::Locked);
        assert_eq!(after(1).left(Told::Count(None)), TriesLeft::Unknown);
        assert_eq!(after(2).left(Told::Count(None)), TriesLeft::Known(1));
    }
}
