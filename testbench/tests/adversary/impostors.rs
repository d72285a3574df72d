//! Another user of the same machine, listening where one of the three processes should.
//!
//! The kernel says who listens; only the superuser can become somebody else to try it. That the folders of the
//! sockets let nobody else put one there is the installation's business.

use std::{
    fs,
    io::Read,
    os::unix::{fs::PermissionsExt, net::UnixListener},
    path::{Path, PathBuf},
    time::Instant,
};

use eimza_kiosk::link::signer::{RequestId, TriesLeft};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use testbench::launcher::{Launcher, Program};

use crate::{
    bench::{Bench, FORM, PKI, Way},
    kiosk::{Kiosk, PATIENCE, pin_page},
    strangers::as_stranger,
};

/// A socket that another user listens on, in the place of whatever is there.
fn usurp(path: PathBuf) -> UnixListener {
    let folder = path.parent().unwrap().to_owned();
    let let_in = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
    let _ = fs::remove_file(&path);
    let_in(0o777);
    let listener = as_stranger(move || UnixListener::bind(path).unwrap());
    let_in(0o755);
    listener
}

/// What the first one to connect says before it goes; it has to go.
fn told(listener: &UnixListener) -> Vec<u8> {
    let deadline = Instant::now() + PATIENCE;
    let moment = Timespec { tv_sec: 1, tv_nsec: 0 };
    while poll(&mut [PollFd::new(listener, PollFlags::IN)], Some(&moment)).unwrap() == 0 {
        assert!(Instant::now() < deadline, "nobody connects");
    }
    let (mut socket, _) = listener.accept().unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut heard = Vec::new();
    socket.read_to_end(&mut heard).expect("it goes again");
    heard
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn start(name: &'static str, program: &str, folder: &Path, arguments: &[&str]) -> Launcher {
    let mut launcher = Launcher::new(&folder.join("logs")).unwrap();
    let config = ["--config".into(), folder.join("kiosk.toml").into()];
    launcher
        .start(Program {
            name,
            path: testbench::programs::built().join(program),
            arguments: config.into_iter().chain(arguments.iter().map(Into::into)).collect(),
            environment: Vec::new(),
        })
        .unwrap();
    launcher
}

#[test]
fn a_pin_is_not_sent_to_another_user_who_listens_in_the_signers_place() {
    if !is_root() {
        return;
    }
    let bench = Bench::new(Way::Akis, None);
    let mut kiosk = Kiosk::start(&bench.path(""));
    kiosk.show(pin_page(RequestId([7; 16]), &[FORM], TriesLeft::Known(3)));
    kiosk.read();
    let impostor = usurp(bench.path("pin"));
    kiosk.type_and("904713", "Tamam");
    assert_eq!(told(&impostor), b"");
    kiosk.await_control("PIN imza birimine iletilemedi. Yeniden girin.");
}

#[test]
fn a_screen_does_not_listen_to_another_user_in_kioskds_place() {
    if !is_root() {
        return;
    }
    let bench = Bench::new(Way::Akis, None);
    let impostor = usurp(bench.path("screen"));
    let robot = bench.path("robot").display().to_string();
    let _screen = start("kiosk-ui", "kiosk-ui-headless", &bench.path(""), &["--robot", &robot]);
    assert_eq!(told(&impostor), b"");
}

#[test]
fn kioskd_asks_nothing_of_another_user_in_the_signers_place() {
    if !is_root() {
        return;
    }
    let bench = Bench::new(Way::Akis, None);
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../profiles/meb.toml");
    fs::copy(profile, bench.path("profile.toml")).unwrap();
    fs::write(bench.path("ca.pem"), PKI.tls_ca_pem()).unwrap();
    let impostor = usurp(bench.path("signer"));
    let _kioskd = start("kioskd", "kioskd", &bench.path(""), &[]);
    assert_eq!(told(&impostor), b"");
}
