//! What is in the memory of the processes during a visit and after it.

use testbench::{
    card::Timing,
    demo::{
        bench::{KIOSKD, PROCESSES},
        remains::{self, Find},
    },
};

use super::stage::Stage;

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
    for name in PROCESSES {
        let pid = stage.bench.launcher.pid(name).expect("it runs");
        let finds = remains::in_memory(pid, &visitor.values()).expect("root may read");
        assert_eq!(finds, [], "in {name}");
    }
}
