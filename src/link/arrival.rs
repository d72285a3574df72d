//! Tells when a socket may have come up, so that nobody has to ask again and again.
//!
//! It knows a path and inotify; whether anybody answers there is found out by its caller, who also keeps an
//! interval for what no change of the folder tells.

use std::{
    io,
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};

/// Changes in the folder of a socket; its descriptor is readable when there are some.
#[derive(Debug)]
pub struct Arrival(OwnedFd);

impl Arrival {
    /// Watches the socket's folder or, where that is missing, the nearest one above it. To be made before the
    /// socket is tried, and anew for each try: the folder itself may have come up meanwhile.
    ///
    /// # Errors
    /// When the kernel has no watch to give.
    pub fn watch(socket: &Path) -> io::Result<Self> {
        let changes = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        // pcscd binds, listens and then sets the mode: the last is the change that counts.
        let flags = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::ATTRIB;
        for folder in socket.ancestors().skip(1) {
            if inotify::add_watch(&changes, folder, flags).is_ok() {
                return Ok(Self(changes));
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }

    /// Forgets the changes there were; whether there were any.
    pub fn forget(&self) -> bool {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.0, &mut buffer);
        let mut any = false;
        while reader.next().is_ok() {
            any = true;
        }
        any
    }
}

impl AsFd for Arrival {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl From<Arrival> for OwnedFd {
    fn from(arrival: Arrival) -> Self {
        arrival.0
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::Arrival;

    #[test]
    fn a_socket_that_comes_up_is_a_change_and_so_is_its_folder() {
        let top = tempfile::tempdir().expect("a folder");
        let socket = top.path().join("run").join("signer");
        let arrival = Arrival::watch(&socket).expect("watches what is there");
        assert!(!arrival.forget());
        std::fs::create_dir(top.path().join("run")).expect("made");
        assert!(arrival.forget());
        let arrival = Arrival::watch(&socket).expect("watches the folder now");
        let _listener = UnixListener::bind(&socket).expect("bound");
        assert!(arrival.forget());
        assert!(!arrival.forget());
    }
}
