//! From the contract to the signature: PIN, signer and screen lost on the way, and what is never done twice.

use super::world::{Asked, World};
use crate::{
    link::{
        intent::Intent,
        signer::{Fault as SignerFault, Reply, Request, RequestId, TriesLeft},
        view::{Busy, Page as Shown},
    },
    portal::{Action, Page},
    session::{
        Event, ScreenEvent,
        fault::{Advice, Cause},
    },
};

fn cause(world: &World) -> Option<Cause> {
    if let Shown::Trouble { cause, .. } = world.view().page { Some(cause) } else { None }
}

fn advice(world: &World) -> Vec<Advice> {
    if let Shown::Trouble { advice, .. } = world.view().page { advice } else { Vec::new() }
}

fn prepares(world: &World) -> usize {
    world.requests().filter(|request| matches!(request, Request::Prepare { .. })).count()
}

fn captchas(world: &World) -> usize {
    world.count(|action| *action == Action::Open)
}

#[test]
fn no_signature_is_prepared_before_the_contract_was_read() {
    let mut world = World::ready();
    world.walk_to("contract");
    for intent in [Intent::Next, Intent::PinSent(RequestId([1; 16])), Intent::AcceptLastTry] {
        world.touch(intent);
        assert_eq!((world.page().as_str(), prepares(&world)), ("contract", 0));
    }
    world.touch(Intent::ContractRead);
    assert_eq!(prepares(&world), 1);
}

#[test]
fn a_contract_that_differs_is_marked_and_never_comes_to_a_signature() {
    let mut world = World::ready();
    world.contract_differs = true;
    world.walk_to("contract");
    let Shown::Contract { comparison, .. } = world.view().page else { panic!("the contract") };
    let differing: Vec<_> = comparison.iter().filter(|line| line.form_says.is_some()).collect();
    assert_eq!(differing.len(), 1);
    assert_eq!(differing[0].form_says.as_ref().expect("differs").expose(), "ESKİŞEHİR");
    world.touch(Intent::ContractRead);
    assert_eq!(cause(&world), Some(Cause::ContractDiffers));
    assert_eq!(advice(&world), [Advice::CorrectForm, Advice::CallStaff, Advice::Finish]);
    assert_eq!(prepares(&world), 0);
    world.contract_differs = false;
    world.touch(Intent::Next);
    world.walk_to("result");
}

#[test]
fn a_last_try_that_shows_only_when_the_pin_comes_is_asked_about_before_another_pin() {
    let mut world = World::ready();
    world.walk_to("pin");
    world.signer_says(Err(SignerFault::LastTry));
    world.signer_says(Ok(Reply::Prepared { request: RequestId([7; 16]), tries: TriesLeft::Known(1) }));
    assert_eq!(world.page(), "last-try");
    world.touch(Intent::AcceptLastTry);
    let Shown::Pin { dialogue, tries, wrong } = world.view().page else { panic!("the PIN") };
    assert_eq!((dialogue.request, tries, wrong), (RequestId([7; 16]), TriesLeft::Known(1), false));
}

#[test]
fn a_wrong_pin_asks_anew_with_the_tries_left_and_the_last_one_needs_a_yes() {
    let mut world = World::ready();
    world.wrong_pins = 2;
    world.walk_to("pin");
    assert!(matches!(world.view().page, Shown::Pin { tries: TriesLeft::Known(3), wrong: false, .. }));
    world.walk();
    world.answer();
    world.walk_to("pin");
    assert!(matches!(world.view().page, Shown::Pin { tries: TriesLeft::Known(2), wrong: true, .. }));
    world.walk();
    world.answer();
    world.walk_to("last-try");
    let Shown::LastTry { dialogue } = world.view().page else { panic!("the warning") };
    world.touch(Intent::PinSent(dialogue.request));
    assert_eq!(world.page(), "last-try", "no PIN without the yes");
    world.touch(Intent::AcceptLastTry);
    assert!(matches!(world.view().page, Shown::Pin { tries: TriesLeft::Known(1), wrong: true, .. }));
    world.walk_to("result");
}

#[test]
fn where_the_card_does_not_tell_the_third_try_is_warned_of() {
    let mut world = World::ready();
    world.card_in(3);
    world.wrong_pins = 2;
    world.walk_to("pin");
    assert!(matches!(world.view().page, Shown::Pin { tries: TriesLeft::Unknown, .. }));
    world.walk_into("signing");
    world.walk_to("pin");
    world.walk_into("signing");
    world.walk_to("last-try");
    assert_eq!(world.submissions(), 0, "warned of in this visit, before a third PIN was typed");
}

#[test]
fn wrong_pins_are_not_forgotten_on_the_way_back_over_the_contract() {
    for way in ["back", "screen", "restart"] {
        let mut world = World::ready();
        world.card_in(3);
        world.wrong_pins = 2;
        for _ in 0..2 {
            world.walk_into("signing");
            world.answer();
        }
        world.walk_to("last-try");
        match way {
            "back" => world.touch(Intent::Back),
            "screen" => world.send(Event::Screen(ScreenEvent::Connected)),
            _ => {
                world.touch(Intent::AcceptLastTry);
                world.signer_says(Err(SignerFault::BadText));
                world.touch(Intent::Advice(Advice::StartOver));
            }
        }
        world.walk_to("contract");
        world.touch(Intent::ContractRead);
        world.walk_to("last-try");
    }
}

#[test]
fn a_pin_whose_end_nobody_heard_counts_as_a_wrong_one() {
    let lose: [fn(&mut World); 4] = [
        |world| {
            world.signer(false);
            world.signer(true);
        },
        |world| {
            world.card_out();
            world.card_in(3);
        },
        |world| world.signer_says(Err(SignerFault::ModuleFailed)),
        |world| {
            world.pass(30);
            assert_eq!(cause(world), Some(Cause::CardModule));
        },
    ];
    for lose in lose {
        let mut world = World::ready();
        world.card_in(3);
        world.walk_into("signing");
        lose(&mut world);
        world.walk_to("pin");
        world.walk_into("signing");
        lose(&mut world);
        world.walk_to("last-try");
    }
}

#[test]
fn a_pin_page_that_goes_while_the_reader_asks_counts_as_a_wrong_pin() {
    let lose: [fn(&mut World); 4] = [
        |world| {
            world.signer(false);
            world.signer(true);
        },
        |world| {
            world.card_out();
            world.card_in(3);
        },
        |world| world.signer_says(Err(SignerFault::ModuleFailed)),
        |world| world.touch(Intent::Back),
    ];
    for (pin_pad, page) in [(true, "last-try"), (false, "pin")] {
        for lose in lose {
            let mut world = if pin_pad { World::with_pin_pad() } else { World::ready() };
            world.card_in(3);
            for _ in 0..2 {
                world.walk_to("pin");
                lose(&mut world);
            }
            while !matches!(world.page().as_str(), "pin" | "last-try") {
                world.walk();
            }
            assert_eq!(world.page(), page);
        }
    }
}

#[test]
fn tries_that_are_known_only_go_down_while_the_card_is_silent() {
    let mut world = World::ready();
    world.walk_into("signing");
    world.signer_says(Err(SignerFault::WrongPin { tries: TriesLeft::Known(2) }));
    world.tries = TriesLeft::Unknown;
    world.walk_to("pin");
    assert!(matches!(world.view().page, Shown::Pin { tries: TriesLeft::Known(2), .. }));
    world.walk_into("signing");
    world.signer(false);
    world.signer(true);
    world.walk_to("last-try");
}

#[test]
fn three_wrong_pins_are_a_locked_pin_and_nothing_else() {
    let mut world = World::ready();
    world.walk_into("signing");
    world.signer_says(Err(SignerFault::WrongPin { tries: TriesLeft::Locked }));
    assert_eq!(cause(&world), Some(Cause::PinLocked));
    assert_eq!(advice(&world), [Advice::UnblockHere, Advice::CallCentre, Advice::Finish]);
}

#[test]
fn a_pin_for_another_request_is_not_waited_for() {
    let mut world = World::ready();
    world.walk_to("pin");
    world.touch(Intent::PinSent(RequestId([99; 16])));
    assert_eq!(world.page(), "pin");
}

#[test]
fn a_signer_that_dies_is_asked_anew_and_the_visit_goes_on() {
    for state in ["reading-card", "review", "preparing", "pin", "signing"] {
        let mut world = World::ready();
        world.walk_into(state);
        world.signer(false);
        world.pass(2);
        world.signer(true);
        world.walk_to("result");
        assert_eq!((captchas(&world), world.submissions()), (1, 1), "{state}");
    }
}

#[test]
fn a_signer_that_does_not_come_back_is_said_and_can_be_tried_again() {
    let mut world = World::ready();
    world.walk_to("pin");
    world.signer(false);
    assert_eq!(world.view().page, Shown::Busy { what: Busy::PreparingSignature });
    world.pass(30);
    assert_eq!(cause(&world), Some(Cause::SignerDown));
    world.signer(true);
    world.touch(Intent::Next);
    world.walk_to("result");
}

#[test]
fn a_module_that_hangs_is_not_a_wrong_pin() {
    let mut world = World::ready();
    world.walk_into("signing");
    world.pass(30);
    assert_eq!(cause(&world), Some(Cause::CardModule));
    world.touch(Intent::Next);
    world.walk_to("pin");
    assert!(matches!(world.view().page, Shown::Pin { wrong: false, .. }));
}

#[test]
fn tries_that_were_told_before_a_pin_went_unheard_are_not_believed_again() {
    let mut world = World::ready();
    world.walk_into("signing");
    world.tries = TriesLeft::Known(2);
    world.signer_says(Err(SignerFault::WrongPin { tries: world.tries }));
    world.walk_into("signing");
    world.signer_says(Err(SignerFault::ModuleFailed));
    assert_eq!(cause(&world), Some(Cause::CardModule));
    world.touch(Intent::Next);
    world.walk_to("last-try");
}

#[test]
fn a_new_screen_shows_the_contract_again_before_a_pin() {
    for page in ["certificate", "last-try", "pin"] {
        let mut world = World::ready();
        let number = ["pin", "certificate", "last-try"].iter().position(|of| *of == page).expect("one");
        world.card_in(number);
        world.walk_to(page);
        let collected = world.requests().filter(|r| matches!(r, Request::Collect(_))).count();
        world.send(Event::Screen(ScreenEvent::Lost));
        world.send(Event::Screen(ScreenEvent::Connected));
        assert_eq!(world.page(), "contract", "from {page}");
        let withdrawn = world.requests().any(|request| matches!(request, Request::Abandon(_)));
        assert_eq!(withdrawn, page != "certificate");
        assert!(collected <= 1);
        world.walk_to("result");
    }
}

#[test]
fn a_screen_that_dies_while_the_card_signs_does_not_stop_it() {
    let mut world = World::ready();
    world.walk_into("signing");
    world.send(Event::Screen(ScreenEvent::Lost));
    world.send(Event::Screen(ScreenEvent::Connected));
    assert_eq!(world.page(), "signing");
    world.walk_to("result");
}

#[test]
fn a_screen_that_dies_while_the_card_refuses_the_pin_begins_with_the_contract() {
    let mut world = World::ready();
    world.wrong_pins = 1;
    world.walk_into("signing");
    world.send(Event::Screen(ScreenEvent::Connected));
    world.answer();
    assert_eq!(world.page(), "contract");
    world.walk_to("result");
}

#[test]
fn a_new_screen_elsewhere_shows_the_same_page() {
    let mut world = World::ready();
    world.walk_to("review");
    world.send(Event::Screen(ScreenEvent::Lost));
    world.send(Event::Screen(ScreenEvent::Connected));
    assert_eq!(world.page(), "review");
}

#[test]
fn what_the_signer_says_of_a_request_taken_back_does_not_touch_the_next_one() {
    let mut world = World::ready();
    world.walk_to("pin");
    let first = world.asked.iter().find_map(|asked| {
        let Asked::Signer { visit, op, request: Request::Collect(_) } = asked else { return None };
        Some((*visit, *op))
    });
    let (visit, op) = first.expect("waits for the PIN");
    world.touch(Intent::Back);
    world.touch(Intent::ContractRead);
    world.walk_to("pin");
    let before = world.view();
    // The signer ends the wait for a request that is taken back, and it may have signed just before.
    for late in [Err(SignerFault::Abandoned), Ok(Reply::Signed(vec![vec![1], vec![1]]))] {
        world.send(Event::Signed { visit, op, result: late });
        assert_eq!(world.view(), before);
    }
    assert_eq!(world.submissions(), 0);
}

#[test]
fn going_back_from_the_pin_takes_the_request_back() {
    let mut world = World::ready();
    world.walk_to("pin");
    world.touch(Intent::Back);
    assert_eq!(world.page(), "contract");
    assert!(world.requests().any(|request| matches!(request, Request::Abandon(_))));
}

#[test]
fn cancelling_at_the_pin_ends_it_and_while_signing_it_is_not_offered() {
    let mut world = World::ready();
    world.walk_to("pin");
    world.touch(Intent::Cancel);
    world.touch(Intent::ConfirmCancel);
    assert_eq!(world.page(), "take-card");
    let mut world = World::ready();
    world.walk_into("signing");
    assert!(!world.view().frame.cancel);
    world.touch(Intent::Cancel);
    assert_eq!(world.view().overlay, None);
}

#[test]
fn a_signature_for_too_few_texts_is_not_handed_in() {
    let mut world = World::ready();
    world.walk_into("signing");
    world.signer_says(Ok(Reply::Signed(vec![vec![1]])));
    assert_eq!((cause(&world), world.submissions()), (Some(Cause::SignatureFaulty), 0));
}

#[test]
fn an_answer_of_an_earlier_visit_changes_nothing_in_the_next() {
    let mut world = World::ready();
    world.walk_into("logging-in");
    let late = world.asked.front().cloned();
    world.card_out();
    world.pass(60);
    world.walk_into("logging-in");
    let before = world.view();
    let Some(super::world::Asked::Portal { visit, op, .. }) = late else { panic!("asked") };
    world.send(Event::Portal { visit, op, result: Ok(Page::Received) });
    assert_eq!(world.view(), before);
}
