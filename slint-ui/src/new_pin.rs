//! Another PIN as it is typed: the one there is, the new one, the new one again, until all of it is on its way.
//!
//! Each is only ever a [`Pin`]. Nothing leaves before the new one is fit and was typed twice; what the signer makes of
//! it is told to `kioskd`, never here.

use std::{io, path::Path};

use eimza_kiosk::link::{
    new_pin::{self, DIGITS, Weakness},
    pin::{FEWEST_DIGITS, Pin, Verdict},
    signer::RequestId,
    view::NewPinKind,
};

use crate::pin_socket::signer;

/// Which PIN is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The one there is.
    Old,
    /// The new one.
    New,
    /// The new one again.
    Repeat,
}

/// What came of a PIN that was typed to its end.
pub enum Typed {
    /// The next one is asked for; or digits are missing, and the same still is.
    GoesOn,
    /// The new one is too easily guessed, or no other one: it is asked for again.
    Weak(Weakness),
    /// The two new ones are not the same: both are asked for again.
    Differs,
    /// All is there.
    All(Parcel),
}

/// Three PINs being typed for one request.
pub struct Entry {
    request: RequestId,
    step: Step,
    /// Empty where the card's PIN is locked and opened by what the portal gave.
    old: Option<Pin>,
    new: Pin,
    repeat: Pin,
}

/// Both PINs on their way.
pub struct Parcel {
    request: RequestId,
    accept_last_try: bool,
    old: Option<Pin>,
    new: Pin,
}

impl Entry {
    /// With no digits yet.
    ///
    /// # Errors
    /// When no memory can be locked.
    pub fn new(request: RequestId, kind: NewPinKind) -> io::Result<Self> {
        let (step, old) = match kind {
            NewPinKind::Change => (Step::Old, Some(Pin::new()?)),
            NewPinKind::Unblock => (Step::New, None),
        };
        Ok(Self { request, step, old, new: Pin::new()?, repeat: Pin::new()? })
    }

    /// For which request.
    #[must_use]
    pub fn request(&self) -> RequestId {
        self.request
    }

    /// Which PIN is asked for.
    #[must_use]
    pub fn step(&self) -> Step {
        self.step
    }

    /// How many digits of it there are.
    #[must_use]
    pub fn length(&self) -> usize {
        match self.step {
            Step::Old => self.old.as_ref().map_or(0, Pin::len),
            Step::New => self.new.len(),
            Step::Repeat => self.repeat.len(),
        }
    }

    /// Adds a digit, where there is room.
    pub fn digit(&mut self, digit: u8) {
        if self.step == Step::Old || self.length() < DIGITS {
            self.typing(|pin| {
                pin.push(digit);
            });
        }
    }

    /// Takes a digit back.
    pub fn delete(&mut self) {
        self.typing(|pin| {
            pin.pop();
        });
    }

    /// One PIN back: that one is typed anew, and what was typed since is forgotten.
    pub fn back(&mut self) {
        self.step = match self.step {
            Step::Old | Step::New if self.old.is_some() => Step::Old,
            Step::Old | Step::New | Step::Repeat => Step::New,
        };
        self.repeat.clear();
        self.new.clear();
        if self.step == Step::Old
            && let Some(old) = &mut self.old
        {
            old.clear();
        }
    }

    /// The PIN that is asked for was typed to its end. `accept_last_try`: the person said yes to it here.
    /// Gives the entry back unless all of it is on its way.
    #[must_use]
    pub fn done(mut self, accept_last_try: bool) -> (Option<Self>, Typed) {
        let enough = match self.step {
            Step::Old => self.length() >= FEWEST_DIGITS,
            Step::New | Step::Repeat => self.length() == DIGITS,
        };
        if !enough {
            return (Some(self), Typed::GoesOn);
        }
        match self.step {
            Step::Old => self.step = Step::New,
            Step::New => {
                if let Some(weakness) = Weakness::of(&self.new, self.old.as_ref()) {
                    self.new.clear();
                    return (Some(self), Typed::Weak(weakness));
                }
                self.step = Step::Repeat;
            }
            Step::Repeat if self.repeat.expose() != self.new.expose() => {
                self.back();
                return (Some(self), Typed::Differs);
            }
            Step::Repeat => {
                let Self { request, old, new, .. } = self;
                return (None, Typed::All(Parcel { request, accept_last_try, old, new }));
            }
        }
        (Some(self), Typed::GoesOn)
    }

    /// Changes the PIN that is asked for.
    fn typing(&mut self, change: impl FnOnce(&mut Pin)) {
        match self.step {
            Step::Old => {
                if let Some(old) = &mut self.old {
                    change(old);
                }
            }
            Step::New => change(&mut self.new),
            Step::Repeat => change(&mut self.repeat),
        }
    }
}

impl Parcel {
    /// For which request.
    #[must_use]
    pub fn request(&self) -> RequestId {
        self.request
    }

    /// Sends both to the signer that listens under this uid and waits for the verdict; they are gone afterwards.
    ///
    /// # Errors
    /// The socket's error; nothing is known of the outcome then. Somebody else who listens there gets nothing.
    pub fn send(self, socket: &Path, signer_uid: Option<u32>) -> io::Result<Verdict> {
        let mut stream = signer(socket, signer_uid)?;
        new_pin::send(&mut stream, self.request, self.accept_last_try, self.old.as_ref(), &self.new)
    }
}
