//! A picture on the screen when the screen's program cannot start: over DRM, without any of its libraries.
//!
//! It is drawn once and stays for as long as this process lives; the unit ends it and starts the system anew.

use std::{
    convert::Infallible,
    fs::{File, OpenOptions},
    os::fd::{AsFd, BorrowedFd},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use drm::{
    Device,
    buffer::{Buffer, DrmFourcc},
    control::{Device as Control, Mode, ModeTypeFlags, connector, crtc},
};
use image::{RgbImage, imageops::FilterType};

/// A display that is not there is looked for again.
const AGAIN: Duration = Duration::from_secs(5);

/// A display adapter.
struct Card(File);

impl AsFd for Card {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Device for Card {}
impl Control for Card {}

/// Draws a PNG file on the first display that is connected, as soon as there is one, and stays.
///
/// # Errors
/// When the picture cannot be read.
pub fn draw(picture: &Path) -> anyhow::Result<Infallible> {
    let picture = image::open(picture).with_context(|| picture.display().to_string())?.into_rgb8();
    loop {
        match shown(&picture) {
            Ok(_card) => {
                // Closing the card would take the picture away.
                loop {
                    std::thread::park();
                }
            }
            Err(fault) => log::error!("no display takes the picture: {fault:#}"),
        }
        std::thread::park_timeout(AGAIN);
    }
}

/// The card whose display shows the picture.
fn shown(picture: &RgbImage) -> anyhow::Result<Card> {
    let mut why = anyhow::anyhow!("found no display adapter in /dev/dri");
    for path in cards()? {
        match Card::open(&path).and_then(|card| card.show(picture).map(|()| card)) {
            Ok(card) => return Ok(card),
            Err(fault) => why = fault.context(path.display().to_string()),
        }
    }
    Err(why)
}

fn cards() -> anyhow::Result<Vec<PathBuf>> {
    let mut cards = Vec::new();
    for entry in std::fs::read_dir("/dev/dri").context("/dev/dri")? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("card") {
            cards.push(entry.path());
        }
    }
    cards.sort();
    Ok(cards)
}

impl Card {
    fn open(path: &Path) -> anyhow::Result<Self> {
        Ok(Self(OpenOptions::new().read(true).write(true).open(path)?))
    }

    fn show(&self, picture: &RgbImage) -> anyhow::Result<()> {
        let (connector, mode) = self.connected()?;
        let crtc = self.crtc_for(&connector)?;
        let (width, height) = mode.size();
        let mut buffer = self.create_dumb_buffer((width.into(), height.into()), DrmFourcc::Xrgb8888, 32)?;
        let pitch = usize::try_from(buffer.pitch())?;
        paint(picture, usize::from(width), pitch, self.map_dumb_buffer(&mut buffer)?.as_mut());
        let framebuffer = self.add_framebuffer(&buffer, 24, 32)?;
        self.set_crtc(crtc, Some(framebuffer), (0, 0), &[connector.handle()], Some(mode))?;
        Ok(())
    }

    /// The first display that is connected, with the mode it likes best.
    fn connected(&self) -> anyhow::Result<(connector::Info, Mode)> {
        for handle in self.resource_handles()?.connectors() {
            let connector = self.get_connector(*handle, true)?;
            let liked = |mode: &&Mode| mode.mode_type().contains(ModeTypeFlags::PREFERRED);
            let modes = connector.modes();
            if connector.state() == connector::State::Connected
                && let Some(mode) = modes.iter().find(liked).or(modes.first())
            {
                let mode = *mode;
                return Ok((connector, mode));
            }
        }
        bail!("found no display that is connected")
    }

    fn crtc_for(&self, connector: &connector::Info) -> anyhow::Result<crtc::Handle> {
        let resources = self.resource_handles()?;
        for encoder in connector.encoders() {
            let usable = self.get_encoder(*encoder)?.possible_crtcs();
            if let Some(crtc) = resources.filter_crtcs(usable).first() {
                return Ok(*crtc);
            }
        }
        bail!("found no way to the display that is connected")
    }
}

/// Fits the picture into the middle of a screen of `width` pixels to a line of `pitch` bytes (XRGB8888, little endian);
/// the rest is filled with the colour of the picture's corner.
fn paint(picture: &RgbImage, width: usize, pitch: usize, screen: &mut [u8]) {
    let height = screen.len().checked_div(pitch).unwrap_or_default();
    let (Ok(most_width), Ok(most_height)) = (u32::try_from(width), u32::try_from(height)) else { return };
    let (w, h) = picture.dimensions();
    if w == 0 || h == 0 || most_width == 0 || most_height == 0 {
        return;
    }
    // Filled as far as one direction goes.
    let by_width = u64::from(most_width) * u64::from(h) <= u64::from(most_height) * u64::from(w);
    let fitted = |part: u32, of: u32, to: u32| {
        u32::try_from(u64::from(part) * u64::from(to) / u64::from(of)).unwrap_or(to).max(1)
    };
    let (w, h) = if by_width {
        (most_width, fitted(h, w, most_width))
    } else {
        (fitted(w, h, most_height), most_height)
    };
    let fitting = image::imageops::resize(picture, w, h, FilterType::Triangle);
    let (left, top) = ((most_width - w) / 2, (most_height - h) / 2);
    let around = *picture.get_pixel(0, 0);
    for (y, line) in (0..).zip(screen.chunks_exact_mut(pitch)) {
        for (x, pixel) in (0..most_width).zip(line.chunks_exact_mut(4)) {
            let inside = x.checked_sub(left).zip(u32::checked_sub(y, top)).filter(|(x, y)| *x < w && *y < h);
            let image::Rgb([red, green, blue]) = inside.map_or(around, |(x, y)| *fitting.get_pixel(x, y));
            pixel.copy_from_slice(&[blue, green, red, 0]);
        }
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::paint;

    fn painted(picture: (u32, u32), screen: (usize, usize), pitch: usize) -> Vec<u8> {
        let mut picture = RgbImage::from_pixel(picture.0, picture.1, Rgb([10, 20, 30]));
        picture.put_pixel(0, 0, Rgb([1, 2, 3]));
        let mut bytes = vec![255; screen.1 * pitch];
        paint(&picture, screen.0, pitch, &mut bytes);
        bytes
    }

    #[test]
    fn a_picture_is_fitted_into_the_middle_and_the_rest_has_the_colour_of_its_corner() {
        let bytes = painted((200, 100), (40, 40), 160);
        let pixel = |x: usize, y: usize| &bytes[y * 160 + x * 4..][..3];
        assert_eq!(pixel(20, 20), [30, 20, 10], "blue first");
        assert_eq!(pixel(20, 2), [3, 2, 1], "above it");
        assert_eq!(pixel(39, 29), [30, 20, 10], "to the edge on the sides");
    }

    #[test]
    fn screens_of_every_shape_are_filled_and_what_lies_behind_a_line_is_left_alone() {
        for (picture, screen) in
            [((100, 200), (40, 30)), ((1, 1), (3, 5)), ((5, 900), (7, 1)), ((900, 5), (1, 7))]
        {
            let pitch = screen.0 * 4 + 8;
            let bytes = painted(picture, screen, pitch);
            for line in bytes.chunks_exact(pitch) {
                assert!(
                    line[..screen.0 * 4].chunks_exact(4).all(|pixel| pixel[3] == 0),
                    "{picture:?} {screen:?}"
                );
                assert!(line[screen.0 * 4..].iter().all(|byte| *byte == 255));
            }
        }
        assert!(painted((4, 4), (0, 0), 0).is_empty());
    }
}
