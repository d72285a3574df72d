//! How far pcscd is kept apart from the machine, and the script that starts it there.
//!
//! It knows nothing of readers and cards.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use super::door;

/// Hides the machine's readers and default instance (`$1` is not `shared`), hands the socket over as fd 3
/// (sd_listen_fds(3)), makes connections to vpcd for [`door::Door`], and kills pcscd when the other end of the
/// line on fd 2 is closed, and not before: a Ctrl-C at the terminal reaches this shell too.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
PATH="$PATH:/usr/sbin:/sbin"
exec 3<&0 0<&2 4>&2 2>&1
if [ "$1" != shared ]; then
    if [ -d /run/pcscd ]; then mount -t tmpfs none /run/pcscd; else mount -t tmpfs none /run; fi || exit 1
    for drivers in /usr/lib/pcsc/drivers/*.bundle; do
        if [ -d "$drivers" ]; then mount -t tmpfs none "$drivers" || exit 1; fi
    done
fi
if [ "$1" = apart ]; then ip link set lo up || exit 1; fi
# Nobody asks the machine's polkit, which may not run, about a service that only the bench can reach.
case $("$3" --help 2>&1 </dev/null 3<&- 4>&-) in *--disable-polkit*) set -- "$@" --disable-polkit ;; esac
LISTEN_FDS=1 sh -c 'LISTEN_PID=$$ exec "$0" --foreground --config "$@"' "${@:3:1}" "$2" "${@:4}" 4>&- &
pid=$!
exec 3<&-
while read -r port; do
    if exec 5<>"/dev/tcp/127.0.0.1/$port"; then echo connected; else echo refused; fi >&4
    read -r _
    exec 5<&-
done
kill -KILL "$pid"
wait "$pid"
"#;

/// Needs all that [`SCRIPT`] needs, says so and waits for the end of its input.
const TRIAL: &str = r#"
PATH="$PATH:/usr/sbin:/sbin"
mount -t tmpfs none /run || exit 1
if [ "$1" = apart ]; then ip link set lo up || exit 1; fi
echo works
read -r _
"#;

/// The flags of unshare(1) for root, and for an ordinary user.
const FILES: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
const NETWORK: [&[&str]; 2] = [&["--mount", "--net"], &["--user", "--map-root-user", "--mount", "--net"]];

/// What of it is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Namespace {
    /// Files and network, with these flags of unshare(1).
    Apart(&'static [&'static str]),
    /// Files only, with these flags.
    Files(&'static [&'static str]),
    /// Nothing: the kernel or a container forbids it.
    Shared,
}

impl Namespace {
    /// The best that this machine allows.
    pub(super) fn possible() -> Self {
        static FOUND: OnceLock<Namespace> = OnceLock::new();
        *FOUND.get_or_init(|| {
            let apart = NETWORK.into_iter().map(Self::Apart);
            let files = FILES.into_iter().map(Self::Files);
            apart.chain(files).find(|namespace| namespace.works()).unwrap_or(Self::Shared)
        })
    }

    fn works(self) -> bool {
        let mut trial = self.shell(TRIAL);
        let trial = trial.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        trial.is_ok_and(|mut trial| {
            let works = self.said_to_work(&mut trial);
            drop(trial.stdin.take());
            let _ = trial.wait();
            works
        })
    }

    fn said_to_work(self, trial: &mut Child) -> bool {
        let mut said = String::new();
        let heard = trial.stdout.take().map(|stdout| BufReader::new(stdout).read_line(&mut said));
        matches!(heard, Some(Ok(1..))) && (!matches!(self, Self::Apart(_)) || door::take(trial, 0).is_ok())
    }

    /// The script, with the folder of readers and pcscd.
    pub(super) fn script(self, readers: &Path, pcscd: &Path) -> Command {
        let mut command = self.shell(SCRIPT);
        command.arg(readers).arg(pcscd);
        command
    }

    fn shell(self, script: &str) -> Command {
        let (flags, name) = match self {
            Self::Apart(flags) => (flags, "apart"),
            Self::Files(flags) => (flags, "files"),
            Self::Shared => (&[][..], "shared"),
        };
        let mut command = Command::new(if flags.is_empty() { "bash" } else { "unshare" });
        if !flags.is_empty() {
            command.args(flags).arg("bash");
        }
        command.args(["-c", script, "pcscd", name]);
        command
    }
}
