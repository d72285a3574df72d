//! Numbers: power on to the attract page, sizes, memory at rest and during a visit; one table, `numbers.md`.

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use anyhow::Context;

use super::{
    super::{
        memory::{Memory, mib},
        stand::Stand,
    },
    Story, visits,
};

/// The page on which most of a visit is in memory: everything filled in, two texts to read.
const BUSY_PAGE: &str = "contract";
/// Processes with less than this in both columns share a row, in KiB.
const LITTLE: u64 = 1024;

/// Measures, and writes the table.
pub(super) fn numbers(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    let booted = stand.booted.context("the guest was not waited for")?;
    // What the start itself took is given back by then.
    let settle = "for i in $(seq 300); do s=$(systemctl show -P SubState kiosk-health.service); \
        [ $s = exited ] || [ $s = failed ] && break; sleep 1; done";
    story.run_within(stand, settle, super::COMMAND_WITHIN * 4)?;
    let rest = Memory::of(&stand.agent())?;
    visits::until(stand, BUSY_PAGE)?;
    let visit = Memory::of(&stand.agent())?;
    visits::give_up(stand, story)?;

    let mut table = "| what | at rest | during a visit |\n|---|--:|--:|\n".to_owned();
    let row = |table: &mut String, what: &str, rest: &str, visit: &str| {
        let _ = writeln!(table, "| {what} | {rest} | {visit} |");
    };
    row(&mut table, "power on to the attract page", &format!("{:.0} s", booted.as_secs_f32()), "");
    let image = stand.plan.image.clone();
    row(&mut table, "root file system (EROFS, lz4hc)", &mib(kib(&image.join("root.erofs"))?), "");
    let kernel = kib(&image.join("boot/Image"))? + kib(&image.join("boot/initrd"))?;
    row(&mut table, "kernel and initrd", &mib(kernel), "");
    row(&mut table, "an update", &mib(kib(&image.join("update/good.raucb"))?), "");
    let in_use = format!("memory in use, of {}", mib(rest.total));
    row(&mut table, &in_use, &mib(rest.used), &mib(visit.used));
    row(&mut table, "all processes (PSS)", &mib(rest.of_processes()), &mib(visit.of_processes()));
    for (name, shares) in processes([&rest, &visit]) {
        let [rest, visit] = shares.map(mib);
        row(&mut table, &format!("- {name}"), &rest, &visit);
    }
    story.tell(&table);
    fs::write(stand.plan.out.join("numbers.md"), &table)?;
    story.must(stand, "df -k / /data /var /run").map(|_| ())
}

/// Shares by name, the kiosk's own first, then by size; the little ones together.
fn processes(moments: [&Memory; 2]) -> Vec<(String, [u64; 2])> {
    let names: BTreeSet<&String> = moments.iter().flat_map(|memory| memory.processes.keys()).collect();
    let share = |name: &String| moments.map(|memory| memory.processes.get(name).copied().unwrap_or(0));
    let (little, mut rows): (Vec<_>, Vec<_>) = names
        .into_iter()
        .map(|name| (name.clone(), share(name)))
        .partition(|(_, shares)| shares.iter().all(|share| *share < LITTLE));
    rows.sort_by_key(|(name, [rest, visit])| {
        (!name.starts_with("kiosk"), std::cmp::Reverse(*rest.max(visit)))
    });
    if !little.is_empty() {
        let sum = |moment: usize| little.iter().map(|(_, shares)| shares[moment]).sum();
        rows.push((format!("{} others", little.len()), [sum(0), sum(1)]));
    }
    rows
}

fn kib(file: &Path) -> anyhow::Result<u64> {
    Ok(fs::metadata(file).with_context(|| file.display().to_string())?.len() / 1024)
}

#[cfg(test)]
mod tests {
    use super::{Memory, processes};

    #[test]
    fn the_kiosks_own_come_first_and_little_ones_share_a_row() {
        let memory = |shares: &[(&str, u64)]| Memory {
            total: 1,
            used: 1,
            processes: shares.iter().map(|(name, kib)| ((*name).to_owned(), *kib)).collect(),
        };
        let rest = memory(&[("systemd", 9000), ("kioskd", 5000), ("a", 10), ("b", 20), ("rauc", 5)]);
        let visit =
            memory(&[("systemd", 9000), ("kioskd", 7000), ("kiosk-ui", 12_000), ("b", 21), ("rauc", 4000)]);
        let told = processes([&rest, &visit]);
        let told: Vec<_> = told.iter().map(|(name, shares)| (name.as_str(), *shares)).collect();
        assert_eq!(
            told,
            [
                ("kiosk-ui", [0, 12_000]),
                ("kioskd", [5000, 7000]),
                ("systemd", [9000, 9000]),
                ("rauc", [5, 4000]),
                ("2 others", [30, 21]),
            ]
        );
    }
}
