//! Calls of RAUC's program and of its service, and what they answer.

use std::{
    convert::Infallible,
    io::{self, Read},
    path::Path,
    process::{Command, Output, Stdio},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::JoinHandle,
    time::Duration,
};

/// RAUC's service on the bus.
const SERVICE: &str = "de.pengutronix.rauc";
const INTERFACE: &str = "de.pengutronix.rauc.Installer";
const ASKS_EVERY: Duration = Duration::from_millis(500);
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
    /// It writes for longer than this.
    #[error("found an update that was still being written after {} s, expected an end before; it was stopped", within.as_secs())]
    TooSlow {
        /// What it had.
        within: Duration,
    },
    /// It answers something else than was asked for.
    #[error(
        "rauc: found an answer that cannot be read, expected one with compatible, version and manifest-hash"
    )]
    Answer,
}

/// What a bundle says of itself, under its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// For which board.
    pub compatible: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of all it says, and through it of every block, in hexadecimal.
    pub manifest_hash: String,
}

/// Has RAUC's service verify the signature of a bundle, in a file or at an address, of which the head alone is fetched; what
/// it says. Wants RAUC 1.10.
pub(super) fn inspect(busctl: &Path, source: &str) -> Result<Bundle, RaucError> {
    let ran = run(
        busctl,
        &["--json=short", "call", SERVICE, "/", INTERFACE, "InspectBundle", "sa{sv}", source, "0"],
    )?;
    let told: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap_or_default();
    let word = |place| told.pointer(place).and_then(serde_json::Value::as_str).map(str::to_owned);
    let bundle = || {
        Some(Bundle {
            compatible: word("/data/0/update/data/data/compatible/data")?,
            version: word("/data/0/update/data/data/version/data")?,
            manifest_hash: word("/data/0/manifest-hash/data")?,
        })
    };
    bundle().ok_or(RaucError::Answer)
}

/// Whether RAUC's service has nothing under way.
pub(super) fn is_idle(busctl: &Path) -> Result<bool, RaucError> {
    let ran = run(busctl, &["--json=short", "get-property", SERVICE, "/", INTERFACE, "Operation"])?;
    let told: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap_or_default();
    Ok(told.get("data").and_then(serde_json::Value::as_str) == Some("idle"))
}

/// Waits for the service, however long: `rauc install` may have ended before the writing has. One that cannot be asked has
/// nothing under way.
pub(super) fn wait_until_idle(busctl: &Path) {
    while matches!(is_idle(busctl), Ok(false)) {
        std::thread::sleep(ASKS_EVERY);
    }
}

/// Writes a bundle into the system that does not run, and has it tried at the next start. Where it is not the one that was
/// inspected, whatever the server made of it since, RAUC refuses it. Wants RAUC 1.14; an older one refuses everything.
///
/// A server that falls silent or trickles would keep it writing without end: after `within` the service is stopped.
pub(super) fn install(
    (rauc, systemctl): (&Path, &Path),
    source: &str,
    inspected: &Bundle,
    within: Duration,
) -> Result<(), RaucError> {
    let bound = format!("--require-manifest-hash={}", inspected.manifest_hash);
    let start = |source| RaucError::Start { program: rauc.display().to_string(), source };
    let mut child = Command::new(rauc)
        .args(["install", &bound, source])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(start)?;
    // Its pipes end with it.
    let (ended, end) = channel();
    let (out, err) = (reader(child.stdout.take(), ended.clone()), reader(child.stderr.take(), ended));
    if end.recv_timeout(within) == Err(RecvTimeoutError::Timeout) {
        child.kill().and_then(|()| child.wait()).map_err(start)?;
        run(systemctl, &["stop", "rauc.service"])?;
        return Err(RaucError::TooSlow { within });
    }
    let status = child.wait().map_err(start)?;
    let (stdout, stderr) = (out.join().unwrap_or_default(), err.join().unwrap_or_default());
    if status.success() {
        return Ok(());
    }
    Err(RaucError::Refused(complaint(&Output { status, stdout, stderr })))
}

/// Reads a pipe to its end meanwhile, so that nobody waits at a full one; nothing is ever sent, but the sender goes then.
fn reader(pipe: Option<impl Read + Send + 'static>, ended: Sender<Infallible>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut pipe) = pipe
            && let Err(fault) = pipe.read_to_end(&mut text)
        {
            log::warn!("what rauc says cannot be read: {fault}");
        }
        drop(ended);
        text
    })
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
    Err(RaucError::Refused(complaint(&ran)))
}

/// What went wrong: the service's own word, which `rauc install` hands on among its progress, else what was said last.
fn complaint(ran: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    let word = out.lines().find_map(|line| line.strip_prefix("LastError:")).map(str::trim);
    let last = err.lines().rev().map(str::trim).find(|line| !line.is_empty());
    word.or(last).map_or_else(|| ran.status.to_string(), |line| line.chars().take(300).collect())
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
