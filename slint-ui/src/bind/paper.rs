//! A page of a document → a picture, as wide as it is drawn.

use eimza_kiosk::link::paper::Grey;
use slint::{ComponentHandle as _, Image, Rgb8Pixel, SharedPixelBuffer};

use crate::ui::KioskWindow;

/// How much of the window's width a page may take, in hundredths: what is beside it is needed by the page around.
const SHARE: u32 = 88;

/// The page for this window: made smaller here, where each dot is weighed, so that it is drawn dot by dot.
pub(super) fn image(window: &KioskWindow, page: &Grey) -> Image {
    let (width, height) = (u32::from(page.width), u32::from(page.height));
    let across = (window.window().size().width * SHARE / 100).clamp(1, width.max(1));
    let down = (height * across / width.max(1)).max(1);
    let size = (u16::try_from(across).unwrap_or(u16::MAX), u16::try_from(down).unwrap_or(u16::MAX));
    let Some(smaller) = page.smaller(size) else { return Image::default() };
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(across, down);
    for (pixel, grey) in buffer.make_mut_slice().iter_mut().zip(smaller.pixels.expose()) {
        *pixel = Rgb8Pixel { r: *grey, g: *grey, b: *grey };
    }
    Image::from_rgb8(buffer)
}
