//! The signer process: talks to the card, builds and verifies signatures; decides nothing, has no network.
//!
//! `kiosk-token [--config FILE]`. Exit status: 2 for a broken configuration or module, 3 when a call into
//! the module did not come back, 1 for anything else. It is meant to be started again after each.
//!
//! `kiosk-token probe [--json] [--trace FILE] [--config FILE]` is for staff: readers, card and certificates, without a
//! PIN; `docs/first-real-card.md` has its exit status.

use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use eimza_kiosk::{
    config::{CardSide, Config, DEFAULT_PATH},
    logging, process,
    token::{
        ServeError,
        probe::{Arguments, Verdict, probe},
        serve,
    },
};

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// Broken configuration: starting again will not help before somebody changes it.
const BROKEN: u8 = 2;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == "probe") {
        let ended = look(words).unwrap_or_else(|(verdict, error)| {
            let _ = writeln!(std::io::stderr(), "kiosk-token: {error:#}");
            verdict
        });
        return ExitCode::from(ended.code());
    }
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

/// `kiosk-token probe`. What it says goes to standard output and nowhere else: no record is made.
fn look(words: impl Iterator<Item = std::ffi::OsString>) -> Result<Verdict, (Verdict, anyhow::Error)> {
    let wrong = |error: anyhow::Error| (Verdict::Usage, error);
    let refused = |error: anyhow::Error| (Verdict::System, error);
    let arguments = Arguments::parse(words).map_err(|error| wrong(error.into()))?;
    process::harden().map_err(|error| refused(error.into()))?;
    let side = match &arguments.config {
        None if !Path::new(DEFAULT_PATH).exists() => CardSide::default(),
        None => CardSide::load(Path::new(DEFAULT_PATH)).map_err(|error| wrong(error.into()))?,
        Some(file) => CardSide::load(file).map_err(|error| wrong(error.into()))?,
    };
    // A trace of before is kept, and this one is for its owner alone.
    let create = |file| OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let trace = arguments.trace.as_deref().map(create).transpose();
    let trace = trace.map_err(|error| wrong(anyhow::Error::from(error).context("--trace")))?;
    let report = probe(&side, trace).map_err(|error| refused(error.into()))?;
    let mut output = std::io::stdout().lock();
    let written = if arguments.json {
        serde_json::to_writer_pretty(&mut output, &report).map_err(Into::into).and_then(|()| writeln!(output))
    } else {
        write!(output, "{report}")
    };
    written.map_err(|error| refused(error.into()))?;
    Ok(report.verdict())
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
