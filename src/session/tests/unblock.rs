//! Kilit çözme: the portal authorises, the signer opens, and the PUK is seen by neither screen nor log.

use super::{
    cards::{self, TestCard},
    world::World,
};
use crate::{
    link::{
        intent::Intent,
        signer::{Fault as SignerFault, Reply, Request, TriesLeft},
        view::{NewPinKind, Page as Shown, Service, SmsPurpose},
    },
    portal::{Action, Fault, Page},
    redact::PortalSecret,
    session::{
        Event, ScreenEvent,
        fault::{Advice, Cause},
    },
};

fn locked() -> TestCard {
    TestCard { tries: TriesLeft::Locked, ..cards::card(vec![cards::qualified("DENEME KILITLI")]) }
}

fn came(card: TestCard) -> World {
    World::came_for(Service::Unblock, card)
}

fn trouble(world: &World) -> Option<Cause> {
    if let Shown::Trouble { cause, .. } = world.view().page { Some(cause) } else { None }
}

fn advice(world: &World) -> Vec<Advice> {
    if let Shown::Trouble { advice, .. } = world.view().page { advice } else { Vec::new() }
}

fn reports(world: &World) -> Vec<bool> {
    let told = |it: &Action| if let Action::ReportUnblocked { done, .. } = it { Some(*done) } else { None };
    world.actions().filter_map(told).collect()
}

fn granted(world: &World) -> usize {
    world.requests().filter(|it| matches!(it, Request::PrepareUnblock { .. })).count()
}

/// The PINs are on their way.
fn sent(world: &mut World) {
    world.walk_to("new-pin");
    world.walk();
    assert_eq!(world.page(), "busy");
}

#[test]
fn a_locked_card_gets_a_new_pin_by_code_and_sms_and_the_signing_service_is_told() {
    let mut world = came(locked());
    assert_eq!(world.view().page, Shown::Notice { service: Service::Unblock });
    world.walk_to("login");
    world.walk_to("sms-code");
    assert!(matches!(world.view().page, Shown::SmsCode { purpose: SmsPurpose::Login, .. }));
    world.walk_into("unblock-sms");
    assert!(matches!(
        world.view().page,
        Shown::SmsCode { wrong: false, purpose: SmsPurpose::Unblocking, .. }
    ));
    world.walk_to("new-pin");
    let Shown::NewPin { kind: NewPinKind::Unblock, wrong: false, .. } = world.view().page else {
        panic!("{:?}", world.view().page)
    };
    let puk = PortalSecret::new(format!("PUK-{}", world.mark()));
    let given = |it: &Request| matches!(it, Request::PrepareUnblock { puk: it, .. } if *it == puk);
    assert_eq!(world.requests().filter(|it| given(it)).count(), 1);
    sent(&mut world);
    world.walk_into("pin-opened");
    assert_eq!(world.view().page, Shown::PinSet { kind: NewPinKind::Unblock });
    assert_eq!(reports(&world), [true]);
    world.touch(Intent::Next);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: None });
    world.card_out();
    assert_eq!(world.page(), "thank-you");
}

#[test]
fn a_card_that_is_not_locked_is_said_to_be_so_and_one_that_does_not_tell_is_believed_the_person() {
    let open = TestCard { tries: TriesLeft::Known(2), ..locked() };
    let world = came(open);
    assert_eq!((trouble(&world), advice(&world)), (Some(Cause::PinNotLocked), vec![Advice::Finish]));
    assert_eq!(world.actions().count(), 0);
    let mut world = came(TestCard { tries: TriesLeft::Unknown, ..locked() });
    world.walk_into("pin-opened");
    assert!(world.log.iter().all(|it| it.to != "login-way"), "there is no PIN to sign with");
}

#[test]
fn from_a_locked_pin_in_the_renewal_the_same_card_is_unblocked_and_then_renews() {
    let mut world = World::ready();
    world.extra_card = Some(locked());
    world.card_in(usize::MAX);
    while world.answer() {}
    assert_eq!(trouble(&world), Some(Cause::PinLocked));
    assert_eq!(advice(&world), [Advice::UnblockHere, Advice::CallCentre, Advice::Finish]);
    world.touch(Intent::Next);
    world.walk_into("pin-opened");
    assert_eq!(world.count(|it| matches!(it, Action::Open)), 0);
}

#[test]
fn a_kiosk_without_the_online_pages_neither_offers_them_nor_lets_them_be_asked_for() {
    let mut world = World::without_online();
    let Shown::Attract { services } = world.view().page else { panic!("nobody is there") };
    assert!(!services.iter().any(|service| service.is_online()), "{services:?}");
    world.touch(Intent::Service(Service::Unblock));
    assert_eq!(world.page(), "attract");
    world.extra_card = Some(locked());
    world.card_in(usize::MAX);
    while world.answer() {}
    assert_eq!(advice(&world), [Advice::Unblock, Advice::CallCentre, Advice::Finish]);
    world.touch(Intent::Advice(Advice::UnblockHere));
    assert_eq!(trouble(&world), Some(Cause::PinLocked));
}

#[test]
fn what_becomes_of_the_card_is_told_as_it_is_and_never_as_a_wrong_pin() {
    for (fault, cause, told) in [
        (SignerFault::WrongPuk { tries: TriesLeft::Known(2) }, Cause::PukWrong, vec![false]),
        (SignerFault::PukLocked, Cause::PukLocked, vec![false]),
        (SignerFault::NotSupported, Cause::NotOffered, vec![false]),
        (SignerFault::ChangeUnknown, Cause::PinUncertain, Vec::new()),
        (SignerFault::SignerLost, Cause::PinUncertain, Vec::new()),
    ] {
        let mut world = came(locked());
        sent(&mut world);
        world.signer_says(Err(fault));
        while world.answer() {}
        assert_eq!((trouble(&world), reports(&world)), (Some(cause), told), "{fault:?}");
    }
    // One that cannot be this card's is refused before anybody types.
    let mut world = came(locked());
    world.walk_into("preparing");
    world.signer_says(Err(SignerFault::WrongPuk { tries: TriesLeft::Unknown }));
    while world.answer() {}
    assert_eq!((trouble(&world), reports(&world)), (Some(Cause::PukWrong), vec![false]));
}

#[test]
fn a_report_that_is_not_heard_is_made_once_more_and_changes_nothing_of_what_the_card_has() {
    let mut world = came(locked());
    world.walk_into("reporting-unblock");
    assert!(!world.view().frame.cancel, "there is nothing to call off");
    world.portal_says(Err(Fault::Timeout));
    world.portal_says(Err(Fault::Unreachable));
    assert_eq!(world.view().page, Shown::PinSet { kind: NewPinKind::Unblock });
    assert_eq!(reports(&world), [true, true]);
    let mut world = came(locked());
    world.walk_into("reporting-unblock");
    world.portal_says(Err(Fault::CodeExpired));
    assert_eq!((world.page().as_str(), reports(&world)), ("pin-set", vec![true]));
    let mut world = came(locked());
    world.walk_into("reporting-unblock");
    world.pass(50);
    assert_eq!((world.page().as_str(), reports(&world)), ("pin-set", vec![true, true]));
}

#[test]
fn a_request_that_is_lost_with_its_puk_is_authorised_anew_by_another_sms() {
    type Happens = fn(&mut World);
    let lost: [(&str, Cause, Happens); 5] = [
        ("the signer is gone", Cause::SignerDown, |world| world.signer(false)),
        ("the request is dead", Cause::CardModule, |world| {
            world.signer_says(Err(SignerFault::NoSuchRequest))
        }),
        ("nobody typed in time", Cause::CardModule, |world| world.signer_says(Err(SignerFault::Expired))),
        ("the card takes no such PIN", Cause::PinUnfit, |world| {
            world.walk();
            world.signer_says(Err(SignerFault::UnfitPin));
        }),
        ("the card answers no more", Cause::CardMute, |world| world.signer_says(Err(SignerFault::CardMute))),
    ];
    for (what, cause, happens) in lost {
        let mut world = came(locked());
        world.walk_to("new-pin");
        happens(&mut world);
        assert_eq!(trouble(&world), Some(cause), "{what}");
        world.signer(true);
        if cause == Cause::CardMute {
            world.card_out();
            assert_eq!(trouble(&world), Some(cause), "{what}: it can be put in better");
            world.card_in(usize::MAX);
        }
        world.touch(Intent::Advice(Advice::TryAgain));
        world.walk_into("pin-opened");
        assert_eq!(granted(&world), 2, "{what}");
        assert_eq!(world.count(|it| matches!(it, Action::FetchUnblock(_))), 2, "{what}");
        assert_eq!(world.count(|it| matches!(it, Action::OpenOnline)), 1, "{what}: nobody logs in twice");
    }
}

#[test]
fn a_signer_that_is_away_gets_the_puk_when_it_is_back() {
    let mut world = came(locked());
    world.walk_into("confirming-unblock");
    world.signer(false);
    assert!(world.answer(), "the grant comes");
    assert_eq!((world.page().as_str(), granted(&world)), ("busy", 0));
    world.signer(true);
    world.walk_into("pin-opened");
    assert_eq!(granted(&world), 1);
}

#[test]
fn wrong_and_late_sms_codes_are_said_and_a_lost_answer_asks_for_another_sms() {
    let mut world = came(locked());
    for round in 0..5 {
        world.walk_into("confirming-unblock");
        let remaining = std::time::Duration::from_secs(200);
        world.portal_says(Ok(Page::UnblockSms { remaining, wrong: true }));
        if round < 4 {
            assert!(matches!(world.view().page, Shown::SmsCode { wrong: true, .. }));
        }
    }
    assert_eq!(trouble(&world), Some(Cause::SmsWrong));
    let mut world = came(locked());
    world.walk_into("unblock-sms");
    world.pass(180);
    assert!(matches!(world.view().page, Shown::SmsCode { late: true, .. }));
    world.pass(112);
    assert_eq!(trouble(&world), Some(Cause::CodeExpired), "the code lives less long than the SMS");
    for (fault, asked_again) in [(Fault::Timeout, 2), (Fault::Unreachable, 1)] {
        let mut world = came(locked());
        world.walk_into("confirming-unblock");
        world.portal_says(Err(fault.clone()));
        world.touch(Intent::Next);
        world.walk_into("pin-opened");
        assert_eq!(world.count(|it| matches!(it, Action::FetchUnblock(_))), asked_again, "{fault:?}");
    }
    for fault in [Fault::CodeUnknown, Fault::CodeExpired] {
        let mut world = came(locked());
        world.walk_into("asking-unblock");
        world.portal_says(Err(fault.clone()));
        assert_eq!(trouble(&world), Some(Cause::from(&fault)));
        assert!(!advice(&world).contains(&Advice::TryAgain));
    }
}

#[test]
fn whoever_pulls_the_card_before_the_pins_are_sent_has_left_and_later_is_told_what_is_known() {
    let mut world = came(locked());
    world.walk_to("new-pin");
    world.card_out();
    while world.answer() {}
    assert_eq!(world.page(), "attract");
    let mut world = came(locked());
    sent(&mut world);
    world.card_out();
    world.signer_says(Err(SignerFault::ChangeUnknown));
    assert_eq!(trouble(&world), Some(Cause::PinUncertain));
    let mut world = came(locked());
    sent(&mut world);
    world.card_out();
    world.signer_says(Ok(Reply::Done));
    while world.answer() {}
    assert_eq!((world.page().as_str(), reports(&world)), ("pin-set", vec![true]));
    // On the way there it is awaited as in a renewal.
    let mut world = came(locked());
    world.walk_into("unblock-sms");
    world.card_out();
    assert_eq!(world.page(), "card-pulled");
    world.card_in(usize::MAX);
    world.walk_into("pin-opened");
}

#[test]
fn cancel_and_a_screen_that_is_started_again_end_and_keep_it() {
    let mut world = came(locked());
    world.walk_into("unblock-sms");
    world.touch(Intent::Cancel);
    world.touch(Intent::ConfirmCancel);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::Cancelled) });
    let mut world = came(locked());
    world.walk_to("new-pin");
    world.send(Event::Screen(ScreenEvent::Lost));
    world.send(Event::Screen(ScreenEvent::Connected));
    assert_eq!(world.page(), "new-pin");
    world.walk_into("pin-opened");
    assert_eq!(granted(&world), 1);
}
