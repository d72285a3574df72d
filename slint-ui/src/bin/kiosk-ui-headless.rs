//! The screen without a display: for the robot, or drawing every page into a folder. Wiring only.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use eimza_kiosk::link::view;
use kiosk_ui::{
    headless::{self, gallery, robot},
    link::Outbox,
    start::Settings,
};

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

const USAGE: &str = "usage: kiosk-ui-headless --config FILE --robot SOCKET [--size WxH]
       kiosk-ui-headless --gallery DIR [--size WxH] [--lang tr|en] [--contrast normal|high] [--text 100|125|150]";

#[derive(Default)]
struct Arguments {
    config: Option<PathBuf>,
    robot: Option<PathBuf>,
    gallery: Option<PathBuf>,
    size: Option<(u32, u32)>,
    manner: gallery::Manner,
}

fn main() -> anyhow::Result<()> {
    let arguments = arguments()?;
    let size = arguments.size.unwrap_or((1280, 800));
    match (arguments.gallery, arguments.config, arguments.robot) {
        (Some(folder), None, None) => Ok(gallery::draw(&folder, size, arguments.manner)?),
        (None, Some(config), Some(socket)) => serve(&config, &socket, size),
        _ => bail!(USAGE),
    }
}

fn serve(config: &Path, socket: &Path, size: (u32, u32)) -> anyhow::Result<()> {
    let settings = Settings::load("kiosk-ui", config)?;
    headless::platform(true)?;
    let outbox = Outbox::default();
    let watch = robot::Watch::default();
    let told = watch.clone();
    let screen = settings.screen(&outbox, move |screen| told.update(screen))?;
    headless::open(&screen, size)?;
    watch.update(&screen);
    robot::serve(socket, watch).with_context(|| socket.display().to_string())?;
    settings.link(outbox)?;
    slint::run_event_loop_until_quit()?;
    Ok(())
}

fn arguments() -> anyhow::Result<Arguments> {
    let mut parsed = Arguments::default();
    let mut given = std::env::args().skip(1);
    while let Some(option) = given.next() {
        let value = given.next().context(USAGE)?;
        match option.as_str() {
            "--config" => parsed.config = Some(value.into()),
            "--robot" => parsed.robot = Some(value.into()),
            "--gallery" => parsed.gallery = Some(value.into()),
            "--size" => {
                let (width, height) = value.split_once('x').context(USAGE)?;
                parsed.size = Some((width.parse()?, height.parse()?));
            }
            "--lang" if value == "en" => parsed.manner.language = view::Language::English,
            "--lang" if value == "tr" => {}
            "--contrast" if value == "high" => parsed.manner.contrast = view::Contrast::High,
            "--contrast" if value == "normal" => {}
            "--text" if value == "150" => parsed.manner.text_size = view::TextSize::Largest,
            "--text" if value == "125" => parsed.manner.text_size = view::TextSize::Large,
            "--text" if value == "100" => {}
            _ => bail!(USAGE),
        }
    }
    Ok(parsed)
}
