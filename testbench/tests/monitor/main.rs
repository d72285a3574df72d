//! The kiosk's card monitor on a real pcscd: readers, cards, a service that comes and goes.
//!
//! A reader that arrives or is suspended without its service being restarted needs USB: those sequences are tested on
//! the pure part, `src/card/monitor/readers.rs`.

mod bench;
mod hasty;
mod idle;

use std::{
    fs,
    os::unix::net::UnixListener,
    time::{Duration, Instant},
};

use eimza_kiosk::card::Event;
use testbench::{card::Reset, pcscd::READERS};

use bench::{bench, card_in, listen, reader};

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
fn a_socket_that_nobody_listens_at_is_a_service_that_is_down() {
    let mut bench = bench();
    bench.pcscd.stop();
    drop(UnixListener::bind(bench.pcscd.socket()).unwrap());
    assert!(bench.pcscd.socket().exists(), "left behind, as by a crash");
    let heard = listen();
    assert_eq!(heard.next(), Event::ServiceDown);
    bench.pcscd.restart().unwrap();
    heard.service_up();
}

#[test]
fn a_service_that_hangs_up_on_everybody_is_down_until_one_answers() {
    let mut bench = bench();
    bench.pcscd.stop();
    let false_service = UnixListener::bind(bench.pcscd.socket()).unwrap();
    let heard = listen();
    drop(false_service.accept().unwrap());
    assert_eq!(heard.next(), Event::ServiceDown);
    drop(false_service);
    fs::remove_file(bench.pcscd.socket()).unwrap();
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
