//! The kiosk itself: what it lacks, the clock, and how it comes up after a crash.

use super::world::World;
use crate::{
    card,
    link::{
        intent::Intent,
        view::{Page as Shown, Setback},
    },
    session::{Effect, Event, InFlight, Recovery, fault::Cause},
};

fn trouble(world: &World) -> Option<Cause> {
    if let Shown::Trouble { cause, .. } = world.view().page { Some(cause) } else { None }
}

#[test]
fn the_kiosk_says_what_is_missing_and_comes_back_by_itself() {
    let out = |world: &World| {
        if let Shown::OutOfService { cause } = world.view().page { Some(cause) } else { None }
    };
    let mut world = World::new(Recovery::None);
    world.send(Event::Wake);
    assert_eq!(world.page(), "starting");
    world.pass(20);
    assert_eq!(out(&world), Some(Cause::ReaderService));
    world.send(Event::Card(card::Event::ServiceUp));
    assert_eq!(out(&world), Some(Cause::NoReader));
    world.reader_in();
    assert_eq!(out(&world), Some(Cause::ClockNotSet));
    world.send(Event::ClockSet(true));
    assert_eq!(out(&world), Some(Cause::SignerDown));
    world.signer(true);
    assert_eq!(world.page(), "attract");
    world.reader_out();
    assert_eq!(out(&world), Some(Cause::NoReader));
    world.reader_in();
    assert_eq!(world.page(), "attract");
    // The signer starts anew after each visit: a moment without it is nothing.
    world.signer(false);
    world.pass(9);
    assert_eq!(world.page(), "attract");
    world.pass(1);
    assert_eq!(out(&world), Some(Cause::SignerDown));
}

#[test]
fn a_clock_that_is_not_set_ends_the_visit_and_asks_nothing_of_anybody() {
    let mut world = World::ready();
    world.walk_to("review");
    world.send(Event::ClockSet(false));
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::ClockNotSet) });
    world.card_out();
    assert!(matches!(world.view().page, Shown::OutOfService { cause: Cause::ClockNotSet }));
    // Set, it says, but to a time that cannot be.
    world.now.wall = 1_000_000_000;
    world.send(Event::ClockSet(true));
    assert!(matches!(world.view().page, Shown::OutOfService { cause: Cause::ClockNotSet }));
}

#[test]
fn after_a_crash_the_card_is_to_be_taken_and_nobody_is_served_before() {
    let mut world = World::new(Recovery::Restarted);
    world.card = Some(0);
    world.come_up();
    world.card_in(0);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::Restarted) });
    assert_eq!(world.requests().count(), 0);
    world.pass(15);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: true, cause: Some(Cause::Restarted) });
    world.card_out();
    world.wait(std::time::Duration::ZERO);
    assert_eq!(world.page(), "attract");
    world.card_in(0);
    world.walk_to("eligibility");
}

#[test]
fn after_a_crash_a_missing_reader_is_said_and_a_card_that_was_in_is_still_to_be_taken() {
    let mut world = World::new(Recovery::Restarted);
    world.send(Event::ClockSet(true));
    world.pass(19);
    assert_eq!(world.page(), "starting");
    world.pass(1);
    assert!(matches!(world.view().page, Shown::OutOfService { cause: Cause::ReaderService }));
    world.pass(100);
    world.card_in(0);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::Restarted) });
}

#[test]
fn after_a_crash_with_no_card_the_kiosk_is_ready_in_seconds() {
    let mut world = World::new(Recovery::Restarted);
    world.come_up();
    assert_eq!(world.page(), "starting");
    world.pass(3);
    assert_eq!(world.page(), "attract");
}

#[test]
fn after_a_crash_while_handing_in_the_outcome_is_said_to_be_unknown() {
    let mut world = World::new(Recovery::InFlight(InFlight::Submission));
    world.come_up();
    assert_eq!(trouble(&world), Some(Cause::OutcomeUnknown));
    world.card_in(0);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::OutcomeUnknown) });
    world.card_out();
    assert_eq!(trouble(&world), Some(Cause::OutcomeUnknown));
    assert!(!world.effects.contains(&Effect::InFlight(None)));
    world.pass(59);
    assert_eq!(trouble(&world), Some(Cause::OutcomeUnknown));
    world.pass(1);
    assert_eq!(world.page(), "attract");
    assert!(world.effects.contains(&Effect::InFlight(None)));
}

#[test]
fn after_a_crash_while_the_card_took_another_pin_nobody_speaks_of_an_application() {
    let mut world = World::new(Recovery::InFlight(InFlight::NewPin));
    world.card = Some(0);
    world.come_up();
    world.card_in(0);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::PinUncertain) });
    world.card_out();
    assert_eq!(trouble(&world), Some(Cause::PinUncertain), "it stays to be read");
    world.pass(59);
    assert_eq!(trouble(&world), Some(Cause::PinUncertain));
    world.pass(1);
    assert_eq!(world.page(), "attract");
    assert!(world.effects.contains(&Effect::InFlight(None)));
}

#[test]
fn what_a_crash_left_open_is_told_to_whoever_takes_the_card_and_not_to_the_next_one() {
    for what in [InFlight::NewPin, InFlight::Submission] {
        let mut world = World::new(Recovery::InFlight(what));
        world.card = Some(0);
        world.come_up();
        world.card_in(0);
        world.card_out();
        assert_eq!(trouble(&world), Some(what.cause()));
        world.card_in(1);
        assert_eq!(world.page(), "reading-card", "{what:?}");
        assert!(world.effects.contains(&Effect::InFlight(None)));
    }
}

#[test]
fn a_card_that_comes_during_an_update_waits_and_is_served_when_it_is_over() {
    let mut world = World::ready();
    assert!(world.session.is_at_rest());
    world.send(Event::Updating(true));
    world.card_in(0);
    assert_eq!(world.view().page, Shown::OutOfService { cause: Cause::Updating });
    assert!(!world.session.is_at_rest(), "the next update waits for the person who waits");
    world.pass(300);
    assert_eq!(world.view().page, Shown::OutOfService { cause: Cause::Updating });
    world.send(Event::Updating(false));
    assert_eq!(world.page(), "reading-card");
}

#[test]
fn a_kiosk_is_at_rest_only_when_nobody_is_served_and_no_card_is_in() {
    let mut world = World::ready();
    world.walk_to("review");
    assert!(!world.session.is_at_rest());
    world.touch(Intent::Cancel);
    world.touch(Intent::ConfirmCancel);
    assert_eq!(world.page(), "take-card");
    assert!(!world.session.is_at_rest());
    world.card_out();
    assert_eq!(world.page(), "attract");
    assert!(world.session.is_at_rest());
    assert!(!World::new(Recovery::Restarted).session.is_at_rest(), "somebody may still stand there");
}

#[test]
fn staff_can_read_on_the_attract_page_why_an_update_is_not_in_force_and_nobody_else_is_bothered() {
    let mut world = World::ready();
    world.send(Event::Setback(Some(Setback::NoSigner)));
    assert_eq!(world.view().frame.setback, Some(Setback::NoSigner));
    world.card_in(0);
    assert_eq!(world.view().frame.setback, None);
}
