//! Judges what came of a visit for the portal's online pages, by `testbench/new-pin.toml` or `testbench/unblock.toml`, and
//! by the cards themselves.
//!
//! It knows which faults these services can meet; how a visit is made is the robot's and the kiosk's.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use eimza_kiosk::link::view::Service;
use serde::Deserialize;

use super::{
    arguments::Token,
    change::{self, Has},
    verdict::{ended, missed},
};
use crate::{
    card::Card,
    faults::{CardFault, Fault, Strikes},
    portal,
    robot::{Login, Seen, Shown},
    visitor::Visitor,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    page: String,
    #[serde(default)]
    cause: Option<String>,
    #[serde(default)]
    meets: Option<(String, usize)>,
    #[serde(default)]
    login: Option<Login>,
    #[serde(default)]
    learned: bool,
    #[serde(default)]
    pin: Option<Has>,
    #[serde(default)]
    report: Vec<bool>,
    #[serde(default)]
    renews: bool,
}

/// The cards of a visitor: the one that was in, and the one that was sent.
pub(super) struct Cards<'a> {
    pub(super) present: &'a Card,
    pub(super) next: &'a Card,
}

/// Whether somebody who comes for this service meets the fault.
#[must_use]
pub fn meets(service: Service, fault: Fault) -> bool {
    use portal::Fault as F;
    let opens = match service {
        Service::NewPin => false,
        Service::Unblock => true,
        Service::Renewal | Service::CardCheck | Service::ChangePin | Service::WetInk | Service::Assisted => {
            return false;
        }
    };
    match fault {
        Fault::Portal(
            F::NotEligible
            | F::ContractDiffers
            | F::GluedLine
            | F::PaperMissing
            | F::PaperGarbled
            | F::PaperOversize
            | F::PaperEndless
            | F::PaperOffHost,
        )
        | Fault::Printer(_) => false,
        Fault::Portal(
            F::ExpiredCode | F::CodeUnknown | F::DropAfterSubmit | F::WrongUnblockSms | F::ExpiredUnblockSms,
        ) => opens,
        // The card of somebody who comes for this signs nothing.
        Fault::Portal(F::ExpiredChallenge | F::SignatureRefused) => !opens,
        Fault::Portal(_) => true,
        Fault::Card(CardFault::WrongPin | CardFault::LastTry) => !opens,
        // Without a fault it is so.
        Fault::Card(CardFault::Locked) => !opens,
        Fault::Card(fault) => match fault.strikes() {
            Strikes::Anything => true,
            Strikes::Signature => !opens,
            Strikes::NewPin => opens,
        },
    }
}

/// How the visitor logs in so that the fault is met, unless told otherwise.
///
/// # Errors
/// When the file cannot be read, or has no entry for the fault.
pub(super) fn login(service: Service, faults: &[Fault]) -> anyhow::Result<Login> {
    Ok(entry(service, faults)?.login.unwrap_or_default())
}

/// Whether the person renews on the same card afterwards.
///
/// # Errors
/// When the file cannot be read, or has no entry for the fault.
pub(super) fn renews(service: Service, token: Token, faults: &[Fault]) -> anyhow::Result<bool> {
    Ok(expected(service, token, faults)?.renews)
}

/// What was not as expected of a visit with these faults; `told` is what the signing service was told of the card,
/// each time.
///
/// # Errors
/// When the file cannot be read, or has no entry for the fault.
pub(super) fn judge(
    (service, token, faults, login): (Service, Token, &[Fault], Login),
    shown: &Shown,
    pages: &[Seen],
    cards: &Cards<'_>,
    visitor: &Visitor,
    told: &[bool],
) -> anyhow::Result<Vec<String>> {
    let expected = expected(service, token, faults)?;
    let mut deviations = ended(&shown.ending, &expected.page, expected.cause.as_deref());
    // Only whoever logs in with a signature has a text to read.
    let meets = expected.meets.as_ref().filter(|(page, _)| page != "contract" || login == Login::Signature);
    deviations.extend(meets.and_then(|(page, times)| missed(pages, page, *times)));
    match (&shown.learned, expected.learned) {
        (Some(pin), true) => {
            if !change::opens(cards.next, pin) {
                deviations.push("the new card does not open with the PIN that was shown".to_owned());
            }
            if *pin != visitor.next_card_pin {
                deviations.push("another PIN was shown than the portal has".to_owned());
            }
        }
        (None, false) => {}
        (learned, _) => {
            deviations.push(format!("learned a PIN: {}, expected {}", learned.is_some(), expected.learned));
        }
    }
    if let Some(wanted) = expected.pin {
        let has = change::has(cards.present, visitor, wanted);
        if has != wanted {
            deviations.push(format!("the card has its {has:?} PIN, expected {wanted:?}"));
        }
    }
    if told != expected.report {
        deviations.push(format!("the signing service was told {told:?}, expected {:?}", expected.report));
    }
    Ok(deviations)
}

fn entry(service: Service, faults: &[Fault]) -> anyhow::Result<Expected> {
    let name = faults.iter().find(|fault| meets(service, **fault)).map_or("none", |fault| fault.name());
    file(service)?.remove(name).with_context(|| format!("no entry for {name} of {service:?}"))
}

fn expected(service: Service, token: Token, faults: &[Fault]) -> anyhow::Result<Expected> {
    let entry = entry(service, faults)?;
    let at_new_pin =
        |fault: &Fault| matches!(fault, Fault::Card(fault) if fault.strikes() == Strikes::NewPin);
    let typed = !entry.report.is_empty() || faults.iter().any(at_new_pin);
    Ok(if token == Token::Pkcs11 && service == Service::Unblock && typed { entry.unopened() } else { entry })
}

impl Expected {
    /// The new PIN was typed, and the module opens none.
    fn unopened(self) -> Self {
        let told = self.report.len().max(1);
        Self {
            page: "trouble".to_owned(),
            cause: Some("not-offered".to_owned()),
            pin: Some(Has::Locked),
            report: vec![false; told],
            renews: false,
            ..self
        }
    }
}

fn file(service: Service) -> anyhow::Result<BTreeMap<String, Expected>> {
    match service {
        Service::NewPin => toml::from_str(include_str!("../../new-pin.toml")).context("new-pin.toml"),
        Service::Unblock => toml::from_str(include_str!("../../unblock.toml")).context("unblock.toml"),
        Service::Renewal | Service::CardCheck | Service::ChangePin | Service::WetInk | Service::Assisted => {
            bail!("{service:?} is judged elsewhere")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Service, file, meets};

    #[test]
    fn every_fault_that_can_be_met_online_has_an_entry_and_every_entry_a_fault() {
        for service in [Service::NewPin, Service::Unblock] {
            let mut known: Vec<&str> =
                Fault::all().filter(|fault| meets(service, *fault)).map(Fault::name).collect();
            known.push("none");
            known.sort_unstable();
            assert_eq!(file(service).expect("reads").keys().map(String::as_str).collect::<Vec<_>>(), known);
        }
    }
}
