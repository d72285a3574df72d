//! PIN değiştirme: three PINs in one frame, of which only the end is heard here.

use super::{
    cards::{self, TestCard},
    world::World,
};
use crate::{
    card,
    link::{
        intent::Intent,
        signer::{Fault as SignerFault, Reply, Request, RequestId, TriesLeft},
        view::{NewPinKind, Page as Shown, Service},
    },
    session::{
        Effect, Event, InFlight, ScreenEvent,
        fault::{Advice, Cause},
    },
};

/// Somebody wants another PIN and puts this card in.
fn came(card: TestCard) -> World {
    World::came_for(Service::ChangePin, card)
}

fn good() -> TestCard {
    cards::card(vec![cards::qualified("DENEME DEGISTIREN")])
}

fn asked(world: &World) -> (RequestId, TriesLeft, bool) {
    let Shown::NewPin { request, kind: NewPinKind::Change, tries, wrong } = world.view().page else {
        panic!("no page for a new PIN: {:?}", world.view().page)
    };
    (request, tries, wrong)
}

fn send(world: &mut World) {
    asked(world);
    world.walk();
}

fn trouble(world: &World) -> Option<Cause> {
    if let Shown::Trouble { cause, .. } = world.view().page { Some(cause) } else { None }
}

fn announced(world: &World) -> usize {
    world.requests().filter(|it| matches!(it, Request::PrepareChange { .. })).count()
}

#[test]
fn whoever_knows_the_pin_gives_the_card_another_and_the_portal_hears_nothing() {
    let mut world = came(good());
    let (_, tries, wrong) = asked(&world);
    assert_eq!((tries, wrong), (TriesLeft::Known(3), false));
    let frame = world.view().frame;
    assert!(frame.cancel && !frame.back && frame.step.is_none());
    send(&mut world);
    assert_eq!(world.page(), "busy", "the card is at it");
    assert!(!world.view().frame.cancel, "nobody calls it off now");
    while world.answer() {}
    assert_eq!(world.view().page, Shown::PinSet { kind: NewPinKind::Change });
    world.touch(Intent::Next);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: None });
    world.card_out();
    assert_eq!(world.page(), "thank-you");
    assert_eq!((announced(&world), world.actions().count()), (1, 0));
}

#[test]
fn a_card_without_a_certificate_in_force_gets_a_new_pin_too() {
    for certificate in [cards::of_year(2025), cards::of_year(2027), cards::seal(), vec![0x30, 0]] {
        let mut world = came(cards::card(vec![certificate]));
        send(&mut world);
        while world.answer() {}
        assert_eq!(world.page(), "pin-set");
    }
    assert_eq!(trouble(&came(cards::card(Vec::new()))), Some(Cause::NoCertificate));
}

#[test]
fn a_fault_of_the_card_is_said_and_a_locked_pin_is_not_asked_for() {
    for (fault, cause) in [
        (SignerFault::UnknownCard, Cause::CardUnknown),
        (SignerFault::NoCertificate, Cause::NoCertificate),
        (SignerFault::ModuleHung, Cause::CardModule),
        (SignerFault::ReaderBusy, Cause::ReaderBusy),
    ] {
        let mut world = World::ready();
        world.touch(Intent::Service(Service::ChangePin));
        world.extra_card = Some(good());
        world.card_in(usize::MAX);
        world.signer_says(Err(fault));
        assert_eq!(trouble(&world), Some(cause), "{fault:?}");
    }
    for tries in [TriesLeft::Locked, TriesLeft::Known(0)] {
        let world = came(TestCard { tries, ..good() });
        assert_eq!((trouble(&world), announced(&world)), (Some(Cause::PinLocked), 0));
    }
}

#[test]
fn a_card_put_in_the_wrong_way_is_awaited_again_for_the_same() {
    let mut world = World::ready();
    world.touch(Intent::Service(Service::ChangePin));
    world.send(Event::Card(card::Event::CardMute(World::name())));
    assert_eq!(trouble(&world), Some(Cause::CardMute));
    world.send(Event::Card(card::Event::CardOut(World::name())));
    assert_eq!(world.view().page, Shown::InsertCard { service: Service::ChangePin, without: false });
}

#[test]
fn a_wrong_old_pin_is_asked_again_until_the_last_which_wants_a_yes_and_locks() {
    let mut world = came(good());
    world.wrong_pins = 3;
    send(&mut world);
    while world.answer() {}
    let (second, tries, wrong) = asked(&world);
    assert_eq!((tries, wrong), (TriesLeft::Known(2), true));
    send(&mut world);
    while world.answer() {}
    let Shown::LastTry { dialogue } = world.view().page else { panic!("no question") };
    assert!(dialogue.request != second && dialogue.texts.is_empty());
    assert!(!world.view().frame.back, "there is nothing to go back to");
    world.touch(Intent::Back);
    assert_eq!(world.page(), "last-try");
    world.touch(Intent::AcceptLastTry);
    send(&mut world);
    while world.answer() {}
    assert_eq!(trouble(&world), Some(Cause::PinLocked));
    assert_eq!(announced(&world), 3);
}

#[test]
fn after_two_wrong_ones_the_next_may_be_the_last_where_the_card_does_not_tell() {
    let mut world = came(TestCard { tries: TriesLeft::Unknown, ..good() });
    world.wrong_pins = 2;
    for _ in 0..2 {
        send(&mut world);
        while world.answer() {}
    }
    assert_eq!(world.page(), "last-try");
}

#[test]
fn where_nobody_knows_which_pin_holds_that_is_said_and_never_that_one_was_wrong() {
    type Happens = fn(&mut World);
    let unheard: [(&str, Happens); 6] = [
        ("the card did not say", |world| world.signer_says(Err(SignerFault::ChangeUnknown))),
        ("the signer is gone", |world| world.signer(false)),
        ("the signer says something else", |world| world.signer_says(Ok(Reply::Signed(Vec::new())))),
        ("nothing came back", |world| world.pass(30)),
        ("the signer noticed first that the card was pulled", |world| {
            world.signer_says(Err(SignerFault::ChangeUnknown));
            world.card_out();
        }),
        ("the card was pulled meanwhile", |world| {
            world.card_out();
            assert_eq!(world.page(), "busy", "the signer is heard out");
            world.signer_says(Err(SignerFault::ChangeUnknown));
        }),
    ];
    for (what, happens) in unheard {
        let mut world = came(good());
        send(&mut world);
        happens(&mut world);
        assert_eq!(trouble(&world), Some(Cause::PinUncertain), "{what}");
        assert_eq!(flags(&world), [Some(InFlight::NewPin)], "{what}");
        let Shown::Trouble { advice, .. } = world.view().page else { unreachable!() };
        assert!(!advice.contains(&Advice::TryAgain), "{what}: {advice:?}");
        world.touch(Intent::Advice(Advice::Finish));
        world.card_out();
        world.walk_to("attract");
        assert_eq!(announced(&world), 1, "{what}");
    }
}

/// What the flag that outlives a crash was told.
fn flags(world: &World) -> Vec<Option<InFlight>> {
    let told = |effect: &Effect| if let Effect::InFlight(what) = effect { Some(*what) } else { None };
    world.effects.iter().filter_map(told).collect()
}

#[test]
fn the_flag_is_raised_while_the_card_takes_its_pin_and_cleared_by_what_is_known() {
    type Says = Result<Reply, SignerFault>;
    let known: [(&str, Says); 5] = [
        ("set", Ok(Reply::Done)),
        ("the old one was wrong", Err(SignerFault::WrongPin { tries: TriesLeft::Known(2) })),
        ("the new one was refused", Err(SignerFault::UnfitPin)),
        ("it was locked", Err(SignerFault::PinLocked)),
        ("this way to the card has no such command", Err(SignerFault::NotSupported)),
    ];
    for (what, says) in known {
        let mut world = came(good());
        assert_eq!(flags(&world), [], "nothing is in flight while somebody types");
        send(&mut world);
        assert_eq!(flags(&world), [Some(InFlight::NewPin)]);
        world.signer_says(says);
        assert_eq!(flags(&world), [Some(InFlight::NewPin), None], "{what}");
    }
    let mut world = came(good());
    world.card_out();
    assert_eq!(flags(&world), [Some(InFlight::NewPin)], "they may have been sent a moment ago");
    world.signer_says(Err(SignerFault::CardPulled));
    assert_eq!((world.page().as_str(), flags(&world)), ("attract", vec![Some(InFlight::NewPin), None]));
    let mut world = came(good());
    world.signer_says(Err(SignerFault::ChangeUnknown));
    assert_eq!(trouble(&world), Some(Cause::PinUncertain), "the signer was faster than the screen");
    assert_eq!(flags(&world), [Some(InFlight::NewPin)]);
}

#[test]
fn a_pin_nobody_knows_is_said_until_it_was_read_whatever_ends_the_visit() {
    let mut world = came(good());
    send(&mut world);
    world.signer_says(Err(SignerFault::ChangeUnknown));
    world.touch(Intent::Advice(Advice::Finish));
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::PinUncertain) });
    world.card_out();
    assert_eq!(world.page(), "attract", "it was read");
    let mut world = came(good());
    send(&mut world);
    world.send(Event::ClockSet(false));
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::PinUncertain) });
    world.card_out();
    assert_eq!(trouble(&world), Some(Cause::PinUncertain), "it stays to be read");
    world.send(Event::ClockSet(true));
    assert_eq!(flags(&world), [Some(InFlight::NewPin)]);
    world.pass(30);
    assert_eq!((world.page().as_str(), flags(&world)), ("attract", vec![Some(InFlight::NewPin), None]));
}

#[test]
fn what_became_of_a_pin_is_not_shown_to_another_card() {
    let says = [Ok(Reply::Done), Err(SignerFault::ChangeUnknown)];
    for says in says {
        let mut world = came(good());
        send(&mut world);
        world.card_out();
        world.card_in(3);
        assert_eq!(world.page(), "busy", "the signer is heard out");
        world.signer_says(says.clone());
        assert!(["attract", "reading-card"].contains(&world.page().as_str()), "{says:?}: {}", world.page());
    }
}

#[test]
fn a_new_pin_is_never_typed_at_the_reader_and_a_signer_lost_before_it_is_asked_anew() {
    let mut world = World::with_pin_pad();
    world.touch(Intent::Service(Service::ChangePin));
    world.card_in(0);
    while world.answer() {}
    asked(&world);
    world.signer(false);
    world.signer(true);
    while world.answer() {}
    let (_, tries, wrong) = asked(&world);
    assert_eq!((tries, wrong), (TriesLeft::Known(3), false), "nothing was sent, so nothing is spent");
    assert_eq!(flags(&world), []);
}

#[test]
fn whoever_pulls_a_card_that_has_its_new_pin_is_told_so_and_the_next_card_is_the_next_visitors() {
    for signer_first in [false, true] {
        let mut world = came(good());
        send(&mut world);
        if signer_first {
            world.signer_says(Ok(Reply::Done));
            world.card_out();
        } else {
            world.card_out();
            world.signer_says(Ok(Reply::Done));
        }
        assert_eq!(world.page(), "pin-set");
        if signer_first {
            world.card_in(0);
            while world.answer() {}
            assert_eq!(world.page(), "eligibility");
        } else {
            world.touch(Intent::Next);
            assert_eq!(world.page(), "thank-you");
        }
    }
}

#[test]
fn whoever_takes_the_card_before_the_pins_are_sent_has_left() {
    let mut world = came(good());
    world.card_out();
    assert_eq!(world.page(), "busy", "they may have been sent just now");
    while world.answer() {}
    assert_eq!(world.page(), "attract");
    // The signer may notice it first.
    let mut world = came(good());
    world.signer_says(Err(SignerFault::CardPulled));
    world.card_out();
    assert_eq!(world.page(), "attract");
}

#[test]
fn a_signer_that_is_back_is_told_anew_and_a_request_that_ran_out_is_another_one() {
    let mut world = came(good());
    let (first, ..) = asked(&world);
    world.signer(false);
    assert_eq!(world.page(), "busy");
    world.signer(true);
    while world.answer() {}
    let (second, _, wrong) = asked(&world);
    assert!(first != second && !wrong);
    world.signer_says(Err(SignerFault::Expired));
    while world.answer() {}
    assert!(asked(&world).0 != second);
}

#[test]
fn a_screen_that_was_started_again_begins_with_the_same_request() {
    let mut world = came(good());
    let before = asked(&world);
    let serial = world.view().serial;
    world.send(Event::Screen(ScreenEvent::Lost));
    world.send(Event::Screen(ScreenEvent::Connected));
    assert_eq!(asked(&world), before);
    assert!(world.view().serial > serial, "what was typed on the old page does not count");
    send(&mut world);
    world.send(Event::Screen(ScreenEvent::Lost));
    while world.answer() {}
    assert_eq!(world.page(), "pin-set");
}

#[test]
fn a_pin_the_card_does_not_take_is_chosen_again_and_a_card_that_cannot_is_said() {
    let mut world = came(good());
    send(&mut world);
    world.signer_says(Err(SignerFault::UnfitPin));
    assert_eq!(trouble(&world), Some(Cause::PinUnfit));
    world.touch(Intent::Next);
    while world.answer() {}
    asked(&world);
    world.signer_says(Err(SignerFault::NotSupported));
    assert_eq!(trouble(&world), Some(Cause::NotOffered));
}

#[test]
fn cancel_and_nobody_there_end_it_and_a_result_nobody_reads_is_thanked_for() {
    let mut world = came(good());
    world.touch(Intent::Cancel);
    world.touch(Intent::ConfirmCancel);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::Cancelled) });
    let mut world = came(good());
    world.pass(60);
    assert!(world.view().overlay.is_some(), "it is asked first");
    world.pass(20);
    assert!(matches!(world.view().page, Shown::TakeCard { cause: Some(Cause::Abandoned), .. }));
    let mut world = came(good());
    send(&mut world);
    while world.answer() {}
    world.pass(80);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: None });
    world.card_out();
    assert_eq!(world.page(), "thank-you");
}
