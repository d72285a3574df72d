//! The way into pcscd's network namespace: connections that were made inside it.
//!
//! A socket keeps the namespace it was made in. The shell that starts pcscd makes one, and its descriptor is
//! taken from it; for this a process needs no right but to have started that shell. It knows nothing of what
//! is said on a connection.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::TcpStream,
    os::{
        fd::{OwnedFd, RawFd},
        unix::net::UnixStream,
    },
    process::Child,
    sync::{Arc, Mutex, PoisonError},
};

use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

/// Where the shell holds a connection.
const CONNECTION: RawFd = 5;

/// The line to the shell; the shell ends pcscd when it is dropped.
pub(super) struct Door {
    shell: OwnedFd,
    line: BufReader<UnixStream>,
}

/// The door of the pcscd that runs at the time, if any does.
pub(super) type Doors = Arc<Mutex<Option<Door>>>;

impl Door {
    pub(super) fn new(shell: &Child, line: UnixStream) -> io::Result<Self> {
        Ok(Self { shell: process(shell)?, line: BufReader::new(line) })
    }

    /// A connection to that port of loopback inside.
    fn connect(&mut self, port: u16) -> io::Result<TcpStream> {
        self.line.get_mut().write_all(format!("{port}\n").as_bytes())?;
        let mut answer = String::new();
        self.line.read_line(&mut answer)?;
        let connection = match answer.as_str() {
            "connected\n" => pidfd_getfd(&self.shell, CONNECTION, PidfdGetfdFlags::empty()),
            _ => Err(rustix::io::Errno::CONNREFUSED),
        };
        // The shell closes its own.
        self.line.get_mut().write_all(b"\n")?;
        Ok(connection?.into())
    }
}

/// A connection to that port through whatever door there is.
pub(super) fn connect(doors: &Doors, port: u16) -> io::Result<TcpStream> {
    let mut door = doors.lock().unwrap_or_else(PoisonError::into_inner);
    door.as_mut().ok_or(io::ErrorKind::NotConnected)?.connect(port)
}

/// A descriptor of a child.
pub(super) fn take(child: &Child, descriptor: RawFd) -> io::Result<OwnedFd> {
    Ok(pidfd_getfd(process(child)?, descriptor, PidfdGetfdFlags::empty())?)
}

fn process(child: &Child) -> io::Result<OwnedFd> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(pidfd_open(pid, PidfdFlags::empty())?)
}
