//! The emulated card as others see it: OpenSC's tools and PC/SC clients over a real pcscd.
//!
//! Each test has a pcscd of its own. libpcsclite looks up its socket once per process, so a test that is itself
//! a client runs that part in a child: this program again, with `bench::ROLE` set and the test's own name.

mod bench;
mod ports;
mod tools;

use std::{ffi::CString, time::Duration};

use bench::{Bench, PATIENCE, PKI, errors, openssl_verifies, role, transmit, watch};
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    session::UserType,
    types::AuthPin,
};
use pcsc::{Context, Disposition, Protocols, ReaderState, Scope, ShareMode, State};
use testbench::{
    card::{Card, Event, Pull, Timing, fault::CardFault},
    opensc,
    pcscd::READERS,
    pki::{Holder, KeyKind, Variant},
};

#[test]
fn a_client_that_waits_for_a_card_is_told_of_it() {
    if role().is_some() {
        let context = Context::establish(Scope::User).unwrap();
        let mut states = [ReaderState::new(CString::new(READERS[0]).unwrap(), State::EMPTY)];
        while !states[0].event_state().contains(State::PRESENT) {
            context.get_status_change(PATIENCE, &mut states).unwrap();
            states[0].sync_current_state();
        }
        return;
    }
    let bench = Bench::new(None);
    let waiting = bench.client("a_client_that_waits_for_a_card_is_told_of_it", "wait");
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    waiting.finish();
}

#[test]
fn a_client_sees_a_card_come_and_go_and_the_service_too() {
    if role().is_some() {
        return watch();
    }
    let mut bench = Bench::new(None);
    let mut client = bench.client("a_client_sees_a_card_come_and_go_and_the_service_too", "watch");
    assert_eq!(client.next(), "empty");
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    assert_eq!(client.next(), "card of 19 bytes");
    bench.pcscd.slot(0).remove();
    assert_eq!(client.next(), "empty");
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    assert_eq!(client.next(), "card of 19 bytes");
    bench.pcscd.stop();
    assert_eq!(client.next(), "no service");
    bench.pcscd.restart().unwrap();
    client.go_on();
    assert_eq!(client.next(), "empty");
    assert_eq!(client.next(), "card of 19 bytes");
}

#[test]
fn a_mute_card_is_there_and_does_not_answer() {
    if role().is_some() {
        return watch();
    }
    let bench = Bench::new(Some(CardFault::Mute));
    let mut client = bench.client("a_mute_card_is_there_and_does_not_answer", "watch");
    assert_eq!(client.next(), "empty");
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    assert_eq!(client.next(), "mute");
    bench.pcscd.slot(0).remove();
    assert_eq!(client.next(), "empty");
}

#[test]
fn opensc_takes_an_unknown_card_for_none_of_its_own() {
    let bench = Bench::new(Some(CardFault::UnknownAtr));
    bench.insert();
    let listed = errors(&bench.pkcs11(&["--list-slots"]));
    assert!(listed.contains("token not recognized"), "{listed}");
    assert!(!bench.sign(&bench.visitor.pin).status.success());
    assert_eq!(bench.card.counters().verifies, 0);
}

#[test]
fn a_card_pulled_at_verify_or_at_sign_fails_and_works_again_once_it_is_back() {
    for (pull, verifies) in [(Pull::AtVerify, 0), (Pull::AtSign, 1)] {
        let bench = Bench::new(None);
        bench.insert();
        bench.pcscd.slot(0).arm(pull);
        let output = bench.sign(&bench.visitor.pin);
        assert!(!output.status.success(), "{pull:?}");
        assert!(!bench.pcscd.slot(0).is_occupied());
        assert_eq!(
            (bench.card.counters().verifies, bench.card.counters().signatures),
            (verifies, 0),
            "{pull:?}"
        );
        bench.insert();
        let output = bench.sign(&bench.visitor.pin);
        assert!(output.status.success(), "{pull:?}: {}", errors(&output));
        assert_eq!(bench.card.counters().verifies, verifies + 1, "{pull:?}");
    }
}

#[test]
fn a_card_put_back_at_once_is_seen_to_have_been_away() {
    if role().is_some() {
        return watch();
    }
    let bench = Bench::new(None);
    let mut client = bench.client("a_card_put_back_at_once_is_seen_to_have_been_away", "watch");
    assert_eq!(client.next(), "empty");
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    assert_eq!(client.next(), "card of 19 bytes");
    bench.pcscd.slot(0).arm(Pull::AtSign);
    assert!(!bench.sign(&bench.visitor.pin).status.success());
    bench.pcscd.slot(0).insert(&bench.card).unwrap();
    assert_eq!(client.next(), "empty");
    assert_eq!(client.next(), "card of 19 bytes");
}

#[test]
fn a_card_that_falls_silent_holds_the_caller_until_it_is_pulled() {
    let bench = Bench::new(None);
    bench.insert();
    let slot = bench.pcscd.slot(0);
    slot.arm(Pull::SilentAtSign);
    std::thread::scope(|scope| {
        let signing = scope.spawn(|| bench.sign(&bench.visitor.pin));
        assert!(slot.wait_for(PATIENCE, |events| events.contains(&Event::Silent)));
        assert!(!signing.is_finished());
        slot.remove();
        assert!(!signing.join().unwrap().status.success());
    });
    assert_eq!(bench.card.counters().signatures, 0);
}

#[test]
fn both_of_two_credentials_sign_by_their_identifiers() {
    let bench = Bench::new(Some(CardFault::TwoCertificates));
    bench.insert();
    std::fs::write(bench.path("text"), "metin").unwrap();
    for id in ["45", "46"] {
        let output = bench.pkcs11(&[
            "--login",
            "--pin",
            &bench.visitor.pin,
            "--sign",
            "--id",
            id,
            "--mechanism",
            "SHA256-RSA-PKCS",
            "--input-file",
            "text",
            "--output-file",
            "signature",
        ]);
        assert!(output.status.success(), "{id}: {}", errors(&output));
        assert!(
            bench
                .pkcs11(&["--read-object", "--type", "cert", "--id", id, "--output-file", "der"])
                .status
                .success()
        );
        assert!(openssl_verifies(bench.folder.path(), &std::fs::read(bench.path("der")).unwrap()), "{id}");
    }
}

#[test]
fn from_login_to_logout_no_other_client_reaches_the_card() {
    if role().is_some() {
        let other = Context::establish(Scope::User).unwrap();
        let reader = CString::new(READERS[0]).unwrap();
        let card = other.connect(&reader, ShareMode::Shared, Protocols::ANY).unwrap();
        let module = Pkcs11::new(opensc::module().unwrap()).unwrap();
        module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
        let slot = module.get_slots_with_token().unwrap()[0];
        let session = module.open_ro_session(slot).unwrap();
        session.login(UserType::User, Some(&AuthPin::new(std::env::var("PIN").unwrap().into()))).unwrap();
        std::thread::scope(|scope| {
            let (answers, answered) = std::sync::mpsc::channel();
            let card = &card;
            scope.spawn(move || {
                for command in [&[0x00, 0x22, 0xC3, 0x01][..], &[0x00, 0x2A, 0x9E, 0x9A, 2, 0x30, 0x00]] {
                    answers.send(transmit(card, command)).unwrap();
                }
            });
            // libpcsclite tries again and again while another client holds the card.
            assert!(answered.recv_timeout(Duration::from_millis(700)).is_err(), "not locked");
            session.logout().unwrap();
            assert_eq!(answered.recv_timeout(PATIENCE).unwrap(), [0x90, 0x00]);
            assert_eq!(answered.recv_timeout(PATIENCE).unwrap(), [0x69, 0x82], "signed without a PIN");
        });
        return;
    }
    let bench = Bench::new(None);
    bench.insert();
    bench.client("from_login_to_logout_no_other_client_reaches_the_card", "login").finish();
    assert_eq!((bench.card.counters().verifies, bench.card.counters().signatures), (1, 0));
}

#[test]
fn an_ec_key_signs_over_pcsc_though_opensc_knows_no_way_to_use_it() {
    if role().is_some() {
        let context = Context::establish(Scope::User).unwrap();
        let reader = CString::new(READERS[0]).unwrap();
        let card = context.connect(&reader, ShareMode::Exclusive, Protocols::T1).unwrap();
        let pin = std::env::var("PIN").unwrap();
        assert_eq!(transmit(&card, &[&[0x00, 0x20, 0x00, 0x80, 6], pin.as_bytes()].concat()), [0x90, 0x00]);
        assert_eq!(transmit(&card, &[0x00, 0x22, 0xC3, 0x01]), [0x90, 0x00]);
        let command = [&[0x00, 0x2A, 0x9E, 0x9A, 48], [7; 48].as_slice(), &[0]].concat();
        let answer = transmit(&card, &command);
        assert_eq!(answer.len(), 96 + 2);
        assert_eq!(answer[96..], [0x90, 0x00]);
        card.disconnect(Disposition::ResetCard).map_err(|(_, error)| error).unwrap();
        return;
    }
    let bench = Bench::with(|visitor| {
        let name = visitor.full_name();
        let holder = Holder { name: &name, national_id: &visitor.national_id };
        let credential = PKI.issue(holder, Variant::Valid, KeyKind::P384).unwrap();
        Card::new(visitor, &[credential], &[])
    });
    bench.insert();
    bench.client("an_ec_key_signs_over_pcsc_though_opensc_knows_no_way_to_use_it", "sign").finish();
    assert_eq!(bench.card.counters().signatures, 1);
    let mechanisms = errors(&bench.pkcs11(&["--list-mechanisms"]));
    assert!(mechanisms.contains("SHA256-RSA-PKCS") && !mechanisms.contains("ECDSA"), "{mechanisms}");
}

#[test]
fn a_slow_card_takes_its_time() {
    let bench = Bench::new(None);
    let slot = bench.pcscd.slot(0);
    bench.insert();
    slot.set_timing(Timing { sign: Duration::from_millis(700), ..Timing::NONE });
    let started = std::time::Instant::now();
    let output = bench.sign(&bench.visitor.pin);
    assert!(output.status.success(), "{}", errors(&output));
    assert!(started.elapsed() >= Duration::from_millis(700));
}
