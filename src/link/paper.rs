//! What `kioskd` and `kiosk-paper` say to each other: one PDF in, its pages out as grey pixels, and the process ends.
//!
//! The other end has taken a stranger's file apart: everything it answers is weighed here before it is believed. It knows
//! nothing of what is on a page.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::view::Language;
use crate::{portal::Pdf, redact::PersonalBytes};

/// Most pages of a document; a form with its undertaking has two or three.
pub const MOST_PAGES: usize = 8;
/// Dots per inch of what is printed, which every IPP Everywhere printer takes (PWG 5100.14).
pub const PRINT_DPI: u32 = 300;
/// A sheet of A4 in dots of [`PRINT_DPI`]: 210 x 297 mm (ISO 216).
pub const PRINT_SIZE: (u16, u16) = (2480, 3508);
/// The same sheet as the screen is given it: as wide as it is drawn on the widest screen.
pub const SCREEN_SIZE: (u16, u16) = (1060, 1499);
/// Rows of a sheet travel in bands of at most so many bytes.
pub const BAND: usize = 1 << 20;

/// The first and only question.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// The document.
    pub pdf: Pdf,
    /// What stands on the sheet that is printed after it.
    pub note: Note,
}

/// The sheet that says what to do with the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// In which language.
    pub language: Language,
    /// To whom the signed sheets are delivered, from the configuration.
    pub deliver_to: String,
    /// Whom to call.
    pub phone: String,
    /// Whom to write to.
    pub email: String,
}

/// The answers: [`Answer::Pages`], then for each page a [`Answer::Screen`] and the bands of its print; or a refusal.
#[derive(Debug, Serialize, Deserialize)]
pub enum Answer {
    /// So many pages come, the note's included.
    Pages(u8),
    /// A page of [`SCREEN_SIZE`].
    Screen(PersonalBytes),
    /// The next rows of the same page in [`PRINT_SIZE`].
    Print(PersonalBytes),
    /// There are none.
    Refused(Refusal),
}

/// Why a document has no pages to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// It is no PDF, or one that is locked or damaged.
    #[error("the document is no PDF that can be read")]
    Unreadable,
    /// It has none, or more than [`MOST_PAGES`].
    #[error("the document has no page, or more than {MOST_PAGES}")]
    Pages,
}

/// Why there are no sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The document was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The process could not be reached, died, or answered what it was not asked.
    #[error("the document was not taken apart")]
    Lost,
}

/// One page in grey.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grey {
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// `width * height` bytes, row by row; 0 is black.
    pub pixels: PersonalBytes,
}

/// One page, for the screen and for the printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Of [`SCREEN_SIZE`].
    pub screen: Grey,
    /// Of [`PRINT_SIZE`].
    pub print: Grey,
}

/// A whole document, ready to be shown and printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The document's pages, then the note; at least two.
    leaves: Arc<Vec<Leaf>>,
}

impl Paper {
    /// Of the document's pages and the note; `None` where there are too few or too many.
    #[must_use]
    pub fn new(leaves: Vec<Leaf>) -> Option<Self> {
        (2..=MOST_PAGES + 1).contains(&leaves.len()).then(|| Self { leaves: Arc::new(leaves) })
    }

    /// Its sheets.
    #[must_use]
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }
}

impl Grey {
    /// A page of this size; `None` where the pixels are not as many.
    #[must_use]
    pub fn new((width, height): (u16, u16), pixels: Vec<u8>) -> Option<Self> {
        let wanted = usize::from(width) * usize::from(height);
        (pixels.len() == wanted).then(|| Self { width, height, pixels: pixels.into() })
    }

    /// Its rows, from the top.
    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.pixels.expose().chunks_exact(usize::from(self.width.max(1)))
    }
    /// The page in this size: each pixel is the mean of those it covers, so that thin strokes stay to be seen. `None` where
    /// it would be larger in either direction, or nothing.
    #[must_use]
    pub fn smaller(&self, (width, height): (u16, u16)) -> Option<Self> {
        if width == 0 || height == 0 || width > self.width || height > self.height {
            return None;
        }
        let rows: Vec<&[u8]> = self.rows().collect();
        let mut pixels = Vec::with_capacity(usize::from(width) * usize::from(height));
        for y in 0..height {
            let (top, bottom) = covered(y, height, self.height);
            for x in 0..width {
                let (left, right) = covered(x, width, self.width);
                let sum: u32 = rows[top..bottom]
                    .iter()
                    .map(|row| row[left..right].iter().map(|pixel| u32::from(*pixel)).sum::<u32>())
                    .sum();
                let count = u32::try_from((bottom - top) * (right - left)).ok()?;
                pixels.push(u8::try_from(sum / count).ok()?);
            }
        }
        Self::new((width, height), pixels)
    }
}

/// Which of the larger page's rows or columns one of the smaller page covers; at least one.
fn covered(at: u16, of: u16, larger: u16) -> (usize, usize) {
    let edge = |at: usize| at * usize::from(larger) / usize::from(of);
    let (from, to) = (edge(at.into()), edge(usize::from(at) + 1));
    (from, to.max(from + 1))
}

impl fmt::Debug for Grey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grey({}x{})", self.width, self.height)
    }
}

/// Puts answers together; whatever is out of order, too large or too much ends it.
#[derive(Debug, Default)]
pub struct Gathering {
    pages: Option<u8>,
    leaves: Vec<Leaf>,
    screen: Option<Grey>,
    print: Vec<u8>,
}

impl Gathering {
    /// Takes an answer; the whole document with the last.
    ///
    /// # Errors
    /// [`Fault::Refused`] as it was answered, [`Fault::Lost`] for an answer that has no place.
    pub fn take(&mut self, answer: Answer) -> Result<Option<Paper>, Fault> {
        match answer {
            Answer::Refused(why) if self.pages.is_none() => Err(why.into()),
            Answer::Pages(pages) if self.pages.is_none() && (2..=MOST_PAGES + 1).contains(&pages.into()) => {
                self.pages = Some(pages);
                Ok(None)
            }
            Answer::Screen(pixels) if self.pages.is_some() && self.screen.is_none() => {
                self.screen = Some(grey(SCREEN_SIZE, pixels).ok_or(Fault::Lost)?);
                Ok(None)
            }
            Answer::Print(pixels) if self.screen.is_some() => self.band(pixels.expose()),
            Answer::Refused(_) | Answer::Pages(_) | Answer::Screen(_) | Answer::Print(_) => Err(Fault::Lost),
        }
    }

    fn band(&mut self, rows: &[u8]) -> Result<Option<Paper>, Fault> {
        let (width, height) = PRINT_SIZE;
        let whole = usize::from(width) * usize::from(height);
        if rows.is_empty() || self.print.len() + rows.len() > whole {
            return Err(Fault::Lost);
        }
        // At once: what a vector leaves behind as it grows is a page too.
        self.print.reserve_exact(whole - self.print.len());
        self.print.extend_from_slice(rows);
        if self.print.len() < whole {
            return Ok(None);
        }
        let print = Grey::new(PRINT_SIZE, std::mem::take(&mut self.print)).ok_or(Fault::Lost)?;
        let screen = self.screen.take().ok_or(Fault::Lost)?;
        self.leaves.push(Leaf { screen, print });
        if self.leaves.len() < self.pages.unwrap_or_default().into() {
            return Ok(None);
        }
        Paper::new(std::mem::take(&mut self.leaves)).map(Some).ok_or(Fault::Lost)
    }
}

fn grey(size: (u16, u16), pixels: PersonalBytes) -> Option<Grey> {
    let wanted = usize::from(size.0) * usize::from(size.1);
    (pixels.expose().len() == wanted).then_some(Grey { width: size.0, height: size.1, pixels })
}

#[cfg(test)]
mod tests {
    use super::{Answer, BAND, Fault, Gathering, Grey, MOST_PAGES, PRINT_SIZE, Refusal, SCREEN_SIZE};
    use crate::{link::codec, redact::PersonalBytes};

    fn blank((width, height): (u16, u16)) -> PersonalBytes {
        vec![255; usize::from(width) * usize::from(height)].into()
    }

    fn page(gathering: &mut Gathering) -> Result<bool, Fault> {
        gathering.take(Answer::Screen(blank(SCREEN_SIZE)))?;
        let print = blank(PRINT_SIZE);
        let mut whole = false;
        for rows in print.expose().chunks(BAND) {
            whole = gathering.take(Answer::Print(rows.to_vec().into()))?.is_some();
        }
        Ok(whole)
    }

    #[test]
    fn pages_come_whole_in_order_and_as_many_as_were_said() {
        let mut gathering = Gathering::default();
        assert_eq!(gathering.take(Answer::Pages(2)), Ok(None));
        assert_eq!(page(&mut gathering), Ok(false));
        assert_eq!(page(&mut gathering), Ok(true));
    }

    #[test]
    fn what_has_no_place_ends_it() {
        let lost = |answers: Vec<Answer>| {
            let mut gathering = Gathering::default();
            answers.into_iter().try_fold(None, |_, answer| gathering.take(answer))
        };
        let small: fn() -> PersonalBytes = || vec![0; 8].into();
        let beyond = u8::try_from(MOST_PAGES + 2).expect("small");
        for answers in [
            vec![Answer::Screen(blank(SCREEN_SIZE))],
            vec![Answer::Print(small())],
            vec![Answer::Pages(0)],
            vec![Answer::Pages(1)],
            vec![Answer::Pages(beyond)],
            vec![Answer::Pages(2), Answer::Pages(2)],
            vec![Answer::Pages(2), Answer::Print(small())],
            vec![Answer::Pages(2), Answer::Screen(small())],
            vec![Answer::Pages(2), Answer::Screen(blank(SCREEN_SIZE)), Answer::Screen(blank(SCREEN_SIZE))],
            vec![Answer::Pages(2), Answer::Screen(blank(SCREEN_SIZE)), Answer::Print(Vec::new().into())],
            vec![Answer::Pages(2), Answer::Refused(Refusal::Pages)],
        ] {
            assert_eq!(lost(answers), Err(Fault::Lost));
        }
        let refused = lost(vec![Answer::Refused(Refusal::Unreadable)]);
        assert_eq!(refused, Err(Fault::Refused(Refusal::Unreadable)));
    }

    #[test]
    fn a_page_prints_its_size_and_nothing_of_itself_and_fits_into_a_frame() {
        let pixels = blank(SCREEN_SIZE);
        let (frame, printed) = (codec::encode(&Answer::Screen(pixels.clone())), format!("{pixels:?}"));
        assert_eq!(printed, format!("PersonalBytes({})", pixels.expose().len()));
        let frame = frame.expect("it fits");
        let Answer::Screen(read) = codec::decode(&frame[4..]).expect("the same") else { panic!("another") };
        assert_eq!(read, pixels);
    }

    fn small(size: (u16, u16), pixels: Vec<u8>) -> Grey {
        Grey::new(size, pixels).expect("as many pixels")
    }

    #[test]
    fn a_pixel_is_the_mean_of_what_it_covers() {
        let large = small((4, 2), vec![0, 100, 255, 255, 100, 200, 255, 255]);
        assert_eq!(large.smaller((2, 1)), Some(small((2, 1), vec![100, 255])));
        assert_eq!(large.smaller((4, 2)), Some(large.clone()));
    }

    #[test]
    fn every_row_is_seen_whatever_the_sizes_and_nothing_is_made_larger() {
        // A black line of one pixel leaves its mark wherever it is.
        for line in 0..10 {
            let pixels = (0..10).flat_map(|row| [if row == line { 0 } else { 255 }; 3]).collect();
            let small = small((3, 10), pixels).smaller((3, 7)).expect("smaller");
            assert!(small.pixels.expose().iter().any(|pixel| *pixel < 255), "line {line}");
        }
        assert_eq!(small((1, 1), vec![0]).smaller((2, 1)), None);
    }
}
