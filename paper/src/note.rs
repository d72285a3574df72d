//! The sheet that is printed after the document: what to sign, and where to take it.
//!
//! It knows words and where they stand; whose document it follows it does not.

use ab_glyph::{Font as _, FontRef, ScaleFont as _, point};
use eimza_kiosk::link::{
    paper::{Leaf, Note, PRINT_DPI, PRINT_SIZE, Refusal},
    view::Language,
};

const REGULAR: &[u8] = include_bytes!("../../slint-ui/fonts/NotoSans-Regular.ttf");
const STRONG: &[u8] = include_bytes!("../../slint-ui/fonts/NotoSans-SemiBold.ttf");

/// White at each side, in dots: 25 mm.
const MARGIN: f32 = 295.0;

/// The sheet, for a document of so many pages.
///
/// # Errors
/// [`Refusal::Unreadable`] where its own fonts are broken.
pub fn leaf(note: &Note, pages: usize) -> Result<Leaf, Refusal> {
    let face = |bytes| FontRef::try_from_slice(bytes).map_err(|_| Refusal::Unreadable);
    let (regular, strong) = (face(REGULAR)?, face(STRONG)?);
    let mut sheet = Sheet::blank();
    let Words { title, steps, keep, help } = words(note, pages);
    sheet.write(&strong, 20.0, 0.0, &title);
    sheet.leave(12.0);
    for (number, step) in steps.iter().enumerate() {
        let top = sheet.top;
        sheet.write(&strong, 14.0, 0.0, &format!("{}.", number + 1));
        sheet.top = top;
        sheet.write(if step.strong { &strong } else { &regular }, 14.0, 100.0, &step.words);
        sheet.leave(8.0);
    }
    sheet.leave(8.0);
    sheet.write(&regular, 12.0, 0.0, &keep);
    sheet.write(&regular, 12.0, 0.0, &help);
    super::leaf(sheet.pixels)
}

struct Words {
    title: String,
    steps: [Step; 4],
    keep: String,
    help: String,
}

struct Step {
    words: String,
    strong: bool,
}

fn words(note: &Note, pages: usize) -> Words {
    let Note { language, deliver_to, phone, email } = note;
    let step = |words: String| Step { words, strong: false };
    match language {
        Language::Turkish => Words {
            title: "Islak imzalı başvuru: şimdi ne yapacaksınız?".to_owned(),
            steps: [
                step(format!(
                    "Bu kâğıttan önceki {pages} sayfa başvurunuzdur. Hepsini aldığınızdan emin olun ve okuyun. Yanlış \
                     bir bilgi varsa imzalamayın, başvuruyu yeniden yapın."
                )),
                step(
                    "Başvuru formunu ve taahhütnameyi, imza için ayrılmış yerlerden mürekkepli kalemle kendiniz \
                     imzalayın."
                        .to_owned(),
                ),
                Step { words: format!("İmzaladığınız sayfaları şuraya teslim edin: {deliver_to}"), strong: true },
                step("Teslim edilmeyen başvuru işleme alınmaz.".to_owned()),
            ],
            keep: "Bu kâğıt sizde kalır. Kiosk, belgenizi sildi.".to_owned(),
            help: format!("Yardım için: {phone} · {email}"),
        },
        Language::English => Words {
            title: "Application signed by hand: what to do now".to_owned(),
            steps: [
                step(format!(
                    "The {pages} pages before this sheet are your application. Make sure that you have all of them, \
                     and read them. If anything is wrong, do not sign; apply again."
                )),
                step(
                    "Sign the application form and the undertaking yourself, in ink, at the places made for it."
                        .to_owned(),
                ),
                Step { words: format!("Take the signed pages to: {deliver_to}"), strong: true },
                step("An application that is not delivered is not dealt with.".to_owned()),
            ],
            keep: "This sheet is for you to keep. The kiosk has deleted your document.".to_owned(),
            help: format!("For help: {phone} · {email}"),
        },
    }
}

/// A sheet under the pen.
struct Sheet {
    pixels: Vec<u8>,
    /// How far down it is written, in dots.
    top: f32,
}

impl Sheet {
    fn blank() -> Self {
        let (width, height) = PRINT_SIZE;
        Self { pixels: vec![u8::MAX; usize::from(width) * usize::from(height)], top: MARGIN }
    }

    /// Leaves so many points free.
    fn leave(&mut self, points: f32) {
        self.top += dots(points);
    }

    /// Writes words from the margin and this far in, as many lines as they take.
    fn write(&mut self, face: &FontRef<'_>, points: f32, indent: f32, words: &str) {
        let width = f32::from(PRINT_SIZE.0) - 2.0 * MARGIN - indent;
        for line in lines(face, points, words, width) {
            self.line(face, points, MARGIN + indent, &line);
            self.top += dots(points) * 1.45;
        }
    }

    fn line(&mut self, face: &FontRef<'_>, points: f32, left: f32, line: &str) {
        let (width, height) = (usize::from(PRINT_SIZE.0), usize::from(PRINT_SIZE.1));
        let scaled = face.as_scaled(scale(face, points));
        let baseline = self.top + scaled.ascent();
        let mut x = left;
        for letter in line.chars() {
            let glyph = scaled.glyph_id(letter);
            let placed = glyph.with_scale_and_position(scaled.scale(), point(x, baseline));
            x += scaled.h_advance(glyph);
            let Some(outline) = face.outline_glyph(placed) else { continue };
            let from = outline.px_bounds().min;
            outline.draw(|dx, dy, covered| {
                let (x, y) = (from.x + dx as f32, from.y + dy as f32);
                if x >= 0.0 && y >= 0.0 && (x as usize) < width && (y as usize) < height {
                    let pixel = &mut self.pixels[y as usize * width + x as usize];
                    *pixel = (f32::from(*pixel) * (1.0 - covered.clamp(0.0, 1.0))) as u8;
                }
            });
        }
    }
}

fn dots(points: f32) -> f32 {
    points * PRINT_DPI as f32 / 72.0
}

/// Of an em of so many points, as the drawing wants it: by the height of a line.
fn scale(face: &FontRef<'_>, points: f32) -> f32 {
    dots(points) * face.height_unscaled() / face.units_per_em().unwrap_or(1000.0)
}

/// The words in lines of at most this width, in dots; a word that is wider has a line of its own.
fn lines(face: &FontRef<'_>, points: f32, words: &str, width: f32) -> Vec<String> {
    let scaled = face.as_scaled(scale(face, points));
    let long = |text: &str| text.chars().map(|letter| scaled.h_advance(scaled.glyph_id(letter))).sum::<f32>();
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if long(line) + long(" ") + long(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use ab_glyph::Font as _;

    use super::{FontRef, Language, Note, PRINT_SIZE, REGULAR, STRONG, leaf, lines, words};

    fn note(language: Language) -> Note {
        Note {
            language,
            deliver_to: "DENEME İlçe Millî Eğitim Müdürlüğü, Atama Birimi".into(),
            phone: "444 0 000".into(),
            email: "yardim@ornek.tr".into(),
        }
    }

    fn all(language: Language) -> Vec<String> {
        let said = words(&note(language), 3);
        let steps = said.steps.into_iter().map(|step| step.words);
        [said.title, said.keep, said.help].into_iter().chain(steps).collect()
    }

    #[test]
    fn the_fonts_have_every_letter_that_is_written() {
        for bytes in [REGULAR, STRONG] {
            let face = FontRef::try_from_slice(bytes).expect("a font");
            for text in [Language::Turkish, Language::English].into_iter().flat_map(all) {
                for letter in text.chars() {
                    assert_ne!(face.glyph_id(letter).0, 0, "{letter:?} of {text:?}");
                }
            }
        }
    }

    #[test]
    fn no_line_is_wider_than_the_sheet_and_no_word_is_lost() {
        let face = FontRef::try_from_slice(REGULAR).expect("a font");
        for text in all(Language::Turkish) {
            let wrapped = lines(&face, 14.0, &text, 1800.0);
            assert_eq!(wrapped.join(" "), text.split_whitespace().collect::<Vec<_>>().join(" "));
            assert!(wrapped.len() > 1 || text.chars().count() < 80, "{text}");
        }
    }

    #[test]
    fn the_sheet_has_ink_on_it_and_white_around_it() {
        let leaf = leaf(&note(Language::Turkish), 2).expect("written");
        let dark = |row: &[u8]| row.iter().filter(|pixel| **pixel < 128).count();
        let rows: Vec<usize> = leaf.print.rows().map(dark).collect();
        assert!(rows.iter().sum::<usize>() > 20_000, "there is writing");
        assert!(rows[..290].iter().all(|dark| *dark == 0), "white above");
        assert!(rows[usize::from(PRINT_SIZE.1) - 600..].iter().all(|dark| *dark == 0), "and below");
        let sides = |row: &[u8]| dark(&row[..290]) + dark(&row[usize::from(PRINT_SIZE.0) - 290..]);
        assert_eq!(leaf.print.rows().map(sides).sum::<usize>(), 0, "and at the sides");
    }
}
