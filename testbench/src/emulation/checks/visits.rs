//! What happens in the middle of a visit: the reader is unplugged, the power is cut.

use anyhow::{Context, bail, ensure};

use super::{
    super::{
        auto,
        stand::{BOOT_WITHIN, FOLLOW_WITHIN, Stand},
    },
    COMMAND_WITHIN, Story,
};
use crate::{
    demo::remains,
    robot::{Record, State},
};

/// One page of each phase.
const PHASES: [&str; 7] = ["eligibility", "login", "form", "sms-code", "contract", "pin", "result"];

/// Goes through a visit up to a page, and stops there with the guest on the same page.
pub(super) fn until(stand: &mut Stand, page: &str) -> anyhow::Result<()> {
    let reached = std::cell::Cell::new(false);
    let stop = |state: &State| {
        if state.page == page && state.overlay.is_none() {
            reached.set(true);
            bail!("here");
        }
        Ok(())
    };
    let mut record = Record::new(&stand.plan.run.join("aborted"))?;
    let ended = auto::renew(stand, &mut record, Box::new(stop));
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

/// The reader is unplugged and plugged in again in each phase: the guest says so, and serves the next visitor.
pub(super) fn reader(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    for page in PHASES {
        until(stand, page)?;
        stand.machine().unplug_reader()?;
        let told = stand.differs(FOLLOW_WITHIN).with_context(|| format!("on {page} nothing was said"))?;
        let picture = format!("checks/reader-{page}.png");
        told.write(&stand.plan.out.join(&picture))?;
        story.tell(format!("on {page}: unplugged, and the guest shows {picture}"));
        stand.slot.remove();
        stand.twin_to_attract()?;
        stand.machine().plug_reader()?;
        // The visit waits for its card, as long as it would for one that was pulled; then it is over.
        story.must(stand, "systemctl is-active kioskd.service kiosk-token.service kiosk-ui.service")?;
        let back = stand.attract(BOOT_WITHIN)?;
        story.tell(format!("on {page}: plugged in, the attract page after {:.1} s", back.as_secs_f32()));
    }
    Ok(())
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
