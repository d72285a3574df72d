//! The real `kiosk-token probe` on a pcscd with a card.
//!
//! libpcsclite keeps the name of its service for the whole process, so all tests share one pcscd, in turn.

use std::{
    ffi::CString,
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use pcsc::{Context, ReaderState, Scope, State};
use serde_json::Value;
use tempfile::TempDir;
use testbench::{
    card::{
        Card, Event, Model, Timing,
        fault::{self, CardFault},
    },
    pcscd::{Pcscd, READERS},
    pki::Pki,
    visitor::Visitor,
};

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Bench {
    pub(crate) pcscd: Pcscd,
    pub(crate) visitor: Visitor,
    pki: Pki,
    folder: TempDir,
    files: usize,
}

/// What came of it.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) text: String,
    pub(crate) errors: String,
}

static BENCH: LazyLock<Mutex<Bench>> = LazyLock::new(|| Mutex::new(Bench::start()));

/// The bench with empty slots.
pub(crate) fn bench() -> MutexGuard<'static, Bench> {
    let mut bench = BENCH.lock().unwrap_or_else(PoisonError::into_inner);
    for slot in [0, 1] {
        bench.pcscd.slot(slot).remove();
        bench.pcscd.slot(slot).set_timing(Timing::NONE);
    }
    // A service that was stopped is there again, and nothing is held any more.
    bench.pcscd.restart().unwrap();
    bench
}

impl Bench {
    #[expect(unsafe_code, reason = "libpcsclite is told its service by the environment alone")]
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pcscd = Pcscd::start(&folder.path().join("pcscd")).unwrap();
        for (name, value) in pcscd.env() {
            // SAFETY: no other thread reads these before this lock is released; Rust's own readers wait.
            unsafe { std::env::set_var(name, value) };
        }
        let pki = Pki::generate(jiff::Timestamp::now().as_second()).unwrap();
        Self { pcscd, pki, visitor: Visitor::generate(9), folder, files: 0 }
    }

    pub(crate) fn card(&self, model: Model, fault: Option<CardFault>) -> Card {
        fault::card_of(model, &self.pki, &self.visitor, fault).unwrap()
    }

    /// Puts a card in and waits until PC/SC has it.
    pub(crate) fn insert(&self, card: &Card) {
        self.pcscd.slot(0).insert(card).unwrap();
        await_card(true);
    }

    /// Pulls it and waits until PC/SC knows.
    pub(crate) fn remove(&self) {
        self.pcscd.slot(0).remove();
        await_card(false);
    }

    /// The name of a file that is not there yet.
    pub(crate) fn file(&mut self) -> PathBuf {
        self.files += 1;
        self.folder.path().join(format!("file-{}", self.files))
    }

    /// A configuration with nothing in it but this.
    pub(crate) fn config(&mut self, text: &str) -> String {
        let file = self.file();
        fs::write(&file, text).unwrap();
        file.display().to_string()
    }

    /// Runs the program, and requires that nothing it says is the visitor's.
    pub(crate) fn probe(&self, arguments: &[&str]) -> Said {
        let mut program = Command::new(testbench::programs::built().join("kiosk-token"));
        let Output { status, stdout, stderr } =
            program.arg("probe").args(arguments).envs(self.pcscd.env()).output().unwrap();
        let text = String::from_utf8(stdout).unwrap();
        let errors = String::from_utf8(stderr).unwrap();
        self.require_nothing_personal(&text);
        self.require_nothing_personal(&errors);
        Said { code: status.code().unwrap_or(-1), text, errors }
    }

    /// The same for a script.
    pub(crate) fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let said = self.probe(&[&["--json"], arguments].concat());
        let value: Value = serde_json::from_str(&said.text).expect(&said.text);
        assert_eq!(value["code"], said.code, "{}", said.text);
        (said.code, value)
    }

    /// The same with a trace, and what was traced.
    pub(crate) fn traced(&mut self, arguments: &[&str]) -> (i32, Value, String) {
        let file = self.file();
        let (code, value) = self.json(&[&["--trace", file.to_str().unwrap()], arguments].concat());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let trace = fs::read_to_string(&file).unwrap();
        self.require_nothing_personal(&trace);
        (code, value, trace)
    }

    pub(crate) fn require_nothing_personal(&self, text: &str) {
        for (name, value) in self.visitor.values() {
            let digits: String = value.bytes().map(|byte| format!("{byte:02X}")).collect();
            assert!(!text.contains(value) && !text.contains(&digits), "{name} is in {text}");
        }
        for name in [&self.visitor.given_name, &self.visitor.surname, &self.visitor.national_id] {
            assert!(!text.contains(name.as_str()), "{name} is in {text}");
        }
    }

    /// Names of the commands since the card was put in.
    pub(crate) fn commands(&self) -> Vec<&'static str> {
        let events = self.pcscd.slot(0).events();
        let since = events.iter().rposition(|event| *event == Event::Inserted).unwrap();
        let named = events[since..].iter().filter_map(|event| match event {
            Event::Answered { command, .. } => Some(*command),
            Event::Inserted | Event::Removed | Event::Powered | Event::Off | Event::Silent => None,
        });
        named.collect()
    }

    /// Requires that the card was read and nothing else.
    pub(crate) fn require_only_reading(&self) {
        let commands = self.commands();
        let reads = |command: &&str| ["SELECT", "READ BINARY", "GET RESPONSE", "GET DATA"].contains(command);
        assert!(commands.iter().all(reads), "{commands:?}");
    }
}

fn await_card(there: bool) {
    let context = Context::establish(Scope::User).unwrap();
    let mut states = [ReaderState::new(CString::new(READERS[0]).unwrap(), State::UNAWARE)];
    let until = Instant::now() + PATIENCE;
    loop {
        context.get_status_change(until - Instant::now(), &mut states).unwrap();
        if states[0].event_state().intersects(State::PRESENT | State::MUTE) == there {
            return;
        }
        states[0].sync_current_state();
    }
}
