//! Every page drawn into a folder, to be looked at.

use std::{io, path::Path};

use eimza_kiosk::link::view::{Contrast, Language, TextSize};

use super::{open, platform, samples, shot};
use crate::screen::{Keys, Screen, Wires};

/// How the pages are drawn.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// Language.
    pub language: Language,
    /// Contrast.
    pub contrast: Contrast,
    /// Text size.
    pub text_size: TextSize,
}

/// Draws every page into `folder`, made if need be.
///
/// # Errors
/// When there is no window, or a file cannot be written.
pub fn draw(folder: &Path, size: (u32, u32), manner: Manner) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    platform(false).map_err(io::Error::other)?;
    let screen = blind().map_err(io::Error::other)?;
    open(&screen, size).map_err(io::Error::other)?;
    for (serial, sample) in (1..).zip(samples::all()) {
        screen.show(sample.view(serial, manner));
        (sample.then)(&screen);
        i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_millis(300));
        shot(&screen, &folder.join(format!("{serial:02}-{}.png", sample.name)))?;
    }
    Ok(())
}

/// A screen that is connected to nothing.
///
/// # Errors
/// When there is no window.
pub fn blind() -> Result<std::rc::Rc<Screen>, slint::PlatformError> {
    Screen::new(Wires {
        touch: Box::new(|_| {}),
        pin_socket: "/nonexistent".into(),
        keys: Keys::Screen,
        signer_uid: None,
        changed: Box::new(|_| {}),
    })
}
