//! Calling staff: from every page, as often as it helps, and never in anybody's way.

use super::world::World;
use crate::{
    card,
    link::{
        intent::{Intent, Touch},
        view::{Call, Overlay, Reference},
    },
    session::{Effect, Event, ScreenEvent, StaffCall},
};

fn calls(world: &World) -> Vec<StaffCall> {
    let call = |effect: &Effect| if let Effect::CallStaff(call) = effect { Some(*call) } else { None };
    world.effects.iter().filter_map(call).collect()
}

fn shown(world: &World) -> Option<(Reference, Call)> {
    match world.view().overlay {
        Some(Overlay::Help { reference, call }) => Some((reference, call)),
        Some(Overlay::StillThere { .. } | Overlay::CancelConfirm) | None => None,
    }
}

#[test]
fn staff_is_called_from_any_page_and_the_page_stands_as_it_was_afterwards() {
    for stop in
        ["attract", "eligibility", "login", "form", "sms-code", "contract", "pin", "result", "take-card"]
    {
        let mut world = World::ready();
        world.walk_to(stop);
        let before = world.view();
        world.touch(Intent::CallStaff);
        let (reference, call) = shown(&world).unwrap_or_else(|| panic!("{stop}: nothing is said"));
        assert_eq!(call, Call::UnderWay, "{stop}");
        let made = calls(&world);
        assert_eq!((made.len(), made[0].reference), (1, reference), "{stop}");
        assert_eq!(made[0].visit, world.visit, "{stop}");
        world.touch(Intent::Next);
        assert_eq!(world.view().page, before.page, "{stop}: nothing else is meant meanwhile");
        world.send(Event::StaffCalled { number: made[0].number, told: true });
        assert_eq!(shown(&world), Some((reference, Call::Told)), "{stop}");
        world.touch(Intent::Stay);
        let after = world.view();
        assert_eq!((after.page, after.overlay), (before.page, None), "{stop}");
    }
}

#[test]
fn a_touch_on_a_page_that_is_gone_calls_staff_too_and_so_does_the_button_beside_the_screen() {
    let mut world = World::ready();
    world.walk_to("form");
    let serial = world.view().serial - 1;
    world.send(Event::Screen(ScreenEvent::Touch(Touch { serial, intent: Intent::CallStaff })));
    assert_eq!(calls(&world).len(), 1);
    let mut world = World::ready();
    world.walk_to("form");
    world.send(Event::CallButton(true));
    world.send(Event::CallButton(false));
    assert_eq!(calls(&world).len(), 1);
    assert!(shown(&world).is_some());
}

#[test]
fn a_call_goes_out_once_a_minute_and_what_became_of_it_is_said_meanwhile() {
    let mut world = World::ready();
    world.walk_to("eligibility");
    world.touch(Intent::CallStaff);
    world.send(Event::StaffCalled { number: 7, told: true });
    assert_eq!(shown(&world).unwrap().1, Call::UnderWay, "of another call");
    world.send(Event::StaffCalled { number: 1, told: false });
    for _ in 0..5 {
        world.touch(Intent::Stay);
        assert_eq!(shown(&world), None);
        world.touch(Intent::CallStaff);
        assert_eq!(shown(&world).unwrap().1, Call::Failed);
    }
    assert_eq!(calls(&world).len(), 1);
    world.pass(60);
    world.touch(Intent::CallStaff);
    assert_eq!((calls(&world).len(), shown(&world).unwrap().1), (2, Call::UnderWay));
    world.send(Event::StaffCalled { number: 1, told: false });
    assert_eq!(shown(&world).unwrap().1, Call::UnderWay, "a late answer to the call before");
}

#[test]
fn every_visit_has_a_reference_of_its_own_which_the_journal_has_too() {
    let mut world = World::ready();
    world.touch(Intent::CallStaff);
    let mut seen = vec![calls(&world)[0]];
    for _ in 0..2 {
        world.touch(Intent::Stay);
        world.walk_to("eligibility");
        world.touch(Intent::CallStaff);
        let (reference, _) = shown(&world).unwrap();
        let made = *calls(&world).last().unwrap();
        assert_eq!((made.reference, made.visit, made.told_already), (reference, world.visit, true));
        assert!(seen.iter().all(|call| call.reference != reference), "{seen:?}");
        seen.push(made);
        world.card_out();
        assert_eq!(shown(&world), None, "it ends with the visit");
    }
}

#[test]
fn whoever_waits_for_staff_is_not_asked_whether_they_are_there_so_soon_and_is_asked_in_the_end() {
    let mut world = World::ready();
    world.walk_to("form");
    world.touch(Intent::CallStaff);
    world.pass(179);
    assert!(shown(&world).is_some());
    world.pass(1);
    assert!(matches!(world.view().overlay, Some(Overlay::StillThere { .. })), "{:?}", world.view().overlay);
    world.pass(20);
    assert_eq!(world.page(), "take-card");
    let mut world = World::ready();
    world.touch(Intent::CallStaff);
    world.pass(180);
    assert_eq!(world.view().overlay, None, "on the first page it goes by itself");
}

#[test]
fn a_card_that_is_pulled_is_what_is_talked_of_and_legal_waits_are_no_longer() {
    let mut world = World::ready();
    world.walk_to("form");
    world.touch(Intent::CallStaff);
    world.card_out();
    assert_eq!((world.page().as_str(), shown(&world)), ("card-pulled", None));
    let mut world = World::ready();
    world.walk_to("contract");
    world.touch(Intent::CallStaff);
    world.pass(super::world::CODE_LIFE);
    assert_eq!(world.page(), "trouble", "the code is over when it is over");
}

#[test]
fn without_a_way_to_tell_staff_one_telephones_also_where_the_kiosk_cannot_serve() {
    let mut world = World::without_calls();
    world.send(Event::Card(card::Event::ServiceDown));
    assert_eq!(world.page(), "out-of-service");
    world.touch(Intent::CallStaff);
    assert_eq!(shown(&world).unwrap().1, Call::ByPhone);
    assert_eq!(calls(&world).len(), 1, "the journal has the reference");
}
