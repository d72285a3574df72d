//! What the kiosk does for people, and what a card check found.
//!
//! A finding holds values and causes; which colour it has is said here once, for the screen and for tests.

use serde::{Deserialize, Serialize};

use crate::{link::signer::TriesLeft, redact::Personal, session::fault::Cause};

/// What somebody came for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// Yenileme: a card that is put in without another choice begins it.
    #[default]
    Renewal,
    /// Kart kontrolü
    CardCheck,
    /// PIN değiştirme
    ChangePin,
    /// Islak imza: the application is printed and signed by hand.
    WetInk,
    /// Yeni kartın PIN'i
    NewPin,
    /// Kilit çözme
    Unblock,
    /// Yardımlı yenileme: begins with the card of whoever helps.
    Assisted,
}

impl Service {
    /// Done on the portal's online pages, by whoever logs in there.
    #[must_use]
    pub fn is_online(self) -> bool {
        match self {
            Self::NewPin | Self::Unblock => true,
            Self::Renewal | Self::CardCheck | Self::ChangePin | Self::WetInk | Self::Assisted => false,
        }
    }
}

/// Whose card is to be moved where somebody of the staff helps another person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HandOver {
    /// The helper's is taken out.
    OwnOut,
    /// The helper's own was put in again: it is not renewed with their own help.
    OwnAgain,
    /// The other person's is put in.
    Person,
}

/// How a card comes by a new PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewPinKind {
    /// Whoever knows the old one gives it another.
    Change,
    /// It was locked, and the portal let it be opened.
    Unblock,
}

/// What a page with a picture to read is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginKind {
    /// The application portal's first page.
    Application,
    /// "Şifreli Giriş": national id and security word.
    Online,
    /// "Güvenlik Sözcüğümü Unuttum": another word, twice.
    NewWord,
}

/// How an answer of the card check is to be taken. The colour never speaks alone: a word stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Light {
    /// In order.
    Green,
    /// It works today; something is to be known or done.
    Amber,
    /// It does not work.
    Red,
}

/// One answer of the card check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Finding {
    /// The reader is there.
    Reader,
    /// The card answers and could be read, or why not.
    Card(Result<(), Cause>),
    /// A certificate: whose, until when, and whether it is fit for signing.
    Certificate {
        /// Name on it.
        holder: Personal,
        /// The end of its validity, `DD.MM.YYYY HH:MM`, local time.
        valid_until: String,
        /// Whole days until then; negative when over.
        days_left: i64,
        /// Fit for signing, or why not: `Expired`, `NotYetValid`, `Seal`, `NotQualified`.
        fit: Result<(), Cause>,
    },
    /// There is none that can be read: `NoCertificate`, `CertificateMalformed`.
    NoCertificate(Cause),
    /// Tries left before the PIN locks.
    Pin(TriesLeft),
    /// A signature without effect was made and verified, or why not.
    Trial(Result<(), Cause>),
    /// Whether a renewal is possible today.
    Renewal {
        /// It is, or why not.
        verdict: Result<(), Cause>,
        /// `DD.MM.YYYY` from which it is, where that is the reason.
        possible_from: Option<String>,
    },
}

/// Days before the end of a certificate from which the check draws attention to it.
const ENDS_SOON: i64 = 30;

impl Finding {
    /// How it is to be taken.
    #[must_use]
    pub fn light(&self) -> Light {
        match self {
            Self::Reader
            | Self::Card(Ok(()))
            | Self::Trial(Ok(()))
            | Self::Renewal { verdict: Ok(()), .. } => Light::Green,
            Self::Card(Err(_)) | Self::Trial(Err(_)) | Self::NoCertificate(_) => Light::Red,
            Self::Certificate { fit: Ok(()), days_left, .. } => {
                if *days_left < ENDS_SOON {
                    Light::Amber
                } else {
                    Light::Green
                }
            }
            Self::Certificate { fit: Err(cause), .. } | Self::Renewal { verdict: Err(cause), .. } => {
                // What time alone mends.
                let waits = matches!(cause, Cause::NotYetValid | Cause::TooEarly);
                if waits { Light::Amber } else { Light::Red }
            }
            Self::Pin(TriesLeft::Known(left)) if *left > 1 => Light::Green,
            Self::Pin(TriesLeft::Known(0) | TriesLeft::Locked) => Light::Red,
            Self::Pin(TriesLeft::Known(_) | TriesLeft::Unknown) => Light::Amber,
        }
    }

    /// What is wrong, where something is.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        match self {
            Self::Card(result)
            | Self::Trial(result)
            | Self::Certificate { fit: result, .. }
            | Self::Renewal { verdict: result, .. } => result.err(),
            Self::NoCertificate(cause) => Some(*cause),
            Self::Pin(TriesLeft::Locked | TriesLeft::Known(0)) => Some(Cause::PinLocked),
            Self::Reader | Self::Pin(TriesLeft::Known(_) | TriesLeft::Unknown) => None,
        }
    }

    /// Whether it says something about the card's fitness today: not what nobody can know, nor a day to come.
    fn weighs(&self) -> bool {
        match self {
            Self::Renewal { .. } | Self::Pin(TriesLeft::Unknown) => false,
            Self::Reader
            | Self::Card(_)
            | Self::Certificate { .. }
            | Self::Trial(_)
            | Self::NoCertificate(_)
            | Self::Pin(TriesLeft::Known(_) | TriesLeft::Locked) => true,
        }
    }
}

/// The card as a whole: as its worst answer. A certificate that is not fit beside one that is, is no fault of the
/// card.
#[must_use]
pub fn overall(findings: &[Finding]) -> Light {
    let fit = |it: &&Finding| matches!(it, Finding::Certificate { fit: Ok(()), .. });
    let best = findings.iter().filter(fit).map(Finding::light).min();
    let others =
        |it: &&Finding| it.weighs() && (best.is_none() || !matches!(it, Finding::Certificate { .. }));
    findings.iter().filter(others).map(Finding::light).chain(best).max().unwrap_or(Light::Red)
}

#[cfg(test)]
mod tests {
    use super::{Finding, Light, overall};
    use crate::{link::signer::TriesLeft, session::fault::Cause};

    fn certificate(days_left: i64, fit: Result<(), Cause>) -> Finding {
        let (holder, valid_until) = ("TEST KULLANICI".into(), "01.01.2027 12:00".to_owned());
        Finding::Certificate { holder, valid_until, days_left, fit }
    }

    #[test]
    fn what_time_mends_is_amber_and_what_it_does_not_is_red() {
        let lights = [
            (certificate(300, Ok(())), Light::Green),
            (certificate(29, Ok(())), Light::Amber),
            (certificate(300, Err(Cause::NotYetValid)), Light::Amber),
            (certificate(-1, Err(Cause::Expired)), Light::Red),
            (certificate(300, Err(Cause::Seal)), Light::Red),
            (Finding::Pin(TriesLeft::Known(3)), Light::Green),
            (Finding::Pin(TriesLeft::Known(1)), Light::Amber),
            (Finding::Pin(TriesLeft::Unknown), Light::Amber),
            (Finding::Pin(TriesLeft::Known(0)), Light::Red),
            (Finding::Pin(TriesLeft::Locked), Light::Red),
            (Finding::Card(Err(Cause::CardMute)), Light::Red),
        ];
        for (finding, light) in lights {
            assert_eq!(finding.light(), light, "{finding:?}");
        }
    }

    #[test]
    fn a_card_is_as_good_as_its_best_certificate_and_its_pin() {
        let found = |rest: &[Finding]| {
            let mut all = vec![Finding::Reader, Finding::Card(Ok(()))];
            all.extend_from_slice(rest);
            overall(&all)
        };
        let (good, old) = (certificate(300, Ok(())), certificate(-9, Err(Cause::Expired)));
        assert_eq!(found(&[good.clone(), old.clone(), Finding::Pin(TriesLeft::Unknown)]), Light::Green);
        assert_eq!(found(&[old]), Light::Red);
        assert_eq!(found(&[good.clone(), Finding::Pin(TriesLeft::Locked)]), Light::Red);
        let later = Finding::Renewal { verdict: Err(Cause::TooEarly), possible_from: None };
        assert_eq!(found(&[good, later]), Light::Green, "a day to come is no fault");
        assert_eq!(overall(&[]), Light::Red, "nothing found is nothing good");
    }
}
