//! The invariants against whatever may happen: random events in every state, under virtual time.
//!
//! The judging is done by the watch, at each event; here it is only made to happen, and shown that it reached
//! every state.

mod choices;

use std::{cell::RefCell, collections::BTreeSet, time::Duration};

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use self::choices::{intent, paper_answers, portal_answer, signer_answer};
use super::{
    cards,
    world::{Asked, World},
};
use crate::{
    card,
    link::{
        intent::{Intent, Touch},
        signer::Fault as SignerFault,
        view::Service,
    },
    portal::{Fault, OnlineLogin},
    session::{Effect, Event, InFlight, Recovery, ScreenEvent, VisitId},
};

/// Something that may happen.
#[derive(Debug, Clone)]
enum Act {
    /// What should happen next, so many times.
    Walk(u8),
    Portal(u8),
    Signer(u8),
    Touch {
        intent: u8,
        stale: bool,
    },
    Card(u8),
    Reader(u8),
    Screen(bool),
    SignerLink(bool),
    Clock(bool),
    Late(u8),
    Wait(u16),
    /// The primary button, whatever the page.
    Hasty,
    Differs(bool),
    WrongPins(u8),
    Word {
        stale: bool,
    },
    Presence(bool),
    Tamper(bool),
    ServiceKey(bool),
    CallButton,
    StaffCalled(bool),
    /// Begins only when nobody is served: the lock keeps it from any other time.
    Update(bool),
    /// An answer about the document, or from the printer.
    Paper(u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        30 => (1_u8..12).prop_map(Act::Walk),
        4 => any::<u8>().prop_map(Act::Portal),
        4 => any::<u8>().prop_map(Act::Signer),
        6 => (any::<u8>(), any::<bool>()).prop_map(|(intent, stale)| Act::Touch { intent, stale }),
        5 => any::<u8>().prop_map(Act::Card),
        2 => any::<u8>().prop_map(Act::Reader),
        2 => any::<bool>().prop_map(Act::Screen),
        2 => any::<bool>().prop_map(Act::SignerLink),
        1 => any::<bool>().prop_map(Act::Clock),
        3 => any::<u8>().prop_map(Act::Late),
        3 => (1_u16..400).prop_map(Act::Wait),
        5 => Just(Act::Hasty),
        1 => any::<bool>().prop_map(Act::Differs),
        1 => (0_u8..4).prop_map(Act::WrongPins),
        2 => any::<bool>().prop_map(|stale| Act::Word { stale }),
        4 => any::<bool>().prop_map(Act::Presence),
        1 => any::<bool>().prop_map(Act::Tamper),
        1 => any::<bool>().prop_map(Act::ServiceKey),
        1 => Just(Act::CallButton),
        1 => any::<bool>().prop_map(Act::StaffCalled),
        1 => any::<bool>().prop_map(Act::Update),
        3 => any::<u8>().prop_map(Act::Paper),
    ]
}

/// What the first visit begins with.
#[derive(Debug, Clone)]
enum Start {
    /// Whatever comes.
    Usual,
    /// An application that never reached the portal, for a code that is given out again.
    InVain,
    /// The wish for another PIN.
    ChangePin,
    /// Something of the online pages, entered in this way.
    Online(Service, OnlineLogin, bool),
    /// Somebody helps another person.
    Assisted,
    /// The wish for paper, with a card or without.
    OnPaper { card: bool },
}

/// How it begins; steps that go as they should; and what happens then.
fn story() -> impl Strategy<Value = (Recovery, Start, u8, Vec<Act>)> {
    let start = prop_oneof![
        8 => Just(Start::Usual),
        1 => Just(Start::InVain),
        2 => Just(Start::ChangePin),
        2 => Just(Start::Assisted),
        4 => (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(opens, signs, forgot)| {
            let service = if opens { Service::Unblock } else { Service::NewPin };
            let way = if signs { OnlineLogin::Signature } else { OnlineLogin::Password };
            Start::Online(service, way, forgot)
        }),
        3 => any::<bool>().prop_map(|card| Start::OnPaper { card }),
    ];
    let recovery = prop_oneof![
        8 => Just(Recovery::None),
        1 => Just(Recovery::Restarted),
        1 => Just(Recovery::InFlight(InFlight::Submission)),
        1 => Just(Recovery::InFlight(InFlight::NewPin)),
    ];
    (recovery, start, 0_u8..70, proptest::collection::vec(act(), 1..60))
}

fn perform(world: &mut World, act: &Act) {
    match act {
        Act::Walk(steps) => (0..*steps).for_each(|_| world.walk()),
        Act::Portal(kind) => {
            if world.asks_portal().is_some() {
                let answer = portal_answer(world, *kind);
                world.portal_says(answer);
            }
        }
        Act::Signer(kind) => {
            let answer = signer_answer(world, *kind);
            let asked = world.asked.iter().rposition(|asked| matches!(asked, Asked::Signer { .. }));
            if let Some(Asked::Signer { visit, op, .. }) = asked.and_then(|at| world.asked.remove(at)) {
                let lost = answer == Err(SignerFault::SignerLost);
                world.reply(Event::Signed { visit, op, result: answer });
                if lost {
                    world.signer(false);
                }
            }
        }
        Act::Touch { intent: kind, stale } => {
            let intent = intent(world, *kind);
            let serial = world.view().serial - u64::from(*stale);
            world.send(Event::Screen(ScreenEvent::Touch(Touch { serial, intent })));
        }
        Act::Card(kind) => match kind % 6 {
            0..=2 => world.card_out(),
            3 => world.card_in(usize::from(kind / 6) % cards::GOOD.len()),
            4 => {
                let card = world.watch.card_of_visit.unwrap_or(0);
                world.card_in(card);
            }
            _ => world.send(Event::Card(card::Event::CardMute(World::name()))),
        },
        Act::Reader(kind) => match kind % 5 {
            0 => world.reader_out(),
            1 => {
                world.card = None;
                world.reader = false;
                world.send(Event::Card(card::Event::ServiceDown));
            }
            _ => {
                world.send(Event::Card(card::Event::ServiceUp));
                world.reader_in();
            }
        },
        Act::Screen(there) => {
            world.send(Event::Screen(if *there { ScreenEvent::Connected } else { ScreenEvent::Lost }));
        }
        Act::SignerLink(up) => world.signer(*up),
        Act::Clock(set) => world.send(Event::ClockSet(*set)),
        Act::Late(which) => {
            if !world.old.is_empty() {
                let event = world.old[usize::from(*which) % world.old.len()].clone();
                world.send(event);
            }
        }
        Act::Wait(seconds) => world.wait(Duration::from_secs((*seconds).into())),
        Act::Differs(differs) => world.contract_differs = *differs,
        Act::WrongPins(count) => world.wrong_pins = *count,
        Act::Hasty => world.touch(Intent::Next),
        Act::Presence(somebody) => world.send(Event::Presence(*somebody)),
        Act::Tamper(open) => world.send(Event::Tamper(*open)),
        Act::Update(is) => {
            if !is || world.session.is_at_rest() {
                world.send(Event::Updating(*is));
            }
        }
        Act::Paper(kind) => {
            if let Some((visit, op)) = world.asks_paper() {
                world.asked.retain(|asked| !matches!(asked, Asked::TakeApart { .. } | Asked::Print { .. }));
                for event in paper_answers(world, *kind, visit, op) {
                    world.reply(event);
                }
            }
        }
        Act::ServiceKey(turned) => world.send(Event::ServiceKey(*turned)),
        Act::CallButton => {
            world.send(Event::CallButton(true));
            world.send(Event::CallButton(false));
        }
        Act::StaffCalled(told) => {
            let number = world.effects.iter().filter(|effect| matches!(effect, Effect::CallStaff(_))).count();
            world.send(Event::StaffCalled { number: number.try_into().unwrap_or(0), told: *told });
        }
        Act::Word { stale } => {
            let visit = world.visit.map_or(0, |visit| visit.0).saturating_sub(u64::from(*stale));
            let word = format!("Öneri-ZQ{visit}X-77").into();
            world.send(Event::SuggestedWord { visit: VisitId(visit), word });
        }
    }
}

/// Invariant 3 is only at stake where the same code comes twice.
fn hand_in_for_nothing(world: &mut World) {
    world.walk_into("handing-in");
    world.portal_says(Err(Fault::Interrupted));
    world.portal_says(Err(Fault::CodeExpired));
    world.keeps_code = true;
}

/// An update ends, the card leaves, all devices are well, staff closes the housing, and nobody touches anything: invariant 5.
fn left_alone(world: &mut World) {
    world.send(Event::Updating(false));
    world.send(Event::Tamper(false));
    world.send(Event::ServiceKey(false));
    world.send(Event::ServiceKey(true));
    world.pass(5);
    world.send(Event::ClockSet(true));
    world.send(Event::Card(card::Event::ServiceUp));
    world.reader_in();
    world.card_out();
    if !world.signer_up {
        world.signer(true);
    }
    let start = world.now.mono;
    while world.page() != "attract" {
        let waited = world.now.mono - start;
        assert!(waited < Duration::from_secs(900), "invariant 5: {} after {waited:?}", world.page());
        world.wait(Duration::from_secs(10));
    }
}

/// Every state the log can name.
const STATES: [&str; 64] = [
    "starting",
    "out-of-service",
    "attract",
    "reading-card",
    "eligibility",
    "insert-card",
    "card-check",
    "notice",
    "opening-portal",
    "login",
    "logging-in",
    "form-reason",
    "form-institution",
    "form-address",
    "form-contact",
    "review",
    "submitting-form",
    "sms-send",
    "sending-sms",
    "sms-code",
    "submitting-sms",
    "method",
    "choosing-method",
    "taking-apart",
    "paper",
    "printing",
    "printed",
    "fetching-texts",
    "contract",
    "certificate",
    "preparing",
    "last-try",
    "pin",
    "signing",
    "new-pin",
    "setting-pin",
    "pin-set",
    "pin-opened",
    "opening-online",
    "login-way",
    "choosing-login",
    "online-login",
    "logging-in-online",
    "asking-word-reset",
    "word-reset",
    "resetting-word",
    "word-set",
    "handing-in-login",
    "choosing-service",
    "new-card-pin",
    "asking-unblock",
    "unblock-sms",
    "confirming-unblock",
    "reporting-unblock",
    "handing-in",
    "asking-outcome",
    "result",
    "trouble",
    "card-away",
    "take-card",
    "hand-over",
    "thank-you",
    "outcome-unknown",
    "recovering",
];

#[test]
fn whatever_happens_the_invariants_hold_and_the_kiosk_comes_back() {
    let reached = RefCell::new(BTreeSet::new());
    let config =
        Config { cases: 500, max_shrink_time: 20_000, failure_persistence: None, ..Config::default() };
    // The same stories on each run: what is reached is then a fact, not luck.
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let result = TestRunner::new_with_rng(config, rng).run(&story(), |(recovery, start, steps, acts)| {
        // Every other kiosk has a printer, and those who come for paper find one.
        let printer = matches!(start, Start::OnPaper { .. }) || steps % 2 == 0;
        let mut world = if printer { World::with_printer(recovery) } else { World::new(recovery) };
        let steps = match start {
            Start::Usual => steps,
            Start::InVain => {
                hand_in_for_nothing(&mut world);
                steps
            }
            Start::ChangePin => {
                world.walk_to("attract");
                world.touch(Intent::Service(Service::ChangePin));
                steps % 10
            }
            Start::OnPaper { card } => {
                world.walk_to("attract");
                world.touch(Intent::Service(Service::WetInk));
                if !card {
                    world.touch(Intent::NoCard);
                }
                steps
            }
            Start::Online(service, way, forgot) => {
                world.walk_to("attract");
                (world.way_in, world.forgot) = (way, forgot);
                world.touch(Intent::Service(service));
                steps % 40
            }
            Start::Assisted => {
                world.walk_to("attract");
                world.touch(Intent::Service(Service::Assisted));
                steps
            }
        };
        for _ in 0..steps {
            world.walk();
        }
        for act in &acts {
            perform(&mut world, act);
        }
        left_alone(&mut world);
        reached.borrow_mut().extend(world.watch.reached);
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    let missed: Vec<_> = STATES.iter().filter(|state| !reached.borrow().contains(*state)).collect();
    assert!(missed.is_empty(), "never reached: {missed:?}");
}
