//! What is in the memory of the processes during a visit and after it.

use std::{collections::BTreeSet, time::Duration};

use testbench::{
    card::Timing,
    demo::{
        bench::{KIOSK_TOKEN, KIOSK_UI, KIOSKD, PROCESSES},
        remains::{self, Find},
    },
};

use super::stage::{Stage, is_pkcs11};

fn names(finds: &[Find]) -> Vec<&str> {
    let mut names: Vec<&str> = finds.iter().map(|find| find.what.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn the_supervisor_knows_the_name_and_never_the_pin() {
    let mut stage = Stage::set(&[]);
    // A card that signs at once leaves no page of it to look behind.
    stage.bench.slot.set_timing(Timing::CARD);
    let visitor = stage.bench.plan.visitors[0].clone();
    // Where the visit certainly still needs the name.
    let needed = ["pin", "signing"];
    let mut needed_and_found = Vec::new();
    stage.visit(&[], &mut |bench, state| {
        // Before the PIN is typed, while it is used, after.
        if !["pin", "signing", "busy", "result", "take-card"].contains(&state.page.as_str()) {
            return Ok(());
        }
        let pid = bench.launcher.pid(KIOSKD).expect("it runs");
        let values = [("pin", visitor.pin.as_str()), ("surname", visitor.surname.as_str())];
        let finds = remains::in_memory(pid, &values)?;
        assert!(!names(&finds).contains(&"pin"), "on the page {}: {finds:?}", state.page);
        if needed.contains(&state.page.as_str()) {
            assert!(
                names(&finds).contains(&"surname"),
                "on the page {}: the scan finds too little",
                state.page
            );
            needed_and_found.push(state.page.clone());
        }
        Ok(())
    });
    assert_eq!(needed_and_found, needed, "the same scan finds the name, so it could have found the PIN");
}

#[test]
fn after_the_visit_nothing_of_it_is_in_any_process() {
    let mut stage = Stage::set(&[]);
    let visitor = stage.bench.plan.visitors[0].clone();
    let mut during = Vec::new();
    stage.visit(&[], &mut |bench, state| {
        if state.page == "contract" {
            for name in PROCESSES {
                let pid = bench.launcher.pid(name).expect("it runs");
                during.push(remains::in_memory(pid, &visitor.values())?.len());
            }
        }
        Ok(())
    });
    assert!(
        during.iter().all(|finds| *finds > 0),
        "each process holds something during the visit: {during:?}"
    );
    stage.nothing_remains();
}

#[test]
fn neither_the_old_pin_nor_the_new_one_is_ever_with_the_supervisor() {
    let mut stage = Stage::set(&["--service", "change-pin"]);
    // Long enough at it that the signer can be looked into meanwhile.
    stage.bench.slot.set_timing(Timing { verify: Duration::from_secs(8), ..Timing::NONE });
    let visitor = stage.bench.plan.visitors[0].clone();
    let values = [("pin", visitor.pin.as_str()), ("new-pin", visitor.new_pin.as_str())];
    let (mut looked, mut with_signer) = (Vec::new(), Vec::new());
    stage.visit(&[], &mut |bench, state| {
        let pid = |name| bench.launcher.pid(name).expect("it runs");
        if state.page == "busy" && looked.last().is_some_and(|page| page == "new-pin") {
            with_signer.extend(remains::in_memory(pid(KIOSK_TOKEN), &values)?);
        }
        let finds = remains::in_memory(pid(KIOSKD), &values)?;
        assert_eq!(finds, [], "on the page {}", state.page);
        looked.push(state.page.clone());
        Ok(())
    });
    assert_eq!(names(&with_signer), ["new-pin", "pin"], "the same scan finds both with the signer");
    for page in ["new-pin", "busy", "pin-set", "take-card"] {
        assert!(looked.iter().any(|it| it == page), "{page} of {looked:?}");
    }
    stage.nothing_remains();
}

#[test]
fn the_new_cards_pin_is_with_screen_and_supervisor_while_it_is_shown_and_nowhere_after() {
    let mut stage = Stage::set(&["--service", "new-pin"]);
    let visitor = stage.bench.plan.visitors[0].clone();
    let (next, own) = ([("next-card-pin", visitor.next_card_pin.as_str())], [("pin", visitor.pin.as_str())]);
    let (mut before, mut during, mut after) = (0, BTreeSet::new(), 0);
    stage.visit(&[], &mut |bench, state| {
        let pid = |name| bench.launcher.pid(name).expect("it runs");
        assert_eq!(remains::in_memory(pid(KIOSKD), &own)?, [], "with the supervisor on {}", state.page);
        assert_eq!(remains::in_memory(pid(KIOSK_TOKEN), &next)?, [], "with the signer on {}", state.page);
        if ["busy", "signing", "reading-card"].contains(&state.page.as_str()) {
            // It goes on by itself while it is looked into.
            return Ok(());
        }
        for name in [KIOSKD, KIOSK_UI] {
            let finds = remains::in_memory(pid(name), &next)?;
            if state.page == "new-card-pin" {
                assert_eq!(names(&finds), ["next-card-pin"], "{name} has it where it is shown");
                during.insert(name);
            } else {
                assert_eq!(finds, [], "with {name} on {}", state.page);
            }
        }
        before += usize::from(during.is_empty());
        after += usize::from(state.page == "take-card");
        Ok(())
    });
    assert_eq!(during.len(), 2, "the same scan finds it where it has to be");
    assert!(before > 3 && after > 0, "{before} pages before it was shown, {after} after");
    stage.nothing_remains();
}

#[test]
fn the_puk_has_left_the_supervisor_when_the_new_pin_is_asked_for() {
    let mut stage = Stage::set(&["--service", "unblock"]);
    stage.bench.slot.set_timing(Timing { verify: Duration::from_secs(4), ..Timing::NONE });
    let visitor = stage.bench.plan.visitors[0].clone();
    let values = [("puk", visitor.puk.as_str()), ("new-pin", visitor.new_pin.as_str())];
    let (mut looked, mut with_signer) = (Vec::new(), Vec::new());
    stage.visit(&[], &mut |bench, state| {
        let pid = |name| bench.launcher.pid(name).expect("it runs");
        if ["new-pin", "pin-set", "take-card"].contains(&state.page.as_str()) {
            let finds = remains::in_memory(pid(KIOSKD), &values)?;
            assert_eq!(finds, [], "with the supervisor on the page {}", state.page);
            looked.push(state.page.clone());
        }
        if state.page == "new-pin" {
            with_signer.extend(remains::in_memory(pid(KIOSK_TOKEN), &values[..1])?);
        }
        let finds = remains::in_memory(pid(KIOSK_UI), &values[..1])?;
        assert_eq!(finds, [], "with the screen on the page {}", state.page);
        Ok(())
    });
    assert_eq!(names(&with_signer), ["puk"], "the same scan finds it where it has to be");
    let opened =
        ["new-pin", "pin-set", "take-card"].into_iter().filter(|page| *page != "pin-set" || !is_pkcs11());
    assert_eq!(looked, opened.collect::<Vec<_>>());
    stage.nothing_remains();
}

#[test]
fn of_whoever_helps_nothing_is_left_once_the_other_persons_card_was_read() {
    let mut stage = Stage::set(&["--service", "assisted"]);
    let helper = stage.bench.plan.helper.clone().expect("somebody helps").person;
    let values = helper.values();
    let pin = [("pin", helper.pin.as_str())];
    let (mut before, mut after) = (Vec::new(), BTreeSet::new());
    stage.visit(&[], &mut |bench, state| {
        let pid = |name| bench.launcher.pid(name).expect("it runs");
        assert_eq!(remains::in_memory(pid(KIOSKD), &pin)?, [], "on the page {}", state.page);
        if state.page == "pin" && after.is_empty() {
            before.extend(remains::in_memory(pid(KIOSKD), &values)?);
        }
        if ["eligibility", "login", "contract"].contains(&state.page.as_str()) && !before.is_empty() {
            after.insert(state.page.clone());
            for name in PROCESSES {
                assert_eq!(
                    remains::in_memory(pid(name), &values)?,
                    [],
                    "in {name} on the page {}",
                    state.page
                );
            }
        }
        Ok(())
    });
    assert!(!before.is_empty(), "the same scan finds whose card it was while that is needed");
    assert_eq!(after.len(), 3, "looked on pages of the other person's: {after:?}");
    let logs = remains::in_logs(&stage.out.path().join("logs"), &values).expect("the logs are there");
    assert_eq!(logs, []);
}
