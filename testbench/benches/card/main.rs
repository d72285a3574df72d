//! The kiosk's way to a card beside OpenSC's, on the same emulated card in the same run: times, ratios, commands.
//!
//! It prints and judges nothing: times belong to the machine. How many commands the driver may send is held by a
//! test, `testbench/tests/signer`.

mod events;
mod page;
mod signer;
mod table;
mod tool;

use std::{io, path::Path, time::Duration};

use anyhow::Context;
use clap::Parser;
use tempfile::TempDir;
use testbench::{
    card::{Event, Slot, Timing},
    demo::{
        arguments::Arguments,
        auto,
        bench::{Bench, KIOSK_TOKEN, KIOSK_UI, KIOSKD},
    },
    programs,
};

use signer::Signer;
use table::Table;

/// Of so many rounds the median counts.
const ROUNDS: usize = 5;
/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> anyhow::Result<()> {
    let (out, run) = (TempDir::with_prefix("kiosk-bench-")?, TempDir::with_prefix("kiosk-")?);
    let arguments = Arguments::parse_from(["demo", "--auto", "--token", "akis"]);
    let plan = auto::plan(&arguments, programs::built(), out.path(), run.path());
    let mut bench = Bench::start(plan)?;
    become_client(&bench);
    let mut table = Table::new(io::stdout().lock());

    page::measure(&bench, &mut table)?;
    for name in [KIOSK_UI, KIOSKD, KIOSK_TOKEN] {
        bench.launcher.stop(name);
    }
    events::measure(&bench, &mut table)?;

    let visitor = bench.plan.visitors[0].clone();
    let card = bench.card(&visitor, None)?;
    let mut signer = Signer::start(&bench)?;
    bench.slot.insert(&card)?;
    events::await_card()?;
    for (timing, what) in
        [(Timing::NONE, "a card that takes no time"), (Timing::CARD, "a card as slow as a real one")]
    {
        bench.slot.set_timing(timing);
        table.head(what)?;
        let (mut read, mut listed) = (Vec::new(), Vec::new());
        let (mut prepared, mut signed, mut tool_signed) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            read.push(timed(&bench.slot, || signer.read_card())?);
            prepared.push(timed(&bench.slot, || signer.prepare())?);
            signed.push(timed(&bench.slot, || signer.sign(&visitor.pin))?);
            listed.push(timed(&bench.slot, || tool::list(&bench))?);
            tool_signed.push(timed(&bench.slot, || tool::sign(&bench, out.path(), &visitor.pin))?);
            // The tool's reset ends what the signer held of the card, as another visit would.
            signer.forget()?;
        }
        table.row("certificates read (at most 12 commands)", median(read), Some(median(listed)))?;
        table.row("tries and PIN's reference checked", median(prepared), None)?;
        table.row("VERIFY and one signature (at most 5)", median(signed), Some(median(tool_signed)))?;
    }
    Ok(())
}

/// What something took, and how many commands the card answered meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cost {
    pub(crate) time: Duration,
    pub(crate) commands: Option<usize>,
}

fn timed(slot: &Slot, act: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Cost> {
    let answered = || slot.events().iter().filter(|event| matches!(event, Event::Answered { .. })).count();
    let (before, start) = (answered(), std::time::Instant::now());
    act()?;
    Ok(Cost { time: start.elapsed(), commands: Some(answered() - before) })
}

pub(crate) fn median(mut costs: Vec<Cost>) -> Cost {
    costs.sort();
    costs[costs.len() / 2]
}

#[expect(unsafe_code, reason = "libpcsclite is told its service by the environment alone")]
fn become_client(bench: &Bench) {
    for (name, value) in bench.pcscd.env() {
        // SAFETY: the bench's threads read no variables, and this one starts its own only afterwards.
        unsafe { std::env::set_var(name, value) };
    }
}

/// A command's output, if it succeeded.
pub(crate) fn succeeded(command: &mut std::process::Command, folder: &Path) -> anyhow::Result<()> {
    let ran = command.current_dir(folder).output().with_context(|| format!("{command:?}"))?;
    anyhow::ensure!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Ok(())
}
