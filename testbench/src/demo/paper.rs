//! Judges what came of an application on paper, by `testbench/wet-ink.toml` and by what the printer has.
//!
//! The portal's document is drawn once more here: every dot of every sheet must be where it was.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use eimza_kiosk::{
    link::{
        paper::{Note, PRINT_DPI},
        view::Language,
    },
    portal::Pdf,
};
use kiosk_paper::{Document, note};
use serde::Deserialize;

use super::{
    bench::Bench,
    configuration,
    verdict::{ended, missed},
};
use crate::{
    faults::Fault,
    printer::{self, Printer},
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
    printed: bool,
}

/// Whether an application on paper meets this fault.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn meets(fault: Fault) -> anyhow::Result<bool> {
    Ok(file()?.contains_key(fault.name()))
}

/// What was not as expected of an application with these faults.
///
/// # Errors
/// When the file cannot be read, or has no entry for the fault.
pub(super) fn judge(
    bench: &Bench,
    shown: &Shown,
    pages: &[Seen],
    faults: &[Fault],
    language: &str,
) -> anyhow::Result<Vec<String>> {
    let mut file = file()?;
    let name =
        faults.iter().map(|fault| fault.name()).find(|name| file.contains_key(*name)).unwrap_or("none");
    let expected = file.remove(name).with_context(|| format!("wet-ink.toml has no entry for {name}"))?;
    let mut deviations = ended(&shown.ending, &expected.page, expected.cause.as_deref());
    deviations.extend(expected.meets.as_ref().and_then(|(page, times)| missed(pages, page, *times)));
    let printer = bench.printer.as_ref().context("a bench with a printer")?;
    let printed = printer.documents()?;
    match (expected.printed, printed.as_slice()) {
        (false, []) => {}
        (true, [document]) => {
            let made = bench.portal.documents().pop().context("the portal handed out no document")?;
            if let Err(error) = same(document, &made, language) {
                deviations.push(format!("what was printed is not what the portal made: {error:#}"));
            }
        }
        (_, documents) => deviations.push(format!("the printer has {} documents", documents.len())),
    }
    // It stands on the screen and on the sheet, and nobody but the office can say it.
    if expected.page == "printed" && !shown.said.iter().any(|line| line.contains(configuration::DELIVER_TO)) {
        deviations.push("nobody was told where to take it".to_owned());
    }
    Ok(deviations)
}

/// Whether the sheets are the document's pages and the note, dot by dot.
fn same(printed: &[u8], made: &[u8], language: &str) -> anyhow::Result<()> {
    let sheets = printer::sheets(printed)?;
    let document = Document::open(&Pdf(made.to_vec().into()))?;
    let pages = document.pages();
    ensure!(sheets.len() == pages + 1, "{} sheets of {pages} pages", sheets.len());
    let language = if language == "en" { Language::English } else { Language::Turkish };
    let note = Note {
        language,
        deliver_to: configuration::DELIVER_TO.to_owned(),
        phone: configuration::PHONE.to_owned(),
        email: configuration::EMAIL.to_owned(),
    };
    for (index, sheet) in sheets.iter().enumerate() {
        let leaf = if index < pages { document.leaf(index)? } else { note::leaf(&note, pages)? };
        ensure!((sheet.dpi, sheet.media.as_str()) == (PRINT_DPI, "iso_a4_210x297mm"), "sheet {}", index + 1);
        ensure!(
            (sheet.width, sheet.height) == (leaf.print.width.into(), leaf.print.height.into())
                && sheet.pixels == leaf.print.pixels.expose(),
            "other dots on sheet {}",
            index + 1
        );
        let dark = sheet.pixels.iter().filter(|pixel| **pixel < 128).count();
        ensure!(dark > 5_000, "sheet {} is as good as empty", index + 1);
    }
    Ok(())
}

/// Bytes of the documents of a run that nobody else's have: their identity and what a printed page begins with.
pub(super) fn traces(bench: &Bench) -> Vec<String> {
    let identity = |document: &Vec<u8>| {
        let text = String::from_utf8_lossy(document).into_owned();
        let (_, rest) = text.rsplit_once("/ID [<")?;
        Some(rest.get(..32)?.to_owned())
    };
    let printed = bench.printer.iter().flat_map(Printer::documents).flatten();
    let begins = printed.filter(|it| it.starts_with(b"RaS2")).map(|_| "RaS2PwgRaster".to_owned());
    bench.portal.documents().iter().filter_map(identity).chain(begins).collect()
}

fn file() -> anyhow::Result<BTreeMap<String, Expected>> {
    toml::from_str(include_str!("../../wet-ink.toml")).context("wet-ink.toml")
}

#[cfg(test)]
mod tests {
    use super::{Fault, file};
    use crate::{
        faults::{Expectations, Kind},
        portal::Fault as Portal,
        printer::PrinterFault,
    };

    #[test]
    fn every_fault_of_a_document_and_a_printer_has_an_entry_and_every_entry_a_fault() {
        let file = file().expect("reads");
        let papers = Portal::ALL.into_iter().map(Portal::name).filter(|name| name.starts_with("paper-"));
        for name in papers.chain(PrinterFault::ALL.into_iter().map(PrinterFault::name)) {
            assert!(file.contains_key(name), "{name}");
        }
        let of_renewal = Expectations::load().expect("reads");
        for (name, expected) in file.iter().filter(|(name, _)| *name != "none") {
            let fault = Fault::all().find(|fault| fault.name() == name).expect(name);
            if fault.kind() == Kind::Portal && !name.starts_with("paper-") {
                // On the way there it is told as on the way to the signature.
                let renewal = of_renewal.of(Some(fault));
                assert_eq!(expected.page, renewal.page, "{name}");
                assert_eq!(
                    serde_json::to_value(&expected.cause).expect("a word"),
                    serde_json::to_value(renewal.cause).expect("a word"),
                    "{name}"
                );
                assert!(!expected.printed, "{name}");
            }
        }
    }
}
