//! Calls of RAUC's program and of its service, and what they answer.

use std::{
    io,
    path::Path,
    process::{Command, Output},
};

use serde::Deserialize;

/// The unit that starts the board anew for a try.
const TRIES: &str = "kiosk-tryboot.service";

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
    #[error("rauc: found an answer that cannot be read, expected JSON with compatible and version: {0}")]
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

/// Verifies the signature of a bundle in a file; what it says.
pub(super) fn info(rauc: &Path, file: &str) -> Result<Bundle, RaucError> {
    let ran = run(rauc, &["info", "--output-format=json", file])?;
    serde_json::from_slice(&ran.stdout).map_err(RaucError::Answer)
}

/// The same of a bundle at an address, of which the head alone is fetched: by RAUC's service, which has the rights to. Why
/// it refuses one stands in its own journal.
pub(super) fn info_at(busctl: &Path, address: &str) -> Result<Bundle, RaucError> {
    #[derive(Deserialize)]
    struct Reply {
        data: (String, String),
    }
    let (to, interface) = ("de.pengutronix.rauc", "de.pengutronix.rauc.Installer");
    let ran = run(busctl, &["--json=short", "call", to, "/", interface, "Info", "s", address])?;
    let Reply { data: (compatible, version) } =
        serde_json::from_slice(&ran.stdout).map_err(RaucError::Answer)?;
    Ok(Bundle { compatible, version })
}

/// Writes a bundle into the system that does not run, and has it tried at the next start.
pub(super) fn install(rauc: &Path, source: &str) -> Result<(), RaucError> {
    run(rauc, &["install", source]).map(drop)
}

/// Marks the running system, `good` or `bad`.
pub(in crate::appliance) fn mark(rauc: &Path, as_what: &str) -> Result<(), RaucError> {
    run(rauc, &["status", &format!("mark-{as_what}"), "booted"]).map(drop)
}

/// Has the board start anew; with `tried`, the Raspberry Pi's loader takes the other system once. That takes an argument of the
/// kernel's reboot, which `systemctl` itself would write where the units that call this may not: a unit has it.
pub(in crate::appliance) fn restart(systemctl: &Path, tried: bool) -> Result<(), RaucError> {
    let words: &[&str] = if tried { &["start", "--no-block", TRIES] } else { &["reboot"] };
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

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::TRIES;

    #[test]
    fn the_unit_for_a_try_hands_the_kernel_what_the_raspberry_pis_loader_waits_for() {
        let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/units");
        let unit = fs::read_to_string(units.join(TRIES)).unwrap();
        for line in ["RebootArgument=0 tryboot", "SuccessAction=reboot", "FailureAction=reboot"] {
            assert!(unit.lines().any(|found| found == line), "no {line} in {unit}");
        }
    }
}
