//! What the desk hears and what it wants done: the seam between the dialogue and the threads around it.

use std::sync::{Arc, atomic::AtomicBool};

use crate::{
    card::ReaderName,
    link::{
        keypad::Question,
        new_pin::NewPinFrame,
        pin::{Pin, PinFrame, Verdict},
        signer::{Answer, Call, Fault, Fingerprint, RequestId},
    },
    signature::Draft,
    token::{
        found::{Entry, Found, Refusal, Replacement, Unreplaced},
        tries::Told,
    },
};

/// Names a connection of the PIN socket that waits for its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::token) struct Ticket(pub(in crate::token) u64);

/// What happens to the desk.
pub(in crate::token) enum Input {
    /// `kioskd` calls; `fresh` is a random name in case it is a request.
    Call {
        /// The call.
        call: Call,
        /// 16 random bytes.
        fresh: RequestId,
    },
    /// A frame came to the PIN socket.
    Pin {
        /// The frame.
        frame: PinFrame,
        /// Where its verdict goes.
        ticket: Ticket,
    },
    /// A frame with a new PIN came to the PIN socket.
    NewPin {
        /// The frame.
        frame: NewPinFrame,
        /// Where its verdict goes.
        ticket: Ticket,
    },
    /// The screen vouches for the texts, and the PIN is to be typed on the reader's keys.
    AtReader {
        /// For what.
        question: Question,
        /// Where its verdict goes.
        ticket: Ticket,
    },
    /// The module finished a job, in the order they were given.
    Module(Outcome),
    /// `kioskd` is gone.
    KioskdLost,
    /// The deadline that [`super::Desk::deadline`] named may have come.
    Tick,
}

/// What the desk wants done.
pub(in crate::token) enum Output {
    /// To `kioskd`.
    Answer(Answer),
    /// To the PIN socket.
    Verdict(Ticket, Verdict),
    /// To the module's thread.
    Run(Job),
    /// Begin anew with an empty process image.
    Leave,
}

/// A piece of work for the backend.
pub(in crate::token) enum Job {
    /// [`crate::token::backend::Backend::read`]
    Read(ReaderName),
    /// [`crate::token::backend::Backend::check`]
    Check(ReaderName, Fingerprint),
    /// [`crate::token::backend::Backend::sign`]
    Sign(Box<SignJob>),
    /// [`crate::token::backend::Backend::replace`]
    Replace(Box<ReplaceJob>),
    /// Nothing but an [`Outcome::Idle`]: what was given before is over, and with it any login.
    Settle,
    /// [`crate::token::backend::Backend::close`]
    Close,
}

/// What is signed, with what, by a PIN from where.
pub(in crate::token) struct SignJob {
    pub(in crate::token) reader: ReaderName,
    pub(in crate::token) certificate: Fingerprint,
    pub(in crate::token) drafts: Vec<Draft>,
    pub(in crate::token) entry: Entry,
    pub(in crate::token) unwanted: Arc<AtomicBool>,
}

/// Which card's PIN is given another, and how. Nothing ends it between two steps: the card is to be left with one of the two.
pub(in crate::token) struct ReplaceJob {
    pub(in crate::token) reader: ReaderName,
    pub(in crate::token) certificate: Fingerprint,
    pub(in crate::token) how: Replacement,
    pub(in crate::token) new: Pin,
}

/// What came of a [`Job`].
pub(in crate::token) enum Outcome {
    /// Of [`Job::Read`].
    Read(Result<Found, Fault>),
    /// Of [`Job::Check`].
    Checked(Result<Told, Fault>),
    /// Of [`Job::Sign`].
    Signed(Result<Vec<Vec<u8>>, Refusal>),
    /// Of [`Job::Replace`].
    Replaced(Result<(), Unreplaced>),
    /// Of [`Job::Settle`] and [`Job::Close`].
    Idle,
}
