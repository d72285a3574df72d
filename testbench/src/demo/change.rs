//! Judges what came of a PIN that was to be changed, by `testbench/change-pin.toml` and by the card itself.
//!
//! It knows what a card answers to a PIN; how one is changed is the robot's and the kiosk's.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;

use super::verdict::{ended, missed};
use crate::{
    card::Card,
    faults::{Fault, Strikes},
    robot::{Seen, Shown},
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
    pin: Has,
    #[serde(default)]
    renews: bool,
}

/// Which PIN a card has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Has {
    New,
    Old,
    Locked,
    None,
}

/// Whether a change of PIN meets this fault: no PIN is verified there, and nothing signed.
#[must_use]
pub fn meets(fault: Fault) -> bool {
    match fault {
        Fault::Portal(_) | Fault::Printer(_) => false,
        Fault::Card(fault) => fault.strikes() != Strikes::Signature,
    }
}

/// Whether the person renews on the same card afterwards.
///
/// # Errors
/// When the file cannot be read, or has no entry for the fault.
pub(super) fn renews(faults: &[Fault]) -> anyhow::Result<bool> {
    Ok(expected(faults)?.renews)
}

/// Whether a card that is out of its slot opens with this PIN; no try is spent.
pub(super) fn opens(card: &Card, pin: &str) -> bool {
    let tries = card.tries();
    card.power();
    // The one that is wrong locks nothing.
    card.set_tries(u8::MAX);
    // VERIFY (ISO/IEC 7816-4, 11.6.6)
    let command = [&[0, 0x20, 0, 0x80, u8::try_from(pin.len()).unwrap_or(0)], pin.as_bytes()].concat();
    let opens = card.transmit(&command) == [0x90, 0];
    card.power();
    card.set_tries(tries);
    opens
}

/// Which PIN the card has; where none is expected to answer, none is tried.
pub(super) fn has(card: &Card, visitor: &Visitor, expected: Has) -> Has {
    match holds(card, visitor) {
        _ if expected == Has::None => Has::None,
        None => Has::Locked,
        Some(pin) if pin == visitor.new_pin => Has::New,
        Some(_) => Has::Old,
    }
}

/// Which of the person's PINs opens the card that is out of its slot, if any; none is asked of a card that is locked.
pub(super) fn holds<'a>(card: &Card, visitor: &'a Visitor) -> Option<&'a str> {
    if card.tries() == 0 {
        return None;
    }
    [visitor.new_pin.as_str(), visitor.pin.as_str()].into_iter().find(|pin| opens(card, pin))
}

/// What was not as expected of a change with these faults.
///
/// # Errors
/// When the file cannot be read, or has no entry for the fault.
pub(super) fn judge(
    shown: &Shown,
    pages: &[Seen],
    faults: &[Fault],
    card: &Card,
    visitor: &Visitor,
) -> anyhow::Result<Vec<String>> {
    let expected = expected(faults)?;
    let mut deviations = ended(&shown.ending, &expected.page, expected.cause.as_deref());
    deviations.extend(expected.meets.as_ref().and_then(|(page, times)| missed(pages, page, *times)));
    let has = has(card, visitor, expected.pin);
    if has != expected.pin {
        deviations.push(format!("the card has its {has:?} PIN, expected {:?}", expected.pin));
    }
    Ok(deviations)
}

fn expected(faults: &[Fault]) -> anyhow::Result<Expected> {
    let name = faults.iter().find(|fault| meets(**fault)).map_or("none", |fault| fault.name());
    file()?.remove(name).with_context(|| format!("change-pin.toml has no entry for {name}"))
}

fn file() -> anyhow::Result<BTreeMap<String, Expected>> {
    toml::from_str(include_str!("../../change-pin.toml")).context("change-pin.toml")
}

#[cfg(test)]
mod tests {
    use super::{Fault, file, meets};

    #[test]
    fn every_card_whose_pin_can_be_changed_has_an_entry_and_every_entry_a_card() {
        let mut known: Vec<&str> = Fault::all().filter(|fault| meets(*fault)).map(Fault::name).collect();
        known.push("none");
        known.sort_unstable();
        assert_eq!(file().expect("reads").keys().map(String::as_str).collect::<Vec<_>>(), known);
    }
}
