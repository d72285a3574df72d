//! The pcscd of a test that speaks PC/SC itself: one for its whole process.
//!
//! libpcsclite takes the name of its service from the environment once and keeps it, so the tests of a process
//! share one, in turn. It knows nothing of what they do with it.

use std::{
    env,
    path::PathBuf,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use super::Pcscd;

static SHARED: LazyLock<Mutex<Pcscd>> = LazyLock::new(|| Mutex::new(start()));

/// The pcscd that libpcsclite reaches from this process, for one test at a time. It ends with the process.
///
/// # Panics
/// When there is none to be had.
pub fn of_process() -> MutexGuard<'static, Pcscd> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(unsafe_code, reason = "libpcsclite is told its service by the environment alone")]
fn start() -> Pcscd {
    let pcscd = Pcscd::start(&folder()).expect("a private pcscd starts");
    for (name, value) in pcscd.env() {
        // SAFETY: no other thread reads these before the lock is released; Rust's own readers wait.
        unsafe { env::set_var(name, value) };
    }
    pcscd
}

/// Kept until the process ends, as what lies in it is.
fn folder() -> PathBuf {
    tempfile::tempdir().expect("a folder for pcscd").keep()
}
