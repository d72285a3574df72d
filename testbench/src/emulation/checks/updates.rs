//! A/B: what is refused, what is kept, what is left again, and a power cut in between.

use std::time::Duration;

use anyhow::{Context, ensure};

use super::{
    super::stand::{BOOT_WITHIN, Stand},
    COMMAND_WITHIN, Story,
};

/// Writing a root file system under emulation.
const INSTALL_WITHIN: Duration = Duration::from_secs(900);
/// A system that does not serve is left again within this time: its health check waits, then it starts anew.
const ROLLBACK_WITHIN: Duration = Duration::from_secs(2400);
/// Where bundles are put in the guest: memory, so that nothing of them outlives a start.
const FOLDER: &str = "/run/kiosk-check";

/// Bundles that are not for this machine are refused, and nothing is written.
pub(super) fn refused(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    // A system that has just started is yet to be marked good.
    health(stand, story)?;
    let before = state(stand, story)?;
    ensure!(before.contains("ORDER="), "what starts cannot be read: {before}");
    for (name, causes) in [
        ("wrong-key", ["signature", "certificate"]),
        ("wrong-board", ["compatible", "Compatible"]),
        ("flipped-byte", ["Input/output error", "read error"]),
    ] {
        let file = bring(stand, story, name)?;
        let done = story.run_within(stand, &format!("rauc install {file} 2>&1"), INSTALL_WITHIN)?;
        ensure!(done.status != 0, "{name} was installed");
        let named = causes.iter().any(|cause| done.output.contains(cause));
        ensure!(named, "{name} was refused for another reason: {}", done.output);
        take_away(stand, story, name)?;
    }
    let after = state(stand, story)?;
    ensure!(before == after, "what starts has changed: {after}, before {before}");
    Ok(())
}

/// A good one is installed, starts, and its own health check keeps it.
pub(super) fn kept(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    let before = slot(stand, story)?;
    install(stand, story, "good")?;
    restart(stand, story)?;
    let after = slot(stand, story)?;
    ensure!(after != before, "the system {before} runs on");
    health(stand, story)?;
    let state = state(stand, story)?;
    ensure!(
        state.contains(&format!("{after}_OK=1")) && state.contains(&format!("{after}_TRY=0")),
        "it was not kept: {state}"
    );
    // Kept is kept: it starts again.
    restart(stand, story)?;
    ensure!(slot(stand, story)? == after, "the next start took the other one");
    Ok(())
}

/// A system whose kiosk does not come up is left by itself; why is said in the one before it.
pub(super) fn rolled_back(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    let before = slot(stand, story)?;
    install(stand, story, "no-kiosk")?;
    story.tell("# reboot");
    stand.machine().monitor.forget();
    stand.agent().start("systemctl reboot")?;
    for times in ["into the system that does not serve", "out of it again"] {
        stand
            .machine()
            .monitor
            .wait_for("RESET", ROLLBACK_WITHIN)
            .with_context(|| format!("no start {times}"))?;
        story.tell(format!("started {times}"));
        stand.machine().monitor.rest(Duration::from_secs(30));
        stand.machine().monitor.forget();
    }
    stand.attract(ROLLBACK_WITHIN)?;
    stand.agent().wait(COMMAND_WITHIN)?;
    ensure!(slot(stand, story)? == before, "the system that does not serve runs");
    let told = story.must(stand, "cat /data/update/last.json")?;
    let told: serde_json::Value = serde_json::from_str(&told)?;
    ensure!(told["phase"] == "rolled-back", "found {}, expected rolled-back", told["phase"]);
    ensure!(!told["reason"].is_null(), "nothing says why: {told}");
    Ok(())
}

/// The power is cut while an update is written: what was there starts, and serves.
pub(super) fn power(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    let before = slot(stand, story)?;
    let file = bring(stand, story, "good")?;
    story.tell(format!("# rauc install {file}"));
    stand.agent().start(&format!("rauc install {file}"))?;
    let half = "for i in $(seq 120); do rauc status --detailed 2>/dev/null | head -3; \
        [ \"$(cut -d' ' -f7 /sys/block/vda/stat)\" -gt 60000 ] && break; sleep 1; done; cat /sys/block/vda/stat";
    story.run_within(stand, half, INSTALL_WITHIN)?;
    stand.cut_power()?;
    story.tell("the power was cut");
    stand.attract(BOOT_WITHIN)?;
    stand.agent().wait(COMMAND_WITHIN)?;
    ensure!(slot(stand, story)? == before, "the half written system was started");
    Ok(())
}

fn install(stand: &Stand, story: &mut Story, name: &str) -> anyhow::Result<()> {
    let file = bring(stand, story, name)?;
    let began = std::time::Instant::now();
    let done = story.run_within(stand, &format!("rauc install {file}"), INSTALL_WITHIN)?;
    ensure!(done.status == 0, "{name} was not installed");
    story.tell(format!("{name} installed in {:.0} s", began.elapsed().as_secs_f32()));
    take_away(stand, story, name)
}

fn restart(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    stand.machine().monitor.forget();
    story.tell("# systemctl reboot");
    stand.agent().start("systemctl reboot")?;
    stand.machine().monitor.wait_for("RESET", BOOT_WITHIN)?;
    stand.agent().wait(BOOT_WITHIN)?;
    stand.attract(BOOT_WITHIN)?;
    Ok(())
}

/// Waits for the system's own judgement of itself.
fn health(stand: &Stand, story: &mut Story) -> anyhow::Result<()> {
    let wait = "for i in $(seq 300); do s=$(systemctl show -P SubState kiosk-health.service); \
        [ $s = exited ] || [ $s = failed ] && break; sleep 1; done; systemctl status --no-pager kiosk-health.service";
    story.run_within(stand, wait, Duration::from_secs(400)).map(|_| ())
}

/// Which of the two runs: `A` or `B`.
fn slot(stand: &Stand, story: &mut Story) -> anyhow::Result<String> {
    let told = story.must(stand, "sed 's/.*rauc.slot=\\([AB]\\).*/\\1/' /proc/cmdline")?;
    Ok(told.trim().to_owned())
}

/// What the boot loader will do.
fn state(stand: &Stand, story: &mut Story) -> anyhow::Result<String> {
    story.must(stand, "rauc status --detailed >/dev/null 2>&1; find / -xdev -name grubenv; for f in /boot/EFI/BOOT/grubenv /boot/efi/EFI/BOOT/grubenv; do [ -f $f ] && grub-editenv $f list; done; true")
}

/// Puts a bundle where the guest finds it: on a disk of its own, read as it is.
fn bring(stand: &Stand, story: &mut Story, name: &str) -> anyhow::Result<String> {
    let bundle = stand.plan.image.join("update").join(name).with_extension("raucb").canonicalize()?;
    let length = std::fs::metadata(&bundle)?.len();
    let machine = stand.machine();
    machine.monitor.ask(
        "blockdev-add",
        serde_json::json!({ "driver": "raw", "node-name": name, "read-only": true,
            "file": { "driver": "file", "filename": bundle, "read-only": true } }),
    )?;
    machine.plug(serde_json::json!({ "driver": "virtio-blk-pci", "id": name, "drive": name,
        "serial": "bundle", "bus": "hot", "write-cache": "off" }))?;
    let file = format!("{FOLDER}/{name}.raucb");
    let copy = format!(
        "mkdir -p {FOLDER}; for i in $(seq 60); do d=$(grep -l bundle /sys/block/vd*/serial 2>/dev/null | head -n1); \
         [ -n \"$d\" ] && break; sleep 1; done; d=$(echo $d | cut -d/ -f4); \
         head -c {length} /dev/$d > {file} && ls -l {file}"
    );
    let done = story.run_within(stand, &copy, Duration::from_secs(300))?;
    ensure!(done.status == 0, "{name} does not reach the guest");
    Ok(file)
}

fn take_away(stand: &Stand, story: &mut Story, name: &str) -> anyhow::Result<()> {
    story.must(stand, &format!("rm -f {FOLDER}/{name}.raucb"))?;
    stand.machine().unplug(name)?;
    stand.machine().monitor.ask("blockdev-del", serde_json::json!({ "node-name": name }))?;
    Ok(())
}
