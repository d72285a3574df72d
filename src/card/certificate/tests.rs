//! Certificates made for the purpose, each lacking one thing.

use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

use super::{Certificate, CertificateError, SECONDS_A_DAY, Unfit};

const PERSON_1: &[u64] = &[2, 16, 792, 1, 61, 0, 1, 5070, 1, 1];
const PERSON_2: &[u64] = &[2, 16, 792, 1, 61, 0, 1, 5070, 2, 1];
const ETSI: &[u64] = &[0, 4, 0, 1862, 1, 1];
const POLICY: &[u64] = &[2, 16, 792, 1, 2, 1, 1, 5, 7, 1, 1];
/// 2026-01-01 and 2027-01-01, the validity of every certificate here.
const FIRST: i64 = 1_767_225_600;
const LAST: i64 = 1_798_761_600;

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&[tag, u8::try_from(body.len()).expect("short")], body.as_slice()].concat()
}

fn oid(arcs: &[u64]) -> Vec<u8> {
    let text = arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
    tlv(6, &[der::asn1::ObjectIdentifier::new_unwrap(&text).as_bytes()])
}

fn statements(ids: &[&[u64]]) -> Vec<u8> {
    let each: Vec<Vec<u8>> = ids.iter().map(|id| tlv(0x30, &[&oid(id)])).collect();
    tlv(0x30, &each.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn made(name: &str, policy: &[u64], statements: Vec<u8>, usage: KeyUsagePurpose, ca: bool) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), "10000000146");
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params.key_usages = vec![usage];
    if ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    params.custom_extensions = vec![
        CustomExtension::from_oid_content(&[2, 5, 29, 32], tlv(0x30, &[&tlv(0x30, &[&oid(policy)])])),
        CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 3], statements),
    ];
    let key = KeyPair::generate().expect("a key");
    params.self_signed(&key).expect("a certificate").der().to_vec()
}

fn person(ids: &[&[u64]]) -> Certificate {
    let der = made("DENEME İKİNCİ ÖRNEK", POLICY, statements(ids), KeyUsagePurpose::ContentCommitment, false);
    Certificate::parse(&der).expect("a certificate")
}

#[test]
fn name_and_number_are_read_and_never_printed() {
    let certificate = person(&[ETSI, PERSON_1]);
    assert_eq!(certificate.holder().expose(), "DENEME İKİNCİ ÖRNEK");
    assert_eq!(certificate.given_names().expose(), "DENEME İKİNCİ");
    assert_eq!(certificate.surname().expose(), "ÖRNEK");
    assert_eq!(certificate.national_id().expect("there").expose(), "10000000146");
    assert_eq!((certificate.not_before(), certificate.not_after()), (FIRST, LAST));
    let printed = format!("{certificate:?}");
    assert!(!printed.contains("DENEME") && !printed.contains("100000"), "leaked: {printed}");
}

#[test]
fn a_persons_qualified_certificate_is_fit_to_its_last_second() {
    for national in [PERSON_1, PERSON_2] {
        let certificate = person(&[ETSI, national]);
        assert_eq!(certificate.judge(FIRST, None), Ok(()));
        assert_eq!(certificate.judge(LAST, None), Ok(()));
        assert_eq!(certificate.judge(LAST + 1, None), Err(Unfit::Expired));
        assert_eq!(certificate.judge(FIRST - 1, None), Err(Unfit::NotYetValid));
    }
}

#[test]
fn renewal_opens_so_many_days_before_the_end() {
    let certificate = person(&[ETSI, PERSON_1]);
    let possible_from = LAST - 92 * SECONDS_A_DAY;
    assert_eq!(certificate.judge(possible_from - 1, Some(92)), Err(Unfit::TooEarly { possible_from }));
    assert_eq!(certificate.judge(possible_from, Some(92)), Ok(()));
}

#[test]
fn the_statement_inside_the_pkix_syntax_counts() {
    let inside = tlv(0x30, &[&oid(&[1, 3, 6, 1, 5, 5, 7, 11, 1]), &tlv(0x30, &[&oid(ETSI)])]);
    let both = tlv(0x30, &[&inside, &tlv(0x30, &[&oid(PERSON_1)])]);
    let der = made("DENEME ÖRNEK", POLICY, both, KeyUsagePurpose::ContentCommitment, false);
    assert_eq!(Certificate::parse(&der).expect("a certificate").judge(FIRST, None), Ok(()));
}

#[test]
fn a_seal_is_refused_as_a_seal_whatever_else_it_claims() {
    for seal in [&[2, 16, 792, 1, 61, 0, 1, 5070, 1, 3], &[2, 16, 792, 1, 61, 0, 1, 5070, 2, 2]] {
        assert_eq!(person(&[ETSI, PERSON_1, seal]).judge(FIRST, None), Err(Unfit::Seal));
    }
}

#[test]
fn one_missing_mark_makes_it_not_qualified() {
    let judged = |der: Vec<u8>| Certificate::parse(&der).expect("a certificate").judge(FIRST, None);
    let commitment = || KeyUsagePurpose::ContentCommitment;
    let all: &[&[u64]] = &[ETSI, PERSON_1];
    let name = "DENEME ÖRNEK";
    assert_eq!(judged(made(name, POLICY, statements(all), commitment(), false)), Ok(()));
    for other in [
        made(name, &[2, 16, 792, 1, 2], statements(all), commitment(), false),
        made(name, POLICY, statements(&[ETSI]), commitment(), false),
        made(name, POLICY, statements(&[PERSON_1]), commitment(), false),
        made(name, POLICY, statements(all), KeyUsagePurpose::DigitalSignature, false),
        made(name, POLICY, statements(all), commitment(), true),
    ] {
        assert_eq!(judged(other), Err(Unfit::NotQualified));
    }
}

#[test]
fn a_name_that_would_be_seen_as_another_is_none() {
    for name in ["DENEME \u{202E}KENRÖ", "DENEME\u{200B} ÖRNEK", "DENEME\nÖRNEK"] {
        let der = made(name, POLICY, statements(&[]), KeyUsagePurpose::ContentCommitment, false);
        assert_eq!(Certificate::parse(&der).err(), Some(CertificateError::NoName), "{name:?}");
    }
}

#[test]
fn broken_parts_are_named() {
    assert_eq!(Certificate::parse(b"").err(), Some(CertificateError::NotX509));
    let broken = made("DENEME ÖRNEK", POLICY, vec![0x30, 1], KeyUsagePurpose::ContentCommitment, false);
    assert_eq!(Certificate::parse(&broken).err(), Some(CertificateError::Extension("qcStatements")));
    let nameless = made(" ", POLICY, statements(&[]), KeyUsagePurpose::ContentCommitment, false);
    assert_eq!(Certificate::parse(&nameless).err(), Some(CertificateError::NoName));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = Certificate::parse(&bytes);
    }

    #[test]
    fn no_changed_byte_makes_the_reader_panic(at in 0_usize..700, byte in any::<u8>()) {
        static DER: std::sync::LazyLock<Vec<u8>> =
            std::sync::LazyLock::new(|| person(&[ETSI, PERSON_1]).der().to_vec());
        let mut der = DER.clone();
        let at = at % der.len();
        der[at] = byte;
        if let Ok(certificate) = Certificate::parse(&der) {
            let _ = certificate.judge(FIRST, Some(92));
            let _ = (certificate.given_names(), certificate.surname(), certificate.fingerprint());
        }
    }
}
