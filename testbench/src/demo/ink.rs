//! What must be on a sheet of paper, drawn a second time: from the outlines of the font's glyphs and where they stand.
//!
//! No reader of PDF has a part in it, so that whoever draws a page upside down, mirrored, elsewhere or with other letters
//! draws another page than this. It knows nothing of documents.

use ab_glyph::{Font as _, FontRef, GlyphId, point};

use crate::printer::Sheet;

/// One dot in so many may be otherwise: two drawings of one curve do not round alike.
const LEEWAY: usize = 200;
/// Of 255: a dot is covered wholly.
const WHOLE: u8 = 250;
/// Grey below this is ink.
const DARK: u8 = 128;

/// A stretch of a sheet with ink on it.
pub(super) struct Ink {
    width: usize,
    height: usize,
    /// How much of each dot is covered, of 255.
    covered: Vec<u8>,
}

impl Ink {
    /// Without ink, of so many dots across and down.
    pub(super) fn none((width, height): (usize, usize)) -> Self {
        Self { width, height, covered: vec![0; width * height] }
    }

    /// Writes glyphs of an em of so many dots, from this place on the line they stand on.
    pub(super) fn write(
        &mut self,
        face: &FontRef<'_>,
        em: f32,
        (mut x, y): (f32, f32),
        glyphs: impl IntoIterator<Item = GlyphId>,
    ) {
        let unit = em / face.units_per_em().unwrap_or(1000.0);
        for glyph in glyphs {
            let placed = glyph.with_scale_and_position(face.height_unscaled() * unit, point(x, y));
            x += face.h_advance_unscaled(glyph) * unit;
            let Some(outline) = face.outline_glyph(placed) else { continue };
            let from = outline.px_bounds().min;
            outline.draw(|across, down, covered| {
                let (x, y) = (from.x + across as f32, from.y + down as f32);
                if x >= 0.0 && y >= 0.0 && (x as usize) < self.width && (y as usize) < self.height {
                    let dot = &mut self.covered[y as usize * self.width + x as usize];
                    *dot = (*dot).max((covered.clamp(0.0, 1.0) * 255.0) as u8);
                }
            });
        }
    }

    /// Whether it is on the sheet so many dots further down, with nothing else in the same rows. What a dot of an edge is like
    /// is left to whoever draws it: dark is what lies well inside a stroke, white what lies beside every one.
    pub(super) fn is_on(&self, sheet: &Sheet, down: usize) -> bool {
        self.is_there(&self.inside(), sheet, down)
    }

    /// Whether it is somewhere on the sheet, as far from the left as it was drawn.
    pub(super) fn is_anywhere_on(&self, sheet: &Sheet) -> bool {
        let inside = self.inside();
        (0..=sheet.height.saturating_sub(self.height)).any(|down| self.is_there(&inside, sheet, down))
    }

    fn is_there(&self, inside: &[(usize, usize)], sheet: &Sheet, down: usize) -> bool {
        if inside.is_empty() || sheet.width != self.width || sheet.height < self.height + down {
            return false;
        }
        let rows = &sheet.pixels[down * self.width..(down + self.height) * self.width];
        let most = inside.len() / LEEWAY;
        let missing = inside.iter().filter(|(x, y)| rows[y * self.width + x] >= DARK);
        if missing.take(most + 1).count() > most {
            return false;
        }
        let dark = rows.iter().enumerate().filter(|(_, grey)| **grey < DARK).map(|(at, _)| at);
        let (mut ink, mut stray) = (0, 0);
        for at in dark {
            ink += 1;
            stray += usize::from(!self.around(at % self.width, at / self.width).any(|covered| covered > 0));
        }
        stray * LEEWAY <= ink
    }

    /// The dots that lie well inside a stroke.
    fn inside(&self) -> Vec<(usize, usize)> {
        let whole = self.covered.iter().enumerate().filter(|(_, covered)| **covered >= WHOLE);
        whole
            .map(|(at, _)| (at % self.width, at / self.width))
            .filter(|(x, y)| self.around(*x, *y).all(|covered| covered >= WHOLE))
            .collect()
    }

    /// The dot and those that touch it.
    fn around(&self, x: usize, y: usize) -> impl Iterator<Item = u8> {
        let columns = x.saturating_sub(1)..(x + 2).min(self.width);
        let rows = y.saturating_sub(1)..(y + 2).min(self.height);
        rows.flat_map(move |y| columns.clone().map(move |x| self.covered[y * self.width + x]))
    }
}

#[cfg(test)]
mod tests {
    use ab_glyph::{Font as _, FontRef, GlyphId};

    use super::{Ink, Sheet};

    const SIZE: (usize, usize) = (600, 120);

    fn ink(words: &str, at: (f32, f32)) -> Ink {
        let face = FontRef::try_from_slice(crate::portal::pdf::FONT).expect("a font");
        let mut ink = Ink::none(SIZE);
        ink.write(&face, 50.0, at, words.chars().map(|it| face.glyph_id(it)).collect::<Vec<GlyphId>>());
        ink
    }

    /// The ink on white, with so many white rows above it.
    fn printed(ink: &Ink, above: usize) -> Sheet {
        let white = vec![255; above * ink.width];
        let pixels: Vec<u8> = white.into_iter().chain(ink.covered.iter().map(|it| 255 - it)).collect();
        Sheet { width: ink.width, height: ink.height + above, dpi: 300, media: String::new(), pixels }
    }

    #[test]
    fn the_same_words_at_the_same_place_are_there_although_their_edges_are_not_alike() {
        let words = ink("İmza: 4 Ş", (20.0, 70.0));
        for by in [-0.4, 0.0, 0.4] {
            let other = printed(&ink("İmza: 4 Ş", (20.0 + by, 70.0 - by)), 0);
            assert!(words.is_on(&other, 0), "{by}");
        }
        let lower = printed(&words, 33);
        assert!(!words.is_on(&lower, 0) && words.is_on(&lower, 33) && words.is_anywhere_on(&lower));
    }

    #[test]
    fn other_words_and_the_same_ones_elsewhere_mirrored_or_upside_down_are_not() {
        let words = ink("İmza: 4 Ş", (20.0, 70.0));
        let right = printed(&words, 0);
        let upside_down: Vec<u8> = right.pixels.iter().rev().copied().collect();
        let mirrored: Vec<u8> =
            right.pixels.chunks(right.width).flat_map(|row| row.iter().rev().copied()).collect();
        let sheet = |pixels| Sheet { pixels, width: SIZE.0, height: SIZE.1, dpi: 300, media: String::new() };
        for (what, other) in [
            ("upside down", sheet(upside_down)),
            ("mirrored", sheet(mirrored)),
            ("white", sheet(vec![255; SIZE.0 * SIZE.1])),
            ("black", sheet(vec![0; SIZE.0 * SIZE.1])),
            ("to the right", printed(&ink("İmza: 4 Ş", (26.0, 70.0)), 0)),
            ("another letter", printed(&ink("Imza: 4 Ş", (20.0, 70.0)), 0)),
            ("more", printed(&ink("İmza: 4 Ş 7", (20.0, 70.0)), 0)),
            ("less", printed(&ink("İmza: 4", (20.0, 70.0)), 0)),
        ] {
            assert!(!words.is_on(&other, 0) && !words.is_anywhere_on(&other), "{what}");
        }
        assert!(!Ink::none(SIZE).is_on(&right, 0), "no ink proves nothing");
    }
}
