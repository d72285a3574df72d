//! A descriptor whose being readable is an event of the loop.

use std::io;

use rustix::fd::OwnedFd;
use tokio::io::{Interest, unix::AsyncFd};

/// Takes a non-blocking descriptor into the runtime.
///
/// # Errors
/// When the kernel has no room to watch it.
#[expect(unsafe_code, reason = "the runtime cannot see that the value keeps its descriptor open")]
pub(super) fn readable(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` names one open descriptor all its life, and `AsyncFd` ends its watch before that.
    unsafe { AsyncFd::register_with_interest(descriptor, Interest::READABLE) }.map_err(io::Error::from)
}
