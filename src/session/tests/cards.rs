//! Test cards: real certificates, made once, that differ in what the session must tell apart.

use std::sync::LazyLock;

use p384::{ecdsa::SigningKey, ecdsa::signature::hazmat::PrehashSigner, pkcs8::DecodePrivateKey};
use rcgen::{
    CertificateParams, CustomExtension, DistinguishedName, DnType, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use sha2::{Digest, Sha256};

use crate::{
    link::signer::{Fingerprint, TriesLeft},
    signature::{ContentType, Draft},
};

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

/// A card with its key, of somebody who may help others where the list names it.
pub(super) struct StaffCard {
    pub(super) certificate: Vec<u8>,
    key: SigningKey,
}

/// The national identity number of [`STAFF`].
pub(super) const STAFF_ID: &str = "20000000282";

/// The one of the list.
pub(super) static STAFF: LazyLock<StaffCard> = LazyLock::new(|| StaffCard::new(2026));

impl StaffCard {
    /// Valid for the year that begins then.
    pub(super) fn new(year: i32) -> Self {
        let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).expect("a key");
        let key = SigningKey::from_pkcs8_der(pair.serialized_der()).expect("the same key");
        let certificate = signed_by(&pair, ("DENEME YETKILI", STAFF_ID), &[ETSI, PERSON], (year, year + 1));
        Self { certificate, key }
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Sha256::digest(&self.certificate).into())
    }

    pub(super) fn card(&self) -> TestCard {
        card(vec![self.certificate.clone()])
    }

    pub(super) fn sign(&self, content_type: ContentType, text: &[u8], time: i64) -> Vec<u8> {
        let draft = Draft::new(content_type, text, &self.certificate, time).expect("a draft");
        let value: p384::ecdsa::Signature = self.key.sign_prehash(&draft.digest()).expect("a value");
        draft.enclose(value.to_der().as_bytes()).expect("a signature")
    }
}

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

/// The same, most of whose years are over.
pub(super) fn old(name: &str) -> Vec<u8> {
    spanning((name, "10000000146"), &[ETSI, PERSON], (2023, 2028))
}

/// Qualified, of somebody the register of nationals does not hold.
pub(super) fn numbered(number: &str) -> Vec<u8> {
    of(("DENEME YABANCI", number), &[ETSI, PERSON], 2026)
}

fn made(name: &str, statements: &[&[u64]], year: i32) -> Vec<u8> {
    of((name, "10000000146"), statements, year)
}

fn of(holder: (&str, &str), statements: &[&[u64]], year: i32) -> Vec<u8> {
    spanning(holder, statements, (year, year + 1))
}

fn spanning(holder: (&str, &str), statements: &[&[u64]], years: (i32, i32)) -> Vec<u8> {
    signed_by(&KeyPair::generate().expect("a key"), holder, statements, years)
}

fn signed_by(
    key: &KeyPair,
    (name, number): (&str, &str),
    statements: &[&[u64]],
    (from, to): (i32, i32),
) -> Vec<u8> {
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
    params.self_signed(key).expect("a certificate").der().to_vec()
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&[tag, u8::try_from(body.len()).expect("short")], body.as_slice()].concat()
}

fn oid(arcs: &[u64]) -> Vec<u8> {
    let text = arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
    tlv(6, &[der::asn1::ObjectIdentifier::new_unwrap(&text).as_bytes()])
}
