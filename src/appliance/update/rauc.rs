//! Calls of RAUC's program, and what it answers.

use std::{
    io,
    path::Path,
    process::{Command, Output},
};

use serde::Deserialize;

/// Why RAUC did not do it.
#[derive(Debug, thiserror::Error)]
pub enum RaucError {
    /// It cannot be started.
    #[error("{program}: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It says no.
    #[error("{0}")]
    Refused(String),
    /// It answers something else than was asked for.
    #[error("rauc info: found an answer that cannot be read, expected JSON with compatible and version: {0}")]
    Answer(serde_json::Error),
}

/// What a bundle says of itself, under its signature.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Bundle {
    /// For which board.
    pub compatible: String,
    /// Its version.
    pub version: String,
}

/// Verifies a bundle's signature; what it says.
pub(super) fn info(rauc: &Path, source: &str) -> Result<Bundle, RaucError> {
    let ran = run(rauc, &["info", "--output-format=json", source])?;
    serde_json::from_slice(&ran.stdout).map_err(RaucError::Answer)
}

/// Writes a bundle into the system that does not run, and has it tried at the next start.
pub(super) fn install(rauc: &Path, source: &str) -> Result<(), RaucError> {
    run(rauc, &["install", source]).map(drop)
}

/// Marks the running system, `good` or `bad`.
pub(in crate::appliance) fn mark(rauc: &Path, as_what: &str) -> Result<(), RaucError> {
    run(rauc, &["status", &format!("mark-{as_what}"), "booted"]).map(drop)
}

/// Has the board start anew; with `tried`, the Raspberry Pi's loader takes the other system once.
pub(in crate::appliance) fn restart(systemctl: &Path, tried: bool) -> Result<(), RaucError> {
    let words: &[&str] = if tried { &["--reboot-argument=0 tryboot", "reboot"] } else { &["reboot"] };
    run(systemctl, words).map(drop)
}

fn run(program: &Path, words: &[&str]) -> Result<Output, RaucError> {
    let ran = Command::new(program)
        .args(words)
        .output()
        .map_err(|source| RaucError::Start { program: program.display().to_string(), source })?;
    if ran.status.success() {
        return Ok(ran);
    }
    // Its progress comes first, its complaint last.
    let said = String::from_utf8_lossy(&ran.stderr);
    let last = said.lines().rev().map(str::trim).find(|line| !line.is_empty());
    let last = last.map_or_else(|| ran.status.to_string(), |line| line.chars().take(300).collect());
    Err(RaucError::Refused(last))
}
