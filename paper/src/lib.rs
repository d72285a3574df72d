//! A PDF's pages as grey pixels, and the sheet of words that is printed after them.
//!
//! `hayro` reads the document and draws it; here is only how large, in which colours, and what is refused. What becomes of a
//! page nobody here knows.

pub mod note;

use eimza_kiosk::{
    link::paper::{Grey, Leaf, PRINT_SIZE, Refusal, SCREEN_SIZE},
    portal::Pdf,
};
use hayro::{
    RenderCache, RenderSettings,
    hayro_interpret::{InterpreterSettings, util::TransformExt},
    hayro_syntax,
    kurbo::Affine,
    render_into,
    vello_cpu::{
        Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit, color::palette::css::WHITE,
    },
};

/// A document that can be read.
pub struct Document {
    pdf: hayro_syntax::Pdf,
}

impl Document {
    /// Reads it as far as its list of pages.
    ///
    /// # Errors
    /// [`Refusal::Unreadable`] for what is no PDF, and for one that asks for a password.
    pub fn open(pdf: &Pdf) -> Result<Self, Refusal> {
        let pdf = hayro_syntax::Pdf::new(pdf.0.expose().to_vec()).map_err(|_| Refusal::Unreadable)?;
        Ok(Self { pdf })
    }

    /// How many pages it says it has.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.pdf.pages().len()
    }

    /// A page in the middle of a sheet of A4, as large as fits, upright.
    ///
    /// # Errors
    /// [`Refusal::Unreadable`] where there is no such page, or it has no size.
    pub fn leaf(&self, index: usize) -> Result<Leaf, Refusal> {
        let page = self.pdf.pages().get(index).ok_or(Refusal::Unreadable)?;
        let (across, down) = page.render_dimensions();
        if !(across.is_finite() && down.is_finite() && across >= 1.0 && down >= 1.0) {
            return Err(Refusal::Unreadable);
        }
        let (width, height) = PRINT_SIZE;
        let onto = onto_sheet((across.into(), down.into()), (width.into(), height.into()));
        let mut context = RenderContext::new(width, height);
        render_into(
            page,
            &RenderCache::new(),
            &InterpreterSettings::default(),
            &RenderSettings::default(),
            &mut context,
            onto * page.initial_transform(true).to_kurbo(),
        );
        context.flush();
        let mut drawn = Pixmap::new(width, height);
        let onto_white = RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..Default::default() };
        context.render_with(&mut drawn, &mut Resources::default(), onto_white);
        let grey = drawn.data().iter().map(|pixel| luma(pixel.r, pixel.g, pixel.b)).collect();
        leaf(grey)
    }
}

/// Both sizes of a sheet, of the pixels of the larger one.
fn leaf(print: Vec<u8>) -> Result<Leaf, Refusal> {
    let print = Grey::new(PRINT_SIZE, print).ok_or(Refusal::Unreadable)?;
    let screen = print.smaller(SCREEN_SIZE).ok_or(Refusal::Unreadable)?;
    Ok(Leaf { screen, print })
}

/// Into the middle, as large as fits; what lies is stood up.
fn onto_sheet((across, down): (f64, f64), (width, height): (f64, f64)) -> Affine {
    let lies = across > down;
    let (across, down) = if lies { (down, across) } else { (across, down) };
    let by = (width / across).min(height / down);
    let upright = if lies { Affine::new([0.0, 1.0, -1.0, 0.0, across, 0.0]) } else { Affine::IDENTITY };
    let middle = ((width - across * by) / 2.0, (height - down * by) / 2.0);
    Affine::translate(middle) * Affine::scale(by) * upright
}

/// As bright as the eye finds it (ITU-R BT.601).
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let weighed = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    u8::try_from(weighed / 1000).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use hayro::kurbo::{Affine, Point};

    use super::{luma, onto_sheet};

    fn corners(of: Affine, (across, down): (f64, f64)) -> [Point; 2] {
        let round = |at: Point| Point::new(at.x.round(), at.y.round());
        [round(of * Point::ZERO), round(of * Point::new(across, down))]
    }

    #[test]
    fn a_page_stands_in_the_middle_of_the_sheet_and_one_that_lies_is_stood_up() {
        let sheet = (200.0, 300.0);
        let whole = onto_sheet((100.0, 150.0), sheet);
        assert_eq!(corners(whole, (100.0, 150.0)), [Point::ZERO, Point::new(200.0, 300.0)]);
        let wide = onto_sheet((150.0, 100.0), sheet);
        assert_eq!(corners(wide, (150.0, 100.0)), [Point::new(200.0, 0.0), Point::new(0.0, 300.0)]);
        let square = onto_sheet((50.0, 50.0), sheet);
        assert_eq!(corners(square, (50.0, 50.0)), [Point::new(0.0, 50.0), Point::new(200.0, 250.0)]);
    }

    #[test]
    fn white_is_white_and_black_is_black() {
        assert_eq!((luma(255, 255, 255), luma(0, 0, 0)), (255, 0));
        assert!(luma(255, 255, 0) > luma(255, 0, 0) && luma(255, 0, 0) > luma(0, 0, 255));
    }
}
