//! Yardımlı yenileme: whoever helps shows who they are, hands over, and the other person's renewal is like any other.

use super::{
    cards::{self, StaffCard, TestCard},
    world::World,
};
use crate::{
    card,
    link::{
        challenge::OwnText,
        intent::Intent,
        signer::{Fault as SignerFault, Request, TriesLeft},
        view::{Deadline, HandOver, Overlay, Page as Shown, Service},
    },
    session::{Event, ScreenEvent, fault::Cause},
    signature::ContentType,
};

/// Whoever helps puts this card in.
fn helper(card: TestCard) -> World {
    World::came_for(Service::Assisted, card)
}

/// Whoever helps has shown who they are.
fn shown() -> World {
    let mut world = helper(cards::STAFF.card());
    world.walk_to("hand-over");
    world
}

/// And the other person's card has been put in.
fn helped() -> World {
    let mut world = shown();
    world.card_out();
    world.card_in(0);
    while world.answer() {}
    assert_eq!(world.page(), "eligibility");
    world
}

fn trouble(world: &World) -> Option<Cause> {
    if let Shown::Trouble { cause, .. } = world.view().page { Some(cause) } else { None }
}

fn handed(world: &World) -> Option<HandOver> {
    if let Shown::HandOver { card } = world.view().page { Some(card) } else { None }
}

fn challenges(world: &World) -> Vec<String> {
    let challenge = |request: &Request| {
        let Request::PrepareOwn { text: OwnText::Assistance { challenge }, .. } = request else {
            return None;
        };
        Some(challenge.as_str().to_owned())
    };
    world.requests().filter_map(challenge).collect()
}

#[test]
fn whoever_helps_reads_and_signs_hands_over_and_the_other_persons_renewal_is_said_to_be_assisted() {
    let mut world = helper(cards::STAFF.card());
    assert_eq!(world.page(), "contract", "what is signed is shown first");
    assert!(!world.view().frame.assisted && world.view().frame.step.is_none());
    world.walk_to("hand-over");
    assert_eq!(handed(&world), Some(HandOver::OwnOut));
    assert_eq!(world.actions().count(), 0, "whoever helps applies for nothing");
    world.card_out();
    assert_eq!(handed(&world), Some(HandOver::Person));
    world.card_in(0);
    world.walk_to("result");
    assert!(world.view().frame.assisted && world.view().frame.step.is_some());
    let first = world.log.iter().position(|it| it.from == "hand-over").expect("begun");
    let (before, after) = world.log.split_at(first);
    assert!(before.iter().all(|it| !it.assisted) && after.iter().all(|it| it.assisted), "{:#?}", world.log);
    world.walk_to("attract");
    assert!(!world.view().frame.assisted);
    world.card_in(1);
    while world.answer() {}
    assert!(!world.view().frame.assisted, "it ends with the visit");
    assert!(!world.log.last().unwrap().assisted);
}

#[test]
fn where_nobody_is_on_the_list_it_is_not_offered_and_cannot_be_chosen() {
    let mut world = World::with_staff(&[]);
    let Shown::Attract { services } = world.view().page else { panic!("{:?}", world.view().page) };
    assert!(!services.contains(&Service::Assisted));
    world.touch(Intent::Service(Service::Assisted));
    assert_eq!(world.page(), "attract");
    let Shown::Attract { services } = World::ready().view().page else { unreachable!() };
    assert!(services.contains(&Service::Assisted));
}

#[test]
fn a_card_that_is_not_on_the_list_or_not_in_force_signs_nothing() {
    let other = StaffCard::new(2026);
    assert_eq!(trouble(&helper(other.card())), Some(Cause::NotStaff));
    assert_eq!(trouble(&helper(cards::card(vec![vec![0x30, 0]]))), Some(Cause::NotStaff));
    assert_eq!(trouble(&helper(cards::card(Vec::new()))), Some(Cause::NotStaff));
    for (year, cause) in [(2025, Cause::StaffExpired), (2027, Cause::NotYetValid)] {
        let listed = StaffCard::new(year);
        let mut world = World::with_staff(&[&listed]);
        world.touch(Intent::Service(Service::Assisted));
        world.extra_card = Some(listed.card());
        world.card_in(usize::MAX);
        while world.answer() {}
        assert_eq!((trouble(&world), challenges(&world).len()), (Some(cause), 0));
        world.card_out();
        assert_eq!(world.page(), "attract");
    }
    let locked = TestCard { tries: TriesLeft::Locked, ..cards::STAFF.card() };
    assert_eq!(trouble(&helper(locked)), Some(Cause::PinLocked));
}

#[test]
fn a_wrong_pin_is_asked_again_and_a_locked_one_helps_nobody() {
    let mut world = helper(cards::STAFF.card());
    world.wrong_pins = 1;
    world.walk_to("hand-over");
    let mut world = helper(cards::STAFF.card());
    world.wrong_pins = 3;
    world.walk_to("last-try");
    world.walk_to("trouble");
    assert_eq!(trouble(&world), Some(Cause::PinLocked));
}

#[test]
fn only_a_signature_for_this_purpose_over_this_text_by_this_card_counts() {
    type Forges = fn(&StaffCard, &[u8], i64) -> Vec<u8>;
    let forged: [Forges; 6] = [
        |card, text, at| card.sign(ContentType::CardTest, text, at),
        |card, text, at| card.sign(ContentType::Login, text, at),
        |card, text, at| card.sign(ContentType::Data, text, at),
        |card, text, at| card.sign(ContentType::Assistance, &[text, b"x"].concat(), at),
        |_, text, at| StaffCard::new(2026).sign(ContentType::Assistance, text, at),
        |_, _, _| vec![1, 2, 3],
    ];
    for (number, forges) in forged.into_iter().enumerate() {
        let mut world = helper(cards::STAFF.card());
        world.forges = Some(forges);
        world.walk_into("signing");
        while world.answer() {}
        assert_eq!(trouble(&world), Some(Cause::SignatureFaulty), "{number}");
    }
}

#[test]
fn every_challenge_is_another_and_one_signed_before_counts_for_nothing() {
    let mut world = shown();
    let first = challenges(&world);
    assert!(first.iter().all(|it| *it == first[0] && it.len() == 32), "{first:?}");
    world.touch(Intent::Back);
    world.card_out();
    world.walk_to("attract");
    world.touch(Intent::Service(Service::Assisted));
    world.walk_to("hand-over");
    assert_ne!(challenges(&world).last(), first.last());
    // What was signed says the challenge of another time.
    let mut world = helper(cards::STAFF.card());
    world.forges = Some(|card, text, at| {
        let text = String::from_utf8_lossy(text).replace(['0', '1', '2', '3'], "4");
        card.sign(ContentType::Assistance, text.as_bytes(), at)
    });
    world.walk_into("signing");
    while world.answer() {}
    assert_eq!(trouble(&world), Some(Cause::SignatureFaulty));
}

#[test]
fn the_helpers_own_card_is_not_renewed_with_their_help_and_neither_is_another_one_of_theirs() {
    let mut world = shown();
    world.card_out();
    world.card_in(usize::MAX);
    while world.answer() {}
    assert_eq!(handed(&world), Some(HandOver::OwnAgain));
    world.card_out();
    assert_eq!(handed(&world), Some(HandOver::Person), "the help stands");
    world.extra_card = Some(cards::card(vec![cards::numbered(cards::STAFF_ID)]));
    world.card_in(usize::MAX);
    while world.answer() {}
    assert_eq!(handed(&world), Some(HandOver::OwnAgain));
    world.card_out();
    world.card_in(0);
    while world.answer() {}
    assert_eq!(world.page(), "eligibility");
    assert!(world.view().frame.assisted);
}

#[test]
fn a_card_put_in_the_wrong_way_is_awaited_again_and_the_help_stands() {
    let mut world = shown();
    world.card_out();
    world.send(Event::Card(card::Event::CardMute(World::name())));
    assert_eq!(trouble(&world), Some(Cause::CardMute));
    world.send(Event::Card(card::Event::CardOut(World::name())));
    assert_eq!(handed(&world), Some(HandOver::Person));
    world.card_in(0);
    world.signer_says(Err(SignerFault::ModuleHung));
    assert_eq!(trouble(&world), Some(Cause::CardModule));
    world.card_out();
    assert_eq!(handed(&world), Some(HandOver::Person));
    // The helper's own, before anything is known of it.
    let mut world = World::ready();
    world.touch(Intent::Service(Service::Assisted));
    world.send(Event::Card(card::Event::CardMute(World::name())));
    world.send(Event::Card(card::Event::CardOut(World::name())));
    assert_eq!(world.view().page, Shown::InsertCard { service: Service::Assisted, without: false });
}

#[test]
fn once_the_persons_card_is_known_whoever_takes_it_ends_the_help_or_has_to_put_that_one_back() {
    let mut world = helped();
    world.card_out();
    assert_eq!(world.page(), "attract");
    assert!(!world.view().frame.assisted);
    let mut world = helped();
    world.walk_to("form");
    world.card_out();
    world.card_in(usize::MAX);
    while world.answer() {}
    assert_eq!(world.page(), "card-pulled", "the helper's card is another card now");
    world.card_out();
    world.card_in(0);
    while world.answer() {}
    assert_eq!(world.page(), "form");
    assert!(world.view().frame.assisted);
}

#[test]
fn waits_are_longer_where_staff_helps_and_the_portals_own_are_as_they_were() {
    let mut world = helped();
    world.walk_to("form");
    let ring = world.view().frame.ring.expect("one");
    assert_eq!((ring.of, ring.total_ms), (Deadline::Idle, 180_000));
    world.pass(179);
    assert_eq!(world.view().overlay, None);
    world.pass(1);
    assert!(matches!(world.view().overlay, Some(Overlay::StillThere { left_ms: 20_000 })));
    world.touch(Intent::Stay);
    world.card_out();
    let ring = world.view().frame.ring.expect("one");
    assert_eq!((ring.of, ring.total_ms), (Deadline::CardBack, 180_000));
    let mut world = helped();
    world.walk_to("result");
    let ring = world.view().frame.ring.expect("one");
    assert_eq!((ring.of, ring.total_ms), (Deadline::Page, 360_000));
    let mut world = helped();
    world.walk_to("contract");
    world.pass(super::world::CODE_LIFE);
    assert_eq!(trouble(&world), Some(Cause::CodeExpired));
}

#[test]
fn help_that_nobody_takes_ends_by_itself_with_the_card_asked_for() {
    let mut world = shown();
    world.pass(180);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::Abandoned) });
    world.pass(15);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: true, cause: Some(Cause::Abandoned) });
    world.card_out();
    assert_eq!(world.page(), "attract");
    let mut world = shown();
    world.card_out();
    world.pass(180);
    assert_eq!(world.page(), "attract");
    world.card_in(0);
    while world.answer() {}
    assert!(!world.view().frame.assisted, "whoever comes then is not helped");
}

#[test]
fn whoever_helps_may_think_better_of_it_at_every_step() {
    let mut world = helper(cards::STAFF.card());
    world.touch(Intent::Back);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::Cancelled) });
    for stop in ["contract", "pin"] {
        let mut world = helper(cards::STAFF.card());
        world.walk_to(stop);
        world.touch(Intent::Cancel);
        world.touch(Intent::ConfirmCancel);
        assert_eq!(world.page(), "take-card", "{stop}");
        let mut world = helper(cards::STAFF.card());
        world.walk_to(stop);
        world.card_out();
        assert_eq!(world.page(), "attract", "{stop}");
    }
    let mut world = shown();
    world.touch(Intent::Back);
    assert_eq!(world.page(), "take-card");
    let mut world = shown();
    world.card_out();
    assert!(world.view().frame.back);
    world.touch(Intent::Back);
    assert_eq!(world.page(), "attract");
}

#[test]
fn what_goes_wrong_between_the_two_cards_takes_the_help_back() {
    type Happens = fn(&mut World);
    let gone: [(&str, Happens); 4] = [
        ("the reader", |world| world.reader_out()),
        ("the service", |world| world.send(Event::Card(card::Event::ServiceDown))),
        ("the housing", |world| world.send(Event::Tamper(true))),
        ("the clock", |world| world.send(Event::ClockSet(false))),
    ];
    for (what, happens) in gone {
        let mut world = shown();
        world.card_out();
        happens(&mut world);
        assert_eq!(world.page(), "out-of-service", "{what}");
        assert!(!world.view().frame.assisted, "{what}");
    }
    // The signer begins anew with each visit, and the screen may too.
    let mut world = shown();
    world.signer(false);
    world.send(Event::Screen(ScreenEvent::Lost));
    world.send(Event::Screen(ScreenEvent::Connected));
    world.card_out();
    world.card_in(0);
    world.signer(true);
    while world.answer() {}
    assert_eq!(world.page(), "eligibility");
    assert!(world.view().frame.assisted);
}

#[test]
fn a_screen_or_a_signer_that_is_lost_has_the_helper_read_again_and_asks_the_same() {
    let mut world = helper(cards::STAFF.card());
    world.walk_to("pin");
    world.send(Event::Screen(ScreenEvent::Lost));
    world.send(Event::Screen(ScreenEvent::Connected));
    assert_eq!(world.page(), "contract");
    world.walk_to("pin");
    world.signer(false);
    world.signer(true);
    world.walk_to("hand-over");
    let asked = challenges(&world);
    assert!(asked.len() > 2 && asked.iter().all(|it| *it == asked[0]), "{asked:?}");
}
