//! The portal's named faults: what the simulator does wrong on purpose, one name each.
//!
//! It knows nothing of what a kiosk makes of them; that is written in `testbench/faults.toml`.

use serde::{Deserialize, Serialize};

/// A fault that can be switched on for a run.
///
/// Lines speak of an application; where a fault strikes on the online pages is said in `portal/online/mod.rs`.
/// Unless its line says otherwise a fault strikes every time its place is passed, until it is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Once: the first text read from a captcha is judged wrong, whatever it is.
    WrongCaptcha,
    /// After the login: "kadronuz e-imza için uygun değildir".
    NotEligible,
    /// After the login: the portal's own web service fails.
    WebServiceError,
    /// Every answer takes [`Timers::slow`](super::Timers::slow).
    Slow,
    /// The form is answered with HTTP status 500.
    #[serde(rename = "http-500")]
    Http500,
    /// The form's connection ends without an answer.
    ConnectionDrop,
    /// The SMS arrives only after [`Timers::late_sms`](super::Timers::late_sms).
    LateSms,
    /// The first SMS carries another code; once that was typed, a second SMS carries the right one.
    WrongSms,
    /// The SMS code lives [`Timers::short_life`](super::Timers::short_life) and is judged expired.
    ExpiredSms,
    /// The verification code lives [`Timers::short_life`](super::Timers::short_life) and is judged expired
    /// when the signatures come.
    ExpiredCode,
    /// The signing service does not know the code that the signing page shows.
    CodeUnknown,
    /// The signatures are taken, and the connection ends without the answer.
    DropAfterSubmit,
    /// The form has a required field that no profile knows.
    ChangedForm,
    /// After the SMS code comes a page that no profile knows.
    UnknownPage,
    /// Pages and posts are ISO-8859-9, said by the header.
    ForeignCharset,
    /// The contract names another province and another institution than the form.
    ContractDiffers,
    /// The contract's line of the province has lost its separator, as the guide's own sample has: nothing
    /// differs by it.
    GluedLine,
    /// The first page is far larger than any page needs to be.
    Oversize,
    /// The captcha picture breaks off in the middle.
    Malformed,
    /// The server shows a certificate of an authority that nobody trusts.
    TlsUntrusted,
    /// The portal forgets the session when the SMS code comes.
    SessionLost,
    /// The method page leads to another host.
    OffHost,
    /// The signing service refuses signatures that are in order.
    SignatureRefused,
    /// The document of method 1 is answered with HTTP status 500.
    PaperMissing,
    /// It begins as a PDF and is none.
    PaperGarbled,
    /// It is far larger than any document needs to be.
    PaperOversize,
    /// It has far more pages than anybody signs.
    PaperEndless,
    /// It is on another host.
    PaperOffHost,
    /// Once, online: the first security word is judged wrong, whatever it is.
    WrongWord,
    /// Online: the challenge lives [`Timers::short_life`](super::Timers::short_life) and is judged expired.
    ExpiredChallenge,
    /// Online: the first SMS of an unblocking carries another code; once that was typed, a second one the right one.
    WrongUnblockSms,
    /// Online: the SMS code of an unblocking lives [`Timers::short_life`](super::Timers::short_life) and is judged expired.
    ExpiredUnblockSms,
}

impl Fault {
    /// Every portal fault.
    pub const ALL: [Self; 32] = [
        Self::WrongCaptcha,
        Self::NotEligible,
        Self::WebServiceError,
        Self::Slow,
        Self::Http500,
        Self::ConnectionDrop,
        Self::LateSms,
        Self::WrongSms,
        Self::ExpiredSms,
        Self::ExpiredCode,
        Self::CodeUnknown,
        Self::DropAfterSubmit,
        Self::ChangedForm,
        Self::UnknownPage,
        Self::ForeignCharset,
        Self::ContractDiffers,
        Self::GluedLine,
        Self::Oversize,
        Self::Malformed,
        Self::TlsUntrusted,
        Self::SessionLost,
        Self::OffHost,
        Self::SignatureRefused,
        Self::PaperMissing,
        Self::PaperGarbled,
        Self::PaperOversize,
        Self::PaperEndless,
        Self::PaperOffHost,
        Self::WrongWord,
        Self::ExpiredChallenge,
        Self::WrongUnblockSms,
        Self::ExpiredUnblockSms,
    ];

    /// Whether an application goes by it: only an online page has its place.
    #[must_use]
    pub fn is_online_only(self) -> bool {
        matches!(
            self,
            Self::WrongWord | Self::ExpiredChallenge | Self::WrongUnblockSms | Self::ExpiredUnblockSms
        )
    }

    /// The name on the command line and in `faults.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WrongCaptcha => "wrong-captcha",
            Self::NotEligible => "not-eligible",
            Self::WebServiceError => "web-service-error",
            Self::Slow => "slow",
            Self::Http500 => "http-500",
            Self::ConnectionDrop => "connection-drop",
            Self::LateSms => "late-sms",
            Self::WrongSms => "wrong-sms",
            Self::ExpiredSms => "expired-sms",
            Self::ExpiredCode => "expired-code",
            Self::CodeUnknown => "code-unknown",
            Self::DropAfterSubmit => "drop-after-submit",
            Self::ChangedForm => "changed-form",
            Self::UnknownPage => "unknown-page",
            Self::ForeignCharset => "foreign-charset",
            Self::ContractDiffers => "contract-differs",
            Self::GluedLine => "glued-line",
            Self::Oversize => "oversize",
            Self::Malformed => "malformed",
            Self::TlsUntrusted => "tls-untrusted",
            Self::SessionLost => "session-lost",
            Self::OffHost => "off-host",
            Self::SignatureRefused => "signature-refused",
            Self::PaperMissing => "paper-missing",
            Self::PaperGarbled => "paper-garbled",
            Self::PaperOversize => "paper-oversize",
            Self::PaperEndless => "paper-endless",
            Self::PaperOffHost => "paper-off-host",
            Self::WrongWord => "wrong-word",
            Self::ExpiredChallenge => "expired-challenge",
            Self::WrongUnblockSms => "wrong-unblock-sms",
            Self::ExpiredUnblockSms => "expired-unblock-sms",
        }
    }

    /// The fault of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }
}
