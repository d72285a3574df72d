//! Islak imza: the application is printed, and signed by hand somewhere else.

use super::{
    cards,
    world::{World, printing},
};
use crate::{
    card,
    link::{
        intent::Intent,
        paper,
        signer::Fault as SignerFault,
        view::{Page as Shown, Service, Step},
    },
    portal::{Action, Fault, Method, Page},
    printer::{self, News},
    session::{
        Effect, Event, Recovery, ScreenEvent,
        fault::{Advice, Cause},
    },
};

/// Somebody with a card that has expired, on the page of what was chosen.
fn came() -> World {
    let mut world = World::ready_to_print();
    world.touch(Intent::Service(Service::WetInk));
    world.extra_card = Some(cards::card(vec![cards::of_year(2025)]));
    world.card_in(usize::MAX);
    while world.answer() {}
    world
}

fn without_card() -> World {
    let mut world = World::ready_to_print();
    world.touch(Intent::Service(Service::WetInk));
    world.touch(Intent::NoCard);
    world
}

fn at(state: &str) -> World {
    let mut world = came();
    world.walk_into(state);
    world
}

fn prints(world: &World) -> usize {
    world.effects.iter().filter(|effect| matches!(effect, Effect::Print { .. })).count()
}

fn dropped(world: &World) -> bool {
    let last =
        world.effects.iter().rev().find(|effect| {
            matches!(effect, Effect::TakeApart { .. } | Effect::Print { .. } | Effect::DropPaper)
        });
    matches!(last, None | Some(Effect::DropPaper))
}

fn trouble(world: &World) -> Option<Cause> {
    if let Shown::Trouble { cause, .. } = world.view().page { Some(cause) } else { None }
}

fn paper_says(world: &mut World, result: Result<paper::Paper, paper::Fault>) {
    let (visit, op) = world.asks_paper().expect("a document is taken apart");
    world.reply(Event::Paper { visit, op, result });
}

fn printer_says(world: &mut World, result: Result<News, printer::Fault>) {
    let (visit, op) = world.asks_paper().expect("something is printed");
    world.reply(Event::Printer { visit, op, result });
}

fn number(world: &World) -> u8 {
    let Shown::Paper { number, of, .. } = world.view().page else { panic!("on {}", world.page()) };
    assert_eq!(of, 3, "two pages and the note");
    number
}

#[test]
fn an_expired_card_gives_the_name_and_the_application_is_printed_and_wiped() {
    let mut world = came();
    assert_eq!(world.page(), "notice", "nothing is asked of the card but whose it is");
    world.walk_into("paper");
    let chosen = world.actions().filter(|it| matches!(it, Action::ChooseMethod(_))).collect::<Vec<_>>();
    assert_eq!(chosen, [&Action::ChooseMethod(Method::WetInk)], "and nobody was asked which method");
    assert_eq!(number(&world), 1);
    assert!(!world.view().frame.back && world.view().frame.step.is_none());
    world.touch(Intent::Next);
    world.touch(Intent::Next);
    assert_eq!((number(&world), prints(&world)), (3, 0));
    world.touch(Intent::Back);
    assert_eq!(number(&world), 2);
    world.touch(Intent::Next);
    world.touch(Intent::Next);
    assert_eq!((world.page().as_str(), prints(&world)), ("printing", 1));
    world.walk_into("printed");
    assert_eq!(world.view().page, Shown::Printed { deliver_to: printing().deliver_to });
    assert!(dropped(&world), "it is the person's now");
    world.touch(Intent::Next);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: None });
    world.card_out();
    assert_eq!(world.page(), "thank-you");
}

#[test]
fn whoever_has_no_card_is_served_and_nothing_waits_for_one() {
    let mut world = without_card();
    assert_eq!(world.page(), "notice");
    assert!(!world.view().frame.back && world.view().frame.cancel);
    world.walk_into("paper");
    // That the reader goes does not count.
    world.reader_out();
    world.reader_in();
    assert_eq!(world.page(), "paper");
    assert_eq!(
        world.requests().filter(|it| !matches!(it, crate::link::signer::Request::EndVisit)).count(),
        0
    );
    world.walk_into("printed");
    world.touch(Intent::Next);
    assert_eq!(world.page(), "thank-you", "there is no card to take");
}

#[test]
fn a_card_that_comes_during_a_visit_without_one_is_the_next_visitors_and_ends_it() {
    for state in ["login", "paper", "printing", "printed"] {
        let mut world = without_card();
        world.walk_into(state);
        world.card_in(0);
        assert!(dropped(&world), "{state}");
        while world.answer() {}
        assert_eq!(world.page(), "eligibility", "{state}");
    }
}

#[test]
fn a_card_nobody_can_read_is_no_hindrance() {
    for fault in [SignerFault::UnknownCard, SignerFault::NoCertificate, SignerFault::ModuleHung] {
        let mut world = World::ready_to_print();
        world.touch(Intent::Service(Service::WetInk));
        world.card_in(0);
        world.signer_says(Err(fault));
        assert_eq!(world.page(), "notice", "{fault:?}");
    }
    let mut world = World::ready_to_print();
    world.touch(Intent::Service(Service::WetInk));
    world.send(Event::Card(card::Event::CardMute(World::name())));
    assert_eq!(world.page(), "notice");
}

#[test]
fn a_card_nobody_can_read_may_be_taken_out_and_the_form_goes_on() {
    let mut world = World::ready_to_print();
    world.touch(Intent::Service(Service::WetInk));
    world.card_in(0);
    world.signer_says(Err(SignerFault::UnknownCard));
    world.walk_into("paper");
    world.card_out();
    assert_eq!((world.page().as_str(), number(&world)), ("paper", 1));
    // Whose it is that comes now nobody knows.
    world.card_in(0);
    assert!(dropped(&world));
    while world.answer() {}
    assert_eq!(world.page(), "eligibility");
    // Left in, it is to be taken at the end.
    let mut world = World::ready_to_print();
    world.touch(Intent::Service(Service::WetInk));
    world.card_in(0);
    world.signer_says(Err(SignerFault::UnknownCard));
    world.walk_into("printed");
    world.touch(Intent::Next);
    assert_eq!(world.page(), "take-card");
}

#[test]
fn without_a_printer_none_of_it_is_offered() {
    let mut world = World::ready();
    let Shown::Attract { services } = world.view().page else { panic!("{}", world.page()) };
    assert!(!services.contains(&Service::WetInk));
    world.touch(Intent::NoCard);
    assert_eq!(world.page(), "attract", "a visit without a card is for nothing else");
    let Shown::Attract { services } = World::ready_to_print().view().page else { panic!("attract") };
    assert!(services.contains(&Service::WetInk));
}

#[test]
fn who_cannot_renew_any_more_is_led_to_the_paper_where_there_is_a_printer() {
    for (mut world, offered) in [(World::ready(), false), (World::ready_to_print(), true)] {
        world.extra_card = Some(cards::card(vec![cards::of_year(2025)]));
        world.card_in(usize::MAX);
        while world.answer() {}
        let Shown::Eligibility { verdict: Err(Cause::Expired), on_paper, .. } = world.view().page else {
            panic!("on {}", world.page())
        };
        assert_eq!(on_paper, offered);
        world.touch(Intent::Advice(Advice::WetInk));
        assert_eq!(world.page(), if offered { "notice" } else { "eligibility" });
    }
}

#[test]
fn method_1_on_the_page_of_methods_leads_to_the_paper() {
    let mut world = World::ready_to_print();
    world.walk_into("method");
    assert!(matches!(world.view().page, Shown::Method { on_paper: true, .. }));
    assert_eq!(world.view().frame.step, Some(Step::Contract));
    world.touch(Intent::Method(Method::WetInk));
    world.walk_into("printed");
    assert!(world.requests().all(|it| !matches!(it, crate::link::signer::Request::Prepare { .. })));
}

#[test]
fn a_document_that_does_not_come_is_asked_for_again() {
    for (fault, cause) in [
        (Fault::Timeout, Cause::PortalTimeout),
        (Fault::Interrupted, Cause::PortalUnreachable),
        (Fault::Status(500), Cause::PortalError),
    ] {
        let mut world = at("choosing-method");
        world.portal_says(Err(fault));
        assert_eq!(trouble(&world), Some(cause));
        world.touch(Intent::Advice(Advice::TryAgain));
        assert_eq!(world.asks_portal(), Some(&Action::ChooseMethod(Method::WetInk)));
    }
    let mut world = at("choosing-method");
    world.portal_says(Err(Fault::OffHost));
    assert_eq!(trouble(&world), Some(Cause::PortalChanged));
    let mut world = at("choosing-method");
    world.portal_says(Ok(Page::Received));
    assert_eq!(trouble(&world), Some(Cause::PortalChanged), "another page than the document's");
}

#[test]
fn a_document_that_cannot_be_taken_apart_is_said_to_be_so_and_nothing_is_printed() {
    for fault in [paper::Fault::Lost, paper::Refusal::Unreadable.into(), paper::Refusal::Pages.into()] {
        let mut world = at("taking-apart");
        paper_says(&mut world, Err(fault));
        assert_eq!((trouble(&world), prints(&world)), (Some(Cause::PaperUnreadable), 0));
    }
    let mut world = at("taking-apart");
    world.pass(46);
    assert_eq!(trouble(&world), Some(Cause::PaperUnreadable), "nor one that takes too long");
    assert!(dropped(&world));
}

#[test]
fn a_printer_that_fails_is_said_to_and_the_pages_are_kept_for_another_try() {
    for (fault, cause) in [
        (printer::Fault::Unreachable, Cause::PrinterUnreachable),
        (printer::Fault::Unfit, Cause::PrinterFailed),
        (printer::Fault::Failed, Cause::PrinterFailed),
    ] {
        let mut world = at("printing");
        printer_says(&mut world, Err(fault));
        assert_eq!(trouble(&world), Some(cause));
        world.touch(Intent::Advice(Advice::TryAgain));
        assert_eq!(number(&world), 3);
        world.touch(Intent::Next);
        assert_eq!((world.page().as_str(), prints(&world)), ("printing", 2));
    }
}

#[test]
fn paper_that_runs_out_is_asked_for_and_not_for_ever() {
    let mut world = at("printing");
    printer_says(&mut world, Ok(News::OutOfPaper));
    assert_eq!(world.view().page, Shown::Printing { out_of_paper: true });
    world.pass(60);
    printer_says(&mut world, Ok(News::Printing));
    assert_eq!(world.view().page, Shown::Printing { out_of_paper: false }, "somebody put some in");
    printer_says(&mut world, Ok(News::OutOfPaper));
    world.pass(121);
    assert_eq!(trouble(&world), Some(Cause::PrinterOutOfPaper));
    assert!(dropped(&world), "what is at the printer is called off");
    let mut world = at("printing");
    world.pass(181);
    assert_eq!(trouble(&world), Some(Cause::PrinterFailed));
}

#[test]
fn a_visit_that_ends_takes_its_document_and_its_job_along() {
    for state in ["taking-apart", "paper", "printing"] {
        let mut world = at(state);
        let late = world.asks_paper();
        world.touch(Intent::Cancel);
        world.touch(Intent::ConfirmCancel);
        assert_eq!(world.page(), "take-card", "{state}");
        assert!(dropped(&world), "{state}");
        // What comes too late says nothing to anybody.
        if let Some((visit, op)) = late {
            world.send(Event::Printer { visit, op, result: Ok(News::Done) });
            world.send(Event::Paper { visit, op, result: Err(paper::Fault::Lost) });
        }
        assert_eq!(world.page(), "take-card", "{state}");
    }
    let mut world = at("paper");
    world.pass(200);
    assert_eq!(world.page(), "take-card", "nobody is there any more");
    assert!(dropped(&world));
}

#[test]
fn a_card_that_is_pulled_hides_the_pages_and_brings_them_back() {
    let mut world = at("paper");
    world.card_out();
    assert_eq!(world.page(), "card-pulled");
    world.card_in(usize::MAX);
    while world.answer() {}
    assert_eq!(number(&world), 1);
    world.touch(Intent::Next);
    world.touch(Intent::Next);
    world.touch(Intent::Next);
    world.card_out();
    assert_eq!(world.page(), "printing", "what is printed needs no card");
    world.walk_into("printed");
    world.touch(Intent::Next);
    assert_eq!(world.page(), "thank-you");
}

#[test]
fn a_screen_that_comes_anew_shows_the_page_that_was_read() {
    let mut world = at("paper");
    world.touch(Intent::Next);
    world.send(Event::Screen(ScreenEvent::Lost));
    world.send(Event::Screen(ScreenEvent::Connected));
    assert_eq!(number(&world), 2);
}

#[test]
fn who_is_told_that_it_is_printed_and_goes_was_served() {
    let mut world = at("printed");
    world.pass(120);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: true, cause: None });
    let mut world = World::with_printer(Recovery::Restarted);
    world.come_up();
    assert_ne!(world.page(), "printed");
}
