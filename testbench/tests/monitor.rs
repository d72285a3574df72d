//! The kiosk's card monitor on a real pcscd: readers, cards, a service that comes and goes.
//!
//! libpcsclite keeps the name of its service for the whole process, so all tests share one pcscd, in turn.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{
    sync::{LazyLock, Mutex, MutexGuard, PoisonError, mpsc},
    time::{Duration, Instant},
};

use eimza_kiosk::card::{Event, ReaderName, monitor::Monitor};
use tempfile::TempDir;
use testbench::{
    card::{Card, Reset},
    pcscd::{Pcscd, READERS},
    pki::{Holder, KeyKind, Pki, Variant},
    visitor::Visitor,
};

const PATIENCE: Duration = Duration::from_secs(20);

struct Bench {
    pcscd: Pcscd,
    card: Card,
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
fn bench() -> MutexGuard<'static, Bench> {
    let mut bench = BENCH.lock().unwrap_or_else(PoisonError::into_inner);
    for reader in [0, 1] {
        bench.pcscd.slot(reader).remove();
    }
    bench.pcscd.restart().unwrap();
    bench
}

struct Heard {
    monitor: Monitor,
    events: mpsc::Receiver<Event>,
}

fn listen() -> Heard {
    let (sender, events) = mpsc::channel();
    let monitor = Monitor::start(move |event| {
        let _ = sender.send(event);
    })
    .unwrap();
    Heard { monitor, events }
}

impl Heard {
    fn next(&self) -> Event {
        self.events.recv_timeout(PATIENCE).expect("an event in time")
    }

    /// The service and its two readers.
    fn service_up(&self) {
        assert_eq!(self.next(), Event::ServiceUp);
        assert_eq!([self.next(), self.next()], [0, 1].map(|number| Event::ReaderIn(reader(number))));
    }

    /// What was heard before the monitor ended.
    fn rest(self) -> Vec<Event> {
        drop(self.monitor);
        self.events.iter().collect()
    }
}

fn reader(number: usize) -> ReaderName {
    ReaderName(READERS[number].to_owned())
}

fn card_in(card: &Card, number: usize) -> Event {
    let Reset::Atr(atr) = card.reset() else { panic!("a mute card has no ATR") };
    Event::CardIn { reader: reader(number), atr: atr.clone() }
}

#[test]
fn a_card_is_told_with_its_reader_and_atr_and_told_when_it_goes() {
    let bench = bench();
    let heard = listen();
    heard.service_up();
    bench.pcscd.slot(1).insert(&bench.card).unwrap();
    assert_eq!(heard.next(), card_in(&bench.card, 1));
    bench.pcscd.slot(1).remove();
    assert_eq!(heard.next(), Event::CardOut(reader(1)));
    assert_eq!(heard.rest(), []);
}

#[test]
fn a_card_that_is_in_at_the_start_is_told() {
    let bench = bench();
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    let heard = listen();
    heard.service_up();
    assert_eq!(heard.next(), card_in(&bench.card, 0));
}

#[test]
fn a_card_that_does_not_answer_is_told_as_mute() {
    let bench = bench();
    let heard = listen();
    heard.service_up();
    bench.pcscd.slot(0).insert(&bench.card.clone().answering(Reset::Mute)).unwrap();
    assert_eq!(heard.next(), Event::CardMute(reader(0)));
    bench.pcscd.slot(0).remove();
    assert_eq!(heard.next(), Event::CardOut(reader(0)));
}

#[test]
fn a_service_that_dies_takes_all_with_it_and_is_found_again() {
    let mut bench = bench();
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    let heard = listen();
    heard.service_up();
    assert_eq!(heard.next(), card_in(&bench.card, 0));
    bench.pcscd.stop();
    assert_eq!(heard.next(), Event::ServiceDown);
    bench.pcscd.restart().unwrap();
    heard.service_up();
    assert_eq!(heard.next(), card_in(&bench.card, 0));
}

#[test]
fn a_service_that_is_not_there_yet_is_noticed_when_it_comes() {
    let mut bench = bench();
    bench.pcscd.stop();
    let heard = listen();
    assert_eq!(heard.next(), Event::ServiceDown);
    bench.pcscd.restart().unwrap();
    heard.service_up();
}

#[test]
fn another_program_that_holds_the_card_is_no_event() {
    let bench = bench();
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    let heard = listen();
    heard.service_up();
    assert_eq!(heard.next(), card_in(&bench.card, 0));
    let context = pcsc::Context::establish(pcsc::Scope::User).unwrap();
    let name = std::ffi::CString::new(READERS[0]).unwrap();
    for _ in 0..3 {
        let card = context.connect(&name, pcsc::ShareMode::Exclusive, pcsc::Protocols::ANY).unwrap();
        card.disconnect(pcsc::Disposition::ResetCard).map_err(|(_, fault)| fault).unwrap();
    }
    bench.pcscd.slot(0).remove();
    assert_eq!(heard.next(), Event::CardOut(reader(0)), "nothing in between");
}

#[test]
fn it_ends_at_once_while_it_waits_for_a_card_and_while_it_waits_for_the_service() {
    let mut bench = bench();
    let heard = listen();
    heard.service_up();
    let start = Instant::now();
    assert_eq!(heard.rest(), []);
    bench.pcscd.stop();
    let heard = listen();
    assert_eq!(heard.next(), Event::ServiceDown);
    assert_eq!(heard.rest(), []);
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}

#[test]
fn its_turns_rise_with_every_answer() {
    let bench = bench();
    let heard = listen();
    heard.service_up();
    let before = heard.monitor.turns();
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    heard.next();
    bench.pcscd.slot(0).remove();
    heard.next();
    assert!(heard.monitor.turns() > before);
}
