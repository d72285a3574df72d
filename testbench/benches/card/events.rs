//! When the monitor hears of a card, beside a second client that waits in `SCardGetStatusChange` in the same process.

use std::{
    ffi::CString,
    io::Write,
    sync::mpsc::{Receiver, channel},
    thread,
    time::Instant,
};

use eimza_kiosk::card::{Event, monitor::Monitor};
use pcsc::{Context, ReaderState, Scope, State};
use testbench::{demo::bench::Bench, pcscd::READERS};

use crate::{PATIENCE, table::Table};

const ROUNDS: usize = 10;

pub(crate) fn measure(bench: &Bench, table: &mut Table<impl Write>) -> anyhow::Result<()> {
    let (tell, told) = channel();
    let monitor = Monitor::start(move |event| match event {
        Event::CardIn { .. } | Event::CardOut(_) => drop(tell.send(Instant::now())),
        Event::ServiceUp
        | Event::ServiceDown
        | Event::ReaderIn(_)
        | Event::ReaderOut(_)
        | Event::CardMute(_) => {}
    })?;
    let other = changes()?;
    let card = bench.card(&bench.plan.visitors[0], None)?;
    let mut late = Vec::new();
    for _ in 0..ROUNDS {
        for card in [Some(&card), None] {
            match card {
                Some(card) => bench.slot.insert(card)?,
                None => bench.slot.remove(),
            }
            let (ours, theirs) = (told.recv_timeout(PATIENCE)?, other.recv_timeout(PATIENCE)?);
            let earlier = theirs.saturating_duration_since(ours).as_secs_f64();
            late.push(ours.saturating_duration_since(theirs).as_secs_f64() - earlier);
        }
    }
    drop(monitor);
    late.sort_by(f64::total_cmp);
    let [least, middle, most] = [0, late.len() / 2, late.len() - 1].map(|at| late[at] * 1000.0);
    table.note(&format!(
        "\ncard in and out, the monitor after another client of PC/SC (at most 10 ms): \
         least {least:.2} ms, median {middle:.2} ms, most {most:.2} ms, {} events",
        late.len()
    ))?;
    Ok(())
}

/// Tells once when a card is in.
pub(crate) fn on_card_in() -> anyhow::Result<Receiver<Instant>> {
    changes()
}

/// Waits until a card is in.
pub(crate) fn await_card() -> anyhow::Result<()> {
    let context = Context::establish(Scope::User)?;
    let mut states = [ReaderState::new(CString::new(READERS[0])?, State::UNAWARE)];
    loop {
        context.get_status_change(PATIENCE, &mut states)?;
        states[0].sync_current_state();
        if states[0].event_state().contains(State::PRESENT) {
            return Ok(());
        }
    }
}

/// Tells when a card came or went in the first reader, until nobody listens.
fn changes() -> anyhow::Result<Receiver<Instant>> {
    let context = Context::establish(Scope::User)?;
    let mut states = [ReaderState::new(CString::new(READERS[0])?, State::UNAWARE)];
    context.get_status_change(PATIENCE, &mut states)?;
    states[0].sync_current_state();
    let (tell, told) = channel();
    thread::Builder::new().name("other-client".to_owned()).spawn(move || {
        let mut present = states[0].event_state().contains(State::PRESENT);
        while context.get_status_change(PATIENCE, &mut states).is_ok() {
            let now = Instant::now();
            states[0].sync_current_state();
            if present != states[0].event_state().contains(State::PRESENT) {
                present = !present;
                if tell.send(now).is_err() {
                    return;
                }
            }
        }
    })?;
    Ok(told)
}
