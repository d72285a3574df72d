//! What the tests share: one pcscd with two readers, and the monitor's events.

#![expect(clippy::unwrap_used, reason = "a bench that cannot be set up is a failed test")]

use std::{
    ffi::CString,
    fs,
    sync::{LazyLock, MutexGuard, mpsc},
    time::Duration,
};

use eimza_kiosk::card::{Event, ReaderName, monitor::Monitor};
use pcsc::{Context, ReaderState, Scope, State};
use testbench::{
    card::{Card, Reset},
    pcscd::{self, Pcscd, READERS},
    pki::{Holder, KeyKind, Pki, Variant},
    visitor::Visitor,
};

pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Bench {
    pub(super) pcscd: MutexGuard<'static, Pcscd>,
    pub(super) card: Card,
}

static CARD: LazyLock<Card> = LazyLock::new(|| {
    let pki = Pki::generate(1_790_000_000).unwrap();
    let visitor = Visitor::generate(1);
    let holder = Holder { name: &visitor.full_name(), national_id: &visitor.national_id };
    let credential = pki.issue(holder, Variant::Valid, KeyKind::Rsa2048).unwrap();
    Card::new(&visitor, &[credential], &[pki.issuer_der().to_vec()])
});

/// The bench with empty slots and a running service.
pub(super) fn bench() -> Bench {
    let mut pcscd = pcscd::of_process();
    for reader in [0, 1] {
        pcscd.slot(reader).remove();
    }
    pcscd.restart().unwrap();
    Bench { pcscd, card: CARD.clone() }
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
