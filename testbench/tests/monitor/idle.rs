//! What the monitor costs while nothing happens, and what it leaves behind.

use std::{fs, time::Duration};

use eimza_kiosk::card::{
    Event,
    monitor::{RECHECK, SETTLE},
};
use testbench::card::Event as OnCard;

use super::bench::{bench, card_in, listen, nothing_happens_for, reader, work_of_the_monitor};

#[test]
fn between_two_events_its_thread_does_not_run() {
    const STRETCH: Duration = Duration::from_secs(12);
    let bench = bench();
    let heard = listen();
    heard.service_up();
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    assert_eq!(heard.next(), card_in(&bench.card, 0));
    nothing_happens_for(SETTLE * 3);
    let (before, turns) = (work_of_the_monitor(), heard.monitor.turns());
    nothing_happens_for(STRETCH);
    assert_eq!(work_of_the_monitor(), before, "it ran though nothing happened");
    assert_eq!(heard.monitor.turns(), turns);
    bench.pcscd.slot(0).remove();
    assert_eq!(heard.next(), Event::CardOut(reader(0)), "and it is still there");
    assert_ne!(work_of_the_monitor(), before, "what is counted moves");
    assert!(STRETCH < RECHECK, "beyond this libpcsclite wakes it by itself");
}

#[test]
fn a_card_gets_no_command_of_it() {
    let bench = bench();
    let before = bench.pcscd.slot(0).events().len();
    let heard = listen();
    heard.service_up();
    for _ in 0..2 {
        bench.pcscd.slot(0).insert(&bench.card).unwrap();
        assert_eq!(heard.next(), card_in(&bench.card, 0));
        bench.pcscd.slot(0).remove();
        assert_eq!(heard.next(), Event::CardOut(reader(0)));
    }
    let events = bench.pcscd.slot(0).events();
    let met = &events[before..];
    assert!(met.contains(&OnCard::Powered), "pcscd itself met the card: {met:?}");
    assert!(!met.iter().any(|event| matches!(event, OnCard::Answered { .. })), "{met:?}");
}

#[test]
fn a_service_that_comes_and_goes_costs_no_descriptor_and_no_thread() {
    let count = |folder: &str| fs::read_dir(folder).unwrap().count();
    let mut bench = bench();
    let heard = listen();
    heard.service_up();
    let mut held = Vec::new();
    for _ in 0..4 {
        bench.pcscd.stop();
        assert_eq!(heard.next(), Event::ServiceDown);
        bench.pcscd.restart().unwrap();
        heard.service_up();
        held.push((count("/proc/self/fd"), count("/proc/self/task")));
    }
    assert!(held.iter().all(|now| now == &held[0]), "{held:?}");
}
