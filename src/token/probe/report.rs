//! What was seen, for people and for scripts, and the one word of it that a script acts on.
//!
//! A holder is told by initials and the end of the national id: enough to tell two cards apart, not to say who it
//! is. It looks at nothing itself.

use std::{fmt::Write as _, path::Path};

use jiff::Timestamp;
use serde::Serialize;

use super::verdict::Verdict;
use crate::{
    card::{
        certificate::{Certificate, CertificateError, Unfit},
        profile::{self, Card},
    },
    config::Backend,
    link::signer::Fault,
    redact::Personal,
    token::{akis::Naming, backend::Way, reader::Seen},
};

/// All that was seen.
#[derive(Serialize)]
pub struct Report {
    pub(super) verdict: Verdict,
    pub(super) code: u8,
    pub(super) backend: Backend,
    /// Why the PC/SC service does not answer.
    pub(super) service_fault: Option<String>,
    /// Dates are judged by the machine's clock.
    pub(super) clock_is_set: bool,
    pub(super) module: Option<ModuleSeen>,
    pub(super) readers: Vec<ReaderSeen>,
}

/// The configured PKCS#11 module.
#[derive(Serialize)]
pub(super) struct ModuleSeen {
    pub(super) path: String,
    pub(super) version: Option<String>,
    pub(super) fault: Option<String>,
    pub(super) asked: bool,
}

/// A reader.
#[derive(Serialize)]
pub(super) struct ReaderSeen {
    pub(super) name: String,
    pub(super) verdict: Verdict,
    pub(super) card: Option<CardSeen>,
}

/// A card that answers.
#[derive(Serialize)]
pub(super) struct CardSeen {
    /// Its answer to reset, in hexadecimal digits.
    pub(super) atr: String,
    pub(super) model: &'static str,
    pub(super) standing: Standing,
    pub(super) protocol: Option<&'static str>,
    /// Where a visit would go with it.
    pub(super) backend: Way,
    /// The dialect in which certificates were found.
    pub(super) read_as: Option<&'static str>,
    /// What its directory says of the PIN's name.
    pub(super) pin: Option<Naming>,
    pub(super) tries: Tries,
    pub(super) certificates: Vec<CertificateSeen>,
    pub(super) fault: Option<String>,
    #[serde(skip)]
    pub(super) failed: Option<Verdict>,
}

/// How well a card is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Standing {
    /// An independent driver speaks the dialect.
    Witnessed,
    /// The vendor's description alone.
    Described,
    /// Known, and not spoken to.
    NotSupported,
    /// Not known.
    Unknown,
}

/// Tries of the PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Tries {
    /// So many are left.
    Left(u8),
    /// The card was asked and does not say.
    NotTold,
    /// To ask might cost one.
    NotAllowed,
}

/// A certificate.
#[derive(Serialize)]
pub(super) struct CertificateSeen {
    pub(super) holder: Option<String>,
    pub(super) national_id: Option<String>,
    pub(super) valid_from: Option<String>,
    pub(super) valid_until: Option<String>,
    pub(super) qualified: bool,
    pub(super) has_key: bool,
    /// Whether a renewal can be signed with it now, and why not.
    pub(super) renewable: bool,
    pub(super) why_not: Option<String>,
}

impl Report {
    pub(super) fn new(
        backend: Backend,
        service: Option<pcsc::Error>,
        module: Option<ModuleSeen>,
        clock_is_set: bool,
        readers: Vec<ReaderSeen>,
    ) -> Self {
        let none = match service {
            Some(pcsc::Error::NoReadersAvailable) | None => Verdict::NoReader,
            Some(_) => Verdict::NoService,
        };
        let unusable = module.as_ref().is_some_and(|module| module.fault.is_some());
        let best = readers.iter().map(|reader| reader.verdict).min().unwrap_or(none);
        let verdict = if unusable { Verdict::ModuleUnusable } else { best };
        let service_fault = service.filter(|_| none == Verdict::NoService).map(|error| error.to_string());
        Self { verdict, code: verdict.code(), backend, service_fault, clock_is_set, module, readers }
    }

    /// What it comes to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }
}

impl ModuleSeen {
    pub(super) fn not_asked(path: &Path) -> Self {
        Self { path: path.display().to_string(), version: None, fault: None, asked: false }
    }

    pub(super) fn loaded(path: &Path, version: Option<String>) -> Self {
        Self { path: path.display().to_string(), version, fault: None, asked: true }
    }

    pub(super) fn failed(path: &Path, fault: String) -> Self {
        Self { path: path.display().to_string(), version: None, fault: Some(fault), asked: true }
    }
}

impl ReaderSeen {
    /// A reader in which no card was looked at yet.
    pub(super) fn new(name: String, seen: Seen) -> Self {
        let verdict = match seen {
            // Until it is looked at.
            Seen::Card => Verdict::Failed,
            Seen::Busy => Verdict::Busy,
            Seen::Mute => Verdict::Mute,
            Seen::Empty | Seen::Unknown => Verdict::NoCard,
        };
        Self { name, verdict, card: None }
    }

    /// Takes the card that was looked at.
    pub(super) fn settle(&mut self, card: CardSeen) {
        self.verdict = card.verdict();
        self.card = Some(card);
    }
}

impl CardSeen {
    pub(super) fn new(atr: &[u8], card: Card, backend: Way) -> Self {
        let (model, standing) = match card {
            Card::Speaks(dialect) => match dialect.standing {
                profile::Standing::Witnessed => (dialect.name, Standing::Witnessed),
                profile::Standing::Described => (dialect.name, Standing::Described),
            },
            Card::SecureMessaging => ("AKİS with secure messaging", Standing::NotSupported),
            Card::Unknown => ("unknown", Standing::Unknown),
        };
        let atr = atr.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02X}");
            text
        });
        Self {
            atr,
            model,
            standing,
            protocol: None,
            backend,
            read_as: None,
            pin: None,
            tries: Tries::NotAllowed,
            certificates: Vec::new(),
            fault: None,
            failed: None,
        }
    }

    /// Takes why it was not read; the first reason is the one that counts.
    pub(super) fn failed(&mut self, fault: Fault, secure_messaging: bool, cause: String) {
        const PLAIN: [(Fault, Verdict); 4] = [
            (Fault::ReaderBusy, Verdict::Busy),
            (Fault::CardMute, Verdict::Mute),
            (Fault::UnknownCard, Verdict::Unknown),
            (Fault::NoCard, Verdict::NoCard),
        ];
        let plain = PLAIN.iter().find(|(known, _)| *known == fault).map_or(Verdict::Failed, |(_, it)| *it);
        let verdict = if secure_messaging { Verdict::SecureMessaging } else { plain };
        self.failed.get_or_insert(verdict);
        self.fault.get_or_insert(cause);
    }

    fn verdict(&self) -> Verdict {
        if self.backend == Way::Akis && self.pin == Some(Naming::Otherwise) {
            // No PIN would be sent to it.
            return Verdict::Unknown;
        }
        match (self.standing, self.backend) {
            (Standing::NotSupported, Way::None | Way::Akis) => return Verdict::SecureMessaging,
            (Standing::Unknown | Standing::Described | Standing::Witnessed, Way::None) => {
                return Verdict::Unknown;
            }
            (Standing::NotSupported, Way::Pkcs11)
            | (Standing::Unknown | Standing::Described | Standing::Witnessed, Way::Akis | Way::Pkcs11) => {}
        }
        let usable = |certificate: &&CertificateSeen| certificate.qualified && certificate.has_key;
        let mut usable = self.certificates.iter().filter(usable).peekable();
        match (usable.peek().is_some(), self.failed) {
            (true, _) if usable.any(|certificate| certificate.renewable) => Verdict::Ready,
            (true, _) => Verdict::NotNow,
            (false, Some(failed)) => failed,
            (false, None) => Verdict::NotQualified,
        }
    }
}

impl CertificateSeen {
    pub(super) fn new(certificate: &Certificate, has_key: bool, judged: Result<(), Unfit>) -> Self {
        let why_not = judged.err().map(|unfit| match unfit {
            Unfit::TooEarly { possible_from } => format!("{unfit}, possible from {}", date(possible_from)),
            Unfit::NotQualified | Unfit::Seal | Unfit::Expired | Unfit::NotYetValid => unfit.to_string(),
        });
        Self {
            holder: Some(initials(certificate.holder())),
            national_id: certificate.national_id().map(ending),
            valid_from: Some(date(certificate.not_before())),
            valid_until: Some(date(certificate.not_after())),
            qualified: !matches!(judged, Err(Unfit::NotQualified | Unfit::Seal)),
            has_key,
            renewable: judged.is_ok() && has_key,
            why_not,
        }
    }

    pub(super) fn unreadable(error: &CertificateError) -> Self {
        Self {
            holder: None,
            national_id: None,
            valid_from: None,
            valid_until: None,
            qualified: false,
            has_key: false,
            renewable: false,
            why_not: Some(error.to_string()),
        }
    }
}

/// The first letter of each word.
fn initials(name: &Personal) -> String {
    let words = name.expose().split_whitespace().filter_map(|word| word.chars().next());
    words.map(|letter| format!("{letter}***")).collect::<Vec<_>>().join(" ")
}

/// The last two digits, which only check the others.
fn ending(national_id: &Personal) -> String {
    let digits: Vec<char> = national_id.expose().chars().collect();
    let shown = digits.len().saturating_sub(2).max(digits.len().min(9));
    format!("*********{}", digits[shown..].iter().collect::<String>())
}

/// Universal time.
fn date(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| "beyond all dates".to_owned(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::{ReaderSeen, Report, Seen, ending, initials};
    use crate::{config::Backend, token::probe::Verdict};

    #[test]
    fn no_reader_is_not_no_service_and_of_two_readers_the_better_counts() {
        let verdict = |service, seen: &[Seen]| {
            let readers = seen.iter().map(|seen| ReaderSeen::new(String::new(), *seen)).collect();
            Report::new(Backend::Auto, service, None, true, readers).verdict()
        };
        assert_eq!(verdict(None, &[]), Verdict::NoReader);
        assert_eq!(verdict(Some(pcsc::Error::NoReadersAvailable), &[]), Verdict::NoReader);
        assert_eq!(verdict(Some(pcsc::Error::NoService), &[]), Verdict::NoService);
        assert_eq!(verdict(Some(pcsc::Error::ServiceStopped), &[]), Verdict::NoService);
        assert_eq!(verdict(None, &[Seen::Empty, Seen::Mute]), Verdict::Mute);
        assert_eq!(verdict(None, &[Seen::Busy, Seen::Empty]), Verdict::Busy);
    }

    #[test]
    fn a_holder_is_told_by_initials_and_the_end_of_the_number() {
        assert_eq!(initials(&"İlknur Çağla DENEME".into()), "İ*** Ç*** D***");
        assert_eq!(ending(&"10000000146".into()), "*********46");
        assert_eq!(ending(&"146".into()), "*********", "too short to be one: nothing of it");
        assert_eq!(ending(&"".into()), "*********");
    }
}
