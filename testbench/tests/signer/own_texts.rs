//! Logins and trials of the card, signed by the real signer with the emulated card and judged by the portal, whose
//! judgement shares no code with the signer: the attempts to have one taken for another.

use eimza_kiosk::{
    card::certificate::Certificate,
    link::{
        challenge::OwnText,
        pin::Verdict,
        signer::{Reply, Request},
    },
};
use testbench::portal::{Judge, Refusal};

use crate::bench::{Bench, FORM, PKI, Way};

const CHALLENGE: &str = "ZGVuZW1lLWRlbmVtZS1kZW5lbWU";
const OTHER: &str = "YmFza2EtYmlyLXNpbmFtYS1kZW5lbWU";

on_every_way! {
    a_login_logs_its_holder_in_by_its_challenge_alone_and_applies_for_nothing
    neither_an_application_nor_a_trial_of_the_card_logs_anybody_in
}

fn a_login_logs_its_holder_in_by_its_challenge_alone_and_applies_for_nothing(way: Way) {
    let mut bench = Bench::new(way, None);
    let (text, login) = signed(&mut bench, &login());
    assert_eq!(bench.card.counters().verifies, 1);
    let (judge, now) = court(&bench);
    assert_eq!(judge.login(&login, CHALLENGE, now), Ok(bench.visitor.national_id.clone()));
    assert_eq!(judge.login(&login, OTHER, now), Err(Refusal::WrongText));
    let applied = judge.application(&login, text.as_bytes(), &bench.visitor.national_id, now);
    assert_eq!(applied, Err(Refusal::Invalid));
}

fn neither_an_application_nor_a_trial_of_the_card_logs_anybody_in(way: Way) {
    let mut bench = Bench::new(way, None);
    let (text, trial) = signed(&mut bench, &OwnText::CardTest);
    let Ok(Reply::Signed(application)) = bench.sign() else { panic!("not signed") };
    let (judge, now) = court(&bench);
    let person = &bench.visitor.national_id;
    assert_eq!(judge.application(&application[0], FORM.as_bytes(), person, now), Ok(()));
    for other in [&application[0], &trial] {
        assert_eq!(judge.login(other, CHALLENGE, now), Err(Refusal::Invalid));
    }
    assert_eq!(judge.application(&trial, text.as_bytes(), person, now), Err(Refusal::Invalid));
}

fn login() -> OwnText {
    OwnText::Login { challenge: CHALLENGE.to_owned().try_into().unwrap() }
}

/// The text that the signer built, and what it signed.
fn signed(bench: &mut Bench, text: &OwnText) -> (String, Vec<u8>) {
    let certificate = Certificate::parse(&bench.certificates()[0]).unwrap().fingerprint();
    let signing_time = bench.signing_time;
    let own = Request::PrepareOwn { text: text.clone(), certificate, signing_time, life_ms: 120_000 };
    let (request, text) = match bench.ask(own) {
        Ok(Reply::PreparedOwn { request, text, .. }) => (request, String::from_utf8(text.0.clone()).unwrap()),
        other => panic!("not prepared: {other:?}\n{}", bench.log()),
    };
    let pin = bench.visitor.pin.clone();
    assert_eq!(bench.type_pin_for(request, &[&text], &pin, false), Verdict::Accepted);
    let signed = bench.ask(Request::Collect(request));
    assert_eq!(bench.opened(signed.clone()), [text.as_str()]);
    let Ok(Reply::Signed(envelopes)) = signed else { panic!("not signed") };
    (text, envelopes.into_iter().next().unwrap())
}

fn court(bench: &Bench) -> (Judge, u64) {
    let judge = Judge::read(&[PKI.issuer_der().to_vec()]).unwrap();
    (judge, bench.signing_time.try_into().unwrap())
}
