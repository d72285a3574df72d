//! Judges what a card check said, by `testbench/card-check.toml`.
//!
//! It knows the words of the colours; how a check is made is the robot's.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;

use super::verdict::ended;
use crate::{
    faults::{Fault, Strikes},
    robot::{Said, Shown, Words},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(default)]
    cause: Option<String>,
    lights: Vec<String>,
}

const ABOUT: [(&str, &str); 6] = [
    ("reader", "Kart okuyucu"),
    ("card", "Kart"),
    ("certificate", "Sertifika"),
    ("pin", "PIN kodu"),
    ("trial", "Deneme imzası"),
    ("renewal", "Yenileme"),
];
const LIGHTS: [(&str, &str); 3] = [("green", "Uygun"), ("amber", "Dikkat"), ("red", "Sorun")];

/// Whether a card check meets this fault: whose card is pulled in a trial, leaves.
#[must_use]
pub fn meets(fault: Fault) -> bool {
    match fault {
        Fault::Portal(_) | Fault::Printer(_) => false,
        Fault::Card(fault) => fault.strikes() == Strikes::Anything,
    }
}

/// What was not as expected of a check with these faults.
///
/// # Errors
/// When the file cannot be read, or has no entry for the fault.
pub(super) fn judge(shown: &Shown, faults: &[Fault], language: &str) -> anyhow::Result<Vec<String>> {
    let file: BTreeMap<String, Vec<Expected>> =
        toml::from_str(include_str!("../../card-check.toml")).context("card-check.toml")?;
    let name = faults.iter().find(|fault| meets(**fault)).map_or("none", |fault| fault.name());
    let ways = file.get(name).with_context(|| format!("card-check.toml has no entry for {name}"))?;
    let words = Words::of(language)?;
    let said = shown.answers.iter().map(|said| line(said, &words)).collect::<anyhow::Result<Vec<_>>>()?;
    let judged = ways.iter().map(|expected| expected.compare(shown, &said));
    let mut deviations = judged.min_by_key(Vec::len).context("an entry")?;
    let silent = shown.answers.iter().filter(|it| it.found.is_empty());
    deviations.extend(silent.map(|it| format!("{} says nothing", it.about)));
    Ok(deviations)
}

impl Expected {
    fn compare(&self, shown: &Shown, said: &[String]) -> Vec<String> {
        let mut deviations = ended(&shown.ending, "card-check", self.cause.as_deref());
        let fits = |(said, wanted): (&String, &String)| {
            let (about, lights) = wanted.split_once(' ').unwrap_or((wanted, ""));
            lights.split('|').any(|light| *said == format!("{about} {light}"))
        };
        if said.len() != self.lights.len() || !said.iter().zip(&self.lights).all(fits) {
            deviations.push(format!("the answers were {said:?}, expected {:?}", self.lights));
        }
        deviations
    }
}

/// An answer as the file names it.
fn line(said: &Said, words: &Words) -> anyhow::Result<String> {
    let name = |table: &[(&'static str, &'static str)], shown: &str| -> anyhow::Result<&'static str> {
        for (name, turkish) in table {
            if words.say(turkish)? == shown {
                return Ok(name);
            }
        }
        anyhow::bail!("a word nobody knows on the card check: {shown:?}")
    };
    Ok(format!("{} {}", name(&ABOUT, &said.about)?, name(&LIGHTS, &said.light)?))
}

#[cfg(test)]
mod tests {
    use super::{Expected, Fault, meets};

    #[test]
    fn every_card_a_check_can_meet_has_an_entry_and_every_entry_a_card() {
        let file: std::collections::BTreeMap<String, Vec<Expected>> =
            toml::from_str(include_str!("../../card-check.toml")).expect("reads");
        let mut known: Vec<&str> = Fault::all().filter(|fault| meets(*fault)).map(Fault::name).collect();
        known.push("none");
        known.sort_unstable();
        assert_eq!(file.keys().map(String::as_str).collect::<Vec<_>>(), known);
    }
}
