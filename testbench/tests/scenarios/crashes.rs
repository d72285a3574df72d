//! `kill -9` of each process on many pages.

use std::{cell::Cell, time::Duration};

use testbench::{
    card::Timing,
    demo::bench::{Bench, KIOSK_TOKEN, KIOSK_UI, KIOSKD},
    robot::State,
};

use super::stage::{Stage, pages};

const BACK: Duration = Duration::from_secs(20);

/// Kills a process the first time that page is seen, and waits until it runs again.
fn killer(victim: &'static str, page: &'static str) -> impl FnMut(&Bench, &State) -> anyhow::Result<()> {
    let mut killed = false;
    move |bench, state| {
        if state.page == page && !killed {
            killed = true;
            let starts = bench.launcher.starts(victim);
            bench.launcher.kill(victim)?;
            bench.launcher.wait_for_start(victim, starts + 1, BACK)?;
        }
        Ok(())
    }
}

/// The visit goes on to the receipt although a process was killed, with one captcha and one SMS.
fn goes_on(victim: &'static str, page: &'static str) {
    let stage = goes_on_as("renewal", victim, page);
    assert_eq!(stage.bench.portal.outbox().count(), 1, "one SMS was enough");
}

fn goes_on_as(service: &str, victim: &'static str, page: &'static str) -> Stage {
    let mut stage = Stage::set(&["--service", service]);
    let report = stage.run_with(&mut killer(victim, page));
    assert!(report.as_expected, "{:?}\n{:#?}", report.deviations, report.pages);
    assert_eq!(stage.bench.launcher.starts(victim), 2, "it was killed once");
    stage
}

#[test]
fn a_change_of_the_pin_goes_on_although_signer_or_screen_was_killed_before_it_was_sent() {
    goes_on_as("change-pin", KIOSK_TOKEN, "new-pin");
    goes_on_as("change-pin", KIOSK_UI, "new-pin");
}

#[test]
fn the_signer_killed_while_the_card_takes_its_new_pin_is_never_called_a_wrong_pin() {
    let mut stage = Stage::set(&["--service", "change-pin"]);
    stage.bench.slot.set_timing(Timing { verify: Duration::from_secs(2), ..Timing::NONE });
    let mut kill = killer(KIOSK_TOKEN, "busy");
    let mut typed = false;
    let (shown, seen) = stage.visit(&[], &mut |bench, state| {
        typed |= state.page == "new-pin";
        if typed { kill(bench, state) } else { Ok(()) }
    });
    assert_eq!(shown.ending.cause.as_deref(), Some("pin-uncertain"), "{:?}", pages(&seen));
    assert_eq!(pages(&seen).iter().filter(|page| **page == "new-pin").count(), 1);
}

#[test]
fn the_supervisor_killed_while_the_card_takes_its_new_pin_says_so_when_it_is_back() {
    let mut stage = Stage::set(&["--service", "change-pin"]);
    stage.bench.slot.set_timing(Timing { verify: Duration::from_secs(2), ..Timing::NONE });
    let mut kill = killer(KIOSKD, "busy");
    let mut typed = false;
    let (shown, seen) = stage.visit(&[], &mut |bench, state| {
        typed |= state.page == "new-pin";
        if typed { kill(bench, state) } else { Ok(()) }
    });
    assert_eq!(stage.bench.launcher.starts(KIOSKD), 2, "it was killed once");
    assert_eq!(shown.ending.cause.as_deref(), Some("pin-uncertain"), "{:?}", pages(&seen));
    stage.nothing_remains();
}

#[test]
fn the_signer_killed_while_the_person_reads_the_notice_costs_nothing() {
    goes_on(KIOSK_TOKEN, "notice");
}

#[test]
fn the_signer_killed_on_the_form_costs_nothing() {
    goes_on(KIOSK_TOKEN, "form");
}

#[test]
fn the_signer_killed_on_the_contract_costs_nothing() {
    goes_on(KIOSK_TOKEN, "contract");
}

#[test]
fn the_signer_killed_on_the_pin_page_costs_no_captcha_and_no_sms() {
    goes_on(KIOSK_TOKEN, "pin");
}

#[test]
fn the_signer_killed_while_it_signs_costs_no_captcha_and_no_sms() {
    let mut stage = Stage::set(&[]);
    // Slow enough to be killed before it has signed.
    stage.bench.slot.set_timing(Timing { sign: Duration::from_secs(2), ..Timing::NONE });
    let mut kill = killer(KIOSK_TOKEN, "signing");
    let report = stage.run_with(&mut |bench, state| {
        kill(bench, state)?;
        if bench.launcher.starts(KIOSK_TOKEN) > 1 {
            bench.slot.set_timing(Timing::NONE);
        }
        Ok(())
    });
    assert!(report.as_expected, "{:?}\n{:#?}", report.deviations, report.pages);
    let pins = pages(&report.pages).iter().filter(|page| **page == "pin").count();
    assert_eq!(pins, 2, "nothing was signed, so the PIN is asked for again");
    assert_eq!(stage.bench.portal.outbox().count(), 1, "one SMS was enough");
}

#[test]
fn the_screen_killed_on_the_login_page_is_drawn_again() {
    goes_on(KIOSK_UI, "login");
}

#[test]
fn the_screen_killed_on_the_form_is_drawn_again() {
    goes_on(KIOSK_UI, "form");
}

#[test]
fn the_screen_killed_on_the_contract_shows_it_again() {
    goes_on(KIOSK_UI, "contract");
}

#[test]
fn the_screen_killed_on_the_pin_page_shows_the_texts_again_before_it_takes_a_pin() {
    goes_on(KIOSK_UI, "pin");
}

#[test]
fn the_screen_killed_on_the_result_page_is_drawn_again() {
    goes_on(KIOSK_UI, "result");
}

/// `kioskd` was killed: take your card, then the attract page, and nothing remains.
fn ends(page: &'static str) {
    let mut stage = Stage::set(&[]);
    let killed_at = Cell::new(None);
    let mut kill = killer(KIOSKD, page);
    let number = Cell::new(0);
    let (shown, seen) = stage.visit(&[], &mut |bench, state| {
        number.set(number.get() + 1);
        if state.page == page && killed_at.get().is_none() {
            killed_at.set(Some(number.get()));
        }
        kill(bench, state)
    });
    let killed_at = killed_at.get().expect("the page was seen");
    let after = pages(&seen[killed_at..]);
    assert!(
        after.ends_with(&["take-card", "attract"]) || after.ends_with(&["take-card", "thank-you", "attract"]),
        "{after:?}"
    );
    assert!(after.len() <= 4, "{after:?}");
    assert_eq!(shown.ending.page, None, "nothing else was said");
    stage.nothing_remains();
    let report = stage.run();
    assert!(report.as_expected, "the next visitor is served: {:?}", report.deviations);
}

#[test]
fn the_supervisor_killed_on_the_login_page_ends_the_visit_and_nothing_remains() {
    ends("login");
}

#[test]
fn the_supervisor_killed_on_the_contract_ends_the_visit_and_nothing_remains() {
    ends("contract");
}

#[test]
fn the_supervisor_killed_on_the_pin_page_ends_the_visit_and_nothing_remains() {
    ends("pin");
}
