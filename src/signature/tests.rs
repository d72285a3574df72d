//! OpenSSL is the judge: it shares no code with this crate.

use std::{io::Write, path::Path, process::Command, sync::LazyLock};

use p384::{ecdsa::signature::hazmat::PrehashSigner, pkcs8::DecodePrivateKey};
use proptest::prelude::*;
use rsa::{pkcs1v15::SigningKey, pkcs8::EncodePrivateKey};
use sha2::{Digest, Sha256};
use signature::{SignatureEncoding, Signer};

use super::{Algorithm, ContentType, Draft, SignatureError, check};

const TEXT: &str = "Aşağıda yazılı bütün bilgilerin doğru olduğunu,\r\nbeyan ederim.\nAD: DENEME\n";
const TIME: i64 = 1_790_000_000;
const DATA: ContentType = ContentType::Data;
const ALL: [ContentType; 4] = [DATA, ContentType::Login, ContentType::CardTest, ContentType::Assistance];

type Sign = Box<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

struct Identity {
    certificate: Vec<u8>,
    pem: String,
    sign: Sign,
}

fn certified(key: &rcgen::KeyPair, sign: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Identity {
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, "DENEME ÖRNEK");
    params.key_usages = vec![rcgen::KeyUsagePurpose::ContentCommitment];
    let certificate = params.self_signed(key).unwrap();
    Identity { certificate: certificate.der().to_vec(), pem: certificate.pem(), sign: Box::new(sign) }
}

static RSA: LazyLock<Identity> = LazyLock::new(|| {
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
    let der = key.to_pkcs8_der().unwrap();
    let pair = rcgen::KeyPair::try_from(der.as_bytes()).unwrap();
    let key = SigningKey::<Sha256>::new(key);
    certified(&pair, move |message| key.sign(message).to_vec())
});

static P384: LazyLock<Identity> = LazyLock::new(|| {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let key = p384::ecdsa::SigningKey::from_pkcs8_der(pair.serialized_der()).unwrap();
    certified(&pair, move |message| {
        let value: p384::ecdsa::Signature = key.sign_prehash(&Sha256::digest(message)).unwrap();
        value.to_der().as_bytes().to_vec()
    })
});

fn signed(identity: &Identity, text: &str) -> Vec<u8> {
    signed_for(DATA, identity, text)
}

fn signed_for(content_type: ContentType, identity: &Identity, text: &str) -> Vec<u8> {
    let draft = Draft::new(content_type, text.as_bytes(), &identity.certificate, TIME).unwrap();
    let value = (identity.sign)(draft.to_be_signed());
    draft.enclose(&value).unwrap()
}

/// What OpenSSL takes out of the envelope, or its complaint.
fn openssl(envelope: &[u8], trusted: &str) -> Result<Vec<u8>, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
        path
    };
    let (envelope, root) = (file("in.p7s", envelope), file("ca.pem", trusted.as_bytes()));
    let out = folder.path().join("out");
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let ran = Command::new("openssl")
        .args(["cms", "-verify", "-cades", "-inform", "der", "-binary", "-in", &path(&envelope)])
        .args(["-CAfile", &path(&root), "-out", &path(&out)])
        .output()
        .unwrap();
    if ran.status.success() {
        Ok(std::fs::read(out).unwrap())
    } else {
        Err(String::from_utf8_lossy(&ran.stderr).into_owned())
    }
}

#[test]
fn openssl_accepts_a_signature_of_either_key_and_returns_exactly_the_text() {
    for (identity, algorithm) in [(&*RSA, Algorithm::RsaSha256), (&*P384, Algorithm::EcdsaP384Sha256)] {
        assert_eq!(Algorithm::of(&identity.certificate), Ok(algorithm));
        let envelope = signed(identity, TEXT);
        assert_eq!(openssl(&envelope, &identity.pem), Ok(TEXT.as_bytes().to_vec()));
    }
}

#[test]
fn a_signature_for_one_purpose_is_none_for_another_and_openssl_accepts_each() {
    for made in ALL {
        let envelope = signed_for(made, &P384, TEXT);
        assert_eq!(openssl(&envelope, &P384.pem), Ok(TEXT.as_bytes().to_vec()), "{made:?}");
        for wanted in ALL {
            let found = check(&envelope, wanted, TEXT.as_bytes(), &P384.certificate);
            assert_eq!(found.is_ok(), made == wanted, "{made:?} taken for {wanted:?}: {found:?}");
        }
    }
}

#[test]
fn the_purpose_is_signed_and_not_only_written_on_the_envelope() {
    // 1.3.6.1.4.1.32473.1.1, as eContentType first and in the signed attribute later.
    const LOGIN: &[u8] = &[0x2B, 0x06, 0x01, 0x04, 0x01, 0x81, 0xFD, 0x59, 0x01, 0x01];
    let mut relabelled = signed_for(ContentType::Login, &P384, TEXT);
    let is_login = |window: &[u8]| window == LOGIN;
    assert_eq!(relabelled.windows(LOGIN.len()).filter(|window| is_login(window)).count(), 2);
    for envelope_and_attribute in 0..2 {
        let at = relabelled.windows(LOGIN.len()).position(is_login).unwrap() + LOGIN.len() - 1;
        relabelled[at] = 0x02;
        let found = check(&relabelled, ContentType::CardTest, TEXT.as_bytes(), &P384.certificate);
        let expected = [SignatureError::Mismatch("content type"), SignatureError::Forged];
        assert_eq!(found, Err(expected[envelope_and_attribute]));
    }
}

#[test]
fn openssl_refuses_a_changed_text_and_another_root() {
    let mut envelope = signed(&RSA, TEXT);
    assert!(openssl(&envelope, &P384.pem).is_err());
    let at = envelope.windows(6).position(|window| window == b"DENEME").unwrap();
    envelope[at] = b'G';
    assert!(openssl(&envelope, &RSA.pem).is_err());
}

#[test]
fn the_same_inputs_give_the_same_envelope() {
    assert_eq!(signed(&RSA, TEXT), signed(&RSA, TEXT));
}

#[test]
fn signing_time_is_a_utc_time_until_2049_and_a_generalized_time_after() {
    for (unix, tag_and_text) in
        [(TIME, b"\x17\x0d260921141320Z".as_slice()), (2_524_608_000, b"\x18\x0f20500101000000Z".as_slice())]
    {
        let draft = Draft::new(DATA, TEXT.as_bytes(), &RSA.certificate, unix).unwrap();
        let found = draft.to_be_signed().windows(tag_and_text.len()).any(|window| window == tag_and_text);
        assert!(found, "{unix}");
    }
    assert_eq!(Draft::new(DATA, b"x", &RSA.certificate, -1).err(), Some(SignatureError::Time));
}

#[test]
fn a_value_of_another_key_or_over_other_bytes_never_leaves() {
    let draft = || Draft::new(DATA, TEXT.as_bytes(), &RSA.certificate, TIME).unwrap();
    let other = Draft::new(DATA, b"another text", &RSA.certificate, TIME).unwrap();
    assert_eq!(draft().enclose(&(RSA.sign)(other.to_be_signed())), Err(SignatureError::Forged));
    assert_eq!(draft().enclose(&(P384.sign)(draft().to_be_signed())), Err(SignatureError::Forged));
    assert_eq!(draft().enclose(&[]), Err(SignatureError::Forged));
}

#[test]
fn the_check_names_what_does_not_fit() {
    let envelope = signed(&RSA, TEXT);
    assert_eq!(check(&envelope, DATA, TEXT.as_bytes(), &RSA.certificate), Ok(()));
    assert_eq!(check(&envelope, DATA, b"other", &RSA.certificate), Err(SignatureError::Mismatch("text")));
    assert_eq!(
        check(&envelope, DATA, TEXT.as_bytes(), &P384.certificate),
        Err(SignatureError::Mismatch("certificate"))
    );
    assert!(matches!(check(b"0", DATA, b"", &RSA.certificate), Err(SignatureError::Malformed(_))));
}

#[test]
fn keys_of_other_kinds_and_sizes_are_refused() {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let p256 = certified(&pair, |_| Vec::new());
    assert!(matches!(Algorithm::of(&p256.certificate), Err(SignatureError::Key(_))));
    assert!(matches!(Algorithm::of(b"none"), Err(SignatureError::Key(_))));
}

proptest! {
    #[test]
    fn no_changed_byte_passes_the_check(at in any::<prop::sample::Index>(), change in 1_u8..) {
        static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| signed(&RSA, TEXT));
        let mut envelope = GOOD.clone();
        let at = at.index(envelope.len());
        envelope[at] ^= change;
        prop_assert!(check(&envelope, DATA, TEXT.as_bytes(), &RSA.certificate).is_err());
    }
}
