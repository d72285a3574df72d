//! The one word a script acts on, and its number.

use std::fmt;

use serde::Serialize;

/// What it comes to; of two readers the better one counts. The order is from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A card a renewal can be signed with now.
    Ready,
    /// A qualified certificate, but expired, not in force yet, or with too long to go.
    NotNow,
    /// No person's qualified certificate whose key is there.
    NotQualified,
    /// The card was pulled or failed while it was read.
    Failed,
    /// Another program holds the reader.
    Busy,
    /// A card that wants secure messaging, which the kiosk does not speak.
    SecureMessaging,
    /// A card that goes neither to the driver nor to a module.
    Unknown,
    /// A card that does not answer.
    Mute,
    /// No reader has a card.
    NoCard,
    /// There is no reader.
    NoReader,
    /// There is no PC/SC service.
    NoService,
    /// The configured module cannot be used: `kiosk-token` would not start.
    ModuleUnusable,
    /// A call did not come back.
    Hung,
    /// The command line or the configuration is wrong.
    Usage,
    /// The system refuses: no thread, or the output or trace cannot be written.
    System,
}

impl Verdict {
    /// The process's exit status. These numbers are an interface: they stay.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Ready => 0,
            Self::System => 1,
            Self::Usage => 2,
            Self::Hung => 3,
            Self::NoService => 10,
            Self::NoReader => 11,
            Self::NoCard => 12,
            Self::Mute => 13,
            Self::Unknown => 14,
            Self::SecureMessaging => 15,
            Self::Busy => 16,
            Self::Failed => 17,
            Self::NotQualified => 18,
            Self::NotNow => 19,
            Self::ModuleUnusable => 20,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready => "a card that a renewal can be signed with",
            Self::NotNow => "a qualified certificate that cannot be renewed now",
            Self::NotQualified => "no qualified certificate with its key on the card",
            Self::Failed => "the card failed or was pulled",
            Self::Busy => "another program holds the reader",
            Self::SecureMessaging => "the card wants secure messaging, which is not supported",
            Self::Unknown => "a card that goes to no driver",
            Self::Mute => "the card does not answer: upside down, dirty or dead",
            Self::NoCard => "no card in any reader",
            Self::NoReader => "no reader",
            Self::NoService => "the PC/SC service does not answer",
            Self::ModuleUnusable => "the configured module cannot be used",
            Self::Hung => "a call to the card does not come back",
            Self::Usage => "the command line or the configuration is wrong",
            Self::System => "the system refuses",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Verdict;

    #[test]
    fn every_verdict_has_a_code_of_its_own_and_the_old_ones_stay() {
        let all = [
            (Verdict::Ready, 0),
            (Verdict::System, 1),
            (Verdict::Usage, 2),
            (Verdict::Hung, 3),
            (Verdict::NoService, 10),
            (Verdict::NoReader, 11),
            (Verdict::NoCard, 12),
            (Verdict::Mute, 13),
            (Verdict::Unknown, 14),
            (Verdict::SecureMessaging, 15),
            (Verdict::Busy, 16),
            (Verdict::Failed, 17),
            (Verdict::NotQualified, 18),
            (Verdict::NotNow, 19),
            (Verdict::ModuleUnusable, 20),
        ];
        assert!(all.iter().all(|(verdict, code)| verdict.code() == *code));
        assert_eq!(all.iter().map(|(verdict, _)| verdict.code()).collect::<BTreeSet<_>>().len(), all.len());
        assert!(Verdict::Ready < Verdict::NotNow && Verdict::NotQualified < Verdict::Mute);
    }
}
