//! What goes over the line for a command, and what comes of the answers.

use proptest::prelude::*;

use super::{Answer, Command, Failure, Line, MOST_ANSWERED, exchange};

const T1: Line = Line { t0: false, most_sent: 244, extended: false };
const T0: Line = Line { t0: true, most_sent: 244, extended: false };
const LONG: Line = Line { t0: false, most_sent: 255, extended: true };

/// A card that answers in this order, and what was sent to it.
fn run(command: &Command, line: Line, answers: &[&[u8]]) -> (Result<Answer, Failure<()>>, Vec<Vec<u8>>) {
    let (mut sent, mut answers) = (Vec::new(), answers.iter());
    let answer = exchange(command, line, |frame| {
        sent.push(frame.to_vec());
        answers.next().map(|answer| answer.to_vec()).ok_or(())
    });
    (answer, sent)
}

fn sent(command: &Command, line: Line) -> Vec<Vec<u8>> {
    run(command, line, &[&[0x90, 0][..]; 9]).1
}

fn command(data: &[u8], le: Option<usize>) -> Command {
    Command::new([0x00, 0xA4, 0x08, 0x00], data, le)
}

const HEAD: [u8; 4] = [0x00, 0xA4, 0x08, 0x00];

fn frame(rest: &[u8]) -> Vec<u8> {
    [HEAD.as_slice(), rest].concat()
}

#[test]
fn the_four_cases_are_short_where_they_can_be() {
    for line in [T1, LONG] {
        assert_eq!(sent(&command(&[], None), line), [frame(&[])]);
        assert_eq!(sent(&command(&[], Some(5)), line), [frame(&[5])]);
        assert_eq!(sent(&command(&[], Some(256)), line), [frame(&[0])]);
        assert_eq!(sent(&command(&[1, 2], None), line), [frame(&[2, 1, 2])]);
        assert_eq!(sent(&command(&[1, 2], Some(256)), line), [frame(&[2, 1, 2, 0])]);
    }
}

#[test]
fn over_t0_a_command_has_data_one_way_and_always_a_length() {
    assert_eq!(sent(&command(&[], None), T0), [frame(&[0])]);
    assert_eq!(sent(&command(&[], Some(5)), T0), [frame(&[5])]);
    assert_eq!(sent(&command(&[1, 2], None), T0), [frame(&[2, 1, 2])]);
    assert_eq!(sent(&command(&[1, 2], Some(256)), T0), [frame(&[2, 1, 2])]);
}

#[test]
fn long_data_go_in_a_long_frame_where_card_and_line_take_it_and_in_a_chain_elsewhere() {
    let data = [7; 256];
    let whole = frame(&[&[0, 1, 0], data.as_slice(), &[1, 0]].concat());
    assert_eq!(sent(&command(&data, Some(256)), LONG), [whole]);
    let chained = |le: &[u8]| {
        let first = [&[0x10, 0xA4, 0x08, 0x00, 244], [7; 244].as_slice()].concat();
        vec![first, frame(&[&[12], [7; 12].as_slice(), le].concat())]
    };
    assert_eq!(sent(&command(&data, Some(256)), T1), chained(&[0]));
    assert_eq!(sent(&command(&data, Some(256)), T0), chained(&[]));
    assert_eq!(sent(&command(&data, Some(256)), Line { extended: true, ..T0 }), chained(&[]));
    assert_eq!(sent(&command(&[], Some(1024)), LONG), [frame(&[0, 4, 0])]);
    assert_eq!(sent(&command(&[], Some(70_000)), LONG), [frame(&[0, 0, 0])]);
    assert_eq!(sent(&command(&[], Some(1024)), T1), [frame(&[0])], "asked for in short pieces");
}

#[test]
fn a_chain_that_is_refused_is_not_gone_on_with() {
    let (answer, sent) = run(&command(&[7; 600], None), T1, &[&[0x90, 0], &[0x69, 0x82]]);
    assert_eq!(answer, Ok(Answer { data: vec![], status: 0x6982 }));
    assert_eq!(sent.len(), 2);
}

#[test]
fn what_is_left_of_an_answer_is_fetched_piece_by_piece() {
    let answers: [&[u8]; 3] = [&[1, 2, 0x61, 2], &[3, 0x61, 1], &[4, 0x90, 0]];
    let (answer, sent) = run(&command(&[9], Some(256)), T1, &answers);
    assert_eq!(answer, Ok(Answer { data: vec![1, 2, 3, 4], status: 0x9000 }));
    assert_eq!(sent[1..], [vec![0, 0xC0, 0, 0, 2], vec![0, 0xC0, 0, 0, 1]]);
    let answers: [&[u8]; 3] = [&[0x61, 0], &[0x6C, 1], &[4, 0x90, 0]];
    let (answer, sent) = run(&command(&[9], Some(256)), T0, &answers);
    assert_eq!(answer, Ok(Answer { data: vec![4], status: 0x9000 }));
    assert_eq!(sent[1..], [vec![0, 0xC0, 0, 0, 0], vec![0, 0xC0, 0, 0, 1]]);
}

#[test]
fn a_wrong_le_is_put_right_once_and_only_where_one_was_sent() {
    let wrong: &[&[u8]] = &[&[0x6C, 3], &[1, 2, 3, 0x90, 0]];
    let (answer, sent) = run(&command(&[], Some(200)), T1, wrong);
    assert_eq!(answer, Ok(Answer { data: vec![1, 2, 3], status: 0x9000 }));
    assert_eq!(sent, [frame(&[200]), frame(&[3])]);
    let (_, sent) = run(&command(&[8], Some(200)), T1, wrong);
    assert_eq!(sent, [frame(&[1, 8, 200]), frame(&[1, 8, 3])]);
    let (_, sent) = run(&command(&[], Some(900)), LONG, wrong);
    assert_eq!(sent, [frame(&[0, 3, 0x84]), frame(&[3])]);
    let (answer, _) = run(&command(&[], Some(200)), T1, &[&[0x6C, 3], &[0x6C, 4]]);
    assert_eq!(answer, Ok(Answer { data: vec![], status: 0x6C04 }));
}

#[test]
fn a_pin_goes_out_once_whatever_the_card_answers() {
    let verify = Command::new([0x00, 0x20, 0x00, 0x80], b"123456", None);
    for status in 0..=u16::MAX {
        let mut times = 0;
        for line in [T1, T0, LONG] {
            let _ = exchange(&verify, line, |frame| {
                times += usize::from(frame[1] == 0x20);
                if frame[1] == 0x20 { Ok(status.to_be_bytes().to_vec()) } else { Err(()) }
            });
        }
        assert_eq!(times, 3, "{status:04X}");
    }
}

#[test]
fn an_answer_that_never_ends_is_given_up() {
    let endless = exchange(&command(&[], Some(256)), T1, |_| Ok::<_, ()>(vec![0x61, 0xFF]));
    assert_eq!(endless, Err(Failure::Malformed));
    let piece = [[7; 256].as_slice(), &[0x61, 0]].concat();
    let mut fetched = 0;
    let large = exchange(&command(&[], Some(256)), T1, |_| {
        fetched += 256;
        Ok::<_, ()>(piece.clone())
    });
    assert_eq!(large, Err(Failure::Malformed));
    assert!(fetched <= MOST_ANSWERED + 512);
}

#[test]
fn what_is_shorter_than_a_status_word_is_no_answer() {
    assert_eq!(run(&command(&[], None), T1, &[&[0x90]]).0, Err(Failure::Malformed));
    assert_eq!(run(&command(&[], None), T1, &[]).0, Err(Failure::Line(())));
}

proptest! {
    #[test]
    fn no_answers_make_it_fail(
        data in proptest::collection::vec(any::<u8>(), 0..700),
        le in proptest::option::of(0_usize..70_000),
        t0 in any::<bool>(),
        extended in any::<bool>(),
        most_sent in 0_usize..300,
        answers in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..12),
    ) {
        let line = Line { t0, most_sent, extended };
        let mut answers = answers.into_iter();
        let _ = exchange(&command(&data, le), line, |_| answers.next().ok_or(()));
    }

    #[test]
    fn a_chain_carries_every_byte_once_and_in_order(
        data in proptest::collection::vec(any::<u8>(), 0..900),
        most_sent in 1_usize..=255,
        t0 in any::<bool>(),
    ) {
        let mut carried = Vec::new();
        let line = Line { t0, most_sent, extended: false };
        let _ = exchange(&command(&data, None), line, |frame| {
            let length = if frame.len() > 5 { usize::from(frame[4]) } else { 0 };
            carried.extend_from_slice(&frame[5.min(frame.len())..][..length]);
            Ok::<_, ()>(vec![0x90, 0])
        });
        prop_assert_eq!(carried, data);
    }
}
