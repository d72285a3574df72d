//! The one table from cause to what the person can do, and from an adapter's fault to its cause.
//!
//! A cause is never shown as another: a code fault is not a PIN fault, a pulled card is not a wrong PIN,
//! an unreachable portal is not a person's mistake. It knows nothing of when a fault happened; which advice
//! has a way on at that moment is decided by the state. Longer than others: one table, in which no cause is forgotten.

use serde::{Deserialize, Serialize};

use super::Sound;
use crate::{link::signer, portal, printer};

/// What happened, as far as the person and staff need to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    // The kiosk itself
    /// No reader is connected.
    NoReader,
    /// The PC/SC service does not answer.
    ReaderService,
    /// The wall clock is not set: nothing can be judged or signed.
    ClockNotSet,
    /// The signer does not come up.
    SignerDown,
    /// The configuration is broken.
    Configuration,
    /// The office has not set the kiosk up yet.
    NotSetUp,
    /// The kiosk is being updated.
    Updating,
    /// The housing was opened.
    Tampered,
    // The card
    /// The card does not answer, or is upside down.
    CardMute,
    /// No backend knows this card.
    CardUnknown,
    /// There is no certificate with a key on the card.
    NoCertificate,
    /// A certificate cannot be parsed.
    CertificateMalformed,
    /// Not a person's qualified certificate.
    NotQualified,
    /// An electronic seal, not a person's signature.
    Seal,
    /// The certificate has expired: wet ink.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// Renewal is not possible yet: more days left than the rule allows.
    TooEarly,
    /// Another card than the one the visit began with.
    OtherCard,
    /// The card was pulled and not put back in time.
    CardPulled,
    /// The reader was unplugged.
    ReaderLost,
    /// Another program holds the reader.
    ReaderBusy,
    /// The card's module hangs or fails.
    CardModule,
    // The PIN
    /// The PIN is locked.
    PinLocked,
    /// The card did not accept the PUK: the PIN is locked as before.
    PukWrong,
    /// The PUK is locked: the card opens no PIN any more.
    PukLocked,
    /// The new PIN may hold, or the old one.
    PinUncertain,
    /// The card takes no PIN of this form; nothing has changed.
    PinUnfit,
    /// This card, or this kiosk with it, cannot do what was asked; nothing has changed.
    NotOffered,
    /// The PIN is not locked: there is nothing to open.
    PinNotLocked,
    // The portal
    /// The portal cannot be reached.
    PortalUnreachable,
    /// The portal answers too slowly.
    PortalTimeout,
    /// The portal's certificate is not trusted.
    PortalTls,
    /// The portal answers with an error.
    PortalError,
    /// The portal shows a page or form this kiosk does not know.
    PortalChanged,
    /// The portal's answer cannot be read.
    PortalMalformed,
    /// The portal ended the session.
    PortalSession,
    /// The portal says the data are not the register's, or refuses the login.
    LoginRefused,
    /// The portal does not accept what it filled in itself and lets nobody change.
    RegisterRefused,
    /// The portal refuses national id and security word, again and again.
    WordRefused,
    /// The portal does not offer this person what was come for.
    ServiceNotOffered,
    /// "kadronuz e-imza için uygun değildir"
    NotEligible,
    /// The portal's web-service error.
    WebService,
    /// The SMS code expired.
    SmsExpired,
    /// The SMS code was wrong too often.
    SmsWrong,
    /// The verification code expired.
    CodeExpired,
    /// The verification code is not known to the signing service.
    CodeUnknown,
    /// The contract says other things than the form.
    ContractDiffers,
    /// A text to be signed cannot be shown safely.
    TextUnreadable,
    /// The signing service refused the signature.
    SignatureRefused,
    /// The signature made here does not verify.
    SignatureFaulty,
    /// It is not known whether the application arrived.
    OutcomeUnknown,
    /// The person chose wet ink, which this service does not do.
    WetInk,
    // Paper
    /// The portal's document cannot be shown.
    PaperUnreadable,
    /// The printer cannot be reached.
    PrinterUnreachable,
    /// It had no paper for too long.
    PrinterOutOfPaper,
    /// It did not print, or takes nothing of what this kiosk prints.
    PrinterFailed,
    // Whoever helps
    /// The card is of nobody on the office's list.
    NotStaff,
    /// It is of the list, and its certificate has expired.
    StaffExpired,
    // The visit
    /// Nobody was there any more.
    Abandoned,
    /// The person cancelled.
    Cancelled,
    /// The kiosk was restarted in the middle of a visit.
    Restarted,
}

/// What the person can do now. The screen has a button for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Advice {
    /// Try the same again.
    TryAgain,
    /// Begin the application anew, keeping what was typed.
    StartOver,
    /// Go back to the form.
    CorrectForm,
    /// Put the card in the right way round.
    ReinsertCard,
    /// Use another card.
    AnotherCard,
    /// Come back later.
    ComeLater,
    /// Ask the staff of this office.
    CallStaff,
    /// Ask the personnel branch (Atama) of the district.
    HumanResources,
    /// Call the authority's call centre.
    CallCentre,
    /// Apply with a wet-ink signature.
    WetInk,
    /// Open the locked PIN at this kiosk, with the card that is in.
    UnblockHere,
    /// Have the PIN unblocked elsewhere.
    Unblock,
    /// Begin a renewal with the card that is in.
    Renew,
    /// Sign a text without effect, to see that card and PIN work.
    TestSignature,
    /// End the visit.
    Finish,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remedy {
    /// What the person can do, the best first.
    pub advice: &'static [Advice],
    /// Staff should act: the kiosk or the portal needs looking after.
    pub staff: bool,
    /// What is heard.
    pub sound: Sound,
    /// Short name for staff; it identifies the fault, not the person.
    pub code: &'static str,
}

impl Cause {
    /// Every cause there is.
    pub const ALL: [Self; 61] = {
        use Cause as C;
        [
            C::NoReader,
            C::ReaderService,
            C::ClockNotSet,
            C::SignerDown,
            C::Configuration,
            C::NotSetUp,
            C::Updating,
            C::Tampered,
            C::CardMute,
            C::CardUnknown,
            C::NoCertificate,
            C::CertificateMalformed,
            C::NotQualified,
            C::Seal,
            C::Expired,
            C::NotYetValid,
            C::TooEarly,
            C::OtherCard,
            C::CardPulled,
            C::ReaderLost,
            C::ReaderBusy,
            C::CardModule,
            C::PinLocked,
            C::PukWrong,
            C::PukLocked,
            C::PinUncertain,
            C::PinUnfit,
            C::NotOffered,
            C::PinNotLocked,
            C::PortalUnreachable,
            C::PortalTimeout,
            C::PortalTls,
            C::PortalError,
            C::PortalChanged,
            C::PortalMalformed,
            C::PortalSession,
            C::LoginRefused,
            C::RegisterRefused,
            C::WordRefused,
            C::ServiceNotOffered,
            C::NotEligible,
            C::WebService,
            C::SmsExpired,
            C::SmsWrong,
            C::CodeExpired,
            C::CodeUnknown,
            C::ContractDiffers,
            C::TextUnreadable,
            C::SignatureRefused,
            C::SignatureFaulty,
            C::OutcomeUnknown,
            C::WetInk,
            C::PaperUnreadable,
            C::PrinterUnreachable,
            C::PrinterOutOfPaper,
            C::PrinterFailed,
            C::NotStaff,
            C::StaffExpired,
            C::Abandoned,
            C::Cancelled,
            C::Restarted,
        ]
    };

    /// What can be done about it.
    #[must_use]
    pub fn remedy(self) -> Remedy {
        use Advice::{
            AnotherCard, CallCentre, CallStaff, ComeLater, CorrectForm, Finish, HumanResources, ReinsertCard,
            StartOver, TryAgain, Unblock, UnblockHere, WetInk,
        };
        const STAFF: bool = true;
        const PERSON: bool = false;
        let row = |code, staff, advice| Remedy { advice, staff, sound: Sound::Error, code };
        let quiet = |code, advice| Remedy { advice, staff: PERSON, sound: Sound::Silence, code };
        match self {
            Self::NoReader => row("K1", STAFF, &[CallStaff, ComeLater]),
            Self::ReaderService => row("K2", STAFF, &[CallStaff, ComeLater]),
            Self::ClockNotSet => row("K3", STAFF, &[CallStaff, ComeLater]),
            Self::SignerDown => row("K4", STAFF, &[TryAgain, CallStaff, Finish]),
            Self::Configuration => row("K5", STAFF, &[CallStaff, ComeLater]),
            Self::NotSetUp => row("K7", STAFF, &[CallStaff, ComeLater]),
            Self::Updating => quiet("K8", &[ComeLater]),
            Self::Tampered => row("K6", STAFF, &[CallStaff, ComeLater]),
            Self::CardMute => row("C1", PERSON, &[ReinsertCard, TryAgain, CallStaff, Finish]),
            Self::CardUnknown => row("C2", PERSON, &[AnotherCard, CallStaff, Finish]),
            Self::NoCertificate => row("C3", PERSON, &[AnotherCard, CallCentre, Finish]),
            Self::CertificateMalformed => row("C4", PERSON, &[AnotherCard, CallCentre, Finish]),
            Self::NotQualified => row("C5", PERSON, &[AnotherCard, CallCentre, Finish]),
            Self::Seal => row("C6", PERSON, &[AnotherCard, Finish]),
            Self::Expired => row("C7", PERSON, &[WetInk, HumanResources, Finish]),
            Self::NotYetValid => row("C8", PERSON, &[ComeLater, CallCentre, Finish]),
            Self::TooEarly => row("C9", PERSON, &[ComeLater, Finish]),
            Self::OtherCard => row("C10", PERSON, &[ReinsertCard, TryAgain, Finish]),
            Self::CardPulled => row("C11", PERSON, &[ReinsertCard, TryAgain, Finish]),
            Self::ReaderLost => row("C12", STAFF, &[CallStaff, Finish]),
            Self::ReaderBusy => row("C13", STAFF, &[TryAgain, CallStaff, Finish]),
            Self::CardModule => row("C14", STAFF, &[TryAgain, CallStaff, Finish]),
            Self::PinLocked => row("N1", PERSON, &[UnblockHere, Unblock, StartOver, CallCentre, Finish]),
            Self::PukWrong => row("N2", PERSON, &[CallCentre, CallStaff, Finish]),
            Self::PukLocked => row("N3", PERSON, &[CallCentre, Finish]),
            Self::PinUncertain => row("N4", PERSON, &[CallCentre, CallStaff, Finish]),
            Self::PinUnfit => row("N5", PERSON, &[TryAgain, CallCentre, Finish]),
            Self::NotOffered => row("N6", PERSON, &[CallCentre, CallStaff, Finish]),
            Self::PinNotLocked => row("N7", PERSON, &[Finish]),
            Self::PortalUnreachable => {
                row("P1", PERSON, &[TryAgain, StartOver, ComeLater, CallStaff, Finish])
            }
            Self::PortalTimeout => row("P2", PERSON, &[TryAgain, StartOver, ComeLater, Finish]),
            Self::PortalTls => row("P3", STAFF, &[CallStaff, ComeLater, Finish]),
            Self::PortalError => row("P4", PERSON, &[TryAgain, StartOver, ComeLater, Finish]),
            Self::PortalChanged => row("P5", STAFF, &[CallStaff, ComeLater, Finish]),
            Self::PortalMalformed => row("P6", STAFF, &[StartOver, CallStaff, ComeLater, Finish]),
            Self::PortalSession => row("P7", PERSON, &[StartOver, Finish]),
            Self::LoginRefused => row("P8", PERSON, &[TryAgain, HumanResources, CallCentre, Finish]),
            Self::RegisterRefused => row("P11", PERSON, &[HumanResources, CallCentre, Finish]),
            Self::WordRefused => row("P12", PERSON, &[TryAgain, CallCentre, Finish]),
            Self::ServiceNotOffered => row("P13", PERSON, &[CallCentre, Finish]),
            Self::NotEligible => row("P9", PERSON, &[HumanResources, Finish]),
            Self::WebService => row("P10", PERSON, &[TryAgain, StartOver, ComeLater, HumanResources, Finish]),
            Self::SmsExpired => row("S1", PERSON, &[StartOver, Finish]),
            Self::SmsWrong => row("S2", PERSON, &[StartOver, CallStaff, Finish]),
            Self::CodeExpired => row("D1", PERSON, &[StartOver, Finish]),
            Self::CodeUnknown => row("D2", PERSON, &[StartOver, CallCentre, Finish]),
            Self::ContractDiffers => row("D3", PERSON, &[CorrectForm, CallStaff, Finish]),
            Self::TextUnreadable => row("D4", STAFF, &[StartOver, CallStaff, Finish]),
            Self::SignatureRefused => row("D5", STAFF, &[StartOver, CallCentre, CallStaff, Finish]),
            Self::SignatureFaulty => row("D6", STAFF, &[TryAgain, CallStaff, Finish]),
            Self::OutcomeUnknown => row("D7", STAFF, &[TryAgain, CallCentre, CallStaff, Finish]),
            Self::WetInk => quiet("V1", &[TryAgain, WetInk, HumanResources, Finish]),
            Self::PaperUnreadable => row("W1", STAFF, &[TryAgain, StartOver, CallCentre, Finish]),
            Self::PrinterUnreachable => row("W2", STAFF, &[TryAgain, CallStaff, ComeLater, Finish]),
            Self::PrinterOutOfPaper => row("W3", STAFF, &[TryAgain, CallStaff, Finish]),
            Self::PrinterFailed => row("W4", STAFF, &[TryAgain, CallStaff, ComeLater, Finish]),
            Self::NotStaff => row("A1", PERSON, &[CallStaff, Finish]),
            Self::StaffExpired => row("A2", PERSON, &[CallStaff, Finish]),
            Self::Abandoned => quiet("V2", &[Finish]),
            Self::Cancelled => quiet("V3", &[Finish]),
            Self::Restarted => row("V4", STAFF, &[CallStaff, Finish]),
        }
    }
}

impl From<&portal::Fault> for Cause {
    fn from(fault: &portal::Fault) -> Self {
        use portal::Fault as F;
        match fault {
            F::NotEligible(_) => Self::NotEligible,
            F::WebService(_) => Self::WebService,
            F::Unreachable | F::Interrupted => Self::PortalUnreachable,
            F::Timeout => Self::PortalTimeout,
            F::Tls => Self::PortalTls,
            F::Status(_) => Self::PortalError,
            F::Oversize { .. } | F::Malformed(_) => Self::PortalMalformed,
            // A step the page does not offer is a page that is not what the profile says.
            F::UnknownPage | F::ChangedForm(_) | F::OffHost | F::OutOfOrder => Self::PortalChanged,
            F::SessionEnded => Self::PortalSession,
            F::SmsExpired => Self::SmsExpired,
            F::CodeExpired => Self::CodeExpired,
            F::CodeUnknown => Self::CodeUnknown,
            F::SignatureRefused(_) => Self::SignatureRefused,
        }
    }
}

impl From<printer::Fault> for Cause {
    fn from(fault: printer::Fault) -> Self {
        match fault {
            printer::Fault::Unreachable => Self::PrinterUnreachable,
            printer::Fault::Unfit | printer::Fault::Failed => Self::PrinterFailed,
        }
    }
}

impl From<signer::Fault> for Cause {
    fn from(fault: signer::Fault) -> Self {
        use signer::Fault as F;
        match fault {
            F::NoCard | F::CardPulled => Self::CardPulled,
            F::CardMute => Self::CardMute,
            F::UnknownCard => Self::CardUnknown,
            F::NoCertificate => Self::NoCertificate,
            F::OtherCard => Self::OtherCard,
            // A wrong PIN that leaves no try is a locked one; any other goes back to the PIN page.
            F::WrongPin { .. } | F::PinLocked => Self::PinLocked,
            F::WrongPuk { .. } => Self::PukWrong,
            F::PukLocked => Self::PukLocked,
            F::UnfitPin => Self::PinUnfit,
            F::ChangeUnknown => Self::PinUncertain,
            F::NotSupported => Self::NotOffered,
            F::Expired => Self::CodeExpired,
            F::OtherTextShown | F::BadText => Self::TextUnreadable,
            // A last try is asked about again before this is shown.
            F::NoSuchRequest | F::Abandoned | F::LastTry | F::ModuleHung | F::ModuleFailed => {
                Self::CardModule
            }
            F::SelfCheckFailed => Self::SignatureFaulty,
            F::ReaderBusy => Self::ReaderBusy,
            F::SignerLost => Self::SignerDown,
        }
    }
}

/// The portal's own words about a fault, where it has any.
#[cfg(feature = "supervisor")]
pub(super) fn quote(fault: &portal::Fault) -> Option<portal::Quote> {
    use portal::Fault as F;
    match fault {
        F::NotEligible(quote) | F::WebService(quote) => Some(quote.clone()),
        F::Unreachable
        | F::Interrupted
        | F::Timeout
        | F::Tls
        | F::Status(_)
        | F::Oversize { .. }
        | F::Malformed(_)
        | F::UnknownPage
        | F::ChangedForm(_)
        | F::OffHost
        | F::SessionEnded
        | F::SmsExpired
        | F::CodeExpired
        | F::CodeUnknown
        | F::SignatureRefused(_)
        | F::OutOfOrder => None,
    }
}
