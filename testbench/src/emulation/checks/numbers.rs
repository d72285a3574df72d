//! Numbers: memory at rest and during a visit, the size of the system and of an update.

use anyhow::Context;

use super::{
    super::stand::Stand,
    Story,
    crashes::{UNITS, pid},
    visits,
};

/// The page on which most of a visit is in memory: everything filled in, two texts to read.
const BUSY_PAGE: &str = "contract";

/// Memory in use, in total and of each process.
pub(super) fn memory(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    story.tell("== at rest");
    measure(stand, story)?;
    visits::until(stand, BUSY_PAGE)?;
    story.tell(format!("== during a visit, on the page {BUSY_PAGE}"));
    measure(stand, story)?;
    visits::give_up(stand, story)
}

fn measure(stand: &Stand, story: &mut Story) -> anyhow::Result<()> {
    let table = story.must(stand, "cat /proc/meminfo")?;
    let kib = |name: &str| {
        let line = table.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
            .with_context(|| format!("no {name} in /proc/meminfo"))
    };
    let (total, available) = (kib("MemTotal:")?, kib("MemAvailable:")?);
    story.tell(format!("in use: {} MiB of {} MiB", (total - available) / 1024, total / 1024));
    let daemons = ["pcscd", "systemd-journald", "systemd-udevd", "systemd-networkd", "systemd-resolved"];
    for unit in UNITS {
        let pid = pid(stand, story, unit)?;
        let rollup = story.must(stand, &format!("grep -E '^(Rss|Pss|Locked)' /proc/{pid}/smaps_rollup"))?;
        story.tell(format!("{unit}: {}", rollup.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    for daemon in daemons {
        let script = format!(
            "for p in $(systemctl show -P MainPID {daemon}.service); do grep -E '^Pss:' /proc/$p/smaps_rollup; done"
        );
        let told = stand.agent().run(&script, super::COMMAND_WITHIN)?.output;
        story.tell(format!("{daemon}: {}", told.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    Ok(())
}

/// The root file system, the bundles.
pub(super) fn sizes(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    let image = &stand.plan.image;
    for file in ["root.erofs", "boot.vfat", "update/good.raucb"] {
        let size = std::fs::metadata(image.join(file)).with_context(|| file.to_owned())?.len();
        story.tell(format!("{file}: {:.1} MiB", size as f64 / f64::from(1 << 20)));
    }
    story.must(stand, "df -k / /data /var /run").map(|_| ())
}
