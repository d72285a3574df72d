//! What every process of the kiosk does to itself before it holds anything of a visitor, and how one is told from another.
//!
//! It knows nothing of the sandbox around the process; the unit files own that.

use std::{fs, io, time::Duration};

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Leaves no core dump behind and keeps other processes of the same user out of this one's memory.
///
/// `PR_SET_DUMPABLE 0` gives `/proc/PID/mem` to root alone. A new program image (`execve`) starts dumpable
/// again, so this is called at every start.
///
/// # Errors
/// When the kernel refuses; the caller then must not go on.
pub fn harden() -> io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// When a process started, in the kernel's ticks since it booted: with the number, no other process of this boot.
///
/// # Errors
/// There is no such process any more; one that ended and was not waited for is none either.
pub fn started(process: u32) -> io::Result<u64> {
    // proc_pid_stat(5): 3 is the state, 22 the start. 2 is a name that may hold spaces and brackets.
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let mut fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_ascii_whitespace();
    match (fields.next(), fields.nth(18)) {
        (Some("Z" | "X"), _) => Err(io::ErrorKind::NotFound.into()),
        (_, Some(started)) => started.parse().map_err(io::Error::other),
        (_, None) => Err(io::Error::other("found fewer fields of a process than 22")),
    }
}

/// The time since the kernel started, through sleep and whatever the wall clock is set to: the same for all processes.
#[must_use]
pub fn since_boot() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    #[test]
    fn a_hardened_process_leaves_no_core_and_its_memory_belongs_to_root() {
        super::harden().expect("the kernel lets a process give rights up");
        assert_eq!(getrlimit(Resource::Core).maximum, Some(0));
        assert_eq!(dumpable_behavior().expect("readable"), DumpableBehavior::NotDumpable);
        assert_eq!(std::fs::metadata("/proc/self/mem").expect("exists").uid(), 0);
    }

    #[test]
    fn a_process_is_known_by_when_it_started() {
        let own = super::started(std::process::id()).expect("it runs");
        let mut child = std::process::Command::new("true").spawn().expect("started");
        let later = super::started(child.id());
        assert!(later.is_err() || later.is_ok_and(|later| later >= own));
        let ended = child.id();
        child.wait().expect("ends");
        assert!(super::started(ended).is_err(), "it is gone");
        let second = std::time::Duration::from_secs(1);
        assert!(
            std::time::Duration::from_millis(own * 10) <= super::since_boot() + second,
            "not in the future"
        );
    }
}
