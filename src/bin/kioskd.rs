//! `kioskd`, the supervisor: reads the configuration, wires the adapters to the session and serves.
//!
//! ```text
//! kioskd [--config FILE]      serves until SIGTERM
//! kioskd check-config FILE    judges a configuration with its profile and roots, on any machine
//! kioskd check-config BUNDLE --ca PEM [--machine FILE] [--profiles FOLDER]
//!                             judges a signed bundle of an office's settings, on any machine
//! ```
//! It exits with 78 (`EX_CONFIG`, sysexits.h) for a broken configuration and with 1 for anything else.

use std::{
    ffi::OsString,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use eimza_kiosk::{
    config::{Config, DEFAULT_PATH, Salvaged},
    link::{signer::Fingerprint, view::Help},
    logging,
    portal::Profile,
    process,
    provision::{self, Bench},
    session::{Chance, Printing, Recovery, Settings},
    supervisor,
};

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

const BROKEN_CONFIGURATION: u8 = 78;
const USAGE: &str = "usage: kioskd [--config FILE] | kioskd check-config FILE\n\
    \x20      | kioskd check-config BUNDLE --ca PEM [--machine FILE] [--profiles FOLDER]\n";

/// So many requests of one action at the portal are waited for in full. An action may make more, each redirect
/// being one; they then have to be quicker.
const REQUESTS_OF_AN_ACTION: u64 = 3;

/// Seconds for a document to be taken apart: the process that does it gives up before.
const TAKEN_APART_S: u64 = 45;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match arguments.iter().map(|argument| argument.to_str()).collect::<Vec<_>>().as_slice() {
        [] => serve(Path::new(DEFAULT_PATH)),
        [Some("--config"), _] => serve(&PathBuf::from(&arguments[1])),
        [Some("check-config"), _] => check(&PathBuf::from(&arguments[1])),
        [Some("check-config"), _, Some("--ca" | "--machine" | "--profiles"), ..] => {
            check_bundle(&PathBuf::from(&arguments[1]), &arguments[2..])
        }
        _ => {
            say(USAGE);
            ExitCode::from(2)
        }
    }
}

fn check(file: &Path) -> ExitCode {
    judged(file, provision::load(file).map(|(_, profile)| profile.name))
}

/// Judges a signed bundle as `kiosk-appliance` will, in a folder of its own.
fn check_bundle(file: &Path, options: &[OsString]) -> ExitCode {
    let mut on = Bench::default();
    for pair in options.chunks(2) {
        match pair {
            [option, value] if option == "--ca" => on.authority = Some(value.into()),
            [option, value] if option == "--machine" => on.machine = Some(value.into()),
            [option, value] if option == "--profiles" => on.profiles = Some(value.into()),
            _ => {
                say(USAGE);
                return ExitCode::from(2);
            }
        }
    }
    judged(file, on.judge(file).map(|(serial, name)| format!("{name}, bundle {serial}")))
}

fn judged(file: &Path, name: Result<String, impl std::fmt::Display>) -> ExitCode {
    match name {
        Ok(name) => {
            say(&format!("{}: sound, for {name}\n", file.display()));
            ExitCode::SUCCESS
        }
        Err(fault) => {
            say(&format!("{fault}\n"));
            ExitCode::from(BROKEN_CONFIGURATION)
        }
    }
}

fn serve(file: &Path) -> ExitCode {
    if let Err(fault) = logging::init("kioskd") {
        say(&format!("kioskd: {fault}\n"));
        return ExitCode::from(BROKEN_CONFIGURATION);
    }
    if let Err(fault) = process::harden() {
        log::error!("the process cannot be hardened: {fault}");
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(fault) => {
            log::error!("no runtime: {fault}");
            return ExitCode::FAILURE;
        }
    };
    let mut drawn = [0; 32];
    if let Err(fault) = getrandom::fill(&mut drawn) {
        log::error!("no random bytes: {fault}");
        return ExitCode::FAILURE;
    }
    match provision::load(file) {
        Ok((config, profile)) => {
            let make = |recovery| settings(&config, &profile, Chance::new(drawn), recovery);
            let ended = runtime.block_on(supervisor::run(&config, make));
            // A name that is being looked up in a thread must not keep the process.
            runtime.shutdown_background();
            match ended {
                Ok(()) => ExitCode::SUCCESS,
                Err(fault) => {
                    log::error!("{fault}");
                    ExitCode::FAILURE
                }
            }
        }
        Err(fault) => {
            log::error!("broken configuration: {fault}");
            let salvaged = Salvaged::from(file);
            if let Some(links) = &salvaged.links
                && let Err(fault) = runtime.block_on(supervisor::tell_screen(links, &salvaged))
            {
                log::warn!("the screen could not be told: {fault}");
            }
            ExitCode::from(BROKEN_CONFIGURATION)
        }
    }
}

fn settings(config: &Config, profile: &Profile, chance: Chance, recovery: Recovery) -> Settings {
    let office = &config.office;
    Settings {
        office: office.name.clone(),
        help: Help { phone: office.help_phone.clone(), email: office.help_email.clone() },
        word_hint: office.security_word_hint.clone(),
        defaults: office.defaults.clone(),
        rules: config.rules.clone(),
        contract_labels: profile.contract(),
        sms_digits: 6,
        portal_s: REQUESTS_OF_AN_ACTION * (config.portal.connect_timeout_s + config.portal.answer_timeout_s),
        pin_pad: config.token.pin_pad,
        printing: config.printer.as_ref().filter(|_| profile.pages.wet_ink.is_some()).map(|printer| {
            Printing {
                deliver_to: printer.deliver_to.clone(),
                taken_apart_s: TAKEN_APART_S,
                wait_s: printer.wait_s,
            }
        }),
        online: profile.online.is_some(),
        staff: config.staff.digests().map(Fingerprint).collect(),
        calls_staff: config.help.webhook.is_some() || config.peripherals.staff_call.is_some(),
        chance,
        recovery,
        // It is for the supervisor to find out.
        tampered: false,
    }
}

/// To whoever started the program by hand; a terminal that is gone is no fault.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
