//! Judges a visit: how it ended, what the portal holds of it, whether what was signed is what was read.
//!
//! It looks at what a visit left behind; how visits are made is not its affair.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, ensure};

use crate::{
    faults::{Expectation, Expectations, Fault, Outcome},
    portal::{self, Application, Simulator},
    robot::{Ending, Seen},
    visitor::Visitor,
};

/// The entry that the visit must end by: of several faults, the one that is met first ends it.
pub(super) fn expected<'a>(expectations: &'a Expectations, faults: &[Fault]) -> &'a Expectation {
    let entries = || faults.iter().map(|fault| expectations.of(Some(*fault)));
    entries().find(|entry| entry.applications == 0).or(entries().next()).unwrap_or(expectations.of(None))
}

/// Deviations of a visit's end from what is expected of it.
#[must_use]
pub(crate) fn judge(expected: &Expectation, ending: &Ending, applications: usize) -> Vec<String> {
    let cause = expected.cause.and_then(|cause| serde_json::to_value(cause).ok());
    let cause = cause.as_ref().and_then(serde_json::Value::as_str);
    let mut deviations = ended(ending, &expected.page, cause);
    if applications != usize::from(expected.applications) {
        deviations.push(format!("{applications} applications, expected {}", expected.applications));
    }
    deviations
}

/// Whether a visit ended on this page, and named this cause.
pub(super) fn ended(ending: &Ending, page: &str, cause: Option<&str>) -> Vec<String> {
    let mut deviations = Vec::new();
    let found = ending.page.as_deref().unwrap_or("none");
    if found != page {
        deviations.push(format!("ended on the page {found}, expected {page}"));
    }
    if ending.cause.as_deref() != cause {
        deviations.push(format!("named the cause {:?}, expected {cause:?}", ending.cause));
    }
    deviations
}

/// What is wrong where a page was not there so often, other than under a question.
pub(super) fn missed(pages: &[Seen], page: &str, times: usize) -> Option<String> {
    let seen = pages.iter().filter(|seen| seen.page == page && seen.overlay.is_none()).count();
    (seen < times).then(|| format!("the page {page} was there {seen} times, expected {times} at least"))
}

/// Whether a fault was there at all: a run that never met it proves nothing.
pub(super) fn met(expected: &Expectation, struck: &[String], ending: &Ending, pages: &[Seen]) -> bool {
    if struck.contains(&expected.name) {
        return true;
    }
    match &expected.meets {
        Some(page) => {
            let times = if expected.name.starts_with("wrong-") { 2 } else { 1 };
            missed(pages, page, times).is_none()
        }
        None => judge(expected, ending, usize::from(expected.applications)).is_empty(),
    }
}

/// Whether a fault was there where only what came of it is written: the portal says itself what it did wrong.
pub(super) fn befell(fault: Fault, struck: &[String], as_expected: bool) -> bool {
    match fault {
        // What certificate it shows is seen before it is asked anything: the cause that was named tells of it.
        Fault::Portal(portal::Fault::TlsUntrusted) | Fault::Card(_) | Fault::Printer(_) => as_expected,
        Fault::Portal(fault) => as_expected && struck.iter().any(|name| name == fault.name()),
    }
}

/// What an ending comes to.
pub(crate) fn outcome(ending: &Ending) -> Outcome {
    let rules_out = [
        "not-eligible",
        "pin-locked",
        "expired",
        "not-yet-valid",
        "too-early",
        "seal",
        "not-qualified",
        "no-certificate",
        "certificate-malformed",
        "card-unknown",
    ];
    match (ending.page.as_deref(), ending.cause.as_deref()) {
        (Some("result"), _) => Outcome::Received,
        (Some("card-check" | "pin-set" | "new-card-pin" | "printed"), _) => Outcome::Served,
        (_, Some(cause)) if rules_out.contains(&cause) => Outcome::Refused,
        _ => Outcome::Trouble,
    }
}

/// Applications the portal holds of a visitor.
pub(crate) fn count(portal: &Simulator, visitor: &Visitor) -> usize {
    portal.applications().iter().filter(|application| application.national_id == visitor.national_id).count()
}

/// `application.p7s` and `contract.txt`, and numbered ones for further texts.
pub(crate) fn write_application(out: &Path, application: &Application) -> anyhow::Result<()> {
    for (index, (text, signature)) in application.texts.iter().zip(&application.signatures).enumerate() {
        let number = if index == 0 { String::new() } else { format!("-{}", index + 1) };
        fs::write(out.join(format!("contract{number}.txt")), text).context("writing the contract")?;
        fs::write(out.join(format!("application{number}.p7s")), signature)?;
    }
    Ok(())
}

/// Lines of the signed texts that were not among what the contract page holds for a reader, in their order.
pub(crate) fn misread(read: &[String], application: &Application) -> Vec<String> {
    let mut deviations = Vec::new();
    let mut rest = read.iter();
    for (index, text) in application.texts.iter().enumerate() {
        let text = String::from_utf8_lossy(text);
        for (line, words) in text.lines().enumerate().filter(|(_, words)| !words.trim().is_empty()) {
            if !rest.by_ref().any(|shown| shown == words) {
                deviations.push(format!(
                    "line {} of text {} was not on the contract page",
                    line + 1,
                    index + 1
                ));
                return deviations;
            }
        }
    }
    deviations
}

/// What OpenSSL gives back of a signed text in a run's folder, verified under the run's own authorities; `number` is
/// empty for the first text, `-2` for the second.
///
/// # Errors
/// When OpenSSL does not accept it: its words.
pub fn verified(folder: &Path, number: &str) -> anyhow::Result<Vec<u8>> {
    let output = Command::new("openssl")
        .args(["cms", "-verify", "-cades", "-inform", "der", "-in"])
        .arg(folder.join(format!("application{number}.p7s")))
        .arg("-CAfile")
        .arg(folder.join("ca.pem"))
        .output()
        .context("openssl")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}
