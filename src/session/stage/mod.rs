//! Where a visit is: one variant per page or wait, each with only what is valid there.
//!
//! What holds of a stage, its deadlines and what it waits for, is in `rules`; what happens in it is in
//! [`super::step`].

mod online;
mod rules;

use std::time::Duration;

use super::{OpId, fault::Cause, sheet::Sheet};
use crate::{
    card::certificate::Certificate,
    link::{
        challenge::Challenge,
        paper::Paper,
        signer::{Fingerprint, RequestId, TriesLeft},
        view::{ComparedLine, Finding, NewPinKind, Section},
    },
    portal::{Action, Captcha, Method, Quote, SigningText},
    redact::{Personal, PortalSecret},
};
pub(super) use online::{Learned, Online, Question, Report, Towards};
pub(super) use rules::Patience;

/// A question to an adapter, and until when its answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) op: OpId,
    pub(super) by: Duration,
}

/// Where a visit is.
#[derive(Debug)]
pub(super) enum Stage {
    /// The card's certificates are being read. `asked` is empty while the signer is away.
    Reading {
        asked: Option<Asked>,
        by: Duration,
    },
    Eligibility(Eligibility),
    Check(Box<Check>),
    /// Where there is a way back, to what the card says.
    Notice(Option<Eligibility>),
    Opening(Asked),
    Login(Box<Login>),
    LoggingIn(Asked),
    Form(Box<Form>),
    Review(Box<Sheet>),
    SubmittingForm {
        asked: Asked,
        sheet: Box<Sheet>,
    },
    SmsSend {
        phone: Personal,
    },
    SendingSms {
        asked: Asked,
        phone: Personal,
    },
    SmsCode(SmsWait),
    SubmittingSms {
        asked: Asked,
        wait: SmsWait,
    },
    Method {
        offered: Vec<Method>,
    },
    ChoosingMethod {
        asked: Asked,
        method: Method,
        offered: Vec<Method>,
    },
    /// The document of method 1 is being taken apart.
    TakingApart(Asked),
    /// It is being read.
    Paper(Sheets),
    Printing {
        asked: Asked,
        sheets: Sheets,
        out_of_paper: bool,
    },
    /// Every sheet is out.
    Printed,
    FetchingTexts {
        asked: Asked,
        code: Code,
    },
    Contract(Box<Contract>),
    /// The contract was read; which certificate?
    Certificate(Box<Contract>),
    Preparing {
        pending: Box<Pending>,
        phase: Phase,
    },
    LastTry(Box<Ready>),
    Pin {
        ready: Box<Ready>,
        collect: Asked,
    },
    Signing {
        ready: Box<Ready>,
        collect: Asked,
    },
    HandingIn {
        asked: Asked,
        code: Code,
        /// What is handed in, kept for the case that it never leaves.
        application: Box<Action>,
    },
    Asking(Box<Outcome>),
    Result {
        usable_from: String,
    },
    /// The card has its new PIN.
    PinSet(NewPinKind),
    /// The portal's online pages.
    Online(Box<Online>),
    Trouble(Box<Trouble>),
}

/// Who the card says it is, and whether a renewal can go on.
#[derive(Debug, Clone)]
pub(super) struct Eligibility {
    pub(super) holder: Personal,
    pub(super) valid_until: String,
    pub(super) days_left: i64,
    pub(super) verdict: Result<(), Cause>,
    pub(super) possible_from: Option<String>,
}

/// What the card check found, and how a renewal would begin.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) findings: Vec<Finding>,
    pub(super) renewal: Option<Eligibility>,
    /// The certificate a trial would be made with.
    pub(super) trial: Option<Fingerprint>,
}

/// The login page.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) captcha: Captcha,
    pub(super) sheet: Sheet,
    pub(super) wrong_captcha: bool,
    pub(super) refusal: Option<Quote>,
}

/// One page of the form.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) sheet: Box<Sheet>,
    pub(super) section: Section,
    /// The person came from the last look and goes back there.
    pub(super) correcting: bool,
    /// Districts under way, and of which province.
    pub(super) districts: Option<(Asked, Personal)>,
}

/// The wait for the SMS.
#[derive(Debug, Clone, Copy)]
pub(super) struct SmsWait {
    pub(super) by: Duration,
    pub(super) total: Duration,
    /// When it will be late; empty when it is.
    pub(super) late_at: Option<Duration>,
    /// Wrong codes so far.
    pub(super) wrongs: u8,
    /// The last one was wrong.
    pub(super) wrong: bool,
}

/// A document and the page of it that is shown.
#[derive(Debug, Clone)]
pub(super) struct Sheets {
    pub(super) paper: Paper,
    /// Counted from 0, and never beyond the last.
    pub(super) at: usize,
}

/// A verification code and its life.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) digits: Personal,
    pub(super) by: Duration,
    pub(super) total: Duration,
}

/// What is to be signed, as it is shown.
#[derive(Debug)]
pub(super) struct Contract {
    pub(super) subject: Subject,
    pub(super) texts: Vec<SigningText>,
    pub(super) lines: Vec<ComparedLine>,
}

/// What a PIN is asked for.
#[derive(Debug)]
pub(super) enum Subject {
    /// An application, for this code.
    Application(Code),
    /// A trial of the card, with a text of the signer's own.
    Trial(Trial),
    /// A login at the portal, with a text of the signer's own.
    Login(LoginText),
    /// Whoever helps shows that they are staff, with a text of the signer's own.
    Assistance(Box<Assistance>),
    /// Another PIN: there are no texts.
    NewPin(NewPin),
}

/// The portal's challenge, and what is made of it.
#[derive(Debug)]
pub(super) struct LoginText {
    pub(super) challenge: Challenge,
    /// With which certificate.
    pub(super) certificate: Fingerprint,
    /// Unix seconds that stand in the text: asked for again, it is the same.
    pub(super) at: i64,
    /// How long the challenge is good for; it has no digits.
    pub(super) life: Code,
}

/// How a card comes by another PIN.
#[derive(Debug)]
pub(super) enum NewPin {
    /// Whoever knows the old one types it.
    Change,
    /// The portal let it be opened.
    Unblock(Unblocking),
}

/// What opens a locked PIN.
#[derive(Debug)]
pub(super) struct Unblocking {
    /// What it was authorised by.
    pub(super) code: Code,
    /// Empty once the signer has it.
    pub(super) puk: Option<PortalSecret>,
}

impl NewPin {
    pub(super) fn kind(&self) -> NewPinKind {
        match self {
            Self::Change => NewPinKind::Change,
            Self::Unblock(_) => NewPinKind::Unblock,
        }
    }
}

/// A trial of the card.
#[derive(Debug)]
pub(super) struct Trial {
    /// What the check had found before.
    pub(super) check: Check,
    /// With which certificate.
    pub(super) certificate: Fingerprint,
    /// Unix seconds that stand in the text: asked for again, it is the same.
    pub(super) at: i64,
}

/// Whoever helps shows that they are staff.
#[derive(Debug)]
pub(super) struct Assistance {
    /// The one of the list.
    pub(super) certificate: Certificate,
    pub(super) challenge: Challenge,
    /// Unix seconds that stand in the text: asked for again, it is the same.
    pub(super) at: i64,
}

impl Contract {
    /// What ends the time for it: the verification code of an application, the challenge of a login. What was
    /// authorised for a new PIN is with the signer.
    pub(super) fn code(&self) -> Option<&Code> {
        match &self.subject {
            Subject::Application(code) => Some(code),
            Subject::Login(login) => Some(&login.life),
            Subject::Trial(_) | Subject::Assistance(_) | Subject::NewPin(_) => None,
        }
    }

    /// Another PIN is to be set, and how.
    pub(super) fn new_pin(&self) -> Option<NewPinKind> {
        match &self.subject {
            Subject::NewPin(new) => Some(new.kind()),
            Subject::Application(_) | Subject::Trial(_) | Subject::Login(_) | Subject::Assistance(_) => None,
        }
    }
}

/// A contract that was read to its end, or a new PIN, on the way to the card.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) contract: Box<Contract>,
    pub(super) certificate: Fingerprint,
    /// The screen that is there has shown the texts to their end.
    pub(super) shown: bool,
    /// The PIN typed last was wrong.
    pub(super) wrong: bool,
    /// Requests the signer lost without a person's doing.
    pub(super) rounds: u8,
}

/// How far the preparation is.
#[derive(Debug)]
pub(super) enum Phase {
    /// The signer or the card is away.
    Waiting { by: Duration },
    /// The signer forgot the card and reads it again.
    Reading(Asked),
    /// The request is being announced.
    Announcing(Asked),
}

/// A prepared request.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) pending: Box<Pending>,
    pub(super) request: RequestId,
    pub(super) tries: TriesLeft,
}

/// The question what became of an application.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) code: Code,
    /// The signing service said that it took the signatures.
    pub(super) taken: bool,
    pub(super) until: Duration,
    pub(super) look: Look,
}

/// When the signing page is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Look {
    Asked(Asked),
    At(Duration),
}

/// A page that says what went wrong.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) cause: Cause,
    pub(super) quote: Option<Quote>,
    pub(super) way: Way,
}

/// How the visit can go on from trouble.
#[derive(Debug)]
pub(super) enum Way {
    /// Not at all.
    Nothing,
    /// Read the card again.
    Read,
    /// Open the portal anew.
    Open,
    /// Show that page again.
    Page(Box<Stage>),
    /// Ask for the document of method 1 again.
    Document,
    /// Ask for the texts again.
    Fetch(Code),
    /// Ask the signing service to unblock again.
    Unblock(Code),
    /// Prepare the signature again.
    Prepare(Box<Pending>),
    /// Hand the same signatures in: they never left.
    HandIn { code: Code, application: Box<Action> },
    /// Ask for the outcome again; nothing else may be offered before it is known.
    Ask(Box<Outcome>),
}
