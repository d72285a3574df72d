//! Judges what came of a renewal with help, by `testbench/assisted.toml` where something was wrong with whoever helps.
//!
//! The person's own renewal is judged as any other.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context;
use serde::Deserialize;

use super::verdict::{ended, missed};
use crate::{
    helper::{Helper, HelperFault},
    robot::{Seen, Shown},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    page: String,
    #[serde(default)]
    cause: Option<String>,
    #[serde(default)]
    meets: Option<(String, usize)>,
    applications: usize,
}

/// What was not as expected of a renewal helped so.
///
/// # Errors
/// When the file cannot be read, or has no entry for the fault.
pub(super) fn judge(
    helper: &Helper,
    shown: &Shown,
    pages: &[Seen],
    applications: usize,
) -> anyhow::Result<Vec<String>> {
    let name = helper.fault.map_or("none", HelperFault::name);
    let expected = file()?.remove(name).with_context(|| format!("assisted.toml has no entry for {name}"))?;
    let mut deviations = ended(&shown.ending, &expected.page, expected.cause.as_deref());
    deviations.extend(expected.meets.as_ref().and_then(|(page, times)| missed(pages, page, *times)));
    if applications != expected.applications {
        deviations.push(format!("{applications} applications, expected {}", expected.applications));
    }
    Ok(deviations)
}

/// What is wrong with what the kiosk's figures say of help: it is named where it was given, and only there.
///
/// # Errors
/// When they cannot be read.
pub(super) fn recorded(logs: &Path, received: bool) -> anyhow::Result<Option<String>> {
    let file = logs.join("kiosk.prom");
    let figures = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let named = figures.contains("{outcome=\"received\",assisted=\"true\"} 1\n");
    Ok((named != received)
        .then(|| format!("the figures name an assisted renewal: {named}, expected {received}")))
}

fn file() -> anyhow::Result<BTreeMap<String, Expected>> {
    toml::from_str(include_str!("../../assisted.toml")).context("assisted.toml")
}

#[cfg(test)]
mod tests {
    use super::{HelperFault, file};

    #[test]
    fn every_fault_of_a_helper_has_an_entry_and_every_entry_a_fault() {
        let mut known: Vec<&str> = HelperFault::all().map(HelperFault::name).collect();
        known.push("none");
        known.sort_unstable();
        assert_eq!(file().expect("reads").keys().map(String::as_str).collect::<Vec<_>>(), known);
    }
}
