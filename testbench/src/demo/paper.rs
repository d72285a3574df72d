//! Judges what came of an application on paper, by `testbench/wet-ink.toml` and by what the printer has.
//!
//! The portal's document is drawn once more here: every dot of every sheet must be where it was. Whether it is drawn
//! rightly is judged by [`super::ink`], and what is on the screen by what is on the sheets.

use std::collections::BTreeMap;

use ab_glyph::{Font as _, FontRef, GlyphId};
use anyhow::{Context, bail, ensure};
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
    ink::Ink,
    verdict::{ended, missed},
};
use crate::{
    faults::Fault,
    portal::pdf::{self, FONT, Line, PAGE, SIZE},
    printer::{self, Printer, Sheet},
    robot::{Control, Screen, Seen, Shown, Words},
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
    (shown, pages, stood): (&Shown, &[Seen], &[Stood]),
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
            if let Err(error) = same(document, &made, language, stood) {
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

/// Whether the sheets are the document's pages and the note, dot by dot, and what the person read before.
fn same(printed: &[u8], made: &[u8], language: &str, stood: &[Stood]) -> anyhow::Result<()> {
    let sheets = printer::sheets(printed)?;
    let document = Document::open(&Pdf(made.to_vec().into()))?;
    let (pages, lines) = (document.pages(), pdf::lines(made)?);
    ensure!(sheets.len() == pages + 1, "{} sheets of {pages} pages", sheets.len());
    ensure!(lines.len() == pages, "{pages} pages of {}", lines.len());
    let english = language == "en";
    let note = Note {
        language: if english { Language::English } else { Language::Turkish },
        deliver_to: configuration::DELIVER_TO.to_owned(),
        phone: configuration::PHONE.to_owned(),
        email: configuration::EMAIL.to_owned(),
    };
    for (index, sheet) in sheets.iter().enumerate() {
        let leaf = if index < pages { document.leaf(index)? } else { note::leaf(&note, pages)? };
        let number = index + 1;
        ensure!((sheet.dpi, sheet.media.as_str()) == (PRINT_DPI, "iso_a4_210x297mm"), "sheet {number}");
        ensure!(
            (sheet.width, sheet.height) == (leaf.print.width.into(), leaf.print.height.into())
                && sheet.pixels == leaf.print.pixels.expose(),
            "other dots on sheet {number}"
        );
        let dark = sheet.pixels.iter().filter(|pixel| **pixel < 128).count();
        ensure!(dark > 5_000, "sheet {number} is as good as empty");
        match lines.get(index) {
            Some(lines) => ensure!(page(lines, sheet)?.is_on(sheet, 0), "sheet {number} has other ink on it"),
            None => {
                ensure!(help(english, sheet)?.is_anywhere_on(sheet), "the note does not say whom to call")
            }
        }
        ensure!(stood.iter().any(|it| it.number == number), "page {number} was not on the screen");
        for stood in stood.iter().filter(|it| it.number == number) {
            let alike = stood.likeness(sheet);
            ensure!(alike > ALIKE, "page {number} on the screen is like its sheet by {alike:.2} only");
        }
    }
    Ok(())
}

/// A page of the portal's, as large as fits on the sheet, in its middle.
fn page(lines: &[Line], sheet: &Sheet) -> anyhow::Result<Ink> {
    let face = FontRef::try_from_slice(FONT)?;
    let (width, height) = (sheet.width as f32, sheet.height as f32);
    let by = (width / PAGE.0).min(height / PAGE.1);
    let (left, top) = ((width - PAGE.0 * by) / 2.0, (height - PAGE.1 * by) / 2.0);
    let mut ink = Ink::none((sheet.width, sheet.height));
    for Line { at: (x, y), glyphs } in lines {
        let glyphs = glyphs.iter().map(|glyph| GlyphId(*glyph));
        ink.write(&face, SIZE * by, (left + x * by, top + y * by), glyphs);
    }
    Ok(ink)
}

/// The note's last line: 12 points, 25 mm from the left.
fn help(english: bool, sheet: &Sheet) -> anyhow::Result<Ink> {
    let face = FontRef::try_from_slice(FONT)?;
    let em = 12.0 * PRINT_DPI as f32 / 72.0;
    let words = if english { "For help" } else { "Yardım için" };
    let words = format!("{words}: {} · {}", configuration::PHONE, configuration::EMAIL);
    let glyphs: Vec<GlyphId> = words.chars().map(|letter| face.glyph_id(letter)).collect();
    // As much of the sheet as the line is high.
    let mut ink = Ink::none((sheet.width, (em * 1.3) as usize));
    ink.write(&face, em, (295.0, em), glyphs);
    Ok(ink)
}

/// What was on the screen and its sheet made smaller go together at least so much: the screen's is made smaller twice, where
/// that is small, and either time by whole dots.
const ALIKE: f64 = 0.7;
/// So many rows of a page are on the smallest screen before anybody scrolls.
const ROWS: usize = 160;

/// The top of a page as it stood on the screen.
pub(super) struct Stood {
    /// Counts from 1.
    number: usize,
    /// Pixels across, and of the whole page down.
    size: (usize, usize),
    /// Grey, row by row, of [`ROWS`].
    pixels: Vec<u8>,
}

/// The page that is on the screen, at its top.
///
/// # Errors
/// When there is none, or not its whole width.
pub(super) fn stood(screen: &mut Screen, language: &str) -> anyhow::Result<Stood> {
    let label = Words::of(language)?.say("Belgenin {}. sayfası")?;
    let (before, after) = label.split_once("{}").context("a page has its number")?;
    let numbered = |label: &str| label.strip_prefix(before)?.strip_suffix(after)?.parse().ok();
    let controls = screen.controls()?;
    let there = controls.iter().find_map(|it| Some((numbered(&it.label)?, it)));
    let (number, Control { x, y, w, h, .. }) = there.context("no page is on the screen")?;
    let picture = tempfile::Builder::new().suffix(".ppm").tempfile()?;
    screen.shot(picture.path())?;
    let picture = std::fs::read(picture.path())?;
    let [magic, wide, _, rgb] = picture.splitn(4, |byte| *byte == b'\n').collect::<Vec<_>>()[..] else {
        bail!("no picture")
    };
    let wide: usize = std::str::from_utf8(wide)?.split(' ').next().unwrap_or_default().parse()?;
    let (left, top, width) = (x.round() as usize, y.round() as usize, w.round() as usize);
    let rows: Vec<&[u8]> = rgb.chunks_exact(wide * 3).skip(top).take(ROWS).collect();
    ensure!(
        magic == b"P6" && *x >= 0.0 && *y >= 0.0 && left + width <= wide && rows.len() == ROWS,
        "a page at {x}, {y} of {w} pixels on a screen of {wide}"
    );
    let grey = rows.iter().flat_map(|row| row[left * 3..(left + width) * 3].chunks_exact(3).map(|it| it[1]));
    Ok(Stood { number, size: (width, h.round() as usize), pixels: grey.collect() })
}

impl Stood {
    /// How much it goes together with a sheet of the same size: 1 is wholly.
    fn likeness(&self, sheet: &Sheet) -> f64 {
        let (width, height) = self.size;
        let covers = |at: usize, of: usize, larger: usize| at * larger / of..(at + 1) * larger / of;
        let mean = |x: usize, y: usize| {
            let (rows, columns) = (covers(y, height, sheet.height), covers(x, width, sheet.width));
            let count = rows.len() * columns.len();
            let row = |y: usize| &sheet.pixels[y * sheet.width..][columns.clone()];
            let sum: u32 = rows.flat_map(row).map(|grey| u32::from(*grey)).sum();
            f64::from(sum) / count.max(1) as f64
        };
        let printed = (0..ROWS).flat_map(|y| (0..width).map(move |x| mean(x, y)));
        together(self.pixels.iter().map(|grey| f64::from(*grey)).zip(printed))
    }
}

/// The correlation of pairs; none where one side is everywhere the same.
fn together(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut count, mut one, mut other, mut ones, mut others, mut both) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (a, b) in pairs {
        count += 1.0;
        one += a;
        other += b;
        ones += a * a;
        others += b * b;
        both += a * b;
    }
    let spread = (count * ones - one * one) * (count * others - other * other);
    if spread > 0.0 { (count * both - one * other) / spread.sqrt() } else { 0.0 }
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
