//! The card's PIN: its counter of tries, and the PUK that opens it again.
//!
//! A try is spent before the digits are compared, as a card does that may lose power at any moment. It
//! knows nothing of commands.

/// Wrong tries until the PIN locks, and until the PUK does.
const MOST_TRIES: u8 = 3;
const MOST_PUK_TRIES: u8 = 10;
/// Lengths a PIN may have.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=16;

/// Why digits were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Wrong; so many tries are left.
    Wrong(u8),
    /// No tries are left, perhaps since now.
    Locked,
    /// No new PIN has this form.
    Form,
}

/// PIN, PUK and their counters.
pub(super) struct PinStore {
    pin: Vec<u8>,
    puk: Vec<u8>,
    tries: u8,
    puk_tries: u8,
    verified: bool,
    puk_verified: bool,
}

impl PinStore {
    pub(super) fn new(pin: &str, puk: &str) -> Self {
        let (tries, puk_tries) = (MOST_TRIES, MOST_PUK_TRIES);
        Self { pin: pin.into(), puk: puk.into(), tries, puk_tries, verified: false, puk_verified: false }
    }

    pub(super) fn set_tries(&mut self, tries: u8) {
        self.tries = tries.min(MOST_TRIES);
        self.verified = false;
    }

    /// Tries left.
    pub(super) fn tries(&self) -> u8 {
        self.tries
    }

    /// Whether the PIN was verified since the last reset or logout.
    pub(super) fn is_verified(&self) -> bool {
        self.verified
    }

    pub(super) fn forget(&mut self) {
        self.verified = false;
        self.puk_verified = false;
    }

    /// Whether the PUK was verified since then.
    pub(super) fn is_puk_verified(&self) -> bool {
        self.puk_verified
    }

    /// VERIFY.
    pub(super) fn verify(&mut self, digits: &[u8]) -> Result<(), Refused> {
        self.verified = false;
        spend(&mut self.tries, MOST_TRIES, digits == self.pin)?;
        self.verified = true;
        Ok(())
    }

    /// VERIFY of the PUK.
    pub(super) fn verify_puk(&mut self, digits: &[u8]) -> Result<(), Refused> {
        self.puk_verified = false;
        spend(&mut self.puk_tries, MOST_PUK_TRIES, digits == self.puk)?;
        self.puk_verified = true;
        Ok(())
    }

    /// CHANGE REFERENCE DATA. It does not count as a VERIFY.
    pub(super) fn change(&mut self, old: &[u8], new: &[u8]) -> Result<(), Refused> {
        well_formed(new)?;
        spend(&mut self.tries, MOST_TRIES, old == self.pin)?;
        self.pin = new.to_vec();
        Ok(())
    }

    /// RESET RETRY COUNTER: the PUK opens the PIN and sets a new one.
    pub(super) fn unblock(&mut self, puk: &[u8], new: &[u8]) -> Result<(), Refused> {
        well_formed(new)?;
        spend(&mut self.puk_tries, MOST_PUK_TRIES, puk == self.puk)?;
        self.set(new)
    }

    /// A new PIN with all its tries, once for each time the PUK was right.
    pub(super) fn set(&mut self, new: &[u8]) -> Result<(), Refused> {
        well_formed(new)?;
        self.pin = new.to_vec();
        self.tries = MOST_TRIES;
        self.forget();
        Ok(())
    }

    /// Digits of the PIN, which stand before the new one where it is changed without lengths.
    pub(super) fn pin_length(&self) -> usize {
        self.pin.len()
    }

    /// Digits of the PUK, which stand before the new PIN in RESET RETRY COUNTER.
    pub(super) fn puk_length(&self) -> usize {
        self.puk.len()
    }
}

fn spend(tries: &mut u8, most: u8, right: bool) -> Result<(), Refused> {
    let left = tries.checked_sub(1).ok_or(Refused::Locked)?;
    *tries = left;
    if right {
        *tries = most;
        Ok(())
    } else if left == 0 {
        Err(Refused::Locked)
    } else {
        Err(Refused::Wrong(left))
    }
}

fn well_formed(pin: &[u8]) -> Result<(), Refused> {
    let fine = LENGTHS.contains(&pin.len()) && pin.iter().all(u8::is_ascii_digit);
    if fine { Ok(()) } else { Err(Refused::Form) }
}
