//! Test cards: real certificates, made once, that differ in what the session must tell apart.

use std::sync::LazyLock;

use rcgen::{
    CertificateParams, CustomExtension, DistinguishedName, DnType, KeyPair, KeyUsagePurpose, date_time_ymd,
};

use crate::link::signer::TriesLeft;

/// A card as the reader and the signer show it.
#[derive(Debug)]
pub(super) struct TestCard {
    pub(super) atr: Vec<u8>,
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) tries: TriesLeft,
    /// Stands in the holder's name and nowhere else.
    pub(super) mark: String,
}

/// 2026-11-01 12:00 in Turkey: within the last three months of the certificates' validity.
pub(super) const TODAY: i64 = 1_793_523_600;

const PERSON: &[u64] = &[2, 16, 792, 1, 61, 0, 1, 5070, 1, 1];
const SEAL: &[u64] = &[2, 16, 792, 1, 61, 0, 1, 5070, 1, 3];
const ETSI: &[u64] = &[0, 4, 0, 1862, 1, 1];
const POLICY: &[u64] = &[2, 16, 792, 1, 2, 1, 1, 5, 7, 1, 1];

/// Cards a renewal can be done with: one certificate, two, the last try left, tries unknown.
pub(super) static GOOD: LazyLock<Vec<TestCard>> = LazyLock::new(|| {
    let card = |number: u8, certificates: usize, tries| {
        let mark = format!("KARTQ{number}X");
        let name = format!("DENEME {mark}");
        let certificates = (0..certificates).map(|_| qualified(&name)).collect();
        // All have the same ATR but the last one: a card is not known by it.
        let atr = if number == 3 { vec![0x3B, 0x9F, 3] } else { vec![0x3B, 0xBA, 0x11] };
        TestCard { atr, certificates, tries, mark }
    };
    vec![
        card(0, 1, TriesLeft::Known(3)),
        card(1, 2, TriesLeft::Known(3)),
        card(2, 1, TriesLeft::Known(1)),
        card(3, 1, TriesLeft::Unknown),
    ]
});

/// A card with these certificates.
pub(super) fn card(certificates: Vec<Vec<u8>>) -> TestCard {
    TestCard { atr: vec![0x3B, 0xBA, 0x11], certificates, tries: TriesLeft::Known(3), mark: "KARTQ9X".into() }
}

/// Valid 2026-01-01 to 2027-01-01.
pub(super) fn qualified(name: &str) -> Vec<u8> {
    made(name, &[ETSI, PERSON], 2026)
}

/// An electronic seal.
pub(super) fn seal() -> Vec<u8> {
    made("DENEME KURUMU", &[ETSI, SEAL], 2026)
}

/// No qualified certificate at all.
pub(super) fn plain() -> Vec<u8> {
    made("DENEME DÜZ", &[], 2026)
}

/// Qualified, valid for the year that begins then.
pub(super) fn of_year(year: i32) -> Vec<u8> {
    made("DENEME YIL", &[ETSI, PERSON], year)
}

/// Qualified, valid for years to come.
pub(super) fn long(name: &str) -> Vec<u8> {
    spanning((name, "10000000146"), &[ETSI, PERSON], (2026, 2029))
}

/// Qualified, of somebody the register of nationals does not hold.
pub(super) fn numbered(number: &str) -> Vec<u8> {
    of(("DENEME YABANCI", number), &[ETSI, PERSON], 2026)
}

fn made(name: &str, statements: &[&[u64]], year: i32) -> Vec<u8> {
    of((name, "10000000146"), statements, year)
}

fn of(whose: (&str, &str), statements: &[&[u64]], year: i32) -> Vec<u8> {
    spanning(whose, statements, (year, year + 1))
}

fn spanning((name, number): (&str, &str), statements: &[&[u64]], (from, to): (i32, i32)) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), number);
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
    params.key_usages = vec![KeyUsagePurpose::ContentCommitment];
    let ids: Vec<Vec<u8>> = statements.iter().map(|id| tlv(0x30, &[&oid(id)])).collect();
    params.custom_extensions = vec![
        CustomExtension::from_oid_content(&[2, 5, 29, 32], tlv(0x30, &[&tlv(0x30, &[&oid(POLICY)])])),
        CustomExtension::from_oid_content(
            &[1, 3, 6, 1, 5, 5, 7, 1, 3],
            tlv(0x30, &ids.iter().map(Vec::as_slice).collect::<Vec<_>>()),
        ),
    ];
    let key = KeyPair::generate().expect("a key");
    params.self_signed(&key).expect("a certificate").der().to_vec()
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&[tag, u8::try_from(body.len()).expect("short")], body.as_slice()].concat()
}

fn oid(arcs: &[u64]) -> Vec<u8> {
    let text = arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
    tlv(6, &[der::asn1::ObjectIdentifier::new_unwrap(&text).as_bytes()])
}
