//! `kiosk-appliance`: what units and udev call as root, briefly, to keep the system around the three programs.
//!
//! ```text
//! kiosk-appliance usb-policy DEVPATH           lets a USB device in, or leaves it out
//! kiosk-appliance usb-policy --keys DEVPATH    puts the device of an input with keys out again
//! kiosk-appliance network-rules [--config FILE] [--output FILE]    what nftables is to let through
//! kiosk-appliance network-names [--config FILE] --output FILE      looks the configuration's names up
//! kiosk-appliance network-files [--config FILE] --folder FOLDER    what networkd and timesyncd are told
//! kiosk-appliance sorry PICTURE                draws a picture on the screen, and stays
//! kiosk-appliance provision activate           puts the office's settings in force for this boot
//! kiosk-appliance provision install FILE       takes a signed bundle over, from the next boot on
//! kiosk-appliance health                       keeps a system that is well, leaves one on trial that is not
//! kiosk-appliance update settle                writes down what became of the last update by this start
//! kiosk-appliance update check                 looks for newer settings and a newer system, and takes over what it finds
//! kiosk-appliance update install FILE|URL      takes one over
//! kiosk-appliance boot …                       RAUC's boot loader backend on a Raspberry Pi
//! ```
//! Exit status: 0 when it was done, 1 when it could not be, 2 for other words than these.

use std::{ffi::OsString, io::Write, path::Path, process::ExitCode};

use eimza_kiosk::{
    appliance::{boot, health, network, provision, sorry, update, usb},
    config::DEFAULT_PATH,
    logging,
};

const USAGE: &str = "usage: kiosk-appliance usb-policy [--keys] DEVPATH
       kiosk-appliance network-rules [--config FILE] [--output FILE]
       kiosk-appliance network-names [--config FILE] --output FILE
       kiosk-appliance network-files [--config FILE] --folder FOLDER
       kiosk-appliance sorry PICTURE
       kiosk-appliance provision activate | provision install FILE
       kiosk-appliance health
       kiosk-appliance update settle | update check | update install FILE|URL
       kiosk-appliance boot get-primary | set-primary NAME | get-state NAME | set-state NAME good|bad | get-current
";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let words: Vec<Option<&str>> = arguments.iter().map(|argument| argument.to_str()).collect();
    let udev = matches!(words.first(), Some(Some("usb-policy")));
    // What udev starts has no standard error that leads anywhere.
    let begun =
        if udev { logging::init_detached("kiosk-appliance") } else { logging::init("kiosk-appliance") };
    if let Err(fault) = begun {
        say(&format!("kiosk-appliance: {fault}\n"));
        return ExitCode::FAILURE;
    }
    let usual = Path::new(DEFAULT_PATH);
    let done = match words.as_slice() {
        [Some("usb-policy"), Some("--keys"), Some(node)] => usb::revoke(node),
        [Some("usb-policy"), Some(device)] => usb::admit(device),
        [Some("network-rules"), rest @ ..] => match named(rest, ["--config", "--output"]) {
            Some([config, output]) => network::rules(config.unwrap_or(usual), output),
            None => return usage(),
        },
        [Some("network-names"), rest @ ..] => match named(rest, ["--config", "--output"]) {
            Some([config, Some(output)]) => network::names(config.unwrap_or(usual), output),
            Some([_, None]) | None => return usage(),
        },
        [Some("network-files"), rest @ ..] => match named(rest, ["--config", "--folder"]) {
            Some([config, Some(folder)]) => network::files(config.unwrap_or(usual), folder),
            Some([_, None]) | None => return usage(),
        },
        [Some("sorry"), Some(picture)] => sorry::draw(Path::new(picture)).map(|never| match never {}),
        [Some("provision"), Some("activate")] => provision::activate_and_tell(),
        [Some("provision"), Some("install"), Some(file)] => provision::install_and_tell(Path::new(file)),
        [Some("health")] => health::run(),
        [Some("update"), Some("settle")] => update::settle_and_tell(),
        [Some("update"), Some("check")] => update::check_and_tell(),
        [Some("update"), Some("install"), Some(source)] => update::install_and_tell(source),
        [Some("boot"), words @ ..] => boot::answer_and_tell(words),
        _ => return usage(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            log::error!("{fault:#}");
            ExitCode::FAILURE
        }
    }
}

/// The paths behind two options, each at most once; `None` for anything else.
fn named<'a>(words: &[Option<&'a str>], options: [&str; 2]) -> Option<[Option<&'a Path>; 2]> {
    let mut paths = [None; 2];
    for pair in words.chunks(2) {
        let &[Some(option), Some(path)] = pair else { return None };
        let place = options.iter().position(|known| *known == option)?;
        if paths[place].replace(Path::new(path)).is_some() {
            return None;
        }
    }
    Some(paths)
}

fn usage() -> ExitCode {
    say(USAGE);
    ExitCode::from(2)
}

/// To whoever started the program by hand; a terminal that is gone is no fault.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
