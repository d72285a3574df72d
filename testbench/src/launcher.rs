//! Starts the kiosk's processes, restarts those that die and stops them all, as systemd does on the appliance.
//!
//! It knows programs by path, arguments and environment, and nothing of what they say to each other. It
//! signals only processes it started itself, by a process id that cannot have been reused.

use std::{
    collections::VecDeque,
    ffi::OsString,
    fs::{File, OpenOptions},
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

/// Starts within [`LIMIT_WINDOW`] after which a program is given up (`StartLimitBurst=`).
const LIMIT_STARTS: usize = 10;
const LIMIT_WINDOW: Duration = Duration::from_secs(10);
/// Pause between death and restart (`RestartSec=`).
const RESTART_AFTER: Duration = Duration::from_millis(100);
/// Between SIGTERM and SIGKILL (`TimeoutStopSec=`).
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// What to run.
#[derive(Debug, Clone)]
pub struct Program {
    /// Names the log file.
    pub name: &'static str,
    /// The executable.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Added to the environment it inherits.
    pub environment: Vec<(String, OsString)>,
}

/// The programs under care; dropping it stops them, the last started first.
#[derive(Debug)]
pub struct Launcher {
    logs: PathBuf,
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    name: &'static str,
    care: Arc<Care>,
    keeper: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Care {
    life: Mutex<Life>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Life {
    pid: Option<Pid>,
    starts: u32,
    stopping: bool,
    given_up: Option<String>,
}

impl Launcher {
    /// Logs go to `logs/NAME.log`; the folder is made.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn new(logs: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(logs)?;
        Ok(Self { logs: logs.to_owned(), kept: Vec::new() })
    }

    /// Starts a program and keeps it running.
    ///
    /// # Errors
    /// When its log cannot be opened or it does not start the first time.
    pub fn start(&mut self, program: Program) -> anyhow::Result<()> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.logs.join(program.name).with_extension("log"))?;
        let care = Arc::new(Care::default());
        let name = program.name;
        let keeper = {
            let care = Arc::clone(&care);
            // The thread that forks must outlive the child: PR_SET_PDEATHSIG goes by thread, not process.
            std::thread::Builder::new()
                .name(format!("keep-{name}"))
                .spawn(move || care.keep(&program, &log))?
        };
        let mut life = care.lock();
        while life.starts == 0 && life.given_up.is_none() {
            life = care.changed.wait(life).unwrap_or_else(PoisonError::into_inner);
        }
        let failed = life.given_up.clone();
        drop(life);
        self.kept.push(Kept { name, care, keeper: Some(keeper) });
        match failed {
            Some(why) => anyhow::bail!("{name} does not start: {why}"),
            None => Ok(()),
        }
    }

    /// The process id, while it runs.
    #[must_use]
    pub fn pid(&self, name: &str) -> Option<u32> {
        let life = self.care(name)?.lock();
        life.pid.map(|pid| pid.as_raw_nonzero().get().unsigned_abs())
    }

    /// How often it was started.
    #[must_use]
    pub fn starts(&self, name: &str) -> u32 {
        self.care(name).map_or(0, |care| care.lock().starts)
    }

    /// `kill -9`: the program gets no chance to say goodbye, and is started again.
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill(&self, name: &str) -> anyhow::Result<()> {
        self.signal(name, Signal::KILL)
    }

    /// Sends a signal, e.g. `STOP` to make a process hang.
    ///
    /// # Errors
    /// When it does not run.
    pub fn signal(&self, name: &str, signal: Signal) -> anyhow::Result<()> {
        let Some(care) = self.care(name) else { anyhow::bail!("{name} was never started") };
        let life = care.lock();
        let Some(pid) = life.pid else { anyhow::bail!("{name} does not run") };
        kill_process(pid, signal)?;
        Ok(())
    }

    /// Waits until the program was started at least so often and runs.
    ///
    /// # Errors
    /// When it did not within the time, or was given up.
    pub fn wait_for_start(&self, name: &str, starts: u32, within: Duration) -> anyhow::Result<u32> {
        let Some(care) = self.care(name) else { anyhow::bail!("{name} was never started") };
        let deadline = Instant::now() + within;
        let mut life = care.lock();
        loop {
            if let Some(why) = &life.given_up {
                anyhow::bail!("{name} was given up: {why}");
            }
            if let (Some(pid), true) = (life.pid, life.starts >= starts) {
                return Ok(pid.as_raw_nonzero().get().unsigned_abs());
            }
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                anyhow::bail!("{name} was not started again in time");
            };
            life = care.changed.wait_timeout(life, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Stops one program for good.
    pub fn stop(&mut self, name: &str) {
        if let Some(at) = self.kept.iter().position(|kept| kept.name == name) {
            self.kept.remove(at).end();
        }
    }

    fn care(&self, name: &str) -> Option<&Care> {
        self.kept.iter().find(|kept| kept.name == name).map(|kept| kept.care.as_ref())
    }
}

impl Drop for Launcher {
    fn drop(&mut self) {
        while let Some(kept) = self.kept.pop() {
            kept.end();
        }
    }
}

impl Kept {
    fn end(mut self) {
        let mut life = self.care.lock();
        life.stopping = true;
        self.care.changed.notify_all();
        for signal in [Signal::TERM, Signal::KILL] {
            let Some(pid) = life.pid else { break };
            // A stopped process takes SIGTERM only once it is continued.
            let _ = kill_process(pid, signal).and_then(|()| kill_process(pid, Signal::CONT));
            life = self
                .care
                .changed
                .wait_timeout_while(life, STOP_WITHIN, |life| life.pid.is_some())
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        drop(life);
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
    }
}

impl Care {
    fn lock(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, program: &Program, log: &File) {
        let mut recent: VecDeque<Instant> = VecDeque::new();
        loop {
            let mut life = self.lock();
            if life.stopping {
                return;
            }
            recent.retain(|start| start.elapsed() < LIMIT_WINDOW);
            if recent.len() == LIMIT_STARTS {
                life.given_up = Some(format!("started {LIMIT_STARTS} times within {LIMIT_WINDOW:?}"));
                self.changed.notify_all();
                return;
            }
            recent.push_back(Instant::now());
            let mut child = match spawn(program, log) {
                Ok(child) => child,
                Err(error) => {
                    life.given_up = Some(format!("{}: {error}", program.path.display()));
                    self.changed.notify_all();
                    return;
                }
            };
            let pid = Pid::from_child(&child);
            life.pid = Some(pid);
            life.starts += 1;
            self.changed.notify_all();
            drop(life);

            // First wait without reaping: the id stays taken until nobody can signal it any more.
            while waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
                .is_err_and(|error| error == rustix::io::Errno::INTR)
            {}
            let mut life = self.lock();
            life.pid = None;
            let _ = child.wait();
            self.changed.notify_all();
            drop(
                self.changed
                    .wait_timeout_while(life, RESTART_AFTER, |life| !life.stopping)
                    .unwrap_or_else(PoisonError::into_inner),
            );
        }
    }
}

/// Starts a program once; it dies with the thread that starts it.
#[expect(unsafe_code, reason = "only the child itself can ask to die with its parent, between fork and exec")]
pub(crate) fn spawn(program: &Program, log: &File) -> io::Result<Child> {
    let mut command = Command::new(&program.path);
    command
        .args(&program.arguments)
        .envs(program.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?)
        // Its own group: Ctrl+C in the terminal reaches the demo alone, which then stops everybody in order.
        .process_group(0);
    // SAFETY: the closure runs after fork and makes one async-signal-safe system call.
    unsafe {
        command.pre_exec(|| Ok(rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?));
    }
    command.spawn()
}

#[cfg(test)]
mod tests {
    use std::{path::Path, time::Duration};

    use super::{Launcher, Program};

    fn shell(name: &'static str, script: &str) -> Program {
        Program {
            name,
            path: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
            environment: vec![("GREETING".to_owned(), "merhaba".into())],
        }
    }

    fn alive(pid: u32) -> bool {
        Path::new("/proc").join(pid.to_string()).exists()
    }

    #[test]
    fn a_killed_program_is_started_again_and_nothing_is_left_after_drop() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut launcher = Launcher::new(folder.path()).expect("a log folder");
        launcher.start(shell("idler", "exec tail -f /dev/null")).expect("a shell");
        let first = launcher.pid("idler").expect("it runs");
        launcher.kill("idler").expect("it can be killed");
        let second = launcher.wait_for_start("idler", 2, Duration::from_secs(10)).expect("restarted");
        assert_ne!(first, second);
        assert!(alive(second) && !alive(first));
        drop(launcher);
        assert!(!alive(second), "left behind");
    }

    #[test]
    fn a_program_that_cannot_live_is_given_up() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut launcher = Launcher::new(folder.path()).expect("a log folder");
        launcher.start(shell("brief", "echo $GREETING >&2; exit 3")).expect("it starts once");
        let error = launcher.wait_for_start("brief", 1000, Duration::from_secs(30)).expect_err("given up");
        assert!(error.to_string().contains("given up"), "{error}");
        let log = std::fs::read_to_string(folder.path().join("brief.log")).expect("a log");
        assert_eq!(log, "merhaba\n".repeat(10), "the log holds what every start of the program said");
    }

    #[test]
    fn a_program_that_does_not_exist_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut launcher = Launcher::new(folder.path()).expect("a log folder");
        let nowhere = Program {
            name: "nowhere",
            path: folder.path().join("nowhere"),
            arguments: Vec::new(),
            environment: Vec::new(),
        };
        let error = launcher.start(nowhere).expect_err("no such file");
        assert!(error.to_string().contains("nowhere"), "{error}");
    }
}
