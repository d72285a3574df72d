//! Another PIN: the same rules, and that nobody is told which PIN holds before the card has said so.
//!
//! Longer than others: each way of giving up a request is a test of its own, beside the others.

use std::collections::HashMap;

use super::{
    CERTIFICATE, Digest, Fault, Fingerprint, Flags, HashSet, Input, Job, Just, LAST, LIFE, Outcome, Reply,
    Request, RequestId, Room, Sha256, Strategy, TEXT, Ticket, TriesLeft, Unreplaced, Verdict, any,
    prop_assert, prop_assert_eq, prop_oneof, proptest, weighted,
};
use crate::{
    link::{new_pin::NewPinFrame, pin::Pin},
    redact::PortalSecret,
    token::{desk::request::Pending, found::Replacement, tries::Told},
};

const OLD: &str = "904713";
const NEW: &str = "735194";
const PUK: &str = "48151623";
const LOCKED: Flags = Flags { low: true, last: true, locked: true };

fn pin(digits: &str) -> Pin {
    Pin::of_digits(digits.as_bytes()).unwrap()
}

fn certificate() -> Fingerprint {
    Fingerprint(Sha256::digest(&*CERTIFICATE).into())
}

impl Room {
    fn announce_change(&mut self) -> u64 {
        let life_ms = u64::try_from(LIFE.as_millis()).unwrap();
        self.call(Request::PrepareChange { certificate: certificate(), life_ms })
    }

    fn announce_unblock(&mut self, puk: &str) -> u64 {
        let life_ms = u64::try_from(LIFE.as_millis()).unwrap();
        let puk = PortalSecret::new(puk);
        self.call(Request::PrepareUnblock { certificate: certificate(), puk, life_ms })
    }

    /// A request that waits for a new PIN.
    fn for_new_pin(announce: impl FnOnce(&mut Self) -> u64) -> (Self, RequestId) {
        let mut room = Self::new();
        room.read_card();
        room.work(Flags::default(), true);
        announce(&mut room);
        room.work(Flags::default(), true);
        let request = room.request().expect("prepared");
        (room, request)
    }

    fn type_new(&mut self, request: RequestId, old: Option<&str>, new: &str, accept: bool, ticket: u64) {
        let frame = NewPinFrame { request, accept_last_try: accept, old: old.map(pin), new: pin(new) };
        self.hear(Input::NewPin { frame, ticket: Ticket(ticket) });
    }

    /// With the card, which has not answered yet.
    fn being_replaced(announce: impl FnOnce(&mut Self) -> u64, old: Option<&str>) -> (Self, RequestId) {
        let (mut room, request) = Self::for_new_pin(announce);
        room.type_new(request, old, NEW, false, 1);
        room.work(Flags::default(), true);
        assert!(matches!(room.jobs.front(), Some(Job::Replace(_))), "it is not with the card");
        (room, request)
    }

    fn card_says(&mut self, result: Result<(), Unreplaced>) {
        assert!(matches!(self.jobs.pop_front(), Some(Job::Replace(_))));
        self.hear(Input::Module(Outcome::Replaced(result)));
    }
}

#[test]
fn both_pins_go_to_the_card_once_and_a_puk_with_the_new_one() {
    let (mut room, request) = Room::being_replaced(Room::announce_change, Some(OLD));
    let Some(Job::Replace(job)) = room.jobs.front() else { panic!("nothing for the card") };
    let Replacement::Change { old } = &job.how else { panic!("not by the PIN") };
    assert_eq!((old.expose(), job.new.expose()), (OLD.as_bytes(), NEW.as_bytes()));
    assert_eq!(room.verdicts, [(Ticket(1), Verdict::Accepted)]);
    room.type_new(request, Some(OLD), NEW, false, 2);
    assert_eq!(room.verdicts[1..], [(Ticket(2), Verdict::NoSuchRequest)]);
    let collected = room.call(Request::Collect(request));
    room.card_says(Ok(()));
    assert_eq!(room.answer_to(collected), Some(&Ok(Reply::Done)));

    let (mut room, request) = Room::being_replaced(|room| room.announce_unblock(PUK), None);
    let Some(Job::Replace(job)) = room.jobs.front() else { panic!("nothing for the card") };
    let Replacement::Unblock { puk } = &job.how else { panic!("not by the PUK") };
    assert_eq!((puk.expose(), job.new.expose()), (PUK.as_bytes(), NEW.as_bytes()));
    room.card_says(Ok(()));
    let collected = room.call(Request::Collect(request));
    assert_eq!(room.answer_to(collected), Some(&Ok(Reply::Done)));
}

#[test]
fn a_weak_pin_is_refused_before_the_card_is_looked_at_and_a_better_one_is_taken_then() {
    for (old, weak) in [
        (Some(OLD), "111111"),
        (Some(OLD), "456789"),
        (Some(OLD), "031984"),
        (Some(OLD), OLD),
        (None, "987654"),
    ] {
        let (mut room, request) = match old {
            Some(_) => Room::for_new_pin(Room::announce_change),
            None => Room::for_new_pin(|room| room.announce_unblock(PUK)),
        };
        room.type_new(request, old, weak, false, 1);
        assert_eq!(room.verdicts, [(Ticket(1), Verdict::WeakPin)], "{weak}");
        assert!(room.jobs.is_empty());
        room.type_new(request, old, NEW, false, 2);
        room.work(Flags::default(), true);
        assert_eq!(room.verdicts[1..], [(Ticket(2), Verdict::Accepted)]);
    }
}

#[test]
fn a_frame_of_one_kind_spends_nothing_on_a_request_of_another() {
    let mut room = Room::new();
    let signs = room.prepared();
    room.type_new(signs, Some(OLD), NEW, true, 1);
    room.type_new(signs, None, NEW, true, 2);
    assert!(room.jobs.is_empty());
    let (mut changes, request) = Room::for_new_pin(Room::announce_change);
    changes.type_pin(request, TEXT, true, 3);
    changes.ask_at_reader(request, TEXT, true, 4);
    changes.type_new(request, None, NEW, true, 5);
    assert!(changes.jobs.is_empty());
    let (mut opens, request) = Room::for_new_pin(|room| room.announce_unblock(PUK));
    opens.type_pin(request, TEXT, true, 6);
    opens.type_new(request, Some(OLD), NEW, true, 7);
    assert!(opens.jobs.is_empty());
    for said in [room.verdicts, changes.verdicts, opens.verdicts] {
        assert!(said.iter().all(|(_, verdict)| *verdict == Verdict::NoSuchRequest), "{said:?}");
    }
    assert!(room.desk.awaits(signs));
    assert!(!opens.desk.awaits(request), "no keys are listened to for a new PIN");
}

#[test]
fn the_last_try_of_the_old_pin_wants_a_yes_and_a_puk_does_not_ask_about_the_pins() {
    let (mut room, request) = Room::for_new_pin(Room::announce_change);
    let collected = room.call(Request::Collect(request));
    room.type_new(request, Some(OLD), NEW, false, 1);
    room.work(LAST, true);
    assert_eq!(room.verdicts, [(Ticket(1), Verdict::LastTryNotAccepted)]);
    assert!(room.jobs.is_empty());
    assert_eq!(room.answer_to(collected), Some(&Err(Fault::LastTry)));
    let (mut room, request) = Room::for_new_pin(Room::announce_change);
    room.type_new(request, Some(OLD), NEW, true, 1);
    room.work(LAST, true);
    assert_eq!(room.verdicts, [(Ticket(1), Verdict::Accepted)]);

    let mut room = Room::new();
    room.read_card();
    room.work(LOCKED, true);
    let changes = room.announce_change();
    room.work(LOCKED, true);
    assert_eq!(room.answer_to(changes), Some(&Err(Fault::PinLocked)));
    room.announce_unblock(PUK);
    room.work(LOCKED, true);
    let request = room.request().expect("a locked PIN is what it is for");
    room.type_new(request, None, NEW, false, 1);
    room.work(LOCKED, true);
    assert_eq!(room.verdicts, [(Ticket(1), Verdict::Accepted)]);
}

#[test]
fn what_the_card_says_is_told_as_what_it_is_and_a_wrong_puk_never_as_a_wrong_pin() {
    let left = |count| Unreplaced::Wrong(Told::Count(count));
    for (said, by_pin, by_puk) in [
        (
            left(Some(2)),
            Fault::WrongPin { tries: TriesLeft::Known(2) },
            Fault::WrongPuk { tries: TriesLeft::Known(2) },
        ),
        (
            left(None),
            Fault::WrongPin { tries: TriesLeft::Unknown },
            Fault::WrongPuk { tries: TriesLeft::Unknown },
        ),
        (left(Some(0)), Fault::PinLocked, Fault::PukLocked),
        (Unreplaced::Unfit, Fault::UnfitPin, Fault::UnfitPin),
        (Fault::ChangeUnknown.into(), Fault::ChangeUnknown, Fault::ChangeUnknown),
        (Fault::NotSupported.into(), Fault::NotSupported, Fault::NotSupported),
        (Fault::CardPulled.into(), Fault::CardPulled, Fault::CardPulled),
    ] {
        let (mut room, request) = Room::being_replaced(Room::announce_change, Some(OLD));
        let collected = room.call(Request::Collect(request));
        room.card_says(Err(said));
        assert_eq!(room.answer_to(collected), Some(&Err(by_pin)));
        let (mut room, request) = Room::being_replaced(|room| room.announce_unblock(PUK), None);
        let collected = room.call(Request::Collect(request));
        room.card_says(Err(said));
        assert_eq!(room.answer_to(collected), Some(&Err(by_puk)));
        room.type_new(request, None, NEW, false, 2);
        assert!(room.jobs.is_empty(), "one PUK, one try");
    }
}

#[test]
fn wrong_old_pins_count_as_wrong_pins_do_and_so_does_one_nobody_knows_of() {
    for said in [Unreplaced::Wrong(Told::Count(None)), Fault::ChangeUnknown.into()] {
        let (mut room, _) = Room::being_replaced(Room::announce_change, Some(OLD));
        room.card_says(Err(said));
        room.announce();
        room.work(Flags::default(), true);
        let request = room.request().expect("prepared");
        room.type_pin(request, TEXT, false, 2);
        room.work(Flags::default(), true);
        room.work(Flags::default(), false);
        let collected = room.call(Request::Collect(request));
        let last = Err(Fault::WrongPin { tries: TriesLeft::Known(1) });
        assert_eq!(room.answer_to(collected), Some(&last), "after {said:?}");
    }
}

#[test]
fn a_card_pulled_while_it_takes_the_new_pin_is_waited_for_and_what_it_said_counts() {
    for (said, told) in [
        (Ok(()), Ok(Reply::Done)),
        (Err(Fault::ChangeUnknown.into()), Err(Fault::ChangeUnknown)),
        (Err(Fault::CardPulled.into()), Err(Fault::CardPulled)),
    ] {
        let (mut room, request) = Room::being_replaced(Room::announce_change, Some(OLD));
        let collected = room.call(Request::Collect(request));
        room.call(Request::CardOut);
        room.now += LIFE;
        room.hear(Input::Tick);
        assert_eq!(room.desk.deadline(), None, "nothing but the card ends it");
        assert_eq!(room.answer_to(collected), None);
        room.card_says(said);
        assert_eq!(room.answer_to(collected), Some(&told));
    }
}

#[test]
fn whoever_gives_up_while_the_card_takes_the_new_pin_hears_that_either_may_hold() {
    type GiveUp = fn(&mut Room, RequestId);
    let ways: [GiveUp; 5] = [
        |room, request| {
            room.call(Request::Abandon(request));
        },
        |room, _| {
            room.announce();
        },
        |room, _| room.read_card(),
        |room, _| {
            room.call(Request::EndVisit);
        },
        |room, _| {
            room.desk.give_up(Fault::ModuleHung);
            let answers = room.desk.outputs().into_iter();
            room.answers.extend(answers.filter_map(|output| {
                if let super::Output::Answer(answer) = output { Some(answer) } else { None }
            }));
        },
    ];
    for give_up in ways {
        let (mut room, request) = Room::being_replaced(Room::announce_change, Some(OLD));
        let collected = room.call(Request::Collect(request));
        give_up(&mut room, request);
        assert_eq!(room.answer_to(collected), Some(&Err(Fault::ChangeUnknown)));
        room.card_says(Ok(()));
        assert_eq!(room.answers.iter().filter(|answer| answer.number == collected).count(), 1);
    }
}

#[test]
fn before_the_new_pin_is_with_the_card_a_request_dies_as_any_other() {
    let (mut room, request) = Room::for_new_pin(|room| room.announce_unblock(PUK));
    let collected = room.call(Request::Collect(request));
    room.type_new(request, None, NEW, false, 1);
    room.call(Request::CardOut);
    assert_eq!(room.verdicts, [(Ticket(1), Verdict::NoSuchRequest)]);
    assert_eq!(room.answer_to(collected), Some(&Err(Fault::CardPulled)));
    room.work(Flags::default(), true);
    assert!(!room.jobs.iter().any(|job| matches!(job, Job::Replace(_))));

    let (mut room, request) = Room::for_new_pin(Room::announce_change);
    let collected = room.call(Request::Collect(request));
    room.now += LIFE;
    room.hear(Input::Tick);
    assert_eq!(room.answer_to(collected), Some(&Err(Fault::Expired)));
}

#[test]
fn a_puk_that_is_none_and_a_card_that_was_not_read_are_told_before_anybody_types() {
    let mut room = Room::new();
    let change = room.announce_change();
    assert_eq!(room.answer_to(change), Some(&Err(Fault::NoCard)));
    room.read_card();
    room.work(Flags::default(), true);
    for none in ["", "12345", "4815162x", "48151623481516234"] {
        let opens = room.announce_unblock(none);
        assert_eq!(room.answer_to(opens), Some(&Err(Fault::WrongPuk { tries: TriesLeft::Unknown })));
    }
    let other = room.call(Request::PrepareChange { certificate: Fingerprint([9; 32]), life_ms: 1000 });
    assert_eq!(room.answer_to(other), Some(&Err(Fault::OtherCard)));
}

/// The name that the announcement of this number got: see [`Room::call`].
fn name_of(number: u64) -> RequestId {
    let mut name = RequestId([0; 16]);
    name.0[..8].copy_from_slice(&number.to_be_bytes());
    name
}

#[derive(Debug, Clone)]
enum Step {
    Read,
    Texts,
    Change,
    Unblock,
    Collect,
    Abandon,
    CardOut,
    NewPin { by_puk: bool, weak: bool, accept: bool },
    Pin,
    Work { last: bool, right: bool },
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => Just(Step::Read),
        1 => Just(Step::Texts),
        2 => Just(Step::Change),
        2 => Just(Step::Unblock),
        2 => Just(Step::Collect),
        1 => Just(Step::Abandon),
        1 => Just(Step::CardOut),
        5 => (any::<bool>(), weighted(0.2), any::<bool>())
            .prop_map(|(by_puk, weak, accept)| Step::NewPin { by_puk, weak, accept }),
        1 => Just(Step::Pin),
        8 => (weighted(0.2), any::<bool>()).prop_map(|(last, right)| Step::Work { last, right }),
        1 => Just(Step::Wait),
    ]
}

proptest! {
    /// Invariant 2, for a PIN that is given another: one frame, one command, of the kind that was announced, none with a weak
    /// PIN, no last try without a yes; and nobody hears that it is off while the card is at it.
    #[test]
    fn no_order_of_events_changes_a_pin_otherwise_than_it_was_typed(
        steps in proptest::collection::vec(step(), 1..80)
    ) {
        let (mut room, request) = Room::for_new_pin(Room::announce_change);
        // Whether a PUK opens it; texts are not in here.
        let mut announced = HashMap::from([(request, false)]);
        let (mut typed, mut tickets, mut commands) = (None, 0, HashSet::new());
        for step in steps {
            let request = room.request().expect("one was prepared");
            let with_card = room.desk.request.as_ref().is_some_and(Pending::is_being_replaced);
            let answered = room.answers.len();
            match step {
                Step::Read => room.read_card(),
                Step::Texts => {
 room.announce();
 },
                Step::Change => {
                    announced.insert(name_of(room.announce_change()), false);
                }
                Step::Unblock => {
                    announced.insert(name_of(room.announce_unblock(PUK)), true);
                }
                Step::Collect => {
 room.call(Request::Collect(request));
 }
                Step::Abandon => {
 room.call(Request::Abandon(request));
 }
                Step::CardOut => {
 room.call(Request::CardOut);
 }
                Step::NewPin { by_puk, weak, accept } => {
                    tickets += 1;
                    let old = if by_puk { None } else { Some(OLD) };
                    room.type_new(request, old, if weak { "777777" } else { NEW }, accept, tickets);
                    if room.verdicts.iter().all(|(ticket, _)| *ticket != Ticket(tickets)) {
                        prop_assert!(!weak, "a weak PIN is weighed");
                        prop_assert_eq!(announced.get(&request), Some(&by_puk), "not what was announced");
                        typed = Some((request, by_puk, accept));
                    }
                }
                Step::Pin => {
                    tickets += 1;
                    room.type_pin(request, TEXT, true, tickets);
                }
                Step::Work { last, right } => {
                    let replacing = |room: &Room| {
                        room.jobs.iter().filter(|job| matches!(job, Job::Replace(_))).count()
                    };
                    let before = replacing(&room);
                    let done = matches!(room.jobs.front(), Some(Job::Replace(_)));
                    room.work(if last { LAST } else { Flags::default() }, right);
                    if !done && replacing(&room) > before {
                        let (request, by_puk, accept) = typed.expect("a PIN nobody typed is set");
                        prop_assert!(commands.insert(request), "two commands for one request");
                        prop_assert!(by_puk || !last || accept, "the last try without a yes");
                    }
                }
                Step::Wait => {
                    room.now += LIFE;
                    room.hear(Input::Tick);
                }
            }
            if with_card {
                let off = [Fault::CardPulled, Fault::Expired, Fault::Abandoned].map(Err);
                let told = &room.answers[answered..];
                prop_assert!(told.iter().all(|answer| !off.contains(&answer.result)), "{told:?}");
            }
        }
        let answered: HashSet<u64> = room.answers.iter().map(|answer| answer.number).collect();
        prop_assert_eq!(answered.len(), room.answers.len(), "a call was answered twice");
        let told: HashSet<Ticket> = room.verdicts.iter().map(|(ticket, _)| *ticket).collect();
        prop_assert_eq!(told.len(), room.verdicts.len(), "a frame was answered twice");
    }
}
