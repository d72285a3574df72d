//! A folder with a sound configuration, `kioskd` running on it, and a screen that speaks its link.

use std::{
    fs,
    io::{self, Read, Write},
    os::unix::net::{UnixDatagram, UnixStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use eimza_kiosk::link::{
    arrival::Arrival,
    codec::{self, CodecError},
    intent::{Intent, Touch},
    view::View,
};
use tempfile::TempDir;

/// Nothing here takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder with a configuration. The reader service it names is never there.
pub(crate) struct Office {
    folder: TempDir,
}

impl Office {
    /// A sound configuration.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = rcgen::generate_simple_self_signed(vec!["root.invalid".to_owned()]).unwrap();
        fs::write(folder.path().join("roots.pem"), root.cert.pem()).unwrap();
        let office = Self { folder };
        office.configure(|text| text);
        office
    }

    /// Writes the configuration, changed.
    pub(crate) fn configure(&self, change: impl FnOnce(String) -> String) {
        let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/meb.toml");
        let sound = format!(
            "[office]\nname = \"DENEME Ofisi\"\nhelp_phone = \"444 0 000\"\nhelp_email = \"a@example.invalid\"\n\
             [portal]\nprofile = {profile:?}\nca_roots = [\"roots.pem\"]\n\
             [links]\nscreen = \"screen\"\nsigner = \"signer\"\npin = \"pin\"\nsubmission_flag = \"in-flight\"\n\
             [token]\nmodule = \"module.so\"\n\
             [rules]\nidle_s = 60\n"
        );
        fs::write(self.file("kiosk.toml"), change(sound)).unwrap();
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `kioskd` with these arguments, logging into the folder, away from any reader.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kioskd"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("PCSCLITE_CSOCK_NAME", self.file("pcscd.comm"))
            .env("KIOSK_LOG", "debug")
            .env_remove("JOURNAL_STREAM")
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::options().create(true).append(true).open(self.file("log")).unwrap());
        command
    }

    /// Starts `kioskd` and waits until it says that it is ready.
    pub(crate) fn start(&self) -> Kiosk {
        let (kiosk, notices) = self.start_notifying(&[]);
        let mut ready = [0; 64];
        let length = notices.recv(&mut ready).expect("ready in time");
        assert_eq!(&ready[..length], b"READY=1\n");
        kiosk
    }

    /// Starts `kioskd` with these variables as a service manager does, which hears it.
    pub(crate) fn start_notifying(&self, variables: &[(&str, &str)]) -> (Kiosk, UnixDatagram) {
        let socket = self.file("notify");
        let _ = fs::remove_file(&socket);
        let notices = UnixDatagram::bind(&socket).unwrap();
        notices.set_read_timeout(Some(PATIENCE)).unwrap();
        let child = self
            .command(&["--config", "kiosk.toml"])
            .env("NOTIFY_SOCKET", &socket)
            .envs(variables.iter().copied())
            .spawn()
            .unwrap();
        (Kiosk { child }, notices)
    }

    /// A screen connects as soon as somebody listens.
    pub(crate) fn screen(&self) -> Screen {
        let path = self.file("screen");
        loop {
            let arrival = Arrival::watch(&path).unwrap();
            if let Ok(socket) = UnixStream::connect(&path) {
                socket.set_read_timeout(Some(PATIENCE)).unwrap();
                return Screen { socket };
            }
            wait_for(&arrival);
        }
    }

    /// Waits until a file of the folder says what is wanted.
    pub(crate) fn says(&self, name: &str, wanted: impl Fn(&str) -> bool) -> String {
        let path = self.file(name);
        loop {
            let arrival = Arrival::watch(&path).unwrap();
            if let Ok(text) = fs::read_to_string(&path)
                && wanted(&text)
            {
                return text;
            }
            wait_for(&arrival);
        }
    }

    /// What was logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    /// Files left that a former `kioskd` could be known by.
    pub(crate) fn marks(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names
            .filter_map(|name| name.into_string().ok())
            .filter(|name| name.starts_with("in-flight"))
            .collect()
    }
}

fn wait_for(arrival: &Arrival) {
    let mut changes = [rustix::event::PollFd::new(arrival, rustix::event::PollFlags::IN)];
    let patience = rustix::event::Timespec { tv_sec: 20, tv_nsec: 0 };
    assert_ne!(rustix::event::poll(&mut changes, Some(&patience)).unwrap(), 0, "nothing comes");
}

/// A running `kioskd`; killed when dropped.
pub(crate) struct Kiosk {
    child: Child,
}

impl Kiosk {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to go.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap()
    }

    /// `kill -9`
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for it to end by itself.
    pub(crate) fn end(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The screen's end of its link.
pub(crate) struct Screen {
    pub(crate) socket: UnixStream,
}

impl Screen {
    /// The next view.
    pub(crate) fn view(&mut self) -> View {
        codec::read(&mut self.socket).expect("a view in time")
    }

    /// Views until one that is wanted.
    pub(crate) fn until(&mut self, wanted: impl Fn(&View) -> bool) -> View {
        loop {
            let view = self.view();
            if wanted(&view) {
                return view;
            }
        }
    }

    /// Touches the page that is shown.
    pub(crate) fn touch(&mut self, serial: u64, intent: Intent) {
        codec::write(&mut self.socket, &Touch { serial, intent }).unwrap();
    }

    /// Bytes that are no frame.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).unwrap();
    }

    /// Whether the other end closes the connection, whatever it sends before.
    pub(crate) fn is_closed(&mut self) -> bool {
        loop {
            match codec::read::<View>(&mut self.socket) {
                Ok(_) => {}
                Err(CodecError::Closed) => return true,
                Err(CodecError::Io(error)) => return error.kind() == io::ErrorKind::ConnectionReset,
                Err(CodecError::Oversize { .. } | CodecError::Malformed) => return false,
            }
        }
    }

    /// All bytes until the other end closes.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let closed = self.socket.read_to_end(&mut bytes);
        assert!(closed.is_ok(), "it is still open after {} bytes: {closed:?}", bytes.len());
        bytes
    }
}
