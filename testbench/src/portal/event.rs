//! What the simulator tells about itself: one order of events, none with personal data.
//!
//! Events name pages and verdicts. Codes, names, numbers and page bodies never get here, so that neither the
//! demo's terminal nor the log can leak them.

use serde::Serialize;

use super::{Fault, Institution};

/// Something the simulator did. `number` gives the one order of all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SimEvent {
    /// Counts from 1 without gaps.
    pub number: u64,
    /// RFC 3339, wall clock.
    pub at: String,
    /// What was done.
    #[serde(flatten)]
    pub what: What,
}

/// What the simulator did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum What {
    /// A page was served.
    Served {
        /// Whose portal.
        institution: Institution,
        /// Which page.
        page: PageName,
    },
    /// A named fault struck.
    FaultStruck {
        /// Which.
        fault: Fault,
    },
    /// The faults of the run were set; so many are on.
    FaultsSet {
        /// How many.
        on: usize,
    },
    /// An SMS was handed to the telephone network.
    SmsSent,
    /// A verification code was issued.
    CodeIssued,
    /// The signing service handed out the texts.
    TextsHandedOut {
        /// How many.
        count: usize,
    },
    /// The signing service refused something.
    SigningRefused {
        /// Why.
        reason: super::signing::Refusal,
    },
    /// An online page was served.
    ServedOnline {
        /// Which page.
        page: super::online::OnlinePage,
    },
    /// Somebody has another security word.
    WordReset,
    /// A verification code was issued that unblocks a card.
    UnblockBegun,
    /// The signing service handed a PUK out.
    UnblockGranted,
    /// It was told how an unblocking ended, for the first time or once more.
    UnblockReported {
        /// The card has a new PIN.
        done: bool,
    },
    /// Valid signatures arrived: the application is received.
    ApplicationReceived {
        /// How many texts were signed.
        signatures: usize,
    },
}

/// The pages of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageName {
    /// User login.
    Login,
    /// The login page's picture.
    Captcha,
    /// The application form.
    Form,
    /// The districts of a province.
    Districts,
    /// The number is shown, "GÖNDER".
    SmsSend,
    /// The SMS code is asked for.
    SmsCode,
    /// The SMS code's time is over.
    SmsExpired,
    /// The choice between the two methods.
    Method,
    /// Method 1: a link to a PDF.
    WetInk,
    /// The PDF.
    Document,
    /// The verification code waits for its signature.
    Signing,
    /// The verification code's time is over.
    CodeExpired,
    /// The application is received.
    Result,
    /// "kadronuz e-imza için uygun değildir"
    NotEligible,
    /// The portal's web service failed.
    WebServiceError,
    /// The session is over.
    SessionEnded,
    /// A page that no profile knows.
    Unknown,
    /// There is nothing at that address.
    NotFound,
}
