//! Directories as AKİS v1.0 cards have them, and as they should not be.

use proptest::prelude::*;

use super::{
    CertificateEntry, KeyEntry, MOST_ENTRIES, PinEntry, application, certificates, directories, keys, pins,
};

/// From the trace of a listing by OpenSC 0.23.
const ODF: &[u8] =
    b"\xA0\x0A\x30\x08\x04\x06\x3F\x00\x50\x15\x44\x02\xA4\x0A\x30\x08\x04\x06\x3F\x00\x50\x15\x44\x04\
\xA8\x0A\x30\x08\x04\x06\x3F\x00\x50\x15\x44\x01\x90\x00";
const DIR: &[u8] = b"\x61\x1E\x4F\x0C\xA0\x00\x00\x00\x63PKCS-15\x50\x08AKIS NES\x51\x04\x3F\x00\x50\x15";

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    [&[tag, u8::try_from(content.len()).unwrap()], content.as_slice()].concat()
}

fn place(path: &[u8]) -> Vec<u8> {
    tlv(0xA1, &[&tlv(0x30, &[&tlv(0x30, &[&tlv(4, &[path])])])])
}

fn label() -> Vec<u8> {
    tlv(0x30, &[&tlv(0x0C, &[b"DENEME"]), &[4, 1, 1]])
}

#[test]
fn the_directories_of_a_card_are_found() {
    let found = directories(ODF);
    assert_eq!(found.keys, [[0x3F, 0, 0x50, 0x15, 0x44, 0x02]]);
    assert_eq!(found.certificates, [[0x3F, 0, 0x50, 0x15, 0x44, 0x04]]);
    assert_eq!(found.pins, [[0x3F, 0, 0x50, 0x15, 0x44, 0x01]]);
    assert_eq!(application(DIR), Some(vec![0x3F, 0, 0x50, 0x15]));
}

#[test]
fn a_certificate_is_listed_with_its_file_and_an_authoritys_is_marked() {
    let holder = tlv(0x30, &[&label(), &tlv(0x30, &[&[4, 1, 0x45]]), &place(&[0x45, 0x01])]);
    let authority =
        tlv(0x30, &[&label(), &tlv(0x30, &[&[4, 1, 0x46], &[1, 1, 0xFF]]), &place(&[0x45, 0x02])]);
    let other_kind = tlv(0xA0, &[&label(), &tlv(0x30, &[&[4, 1, 0x47]]), &place(&[0x45, 0x03])]);
    assert_eq!(
        certificates(&[holder, other_kind, authority, vec![0; 30]].concat()),
        [
            CertificateEntry { id: vec![0x45], authority: false, path: vec![0x45, 0x01] },
            CertificateEntry { id: vec![0x46], authority: true, path: vec![0x45, 0x02] },
        ]
    );
}

#[test]
fn keys_of_both_kinds_are_listed_with_their_reference_and_pin() {
    let class = |reference: &[u8]| {
        tlv(0x30, &[&[4, 1, 0x45], &[3, 3, 6, 0x20, 0x40], &[3, 2, 3, 0xB8], &tlv(2, &[reference])])
    };
    let rsa = tlv(0x30, &[&label(), &class(&[1]), &place(&[0x4B, 0x01])]);
    let ec = tlv(0xA0, &[&label(), &class(&[0, 0x81]), &tlv(0xA0, &[]), &place(&[0x4B, 0x02])]);
    let none = tlv(0x30, &[&tlv(0x30, &[]), &tlv(0x30, &[&[4, 1, 0x46]]), &place(&[0x4B, 0x03])]);
    let expected = |id, pin: &[u8], reference| KeyEntry {
        id: vec![id],
        pin_id: (!pin.is_empty()).then(|| pin.to_vec()),
        reference,
    };
    assert_eq!(
        keys(&[rsa, ec, none].concat()),
        [expected(0x45, &[1], Some(1)), expected(0x45, &[1], Some(0x81)), expected(0x46, &[], None)]
    );
}

#[test]
fn the_holders_pin_and_its_puk_are_listed_and_the_offices_is_not() {
    let pin = |flags: u8, reference: &[u8]| {
        let attributes = tlv(
            0x30,
            &[
                &[3, 2, 0, flags],
                &[0x0A, 1, 1],
                &[2, 1, 4],
                &[2, 1, 16],
                &[2, 1, 16],
                &tlv(0x80, &[reference]),
            ],
        );
        tlv(0x30, &[&label(), &tlv(0x30, &[&[4, 1, 1]]), &tlv(0xA1, &[&attributes])])
    };
    let of = |reference, padded| PinEntry { id: vec![1], reference, padded, unblocks: false };
    assert_eq!(pins(&pin(0xC8, &[0, 0x80])), [of(0x80, false)]);
    assert_eq!(pins(&pin(0xCC, &[1])), [of(1, true)]);
    assert_eq!(
        pins(&[pin(0xCA, &[2]), pin(0xC9, &[3])].concat()),
        [PinEntry { unblocks: true, ..of(2, false) }]
    );
    assert_eq!(pins(&pin(0xC8, &[1, 2, 3])), [], "no reference of a byte");
}

#[test]
fn paths_that_are_no_identifiers_are_left_out() {
    for path in [&[][..], &[0x45], &[0x45; 18]] {
        let entry = tlv(0x30, &[&label(), &tlv(0x30, &[&[4, 1, 0x45]]), &place(path)]);
        assert_eq!(certificates(&entry), [], "{path:?}");
    }
}

#[test]
fn a_directory_without_end_is_looked_at_as_far_as_the_limit() {
    let entry = tlv(0x30, &[&label(), &tlv(0x30, &[&[4, 1, 0x45]]), &place(&[0x45, 0x01])]);
    assert_eq!(certificates(&entry.repeat(500)).len(), MOST_ENTRIES);
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_fail(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = (directories(&bytes), certificates(&bytes), keys(&bytes), pins(&bytes), application(&bytes));
    }

    #[test]
    fn no_change_of_a_directory_makes_a_parser_fail(
        at in 0_usize..64, to in any::<u8>(), end in 0_usize..64,
    ) {
        for file in [ODF, DIR] {
            let mut bytes = file[..file.len().min(end)].to_vec();
            if let Some(byte) = bytes.get_mut(at) {
                *byte = to;
            }
            let _ = (directories(&bytes), certificates(&bytes), keys(&bytes), pins(&bytes), application(&bytes));
        }
    }
}
