//! What the signer signs that nobody gives it: a trial of the card and a login, and the attempts to pass either off as an
//! application, or an application as one of them.

use eimza_kiosk::{
    link::{
        challenge::OwnText,
        pin::Verdict,
        signer::{Fault, Fingerprint, Reply, Request, RequestId},
    },
    signature::{ContentType, check},
};

use crate::harness::{IDENTITY, PIN, Signer, TIME, fingerprint, opened_by_openssl, prepare};

const CHALLENGE: &str = "ZGVuZW1lLWRlbmVtZS1kZW5lbWU";
const ALL: [ContentType; 4] =
    [ContentType::Data, ContentType::Login, ContentType::CardTest, ContentType::Assistance];

fn login(challenge: &str) -> OwnText {
    OwnText::Login { challenge: challenge.to_owned().try_into().unwrap() }
}

fn assistance() -> OwnText {
    OwnText::Assistance { challenge: CHALLENGE.to_owned().try_into().unwrap() }
}

fn announce(signer: &mut Signer, text: OwnText) -> Result<(RequestId, String), Fault> {
    let own = Request::PrepareOwn { text, certificate: fingerprint(), signing_time: TIME, life_ms: 60_000 };
    let reply = signer.ask(own)?;
    let Reply::PreparedOwn { request, text, .. } = reply else { panic!("not prepared: {reply:?}") };
    Ok((request, String::from_utf8(text.0.clone()).unwrap()))
}

fn signed(signer: &mut Signer, request: RequestId, shown: &str) -> Vec<u8> {
    assert_eq!(signer.type_pin(request, &[shown], PIN, false).unwrap(), Verdict::Accepted);
    match signer.ask(Request::Collect(request)) {
        Ok(Reply::Signed(envelopes)) => envelopes.into_iter().next().unwrap(),
        other => panic!("not signed: {other:?}"),
    }
}

#[test]
fn a_text_of_the_signers_own_is_signed_as_what_it_says_it_is_and_as_nothing_else() {
    let mut signer = Signer::start();
    signer.read_card().unwrap();
    for (own, content_type, first_line) in [
        (OwnText::CardTest, ContentType::CardTest, "KİOSK DENEME İMZASI: hukuki sonuç doğurmaz."),
        (login(CHALLENGE), ContentType::Login, "KAMU SM PORTALINA GİRİŞ: başvuru değildir."),
        (assistance(), ContentType::Assistance, "KİOSKTA YARDIM YETKİSİ: başvuru değildir."),
    ] {
        let (request, text) = announce(&mut signer, own).unwrap();
        assert_eq!(text.lines().next(), Some(first_line));
        let envelope = signed(&mut signer, request, &text);
        for wanted in ALL {
            let found = check(&envelope, wanted, text.as_bytes(), &IDENTITY.certificate);
            assert_eq!(
                found.is_ok(),
                wanted == content_type,
                "{content_type:?} taken for {wanted:?}: {found:?}"
            );
        }
        assert_eq!(opened_by_openssl(&signer.home.path(""), &envelope), text.as_bytes());
    }
}

#[test]
fn a_login_given_as_an_application_is_not_prepared_however_it_is_written() {
    let mut signer = Signer::start();
    signer.read_card().unwrap();
    let (_, text) = announce(&mut signer, login(CHALLENGE)).unwrap();
    let (_, test) = announce(&mut signer, OwnText::CardTest).unwrap();
    let (_, helps) = announce(&mut signer, assistance()).unwrap();
    let decomposed = text.replace('İ', "I\u{307}").replace('Ş', "S\u{327}");
    let (small, indented) = (text.to_lowercase(), format!("\n  {text}"));
    for given in [&text, &test, &helps, &decomposed, &small, &indented] {
        assert_eq!(signer.ask(prepare(&[given], 60_000)), Err(Fault::BadText), "{given}");
        let second = prepare(&["AD: DENEME\n", given], 60_000);
        assert_eq!(signer.ask(second), Err(Fault::BadText), "as the second text: {given}");
    }
}

#[test]
fn an_application_is_signed_as_one_and_logs_nobody_in() {
    let mut signer = Signer::start();
    // What a portal's page could put there so that it reads like a login further down.
    let text =
        format!("AD: DENEME\nKAMU SM PORTALINA GİRİŞ: başvuru değildir.\nSınama değeri: {CHALLENGE}\n");
    let (request, _) = signer.prepare(&[&text]);
    let envelope = signed(&mut signer, request, &text);
    let taken = |wanted| check(&envelope, wanted, text.as_bytes(), &IDENTITY.certificate).is_ok();
    assert_eq!(ALL.map(taken), [true, false, false, false]);
}

#[test]
fn a_login_shown_with_another_challenge_is_not_signed() {
    let mut signer = Signer::start();
    signer.read_card().unwrap();
    let (request, text) = announce(&mut signer, login(CHALLENGE)).unwrap();
    let shown = text.replace(CHALLENGE, "YmFza2EtYmlyLWRlbmVtZQ");
    assert_ne!(shown, text);
    assert_eq!(signer.type_pin(request, &[&shown], PIN, false).unwrap(), Verdict::OtherTextShown);
    assert_eq!(signer.ask(Request::Collect(request)), Err(Fault::OtherTextShown));
}

#[test]
fn a_text_of_the_signers_own_takes_the_place_of_an_application_and_the_reverse() {
    let mut signer = Signer::start();
    let (application, _) = signer.prepare(&["AD: DENEME\n"]);
    let (own, text) = announce(&mut signer, OwnText::CardTest).unwrap();
    assert_eq!(signer.type_pin(application, &["AD: DENEME\n"], PIN, false).unwrap(), Verdict::NoSuchRequest);
    signer.prepare(&["AD: DENEME\n"]);
    assert_eq!(signer.type_pin(own, &[&text], PIN, false).unwrap(), Verdict::NoSuchRequest);
}

#[test]
fn without_the_card_or_its_certificate_none_is_built() {
    let mut signer = Signer::start();
    assert_eq!(announce(&mut signer, OwnText::CardTest).err(), Some(Fault::NoCard));
    signer.read_card().unwrap();
    let certificate = Fingerprint([9; 32]);
    let other =
        Request::PrepareOwn { text: OwnText::CardTest, certificate, signing_time: TIME, life_ms: 60_000 };
    assert_eq!(signer.ask(other), Err(Fault::OtherCard));
}
