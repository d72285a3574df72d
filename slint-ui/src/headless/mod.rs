//! The screen without a display: real pages on the testing backend, for the robot and for looking at them.
//!
//! Behind the feature `headless`, which no image is built with.

pub mod controls;
pub mod gallery;
pub mod robot;
pub mod samples;

use std::{fs::File, io, path::Path};

use i_slint_backend_testing::{TestingBackend, TestingBackendOptions};
use slint::{ComponentHandle as _, PhysicalSize, PlatformError};

use crate::screen::Screen;

/// Chooses the testing backend with real pixels; `running` with an event loop and the real time.
///
/// # Errors
/// When another backend was chosen before.
pub fn platform(running: bool) -> Result<(), PlatformError> {
    slint::platform::set_platform(Box::new(TestingBackend::new(TestingBackendOptions {
        mock_time: !running,
        threading: running,
        renderer_name: Some("software".into()),
    })))
    .map_err(|error| PlatformError::Other(error.to_string()))
}

/// Gives the window its pixels and shows it.
///
/// # Errors
/// The platform's.
pub fn open(screen: &Screen, (width, height): (u32, u32)) -> Result<(), PlatformError> {
    screen.window().window().set_size(PhysicalSize::new(width, height));
    screen.window().show()
}

/// Writes what is on the screen, pixel by pixel: as PPM where the file's name ends so, which costs the least time,
/// otherwise as PNG.
///
/// # Errors
/// When there are no pixels or the file cannot be written.
pub fn shot(screen: &Screen, path: &Path) -> io::Result<()> {
    let pixels = screen.window().window().take_snapshot().map_err(io::Error::other)?;
    if path.extension().is_some_and(|it| it == "ppm") {
        let mut bytes = format!("P6\n{} {}\n255\n", pixels.width(), pixels.height()).into_bytes();
        bytes.reserve(pixels.as_bytes().len());
        for pixel in pixels.as_slice() {
            bytes.extend([pixel.r, pixel.g, pixel.b]);
        }
        return std::fs::write(path, bytes);
    }
    let mut encoder = png::Encoder::new(File::create(path)?, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels.as_bytes()))
        .map_err(io::Error::other)
}
