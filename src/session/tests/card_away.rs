//! The card pulled, silent or exchanged, and the reader unplugged, before and while it signs.

use super::world::{CODE_LIFE, World};
use crate::{
    card,
    link::{
        intent::Intent,
        signer::{Fault as SignerFault, Request},
        view::{Kept, Page as Shown},
    },
    portal::{Action, Page},
    session::{Event, fault::Cause},
};

fn cause(world: &World) -> Option<Cause> {
    if let Shown::Trouble { cause, .. } = world.view().page { Some(cause) } else { None }
}

fn captchas(world: &World) -> usize {
    world.count(|action| *action == Action::Open)
}

fn texts(world: &World) -> usize {
    world.count(|action| *action == Action::SendSms)
}

#[test]
fn a_card_pulled_while_signing_and_put_back_goes_on_without_captcha_or_sms() {
    let mut world = World::ready();
    world.walk_into("signing");
    world.signer_says(Err(SignerFault::CardPulled));
    assert!(matches!(world.view().page, Shown::CardPulled { kept: Kept::Code, other_card: false }));
    world.card_out();
    world.pass(20);
    world.card_in(0);
    world.walk_to("pin");
    world.walk_to("result");
    assert_eq!((captchas(&world), texts(&world), world.submissions()), (1, 1, 1));
}

#[test]
fn the_reader_may_notice_before_the_signer_that_the_card_is_gone() {
    let mut world = World::ready();
    world.walk_into("signing");
    world.card_out();
    assert!(matches!(world.view().page, Shown::CardPulled { kept: Kept::Code, .. }));
    assert!(world.requests().any(|request| matches!(request, Request::Abandon(_))));
    assert!(world.requests().any(|request| *request == Request::CardOut));
    world.card_in(0);
    world.walk_to("result");
    assert_eq!((captchas(&world), world.submissions()), (1, 1));
}

#[test]
fn a_card_pulled_while_signing_is_waited_for_as_long_as_the_code_lives() {
    let mut world = World::ready();
    world.walk_into("signing");
    world.card_out();
    world.pass(200);
    assert!(matches!(world.view().page, Shown::CardPulled { kept: Kept::Code, .. }));
    world.card_in(0);
    world.walk_to("result");
    assert_eq!((captchas(&world), texts(&world), world.submissions()), (1, 1, 1));
    let mut world = World::ready();
    world.walk_into("signing");
    world.card_out();
    world.pass(CODE_LIFE);
    assert_eq!(world.page(), "attract");
}

#[test]
fn a_card_put_back_after_the_codes_end_does_not_sign() {
    let mut world = World::ready();
    world.walk_to("contract");
    world.pass(CODE_LIFE - 10);
    world.touch(Intent::ContractRead);
    world.walk_to("pin");
    world.card_out();
    world.pass(10);
    assert_eq!(cause(&world), Some(Cause::CodeExpired));
    world.card_in(0);
    world.answer();
    assert_eq!(cause(&world), Some(Cause::CodeExpired));
}

#[test]
fn a_card_pulled_before_the_code_keeps_everything_for_its_own_card_alone() {
    let mut world = World::ready();
    world.walk_to("review");
    world.card_out();
    assert!(matches!(world.view().page, Shown::CardPulled { kept: Kept::Everything, other_card: false }));
    // Another card of the same make.
    world.card_in(1);
    world.answer();
    world.walk_to("card-pulled");
    assert!(matches!(world.view().page, Shown::CardPulled { other_card: true, .. }));
    world.card_out();
    world.card_in(0);
    world.walk_to("review");
    assert_eq!(captchas(&world), 1);
}

#[test]
fn the_next_visitors_card_ends_the_result_page_and_opens_a_visit() {
    for next in [1, 3] {
        let mut world = World::ready();
        world.walk_to("result");
        world.card_out();
        assert_eq!(world.page(), "result");
        world.card_in(next);
        // Nobody touches anything: the signer's answers alone lead there.
        while world.page() != "eligibility" {
            assert!(world.answer(), "stuck on {}", world.page());
        }
        assert_eq!(world.watch.card_of_visit, Some(next));
    }
}

#[test]
fn a_result_that_comes_when_the_next_card_is_in_is_not_shown_to_its_holder() {
    for (next, state) in [(1, "handing-in"), (3, "handing-in"), (1, "asking-outcome"), (3, "asking-outcome")]
    {
        let mut world = World::ready();
        world.walk_into(state);
        world.card_out();
        world.card_in(next);
        // The portal may be quicker than the signer, and the other way round; what is shown is watched.
        world.portal_says(Ok(Page::Received));
        assert_ne!(world.page(), "result");
        while world.page() != "eligibility" {
            assert!(world.answer(), "stuck on {}", world.page());
        }
        assert_eq!(world.watch.card_of_visit, Some(next));
    }
}

#[test]
fn the_result_waits_for_its_own_card_to_be_read_again() {
    let mut world = World::ready();
    world.walk_into("handing-in");
    world.card_out();
    world.card_in(0);
    world.portal_says(Ok(Page::Received));
    assert_eq!(world.page(), "reading-card");
    while world.page() == "reading-card" {
        assert!(world.answer());
    }
    assert_eq!(world.page(), "result");
}

#[test]
fn a_result_is_not_shown_to_a_card_that_does_not_answer() {
    let mut world = World::ready();
    world.walk_to("result");
    world.card_out();
    assert_eq!(world.page(), "result");
    world.send(Event::Card(card::Event::CardMute(World::name())));
    assert_eq!(world.page(), "take-card");
}

#[test]
fn another_make_of_card_is_refused_unread() {
    let mut world = World::ready();
    world.walk_to("review");
    world.card_out();
    let reads = world.requests().filter(|request| matches!(request, Request::ReadCard { .. })).count();
    world.card_in(3);
    assert!(matches!(world.view().page, Shown::CardPulled { other_card: true, .. }));
    assert_eq!(world.requests().filter(|r| matches!(r, Request::ReadCard { .. })).count(), reads);
}

#[test]
fn a_card_that_does_not_come_back_ends_the_visit() {
    let mut world = World::ready();
    world.walk_to("review");
    world.card_out();
    world.pass(59);
    assert_eq!(world.page(), "card-pulled");
    world.pass(1);
    assert_eq!(world.page(), "attract");
    let end = world.log.last().expect("logged");
    assert_eq!((end.from, end.to, end.cause), ("review", "attract", Some(Cause::CardPulled)));
}

#[test]
fn a_card_that_is_back_and_not_read_in_time_is_not_said_to_be_pulled() {
    for (up, expected) in [(true, Cause::CardModule), (false, Cause::SignerDown)] {
        let mut world = World::ready();
        world.walk_to("review");
        world.card_out();
        world.card_in(0);
        if !up {
            world.signer(false);
        }
        world.pass(60);
        assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(expected) });
    }
}

#[test]
fn what_was_asked_before_the_card_left_is_heard_when_it_is_back() {
    let mut world = World::ready();
    world.walk_into("submitting-form");
    world.card_out();
    world.answer();
    assert_eq!(world.page(), "card-pulled");
    world.card_in(0);
    world.walk_to("sms-send");
    assert_eq!(world.count(|action| matches!(action, Action::SubmitForm(_))), 1);
}

#[test]
fn a_reader_that_is_unplugged_is_not_a_pulled_card() {
    let mut world = World::ready();
    world.walk_to("review");
    world.reader_out();
    assert_eq!(cause(&world), Some(Cause::ReaderLost));
    world.card_in(0);
    world.walk_to("review");
    world.send(Event::Card(card::Event::ServiceDown));
    world.card = None;
    world.reader = false;
    assert_eq!(cause(&world), Some(Cause::ReaderService));
    world.pass(60);
    assert!(matches!(world.view().page, Shown::OutOfService { cause: Cause::ReaderService }));
}

#[test]
fn a_card_that_falls_silent_is_put_in_anew_and_the_renewal_goes_on() {
    let mut world = World::ready();
    world.walk_into("signing");
    world.signer_says(Err(SignerFault::CardMute));
    assert_eq!(cause(&world), Some(Cause::CardMute));
    world.card_out();
    world.card_in(0);
    world.walk_to("result");
    assert_eq!(captchas(&world), 1);
}
