//! A reader that asks for the PIN on its own keys, played: what it is asked, and what its answers are taken for.

use proptest::prelude::*;

use super::{DIALECTS, Script, sign};
use crate::token::{
    akis::{End, channel::Trouble, sign::Verified, status},
    found::Refusal,
    pad::Unentered,
};

/// `FEATURE_VERIFY_PIN_DIRECT` behind another feature.
const FEATURES: &[u8] = b"\x12\x04\x42\x33\x00\x12\x06\x04\x42\x33\x00\x06";
const VERIFY: u32 = 0x4233_0006;

type Said = Result<Vec<u8>, pcsc::Error>;

/// What comes of it, and how often VERIFY was asked for. The card itself hears nothing of the host.
fn ask(said: Vec<Said>) -> (Result<Verified, End>, usize) {
    let script = Script::of_reader(Vec::new(), said);
    let result = sign::verify_at_reader(&script.alone(DIALECTS[0], false));
    assert!(script.sent.borrow().is_empty());
    let times = script.asked.borrow().iter().filter(|(code, _)| *code == VERIFY).count();
    (result, times)
}

fn answers(status: [u8; 2]) -> Vec<Said> {
    vec![Ok(FEATURES.to_vec()), Ok(status.to_vec())]
}

fn is(result: &Result<Verified, End>, expected: Unentered) -> bool {
    matches!(result, Err(End::Refused(Refusal::Unentered(why))) if *why == expected)
}

#[test]
fn the_reader_is_asked_for_its_features_and_then_once_for_the_pin_the_dialect_names() {
    for dialect in DIALECTS {
        let script = Script::of_reader(Vec::new(), answers([0x90, 0x00]));
        assert!(matches!(sign::verify_at_reader(&script.alone(dialect, false)), Ok(Verified::Right)));
        let asked = script.asked.borrow();
        let [(features, nothing), (verify, structure)] = asked.as_slice() else { panic!("{asked:02X?}") };
        assert_eq!((*features, nothing.as_slice()), (0x4200_0000 + 3400, &[][..]));
        assert_eq!(*verify, VERIFY);
        assert_eq!(structure[19..], [0x00, 0x20, 0x00, dialect.pin_reference]);
    }
}

#[test]
fn what_the_card_says_through_the_reader_is_what_it_says_otherwise() {
    for (status, verified) in [
        ([0x90, 0x00], Verified::Right),
        ([0x63, 0xC2], Verified::Wrong(Some(2))),
        ([0x63, 0x00], Verified::Wrong(None)),
        ([0x69, 0x83], Verified::Wrong(Some(0))),
        ([0x63, 0xC0], Verified::Wrong(Some(0))),
    ] {
        let (result, times) = ask(answers(status));
        assert!(matches!(result, Ok(found) if found == verified), "{status:02X?}");
        assert_eq!(times, 1);
    }
    let (result, _) = ask(answers([0x69, 0x85]));
    assert!(matches!(result, Err(End::Unheard(Trouble::Status { status: 0x6985, .. }))));
}

#[test]
fn where_nobody_typed_or_there_are_no_keys_no_pin_was_weighed() {
    for (status, why) in [
        ([0x64, 0x00], Unentered::TimedOut),
        ([0x64, 0x01], Unentered::Cancelled),
        ([0x64, 0x02], Unentered::Length),
        ([0x64, 0x03], Unentered::Length),
        ([0x6B, 0x80], Unentered::NoPad),
        ([0x67, 0x00], Unentered::NoPad),
        ([0x6D, 0x00], Unentered::NoPad),
    ] {
        let (result, times) = ask(answers(status));
        assert!(is(&result, why), "{status:02X?}");
        assert_eq!(times, 1);
    }
    for (said, times) in [
        (vec![Err(pcsc::Error::UnsupportedFeature)], 0),
        (vec![Err(pcsc::Error::NotTransacted)], 0),
        (vec![Ok(Vec::new())], 0),
        (vec![Ok(FEATURES[..6].to_vec())], 0),
        (vec![Ok(FEATURES.to_vec()), Err(pcsc::Error::UnsupportedFeature)], 1),
        (vec![Ok(FEATURES.to_vec()), Err(pcsc::Error::InvalidParameter)], 1),
    ] {
        let (result, found) = ask(said.clone());
        assert!(is(&result, Unentered::NoPad), "{said:02X?}");
        assert_eq!(found, times);
    }
}

#[test]
fn a_reader_that_does_not_say_what_became_of_the_pin_is_not_believed_to_have_spared_it() {
    for said in [
        Err(pcsc::Error::NotTransacted),
        Err(pcsc::Error::CommError),
        Err(pcsc::Error::RemovedCard),
        Ok(Vec::new()),
        Ok(vec![0x90]),
        Ok(vec![0x00, 0x90, 0x00]),
    ] {
        let (result, times) = ask(vec![Ok(FEATURES.to_vec()), said.clone()]);
        assert!(matches!(result, Err(End::PadFailed(_))), "{said:02X?}");
        assert_eq!(times, 1);
    }
    // Pulled before it was asked.
    let (result, times) = ask(vec![Err(pcsc::Error::RemovedCard)]);
    assert!(matches!(result, Err(End::Trouble(Trouble::Line(pcsc::Error::RemovedCard)))));
    assert_eq!(times, 0);
}

#[test]
fn a_card_that_wants_the_pin_for_each_of_several_texts_gets_none_from_the_reader() {
    let [once, each] = DIALECTS;
    assert!(sign::is_one_pin(once, 1) && sign::is_one_pin(once, 4) && sign::is_one_pin(each, 1));
    assert!(!sign::is_one_pin(each, 2));
}

proptest! {
    #[test]
    fn whatever_a_reader_answers_it_asks_once_at_most_and_only_9000_is_a_right_pin(
        features in prop_oneof![Just(FEATURES.to_vec()), proptest::collection::vec(any::<u8>(), 0..40)],
        status in any::<u16>(),
    ) {
        let script = Script::of_reader(Vec::new(), vec![Ok(features), Ok(status.to_be_bytes().to_vec())]);
        let result = sign::verify_at_reader(&script.alone(DIALECTS[0], true));
        let asked = script.asked.borrow().len();
        prop_assert!(asked <= 2 && script.sent.borrow().is_empty());
        match result {
            Ok(Verified::Right) => prop_assert!(asked == 2 && status == 0x9000),
            Ok(Verified::Wrong(_)) => prop_assert!(matches!(
                status::meaning(status),
                status::Meaning::WrongPin(_) | status::Meaning::Locked
            )),
            Ok(Verified::Unfit) => prop_assert!(false, "a PIN that was not typed is not unfit"),
            Err(_) => {}
        }
    }
}
