//! The driver against cards that answer whatever they like.

mod at_reader;

use proptest::prelude::*;

use super::{channel::script::Script, files::Contents, reading::Reading, replace, sign};
use crate::{
    card::profile::{DIALECTS, Dialect},
    link::pin::Pin,
};

fn pin(digits: &[u8]) -> Pin {
    let mut pin = Pin::new().unwrap();
    for digit in digits {
        assert!(pin.push(*digit));
    }
    pin
}

/// How often these digits went out.
fn times(script: &Script, digits: &[u8]) -> usize {
    let sent = script.sent.borrow();
    sent.iter().filter(|frame| frame.windows(digits.len()).any(|part| part == digits)).count()
}

/// Answers as cards give them: files, pieces, refusals, nonsense.
fn answers() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let status = prop_oneof![
        3 => Just(0x9000_u16),
        1 => 0x6100_u16..=0x61FF,
        1 => 0x6C00_u16..=0x6CFF,
        1 => 0x63C0_u16..=0x63CF,
        1 => any::<u16>(),
    ];
    let data = prop_oneof![
        Just(Vec::new()),
        Just(b"\xA0\x0A\x30\x08\x04\x06\x3F\x00\x50\x15\x44\x02\xA4\x0A\x30\x08\x04\x06\x3F\x00\x50\x15\x44\x04".to_vec()),
        Just(b"\x6F\x04\x80\x02\x40\x00".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..260),
    ];
    let answer = (data, status).prop_map(|(mut data, status)| {
        data.extend(status.to_be_bytes());
        data
    });
    proptest::collection::vec(answer, 0..80)
}

proptest! {
    #[test]
    fn no_answers_of_a_card_make_the_driver_fail_while_it_reads(answers in answers(), t0 in any::<bool>()) {
        for dialect in DIALECTS {
            let script = Script::new(answers.clone());
            let card = script.alone(dialect, t0);
            let card = Reading::of(&card);
            if let Ok(contents) = Contents::read(card) {
                for found in &contents.certificates {
                    let _ = contents.require_pin_reference(card, found.key.as_ref());
                }
                let _ = contents.require_puk_reference(card, 2);
            }
            // Nothing that reads may do more than read.
            let sent = script.sent.borrow();
            prop_assert!(sent.iter().all(|frame| matches!(frame[1], 0xA4 | 0xB0 | 0xC0)));
        }
    }

    #[test]
    fn a_pin_and_a_puk_go_out_once_at_most_whatever_the_card_answers(
        answers in answers(), t0 in any::<bool>(),
    ) {
        let (old, puk) = (pin(&[9, 0, 4, 7, 1, 3]), pin(&[9, 0, 4, 7, 1, 3, 2, 2]));
        let new = pin(&[7, 3, 5, 1, 9, 4]);
        type Spend = fn(&super::channel::Alone<'_>, &Pin, &Pin) -> bool;
        let ways: [(Spend, &Pin); 3] = [
            (|card, old, _| sign::verify(card, old).is_ok(), &old),
            (|card, old, new| replace::change(card, old, new).is_ok(), &old),
            (|card, puk, new| replace::unblock(card, puk, new).is_ok(), &puk),
        ];
        for dialect in DIALECTS {
            for (spend, secret) in ways {
                let script = Script::new(answers.clone());
                spend(&script.alone(dialect, t0), secret, &new);
                prop_assert_eq!(times(&script, b"904713"), 1);
                prop_assert!(times(&script, b"735194") <= 1);
            }
        }
    }
}

#[test]
fn the_tries_are_asked_for_where_the_dialect_allows_it_and_nowhere_else() {
    for dialect in DIALECTS {
        let script = Script::new(vec![vec![0x63, 0xC2]]);
        assert_eq!(sign::tries_left(&script.alone(dialect, false)), Ok(None));
        assert!(script.sent.borrow().is_empty(), "{} may lose a try by it", dialect.name);
        let confirmed = Box::leak(Box::new(Dialect { tries_can_be_asked: true, ..dialect.clone() }));
        for (answer, left) in [([0x63, 0xC2], Some(2)), ([0x69, 0x83], Some(0)), ([0x6A, 0x88], None)] {
            let script = Script::new(vec![answer.to_vec()]);
            assert_eq!(sign::tries_left(&script.alone(confirmed, false)), Ok(left));
            assert_eq!(*script.sent.borrow(), [vec![0x00, 0x20, 0x00, dialect.pin_reference]]);
        }
    }
}

#[test]
fn a_puk_that_is_refused_sets_no_pin() {
    for refused in [[0x63, 0xC5], [0x69, 0x83], [0x69, 0x82], [0x67, 0x00]] {
        let script = Script::new(vec![refused.to_vec(), vec![0x90, 0x00]]);
        let card = script.alone(DIALECTS[1], false);
        let said = replace::unblock(&card, &pin(&[1, 2, 3, 4, 5, 6, 7, 8]), &pin(&[7, 3, 5, 1, 9, 4]));
        assert!(!matches!(said, Ok(sign::Verified::Right | sign::Verified::Unfit)), "{refused:02X?}");
        assert_eq!(script.sent.borrow().len(), 1, "the new PIN was sent all the same");
    }
}

#[test]
fn a_new_pin_that_is_refused_is_not_called_a_wrong_puk() {
    let (puk, new) = (pin(&[1, 2, 3, 4, 5, 6, 7, 8]), pin(&[7, 3, 5, 1, 9, 4]));
    for (dialect, before) in DIALECTS.into_iter().zip([0, 1]) {
        for refused in [[0x6A, 0x80], [0x67, 0x00]] {
            let answers = vec![vec![0x90, 0x00]; before].into_iter().chain([refused.to_vec()]).collect();
            let script = Script::new(answers);
            let said = replace::unblock(&script.alone(dialect, false), &puk, &new);
            assert_eq!(said, Ok(sign::Verified::Unfit), "{} {refused:02X?}", dialect.name);
        }
    }
}

#[test]
fn where_nothing_but_their_number_parts_the_digits_another_number_is_not_sent() {
    let [v1, v2] = DIALECTS;
    let (six, seven, eight) =
        (pin(&[9, 0, 4, 7, 1, 3]), pin(&[9, 0, 4, 7, 1, 3, 5]), pin(&[9, 0, 4, 7, 1, 3, 5, 8]));
    let script = Script::new(Vec::new());
    for (old, new) in [(&seven, &six), (&six, &seven)] {
        assert_eq!(replace::change(&script.alone(v2, false), old, new), Ok(sign::Verified::Unfit));
    }
    assert_eq!(replace::unblock(&script.alone(v1, false), &seven, &six), Ok(sign::Verified::Wrong(None)));
    assert!(script.sent.borrow().is_empty());
    let script = Script::new(vec![vec![0x90, 0x00]; 3]);
    for said in [
        replace::change(&script.alone(v2, false), &six, &six),
        replace::unblock(&script.alone(v1, false), &eight, &seven),
        replace::change(&script.alone(v1, false), &seven, &eight),
    ] {
        assert_eq!(said, Ok(sign::Verified::Right));
    }
}
