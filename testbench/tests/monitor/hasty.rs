//! Cards that are swapped faster than anybody looks, and readers that others hold.

use eimza_kiosk::card::Event;
use pcsc::{Context, Disposition, Protocols, Scope, ShareMode};
use testbench::{card::Reset, pcscd::READERS};

use super::bench::{another, bench, card_in, listen, reader};

#[test]
fn cards_swapped_faster_than_the_events_arrive_end_with_the_one_that_is_in() {
    let bench = bench();
    let other = another(&bench.card);
    let heard = listen();
    heard.service_up();
    let slot = bench.pcscd.slot(0);
    slot.insert(&bench.card).unwrap();
    assert_eq!(heard.next(), card_in(&bench.card, 0));
    for _ in 0..10 {
        slot.insert(&other).unwrap();
        slot.insert(&bench.card).unwrap();
    }
    slot.insert(&other).unwrap();
    // In whatever order: no card comes that another has not left for, and the last one stands.
    let last = card_in(&other, 0);
    let mut is_in = true;
    loop {
        let event = heard.next();
        match &event {
            Event::CardIn { .. } | Event::CardMute(_) => {
                assert!(!std::mem::replace(&mut is_in, true), "{event:?}")
            }
            Event::CardOut(_) => assert!(std::mem::replace(&mut is_in, false), "{event:?}"),
            Event::ServiceUp | Event::ServiceDown | Event::ReaderIn(_) | Event::ReaderOut(_) => {
                panic!("{event:?}")
            }
        }
        if event == last {
            break;
        }
    }
    slot.remove();
    assert_eq!(heard.next(), Event::CardOut(reader(0)));
}

#[test]
fn a_card_that_was_upside_down_answers_once_it_is_turned() {
    let bench = bench();
    let heard = listen();
    heard.service_up();
    let slot = bench.pcscd.slot(0);
    for _ in 0..2 {
        slot.insert(&bench.card.clone().answering(Reset::Mute)).unwrap();
        assert_eq!(heard.next(), Event::CardMute(reader(0)));
        slot.remove();
        assert_eq!(heard.next(), Event::CardOut(reader(0)));
    }
    slot.insert(&bench.card).unwrap();
    assert_eq!(heard.next(), card_in(&bench.card, 0));
}

#[test]
fn two_readers_are_told_apart() {
    let bench = bench();
    let other = another(&bench.card);
    let heard = listen();
    heard.service_up();
    bench.pcscd.slot(1).insert(&other).unwrap();
    assert_eq!(heard.next(), card_in(&other, 1));
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    assert_eq!(heard.next(), card_in(&bench.card, 0));
    bench.pcscd.slot(1).remove();
    assert_eq!(heard.next(), Event::CardOut(reader(1)));
    bench.pcscd.slot(0).remove();
    assert_eq!(heard.next(), Event::CardOut(reader(0)));
}

#[test]
fn a_reader_that_another_program_holds_is_still_told_of() {
    let bench = bench();
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    let heard = listen();
    heard.service_up();
    assert_eq!(heard.next(), card_in(&bench.card, 0));
    let context = Context::establish(Scope::User).unwrap();
    let name = std::ffi::CString::new(READERS[0]).unwrap();
    let held = context.connect(&name, ShareMode::Exclusive, Protocols::ANY).unwrap();
    let in_vain = context.connect(&name, ShareMode::Shared, Protocols::ANY).map(drop);
    assert_eq!(in_vain, Err(pcsc::Error::SharingViolation), "it is held");
    bench.pcscd.slot(1).insert(&bench.card).unwrap();
    assert_eq!(heard.next(), card_in(&bench.card, 1), "of the other reader");
    bench.pcscd.slot(0).remove();
    assert_eq!(heard.next(), Event::CardOut(reader(0)), "and of a card that goes while it is held");
    drop(held.disconnect(Disposition::LeaveCard));
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    assert_eq!(heard.next(), card_in(&bench.card, 0));
}
