//! The PIN typed on the reader's own keys: the same rules, before the reader is asked.

use std::sync::atomic::Ordering;

use super::{
    Entry, Fault, Flags, Input, Job, LAST, LIFE, Outcome, Refusal, Reply, Request, Room, TEXT, Ticket,
    TriesLeft, Verdict,
};
use crate::token::pad::Unentered;

impl Room {
    /// Whether the next job has the reader asked.
    fn asks_reader(&self) -> bool {
        matches!(self.jobs.front(), Some(Job::Sign(job)) if matches!(job.entry, Entry::AtReader))
    }

    /// What came of asking it.
    fn reader_says(&mut self, refusal: Refusal) {
        assert!(self.asks_reader());
        self.jobs.pop_front();
        self.hear(Input::Module(Outcome::Signed(Err(refusal))));
    }
}

#[test]
fn the_screen_hears_its_verdict_when_the_readers_keys_are_done_with() {
    let mut room = Room::new();
    let request = room.prepared();
    let collected = room.call(Request::Collect(request));
    room.ask_at_reader(request, TEXT, false, 1);
    room.work(Flags::default(), true);
    assert!(room.asks_reader() && room.verdicts.is_empty());
    room.type_pin(request, TEXT, false, 2);
    assert_eq!(room.verdicts, [(Ticket(2), Verdict::NoSuchRequest)], "one PIN at a time");
    assert!(room.work(Flags::default(), true));
    assert_eq!(room.verdicts[1..], [(Ticket(1), Verdict::Accepted)]);
    assert_eq!(room.answer_to(collected), Some(&Ok(Reply::Signed(vec![vec![1]]))));
}

#[test]
fn the_reader_is_not_asked_for_other_texts_nor_for_a_last_try_without_a_yes() {
    let mut room = Room::new();
    let request = room.prepared();
    room.ask_at_reader(request, b"another", true, 1);
    let request = {
        assert_eq!(room.verdicts, [(Ticket(1), Verdict::OtherTextShown)]);
        assert!(room.jobs.is_empty());
        room.prepared()
    };
    let collected = room.call(Request::Collect(request));
    room.ask_at_reader(request, TEXT, false, 2);
    room.work(LAST, true);
    assert_eq!(room.verdicts[1..], [(Ticket(2), Verdict::LastTryNotAccepted)]);
    assert!(room.jobs.is_empty());
    assert_eq!(room.answer_to(collected), Some(&Err(Fault::LastTry)));
}

#[test]
fn where_nobody_typed_at_the_reader_the_request_goes_on_and_the_screens_pin_signs() {
    for why in
        [Unentered::TimedOut, Unentered::Cancelled, Unentered::Length, Unentered::NoPad, Unentered::NotHere]
    {
        let mut room = Room::new();
        let request = room.prepared();
        let collected = room.call(Request::Collect(request));
        room.ask_at_reader(request, TEXT, false, 1);
        room.work(Flags::default(), true);
        room.reader_says(Refusal::Unentered(why));
        assert_eq!(room.verdicts, [(Ticket(1), Verdict::NoKeypad)]);
        assert_eq!(room.answer_to(collected), None);
        room.type_pin(request, TEXT, false, 2);
        // The card is looked at again, and by now it is its last try.
        room.work(LAST, true);
        assert_eq!(room.answer_to(collected), Some(&Err(Fault::LastTry)), "{why:?}");

        let request = room.prepared();
        let collected = room.call(Request::Collect(request));
        room.ask_at_reader(request, TEXT, false, 3);
        room.work(Flags::default(), true);
        room.reader_says(Refusal::Unentered(why));
        room.type_pin(request, TEXT, false, 4);
        room.work(Flags::default(), true);
        let Some(Job::Sign(job)) = room.jobs.front() else { panic!("not signing") };
        assert!(matches!(job.entry, Entry::Typed(_)));
        assert_eq!(job.drafts.len(), 1, "the texts were given away");
        room.work(Flags::default(), true);
        assert_eq!(room.answer_to(collected), Some(&Ok(Reply::Signed(vec![vec![1]]))));
    }
}

#[test]
fn a_wrong_pin_and_one_of_which_nobody_knows_end_the_request_and_both_count() {
    let wrong = Refusal::WrongPin { spent: true, told: Flags::default().into() };
    for (first, fault) in [
        (wrong, Fault::WrongPin { tries: TriesLeft::Unknown }),
        (Refusal::PadFailed(Fault::ModuleFailed), Fault::ModuleFailed),
    ] {
        let mut room = Room::new();
        let request = room.prepared();
        let collected = room.call(Request::Collect(request));
        room.ask_at_reader(request, TEXT, false, 1);
        room.work(Flags::default(), true);
        room.reader_says(first);
        assert_eq!(room.verdicts, [(Ticket(1), Verdict::Accepted)]);
        assert_eq!(room.answer_to(collected), Some(&Err(fault)));
        room.ask_at_reader(request, TEXT, false, 2);
        assert_eq!(room.verdicts[1..], [(Ticket(2), Verdict::NoSuchRequest)]);

        let request = room.prepared();
        let collected = room.call(Request::Collect(request));
        room.ask_at_reader(request, TEXT, false, 3);
        room.work(Flags::default(), true);
        room.reader_says(wrong);
        let last = Err(Fault::WrongPin { tries: TriesLeft::Known(1) });
        assert_eq!(room.answer_to(collected), Some(&last), "after {fault}");
    }
}

#[test]
fn a_request_that_dies_while_the_reader_asks_signs_nothing() {
    let mut room = Room::new();
    let request = room.prepared();
    let collected = room.call(Request::Collect(request));
    room.ask_at_reader(request, TEXT, false, 1);
    room.work(Flags::default(), true);
    let Some(Job::Sign(job)) = room.jobs.front() else { panic!("not asking") };
    let unwanted = job.unwanted.clone();
    room.now += LIFE;
    room.hear(Input::Tick);
    assert!(unwanted.load(Ordering::SeqCst));
    assert_eq!(room.verdicts, [(Ticket(1), Verdict::NoSuchRequest)]);
    assert_eq!(room.answer_to(collected), Some(&Err(Fault::Expired)));
    room.reader_says(Refusal::Unentered(Unentered::TimedOut));
    assert_eq!(room.verdicts.len(), 1);
    room.type_pin(request, TEXT, false, 2);
    assert!(room.jobs.is_empty(), "it is not revived");
}
