//! What happens in the middle of a visit: the reader is unplugged, the power is cut.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};

use super::{
    super::{
        agent::Agent,
        auto::{self, Around},
        stand::{BOOT_WITHIN, FOLLOW_WITHIN, Stand},
    },
    COMMAND_WITHIN, Story,
};
use crate::{
    demo::{auto::SCREEN_WITHIN, remains},
    robot::{Record, Screen, State},
};

/// Pages that wait for the card when it is away, one or more of each phase.
const WITH_CARD: [&str; 10] =
    ["notice", "login", "form", "review", "sms-send", "sms-code", "method", "contract", "certificate", "pin"];
/// What is handed in needs no card.
const WITHOUT_CARD: &str = "result";
/// Of these each visit has one.
const PHASES: [&str; 6] = ["login", "form", "sms-code", "contract", "pin", WITHOUT_CARD];

/// The cause kioskd tells when the reader is gone.
const LOST: &str = "CAUSE=reader-lost";

/// Goes through a visit up to a page, and stops there with the guest on the same page.
pub(super) fn until(stand: &mut Stand, page: &str) -> anyhow::Result<()> {
    let reached = std::cell::Cell::new(false);
    let mut stop = |_: &Around<'_>, _: &mut Screen, state: &State| {
        if state.page == page && state.overlay.is_none() {
            reached.set(true);
            bail!("here");
        }
        Ok(())
    };
    let mut record = Record::new(&stand.plan.run.join("aborted"))?;
    let ended = auto::renew(stand, &mut record, &mut stop);
    if !reached.get() {
        let error = ended.map(|_| ()).err().context("the visit ended")?;
        return Err(error).with_context(|| format!("on the way to the page {page}"));
    }
    stand.agree(FOLLOW_WITHIN).map(|_| ())
}

/// Ends a visit that stands somewhere: cards are pulled, and the supervisors of both are started anew, which ends
/// whatever stood there.
pub(super) fn give_up(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    stand.slot.remove();
    story.must(stand, "systemctl kill -s KILL kioskd.service")?;
    stand.twin_to_attract()?;
    stand.attract(FOLLOW_WITHIN).map(|_| ())
}

/// The reader is unplugged and plugged in again: before anything was typed that ends the visit, and after that each page
/// waits, is there again, and the application is handed in.
pub(super) fn reader(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    unplugged_at_first(stand, story)?;
    let out = stand.plan.out.clone();
    let handed_in = stand.portal.applications().len();
    let mut done = BTreeSet::new();
    let mut without = |around: &Around<'_>, screen: &mut Screen, state: &State| {
        let page = state.page.as_str();
        let waits = WITH_CARD.contains(&page);
        if state.overlay.is_some() || !(waits || page == WITHOUT_CARD) || !done.insert(page.to_owned()) {
            return Ok(());
        }
        screen.agree()?;
        let (machine, (twin, card)) = (around.machine, around.twin);
        let (goes, returns) = (times(&machine.agent(), GOES)?, times(&machine.agent(), RETURNS)?);
        machine.unplug_reader()?;
        if waits {
            let told = screen.differs(FOLLOW_WITHIN).with_context(|| format!("{page}, the reader gone"))?;
            let picture = format!("checks/reader-{page}.png");
            told.write(&out.join(&picture))?;
            let cause = went(&machine.agent(), goes).with_context(|| page.to_owned())?;
            ensure!(cause.ends_with(LOST), "{page}: found {cause:?}, expected {LOST}");
            story.tell(format!("{page}: unplugged, the guest shows {picture} and tells {cause}"));
            // The twin has no reader to unplug: it misses its card meanwhile, so that both go the same way back.
            twin.remove();
            shows(screen, "card-pulled")?;
        }
        machine.plug_reader()?;
        around.guest.reader_is_back()?;
        let back = returned(&machine.agent(), returns).with_context(|| page.to_owned())?;
        if waits {
            twin.insert(card)?;
            shows(screen, page)?;
        }
        screen.agree().with_context(|| format!("{page}, the reader back"))?;
        story.tell(format!("{page}: plugged in, the guest tells {back} and shows what its twin shows"));
        Ok(())
    };
    let mut record = Record::new(&stand.plan.run.join("reader"))?;
    let (ending, _) = auto::renew(stand, &mut record, &mut without)?;
    let missed: Vec<&str> = PHASES.into_iter().filter(|page| !done.contains(*page)).collect();
    ensure!(missed.is_empty(), "the visit had no {missed:?}, only {done:?}");
    ensure!(ending.page.as_deref() == Some(WITHOUT_CARD), "the visit ended otherwise: {ending:?}");
    let handed_in = stand.portal.applications().len() - handed_in;
    story.tell(format!("the guest's portal got {handed_in} application"));
    ensure!(handed_in == 1, "found {handed_in} applications, expected 1");
    Ok(())
}

/// Nothing was typed yet: without its reader the visit is over, and with it the next one may come.
fn unplugged_at_first(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    let page = "eligibility";
    until(stand, page)?;
    stand.machine().unplug_reader()?;
    let told = stand.screen.differs(FOLLOW_WITHIN).with_context(|| format!("{page}, the reader gone"))?;
    let picture = format!("checks/reader-{page}.png");
    told.write(&stand.plan.out.join(&picture))?;
    story.tell(format!("{page}: unplugged, the guest shows {picture}"));
    stand.slot.remove();
    stand.twin_to_attract()?;
    // Out of service, not waiting for a card nobody could put in.
    let told = stand.screen.differs(FOLLOW_WITHIN).context("the attract page without a reader")?;
    let picture = "checks/reader-none.png";
    told.write(&stand.plan.out.join(picture))?;
    stand.machine().plug_reader()?;
    let back = stand.attract(FOLLOW_WITHIN)?;
    story.tell(format!("{page}: {picture}; plugged in, the attract page after {:.1} s", back.as_secs_f32()));
    Ok(())
}

/// Waits until the twin shows this page.
fn shows(screen: &mut Screen, page: &str) -> anyhow::Result<()> {
    let deadline = Instant::now() + SCREEN_WITHIN;
    let mut state = screen.state()?;
    while state.page != page {
        ensure!(Instant::now() < deadline, "the twin shows {}, expected {page}", state.page);
        state = screen.wait(&state, Duration::from_secs(1))?;
    }
    Ok(())
}

/// The change of state that is told when a card goes, and when it is back.
const GOES: &str = "TO=card-away";
const RETURNS: &str = "FROM=card-away";

/// How often kioskd told of such a change.
fn times(agent: &Agent, change: &str) -> anyhow::Result<usize> {
    let told = agent.run(&format!("journalctl -b -q {change} -o cat | wc -l"), COMMAND_WITHIN)?.output;
    told.trim().parse().with_context(|| format!("a number of records: {told:?}"))
}

/// Waits until it tells of it once more than `before`.
fn told_again(agent: &Agent, change: &str, before: usize) -> anyhow::Result<()> {
    let deadline = Instant::now() + FOLLOW_WITHIN;
    while times(agent, change)? == before {
        ensure!(Instant::now() < deadline, "no {change} within {FOLLOW_WITHIN:?}");
    }
    Ok(())
}

/// From where the card went, and why: of the record that came after `before`.
fn went(agent: &Agent, before: usize) -> anyhow::Result<String> {
    told_again(agent, GOES, before)?;
    let script = format!(
        "journalctl -b -q {GOES} -n 1 -o verbose | grep -o '\\(FROM\\|CAUSE\\)=.*' | sort -r | xargs"
    );
    Ok(agent.run(&script, COMMAND_WITHIN)?.output.trim().to_owned())
}

/// That it is back, in the words of the record that came after `before`.
fn returned(agent: &Agent, before: usize) -> anyhow::Result<String> {
    told_again(agent, RETURNS, before)?;
    let told = agent.run(&format!("journalctl -b -q {RETURNS} -n 1 -o cat"), COMMAND_WITHIN)?.output;
    Ok(told.trim().to_owned())
}

/// The power is cut where most is known of the visitor: nothing of it is on the disks, and the next start serves.
pub(super) fn power(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    until(stand, "contract")?;
    // What would be written some time is written now.
    story.must(stand, "sync")?;
    stand.twin_to_attract()?;
    stand.cut_power()?;
    let visitor = stand.visitor.clone();
    for disk in stand.machine().disks() {
        let finds = remains::in_file(&disk, &visitor.values())?;
        let size = std::fs::metadata(&disk)?.len();
        story.tell(format!("{}: {size} bytes searched", disk.display()));
        ensure!(finds.is_empty(), "the visitor's {} is on {}", finds[0].what, disk.display());
    }
    // The search would find it: what the office is called is there, in its settings.
    let [_, data] = stand.machine().disks();
    let office = [("office", "DENEME İlçe Milli Eğitim")];
    ensure!(!remains::in_file(&data, &office)?.is_empty(), "the search finds nothing that is there either");
    let boot = stand.attract(BOOT_WITHIN)?;
    story.tell(format!("the attract page again after {:.1} s", boot.as_secs_f32()));
    stand.agent().wait(COMMAND_WITHIN)?;
    Ok(())
}
