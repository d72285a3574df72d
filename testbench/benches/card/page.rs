//! From a card in the slot to the page that says what the kiosk found, beside PC/SC's own event.

use std::{io::Write, time::Instant};

use anyhow::ensure;
use testbench::{
    demo::{auto, bench::Bench},
    robot::{Screen, State},
};

use crate::{Cost, PATIENCE, ROUNDS, events, median, table::Table};

pub(crate) fn measure(bench: &Bench, table: &mut Table<impl Write>) -> anyhow::Result<()> {
    let mut screen = Screen::connect(&bench.robot_socket(), auto::SCREEN_WITHIN)?;
    let card = bench.card(&bench.plan.visitors[0], None)?;
    let (mut heard, mut shown, mut found) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        until(&mut screen, |state| state.page == "attract")?;
        let other = events::on_card_in()?;
        let start = Instant::now();
        let cost = |at: Instant| Cost { time: at - start, commands: None };
        bench.slot.insert(&card)?;
        shown.push(cost(until(&mut screen, |state| state.page != "attract")?));
        found.push(cost(until(&mut screen, |state| state.page == "eligibility")?));
        heard.push(cost(other.recv_timeout(PATIENCE)?));
        bench.slot.remove();
    }
    until(&mut screen, |state| state.page == "attract")?;
    table.note("from the card's insertion; pcscd looks at its slots every 400 ms")?;
    table.row("PC/SC's event at another client", median(heard), None)?;
    table.row("first page that is not the attract page", median(shown), None)?;
    table.row("eligibility: who it is, whether it can be renewed", median(found), None)?;
    Ok(())
}

/// When the screen showed it.
fn until(screen: &mut Screen, wanted: impl Fn(&State) -> bool) -> anyhow::Result<Instant> {
    let deadline = Instant::now() + PATIENCE;
    let mut state = screen.state()?;
    while !wanted(&state) {
        ensure!(Instant::now() < deadline, "the screen stays at {}", state.page);
        state = screen.wait(&state, PATIENCE)?;
    }
    Ok(Instant::now())
}
