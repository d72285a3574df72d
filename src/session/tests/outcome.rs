//! What becomes of an application: handed in once, asked about when nobody knows.

use super::world::World;
use crate::{
    link::{
        intent::Intent,
        view::{Busy, Page as Shown},
    },
    portal::{Action, Fault, Page, RefusedSignature},
    session::{
        Effect, InFlight,
        fault::{Advice, Cause},
    },
};

fn cause(world: &World) -> Option<Cause> {
    if let Shown::Trouble { cause, .. } = world.view().page { Some(cause) } else { None }
}

fn advice(world: &World) -> Vec<Advice> {
    if let Shown::Trouble { advice, .. } = world.view().page { advice } else { Vec::new() }
}

#[test]
fn the_flag_is_raised_before_the_application_leaves_and_cleared_when_it_arrived() {
    let mut world = World::ready();
    world.walk_to("result");
    let story: Vec<&str> = world
        .effects
        .iter()
        .filter_map(|effect| {
            if let Effect::InFlight(what) = effect {
                return Some(if *what == Some(InFlight::Submission) { "raised" } else { "cleared" });
            }
            let Effect::Portal { action: Action::SubmitSignatures { .. }, .. } = effect else { return None };
            Some("submitted")
        })
        .collect();
    assert_eq!(story, ["raised", "submitted", "cleared"]);
}

#[test]
fn a_lost_reply_is_asked_about_and_never_sent_again() {
    let mut world = World::ready();
    world.walk_into("handing-in");
    world.taken = true;
    world.portal_says(Err(Fault::Interrupted));
    assert_eq!(world.view().page, Shown::Busy { what: Busy::AskingOutcome });
    assert_eq!(world.asks_portal(), Some(&Action::CheckResult));
    world.walk_to("result");
    assert_eq!(world.submissions(), 1);
}

#[test]
fn a_page_that_cannot_be_read_leaves_the_outcome_unknown_and_nothing_is_begun_anew() {
    for fault in
        [Fault::SessionEnded, Fault::UnknownPage, Fault::Tls, Fault::OffHost, Fault::Malformed("made")]
    {
        let mut world = World::ready();
        world.walk_into("handing-in");
        world.portal_says(Err(Fault::Interrupted));
        world.portal_says(Err(fault.clone()));
        assert_eq!(cause(&world), Some(Cause::OutcomeUnknown), "{fault:?}");
        world.touch(Intent::Advice(Advice::StartOver));
        world.touch(Intent::Next);
        assert_eq!(
            world.asks_portal(),
            Some(&Action::CheckResult),
            "{fault:?}: asked again, and nothing else"
        );
        assert_eq!(world.submissions(), 1, "{fault:?}");
        assert!(!world.effects.contains(&Effect::InFlight(None)), "{fault:?}");
    }
}

#[test]
fn an_outcome_nobody_can_tell_is_said_to_be_unknown_to_the_end() {
    let mut world = World::ready();
    world.walk_into("handing-in");
    world.portal_says(Err(Fault::Timeout));
    for _ in 0..400 {
        if cause(&world).is_some() {
            break;
        }
        if world.asks_portal().is_some() {
            world.portal_says(Err(Fault::Unreachable));
        }
        world.pass(2);
    }
    assert_eq!(cause(&world), Some(Cause::OutcomeUnknown));
    let expected = [Advice::TryAgain, Advice::CallCentre, Advice::CallStaff, Advice::Finish];
    assert_eq!(advice(&world), expected, "no starting over before it is known");
    world.touch(Intent::Advice(Advice::StartOver));
    assert_eq!(cause(&world), Some(Cause::OutcomeUnknown));
    world.touch(Intent::Advice(Advice::Finish));
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::OutcomeUnknown) });
    assert!(!world.effects.contains(&Effect::InFlight(None)));
    world.card_out();
    assert_eq!(cause(&world), Some(Cause::OutcomeUnknown), "it stays to be read");
    world.pass(30);
    assert_eq!(world.page(), "attract");
    assert!(world.effects.contains(&Effect::InFlight(None)));
}

#[test]
fn after_the_service_confirmed_a_page_that_cannot_be_read_is_looked_at_again() {
    let faults = [Fault::SessionEnded, Fault::UnknownPage, Fault::Malformed("x")];
    for fault in faults {
        let mut world = World::ready();
        world.walk_into("handing-in");
        world.taken = true;
        world.portal_says(Ok(Page::SignaturesTaken));
        world.portal_says(Err(fault));
        assert_eq!(world.view().page, Shown::Busy { what: Busy::HandingIn });
        world.walk_to("result");
        assert_eq!(world.submissions(), 1);
    }
}

#[test]
fn a_used_code_is_asked_about_like_a_lost_reply() {
    let mut world = World::ready();
    world.walk_into("handing-in");
    world.taken = true;
    world.portal_says(Err(Fault::SignatureRefused(RefusedSignature::CodeUsed)));
    world.walk_to("result");
    assert_eq!(world.submissions(), 1);
}

#[test]
fn a_code_the_portal_gives_out_again_is_not_signed_for_again() {
    let mut world = World::ready();
    world.walk_into("handing-in");
    world.portal_says(Err(Fault::Interrupted));
    world.portal_says(Err(Fault::CodeExpired));
    assert_eq!(cause(&world), Some(Cause::CodeExpired));
    world.touch(Intent::Advice(Advice::StartOver));
    world.walk_into("choosing-method");
    let code = world.code();
    world.portal_says(Ok(Page::Signing { code, remaining: std::time::Duration::from_secs(100) }));
    assert_eq!(world.asks_portal(), Some(&Action::CheckResult));
    assert_eq!(world.submissions(), 1);
}

#[test]
fn signatures_that_never_left_are_handed_in_again_as_they_are() {
    let mut world = World::ready();
    world.walk_into("handing-in");
    let first = world.asks_portal().cloned();
    world.portal_says(Err(Fault::Unreachable));
    assert_eq!(cause(&world), Some(Cause::PortalUnreachable));
    assert_eq!(world.effects.last().map(|_| world.watch.is_in_flight()), Some(false));
    world.touch(Intent::Advice(Advice::TryAgain));
    assert_eq!(world.asks_portal().cloned(), first);
    assert!(world.watch.is_in_flight());
    world.walk_to("result");
    assert_eq!(world.count(|action| *action == Action::Open), 1);
}

#[test]
fn a_code_whose_signatures_never_left_is_signed_for_again_after_starting_over() {
    let mut world = World::ready();
    world.walk_into("handing-in");
    world.portal_says(Err(Fault::Unreachable));
    world.keeps_code = true;
    world.touch(Intent::Advice(Advice::StartOver));
    world.walk_to("result");
    assert_eq!(world.submissions(), 2);
}

#[test]
fn an_expired_code_after_a_lost_reply_is_known_not_to_have_arrived() {
    let mut world = World::ready();
    world.walk_into("handing-in");
    world.portal_says(Err(Fault::Interrupted));
    world.portal_says(Err(Fault::CodeExpired));
    assert_eq!(cause(&world), Some(Cause::CodeExpired));
    assert!(world.effects.contains(&Effect::InFlight(None)));
}

#[test]
fn the_card_may_go_while_the_application_is_on_its_way() {
    let mut world = World::ready();
    world.walk_into("handing-in");
    world.card_out();
    world.walk_to("result");
    world.touch(Intent::Next);
    assert_eq!(world.page(), "thank-you");
}
