//! The demo: one renewal on this machine, by hand in a window or by the robot.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, ensure};
use clap::Parser;
use tempfile::TempDir;
use testbench::{
    demo::{arguments::Arguments, auto, by_hand},
    terminal,
};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(error) = arguments.fit() {
        error.exit();
    }
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            say(&format!("demo: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let displays = ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"];
    ensure!(
        arguments.auto || displays.iter().any(|name| std::env::var_os(name).is_some()),
        "found no display to open a window on, expected one of {}; --auto needs none",
        displays.join(", ")
    );
    let programs = std::env::current_exe()?.parent().map(PathBuf::from).context("a folder of programs")?;
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from("demo-out"));
    let result = out.join("result.json");
    ensure!(!result.exists(), "{} is there already; name another folder with --out", result.display());
    std::fs::create_dir_all(&out).with_context(|| format!("making {}", out.display()))?;
    let out = out.canonicalize()?;
    // Paths of sockets are short (108 bytes); the folder of the result may not be.
    let run = TempDir::with_prefix("kiosk-").context("a folder for sockets")?;
    terminal::stop_on_signal(run.path().to_owned())?;

    if !arguments.auto {
        by_hand::run(arguments, auto::plan(arguments, &programs, &out, run.path()), &mut |line| say(line))?;
        return Ok(ExitCode::SUCCESS);
    }
    let report = auto::run(arguments, auto::plan(arguments, &programs, &out, run.path()))?;
    let seconds = |ms: u64| Duration::from_millis(ms).as_secs_f32();
    for seen in report.pages.iter().chain(&report.next_pages) {
        let cause = seen.cause.as_deref().map_or_else(String::new, |cause| format!("  {cause}"));
        say(&format!("{:7.1} s  {}{cause}", seconds(seen.after_ms), seen.page));
    }
    for deviation in &report.deviations {
        say(&format!("not as expected: {deviation}"));
    }
    for fault in arguments.faults.iter().map(|fault| fault.name()) {
        if !report.faults_met.iter().any(|met| met == fault) {
            say(&format!("nothing of this visit met the fault {fault}"));
        }
    }
    say(&format!("outcome: {:?}; see {}", report.outcome, result.display()));
    Ok(if report.as_expected { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[expect(clippy::print_stderr, reason = "the terminal is this program's face")]
fn say(line: &str) {
    eprintln!("{line}");
}
