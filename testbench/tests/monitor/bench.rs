//! What the tests share: one pcscd with two readers, and the monitor's events.
//!
//! libpcsclite keeps the name of its service for the whole process, so all tests share one pcscd, in turn.

#![expect(clippy::unwrap_used, reason = "a bench that cannot be set up is a failed test")]

use std::{
    ffi::CString,
    fs,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError, mpsc},
    time::Duration,
};

use eimza_kiosk::card::{Event, ReaderName, monitor::Monitor};
use pcsc::{Context, ReaderState, Scope, State};
use tempfile::TempDir;
use testbench::{
    card::{Card, Reset},
    pcscd::{Pcscd, READERS},
    pki::{Holder, KeyKind, Pki, Variant},
    visitor::Visitor,
};

pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Bench {
    pub(super) pcscd: Pcscd,
    pub(super) card: Card,
    _folder: TempDir,
}

static BENCH: LazyLock<Mutex<Bench>> = LazyLock::new(|| Mutex::new(Bench::start()));

impl Bench {
    #[expect(unsafe_code, reason = "libpcsclite is told its service by the environment alone")]
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pcscd = Pcscd::start(folder.path()).unwrap();
        for (name, value) in pcscd.env() {
            // SAFETY: no other thread reads these before this lock is released; Rust's own readers wait.
            unsafe { std::env::set_var(name, value) };
        }
        let pki = Pki::generate(1_790_000_000).unwrap();
        let visitor = Visitor::generate(1);
        let holder = Holder { name: &visitor.full_name(), national_id: &visitor.national_id };
        let credential = pki.issue(holder, Variant::Valid, KeyKind::Rsa2048).unwrap();
        let card = Card::new(&visitor, &[credential], &[pki.issuer_der().to_vec()]);
        Self { pcscd, card, _folder: folder }
    }
}

/// The bench with empty slots and a running service.
pub(super) fn bench() -> MutexGuard<'static, Bench> {
    let mut bench = BENCH.lock().unwrap_or_else(PoisonError::into_inner);
    for reader in [0, 1] {
        bench.pcscd.slot(reader).remove();
    }
    bench.pcscd.restart().unwrap();
    bench
}

pub(super) struct Heard {
    pub(super) monitor: Monitor,
    events: mpsc::Receiver<Event>,
}

pub(super) fn listen() -> Heard {
    let (sender, events) = mpsc::channel();
    let monitor = Monitor::start(move |event| {
        let _ = sender.send(event);
    })
    .unwrap();
    Heard { monitor, events }
}

impl Heard {
    pub(super) fn next(&self) -> Event {
        self.events.recv_timeout(PATIENCE).expect("an event in time")
    }

    /// The service and its two readers.
    pub(super) fn service_up(&self) {
        assert_eq!(self.next(), Event::ServiceUp);
        assert_eq!([self.next(), self.next()], [0, 1].map(|number| Event::ReaderIn(reader(number))));
    }

    /// What was heard before the monitor ended.
    pub(super) fn rest(self) -> Vec<Event> {
        drop(self.monitor);
        self.events.iter().collect()
    }
}

pub(super) fn reader(number: usize) -> ReaderName {
    ReaderName(READERS[number].to_owned())
}

pub(super) fn card_in(card: &Card, number: usize) -> Event {
    let Reset::Atr(atr) = card.reset() else { panic!("a mute card has no ATR") };
    Event::CardIn { reader: reader(number), atr: atr.clone() }
}

/// A card that gives another answer to reset.
pub(super) fn another(card: &Card) -> Card {
    card.clone().answering(Reset::Atr(vec![0x3B, 0x02, 0x14, 0x50]))
}

/// Waits so long as a second client of PC/SC, and requires that it is told of nothing meanwhile.
pub(super) fn nothing_happens_for(time: Duration) {
    let context = Context::establish(Scope::User).unwrap();
    let mut states = READERS.map(|name| ReaderState::new(CString::new(name).unwrap(), State::UNAWARE));
    context.get_status_change(Duration::ZERO, &mut states).unwrap();
    states.iter_mut().for_each(ReaderState::sync_current_state);
    assert_eq!(context.get_status_change(time, &mut states), Err(pcsc::Error::Timeout), "something happened");
}

/// How often the monitor's thread went to sleep and was pushed aside, and its time on a CPU.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Work {
    switches: Vec<String>,
    ticks: Vec<String>,
}

pub(super) fn work_of_the_monitor() -> Work {
    let task = fs::read_dir("/proc/self/task")
        .unwrap()
        .map(|task| task.unwrap().path())
        .find(|task| fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == "card-monitor"))
        .expect("the monitor's thread");
    let status = fs::read_to_string(task.join("status")).unwrap();
    let stat = fs::read_to_string(task.join("stat")).unwrap();
    // proc_pid_stat(5): after the name, utime and stime are the 12th and 13th.
    let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
    Work {
        switches: status.lines().filter(|line| line.contains("ctxt_switches")).map(str::to_owned).collect(),
        ticks: fields.skip(11).take(2).map(str::to_owned).collect(),
    }
}
