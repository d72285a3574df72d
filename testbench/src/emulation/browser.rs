//! Another way to build a kiosk, for comparison: a guest with a browser that shows the portal's first page, measured as the
//! appliance is; `image/emulation/chromium` makes it.
//!
//! It waits and measures, and touches nothing.

use std::{fmt::Write, fs, path::Path, time::Duration};

use anyhow::{Context, ensure};

use super::{
    glass::GuestGlass,
    machine::{Machine, Parts},
    memory::{Memory, mib},
    provision,
    stand::{HOST, Plan, SIZE, at_host},
};
use crate::{
    demo::{arguments::Portal, outside::Outside},
    portal::Timers,
    robot::{Glass, Leeway, Picture},
    visitor::Visitor,
};

/// A browser is not to be measured by how it does with too little.
const MEMORY_MIB: u32 = 2048;
/// From power on to the page, emulated instruction by instruction.
const PAGE_WITHIN: Duration = Duration::from_secs(2400);
/// A page that has not changed for so long stands.
const STANDS_AFTER: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The caret in a field.
const CARET: Leeway = Leeway { shades: 255, pixels: 200 };

/// Starts the guest, waits for the page, measures, and writes the table `numbers.md` and the picture `page.png`.
///
/// # Errors
/// When something cannot be started, or the page does not come.
pub fn run(plan: Plan, say: &mut dyn FnMut(&str)) -> anyhow::Result<()> {
    let visitor = Visitor::generate(plan.seed);
    let outside = Outside {
        visitors: std::slice::from_ref(&visitor),
        timers: Timers::default(),
        seed: Some(plan.seed),
        names: &[HOST],
    };
    let (_pki, portal) = outside.start(&plan.out)?;
    let (tree, data) = (plan.run.join("data"), plan.run.join("data.img"));
    fs::create_dir_all(&tree)?;
    fs::write(tree.join("address"), at_host(&portal.address(Portal::Meb.institution())))?;
    provision::file_system(&tree, &data)?;
    let machine = Machine::build(Parts {
        image: plan.image.clone(),
        run: plan.run.clone(),
        serial: plan.out.join("logs/serial.log"),
        data,
        display: plan.display,
        size: SIZE,
        memory_mib: MEMORY_MIB,
    })?;
    say("The guest with the browser is powered on.");
    let file = plan.run.join("screen.ppm");
    let mut glass = GuestGlass::new(machine.monitor.clone(), SIZE, plan.hold, file);
    let asked = || portal.captcha().is_some();
    let (page, stood) = page(&machine, &mut glass, asked)?;
    page.write(&plan.out.join("page.png"))?;
    let memory = Memory::of(&machine.agent())?;
    let files = machine.agent().run("df -k / | tail -n 1 | awk '{ print $3 }'", Duration::from_secs(60))?;
    let files: u64 = files.output.trim().parse().with_context(|| format!("df in the guest: {files:?}"))?;
    let table = table(&memory, stood, files, &plan.image)?;
    say(&table);
    fs::write(plan.out.join("numbers.md"), &table)?;
    Ok(())
}

/// Waits until the portal was asked for its page and what is shown does not change any more; since when, from power on.
fn page(
    machine: &Machine,
    glass: &mut GuestGlass,
    asked: impl Fn() -> bool,
) -> anyhow::Result<(Picture, Duration)> {
    let mut shown = Picture::none();
    let mut since = machine.began().elapsed();
    loop {
        let now = machine.began().elapsed();
        ensure!(now < PAGE_WITHIN, "no page within {PAGE_WITHIN:?}; the portal was asked: {}", asked());
        let seen = glass.picture()?;
        if !asked() || shown.difference(&seen, &[], CARET).is_some() {
            (shown, since) = (seen, now);
        } else if now - since > STANDS_AFTER {
            return Ok((shown, since));
        }
        glass.rest(LOOK_EVERY);
    }
}

fn table(memory: &Memory, stood: Duration, files: u64, image: &Path) -> anyhow::Result<String> {
    let mut table = "| what | |\n|---|--:|\n".to_owned();
    let mut row = |what: &str, value: &str| {
        let _ = writeln!(table, "| {what} | {value} |");
    };
    row("power on to the portal's first page", &format!("{:.0} s", stood.as_secs_f32()));
    row("root file system (ext4), in use", &mib(files));
    let packed = fs::metadata(image.join("root.erofs")).context("root.erofs")?.len() / 1024;
    row("the same as EROFS, lz4hc", &mib(packed));
    row(&format!("memory in use, of {}", mib(memory.total)), &mib(memory.used));
    row("all processes (PSS)", &mib(memory.of_processes()));
    for (name, share) in &memory.processes {
        row(&format!("- {name}"), &mib(*share));
    }
    Ok(table)
}
