//! The card check: each answer with its colour and what can be done, without a word to the portal.

use super::{
    cards::{self, TestCard},
    world::World,
};
use crate::{
    card,
    link::{
        intent::Intent,
        signer::{Fault as SignerFault, Reply, Request, RequestId, TriesLeft},
        view::{Finding, Light, Page as Shown, Service, overall},
    },
    portal::{Action, SigningText},
    session::{
        Event,
        fault::{Advice, Cause},
    },
};

/// Somebody chose the check and puts this card in.
fn checked(card: TestCard) -> World {
    World::came_for(Service::CardCheck, card)
}

fn shown(world: &World) -> (Vec<Finding>, Vec<Advice>) {
    let page = world.view().page;
    let Shown::CardCheck { findings, advice } = page else { panic!("no check: {page:?}") };
    assert_eq!(world.actions().count(), 0, "nothing is asked of the portal");
    (findings, advice)
}

fn good() -> TestCard {
    cards::card(vec![cards::qualified("DENEME KONTROL")])
}

fn pin(findings: &[Finding]) -> Option<Light> {
    findings.iter().find(|it| matches!(it, Finding::Pin(_))).map(Finding::light)
}

#[test]
fn a_good_card_is_green_and_leads_to_the_renewal() {
    let mut world = checked(good());
    let (findings, advice) = shown(&world);
    assert_eq!(overall(&findings), Light::Green);
    assert!(findings.iter().all(|it| it.light() == Light::Green), "{findings:?}");
    assert_eq!(findings.len(), 5, "reader, card, certificate, PIN, renewal: {findings:?}");
    assert_eq!(advice, [Advice::Renew, Advice::Finish, Advice::TestSignature]);
    assert_eq!(world.view().frame.step, None, "the steps are a renewal's");
    world.touch(Intent::Next);
    assert_eq!(world.page(), "eligibility");
    assert!(world.view().frame.step.is_some());
    world.walk_to("pin");
}

#[test]
fn whoever_has_seen_enough_takes_the_card_and_the_next_card_is_a_renewal_again() {
    let mut world = checked(good());
    world.touch(Intent::Advice(Advice::Finish));
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: None });
    world.card_out();
    world.walk_to("attract");
    world.card_in(0);
    world.answer();
    assert_eq!(world.page(), "eligibility");
}

#[test]
fn where_there_is_a_printer_whoever_cannot_renew_any_more_is_led_to_it() {
    let mut world = World::ready_to_print();
    world.touch(Intent::Service(Service::CardCheck));
    world.extra_card = Some(cards::card(vec![cards::of_year(2025)]));
    world.card_in(usize::MAX);
    while world.answer() {}
    assert_eq!(shown(&world).1[..2], [Advice::WetInk, Advice::Finish]);
    world.touch(Intent::Next);
    assert_eq!(world.view().page, Shown::Notice { service: Service::WetInk });
    world.walk_to("printed");
    let world = checked(cards::card(vec![cards::of_year(2025)]));
    assert!(!shown(&world).1.contains(&Advice::WetInk));
}

#[test]
fn each_fault_of_the_certificate_has_its_colour() {
    for (certificate, light, cause) in [
        (cards::of_year(2025), Light::Red, Cause::Expired),
        (cards::of_year(2027), Light::Amber, Cause::NotYetValid),
        (cards::seal(), Light::Red, Cause::Seal),
        (cards::plain(), Light::Red, Cause::NotQualified),
    ] {
        let world = checked(cards::card(vec![certificate]));
        let (findings, advice) = shown(&world);
        let fit = findings
            .iter()
            .find_map(|it| if let Finding::Certificate { fit, .. } = it { Some(*fit) } else { None });
        assert_eq!(fit, Some(Err(cause)));
        assert_eq!(overall(&findings), light, "{cause:?}");
        assert!(matches!(findings.last(), Some(Finding::Renewal { verdict: Err(it), .. }) if *it == cause));
        assert!(!advice.contains(&Advice::Renew), "{cause:?}");
        assert_eq!(advice.contains(&Advice::TestSignature), fit == Some(Err(Cause::TooEarly)), "{cause:?}");
    }
    for (certificates, cause) in
        [(Vec::new(), Cause::NoCertificate), (vec![vec![0x30, 0]], Cause::CertificateMalformed)]
    {
        let (findings, advice) = shown(&checked(cards::card(certificates)));
        assert!(findings.contains(&Finding::NoCertificate(cause)));
        assert_eq!((overall(&findings), advice), (Light::Red, vec![Advice::Finish]));
    }
}

#[test]
fn a_card_that_is_renewed_too_early_is_a_good_card_and_says_from_when() {
    let mut world = World::ready();
    world.now.wall -= 60 * 86_400;
    world.touch(Intent::Service(Service::CardCheck));
    world.extra_card = Some(good());
    world.card_in(usize::MAX);
    world.answer();
    let (findings, advice) = shown(&world);
    assert_eq!(overall(&findings), Light::Green);
    assert_eq!(advice, [Advice::Finish, Advice::TestSignature]);
    let renewal = findings.last().expect("the renewal");
    assert_eq!(renewal.light(), Light::Amber);
    assert!(
        matches!(renewal, Finding::Renewal { possible_from: Some(day), .. } if day == "01.10.2026"),
        "{renewal:?}"
    );
    // The primary button ends it; a trial is made only by who asks for one.
    world.touch(Intent::Next);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: None });
}

#[test]
fn the_tries_left_are_told_as_far_as_the_card_tells() {
    for (tries, light, can_renew) in [
        (TriesLeft::Known(3), Light::Green, true),
        (TriesLeft::Known(1), Light::Amber, true),
        (TriesLeft::Unknown, Light::Amber, true),
        (TriesLeft::Known(0), Light::Red, false),
        (TriesLeft::Locked, Light::Red, false),
    ] {
        let (findings, advice) = shown(&checked(TestCard { tries, ..good() }));
        assert_eq!(pin(&findings), Some(light), "{tries:?}");
        assert_eq!(advice.contains(&Advice::Renew), can_renew, "{tries:?}");
    }
    let locked = checked(TestCard { tries: TriesLeft::Locked, ..good() });
    let (findings, _) = shown(&locked);
    let said = Finding::Renewal { verdict: Err(Cause::PinLocked), possible_from: None };
    assert_eq!(findings.last(), Some(&said));
}

#[test]
fn each_fault_of_the_card_is_an_answer_with_what_can_be_done() {
    for (fault, cause, again) in [
        (SignerFault::UnknownCard, Cause::CardUnknown, false),
        (SignerFault::CardMute, Cause::CardMute, false),
        (SignerFault::ModuleHung, Cause::CardModule, true),
        (SignerFault::ModuleFailed, Cause::CardModule, true),
        (SignerFault::ReaderBusy, Cause::ReaderBusy, true),
    ] {
        let mut world = World::ready();
        world.touch(Intent::Service(Service::CardCheck));
        world.extra_card = Some(good());
        world.card_in(usize::MAX);
        world.signer_says(Err(fault));
        let (findings, advice) = shown(&world);
        assert_eq!(findings, [Finding::Reader, Finding::Card(Err(cause))]);
        assert_eq!(overall(&findings), Light::Red);
        assert_eq!(advice.first() == Some(&Advice::TryAgain), again, "{fault:?}");
        if again {
            world.touch(Intent::Next);
            world.answer();
            assert_eq!(overall(&shown(&world).0), Light::Green, "read again");
        }
    }
}

#[test]
fn a_card_that_is_not_read_in_time_is_told() {
    let mut world = World::ready();
    world.touch(Intent::Service(Service::CardCheck));
    world.extra_card = Some(good());
    world.card_in(usize::MAX);
    world.pass(30);
    let (findings, advice) = shown(&world);
    assert_eq!(findings.last(), Some(&Finding::Card(Err(Cause::CardModule))));
    assert_eq!(advice.first(), Some(&Advice::TryAgain));
}

#[test]
fn a_card_put_in_the_wrong_way_is_awaited_again_for_the_check() {
    let mut world = World::ready();
    world.touch(Intent::Service(Service::CardCheck));
    world.send(Event::Card(card::Event::CardMute(World::name())));
    let (findings, advice) = shown(&world);
    assert_eq!(findings.last(), Some(&Finding::Card(Err(Cause::CardMute))));
    assert_eq!(advice, [Advice::Finish]);
    world.send(Event::Card(card::Event::CardOut(World::name())));
    assert_eq!(world.view().page, Shown::InsertCard { service: Service::CardCheck, without: false });
    world.extra_card = Some(good());
    world.card_in(usize::MAX);
    while world.answer() {}
    assert_eq!(overall(&shown(&world).0), Light::Green);
    // One that was read is taken and gone.
    world.card_out();
    assert_eq!(world.page(), "attract");
}

#[test]
fn a_choice_is_taken_back_by_a_touch_and_by_itself() {
    let mut world = World::ready();
    world.touch(Intent::Service(Service::CardCheck));
    assert!(world.view().frame.back && world.view().frame.ring.is_some());
    world.touch(Intent::Back);
    assert_eq!(world.page(), "attract");
    world.touch(Intent::Service(Service::CardCheck));
    world.pass(59);
    assert_eq!(world.page(), "insert-card");
    world.pass(1);
    assert_eq!(world.page(), "attract");
    world.card_in(0);
    world.answer();
    assert_eq!(world.page(), "eligibility", "the next visitor's card is not checked");
}

#[test]
fn nobody_is_there_any_more_and_the_check_ends_with_a_warning() {
    let mut world = checked(good());
    world.pass(60);
    assert!(world.view().overlay.is_some());
    world.pass(20);
    assert!(matches!(world.view().page, Shown::TakeCard { .. }));
}

/// On the page of the PIN of a trial.
fn trying(card: TestCard) -> World {
    let mut world = checked(card);
    world.touch(Intent::Advice(Advice::TestSignature));
    while world.answer() {}
    assert_eq!(world.page(), "contract");
    world.touch(Intent::ContractRead);
    while world.answer() {}
    world
}

fn type_pin(world: &mut World) {
    assert_eq!(world.page(), "pin");
    world.walk();
    while world.answer() {}
}

fn trial(findings: &[Finding]) -> Option<Result<(), Cause>> {
    findings.iter().find_map(|it| if let Finding::Trial(result) = it { Some(*result) } else { None })
}

#[test]
fn a_trial_signs_the_text_that_was_shown_and_says_that_the_pin_works() {
    let mut world = trying(TestCard { tries: TriesLeft::Unknown, ..good() });
    let asked: Vec<&Request> = world
        .requests()
        .filter(|it| matches!(it, Request::PrepareOwn { .. } | Request::Prepare { .. }))
        .collect();
    assert_eq!(asked.len(), 2, "for the text, and to sign it");
    assert_eq!(asked[0], asked[1], "the same text");
    type_pin(&mut world);
    let (findings, advice) = shown(&world);
    assert_eq!(trial(&findings), Some(Ok(())));
    assert_eq!(pin(&findings), None, "what the card does not say is known now");
    assert!(findings.iter().all(|it| it.light() == Light::Green), "{findings:?}");
    assert_eq!(advice.first(), Some(&Advice::Renew));
    assert_eq!(world.submissions(), 0);
}

#[test]
fn a_wrong_pin_in_a_trial_is_asked_again_and_a_locked_one_is_an_answer() {
    let mut world = trying(good());
    world.wrong_pins = 2;
    type_pin(&mut world);
    assert!(matches!(world.view().page, Shown::Pin { wrong: true, tries: TriesLeft::Known(2), .. }));
    type_pin(&mut world);
    assert_eq!(world.page(), "last-try");
    world.touch(Intent::AcceptLastTry);
    world.wrong_pins = 1;
    type_pin(&mut world);
    let (findings, advice) = shown(&world);
    assert_eq!(trial(&findings), Some(Err(Cause::PinLocked)));
    assert_eq!(pin(&findings), Some(Light::Red));
    assert_eq!((overall(&findings), advice), (Light::Red, vec![Advice::UnblockHere, Advice::Finish]));
}

#[test]
fn a_signature_that_does_not_verify_is_a_red_answer() {
    let mut world = trying(good());
    let Shown::Pin { dialogue, .. } = world.view().page else { panic!("no PIN page") };
    world.touch(Intent::PinSent(dialogue.request));
    world.signer_says(Err(SignerFault::SelfCheckFailed));
    let (findings, advice) = shown(&world);
    assert_eq!(trial(&findings), Some(Err(Cause::SignatureFaulty)));
    assert_eq!(overall(&findings), Light::Red);
    assert!(advice.contains(&Advice::TestSignature), "it can be tried again");
}

#[test]
fn a_trial_is_left_by_going_back_and_by_taking_the_card() {
    let mut world = trying(good());
    world.touch(Intent::Back);
    assert_eq!(world.page(), "contract");
    assert!(world.view().frame.back);
    world.touch(Intent::Back);
    assert_eq!(trial(&shown(&world).0), None);
    let mut world = trying(good());
    world.wrong_pins = 2;
    type_pin(&mut world);
    type_pin(&mut world);
    world.touch(Intent::Back);
    world.touch(Intent::Back);
    assert_eq!(pin(&shown(&world).0), Some(Light::Amber), "one try is left, and that is said");
    let mut world = trying(good());
    world.card_out();
    assert_eq!(world.page(), "attract");
    let mut world = trying(good());
    world.pass(80);
    assert!(matches!(world.view().page, Shown::TakeCard { cause: Some(Cause::Abandoned), .. }));
}

#[test]
fn another_text_than_the_one_that_was_read_is_not_signed() {
    let mut world = checked(good());
    world.touch(Intent::Advice(Advice::TestSignature));
    while world.answer() {}
    world.touch(Intent::ContractRead);
    let (request, tries) = (RequestId([77; 16]), TriesLeft::Known(3));
    world.signer_says(Ok(Reply::PreparedOwn {
        request,
        tries,
        text: SigningText(b"Baska bir metin".to_vec()),
    }));
    assert_eq!(trial(&shown(&world).0), Some(Err(Cause::TextUnreadable)));
}

#[test]
fn a_locked_card_is_opened_from_the_check_where_the_kiosk_can_do_that() {
    let mut world = checked(TestCard { tries: TriesLeft::Locked, ..good() });
    let Shown::CardCheck { advice, .. } = world.view().page else { panic!("no check") };
    assert_eq!(advice, [Advice::UnblockHere, Advice::Finish]);
    world.touch(Intent::Next);
    world.walk_into("pin-opened");
    assert_eq!(world.count(|it| matches!(it, Action::Open)), 0, "nobody applies for anything");
}
