//! The screen on a display: wiring only.

use std::path::PathBuf;

use anyhow::Context as _;
use eimza_kiosk::config::DEFAULT_PATH;
use kiosk_ui::{alive::Alive, link::Outbox, start::Settings};
use slint::ComponentHandle as _;

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> anyhow::Result<()> {
    let settings = Settings::load("kiosk-ui", &config_path()?)?;
    let outbox = Outbox::default();
    let screen = settings.screen(&outbox, |_| {}).context("no window can be opened")?;
    if let Some((width, height)) = settings.size {
        screen.window().window().set_size(slint::PhysicalSize::new(width, height));
    }
    screen.window().show()?;
    settings.link(outbox)?;
    let _alive = Alive::start();
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
