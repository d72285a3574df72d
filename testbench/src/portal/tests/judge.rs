//! What a signature is not taken for, on signatures that OpenSSL made. Logins that are right are the signer's own: see
//! `tests/signer`.

use super::{
    browser::{NATIONAL_ID, PKI, credential, sign},
    signing::{CADES, LOGIN},
};
use crate::{
    pki::{KeyKind, Variant},
    portal::{Judge, Refusal},
};

const CHALLENGE: &str = "ZGVuZW1lLWRlbmVtZQ";
const FORM: &str = "AD: DENEME\nSOYAD: SINAMA\n";

struct Court {
    judge: Judge,
    now: u64,
}

impl Court {
    fn open() -> Self {
        let judge = Judge::read(&[PKI.issuer_der().to_vec()]).unwrap();
        Self { judge, now: jiff::Timestamp::now().as_second().try_into().unwrap() }
    }

    fn application(&self, signature: &[u8], text: &str) -> Result<(), Refusal> {
        self.judge.application(signature, text.as_bytes(), NATIONAL_ID, self.now + 60)
    }
}

fn signed(text: &str, options: &[&str]) -> Vec<u8> {
    let signer = credential(NATIONAL_ID, Variant::Valid, KeyKind::P384);
    sign(&signer, &[text.as_bytes().to_vec()], options).remove(0)
}

#[test]
fn a_signature_of_the_type_of_logins_is_no_application_whatever_its_text() {
    let court = Court::open();
    assert_eq!(court.application(&signed(FORM, &CADES), FORM), Ok(()));
    assert_eq!(court.application(&signed(FORM, &LOGIN), FORM), Err(Refusal::Invalid));
}

#[test]
fn an_application_with_a_text_of_the_signers_own_is_refused_even_where_that_is_its_text() {
    let court = Court::open();
    for text in [
        "KAMU SM PORTALINA GİRİŞ: başvuru değildir.\nTarih: 21.09.2026 17:13:20\n",
        "\r\n kamu sm portalına giriş",
        "KİOSK DENEME İMZASI: hukuki sonuç doğurmaz.\n",
    ] {
        assert_eq!(court.application(&signed(text, &CADES), text), Err(Refusal::WrongText), "{text}");
    }
}

#[test]
fn an_application_logs_nobody_in_and_neither_does_another_text_of_the_right_type() {
    let court = Court::open();
    let login = format!("KAMU SM PORTALINA GİRİŞ: başvuru değildir.\nSınama değeri: {CHALLENGE}\n");
    let logs_in = |signature: &[u8]| court.judge.login(signature, CHALLENGE, court.now + 60);
    for text in [FORM, &login, CHALLENGE] {
        assert_eq!(logs_in(&signed(text, &CADES)), Err(Refusal::Invalid));
        assert_eq!(logs_in(&signed(text, &LOGIN)), Err(Refusal::WrongText));
    }
}
