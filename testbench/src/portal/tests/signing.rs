//! The signing service's judgement, on signatures that OpenSSL made well or badly.

use serde_json::json;

use super::{
    browser::{Browser, NATIONAL_ID, credential, sign, simulator},
    visit::{reload_signing_page, to_the_code},
};
use crate::{
    pki::{Credential, Holder, KeyKind, Pki, Variant},
    portal::Institution,
};

pub(super) const CADES: [&str; 2] = ["-nodetach", "-cades"];
/// The content type of a login.
pub(super) const LOGIN: [&str; 4] = ["-nodetach", "-cades", "-econtent_type", "1.3.6.1.4.1.32473.1.1"];

fn good() -> Credential {
    credential(NATIONAL_ID, Variant::Valid, KeyKind::P384)
}

#[tokio::test]
async fn every_refusal_names_its_reason_and_leaves_the_code_alive() {
    let simulator = simulator(&[]);
    let mut browser = Browser::new(&simulator, Institution::Meb);
    let code = to_the_code(&mut browser, &simulator).await;
    let texts = browser.texts(&code).await;
    let swapped = [texts[1].clone(), texts[0].clone()];
    let p384 = |variant| credential(NATIONAL_ID, variant, KeyKind::P384);
    let stranger = credential("10000000078", Variant::Valid, KeyKind::P384);
    let now = jiff::Timestamp::now().as_second();
    let elsewhere = Pki::generate(now)
        .unwrap()
        .issue(Holder { name: "DENEME SINAMA", national_id: NATIONAL_ID }, Variant::Valid, KeyKind::P384)
        .unwrap();
    for (what, signatures, reason) in [
        ("another person", sign(&stranger, &texts, &CADES), "wrong-person"),
        ("another order", sign(&good(), &swapped, &CADES), "wrong-text"),
        ("one signature only", sign(&good(), &texts[..1], &CADES), "wrong-text"),
        ("expired", sign(&p384(Variant::Expired), &texts, &CADES), "certificate"),
        ("not yet valid", sign(&p384(Variant::NotYetValid), &texts, &CADES), "certificate"),
        ("a seal", sign(&p384(Variant::Seal), &texts, &CADES), "certificate"),
        ("not qualified", sign(&p384(Variant::NotQualified), &texts, &CADES), "certificate"),
        ("malformed statements", sign(&p384(Variant::Malformed), &texts, &CADES), "certificate"),
        ("another authority", sign(&elsewhere, &texts, &CADES), "certificate"),
        ("no signingCertificateV2", sign(&good(), &texts, &["-nodetach"]), "invalid"),
        ("detached", sign(&good(), &texts, &["-cades"]), "invalid"),
        ("no signed attributes", sign(&good(), &texts, &["-nodetach", "-noattr"]), "invalid"),
        ("no certificate inside", sign(&good(), &texts, &["-nodetach", "-cades", "-nocerts"]), "invalid"),
        ("a login", sign(&good(), &texts, &LOGIN), "invalid"),
        ("not DER", vec![b"imza".to_vec(); 2], "invalid"),
    ] {
        let (status, answer) = browser.hand_in(&code, &signatures).await.unwrap();
        assert_eq!((status, answer["error"].as_str()), (409, Some(reason)), "{what}");
    }
    reload_signing_page(&mut browser).await;
    assert!(!browser.says("alınmıştır"));
    assert!(simulator.applications().is_empty());

    let (status, _) = browser.hand_in(&code, &sign(&good(), &texts, &CADES)).await.unwrap();
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_bit_turned_anywhere_in_the_signature_is_found() {
    let simulator = simulator(&[]);
    let mut browser = Browser::new(&simulator, Institution::Meb);
    let code = to_the_code(&mut browser, &simulator).await;
    let texts = browser.texts(&code).await;
    let signatures = sign(&good(), &texts, &CADES);
    let place = |needle: &[u8]| {
        signatures[0].windows(needle.len()).position(|window| window == needle).unwrap() + needle.len()
    };
    // In the text, behind the tag of messageDigest, and in the value at the end.
    let digest = place(&[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04]) + 10;
    for at in [place("EPOSTA".as_bytes()), digest, signatures[0].len() - 3] {
        let mut bent = signatures.clone();
        bent[0][at] ^= 1;
        let (status, answer) = browser.hand_in(&code, &bent).await.unwrap();
        assert_eq!((status, answer["error"].as_str()), (409, Some("invalid")), "byte {at}");
    }
}

#[tokio::test]
async fn a_code_is_known_once_issued_and_used_once() {
    let simulator = simulator(&[]);
    let mut browser = Browser::new(&simulator, Institution::Meb);
    let code = to_the_code(&mut browser, &simulator).await;
    let texts = browser.texts(&code).await;
    let signatures = sign(&good(), &texts, &CADES);
    let error = |answer: (u16, serde_json::Value)| answer.1["error"].as_str().map(str::to_owned);
    let miscopied = json!({ "code": "123456789012345" });
    assert_eq!(error(browser.ask("texts", &miscopied).await.unwrap()).as_deref(), Some("code-unknown"));
    assert_eq!(browser.hand_in(&code, &signatures).await.unwrap().0, 200);
    for _ in 0..2 {
        let again = error(browser.hand_in(&code, &signatures).await.unwrap());
        assert_eq!(again.as_deref(), Some("code-used"));
    }
    let texts_again = browser.ask("texts", &json!({ "code": code })).await.unwrap();
    assert_eq!(error(texts_again).as_deref(), Some("code-used"));
    assert_eq!(simulator.applications().len(), 1);
}
