//! Captcha pictures: PNG, JPEG or GIF, decoded here so that only pixels travel on.
//!
//! It knows pictures and their limits; where one comes from is the flow's affair.

use std::io::Cursor;

use image::{ImageError, ImageFormat, ImageReader, Limits};

use super::page::{Captcha, Fault};

/// Most pixels across.
const WIDTH: u32 = 600;
/// Most pixels down.
const HEIGHT: u32 = 200;
/// Most bytes of the file.
pub(super) const FILE: usize = 1024 * 1024;
/// Most bytes a decoder may take for itself: some frames of the largest picture.
const WORK: u64 = 8 * 1024 * 1024;

/// Said by the decoder from a picture's head.
const TOO_LARGE: &str = "a captcha of more than 600x200 pixels";

/// Decodes one picture (the first frame of an animation).
///
/// # Errors
/// [`Fault::Oversize`] over 1 MiB, [`Fault::Malformed`] for another format, a broken file and one that
/// announces more than 600x200 pixels, before any of them is decoded.
pub(super) fn decode(file: &[u8]) -> Result<Captcha, Fault> {
    if file.len() > FILE {
        return Err(Fault::Oversize { limit: FILE });
    }
    let format = match image::guess_format(file) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif)) => format,
        Ok(_) | Err(_) => return Err(Fault::Malformed("a captcha that is no PNG, JPEG or GIF")),
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(WIDTH);
    limits.max_image_height = Some(HEIGHT);
    limits.max_alloc = Some(WORK);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| {
        let too_large = matches!(error, ImageError::Limits(_));
        Fault::Malformed(if too_large { TOO_LARGE } else { "a captcha that cannot be decoded" })
    })?;
    let rgba = picture.into_rgba8();
    let side = |pixels: u32, most: u32| {
        u16::try_from(pixels).ok().filter(|side| (1..=most).contains(&u32::from(*side)))
    };
    let (Some(width), Some(height)) = (side(rgba.width(), WIDTH), side(rgba.height(), HEIGHT)) else {
        return Err(Fault::Malformed("a captcha without pixels"));
    };
    Ok(Captcha { width, height, rgba: rgba.into_raw() })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

    use super::{FILE, TOO_LARGE, decode};
    use crate::portal::Fault;

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let image = RgbImage::from_pixel(width, height, Rgb([250, 250, 250]));
        DynamicImage::ImageRgb8(image).write_to(&mut file, format).expect("drawn");
        file.into_inner()
    }

    #[test]
    fn the_three_formats_become_pixels() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif] {
            let captcha = decode(&picture(160, 60, format)).expect("a picture");
            assert_eq!((captcha.width, captcha.height, captcha.rgba.len()), (160, 60, 4 * 160 * 60));
            assert!(captcha.rgba.iter().all(|byte| *byte >= 240), "{format:?} kept its colour");
        }
    }

    #[test]
    fn the_largest_picture_passes_and_one_pixel_more_does_not() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif] {
            assert!(decode(&picture(600, 200, format)).is_ok(), "{format:?}");
            for (width, height) in [(601, 10), (10, 201)] {
                let answer = decode(&picture(width, height, format));
                assert_eq!(answer, Err(Fault::Malformed(TOO_LARGE)), "{format:?} {width}x{height}");
            }
        }
    }

    #[test]
    fn a_picture_bomb_is_refused_by_its_head() {
        // A head that announces 65,000 x 65,000 pixels over an empty body.
        let mut bomb = picture(10, 10, ImageFormat::Gif);
        bomb[6..10].copy_from_slice(&[0xe8, 0xfd, 0xe8, 0xfd]);
        assert_eq!(decode(&bomb), Err(Fault::Malformed(TOO_LARGE)), "not because its body is empty");
    }

    #[test]
    fn what_is_no_picture_is_malformed_and_what_is_too_large_is_not_even_looked_at() {
        let png = picture(50, 50, ImageFormat::Png);
        assert!(matches!(decode(&png[..png.len() / 2]), Err(Fault::Malformed(_))));
        assert!(matches!(decode(b"<html>"), Err(Fault::Malformed(_))));
        assert!(matches!(decode(b"BM123456"), Err(Fault::Malformed(_))));
        assert!(matches!(decode(&[]), Err(Fault::Malformed(_))));
        let mut large = png;
        large.resize(FILE + 1, 0);
        assert_eq!(decode(&large), Err(Fault::Oversize { limit: FILE }));
    }
}
