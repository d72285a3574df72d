//! What is known of the tries left before the PIN locks. Pure.
//!
//! A PKCS#11 module tells little and not always: flags that say "the last one" or "locked", and only in the
//! process that saw the failures. What nobody can know stays unknown; it is never guessed upwards.

use crate::link::signer::TriesLeft;

/// Wrong tries that lock a PIN.
const TRIES: u8 = 3;

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

    /// Tries left, given the module's flags.
    pub(super) fn left(self, flags: Flags) -> TriesLeft {
        if flags.locked {
            return TriesLeft::Locked;
        }
        if flags.last {
            return TriesLeft::Known(1);
        }
        match self.wrong {
            0 => TriesLeft::Unknown,
            // The module counts: it would have said so if this were the last.
            1 if flags.low => TriesLeft::Known(TRIES - 1),
            // There may have been failures before this process came: at most two are left.
            1 => TriesLeft::Unknown,
            // At most one is left, whatever was before.
            _ => TriesLeft::Known(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Flags, Tries};
    use crate::link::signer::TriesLeft;

    fn after(failures: u8) -> Tries {
        let mut tries = Tries::default();
        (0..failures).for_each(|_| tries.failed());
        tries
    }

    #[test]
    fn a_card_nobody_tried_here_is_unknown_unless_its_module_tells() {
        assert_eq!(after(0).left(Flags::default()), TriesLeft::Unknown);
        assert_eq!(after(0).left(Flags { low: true, ..Flags::default() }), TriesLeft::Unknown);
        assert_eq!(after(0).left(Flags { last: true, ..Flags::default() }), TriesLeft::Known(1));
        assert_eq!(after(0).left(Flags { locked: true, last: true, low: true }), TriesLeft::Locked);
    }

    #[test]
    fn two_failures_make_the_next_try_the_last_even_when_the_module_is_silent() {
        assert_eq!(after(1).left(Flags::default()), TriesLeft::Unknown);
        assert_eq!(after(1).left(Flags { low: true, ..Flags::default() }), TriesLeft::Known(2));
        assert_eq!(after(2).left(Flags::default()), TriesLeft::Known(1));
    }

    #[test]
    fn a_right_pin_fills_the_counter() {
        let mut tries = after(2);
        tries.succeeded();
        assert_eq!(tries.left(Flags::default()), TriesLeft::Unknown);
    }
}
