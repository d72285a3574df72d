//! The appliance in QEMU: a renewal by the robot's touches, or the screen by VNC for a person's.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, ensure};
use clap::Parser;
use tempfile::TempDir;
use testbench::{
    demo::arguments::Language,
    emulation::{auto, browser, by_hand, checks, machine::Display, stand::Plan},
    terminal,
};

/// The appliance in a virtual machine, with a portal and a card on this machine.
#[derive(Parser)]
#[command(name = "emulate", version)]
struct Arguments {
    /// The folder that image/emulation/build has made.
    #[arg(long, value_name = "DIR")]
    image: PathBuf,
    /// The robot makes the visit: every touch at the place where the same page has its control on this machine.
    #[arg(long)]
    auto: bool,
    /// Checks in the guest what must hold there: all, or those of these names.
    #[arg(long, value_name = "NAME", num_args = 0.., conflicts_with = "auto")]
    checks: Option<Vec<String>>,
    /// The folder is one of image/emulation/chromium: shows and measures the portal's first page in that browser.
    #[arg(long, conflicts_with_all = ["auto", "checks"])]
    browser: bool,
    /// Language of the visit.
    #[arg(long, value_enum, default_value_t = Language::Tr)]
    lang: Language,
    /// Where the result goes; must not hold one already.
    #[arg(long, value_name = "DIR", default_value = "emulate-out")]
    out: PathBuf,
    /// Makes up another test person.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// How long a finger stays on the glass, in milliseconds.
    #[arg(long, value_name = "NUMBER", default_value_t = 300)]
    hold_ms: u64,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            say(&format!("emulate: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let programs = std::env::current_exe()?.parent().map(PathBuf::from).context("a folder of programs")?;
    let result = arguments.out.join("result.json");
    ensure!(!result.exists(), "{} is there already; name another folder with --out", result.display());
    std::fs::create_dir_all(&arguments.out).with_context(|| format!("making {}", arguments.out.display()))?;
    // Paths of sockets are short (108 bytes); the folder of the result may not be.
    let run = TempDir::with_prefix("kiosk-").context("a folder for sockets and disks")?;
    terminal::stop_on_signal(run.path().to_owned())?;
    let by_robot = arguments.auto || arguments.browser || arguments.checks.is_some();
    let plan = Plan {
        image: arguments.image.canonicalize().with_context(|| arguments.image.display().to_string())?,
        out: arguments.out.canonicalize()?,
        run: run.path().to_owned(),
        programs,
        display: if by_robot { Display::Robot } else { Display::Vnc },
        language: arguments.lang,
        seed: arguments.seed,
        hold: Duration::from_millis(arguments.hold_ms),
    };
    if let Some(names) = &arguments.checks {
        let all = checks::run(plan, names, &mut |line| say(line))?;
        return Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    if arguments.browser {
        browser::run(plan, &mut |line| say(line))?;
        return Ok(ExitCode::SUCCESS);
    }
    if !arguments.auto {
        by_hand::run(plan, &mut |line| say(line))?;
        return Ok(ExitCode::SUCCESS);
    }
    let report = auto::run(plan, &mut |line| say(line))?;
    let seconds = |ms: u64| Duration::from_millis(ms).as_secs_f32();
    for seen in &report.pages {
        say(&format!("{:7.1} s  {}", seconds(seen.after_ms), seen.page));
    }
    for deviation in &report.deviations {
        say(&format!("not as expected: {deviation}"));
    }
    say(&format!(
        "outcome: {:?}; {:.1} s from power on to the attract page, {:.1} s for the visit, {:.1} s for the slowest page, {} touches repeated; see {}",
        report.outcome,
        seconds(report.power_on_to_attract_ms),
        seconds(report.visit_ms),
        seconds(report.slowest_page_ms),
        report.touches_repeated,
        result.display()
    ));
    Ok(if report.as_expected { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[expect(clippy::print_stderr, reason = "the terminal is this program's face")]
fn say(line: &str) {
    eprintln!("{line}");
}
