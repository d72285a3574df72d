//! What cards of v2, cards over T=0 and cards with a quirk take, and what they refuse.

use super::*;
use crate::card::{Model, Quirk};

fn bench_of(model: Model, kinds: &[KeyKind]) -> Bench {
    let bench = bench(kinds);
    let card = Card::of(model, &bench.visitor, &bench.credentials, &[PKI.issuer_der().to_vec()]);
    Bench { card, ..bench }
}

/// With the PIN of v2.
const VERIFY_2: [u8; 4] = [0x00, 0x20, 0x00, 0x01];
const TEMPLATE: [u8; 4] = [0x00, 0x22, 0x41, 0xB6];

#[test]
fn a_card_of_v2_wants_the_pin_before_every_signature_and_pads_itself() {
    let bench = bench_of(Model::V2, &[KeyKind::Rsa2048]);
    let info = digest_info(b"metin");
    let block = [&[0, 1], vec![0xFF; 256 - 3 - info.len()].as_slice(), &[0], &info].concat();
    assert_eq!(bench.choose_key(1), 0x6A86, "the way of v1.0");
    assert_eq!(bench.send(TEMPLATE, &[0x84, 0x01, 0x01]), 0x6A80, "a reference without 80");
    assert_eq!(bench.send(TEMPLATE, &[0x84, 0x01, 0x82]), 0x6A88);
    assert_eq!(bench.send(TEMPLATE, &[0x84, 0x01, 0x81]), 0x9000);
    assert_eq!(bench.send(SIGN, &info), 0x6982, "no PIN");
    assert_eq!(bench.send(VERIFY_2, bench.visitor.pin.as_bytes()), 0x9000);
    let extended = [SIGN.as_slice(), &[0, 1, 0], &block, &[1, 0]].concat();
    assert_eq!(status(&bench.card.transmit(&extended)), 0x6700, "the host's padding");
    assert_eq!(bench.send(SIGN, &info), 0x9000);
    assert_eq!(bench.send(SIGN, &info), 0x6982, "the PIN was good for one");
    assert_eq!(bench.card.counters().signatures, 1);
}

#[test]
fn a_card_of_v2_takes_a_try_for_an_empty_verify_and_locks_with_6983() {
    let bench = bench_of(Model::V2, &[KeyKind::P384]);
    assert_eq!(bench.verify(&bench.visitor.pin), 0x6A88, "the reference of v1.0");
    assert_eq!(status(&bench.card.transmit(&VERIFY_2)), 0x63C2);
    assert_eq!(bench.send(VERIFY_2, bench.wrong_pin().as_bytes()), 0x63C1);
    assert_eq!(bench.send(VERIFY_2, bench.wrong_pin().as_bytes()), 0x6983);
    assert_eq!(bench.send(VERIFY_2, bench.visitor.pin.as_bytes()), 0x6983);
}

#[test]
fn a_card_of_v2_takes_a_new_pin_from_whoever_knows_the_old_one_or_the_puk() {
    let bench = bench_of(Model::V2, &[KeyKind::P384]);
    let change =
        |old: &str, new: &str| bench.send([0x00, 0x24, 0x00, 0x01], (old.to_owned() + new).as_bytes());
    assert_eq!(change(&bench.wrong_pin(), "735194"), 0x63C2);
    assert_eq!(change(&bench.visitor.pin, "735194"), 0x9000);
    bench.card.set_tries(0);
    let set = |new: &str| bench.send([0x00, 0x2C, 0x02, 0x01], new.as_bytes());
    assert_eq!(set("481526"), 0x6982, "without the PUK");
    assert_eq!(bench.send([0x00, 0x20, 0x00, 0x02], b"99999999"), 0x63C9);
    assert_eq!(bench.send([0x00, 0x20, 0x00, 0x02], bench.visitor.puk.as_bytes()), 0x9000);
    assert_eq!(set("481526"), 0x9000);
    assert_eq!(set("481527"), 0x6982, "the PUK was good for one");
    assert_eq!(bench.send(VERIFY_2, b"481526"), 0x9000);
}

#[test]
fn the_application_of_v2_is_found_by_its_name_alone_and_long_answers_come_whole() {
    let bench = bench_of(Model::V2, &[KeyKind::P384]);
    assert_eq!(bench.send([0x00, 0xA4, 0x08, 0x00], &[0x3F, 0x00, 0x50, 0x15]), 0x6A82);
    assert_eq!(bench.send([0x00, 0xA4, 0x04, 0x00], b"PKCS-15"), 0x9000);
    assert_eq!(bench.send([0x00, 0xA4, 0x02, 0x00], &[0x2F, 0x10]), 0x9000);
    let whole = bench.card.transmit(&[0x00, 0xB0, 0, 0, 0, 4, 0]);
    assert_eq!(whole.split_last_chunk::<2>(), Some((&bench.credentials[0].certificate[..], &[0x90, 0])));
}

#[test]
fn over_t0_data_go_one_way_at_a_time_and_lengths_are_exact() {
    let bench = bench_of(Model::V1_0OverT0, &[KeyKind::Rsa2048]);
    let select = [0x00, 0xA4, 0x08, 0x00, 4, 0x3F, 0x00, 0x2F, 0x00];
    let answer = bench.card.transmit(&select);
    let &[0x61, size] = answer.as_slice() else { panic!("{answer:02X?}") };
    assert_eq!(status(&bench.card.transmit(&[0x00, 0xC0, 0, 0, 0])), 0x6C00 | u16::from(size));
    assert_eq!(bench.card.transmit(&[0x00, 0xC0, 0, 0, size]).len(), usize::from(size) + 2);
    let with_le = [select.as_slice(), &[0]].concat();
    assert_eq!(status(&bench.card.transmit(&with_le)), 0x6700, "data both ways");
    assert_eq!(status(&bench.card.transmit(&[0x00, 0x22, 0xC3, 1])), 0x6700, "no P3");
    assert_eq!(bench.card.transmit(&select).len(), 2);
    let wrong = status(&bench.card.transmit(&[0x00, 0xB0, 0, 0, 0]));
    assert_eq!(wrong & 0xFF00, 0x6C00, "Le 00 is 256");
    let right = u8::try_from(wrong & 0xFF).unwrap();
    assert_eq!(bench.card.transmit(&[0x00, 0xB0, 0, 0, right]).len(), usize::from(right) + 2);

    assert_eq!(status(&bench.card.transmit(&[0x00, 0x22, 0xC3, 1, 0])), 0x9000);
    assert_eq!(bench.verify(&bench.visitor.pin), 0x9000);
    assert_eq!(bench.send(SIGN, &digest_info(b"metin")), 0x6100, "256 bytes to be fetched");
    assert_eq!(bench.card.transmit(&[0x00, 0xC0, 0, 0, 0]).len(), 258);
}

#[test]
fn a_card_with_a_quirk_departs_in_that_alone() {
    let with = |quirk| bench(&[KeyKind::P384]).card.with(quirk);
    let select = case_3([0x00, 0xA4, 0x08, 0x00], &[0x3F, 0x00, 0x50, 0x15, 0x50, 0x31]);
    let asking = [select.as_slice(), &[0]].concat();
    assert_eq!(status(&with(Quirk::ExactLe).transmit(&asking)) & 0xFF00, 0x6C00);
    assert_eq!(status(&with(Quirk::NoDirectory).transmit(&select)), 0x6A82);
    assert_eq!(status(&with(Quirk::BrokenDirectory).transmit(&select)), 0x9000);
    assert_eq!(status(&with(Quirk::NoChaining).transmit(&case_3(CHAINED_SIGN, &[1; 9]))), 0x6884);
    let lost = with(Quirk::ChainIsLost);
    assert_eq!(status(&lost.transmit(&case_3(CHAINED_SIGN, &[1; 9]))), 0x9000);
    assert_eq!(status(&lost.transmit(&case_3(SIGN, &[1; 9]))), 0x6883);
    let unsaid = with(Quirk::SecondNoUnsaid);
    let no = [0x00, 0x20, 0x00, 0x80, 4, 0x31, 0x32, 0x33, 0x34];
    assert_eq!([0; 3].map(|_| status(&unsaid.transmit(&no))), [0x63C2, 0x6F00, 0x6983]);
    let secure = with(Quirk::SecureMessaging);
    assert_eq!(status(&secure.transmit(&select)), 0x9000);
    for refused in
        [&[0x00, 0xB0, 0, 0, 4][..], &[0x00, 0x20, 0x00, 0x80, 2, 0x31, 0x32], &[0, 0xCA, 1, 6, 77]]
    {
        assert_eq!(status(&secure.transmit(refused)), 0x6987);
    }
    assert_eq!(secure.counters().verifies, 0);
}
