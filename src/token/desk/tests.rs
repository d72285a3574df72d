//! The dialogue without a card: orders of events that a real one cannot be made to show on demand.

mod at_reader;
mod new_pin;

use std::{
    collections::{HashSet, VecDeque},
    sync::LazyLock,
    time::{Duration, Instant},
};

use proptest::{bool::weighted, prelude::*};
use sha2::{Digest, Sha256};

use super::{Desk, Input, Job, Outcome, Output, Ticket};
use crate::{
    card::ReaderName,
    link::{
        keypad::Question,
        pin::{Pin, PinFrame, Verdict},
        signer::{Answer, Call, Fault, Fingerprint, Purpose, Reply, Request, RequestId, TriesLeft},
    },
    portal::SigningText,
    token::{
        found::{Entry, Found, Refusal, Unreplaced},
        pad::Unentered,
        tries::Flags,
    },
};

const TEXT: &[u8] = b"metin";
const LIFE: Duration = Duration::from_secs(60);
const LAST: Flags = Flags { low: true, last: true, locked: false };

static CERTIFICATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    rcgen::CertificateParams::default().self_signed(&key).unwrap().der().to_vec()
});

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// A desk, its jobs not done yet, and what it said.
struct Room {
    desk: Desk,
    now: Instant,
    numbers: u64,
    jobs: VecDeque<Job>,
    answers: Vec<Answer>,
    verdicts: Vec<(Ticket, Verdict)>,
    left: bool,
}

impl Room {
    fn new() -> Self {
        Self {
            desk: Desk::default(),
            now: *START,
            numbers: 0,
            jobs: VecDeque::new(),
            answers: Vec::new(),
            verdicts: Vec::new(),
            left: false,
        }
    }

    fn hear(&mut self, input: Input) {
        self.desk.handle(input, self.now);
        for output in self.desk.outputs() {
            match output {
                Output::Answer(answer) => self.answers.push(answer),
                Output::Verdict(ticket, verdict) => self.verdicts.push((ticket, verdict)),
                Output::Run(job) => self.jobs.push_back(job),
                Output::Leave => self.left = true,
            }
        }
    }

    fn call(&mut self, request: Request) -> u64 {
        self.numbers += 1;
        let mut fresh = RequestId([0; 16]);
        fresh.0[..8].copy_from_slice(&self.numbers.to_be_bytes());
        self.hear(Input::Call { call: Call { number: self.numbers, request }, fresh });
        self.numbers
    }

    /// The module does its next job: reads and checks succeed with these flags, signatures with `pin_right`.
    /// Whether the job was a signature.
    fn work(&mut self, flags: Flags, pin_right: bool) -> bool {
        let Some(job) = self.jobs.pop_front() else { return false };
        let signs = matches!(job, Job::Sign(_));
        self.hear(Input::Module(match job {
            Job::Read(_) => {
                Outcome::Read(Ok(Found { certificates: vec![CERTIFICATE.clone()], told: flags.into() }))
            }
            Job::Check(..) => Outcome::Checked(Ok(flags.into())),
            Job::Sign(job) if pin_right => Outcome::Signed(Ok(vec![vec![1]; job.drafts.len()])),
            Job::Sign(_) => Outcome::Signed(Err(Refusal::WrongPin { spent: true, told: flags.into() })),
            Job::Replace(_) if pin_right => Outcome::Replaced(Ok(())),
            Job::Replace(_) => Outcome::Replaced(Err(Unreplaced::Wrong(flags.into()))),
            Job::Settle | Job::Close => Outcome::Idle,
        }));
        signs
    }

    fn read_card(&mut self) {
        self.call(Request::ReadCard { reader: ReaderName("reader".to_owned()), atr: Vec::new() });
    }

    fn announce(&mut self) -> u64 {
        self.call(Request::Prepare {
            purpose: Purpose::Application,
            texts: vec![SigningText(TEXT.to_vec())],
            certificate: Fingerprint(Sha256::digest(&*CERTIFICATE).into()),
            signing_time: 1_790_000_000,
            life_ms: u64::try_from(LIFE.as_millis()).unwrap(),
        })
    }

    /// A request that waits for its PIN.
    fn prepared(&mut self) -> RequestId {
        self.read_card();
        self.work(Flags::default(), true);
        self.announce();
        self.work(Flags::default(), true);
        self.request().expect("prepared")
    }

    /// Of the last answer that named one.
    fn request(&self) -> Option<RequestId> {
        self.answers.iter().rev().find_map(|answer| {
            if let Ok(Reply::Prepared { request, .. }) = &answer.result { Some(*request) } else { None }
        })
    }

    fn ask_at_reader(&mut self, request: RequestId, text: &[u8], accept_last_try: bool, ticket: u64) {
        let question = Question { request, digests: vec![Sha256::digest(text).into()], accept_last_try };
        self.hear(Input::AtReader { question, ticket: Ticket(ticket) });
    }

    fn signatures(&self) -> usize {
        self.jobs.iter().filter(|job| matches!(job, Job::Sign(_))).count()
    }

    fn type_pin(&mut self, request: RequestId, text: &[u8], accept_last_try: bool, ticket: u64) {
        let mut pin = Pin::new().unwrap();
        [9, 0, 4, 7].into_iter().for_each(|digit| assert!(pin.push(digit)));
        let digests = vec![Sha256::digest(text).into()];
        let frame = PinFrame { request, digests, accept_last_try, pin };
        self.hear(Input::Pin { frame, ticket: Ticket(ticket) });
    }

    fn answer_to(&self, number: u64) -> Option<&Result<Reply, Fault>> {
        self.answers.iter().find(|answer| answer.number == number).map(|answer| &answer.result)
    }
}

#[test]
fn a_card_that_leaves_while_the_pin_is_being_weighed_takes_the_pin_with_it() {
    let mut room = Room::new();
    let request = room.prepared();
    let collected = room.call(Request::Collect(request));
    room.type_pin(request, TEXT, false, 1);
    room.call(Request::CardOut);
    assert_eq!(room.verdicts, [(Ticket(1), Verdict::NoSuchRequest)]);
    assert_eq!(room.answer_to(collected), Some(&Err(Fault::CardPulled)));
    room.work(Flags::default(), true);
    assert!(!room.jobs.iter().any(|job| matches!(job, Job::Sign(_))), "nothing is signed afterwards");
}

#[test]
fn the_module_stops_when_the_request_dies_under_it() {
    let mut room = Room::new();
    let request = room.prepared();
    room.type_pin(request, TEXT, false, 1);
    room.work(Flags::default(), true);
    let Some(Job::Sign(job)) = room.jobs.front() else { panic!("not signing") };
    let unwanted = job.unwanted.clone();
    assert!(!unwanted.load(std::sync::atomic::Ordering::SeqCst));
    let collected = room.call(Request::Collect(request));
    room.now += LIFE;
    room.hear(Input::Tick);
    assert!(unwanted.load(std::sync::atomic::Ordering::SeqCst));
    assert_eq!(room.answer_to(collected), Some(&Err(Fault::Expired)));
    room.work(Flags::default(), true);
    let late = room.call(Request::Collect(request));
    assert_eq!(room.answer_to(late), Some(&Err(Fault::NoSuchRequest)), "what was signed goes nowhere");
}

#[test]
fn a_card_that_is_on_its_last_try_only_when_the_pin_comes_is_asked_about() {
    let mut room = Room::new();
    let request = room.prepared();
    let collected = room.call(Request::Collect(request));
    room.type_pin(request, TEXT, false, 1);
    room.work(LAST, true);
    assert_eq!(room.verdicts, [(Ticket(1), Verdict::LastTryNotAccepted)]);
    assert!(room.jobs.is_empty(), "nothing is spent");
    assert_eq!(room.answer_to(collected), Some(&Err(Fault::LastTry)));
    // Announced anew, so that the person is asked; the yes is to that request.
    room.announce();
    room.work(LAST, true);
    let again = room.request().expect("prepared");
    assert_ne!(again, request);
    room.type_pin(again, TEXT, true, 2);
    room.work(LAST, true);
    assert_eq!(room.verdicts[1], (Ticket(2), Verdict::Accepted));
    assert!(room.work(Flags::default(), true));
}

#[test]
fn the_first_wrong_pin_ends_the_request_and_a_second_one_is_not_even_weighed() {
    let mut room = Room::new();
    let request = room.prepared();
    room.type_pin(request, TEXT, false, 1);
    room.work(Flags::default(), true);
    assert!(room.work(Flags::default(), false), "the card says no");
    room.type_pin(request, TEXT, false, 2);
    assert_eq!(room.verdicts, [(Ticket(1), Verdict::Accepted), (Ticket(2), Verdict::NoSuchRequest)]);
    assert!(room.jobs.is_empty(), "the card is left alone");
}

#[test]
fn a_card_read_that_a_removal_overtook_is_not_believed() {
    let mut room = Room::new();
    room.read_card();
    room.call(Request::CardOut);
    room.work(Flags::default(), true);
    assert_eq!(room.answer_to(1), Some(&Err(Fault::CardPulled)));
    let announced = room.announce();
    assert_eq!(room.answer_to(announced), Some(&Err(Fault::NoCard)));
}

#[test]
fn the_end_of_the_visit_waits_for_the_module_and_answers_before_it_leaves() {
    let mut room = Room::new();
    let request = room.prepared();
    room.type_pin(request, TEXT, false, 1);
    room.work(Flags::default(), true);
    let ended = room.call(Request::EndVisit);
    assert!(!room.left);
    assert!(room.work(Flags::default(), true), "the signature under way ends first");
    assert!(!room.left && room.answer_to(ended).is_none());
    room.work(Flags::default(), true);
    assert!(room.left);
    assert_eq!(room.answer_to(ended), Some(&Ok(Reply::Done)));
}

#[test]
fn every_open_call_hears_that_the_module_hangs() {
    let mut room = Room::new();
    let request = room.prepared();
    let collected = room.call(Request::Collect(request));
    room.type_pin(request, TEXT, false, 1);
    room.read_card();
    room.desk.give_up(Fault::ModuleHung);
    let hung = room
        .desk
        .outputs()
        .into_iter()
        .filter(|output| matches!(output, Output::Answer(Answer { result: Err(Fault::ModuleHung), .. })));
    // The reading of the card ended the request, and with it the collecting call.
    assert_eq!(hung.count(), 1);
    assert_eq!(room.answer_to(collected), Some(&Err(Fault::Abandoned)));
}

#[derive(Debug, Clone)]
enum Step {
    Read,
    Announce,
    Collect,
    Abandon,
    CardOut,
    Pin { right_text: bool, accept: bool, at_reader: bool },
    Unentered,
    Work { last: bool, pin_right: bool },
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => Just(Step::Read),
        2 => Just(Step::Announce),
        2 => Just(Step::Collect),
        1 => Just(Step::Abandon),
        1 => Just(Step::CardOut),
        4 => (weighted(0.8), any::<bool>(), any::<bool>())
            .prop_map(|(right_text, accept, at_reader)| Step::Pin { right_text, accept, at_reader }),
        2 => Just(Step::Unentered),
        8 => (any::<bool>(), any::<bool>()).prop_map(|(last, pin_right)| Step::Work { last, pin_right }),
        1 => Just(Step::Wait),
    ]
}

proptest! {
    /// Invariants 1 and 2: a signature takes a PIN of its own for the very texts, and a last try a yes.
    #[test]
    fn no_order_of_events_spends_a_pin_otherwise_than_it_was_given(
        steps in proptest::collection::vec(step(), 1..80)
    ) {
        let mut room = Room::new();
        room.prepared();
        let mut typed = None;
        let (mut signed, mut tickets) = (HashSet::new(), 0);
        let mut spending = VecDeque::new();
        for step in steps {
            match step {
                Step::Read => room.read_card(),
                Step::Announce => drop(room.announce()),
                Step::Collect => {
                    let request = room.request().expect("one was prepared");
                    room.call(Request::Collect(request));
                }
                Step::Abandon => {
                    let request = room.request().expect("one was prepared");
                    room.call(Request::Abandon(request));
                }
                Step::CardOut => drop(room.call(Request::CardOut)),
                Step::Pin { right_text, accept, at_reader } => {
                    let request = room.request().expect("one was prepared");
                    tickets += 1;
                    let text = if right_text { TEXT } else { b"another" };
                    if at_reader {
                        room.ask_at_reader(request, text, accept, tickets);
                    } else {
                        room.type_pin(request, text, accept, tickets);
                    }
                    if room.verdicts.iter().all(|(ticket, _)| *ticket != Ticket(tickets)) {
                        typed = Some((request, right_text, accept));
                    }
                }
                Step::Work { last, pin_right } => {
                    let signatures = room.signatures();
                    if room.work(if last { LAST } else { Flags::default() }, pin_right) {
                        spending.pop_front();
                    } else if room.signatures() > signatures {
                        let (request, right_text, accept) = typed.expect("a PIN nobody gave was used");
                        spending.push_back(request);
                        prop_assert!(right_text, "a PIN for other texts was used");
                        prop_assert!(!last || accept, "the last try was spent without a yes");
                        prop_assert!(signed.insert(request), "two PINs were used for one request");
                    }
                }
                Step::Unentered => {
                    let at_reader = |job: &Job| matches!(job, Job::Sign(job) if matches!(job.entry, Entry::AtReader));
                    if room.jobs.front().is_some_and(at_reader) {
                        room.jobs.pop_front();
                        // Nothing was spent, so this request may have another.
                        signed.remove(&spending.pop_front().expect("it was counted"));
                        room.hear(Input::Module(Outcome::Signed(Err(Refusal::Unentered(Unentered::TimedOut)))));
                    }
                }
                Step::Wait => {
                    room.now += LIFE;
                    room.hear(Input::Tick);
                }
            }
            prop_assert!(room.signatures() <= signed.len());
        }
        let answered: HashSet<u64> = room.answers.iter().map(|answer| answer.number).collect();
        prop_assert_eq!(answered.len(), room.answers.len(), "a call was answered twice");
        let told: HashSet<Ticket> = room.verdicts.iter().map(|(ticket, _)| *ticket).collect();
        prop_assert_eq!(told.len(), room.verdicts.len(), "a PIN frame was answered twice");
    }
}

#[test]
fn a_second_failure_makes_the_next_try_the_last_one() {
    let mut room = Room::new();
    for left in [TriesLeft::Unknown, TriesLeft::Known(1)] {
        let request = room.prepared();
        room.type_pin(request, TEXT, true, 1);
        room.work(Flags::default(), true);
        room.work(Flags::default(), false);
        let collected = room.call(Request::Collect(request));
        assert_eq!(room.answer_to(collected), Some(&Err(Fault::WrongPin { tries: left })));
    }
}
