//! What must hold in the guest, each by a scripted check whose story is kept in `checks/NAME.txt`.
//!
//! A check does something to the machine and looks at what comes of it; before and after each the guest shows the
//! attract page. What a check found wrong is its error.
//!
//! | module | checks |
//! |---|---|
//! | `closed` | what nobody can reach or write, and what is not there |
//! | `numbers` | time, sizes, memory at rest and during a visit |
//! | `crashes` | processes killed, the kernel panicked |
//! | `usb` | what is plugged in and must not be let in |
//! | `visits` | the reader unplugged, the power cut, in the middle of a visit |
//! | `updates` | A/B |

mod closed;
mod crashes;
mod evdev;
mod numbers;
mod updates;
mod usb;
mod visits;

use std::{fmt::Write, fs, path::Path, time::Duration};

use anyhow::{Context, ensure};

use super::{
    agent::Done,
    auto::first_attract,
    stand::{BOOT_WITHIN, Plan, Stand},
};

/// Commands in the guest are done within this time.
pub(super) const COMMAND_WITHIN: Duration = Duration::from_secs(120);

type Check = fn(&mut Stand, &mut Story) -> anyhow::Result<()>;

/// All of them in their order, with what each shows.
const ALL: [(&str, &str, Check); 13] = [
    ("kill", "each process killed by kill -9 is back, and so is the attract page", crashes::killed),
    ("sockets", "nothing listens on any address", closed::sockets),
    ("root", "the root file system cannot be written", closed::root),
    ("absent", "no test program, no shell to log in to, no SSH", closed::absent),
    (
        "numbers",
        "power on to the attract page, sizes, memory in total and per process, at rest and during a visit",
        numbers::numbers,
    ),
    (
        "usb",
        "stick, keyboard and mouse are refused, reader and hub let in; with the policy off, no key does harm",
        usb::refused,
    ),
    (
        "reader",
        "the reader unplugged and plugged in again on each page of a visit, which goes on",
        visits::reader,
    ),
    ("power", "power cut in the middle of a visit: nothing lost, nothing left", visits::power),
    ("panic", "a kernel that panics starts anew and shows the attract page", crashes::panic),
    ("bad-bundles", "wrong key, wrong board and a flipped byte are refused", updates::refused),
    ("update", "a good bundle is installed, starts, and is kept", updates::kept),
    (
        "rollback",
        "a system whose kiosk does not come up is left again by itself, and why is said",
        updates::rolled_back,
    ),
    (
        "power-update",
        "power cut in the middle of an update: the system that was there starts, and says so",
        updates::power,
    ),
];

/// What a check did and saw.
pub(super) struct Story(String);

impl Story {
    /// Something that was done or seen.
    pub(super) fn tell(&mut self, line: impl AsRef<str>) {
        let _ = writeln!(self.0, "{}", line.as_ref().trim_end());
    }

    /// Runs a script in the guest; it is told with its output.
    pub(super) fn run(&mut self, stand: &Stand, script: &str) -> anyhow::Result<Done> {
        self.run_within(stand, script, COMMAND_WITHIN)
    }

    /// The same for one that takes its time.
    pub(super) fn run_within(
        &mut self,
        stand: &Stand,
        script: &str,
        within: Duration,
    ) -> anyhow::Result<Done> {
        self.tell(format!("# {script}"));
        let done = stand.agent().run(script, within)?;
        self.tell(&done.output);
        if done.status != 0 {
            self.tell(format!("-- status {}", done.status));
        }
        Ok(done)
    }

    /// The same for one that must succeed; its output.
    pub(super) fn must(&mut self, stand: &Stand, script: &str) -> anyhow::Result<String> {
        let done = self.run(stand, script)?;
        ensure!(done.status == 0, "{script:?} in the guest: status {}: {}", done.status, done.output.trim());
        Ok(done.output)
    }
}

/// Runs the checks of these names, or all; whether all hold.
///
/// # Errors
/// When a name is unknown, or the guest does not start at all.
pub fn run(plan: Plan, names: &[String], say: &mut dyn FnMut(&str)) -> anyhow::Result<bool> {
    let chosen = choose(names)?;
    let folder = plan.out.join("checks");
    fs::create_dir_all(&folder)?;
    let mut stand = Stand::start(plan)?;
    let boot = first_attract(&mut stand)?;
    say(&format!("{:7.1} s  from power on to the attract page", boot.as_secs_f32()));
    stand.agent().wait(COMMAND_WITHIN).context("the guest's agent")?;
    let mut all = true;
    for (name, shows, check) in chosen {
        let began = std::time::Instant::now();
        let mut story = Story(format!("{name}: {shows}\n\n"));
        let held = check(&mut stand, &mut story)
            .and_then(|()| stand.attract(BOOT_WITHIN).map(|_| ()).context("after the check"));
        let verdict = match &held {
            Ok(()) => format!("HOLDS ({:.0} s)", began.elapsed().as_secs_f32()),
            Err(error) => format!("DOES NOT HOLD: {error:#}"),
        };
        story.tell(format!("\n{verdict}"));
        write(&folder, name, &story)?;
        say(&format!("{name:<13} {verdict}"));
        if held.is_err() {
            all = false;
            // The next one begins as if nothing had happened.
            stand.twin_to_attract()?;
            stand.cut_power()?;
            stand.serves(BOOT_WITHIN)?;
        }
    }
    Ok(all)
}

fn write(folder: &Path, name: &str, story: &Story) -> anyhow::Result<()> {
    let file = folder.join(name).with_extension("txt");
    fs::write(&file, &story.0).with_context(|| file.display().to_string())
}

fn choose(names: &[String]) -> anyhow::Result<Vec<(&'static str, &'static str, Check)>> {
    for name in names {
        let known: Vec<&str> = ALL.iter().map(|(name, ..)| *name).collect();
        ensure!(known.contains(&name.as_str()), "{name:?} is no check; there are {}", known.join(", "));
    }
    Ok(ALL.into_iter().filter(|(name, ..)| names.is_empty() || names.iter().any(|it| it == name)).collect())
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn checks_are_chosen_by_name_and_run_in_their_own_order() {
        let names = |chosen: &[&str]| {
            let chosen: Vec<String> = chosen.iter().map(|name| (*name).to_owned()).collect();
            choose(&chosen).map(|checks| checks.into_iter().map(|(name, ..)| name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["root", "kill"]).unwrap(), ["kill", "root"]);
        assert_eq!(names(&[]).unwrap().len(), super::ALL.len());
        assert!(names(&["kil"]).unwrap_err().to_string().contains("kill, sockets"));
    }
}
