//! Begins the process anew in place: same number, same listening sockets, which readers take no PIN, nothing else of
//! before.
//!
//! A C module may keep what it read of a card; a new program image has none of it.

use std::{
    convert::Infallible,
    env, io,
    os::{
        fd::{AsFd, AsRawFd, OwnedFd, RawFd},
        unix::process::CommandExt,
    },
    process::Command,
};

/// First descriptor that is handed over (`SD_LISTEN_FDS_START`).
const FIRST: RawFd = 3;
/// Set for an image that follows another of the same process.
const ANEW: &str = "EIMZA_KIOSK_ANEW";

/// Whether this image follows another one that served.
pub(super) fn is_anew() -> bool {
    env::var_os(ANEW).is_some()
}

/// Executes this program again with its arguments, handing over the named listening sockets as
/// `sd_listen_fds(3)` says, with what is `kept` in its environment. Returns only when that fails.
///
/// # Errors
/// When the sockets cannot be put in place or the program is gone.
pub(super) fn anew(sockets: &[(&str, &impl AsFd)], kept: (&str, String)) -> io::Result<Infallible> {
    hand_over(sockets.iter().map(|(_, socket)| socket.as_fd()).collect::<Vec<_>>().as_slice())?;
    let names: Vec<&str> = sockets.iter().map(|(name, _)| *name).collect();
    let mut arguments = env::args_os();
    let mut program = Command::new("/proc/self/exe");
    if let Some(name) = arguments.next() {
        program.arg0(name);
    }
    program
        .args(arguments)
        .env(ANEW, "1")
        .env(kept.0, kept.1)
        .env("LISTEN_PID", std::process::id().to_string())
        .env("LISTEN_FDS", sockets.len().to_string())
        .env("LISTEN_FDNAMES", names.join(":"));
    Err(program.exec())
}

/// Puts the sockets at 3, 4, … and has every descriptor after them closed by the new image: a C module's
/// connection to PC/SC would otherwise live on, and with it its lock on the card.
#[expect(unsafe_code, reason = "descriptors of other owners are replaced right before the image is")]
fn hand_over(sockets: &[impl AsFd]) -> io::Result<()> {
    // Out of the way first, so that none is overwritten before it is copied.
    let copies: Vec<OwnedFd> = sockets
        .iter()
        .map(|socket| Ok(rustix::io::fcntl_dupfd_cloexec(socket, 64)?))
        .collect::<io::Result<_>>()?;
    let mut next = FIRST;
    for copy in &copies {
        // SAFETY: plain system calls on numbers. Whoever owned `next` in this image never runs again.
        if unsafe { libc::dup2(copy.as_raw_fd(), next) } < 0 {
            return Err(io::Error::last_os_error());
        }
        next += 1;
    }
    let first = libc::c_uint::try_from(next).map_err(io::Error::other)?;
    let flags = libc::CLOSE_RANGE_CLOEXEC.cast_signed();
    // SAFETY: as above; it only marks descriptors.
    if unsafe { libc::close_range(first, libc::c_uint::MAX, flags) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Ends the process at once with a status, without running anything of a module that hangs.
#[expect(unsafe_code, reason = "exit handlers of a C module that hangs may hang too")]
pub(super) fn end_at_once(status: i32) -> ! {
    // SAFETY: never returns and touches nothing.
    unsafe { libc::_exit(status) }
}
