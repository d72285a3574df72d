//! Whole visits with the card, its service and the processes pulled out from under them, at random.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use tempfile::TempDir;
use testbench::{demo::arguments::Arguments, soak};

/// How long, and with which seed. What follows `--` is for the demo's bench, e.g. `-- --token akis`.
#[derive(Parser)]
#[command(name = "soak", version)]
struct Soak {
    /// Steps to make.
    #[arg(value_name = "N")]
    steps: u32,
    /// The same seed makes the same steps.
    #[arg(value_name = "SEED")]
    seed: u64,
    /// Options of `scripts/demo`.
    #[arg(last = true)]
    bench: Vec<String>,
}

fn main() -> ExitCode {
    let Soak { steps, seed, bench } = Soak::parse();
    match run(steps, seed, &bench) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let options = if bench.is_empty() { String::new() } else { format!(" -- {}", bench.join(" ")) };
            say(&format!("soak: {error:#}\nagain with: scripts/soak {steps} {seed}{options}"));
            ExitCode::FAILURE
        }
    }
}

fn run(steps: u32, seed: u64, bench: &[String]) -> anyhow::Result<()> {
    let seed_text = seed.to_string();
    let given = ["demo", "--auto", "--seed", &seed_text];
    let arguments = Arguments::parse_from(given.into_iter().chain(bench.iter().map(String::as_str)));
    let programs = std::env::current_exe()?.parent().map(PathBuf::from).context("a folder of programs")?;
    let (out, run) = (TempDir::with_prefix("kiosk-soak-")?, TempDir::with_prefix("kiosk-")?);
    let plan = soak::plan(&arguments, &programs, out.path(), run.path());
    let report = soak::run(&arguments, plan, steps, &mut |step| say(step));
    let Ok(report) = report else {
        // What the processes said of it, for whoever looks into the cause.
        let logs = out.keep();
        return report.map(|_| ()).with_context(|| format!("seed {seed}, logs in {}", logs.display()));
    };
    for (step, made) in &report.steps {
        say(&format!("{made:5} {step:?}"));
    }
    for (before, after) in report.before.iter().zip(&report.after) {
        say(&format!("before {before:?}\nafter  {after:?}"));
    }
    say(&format!(
        "{steps} steps in {} visits, {} applications, {} times pcscd was wrong, seed {seed}",
        report.visits, report.applications, report.unseen
    ));
    Ok(())
}

#[expect(clippy::print_stderr, reason = "the terminal is this program's face")]
fn say(line: &str) {
    eprintln!("{line}");
}
