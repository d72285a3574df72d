//! What every process of the kiosk does to itself before it holds anything of a visitor.
//!
//! It knows nothing of the sandbox around the process; the unit files own that.

use std::io;

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
}
