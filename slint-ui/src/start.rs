//! What the screen's programs do at start, in one order: harden, log, read the configuration, link to `kioskd`.
//!
//! A broken configuration does not keep the screen dark: it shows what could be salvaged of the office, and
//! that the kiosk is out of service.

use std::{
    path::{Path, PathBuf},
    rc::Rc,
    time::Duration,
};

use anyhow::Context as _;
use eimza_kiosk::{
    config::{Config, Links, Office, Salvaged, Token},
    link::intent::{Intent, Touch},
    logging, process,
};
use slint::Timer;

use crate::{
    link::{self, News, Outbox},
    screen::{Keys, Screen, Wires, on_screen},
};

/// What the screen uses of the configuration.
pub struct Settings {
    links: Option<Links>,
    keys: Keys,
    office: Option<Office>,
    /// Pixels of the window, if the configuration gives them.
    pub size: Option<(u32, u32)>,
}

impl Settings {
    /// Hardens the process, begins its log and reads what the screen needs of a configuration.
    ///
    /// # Errors
    /// When the process cannot be hardened or has no log. A broken configuration is logged, not an error.
    pub fn load(name: &'static str, file: &Path) -> anyhow::Result<Self> {
        logging::init(name)?;
        process::harden().context("the process cannot be hardened")?;
        Ok(match Config::load(file) {
            Ok(config) => Self {
                size: config.screen.size.as_deref().and_then(pixels),
                keys: keys(&config.token),
                links: Some(config.links),
                office: Some(config.office),
            },
            Err(fault) => {
                log::error!("{fault}");
                let Salvaged { links, office, not_set_up: _ } = Salvaged::from(file);
                Self { links, office, size: None, keys: Keys::Screen }
            }
        })
    }

    /// The screen, with its window yet to be shown.
    ///
    /// # Errors
    /// When there is no window to be had.
    pub fn screen(
        &self,
        outbox: &Outbox,
        changed: impl Fn(&Screen) + 'static,
    ) -> Result<Rc<Screen>, slint::PlatformError> {
        let touches = outbox.clone();
        let screen = Screen::new(Wires {
            touch: Box::new(move |touch| touches.send(touch)),
            pin_socket: self.links.as_ref().map_or_else(PathBuf::new, |links| links.pin.clone()),
            keys: self.keys,
            signer_uid: self.links.as_ref().and_then(|links| links.signer_uid),
            changed: Box::new(changed),
        })?;
        if let Some(office) = &self.office {
            screen.introduce(office);
        }
        if self.links.is_none() {
            screen.misconfigured();
        }
        Ok(screen)
    }

    /// Keeps the screen linked to `kioskd`, if the configuration says where that is.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn link(self, outbox: Outbox) -> std::io::Result<()> {
        let Some(links) = self.links else { return Ok(()) };
        let told = outbox.clone();
        link::start(links.screen, links.supervisor_uid, outbox, move |news| {
            let outbox = told.clone();
            on_screen(move |screen| match news {
                News::Connected => screen.connected(),
                News::View(view) => {
                    if !screen.has_view() {
                        tell_when_drawn(outbox, view.serial);
                    }
                    screen.show(*view);
                }
                News::Lost => screen.lost(),
            });
        })
    }
}

/// Tells `kioskd` that its first view stands on the display: what changed in one round of the event loop is drawn before
/// the next, or the loop ends with an error.
fn tell_when_drawn(outbox: Outbox, serial: u64) {
    Timer::single_shot(Duration::ZERO, move || {
        Timer::single_shot(Duration::ZERO, move || outbox.send(&Touch { serial, intent: Intent::Drawn }));
    });
}

fn keys(token: &Token) -> Keys {
    match &token.keypad {
        Some(_) => Keys::Keypad,
        None if token.pin_pad => Keys::Reader,
        None => Keys::Screen,
    }
}

fn pixels(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}
