//! The pages of the portal's online services, and the questions to them: what holds of each.
//!
//! What happens on them is in `step::online` and `step::unblock`.

use std::time::Duration;

use super::{Asked, Code, Login, Patience, SmsWait};
use crate::{
    link::view::Deadline,
    portal::OnlineLogin,
    redact::{Personal, PortalSecret},
    session::fault::Cause,
};

/// Where a visit is in the online services.
#[derive(Debug)]
pub(in crate::session) enum Online {
    /// The portal, or the signing service, is asked.
    Asking { asked: Asked, what: Question },
    /// How does the person want to log in?
    Way { offered: Vec<OnlineLogin> },
    /// "Şifreli Giriş"
    Login(Login),
    /// "Güvenlik Sözcüğümü Unuttum"
    Reset(Login),
    /// Another security word holds.
    WordSet,
    /// The new card's PIN.
    Pin(Learned),
    /// The SMS of an unblocking is awaited.
    Sms { wait: SmsWait, code: Code },
}

/// What is asked.
#[derive(Debug)]
pub(in crate::session) enum Question {
    /// The first page.
    Entry(Towards),
    /// A way to log in.
    Way(Towards),
    /// National id and security word.
    Login,
    /// The page for another word.
    Forgotten,
    /// The other word.
    Reset,
    /// The signed challenge.
    Signature,
    /// What the person came for.
    Service,
    /// The signing service, for the code.
    Unblock(Code),
    /// "Doğrula"
    Confirm { code: Code, wait: SmsWait },
    /// Nothing: the signing service is told how it ended.
    Report(Report),
}

/// Where somebody who opens the pages is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) enum Towards {
    /// Whichever way is chosen.
    Any,
    /// The signed challenge.
    Signature,
    /// The page for national id and security word.
    Login,
    /// The page for another word.
    Reset,
}

/// What the signing service is told, and what comes then.
#[derive(Debug)]
pub(in crate::session) struct Report {
    pub(in crate::session) code: Personal,
    pub(in crate::session) ending: Result<(), Cause>,
    /// It was told before and nothing came back.
    pub(in crate::session) repeated: bool,
}

/// A PIN that was learned.
#[derive(Debug)]
pub(in crate::session) struct Learned {
    pub(in crate::session) pin: PortalSecret,
    pub(in crate::session) usable_from: String,
    pub(in crate::session) by: Duration,
    pub(in crate::session) total: Duration,
}

impl Online {
    /// Name for the log.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Asking { what, .. } => match what {
                Question::Entry(_) => "opening-online",
                Question::Way(_) => "choosing-login",
                Question::Login => "logging-in-online",
                Question::Forgotten => "asking-word-reset",
                Question::Reset => "resetting-word",
                Question::Signature => "handing-in-login",
                Question::Service => "choosing-service",
                Question::Unblock(_) => "asking-unblock",
                Question::Confirm { .. } => "confirming-unblock",
                Question::Report(_) => "reporting-unblock",
            },
            Self::Way { .. } => "login-way",
            Self::Login(_) => "online-login",
            Self::Reset(_) => "word-reset",
            Self::WordSet => "word-set",
            Self::Pin(_) => "new-card-pin",
            Self::Sms { .. } => "unblock-sms",
        }
    }

    /// What became of the card is being told; the card has nothing to do with it any more.
    pub(super) fn is_report(&self) -> bool {
        matches!(self, Self::Asking { what: Question::Report(_), .. })
    }

    pub(super) fn asked(&self) -> Option<Asked> {
        if let Self::Asking { asked, .. } = self { Some(*asked) } else { None }
    }

    /// The verification code that a new PIN waits for.
    pub(super) fn code(&self) -> Option<&Code> {
        match self {
            Self::Sms { code, .. }
            | Self::Asking { what: Question::Unblock(code) | Question::Confirm { code, .. }, .. } => {
                Some(code)
            }
            Self::Asking { .. }
            | Self::Way { .. }
            | Self::Login(_)
            | Self::Reset(_)
            | Self::WordSet
            | Self::Pin(_) => None,
        }
    }

    /// When the page ends by itself.
    pub(super) fn ends(&self) -> Option<Duration> {
        match self {
            Self::Asking { asked, .. } => Some(asked.by),
            Self::Sms { wait, .. } => Some(wait.by),
            Self::Pin(learned) => Some(learned.by),
            Self::Way { .. } | Self::Login(_) | Self::Reset(_) | Self::WordSet => None,
        }
    }

    pub(super) fn patience(&self) -> Patience {
        match self {
            Self::Asking { .. } => Patience::NotWaiting,
            Self::Sms { wait, code } => Patience::Until(wait.by.min(code.by)),
            Self::Way { .. } | Self::Login(_) | Self::Reset(_) | Self::WordSet | Self::Pin(_) => {
                Patience::Idle
            }
        }
    }

    /// A deadline that the person should see besides the code's.
    pub(super) fn visible_deadline(&self) -> Option<(Duration, Duration, Deadline)> {
        match self {
            Self::Sms { wait, .. } | Self::Asking { what: Question::Confirm { wait, .. }, .. } => {
                Some((wait.by, wait.total, Deadline::Sms))
            }
            Self::Pin(learned) => Some((learned.by, learned.total, Deadline::Page)),
            Self::Asking { .. } | Self::Way { .. } | Self::Login(_) | Self::Reset(_) | Self::WordSet => None,
        }
    }
}
