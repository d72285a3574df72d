//! What dies: each process by `kill -9`, and the kernel.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::{
    super::stand::{BOOT_WITHIN, FOLLOW_WITHIN, Stand},
    COMMAND_WITHIN, Story,
};

/// The units of the kiosk's processes.
pub(super) const UNITS: [&str; 3] = ["kioskd", "kiosk-token", "kiosk-ui"];
/// A process is started again within this time.
const AGAIN_WITHIN: Duration = Duration::from_secs(120);

/// Each process is killed; another one takes its place, and the attract page comes back.
pub(super) fn killed(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    for unit in UNITS {
        let before = pid(stand, story, unit)?;
        story.must(stand, &format!("kill -9 {before}"))?;
        let began = Instant::now();
        loop {
            let now =
                stand.agent().run(&format!("systemctl show -P MainPID {unit}.service"), COMMAND_WITHIN)?;
            let now = now.output.trim().to_owned();
            if now != "0" && now != before {
                story.tell(format!("{unit}: process {now} after {:.1} s", began.elapsed().as_secs_f32()));
                break;
            }
            ensure!(began.elapsed() < AGAIN_WITHIN, "{unit} is not started again");
        }
        let back = stand.attract(FOLLOW_WITHIN)?;
        story.tell(format!("{unit}: the attract page again, {:.1} s later", back.as_secs_f32()));
    }
    Ok(())
}

/// The kernel panics; the machine starts anew by itself.
pub(super) fn panic(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    let before = story.must(stand, "cat /proc/sys/kernel/random/boot_id /proc/sys/kernel/sysrq")?;
    stand.machine().monitor.forget();
    story.tell("# echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger");
    stand.agent().start("echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger")?;
    let began = Instant::now();
    let event = stand.machine().monitor.wait_for("RESET", BOOT_WITHIN).context("no reset after the panic")?;
    story.tell(format!("reset after {:.1} s: {}", began.elapsed().as_secs_f32(), event.data));
    stand.agent().wait(BOOT_WITHIN)?;
    stand.attract(BOOT_WITHIN)?;
    story.tell(format!("the attract page again after {:.1} s", began.elapsed().as_secs_f32()));
    let after = story.must(stand, "cat /proc/sys/kernel/random/boot_id /proc/sys/kernel/sysrq")?;
    ensure!(before.lines().next() != after.lines().next(), "the same kernel runs on");
    Ok(())
}

/// The main process of a unit.
pub(super) fn pid(stand: &Stand, story: &mut Story, unit: &str) -> anyhow::Result<String> {
    let pid = story.must(stand, &format!("systemctl show -P MainPID {unit}.service"))?.trim().to_owned();
    ensure!(pid != "0" && !pid.is_empty(), "{unit} does not run");
    Ok(pid)
}
