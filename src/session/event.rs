//! What happens to the session.

use std::time::Duration;

use crate::{
    card,
    link::{
        intent::Touch,
        paper::{self, Paper},
        signer,
        view::Setback,
    },
    portal, printer,
    redact::Personal,
};

/// The time of an event, given by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Monotonic, for deadlines.
    pub mono: Duration,
    /// Wall clock, Unix seconds, for validity and `signingTime`.
    pub wall: i64,
}

/// Counts visits since the start of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VisitId(pub u64);

/// Counts operations since the start of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OpId(pub u64);

/// Everything that can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// From the reader monitor.
    Card(card::Event),
    /// From the screen.
    Screen(ScreenEvent),
    /// About the connection to the signer.
    Signer(SignerEvent),
    /// The portal driver's answer to [`super::Effect::Portal`].
    Portal {
        /// Visit it was asked in.
        visit: VisitId,
        /// Operation it answers.
        op: OpId,
        /// The page, or why there is none.
        result: Result<portal::Page, portal::Fault>,
    },
    /// The signer's answer to [`super::Effect::Signer`].
    Signed {
        /// Visit it was asked in.
        visit: VisitId,
        /// Operation it answers.
        op: OpId,
        /// The reply, or why there is none.
        result: Result<signer::Reply, signer::Fault>,
    },
    /// The answer to [`super::Effect::TakeApart`].
    Paper {
        /// Visit it was asked in.
        visit: VisitId,
        /// Operation it answers.
        op: OpId,
        /// The sheets, or why there are none.
        result: Result<Paper, paper::Fault>,
    },
    /// What became of [`super::Effect::Print`], as often as there is something to say.
    Printer {
        /// Visit it was asked in.
        visit: VisitId,
        /// Operation it answers.
        op: OpId,
        /// How far it is, or why it is no further.
        result: Result<printer::News, printer::Fault>,
    },
    /// The answer to [`super::Effect::SuggestWord`].
    SuggestedWord {
        /// Visit it was asked in.
        visit: VisitId,
        /// A fresh strong word.
        word: Personal,
    },
    /// The wall clock became trustworthy, or is not.
    ClockSet(bool),
    /// An update is being written, or no longer; heard only by a kiosk that would serve somebody.
    Updating(bool),
    /// Why the last update is not in force, if it is not: for staff to read.
    Setback(Option<Setback>),
    /// The sensor sees somebody in front of the kiosk, or nobody; never heard where there is no sensor.
    Presence(bool),
    /// The housing is open, or closed again.
    Tamper(bool),
    /// The staff's key is turned, or turned back.
    ServiceKey(bool),
    /// The button beside the screen that calls staff is pressed, or let go.
    CallButton(bool),
    /// What came of [`super::Effect::CallStaff`] of this number: staff was told, or not.
    StaffCalled {
        /// Of the call.
        number: u64,
        /// Somebody was told.
        told: bool,
    },
    /// A deadline that `poll` named has come.
    Wake,
}

/// What the screen says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScreenEvent {
    /// A screen connected; it shows nothing yet and has shown no text.
    Connected,
    /// The screen is gone.
    Lost,
    /// Somebody touched it.
    Touch(Touch),
}

/// Whether the signer is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignerEvent {
    /// It is connected and empty.
    Connected,
    /// It is gone; whatever it was doing is void.
    Lost,
}
