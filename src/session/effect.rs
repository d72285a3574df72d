//! What the session wants done.

use super::{OpId, VisitId, fault::Cause};
use crate::{
    link::{
        paper::{Note, Paper},
        signer,
        view::Reference,
    },
    portal::{self, Pdf},
};

/// Everything that can be asked of the adapters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Do this at the portal and answer with [`super::Event::Portal`].
    Portal {
        /// Visit that asks.
        visit: VisitId,
        /// Operation to answer under.
        op: OpId,
        /// What.
        action: portal::Action,
    },
    /// Stop what is under way at the portal; no answer is wanted. Cookies and connections stay.
    CancelPortal,
    /// Drop the portal's session: cookies, connections, pages.
    ClosePortal,
    /// Ask the signer and answer with [`super::Event::Signed`].
    Signer {
        /// Visit that asks.
        visit: VisitId,
        /// Operation to answer under.
        op: OpId,
        /// What.
        request: signer::Request,
    },
    /// Have a document taken apart and answer with [`super::Event::Paper`].
    TakeApart {
        /// Visit that asks.
        visit: VisitId,
        /// Operation to answer under.
        op: OpId,
        /// The document.
        pdf: Pdf,
        /// What stands on the sheet that follows it.
        note: Note,
    },
    /// Print and answer with [`super::Event::Printer`], until it is done or given up.
    Print {
        /// Visit that asks.
        visit: VisitId,
        /// Operation to answer under.
        op: OpId,
        /// What.
        paper: Paper,
    },
    /// Drop whatever there is of a document, and call off what is printing.
    DropPaper,
    /// Draw a fresh security word and answer with [`super::Event::SuggestedWord`].
    SuggestWord {
        /// Visit that asks.
        visit: VisitId,
    },
    /// The guide lamp at the card slot.
    Lamp(Lamp),
    /// The buzzer.
    Sound(Sound),
    /// The light behind the screen.
    Backlight(Backlight),
    /// Let the volatile flags of what is in flight say this and nothing else; nothing personal is in them.
    InFlight(Option<InFlight>),
    /// Raise or clear the lasting flag "the housing was opened"; nothing personal is in it.
    Tampered(bool),
    /// Somebody asks for staff: tell them, by whatever way there is, and answer with [`super::Event::StaffCalled`]
    /// where there is one.
    CallStaff(StaffCall),
    /// One line of the visit's story, for the journal.
    Log(Transition),
}

/// What a crash leaves open (invariant 5): it is flagged until its end is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InFlight {
    /// An application is being handed in; flagged before it leaves.
    Submission,
    /// The card is taking another PIN; flagged when the screen says that the signer has the PINs.
    NewPin,
}

#[cfg(feature = "supervisor")]
impl InFlight {
    /// What the person is told who did not hear the end.
    pub(super) fn cause(self) -> Cause {
        match self {
            Self::Submission => Cause::OutcomeUnknown,
            Self::NewPin => Cause::PinUncertain,
        }
    }
}

/// A call for staff; nothing personal is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaffCall {
    /// Counts calls since the start of the program.
    pub number: u64,
    /// Visit in which it is made, if one is.
    pub visit: Option<VisitId>,
    /// What the person reads out.
    pub reference: Reference,
    /// Name of the state in which it is made.
    pub step: &'static str,
    /// Staff was told of another a moment ago and is on the way: it is for the journal alone.
    pub told_already: bool,
}

/// Patterns of the guide lamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lamp {
    /// Dark: out of service.
    Off,
    /// Slow pulse: put the card here.
    Invite,
    /// Steady: the card is in use, leave it.
    Steady,
    /// Fast blink: take the card, or put it back.
    Attention,
}

/// The light behind the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backlight {
    /// Somebody may look at it.
    On,
    /// Nobody is there.
    Off,
}

/// Sounds of the buzzer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sound {
    /// Something went wrong.
    Error,
    /// Take your card.
    TakeCard,
    /// The card is forgotten.
    Alarm,
    /// Received.
    Success,
    /// A button was heard.
    Click,
    /// Be quiet.
    Silence,
}

/// A change of state, for the log: `VISIT`, `FROM`, `TO`, `CAUSE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// Visit, where there is one.
    pub visit: Option<VisitId>,
    /// Name of the state left.
    pub from: &'static str,
    /// Name of the state entered.
    pub to: &'static str,
    /// Why, where it is a fault.
    pub cause: Option<Cause>,
    /// Staff should act.
    pub staff: bool,
    /// In this visit somebody of the staff helps; who is told nowhere.
    pub assisted: bool,
}
