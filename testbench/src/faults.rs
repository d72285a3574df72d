//! What each named fault must lead to: the typed reader of `testbench/faults.toml`, by which runs are judged.
//!
//! It knows names and ends of visits; how a fault is brought about belongs to the portal simulator
//! ([`crate::portal::Fault`]) and the card emulator ([`CardFault`]).

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use eimza_kiosk::session::fault::Cause;
use serde::Deserialize;

use crate::{portal, printer::PrinterFault};

/// A fault of the card, or of the person's hand on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CardFault {
    /// Once: the person types another PIN first.
    WrongPin,
    /// The card's PIN is locked.
    Locked,
    /// Once: the card is pulled when VERIFY arrives, and put back.
    PulledAtVerify,
    /// Once: the card is pulled when the signature is computed, and put back.
    PulledAtSign,
    /// Once: the card is pulled before it gives its PIN another.
    PulledAtReplace,
    /// Once: the card is pulled when it has given its PIN another, before it can say so.
    PulledAfterReplace,
    /// The card does not answer.
    Mute,
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate is an electronic seal.
    Seal,
    /// The card's ATR is of no known card.
    UnknownAtr,
    /// One try of the PIN is left; the person types the right one.
    LastTry,
    /// The certificate has more days left than a renewal allows.
    TooEarly,
    /// The certificate is a person's, but not a qualified one.
    NotQualified,
    /// The certificate cannot be parsed as far as needed.
    Malformed,
    /// There is no certificate on the card.
    NoCertificate,
    /// There are two of the same person, the first one expired.
    TwoCertificates,
}

impl CardFault {
    /// Every card fault.
    pub const ALL: [Self; 17] = [
        Self::WrongPin,
        Self::Locked,
        Self::PulledAtVerify,
        Self::PulledAtSign,
        Self::PulledAtReplace,
        Self::PulledAfterReplace,
        Self::Mute,
        Self::Expired,
        Self::NotYetValid,
        Self::Seal,
        Self::UnknownAtr,
        Self::LastTry,
        Self::TooEarly,
        Self::NotQualified,
        Self::Malformed,
        Self::NoCertificate,
        Self::TwoCertificates,
    ];

    /// What the card is asked for when it strikes.
    #[must_use]
    pub fn strikes(self) -> Strikes {
        match self {
            Self::PulledAtVerify | Self::PulledAtSign => Strikes::Signature,
            Self::PulledAtReplace | Self::PulledAfterReplace => Strikes::NewPin,
            Self::WrongPin
            | Self::Locked
            | Self::Mute
            | Self::Expired
            | Self::NotYetValid
            | Self::Seal
            | Self::UnknownAtr
            | Self::LastTry
            | Self::TooEarly
            | Self::NotQualified
            | Self::Malformed
            | Self::NoCertificate
            | Self::TwoCertificates => Strikes::Anything,
        }
    }

    /// The name on the command line and in `faults.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WrongPin => "wrong-pin",
            Self::Locked => "locked",
            Self::PulledAtVerify => "pulled-at-verify",
            Self::PulledAtSign => "pulled-at-sign",
            Self::PulledAtReplace => "pulled-at-replace",
            Self::PulledAfterReplace => "pulled-after-replace",
            Self::Mute => "mute",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::Seal => "seal",
            Self::UnknownAtr => "unknown-atr",
            Self::LastTry => "last-try",
            Self::TooEarly => "too-early",
            Self::NotQualified => "not-qualified",
            Self::Malformed => "malformed-certificate",
            Self::NoCertificate => "no-certificate",
            Self::TwoCertificates => "two-certificates",
        }
    }
}

/// What a card is asked for when its fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strikes {
    /// Whatever it is.
    Anything,
    /// A signature, with the PIN before it.
    Signature,
    /// To take another PIN.
    NewPin,
}

/// A fault by whose doing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// The portal simulator's.
    Portal(portal::Fault),
    /// The card's.
    Card(CardFault),
    /// The printer's.
    Printer(PrinterFault),
}

impl Fault {
    /// Every fault there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let (portal, card) = (portal::Fault::ALL.into_iter(), CardFault::ALL.into_iter());
        let printer = PrinterFault::ALL.into_iter().map(Self::Printer);
        portal.map(Self::Portal).chain(card.map(Self::Card)).chain(printer)
    }

    /// The name on the command line and in `faults.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portal(fault) => fault.name(),
            Self::Card(fault) => fault.name(),
            Self::Printer(fault) => fault.name(),
        }
    }

    /// Whose doing it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Portal(_) => Kind::Portal,
            Self::Card(_) => Kind::Card,
            Self::Printer(_) => Kind::Printer,
        }
    }
}

impl std::str::FromStr for Fault {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        Self::all().find(|fault| fault.name() == name).with_context(|| {
            let names: Vec<_> = Self::all().map(Self::name).collect();
            format!("no fault is named {name:?}; there are: {}", names.join(", "))
        })
    }
}

/// Whose doing a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The healthy run.
    None,
    /// The portal simulator's.
    Portal,
    /// The card's.
    Card,
    /// The printer's.
    Printer,
}

/// How a visit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The portal took the application, and the person was told so.
    Received,
    /// What the person came for was done; no application was made.
    Served,
    /// Portal or card rule this person or card out; trying again would not help.
    Refused,
    /// Something failed; the person was told what and what to do.
    Trouble,
}

/// What a run with one fault must show.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expectation {
    /// Of the fault, or `none`.
    pub name: String,
    /// Whose doing it is.
    pub kind: Kind,
    /// Page on which the fault must be seen on the way, where the visit recovers from it.
    #[serde(default)]
    pub meets: Option<String>,
    /// Page the visit must end on before the card is asked for: a `link::view::Page` in kebab-case.
    pub page: String,
    /// Cause that page must name.
    #[serde(default)]
    pub cause: Option<Cause>,
    /// How the visit ends.
    pub outcome: Outcome,
    /// How many applications the portal holds afterwards.
    pub applications: u8,
}

/// The whole of `faults.toml`.
#[derive(Debug)]
pub struct Expectations(BTreeMap<String, Expectation>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    run: Vec<Expectation>,
}

impl Expectations {
    /// Reads the file this program was built with.
    ///
    /// # Errors
    /// Says which entry is wrong, doubled or missing.
    pub fn load() -> anyhow::Result<Self> {
        Self::parse(include_str!("../faults.toml"))
    }

    /// What a run with this fault must show; without one, what the healthy run must.
    #[must_use]
    pub fn of(&self, fault: Option<Fault>) -> &Expectation {
        let name = fault.map_or("none", Fault::name);
        self.0.get(name).expect("parse() saw to it that every fault has an entry")
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let file: File = toml::from_str(text).context("faults.toml")?;
        let mut entries = BTreeMap::new();
        for entry in file.run {
            let recovers = entry.outcome == Outcome::Received;
            ensure!(
                recovers == entry.cause.is_none(),
                "{}: a received application has no cause, anything else has one",
                entry.name
            );
            ensure!(recovers == (entry.applications == 1), "{}: received means one application", entry.name);
            let name = entry.name.clone();
            ensure!(entries.insert(name.clone(), entry).is_none(), "{name}: has two entries");
        }
        let known: BTreeMap<&str, Kind> = Fault::all()
            .map(|fault| (fault.name(), fault.kind()))
            .chain(std::iter::once(("none", Kind::None)))
            .collect();
        for (name, kind) in &known {
            let Some(entry) = entries.get(*name) else { bail!("{name}: has no entry") };
            ensure!(entry.kind == *kind, "{name}: is a fault of kind {kind:?}");
        }
        for name in entries.keys() {
            ensure!(known.contains_key(name.as_str()), "{name}: there is no such fault");
        }
        Ok(Self(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::{Expectations, Fault, portal};

    const FILE: &str = include_str!("../faults.toml");

    #[test]
    fn every_fault_of_the_enums_has_an_entry_and_every_entry_a_fault() {
        let expectations = Expectations::load().unwrap();
        for fault in Fault::all() {
            assert_eq!(expectations.of(Some(fault)).name, fault.name());
        }
        assert_eq!(expectations.of(None).page, "result");
    }

    #[test]
    fn a_missing_entry_is_named() {
        let (before, rest) = FILE.split_once("name = \"late-sms\"").unwrap();
        let (start, _) = before.rsplit_once("[[run]]").unwrap();
        let (_, end) = rest.split_once("[[run]]").unwrap();
        let error = Expectations::parse(&format!("{start}[[run]]{end}")).unwrap_err();
        assert!(error.to_string().contains("late-sms: has no entry"), "{error}");
    }

    #[test]
    fn an_entry_without_a_fault_is_named() {
        let error = Expectations::parse(&FILE.replacen("\"late-sms\"", "\"early-sms\"", 1)).unwrap_err();
        assert!(error.to_string().contains("late-sms"), "{error}");
    }

    #[test]
    fn page_names_are_pages_of_the_view() {
        let view = include_str!("../../src/link/view.rs");
        let (_, pages) = view.split_once("pub enum Page {").unwrap();
        let (pages, _) = pages.split_once("\n}").unwrap();
        let names: Vec<String> = pages
            .lines()
            .filter_map(|line| line.strip_prefix("    "))
            .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
            .map(|line| {
                let name: String = line.chars().take_while(char::is_ascii_alphanumeric).collect();
                let mut kebab = String::new();
                for c in name.chars() {
                    if c.is_ascii_uppercase() && !kebab.is_empty() {
                        kebab.push('-');
                    }
                    kebab.push(c.to_ascii_lowercase());
                }
                kebab
            })
            .collect();
        assert!(names.contains(&"take-card".to_owned()), "the enum was not found: {names:?}");
        let expectations = Expectations::load().unwrap();
        for entry in expectations.0.values() {
            for page in std::iter::once(&entry.page).chain(&entry.meets) {
                assert!(names.contains(page), "{}: {page:?} is no page of the view", entry.name);
            }
        }
    }

    #[test]
    fn every_fault_of_the_card_emulator_is_judged_here() {
        use crate::card::fault::CardFault as Emulated;
        let named: Vec<&str> = super::CardFault::ALL.into_iter().map(super::CardFault::name).collect();
        for (fault, name) in Emulated::ALL {
            // It needs somebody who pulls the card at the right moment: the card's own tests have that hand.
            let by_hand = fault == Emulated::SilentAtSign;
            assert_eq!(named.contains(&name), !by_hand, "{name}");
        }
        for name in named {
            // A wrong PIN is typed, not built into a card.
            assert_eq!(name.parse::<Emulated>().is_ok(), name != "wrong-pin", "{name}");
        }
    }

    #[test]
    fn names_are_read_back_as_the_fault_they_name() {
        for fault in Fault::all() {
            assert_eq!(fault.name().parse::<Fault>().unwrap(), fault);
        }
        for fault in portal::Fault::ALL {
            assert_eq!(portal::Fault::named(fault.name()), Some(fault));
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.name());
        }
    }
}
