//! The card's answers to commands, without a reader.

mod dialects;

use std::sync::LazyLock;

use p384::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::Pkcs1v15Sign;
use sha2::{Digest, Sha256, Sha384};

use super::{Card, Counters};
use crate::{
    pki::{Credential, Holder, Key, KeyKind, Pki, Variant},
    visitor::Visitor,
};

struct Bench {
    visitor: Visitor,
    credentials: Vec<Credential>,
    card: Card,
}

/// Its RSA keys cost seconds, so the tests share it.
static PKI: LazyLock<Pki> = LazyLock::new(|| Pki::generate(1_790_000_000).unwrap());

fn bench(kinds: &[KeyKind]) -> Bench {
    let visitor = Visitor::generate(1);
    let name = visitor.full_name();
    let holder = Holder { name: &name, national_id: &visitor.national_id };
    let credentials: Vec<_> =
        kinds.iter().map(|kind| PKI.issue(holder, Variant::Valid, *kind).unwrap()).collect();
    let card = Card::new(&visitor, &credentials, &[PKI.issuer_der().to_vec()]);
    Bench { visitor, credentials, card }
}

impl Bench {
    fn send(&self, header: [u8; 4], data: &[u8]) -> u16 {
        status(&self.card.transmit(&case_3(header, data)))
    }

    fn verify(&self, digits: &str) -> u16 {
        self.send([0x00, 0x20, 0x00, 0x80], digits.as_bytes())
    }

    fn choose_key(&self, reference: u8) -> u16 {
        status(&self.card.transmit(&[0x00, 0x22, 0xC3, reference]))
    }

    fn wrong_pin(&self) -> String {
        self.visitor.pin.chars().rev().collect()
    }
}

fn case_3(header: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut bytes = header.to_vec();
    if !data.is_empty() {
        bytes.push(u8::try_from(data.len()).unwrap());
        bytes.extend(data);
    }
    bytes
}

fn status(answer: &[u8]) -> u16 {
    u16::from_be_bytes(*answer.last_chunk().unwrap())
}

const SIGN: [u8; 4] = [0x00, 0x2A, 0x9E, 0x9A];
const CHAINED_SIGN: [u8; 4] = [0x10, 0x2A, 0x9E, 0x9A];

fn digest_info(text: &[u8]) -> Vec<u8> {
    let prefix: [u8; 19] =
        [0x30, 0x31, 0x30, 0x0D, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
    [prefix.as_slice(), &Sha256::digest(text)].concat()
}

#[test]
fn three_wrong_pins_lock_and_the_puk_opens_with_a_new_pin() {
    let bench = bench(&[KeyKind::P384]);
    let wrong = bench.wrong_pin();
    assert_eq!(bench.verify(&wrong), 0x63C2);
    assert_eq!(bench.verify(&wrong), 0x63C1);
    assert_eq!(bench.verify(&wrong), 0x6983);
    assert_eq!(bench.verify(&bench.visitor.pin), 0x6983);
    assert_eq!(bench.card.tries(), 0);
    let unblock =
        |puk: &str, pin: &str| bench.send([0x00, 0x2C, 0x00, 0x80], (puk.to_owned() + pin).as_bytes());
    assert_eq!(unblock("99999999", "735194"), 0x63C9);
    assert_eq!(unblock(&bench.visitor.puk, "73x194"), 0x6A80);
    assert_eq!(unblock(&bench.visitor.puk, "735194"), 0x9000);
    assert_eq!(bench.verify(&bench.visitor.pin), 0x63C2);
    assert_eq!(bench.verify("735194"), 0x9000);
    assert_eq!(bench.card.tries(), 3);
}

#[test]
fn the_right_pin_gives_all_tries_back() {
    let bench = bench(&[KeyKind::P384]);
    assert_eq!(bench.verify(&bench.wrong_pin()), 0x63C2);
    assert_eq!(bench.verify(&bench.visitor.pin), 0x9000);
    assert_eq!(bench.card.tries(), 3);
    assert_eq!(bench.card.counters().verifies, 2);
}

#[test]
fn asking_for_the_tries_left_costs_none() {
    let bench = bench(&[KeyKind::P384]);
    assert_eq!(bench.verify(""), 0x63C3);
    assert_eq!(bench.verify(&bench.wrong_pin()), 0x63C2);
    assert_eq!(bench.verify(""), 0x63C2);
    assert_eq!(bench.verify(&bench.visitor.pin), 0x9000);
    assert_eq!(bench.verify(""), 0x9000);
    assert_eq!(bench.card.counters(), Counters { commands: 5, verifies: 2, signatures: 0 });
}

#[test]
fn nothing_is_signed_without_a_verified_pin() {
    let bench = bench(&[KeyKind::P384]);
    let digest = Sha384::digest(b"metin");
    assert_eq!(bench.send(SIGN, &digest), 0x6985, "no key chosen");
    assert_eq!(bench.choose_key(2), 0x6A88);
    assert_eq!(bench.choose_key(1), 0x9000);
    assert_eq!(bench.send(SIGN, &digest), 0x6982, "PIN not verified");
    assert_eq!(bench.verify(&bench.visitor.pin), 0x9000);
    assert_eq!(bench.send(SIGN, &digest), 0x9000);
    assert_eq!(bench.send([0x80, 0x1A, 0, 0], &[]), 0x9000);
    assert_eq!(bench.send(SIGN, &digest), 0x6982, "logged out");
    assert_eq!(bench.verify(&bench.visitor.pin), 0x9000);
    bench.card.power();
    assert_eq!(bench.choose_key(1), 0x9000);
    assert_eq!(bench.send(SIGN, &digest), 0x6982, "reset");
    assert_eq!(bench.card.counters().signatures, 1);
}

#[test]
fn rsa_signs_a_digest_info_and_a_block_padded_by_the_host_alike() {
    let bench = bench(&[KeyKind::Rsa2048]);
    let Key::Rsa(key) = &bench.credentials[0].key else { unreachable!() };
    let info = digest_info(b"metin");
    assert_eq!(bench.choose_key(1), 0x9000);
    assert_eq!(bench.verify(&bench.visitor.pin), 0x9000);
    let mut command = case_3(SIGN, &info);
    command.push(0);
    let by_card = bench.card.transmit(&command);
    assert_eq!((by_card.len(), status(&by_card)), (258, 0x9000));

    let block = [&[0, 1], vec![0xFF; 256 - 3 - info.len()].as_slice(), &[0], &info].concat();
    assert_eq!(bench.send(CHAINED_SIGN, &block[..244]), 0x9000);
    let mut last = case_3(SIGN, &block[244..]);
    last.push(244);
    let first = bench.card.transmit(&last);
    assert_eq!((first.len(), status(&first)), (246, 0x610C));
    let rest = bench.card.transmit(&[0x00, 0xC0, 0, 0, 12]);
    assert_eq!((rest.len(), status(&rest)), (14, 0x9000));
    let by_host = [&first[..244], &rest[..12]].concat();
    assert_eq!(by_host, by_card[..256]);
    key.to_public_key().verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(b"metin"), &by_host).unwrap();

    let mut extended = [SIGN.as_slice(), &[0, 1, 0], &block].concat();
    extended.extend([0, 0]);
    assert_eq!(bench.card.transmit(&extended), by_card, "extended lengths say the same");
}

#[test]
fn a_block_without_padding_is_not_signed() {
    let bench = bench(&[KeyKind::Rsa2048]);
    assert_eq!(bench.choose_key(1), 0x9000);
    assert_eq!(bench.verify(&bench.visitor.pin), 0x9000);
    assert_eq!(bench.send(CHAINED_SIGN, &[7; 200]), 0x9000);
    assert_eq!(bench.send(SIGN, &[7; 56]), 0x6A80);
    assert_eq!(bench.send(SIGN, &[7; 51]), 0x6A80, "no DigestInfo");
    assert_eq!(bench.card.counters().signatures, 0);
}

#[test]
fn an_ec_key_signs_a_digest() {
    let bench = bench(&[KeyKind::Rsa2048, KeyKind::P384]);
    let Key::P384(key) = &bench.credentials[1].key else { unreachable!() };
    let digest = Sha384::digest(b"metin");
    assert_eq!(bench.verify(&bench.visitor.pin), 0x9000);
    assert_eq!(bench.choose_key(2), 0x9000);
    let mut command = case_3(SIGN, &digest);
    command.push(0);
    let answer = bench.card.transmit(&command);
    let (signature, [0x90, 0x00]) = answer.split_last_chunk().unwrap() else { panic!("refused") };
    let signature = p384::ecdsa::Signature::from_slice(signature).unwrap();
    key.verifying_key().verify_prehash(&digest, &signature).unwrap();
}

#[test]
fn a_chain_takes_the_same_command_only_and_only_signatures_are_chained() {
    let bench = bench(&[KeyKind::P384]);
    assert_eq!(bench.send([0x10, 0x20, 0x00, 0x80], b"12"), 0x6884);
    assert_eq!(bench.send(CHAINED_SIGN, &[1; 20]), 0x9000);
    assert_eq!(bench.verify(&bench.visitor.pin), 0x6883);
    assert_eq!(bench.verify(&bench.visitor.pin), 0x9000, "the chain is forgotten");
}

#[test]
fn a_wrong_le_names_the_right_one() {
    let bench = bench(&[KeyKind::P384]);
    assert_eq!(bench.send([0x00, 0xA4, 0x08, 0x00], &[0x3F, 0x00, 0x2F, 0x00]), 0x9000);
    let whole = bench.card.transmit(&[0x00, 0xB0, 0, 0, 0]);
    let size = u8::try_from(whole.len() - 2).unwrap();
    assert_eq!(status(&bench.card.transmit(&[0x00, 0xB0, 0, 0, size + 1])), 0x6C00 | u16::from(size));
    assert_eq!(bench.card.transmit(&[0x00, 0xB0, 0, 0, size]), whole);
    assert_eq!(status(&bench.card.transmit(&[0x00, 0xB0, 0x01, 0, 0])), 0x6B00);
}

#[test]
fn an_answer_that_was_not_fetched_is_gone_with_the_next_command() {
    let bench = bench(&[KeyKind::P384]);
    let select = [0x00, 0xA4, 0x08, 0x00, 4, 0x3F, 0x00, 0x2F, 0x00, 3];
    assert_eq!(status(&bench.card.transmit(&select)) & 0xFF00, 0x6100);
    assert_eq!(status(&bench.card.transmit(&[0x00, 0xC0, 0, 0, 0xFF])) & 0xFF00, 0x6C00);
    assert_eq!(bench.verify(""), 0x63C3);
    assert_eq!(status(&bench.card.transmit(&[0x00, 0xC0, 0, 0, 0])), 0x6985);
}

#[test]
fn files_are_found_by_path_name_and_identifier_and_keys_are_not_read() {
    let bench = bench(&[KeyKind::P384]);
    let name = b"\xA0\x00\x00\x00\x63PKCS-15";
    assert_eq!(bench.send([0x00, 0xA4, 0x04, 0x00], name), 0x9000);
    assert_eq!(bench.send([0x00, 0xA4, 0x02, 0x00], &[0x50, 0x31]), 0x9000);
    assert_eq!(bench.send([0x00, 0xA4, 0x02, 0x00], &[0x4B, 0x01]), 0x9000, "a file beside the current one");
    assert_eq!(status(&bench.card.transmit(&[0x00, 0xB0, 0, 0, 4])), 0x6982);
    assert_eq!(bench.send([0x00, 0xA4, 0x00, 0x00], &[0x50, 0x31]), 0x6A82, "not a folder");
    assert_eq!(bench.send([0x00, 0xA4, 0x08, 0x00], &[0x3F, 0x00, 0x50, 0x16]), 0x6A82);
    assert_eq!(bench.send([0x00, 0xA4, 0x00, 0x00], &[]), 0x9000);
    assert_eq!(status(&bench.card.transmit(&[0x00, 0xB0, 0, 0, 4])), 0x6986);
}

#[test]
fn what_it_does_not_know_it_says_so() {
    let bench = bench(&[KeyKind::P384]);
    assert_eq!(bench.send([0x00, 0xD6, 0, 0], &[1]), 0x6D00);
    assert_eq!(bench.send([0xE0, 0xA4, 0, 0], &[]), 0x6E00);
    assert_eq!(status(&bench.card.transmit(&[0x00, 0x20, 0x00, 0x80, 6, 1])), 0x6700);
    assert_eq!(bench.send([0x00, 0x20, 0x00, 0x81], b"123456"), 0x6A88);
    assert_eq!(bench.card.counters().verifies, 0);
}

#[test]
fn the_card_that_was_sent_opens_with_a_pin_of_its_own_and_the_one_in_use_does_not() {
    let visitor = Visitor::generate(1);
    let sent = super::fault::next_card(&PKI, &visitor).unwrap();
    let of_now = super::fault::card(&PKI, &visitor, None).unwrap();
    let verify =
        |card: &Card, digits: &str| status(&card.transmit(&case_3([0, 0x20, 0, 0x80], digits.as_bytes())));
    assert_ne!(visitor.next_card_pin, visitor.pin);
    assert_eq!(verify(&sent, &visitor.pin), 0x63C2);
    assert_eq!(verify(&sent, &visitor.next_card_pin), 0x9000);
    assert_eq!(verify(&of_now, &visitor.next_card_pin), 0x63C2);
    assert_eq!(verify(&of_now, &visitor.pin), 0x9000);
}
