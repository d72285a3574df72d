//! The screen without a display: for the robot, or drawing every page into a folder. Wiring only.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use eimza_kiosk::{config::Config, link::view, process};
use kiosk_ui::{
    headless::{self, gallery, robot},
    link::{self, News, Outbox},
    screen::{Screen, Wires, on_screen},
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
        (None, Some(config), Some(socket)) => serve(&Config::load(&config)?, &socket, size),
        _ => bail!(USAGE),
    }
}

fn serve(config: &Config, socket: &std::path::Path, size: (u32, u32)) -> anyhow::Result<()> {
    process::harden()?;
    headless::platform(true)?;
    let outbox = Outbox::default();
    let touches = outbox.clone();
    let watch = robot::Watch::default();
    let told = watch.clone();
    let screen = Screen::new(Wires {
        touch: Box::new(move |touch| touches.send(touch)),
        pin_socket: config.links.pin.clone(),
        changed: Box::new(move |screen| told.update(screen)),
    })?;
    headless::open(&screen, size)?;
    watch.update(&screen);
    robot::serve(socket, watch).with_context(|| socket.display().to_string())?;
    link::start(config.links.screen.clone(), outbox, |news| {
        on_screen(move |screen| match news {
            News::Connected => screen.connected(),
            News::View(view) => screen.show(*view),
            News::Lost => screen.lost(),
        });
    })?;
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
