//! A/B: what is refused, what is kept, what is left again, and a power cut in between.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use super::{
    super::stand::{BOOT_WITHIN, Stand},
    Story,
};

/// Writing a root file system under emulation.
const INSTALL_WITHIN: Duration = Duration::from_secs(900);
/// Between two looks at an installation.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// A system that does not serve is left again within this time: its health check waits, then it starts anew.
const ROLLBACK_WITHIN: Duration = Duration::from_secs(2400);
/// How the kiosk takes an update over; it starts the system anew.
const INSTALL: &str = "kiosk-appliance update install";
/// Where bundles are put in the guest: memory, so that nothing of them outlives a start. Memory of its own: systemd reloads nothing
/// while less than 16 MiB are free under /run.
const FOLDER: &str = "/run/kiosk-check";

/// Bundles that are not for this machine are refused, and nothing is written.
pub(super) fn refused(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    // A system that has just started is yet to be marked good.
    health(stand, story)?;
    let before = state(stand, story)?;
    ensure!(before.contains("ORDER="), "what starts cannot be read: {before}");
    for (name, causes, of_kiosk) in [
        ("wrong-key", ["signature", "certificate"], ["signature", "certificate"]),
        ("wrong-board", ["compatible", "Compatible"], ["the update is for", "compatible"]),
        ("flipped-byte", ["Input/output error", "read error"], ["Input/output error", "read error"]),
    ] {
        let file = bring(stand, story, name)?;
        let done = story.run_within(stand, &format!("rauc install {file} 2>&1"), INSTALL_WITHIN)?;
        ensure!(done.status != 0, "{name} was installed");
        let named = causes.iter().any(|cause| done.output.contains(cause));
        ensure!(named, "{name} was refused for another reason: {}", done.output);
        // By the kiosk's own way it is no other, and why is written down.
        story.must(stand, "rm -f /data/update/last.json")?;
        let done = story.run_within(stand, &format!("{INSTALL} {file} 2>&1"), INSTALL_WITHIN)?;
        ensure!(done.status != 0, "{name} was installed by the kiosk");
        let told = last(stand, story, "refused")?;
        let reason = told["reason"].as_str().unwrap_or_default().to_owned();
        let named = of_kiosk.iter().any(|cause| reason.contains(cause));
        ensure!(named, "the kiosk refused {name} for another reason: {reason}");
        story.must(stand, &format!("rm -f {file}"))?;
    }
    let after = state(stand, story)?;
    ensure!(before == after, "what starts has changed: {after}, before {before}");
    Ok(())
}

/// A good one is installed, starts, and its own health check keeps it.
pub(super) fn kept(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    health(stand, story)?;
    let before = slot(stand, story)?;
    take(stand, story, "good")?;
    stand.serves(BOOT_WITHIN).context("no start into the good system")?;
    let after = slot(stand, story)?;
    ensure!(after != before, "the system {before} runs on");
    health(stand, story)?;
    let state = state(stand, story)?;
    ensure!(
        state.contains(&format!("{after}_OK=1")) && state.contains(&format!("{after}_TRY=0")),
        "it was not kept: {state}"
    );
    last(stand, story, "kept")?;
    // Kept is kept: it starts again.
    story.tell("# systemctl reboot");
    stand.machine().monitor.forget();
    stand.agent().start("systemctl reboot")?;
    reset(stand, BOOT_WITHIN)?;
    stand.serves(BOOT_WITHIN)?;
    ensure!(slot(stand, story)? == after, "the next start took the other one");
    Ok(())
}

/// A system whose kiosk does not come up is left by itself; why is said in the one before it.
pub(super) fn rolled_back(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    health(stand, story)?;
    let before = slot(stand, story)?;
    take(stand, story, "no-kiosk")?;
    let began = Instant::now();
    stand.agent().wait(BOOT_WITHIN)?;
    let tried = slot(stand, story)?;
    ensure!(tried != before, "the system {before} runs on");
    reset(stand, ROLLBACK_WITHIN).context("the system that does not serve was not left")?;
    story.tell(format!("it was left after {:.0} s", began.elapsed().as_secs_f32()));
    stand.serves(ROLLBACK_WITHIN)?;
    said(stand, story, "rollback")?;
    ensure!(slot(stand, story)? == before, "the system that does not serve runs");
    let told = last(stand, story, "rolled-back")?;
    ensure!(told["reason"].is_string() && told["slot"] == *tried, "nothing says why: {told}");
    ensure!(told["setback"].is_string(), "nothing is said on the screen: {told}");
    let state = state(stand, story)?;
    ensure!(state.contains(&format!("{tried}_OK=0")), "it would be started again: {state}");
    Ok(())
}

/// The power is cut while an update is written: what was there starts, serves, and says what became of the update.
pub(super) fn power(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    health(stand, story)?;
    let before = slot(stand, story)?;
    let file = bring(stand, story, "good")?;
    let begin = by_unit(stand, story, &file)?;
    // Of 120 MiB in sectors of 512 bytes.
    let half = format!(
        "written() {{ set -- $(cat /sys/block/vda/stat); echo $7; }}; before=$(written); {begin}; \
         for i in $(seq 4500); do [ $(( $(written) - before )) -gt 20000 ] && break; sleep 0.2; done; \
         echo $(( $(written) - before )) sectors; cat /data/update/last.json; [ $(systemctl show -P ActiveState kiosk-update.service) = activating ]"
    );
    let done = story.run_within(stand, &half, INSTALL_WITHIN)?;
    stand.cut_power()?;
    ensure!(done.status == 0 && done.output.contains("writing"), "it was not cut in the middle");
    story.tell("the power was cut");
    stand.serves(BOOT_WITHIN)?;
    ensure!(slot(stand, story)? == before, "the half written system was started");
    said(stand, story, "power-update")?;
    let told = last(stand, story, "refused")?;
    ensure!(told["setback"] == "power-cut", "something else is said on the screen: {told}");
    let other = if before == "A" { "B" } else { "A" };
    let state = state(stand, story)?;
    ensure!(state.contains(&format!("{other}_OK=0")), "the half written system may be started: {state}");
    Ok(())
}

/// Has the kiosk take a bundle over; returns when it starts the system anew.
fn take(stand: &Stand, story: &mut Story, name: &str) -> anyhow::Result<()> {
    let file = bring(stand, story, name)?;
    let begin = by_unit(stand, story, &file)?;
    stand.machine().monitor.forget();
    let began = Instant::now();
    story.must(stand, &begin)?;
    while reset(stand, LOOK_EVERY).is_err() {
        ensure!(began.elapsed() < INSTALL_WITHIN, "{name} was not installed within {INSTALL_WITHIN:?}");
        // No answer is what a guest gives that is about to start anew.
        let state = stand.agent().run("systemctl show -P ActiveState kiosk-update.service", INSTALL_WITHIN);
        if state.is_ok_and(|state| state.output.trim() == "failed") {
            let said = story.run(stand, "journalctl -b -q -o cat -u kiosk-update.service -n 20")?.output;
            bail!("{name} was not installed: {said}");
        }
    }
    story.tell(format!(
        "{name}: installed, and the system started anew, after {:.0} s",
        began.elapsed().as_secs_f32()
    ));
    Ok(())
}

/// Has the unit that looks for updates take this bundle, with no more rights than it has; the command that begins it.
fn by_unit(stand: &Stand, story: &mut Story, file: &str) -> anyhow::Result<String> {
    let folder = "/run/systemd/system/kiosk-update.service.d";
    story.must(
        stand,
        &format!(
            "mkdir -p {folder}; printf '[Service]\\nExecStart=\\nExecStart=%s\\n' '/usr/bin/{INSTALL} {file}' \
             > {folder}/check.conf && systemctl daemon-reload && systemctl cat kiosk-update.service | grep ExecStart="
        ),
    )?;
    Ok("systemctl start --no-block kiosk-update.service".to_owned())
}

/// Waits for the machine's being started anew.
fn reset(stand: &Stand, within: Duration) -> anyhow::Result<()> {
    Ok(stand.machine().monitor.wait_for("RESET", within).map(|_| ())?)
}

/// Keeps the attract page, which tells staff of an update that is not in force; its twin, told of the same, shows the same.
fn said(stand: &mut Stand, story: &mut Story, name: &str) -> anyhow::Result<()> {
    let picture = format!("checks/{name}.png");
    let glass = stand.screen.mirrored().context("a stand mirrors its screen")?.glass();
    glass.picture()?.write(&stand.plan.out.join(&picture))?;
    story.tell(format!("the attract page is {picture}, and the twin's is the same"));
    Ok(())
}

/// What is known of the last update, which must have come so far.
fn last(stand: &Stand, story: &mut Story, phase: &str) -> anyhow::Result<serde_json::Value> {
    let told: serde_json::Value = serde_json::from_str(&story.must(stand, "cat /data/update/last.json")?)?;
    ensure!(told["phase"] == phase, "found {}, expected {phase}", told["phase"]);
    Ok(told)
}

/// Waits for the system's own judgement of itself.
fn health(stand: &Stand, story: &mut Story) -> anyhow::Result<()> {
    let wait = "for i in $(seq 300); do s=$(systemctl show -P SubState kiosk-health.service); \
        [ $s = exited ] || [ $s = failed ] && break; sleep 1; done; systemctl status --no-pager kiosk-health.service; \
        [ $s = exited ]";
    let done = story.run_within(stand, wait, Duration::from_secs(400))?;
    ensure!(done.status == 0, "the system did not judge itself well: {}", done.output);
    Ok(())
}

/// Which of the two runs: `A` or `B`.
fn slot(stand: &Stand, story: &mut Story) -> anyhow::Result<String> {
    let told = story.must(stand, "sed 's/.*rauc.slot=\\([AB]\\).*/\\1/' /proc/cmdline")?;
    Ok(told.trim().to_owned())
}

/// What the boot loader will do.
fn state(stand: &Stand, story: &mut Story) -> anyhow::Result<String> {
    story.must(stand, "grub-editenv /boot/EFI/BOOT/grubenv list")
}

/// Puts a bundle into the guest, by a disk that is plugged in, read as it is, and pulled out.
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
        "mkdir -p {FOLDER}; mountpoint -q {FOLDER} || mount -t tmpfs -o size=50% tmpfs {FOLDER}; for i in $(seq 60); do d=$(grep -l bundle /sys/block/vd*/serial 2>/dev/null | head -n1); \
         [ -n \"$d\" ] && break; sleep 1; done; d=$(echo $d | cut -d/ -f4); \
         head -c {length} /dev/$d > {file} && ls -l {file}"
    );
    let done = story.run_within(stand, &copy, Duration::from_secs(300))?;
    ensure!(done.status == 0, "{name} does not reach the guest");
    machine.unplug(name)?;
    machine.monitor.ask("blockdev-del", serde_json::json!({ "node-name": name }))?;
    Ok(file)
}
