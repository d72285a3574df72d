//! The signer process: talks to the card, builds and verifies signatures; decides nothing, has no network.
//!
//! `kiosk-token [--config FILE]`. Exit status: 2 for a broken configuration or module, 3 when a call into
//! the module did not come back, 1 for anything else. It is meant to be started again after each.

use std::{io::Write, path::PathBuf, process::ExitCode};

use eimza_kiosk::{
    config::{Config, DEFAULT_PATH},
    logging, process,
    token::{ServeError, serve},
};

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// Broken configuration: starting again will not help before somebody changes it.
const BROKEN: u8 = 2;

fn main() -> ExitCode {
    if let Err(error) = logging::init("kiosk-token") {
        let _ = writeln!(std::io::stderr(), "kiosk-token: {error}");
        return ExitCode::from(BROKEN);
    }
    if let Err(error) = process::harden() {
        return last_words(&format!("the process cannot be hardened: {error}"), 1);
    }
    lock_memory();
    let config = match config_path().and_then(|path| Ok(Config::load(&path)?)) {
        Ok(config) => config,
        Err(error) => return last_words(&format!("{error:#}"), BROKEN),
    };
    match serve(&config) {
        Ok(never) => match never {},
        Err(error @ (ServeError::Listen { .. } | ServeError::Module(_))) => {
            last_words(&error.to_string(), BROKEN)
        }
        Err(error @ ServeError::System(_)) => last_words(&error.to_string(), 1),
    }
}

fn config_path() -> anyhow::Result<PathBuf> {
    let mut arguments = std::env::args_os().skip(1);
    match (arguments.next(), arguments.next(), arguments.next()) {
        (None, ..) => Ok(DEFAULT_PATH.into()),
        (Some(flag), Some(path), None) if flag == "--config" => Ok(path.into()),
        _ => anyhow::bail!("usage: kiosk-token [--config FILE]"),
    }
}

/// The module copies the PIN where it likes; what is locked is never swapped out. Without the right to lock
/// all (`LimitMEMLOCK=infinity`) the kiosk's own pages are locked still.
fn lock_memory() {
    use rustix::{
        mm::{MlockAllFlags, mlockall},
        process::{Resource, getrlimit},
    };
    if getrlimit(Resource::Memlock).current.is_some() {
        log::warn!("LimitMEMLOCK is not infinity: the module's memory is not locked");
    } else if let Err(error) =
        mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT)
    {
        log::warn!(CAUSE = error.to_string(); "memory cannot be locked");
    }
}

fn last_words(text: &str, status: u8) -> ExitCode {
    log::error!("{text}");
    ExitCode::from(status)
}
