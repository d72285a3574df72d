//! Pictures of screens, and where two of them differ.
//!
//! It knows pixels; what may differ is said by areas that are given.

use std::{
    fs::{self, File},
    io::{self, BufWriter},
    path::Path,
};

/// Red, green and blue, row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

/// An upright rectangle, in pixels; right and lower edge are outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub left: u32,
    /// Upper edge.
    pub top: u32,
    /// Right edge.
    pub right: u32,
    /// Lower edge.
    pub bottom: u32,
}

/// By how much two pictures may differ and still be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leeway {
    /// Of 256, in each colour of a pixel.
    pub shades: u8,
    /// In so many pixels of the whole picture.
    pub pixels: usize,
}

/// How two pictures differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// In size.
    Size {
        /// Width and height of the one.
        one: (u32, u32),
        /// And of the other.
        other: (u32, u32),
    },
    /// In pixels.
    Pixels {
        /// How many.
        count: usize,
        /// All of them are in here.
        within: Area,
    },
}

impl Picture {
    /// Reads a PNG, with or without transparency, or a PPM (`P6`), which costs no time; eight bits a channel.
    ///
    /// # Errors
    /// When it is neither or cannot be read.
    pub fn read(path: &Path) -> io::Result<Self> {
        let bytes = fs::read(path)?;
        if let Some(rest) = bytes.strip_prefix(b"P6") { Self::ppm(rest) } else { Self::png(&bytes) }
    }

    /// Width, height and the greatest value, then pixels.
    fn ppm(mut rest: &[u8]) -> io::Result<Self> {
        let mut numbers = [0_u32; 3];
        for number in &mut numbers {
            rest = rest.trim_ascii_start();
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let text = std::str::from_utf8(&rest[..digits]).map_err(io::Error::other)?;
            *number = text.parse().map_err(io::Error::other)?;
            rest = &rest[digits..];
        }
        let [width, height, 255] = numbers else {
            return Err(io::Error::other(format!("a PPM up to {}, expected 255", numbers[2])));
        };
        let rgb = rest.get(1..).unwrap_or_default().to_vec();
        let expected = width as usize * height as usize * 3;
        if rgb.len() != expected {
            return Err(io::Error::other(format!("{} bytes of pixels, expected {expected}", rgb.len())));
        }
        Ok(Self { width, height, rgb })
    }

    fn png(bytes: &[u8]) -> io::Result<Self> {
        let mut reader = png::Decoder::new(io::Cursor::new(bytes)).read_info().map_err(io::Error::other)?;
        let size = reader.output_buffer_size().ok_or_else(|| io::Error::other("a picture too large"))?;
        let mut bytes = vec![0; size];
        let frame = reader.next_frame(&mut bytes).map_err(io::Error::other)?;
        bytes.truncate(frame.buffer_size());
        let rgb = match (frame.color_type, frame.bit_depth) {
            (png::ColorType::Rgb, png::BitDepth::Eight) => bytes,
            (png::ColorType::Rgba, png::BitDepth::Eight) => {
                bytes.chunks_exact(4).flat_map(|it| [it[0], it[1], it[2]]).collect()
            }
            (kind, depth) => {
                return Err(io::Error::other(format!(
                    "a picture of {kind:?} {depth:?}, expected Rgb or Rgba of eight bits"
                )));
            }
        };
        Ok(Self { width: frame.width, height: frame.height, rgb })
    }

    /// Writes it as PNG.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&self.rgb))
            .map_err(io::Error::other)
    }

    /// Of nothing: it is like no other.
    #[must_use]
    pub fn none() -> Self {
        Self { width: 0, height: 0, rgb: Vec::new() }
    }

    /// Width and height.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Where the other is not as this one, leaving out some areas; `None` where it is everywhere.
    #[must_use]
    pub fn difference(&self, other: &Self, leaving_out: &[Area], leeway: Leeway) -> Option<Difference> {
        if self.size() != other.size() {
            return Some(Difference::Size { one: self.size(), other: other.size() });
        }
        let (mut count, mut within, mut rounded) = (0, None, 0);
        let row = self.width.max(1) as usize * 3;
        for (y, (one, other)) in (0_u32..).zip(self.rgb.chunks(row).zip(other.rgb.chunks(row))) {
            if one == other {
                continue;
            }
            for (x, (one, other)) in (0_u32..).zip(one.chunks(3).zip(other.chunks(3))) {
                if one == other || leaving_out.iter().any(|area| area.holds(x, y)) {
                    continue;
                }
                let near = one.iter().zip(other).all(|(one, other)| one.abs_diff(*other) <= leeway.shades);
                rounded += usize::from(near);
                if !near || rounded > leeway.pixels {
                    count += 1;
                    within = Some(Area::with(within, x, y));
                }
            }
        }
        within.map(|within| Difference::Pixels { count, within })
    }
}

impl Leeway {
    /// None: each pixel as it is.
    pub const NONE: Self = Self { shades: 0, pixels: 0 };
    /// For two processors that round a curve otherwise: a few pixels of its edge, a little lighter or darker.
    pub const ROUNDING: Self = Self { shades: 24, pixels: 200 };
}

impl Area {
    fn holds(self, x: u32, y: u32) -> bool {
        (self.left..self.right).contains(&x) && (self.top..self.bottom).contains(&y)
    }

    fn with(area: Option<Self>, x: u32, y: u32) -> Self {
        let area = area.unwrap_or(Self { left: x, top: y, right: x, bottom: y });
        Self {
            left: area.left.min(x),
            top: area.top.min(y),
            right: area.right.max(x + 1),
            bottom: area.bottom.max(y + 1),
        }
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Size { one, other } => {
                write!(f, "{}x{} pixels, expected {}x{}", other.0, other.1, one.0, one.1)
            }
            Self::Pixels { count, within: Area { left, top, right, bottom } } => {
                write!(f, "{count} pixels between ({left}, {top}) and ({right}, {bottom})")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Area, Difference, Leeway, Picture};

    const NONE: Leeway = Leeway::NONE;

    fn picture(width: u32, height: u32, spots: &[(u32, u32)]) -> Picture {
        let mut rgb = [9, 8, 7].repeat((width * height) as usize);
        for (x, y) in spots {
            rgb[(y * width + x) as usize * 3 + 2] = 6;
        }
        Picture { width, height, rgb }
    }

    #[test]
    fn a_picture_is_the_same_after_writing_and_reading() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let drawn = picture(5, 3, &[(4, 2)]);
        drawn.write(&path).unwrap();
        assert_eq!(Picture::read(&path).unwrap().difference(&drawn, &[], NONE), None);
        let ppm = [b"P6\n5 3\n255\n", drawn.rgb.as_slice()].concat();
        std::fs::write(&path, &ppm).unwrap();
        assert_eq!(Picture::read(&path).unwrap().difference(&drawn, &[], NONE), None);
        for wrong in [&b"no picture"[..], &ppm[..ppm.len() - 1], b"P6 1 1 65535 ", b"P6"] {
            std::fs::write(&path, wrong).unwrap();
            assert!(Picture::read(&path).is_err());
        }
    }

    #[test]
    fn one_shade_of_one_pixel_is_a_difference_and_what_is_left_out_is_none() {
        let (plain, spotted) = (picture(8, 8, &[]), picture(8, 8, &[(2, 1), (5, 6)]));
        let within = Area { left: 2, top: 1, right: 6, bottom: 7 };
        assert_eq!(plain.difference(&spotted, &[], NONE), Some(Difference::Pixels { count: 2, within }));
        let first = Area { left: 2, top: 1, right: 3, bottom: 2 };
        let second = Area { left: 5, top: 6, right: 6, bottom: 7 };
        assert_eq!(
            plain.difference(&spotted, &[first], NONE),
            Some(Difference::Pixels { count: 1, within: second })
        );
        assert_eq!(plain.difference(&spotted, &[first, second], NONE), None);
        let small = plain.difference(&picture(8, 7, &[]), &[within], NONE);
        assert_eq!(small, Some(Difference::Size { one: (8, 8), other: (8, 7) }));
    }

    #[test]
    fn a_little_of_a_few_pixels_is_rounding_and_more_of_either_is_not() {
        let (plain, spotted) = (picture(8, 8, &[]), picture(8, 8, &[(2, 1), (5, 6)]));
        let differs = |shades, pixels| plain.difference(&spotted, &[], Leeway { shades, pixels }).is_some();
        assert!(!differs(1, 2));
        assert!(differs(0, 2), "too much of a shade");
        assert!(differs(1, 1), "too many pixels");
    }
}
