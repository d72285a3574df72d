//! Captcha pictures: a random text, drawn crooked and with noise, as PNG.
//!
//! It draws; who asked and what was read from it is judged elsewhere.

use rand::Rng;

use super::font;

const WIDTH: usize = 200;
const HEIGHT: usize = 70;
const LENGTH: usize = 5;
/// Pixels of the picture per pixel of a glyph.
const SCALE: f32 = 5.6;

/// A picture and the text in it.
pub(super) struct Captcha {
    pub(super) text: String,
    pub(super) png: Vec<u8>,
}

impl Captcha {
    /// Draws a fresh one.
    pub(super) fn draw(rng: &mut impl Rng) -> Self {
        let text: String =
            (0..LENGTH).map(|_| char::from(font::ALPHABET[rng.gen_range(0..font::ALPHABET.len())])).collect();
        let mut picture = Picture::new(rng);
        for (index, character) in text.bytes().enumerate() {
            picture.glyph(index, character, rng);
        }
        for _ in 0..4 {
            picture.line(rng);
        }
        for _ in 0..260 {
            let (x, y) = (rng.gen_range(0..WIDTH), rng.gen_range(0..HEIGHT));
            picture.darken(x, y, rng.gen_range(0.15..0.45), [90, 90, 110]);
        }
        Self { text, png: picture.png() }
    }
}

struct Picture {
    rgb: Vec<u8>,
}

impl Picture {
    /// A light ground with a slow wave of shade.
    fn new(rng: &mut impl Rng) -> Self {
        let (a, b) = (rng.gen_range(0.02..0.06_f32), rng.gen_range(0.04..0.1_f32));
        let mut rgb = Vec::with_capacity(WIDTH * HEIGHT * 3);
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let wave = ((x as f32 * a).sin() + (y as f32 * b).cos()) * 7.0;
                for base in [236.0, 240.0, 246.0_f32] {
                    rgb.push((base + wave).clamp(0.0, 255.0) as u8);
                }
            }
        }
        Self { rgb }
    }

    /// One glyph, turned and moved a little.
    fn glyph(&mut self, index: usize, character: u8, rng: &mut impl Rng) {
        let colour = [rng.gen_range(10..70), rng.gen_range(10..60), rng.gen_range(50..120)];
        let turn: f32 = rng.gen_range(-0.22..0.22);
        let (sine, cosine) = turn.sin_cos();
        let middle_x = 22.0 + index as f32 * 39.0 + rng.gen_range(-3.0..3.0);
        let middle_y = HEIGHT as f32 / 2.0 + rng.gen_range(-6.0..6.0);
        let reach = 30.0;
        for y in pixels(middle_y - reach, middle_y + reach, HEIGHT) {
            for x in pixels(middle_x - reach, middle_x + reach, WIDTH) {
                let (dx, dy) = (x as f32 + 0.5 - middle_x, y as f32 + 0.5 - middle_y);
                let column = (dx * cosine + dy * sine) / SCALE + font::COLUMNS as f32 / 2.0;
                let row = (dy * cosine - dx * sine) / SCALE + font::ROWS as f32 / 2.0;
                self.darken(x, y, stroke(character, column, row), colour);
            }
        }
    }

    /// A thin line from edge to edge.
    fn line(&mut self, rng: &mut impl Rng) {
        let (from, to) = (rng.gen_range(0.0..HEIGHT as f32), rng.gen_range(0.0..HEIGHT as f32));
        for x in 0..WIDTH {
            let y = from + (to - from) * x as f32 / WIDTH as f32;
            let y = (y as usize).min(HEIGHT - 1);
            self.darken(x, y, 0.4, [70, 80, 120]);
        }
    }

    fn darken(&mut self, x: usize, y: usize, strength: f32, colour: [u8; 3]) {
        let at = (y * WIDTH + x) * 3;
        for (pixel, ink) in self.rgb[at..at + 3].iter_mut().zip(colour) {
            *pixel = (f32::from(*pixel) * (1.0 - strength) + f32::from(ink) * strength) as u8;
        }
    }

    fn png(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, WIDTH as u32, HEIGHT as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&self.rgb))
            .expect("memory takes every byte, and the picture has the size announced");
        bytes
    }
}

/// How much ink there is at a place between a glyph's pixels: their mean by distance, sharpened, which rounds
/// the corners off.
fn stroke(character: u8, column: f32, row: f32) -> f32 {
    let (left, top) = ((column - 0.5).floor(), (row - 0.5).floor());
    let (right, lower) = (column - 0.5 - left, row - 0.5 - top);
    let ink = |dx: i32, dy: i32| f32::from(font::ink(character, left as i32 + dx, top as i32 + dy));
    let upper = ink(0, 0) * (1.0 - right) + ink(1, 0) * right;
    let below = ink(0, 1) * (1.0 - right) + ink(1, 1) * right;
    let mean = upper * (1.0 - lower) + below * lower;
    ((mean - 0.3) / 0.25).clamp(0.0, 1.0)
}

fn pixels(from: f32, to: f32, limit: usize) -> std::ops::Range<usize> {
    (from.max(0.0) as usize).min(limit)..(to.max(0.0) as usize).min(limit)
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::{Captcha, HEIGHT, LENGTH, WIDTH};

    #[test]
    fn the_picture_is_a_png_with_ink_where_the_text_is() {
        let captcha = Captcha::draw(&mut StdRng::seed_from_u64(26));
        assert_eq!(captcha.text.len(), LENGTH);
        let mut reader = png::Decoder::new(std::io::Cursor::new(&captcha.png)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((frame.width as usize, frame.height as usize), (WIDTH, HEIGHT));
        let dark = pixels.chunks_exact(3).filter(|pixel| pixel[1] < 110).count();
        assert!((600..4000).contains(&dark), "{dark} dark pixels");
    }

    #[test]
    fn no_two_pictures_are_alike() {
        let mut rng = StdRng::seed_from_u64(1);
        let (one, other) = (Captcha::draw(&mut rng), Captcha::draw(&mut rng));
        assert_ne!(one.text, other.text);
        assert_ne!(one.png, other.png);
    }
}
