//! `kiosk-appliance`: what units and udev call as root, briefly, to keep the system around the three programs.
//!
//! ```text
//! kiosk-appliance usb-policy DEVPATH              lets a USB device in, or leaves it out
//! kiosk-appliance network-rules [--config FILE]   prints what nftables is to let through
//! kiosk-appliance provision activate              puts the office's settings in force for this boot
//! kiosk-appliance provision install FILE          takes a signed bundle over, from the next boot on
//! kiosk-appliance health                          keeps a system that is well, leaves one on trial that is not
//! kiosk-appliance update settle                   writes down what became of the last update by this start
//! kiosk-appliance update check                    looks for a newer system and takes it over
//! kiosk-appliance update install FILE|URL         takes one over
//! kiosk-appliance boot …                          RAUC's boot loader backend on a Raspberry Pi
//! ```
//! Exit status: 0 when it was done, 1 when it could not be, 2 for other words than these.

use std::{ffi::OsString, io::Write, path::Path, process::ExitCode};

use eimza_kiosk::{
    appliance::{boot, health, network, provision, update, usb},
    config::DEFAULT_PATH,
    logging,
};

const USAGE: &str = "usage: kiosk-appliance usb-policy DEVPATH
       kiosk-appliance network-rules [--config FILE]
       kiosk-appliance provision activate | provision install FILE
       kiosk-appliance health
       kiosk-appliance update settle | update check | update install FILE|URL
       kiosk-appliance boot get-primary | set-primary NAME | get-state NAME | set-state NAME good|bad | get-current
";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let words: Vec<Option<&str>> = arguments.iter().map(|argument| argument.to_str()).collect();
    if let Err(fault) = logging::init("kiosk-appliance") {
        say(&format!("kiosk-appliance: {fault}\n"));
        return ExitCode::FAILURE;
    }
    let done = match words.as_slice() {
        [Some("usb-policy"), Some(device)] => usb::admit(device),
        [Some("network-rules")] => network::print(Path::new(DEFAULT_PATH)),
        [Some("network-rules"), Some("--config"), Some(file)] => network::print(Path::new(file)),
        [Some("provision"), Some("activate")] => provision::activate_and_tell(),
        [Some("provision"), Some("install"), Some(file)] => provision::install_and_tell(Path::new(file)),
        [Some("health")] => health::run(),
        [Some("update"), Some("settle")] => update::settle_and_tell(),
        [Some("update"), Some("check")] => update::check_and_tell(),
        [Some("update"), Some("install"), Some(source)] => update::install_and_tell(source),
        [Some("boot"), words @ ..] => boot::answer_and_tell(words),
        _ => {
            say(USAGE);
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            log::error!("{fault:#}");
            ExitCode::FAILURE
        }
    }
}

/// To whoever started the program by hand; a terminal that is gone is no fault.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
