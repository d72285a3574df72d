//! Another user of the same machine, at each of the three sockets.
//!
//! The kernel tells whose process connects; only the superuser can become somebody else to try it. Under any
//! other user the same checks are tried the other way round, by a configuration that expects a stranger:
//! `tests/supervisor/screen.rs`, `tests/signer/start.rs`, `tests/signer/dialogue.rs`.

use std::{
    fs, io,
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::{Path, PathBuf},
    time::Instant,
};

use eimza_kiosk::link::{
    arrival::Arrival,
    codec::{self, CodecError},
    pin::{self, Pin, Verdict},
    signer::{Answer, Call, Request, RequestId},
    view::View,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use testbench::launcher::{Launcher, Program};

use crate::{
    bench::{Bench, Way},
    kiosk::PATIENCE,
};

const STRANGER: libc::uid_t = 54_321;

/// Does something in a thread that belongs to another user: on Linux a user is a thread's own.
#[expect(unsafe_code, reason = "the C library's setresuid changes all threads, the kernel's this one alone")]
pub(crate) fn as_stranger<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::spawn(move || {
        // SAFETY: a system call with three plain numbers.
        let changed = unsafe { libc::syscall(libc::SYS_setresuid, STRANGER, STRANGER, STRANGER) };
        assert_eq!(changed, 0, "{}", io::Error::last_os_error());
        what()
    })
    .join()
    .unwrap()
}

fn connect(path: &Path) -> UnixStream {
    let socket = UnixStream::connect(path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

fn ask_signer(path: &Path) -> io::Result<()> {
    let mut socket = connect(path);
    codec::write(&mut socket, &Call { number: 1, request: Request::CardOut }).map_err(of_socket)?;
    codec::read::<Answer>(&mut socket).map(|_| ()).map_err(of_socket)
}

fn send_pin(path: &Path) -> io::Result<Verdict> {
    let mut typed = Pin::new()?;
    for digit in [9, 0, 4, 7, 1, 3] {
        typed.push(digit);
    }
    pin::send(&mut connect(path), RequestId([0; 16]), &[[0; 32]], false, &typed)
}

fn see_screen(path: &Path) -> io::Result<View> {
    codec::read(&mut connect(path)).map_err(of_socket)
}

#[test]
fn another_users_process_is_heard_at_none_of_the_sockets() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let mut bench = Bench::new(Way::Akis, None);
    let mut launcher = Launcher::new(&bench.path("logs")).unwrap();
    launcher
        .start(Program {
            name: "kioskd",
            path: testbench::programs::built().join("kioskd"),
            arguments: vec!["--config".into(), bench.path("kiosk.toml").into()],
            environment: Vec::new(),
        })
        .unwrap();
    let [screen, signer, pin]: [PathBuf; 3] = ["screen", "signer", "pin"].map(|name| bench.path(name));
    await_socket(&screen);
    // The folder's and the sockets' modes keep strangers out already; here the processes have to.
    fs::set_permissions(bench.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    for socket in [&screen, &signer, &pin] {
        fs::set_permissions(socket, fs::Permissions::from_mode(0o777)).unwrap();
    }

    let path = screen.clone();
    assert!(turned_away(as_stranger(move || see_screen(&path))));
    assert!(see_screen(&screen).is_ok(), "the screen's own user sees a view");

    let path = pin.clone();
    assert!(turned_away(as_stranger(move || send_pin(&path))));
    assert_eq!(send_pin(&pin).unwrap(), Verdict::NoSuchRequest);

    // The signer serves one link at a time, so the one there is goes first.
    bench.lose_kioskd_for_good();
    let path = signer.clone();
    assert!(turned_away(as_stranger(move || ask_signer(&path))));
    assert!(ask_signer(&signer).is_ok(), "kioskd's own user is answered");
}

/// `kioskd` binds its socket after it has read its files.
fn await_socket(path: &Path) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let arrival = Arrival::watch(path).unwrap();
        if path.exists() {
            return;
        }
        assert!(Instant::now() < deadline, "no {}", path.display());
        let moment = Timespec { tv_sec: 1, tv_nsec: 0 };
        poll(&mut [PollFd::new(&arrival, PollFlags::IN)], Some(&moment)).unwrap();
    }
}

/// Turned away rather than kept waiting.
fn turned_away<T>(result: Result<T, io::Error>) -> bool {
    result.is_err_and(|error| {
        use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
        [BrokenPipe, ConnectionReset, UnexpectedEof].contains(&error.kind())
    })
}

fn of_socket(error: CodecError) -> io::Error {
    match error {
        CodecError::Closed => io::ErrorKind::UnexpectedEof.into(),
        CodecError::Io(error) => error,
        other @ (CodecError::Oversize { .. } | CodecError::Malformed) => io::Error::other(other),
    }
}
