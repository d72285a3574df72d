//! Listening sockets, who may speak on them, and who may listen where this process speaks.
//!
//! It knows where sockets come from (systemd, a former image of this process, or a path) and whose process
//! is at the other end. It knows no message.

use std::{
    fs, io,
    os::{
        fd::{AsFd, FromRawFd, OwnedFd},
        unix::{fs::FileTypeExt, net::UnixListener},
    },
    path::Path,
};

/// The listening socket `name`: handed over (`LISTEN_FDS`, `LISTEN_FDNAMES`; see `sd_listen_fds(3)`), else
/// bound to `path`, where a stale socket gives way. It comes up under its name as one that listens already, so
/// that whoever sees it there (see [`super::arrival`]) is let in.
///
/// To be called once per name: a descriptor that was handed over has one owner.
///
/// # Errors
/// When the path cannot be bound, or is taken by something that is no socket.
pub fn listen(name: &str, path: &Path) -> io::Result<UnixListener> {
    if let Some(handed_over) = handed_over(name)? {
        return Ok(handed_over);
    }
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => {}
        Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut unnamed = path.as_os_str().to_owned();
    unnamed.push(".new");
    match fs::remove_file(&unnamed) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(&unnamed)?;
    fs::rename(&unnamed, path)?;
    Ok(listener)
}

#[expect(unsafe_code, reason = "a descriptor inherited from the former image has no owner in this one yet")]
fn handed_over(name: &str) -> io::Result<Option<UnixListener>> {
    // An error says that nothing was handed to this process.
    let Ok(mut all) = sd_notify::listen_fds_with_names() else { return Ok(None) };
    let Some((descriptor, _)) = all.find(|(_, found)| found == name) else { return Ok(None) };
    // SAFETY: the service manager's contract: open, ours, and taken once per name.
    Ok(Some(unsafe { OwnedFd::from_raw_fd(descriptor) }.into()))
}

/// The uid at the other end of a connected Unix socket, as the kernel says (`SO_PEERCRED`).
///
/// # Errors
/// When the socket is not connected.
pub fn peer_uid(socket: &impl AsFd) -> io::Result<u32> {
    Ok(rustix::net::sockopt::socket_peercred(socket)?.uid.as_raw())
}

/// The uid that may connect: the configured one, else the one this process runs under.
#[must_use]
pub fn allowed_uid(configured: Option<u32>) -> u32 {
    configured.unwrap_or_else(|| rustix::process::geteuid().as_raw())
}

/// Requires of a socket this process connected that nobody else listens there: the configured uid, else its
/// own. The kernel names the one who called `listen(2)`, which with socket activation is the service manager.
///
/// # Errors
/// [`io::ErrorKind::PermissionDenied`] for another uid's process; nothing has been sent to it.
pub fn require_listener(socket: &impl AsFd, configured: Option<u32>) -> io::Result<()> {
    let found = peer_uid(socket)?;
    if found == allowed_uid(configured) || found == SERVICE_MANAGER {
        return Ok(());
    }
    let what = format!("found a process of uid {found} listening, expected {}", allowed_uid(configured));
    Err(io::Error::new(io::ErrorKind::PermissionDenied, what))
}

/// systemd's own uid. Whoever has it needs no socket to reach anything here.
const SERVICE_MANAGER: u32 = 0;

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::{allowed_uid, listen, peer_uid};

    #[test]
    fn a_stale_socket_gives_way_and_a_file_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("screen");
        drop(listen("screen", &path).expect("binds"));
        let listener = listen("screen", &path).expect("binds again over the stale one");
        UnixStream::connect(&path).expect("reaches the new one");
        drop(listener);
        std::fs::remove_file(&path).expect("was there");
        std::fs::write(&path, b"kept").expect("writes");
        assert!(listen("screen", &path).is_err());
        assert_eq!(std::fs::read(&path).expect("still there"), b"kept");
        assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 1, "nothing else is left");
    }

    #[test]
    fn the_kernel_names_the_uid_of_the_peer() {
        let (one, _two) = UnixStream::pair().expect("a pair");
        assert_eq!(peer_uid(&one).expect("connected"), allowed_uid(None));
        assert_eq!(allowed_uid(Some(12_345)), 12_345);
    }
}
