//! Each fault of the domain on its page with its own cause, and what can be done about it.

use std::collections::BTreeSet;

use super::{
    cards::{self, TestCard},
    world::World,
};
use crate::{
    card,
    link::{
        intent::Intent,
        signer::{Fault as SignerFault, Request, TriesLeft},
        view::Page as Shown,
    },
    portal::{Fault, Page, Quote, RefusedSignature, SigningText},
    session::{
        Effect, Event, Sound,
        fault::{Advice, Cause},
    },
};

fn shown(world: &World) -> (Cause, Vec<Advice>) {
    let page = world.view().page;
    let Shown::Trouble { cause, advice, .. } = page else { panic!("no trouble: {page:?}") };
    (cause, advice)
}

fn with_card(card: TestCard) -> World {
    let mut world = World::ready();
    world.extra_card = Some(card);
    world.card_in(usize::MAX);
    world.answer();
    world
}

fn verdict(world: &World) -> Cause {
    let page = world.view().page;
    let Shown::Eligibility { verdict: Err(cause), .. } = page else { panic!("eligible? {page:?}") };
    cause
}

#[test]
fn every_cause_has_a_row_of_its_own_with_something_to_do() {
    let codes: BTreeSet<&str> = Cause::ALL.iter().map(|cause| cause.remedy().code).collect();
    assert_eq!(codes.len(), Cause::ALL.len(), "a code names one cause");
    let causes: BTreeSet<String> = Cause::ALL.iter().map(|cause| format!("{cause:?}")).collect();
    assert_eq!(causes.len(), Cause::ALL.len());
    for cause in Cause::ALL {
        let advice = cause.remedy().advice;
        let last = advice.last().expect("there is always something to do");
        assert!(matches!(last, Advice::Finish | Advice::ComeLater), "{cause:?} has no way out");
        let once: BTreeSet<String> = advice.iter().map(|advice| format!("{advice:?}")).collect();
        assert_eq!(once.len(), advice.len(), "{cause:?} says something twice");
    }
}

#[test]
fn a_certificate_that_cannot_renew_says_why_on_the_eligibility_page() {
    for (certificate, cause) in [
        (cards::of_year(2025), Cause::Expired),
        (cards::of_year(2027), Cause::NotYetValid),
        (cards::seal(), Cause::Seal),
        (cards::plain(), Cause::NotQualified),
    ] {
        let mut world = with_card(cards::card(vec![certificate]));
        assert_eq!(verdict(&world), cause);
        assert!(world.effects.contains(&Effect::Sound(Sound::Error)));
        world.touch(Intent::Next);
        assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(cause) });
        assert_eq!(world.actions().count(), 0, "nothing was asked of the portal");
    }
}

#[test]
fn too_early_says_from_when() {
    let mut world = World::ready();
    world.now.wall -= 60 * 86_400;
    world.extra_card = Some(cards::card(vec![cards::qualified("DENEME ERKEN")]));
    world.card_in(usize::MAX);
    world.answer();
    assert_eq!(verdict(&world), Cause::TooEarly);
    let Shown::Eligibility { possible_from, days_left, .. } = world.view().page else {
        panic!("eligibility")
    };
    assert_eq!((possible_from.as_deref(), days_left), (Some("01.10.2026"), 120));
}

#[test]
fn of_several_certificates_the_fit_one_counts() {
    let fit = cards::qualified("DENEME UYGUN");
    let world = with_card(cards::card(vec![cards::seal(), cards::of_year(2025), fit, vec![1, 2, 3]]));
    assert!(matches!(world.view().page, Shown::Eligibility { verdict: Ok(()), .. }));
}

#[test]
fn a_card_without_a_certificate_is_not_one_that_cannot_be_read() {
    let world = with_card(cards::card(Vec::new()));
    assert_eq!(shown(&world).0, Cause::NoCertificate);
    let world = with_card(cards::card(vec![vec![0x30, 0x03, 1, 2, 3]]));
    assert_eq!(shown(&world).0, Cause::CertificateMalformed);
}

#[test]
fn a_locked_pin_is_said_before_anything_is_typed() {
    let mut card = cards::card(vec![cards::qualified("DENEME KİLİTLİ")]);
    card.tries = TriesLeft::Locked;
    let world = with_card(card);
    assert_eq!(
        shown(&world),
        (Cause::PinLocked, vec![Advice::UnblockHere, Advice::CallCentre, Advice::Finish])
    );
}

#[test]
fn each_fault_of_reading_the_card_is_its_own() {
    for (fault, cause) in [
        (SignerFault::CardMute, Cause::CardMute),
        (SignerFault::UnknownCard, Cause::CardUnknown),
        (SignerFault::NoCertificate, Cause::NoCertificate),
        (SignerFault::ModuleHung, Cause::CardModule),
        (SignerFault::ModuleFailed, Cause::CardModule),
        (SignerFault::ReaderBusy, Cause::ReaderBusy),
    ] {
        let mut world = World::ready();
        world.card_in(0);
        world.signer_says(Err(fault));
        assert_eq!(shown(&world).0, cause, "{fault:?}");
        world.card_out();
        assert_eq!(world.page(), "attract", "{fault:?}");
    }
}

#[test]
fn a_mute_card_is_told_from_none_and_from_a_pulled_one() {
    let mut world = World::ready();
    world.send(Event::Card(card::Event::CardMute(World::name())));
    let advice = vec![Advice::ReinsertCard, Advice::CallStaff, Advice::Finish];
    assert_eq!(shown(&world), (Cause::CardMute, advice));
    world.card_in(0);
    world.walk_to("eligibility");
}

#[test]
fn each_fault_of_the_portal_is_its_own_at_the_login() {
    let quote = || Quote("Portalın sözü".into());
    for (fault, cause, quoted) in [
        (Fault::NotEligible(quote()), Cause::NotEligible, true),
        (Fault::WebService(quote()), Cause::WebService, true),
        (Fault::Unreachable, Cause::PortalUnreachable, false),
        (Fault::Interrupted, Cause::PortalUnreachable, false),
        (Fault::Timeout, Cause::PortalTimeout, false),
        (Fault::Tls, Cause::PortalTls, false),
        (Fault::Status(500), Cause::PortalError, false),
        (Fault::Oversize { limit: 9 }, Cause::PortalMalformed, false),
        (Fault::Malformed("x"), Cause::PortalMalformed, false),
        (Fault::UnknownPage, Cause::PortalChanged, false),
        (Fault::ChangedForm("x"), Cause::PortalChanged, false),
        (Fault::OffHost, Cause::PortalChanged, false),
        (Fault::OutOfOrder, Cause::PortalChanged, false),
        (Fault::SessionEnded, Cause::PortalSession, false),
    ] {
        let mut world = World::ready();
        world.walk_into("logging-in");
        world.portal_says(Err(fault));
        assert_eq!(shown(&world).0, cause);
        let Shown::Trouble { quote, reference, .. } = world.view().page else { panic!("trouble") };
        assert_eq!(quote.is_some(), quoted, "{cause:?}");
        assert_eq!(reference, format!("{}-001", cause.remedy().code));
        let staff = world.log.last().expect("logged");
        assert_eq!((staff.cause, staff.staff), (Some(cause), cause.remedy().staff));
        world.touch(Intent::Advice(Advice::Finish));
        assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(cause) });
        world.card_out();
        world.walk_to("result");
    }
}

#[test]
fn not_eligible_sends_to_human_resources() {
    let mut world = World::ready();
    world.walk_into("logging-in");
    world.portal_says(Err(Fault::NotEligible(Quote("kadronuz e-imza için uygun değildir".into()))));
    assert_eq!(shown(&world), (Cause::NotEligible, vec![Advice::HumanResources, Advice::Finish]));
}

#[test]
fn each_fault_of_the_code_and_the_signature_is_its_own_and_none_is_a_pin_fault() {
    for (state, fault, cause) in [
        ("submitting-sms", Fault::SmsExpired, Cause::SmsExpired),
        ("fetching-texts", Fault::CodeUnknown, Cause::CodeUnknown),
        ("fetching-texts", Fault::CodeExpired, Cause::CodeExpired),
        ("handing-in", Fault::CodeUnknown, Cause::CodeUnknown),
        ("handing-in", Fault::CodeExpired, Cause::CodeExpired),
        ("handing-in", Fault::SignatureRefused(RefusedSignature::WrongPerson), Cause::SignatureRefused),
        ("handing-in", Fault::SignatureRefused(RefusedSignature::WrongText), Cause::SignatureRefused),
        ("handing-in", Fault::SignatureRefused(RefusedSignature::Certificate), Cause::SignatureRefused),
        ("handing-in", Fault::SignatureRefused(RefusedSignature::Invalid), Cause::SignatureRefused),
    ] {
        let mut world = World::ready();
        world.walk_into(state);
        world.portal_says(Err(fault));
        let (shown, advice) = shown(&world);
        assert_eq!(shown, cause, "in {state}");
        assert_eq!(advice[0], Advice::StartOver, "{cause:?}");
        world.touch(Intent::Next);
        world.walk_to("result");
    }
}

#[test]
fn each_fault_of_signing_is_its_own() {
    for (fault, cause) in [
        (SignerFault::PinLocked, Cause::PinLocked),
        (SignerFault::WrongPuk { tries: TriesLeft::Known(9) }, Cause::PukWrong),
        (SignerFault::PukLocked, Cause::PukLocked),
        (SignerFault::UnfitPin, Cause::PinUnfit),
        (SignerFault::ChangeUnknown, Cause::PinUncertain),
        (SignerFault::NotSupported, Cause::NotOffered),
        (SignerFault::Expired, Cause::CodeExpired),
        (SignerFault::OtherTextShown, Cause::TextUnreadable),
        (SignerFault::BadText, Cause::TextUnreadable),
        (SignerFault::ModuleHung, Cause::CardModule),
        (SignerFault::ModuleFailed, Cause::CardModule),
        (SignerFault::SelfCheckFailed, Cause::SignatureFaulty),
        (SignerFault::ReaderBusy, Cause::ReaderBusy),
        (SignerFault::UnknownCard, Cause::CardUnknown),
        (SignerFault::NoCertificate, Cause::NoCertificate),
    ] {
        let mut world = World::ready();
        world.walk_into("signing");
        world.signer_says(Err(fault));
        assert_eq!(shown(&world).0, cause, "{fault:?}");
        assert_eq!(world.submissions(), 0);
    }
}

#[test]
fn a_signer_that_keeps_losing_the_request_is_a_fault_of_the_module() {
    let mut world = World::ready();
    for round in 0..4 {
        world.walk_to("pin");
        assert_eq!(world.requests().filter(|r| matches!(r, Request::Prepare { .. })).count(), round + 1);
        world.signer_says(Err(SignerFault::NoSuchRequest));
    }
    assert_eq!(shown(&world).0, Cause::CardModule);
}

#[test]
fn texts_that_cannot_be_shown_safely_are_not_shown() {
    let text = |text: &str| SigningText(text.as_bytes().to_vec());
    for texts in [
        Vec::new(),
        vec![text("AD: x"), text("gizli \u{202E} yön")],
        vec![SigningText(vec![0xFF])],
        vec![text("\u{FEFF}AD: x")],
        vec![text("AD:\u{2028}x"), text("b")],
        vec![text("AD: x"), text(" \n")],
        vec![text("a"), text("b"), text("c"), text("d"), text("e")],
    ] {
        let mut world = World::ready();
        world.walk_into("fetching-texts");
        world.portal_says(Ok(Page::Texts(texts)));
        assert_eq!(shown(&world).0, Cause::TextUnreadable);
    }
}

#[test]
fn a_page_that_answers_something_else_is_a_changed_portal() {
    for state in [
        "opening-portal",
        "logging-in",
        "submitting-form",
        "sending-sms",
        "submitting-sms",
        "choosing-method",
        "fetching-texts",
    ] {
        let mut world = World::ready();
        world.walk_into(state);
        world.portal_says(Ok(Page::Received));
        assert_eq!(shown(&world).0, Cause::PortalChanged, "{state}");
        assert!(world.log.last().expect("logged").staff, "staff should look");
    }
}

#[test]
fn a_portal_that_never_answers_is_too_slow_in_every_step() {
    for state in [
        "opening-portal",
        "logging-in",
        "submitting-form",
        "sending-sms",
        "submitting-sms",
        "choosing-method",
        "fetching-texts",
    ] {
        let mut world = World::ready();
        world.walk_into(state);
        world.pass(60);
        assert_eq!(shown(&world).0, Cause::PortalTimeout, "{state}");
        assert!(world.effects.contains(&Effect::CancelPortal));
    }
}

#[test]
fn what_was_not_sent_can_be_tried_again_from_the_same_page() {
    for (state, page) in [
        ("submitting-form", "review"),
        ("sending-sms", "sms-send"),
        ("submitting-sms", "sms-code"),
        ("choosing-method", "method"),
    ] {
        let mut world = World::ready();
        world.walk_into(state);
        world.portal_says(Err(Fault::Unreachable));
        assert_eq!(shown(&world).1[0], Advice::TryAgain);
        world.touch(Intent::Next);
        assert_eq!(world.page(), page);
        world.walk_to("result");
    }
}

#[test]
fn asking_for_the_texts_can_be_repeated() {
    let mut world = World::ready();
    world.walk_into("fetching-texts");
    world.portal_says(Err(Fault::Interrupted));
    world.touch(Intent::Next);
    world.walk_to("result");
    assert_eq!(world.count(|action| matches!(action, crate::portal::Action::Open)), 1);
}

#[test]
fn calling_staff_keeps_the_page_they_have_to_read() {
    let mut world = World::ready();
    world.walk_into("logging-in");
    world.portal_says(Err(Fault::UnknownPage));
    world.touch(Intent::Advice(Advice::CallStaff));
    assert_eq!(shown(&world).0, Cause::PortalChanged);
}
