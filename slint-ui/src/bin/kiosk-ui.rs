//! The screen on a display: wiring only.

use std::path::PathBuf;

use anyhow::Context as _;
use eimza_kiosk::{
    config::{Config, DEFAULT_PATH},
    process,
};
use kiosk_ui::{
    link::{self, News, Outbox},
    screen::{Screen, Wires, on_screen},
};
use slint::ComponentHandle as _;

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> anyhow::Result<()> {
    process::harden().context("the process cannot be hardened")?;
    let config = Config::load(&config_path()?)?;
    let outbox = Outbox::default();
    let touches = outbox.clone();
    let screen = Screen::new(Wires {
        touch: Box::new(move |touch| touches.send(touch)),
        pin_socket: config.links.pin.clone(),
        changed: Box::new(|_| {}),
    })
    .context("no window can be opened")?;
    if let Some((width, height)) = config.screen.size.as_deref().and_then(size) {
        screen.window().window().set_size(slint::PhysicalSize::new(width, height));
    }
    screen.window().show()?;
    link::start(config.links.screen, outbox, |news| {
        on_screen(move |screen| match news {
            News::Connected => screen.connected(),
            News::View(view) => screen.show(*view),
            News::Lost => screen.lost(),
        });
    })?;
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    slint::run_event_loop()?;
    Ok(())
}

fn config_path() -> anyhow::Result<PathBuf> {
    let mut arguments = std::env::args_os().skip(1);
    match (arguments.next(), arguments.next(), arguments.next()) {
        (None, None, None) => Ok(DEFAULT_PATH.into()),
        (Some(option), Some(file), None) if option == "--config" => Ok(file.into()),
        _ => anyhow::bail!("usage: kiosk-ui [--config FILE]"),
    }
}

fn size(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}
