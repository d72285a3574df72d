//! A pcscd of the bench's own, with two virtual readers, beside whatever pcscd the machine runs.
//!
//! It listens on a socket of its own and never sees real readers or the default instance's files: where the
//! kernel allows it (as root, or through a user namespace) it runs in a mount namespace in which `/run/pcscd`
//! and the USB drivers are empty, and in a network namespace. vpcd listens on all addresses of the network it
//! is in; in one of its own, nobody else reaches it. Where the kernel forbids that, ports of the machine are
//! used, open to whoever reaches the machine as long as the bench runs, and a warning is logged. It knows
//! nothing of cards; its [`Slot`]s do.
//!
//! The socket is made here and handed over as systemd does it, so that clients can connect before pcscd runs.
//! pcscd ends with the process that started it, however that one ends.

mod door;
mod keys;
mod namespace;
mod shared;

use std::{
    env,
    ffi::OsString,
    fs, io,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::{
        fd::OwnedFd,
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr as UnixAddress, UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

use self::{
    door::{Door, Doors},
    namespace::Namespace,
};
pub use self::{
    keys::{Finger, Keys},
    shared::of_process,
};
use crate::{card::Slot, opensc};

/// Names PC/SC gives the two readers.
pub const READERS: [&str; 2] = ["Test Reader 00 00", "Test Reader 00 01"];
const FRIENDLY_NAME: &str = "Test Reader";
/// vpcd, where Debian puts it.
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/// Where the machine's own pcscd listens.
const DEFAULT_SOCKET: &str = "/run/pcscd/pcscd.comm";
/// vpcd's own choice of its first port, for a network where nobody else takes it.
const PORT: u16 = 35_963;
/// Below the range from which the kernel takes ports for outgoing connections.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// How often another pair of ports is tried.
const ATTEMPTS: usize = 20;
/// How long pcscd may take until it answers.
const START: Duration = Duration::from_secs(20);
/// What pcscd writes when vpcd could not listen.
const PORT_TAKEN: &str = "Could not initialize connection";

/// A private pcscd; it stops when dropped.
pub struct Pcscd {
    folder: PathBuf,
    namespace: Namespace,
    doors: Doors,
    port: u16,
    /// Of the machine's network, when there is none of its own.
    _ports: Option<Ports>,
    slots: [Slot; 2],
    running: Option<Running>,
    keys: Option<Keys>,
}

/// Why there is no private pcscd.
#[derive(Debug, thiserror::Error)]
pub enum PcscdError {
    /// A program or driver is not installed.
    #[error("{0} is missing: install pcscd and vsmartcard-vpcd")]
    Missing(PathBuf),
    /// A file, socket or process cannot be made.
    #[error("{what}: {source}")]
    System {
        /// What was being done.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// It did not answer; its log says why.
    #[error("pcscd does not answer: {source}; its log: {log}")]
    NoAnswer {
        /// What came instead.
        source: io::Error,
        /// Its log.
        log: String,
    },
    /// It could not be kept apart from the pcscd that the machine runs.
    #[error("this machine runs a pcscd and allows no namespaces: stop it, or allow unshare(1)")]
    DefaultInstance,
    /// No two free ports were found.
    #[error("no two free ports between {} and {}", PORTS.start, PORTS.end)]
    NoPorts,
}

impl Pcscd {
    /// Starts one that keeps its files in `folder`, and answers when it is ready.
    ///
    /// # Errors
    /// [`PcscdError`].
    pub fn start(folder: &Path) -> Result<Self, PcscdError> {
        fs::create_dir_all(folder).map_err(system("make the folder of pcscd"))?;
        let folder = folder.canonicalize().map_err(system("find the folder of pcscd"))?;
        fs::create_dir_all(folder.join("readers")).map_err(system("make the folder of readers"))?;
        fs::write(folder.join("opensc.conf"), opensc::CONFIGURATION).map_err(system("write opensc.conf"))?;
        let namespace = Namespace::possible();
        if let Namespace::Apart(_) = namespace {
            let mut pcscd = Self::new(folder, namespace, None);
            return if pcscd.run()? { Ok(pcscd) } else { Err(PcscdError::NoPorts) };
        }
        log::warn!(
            "pcscd has no network of its own: its readers' ports are open to whoever reaches this machine"
        );
        for _ in 0..ATTEMPTS {
            let mut pcscd = Self::new(folder.clone(), namespace, Some(Ports::reserve()?));
            if pcscd.run()? {
                return Ok(pcscd);
            }
        }
        Err(PcscdError::NoPorts)
    }

    fn new(folder: PathBuf, namespace: Namespace, ports: Option<Ports>) -> Self {
        let doors = Doors::default();
        let inside = matches!(namespace, Namespace::Apart(_));
        let port = ports.as_ref().map_or(PORT, |ports| ports.first);
        let slots = [port, port + 1].map(|port| {
            let doors = Arc::clone(&doors);
            Slot::new(move || match inside {
                true => door::connect(&doors, port),
                false => TcpStream::connect((Ipv4Addr::LOCALHOST, port)),
            })
        });
        Self { folder, namespace, doors, port, _ports: ports, slots, running: None, keys: None }
    }

    /// Whether it has a network of its own, so that its readers are reached through their slots only.
    #[must_use]
    pub fn is_apart(&self) -> bool {
        matches!(self.namespace, Namespace::Apart(_))
    }

    /// The slot of the first or second reader, 0 or 1.
    ///
    /// # Panics
    /// With any other number.
    #[must_use]
    pub fn slot(&self, reader: usize) -> &Slot {
        &self.slots[reader]
    }

    /// Where it listens: `PCSCLITE_CSOCK_NAME` of its clients.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.join("pcscd.comm")
    }

    /// Gives both readers keys for a PIN, for clients that are told [`Self::env`] from now on.
    ///
    /// # Errors
    /// [`PcscdError::System`]
    pub fn put_keys(&mut self) -> Result<&Keys, PcscdError> {
        let keys = Keys::start(&self.socket(), self.folder.join("keys.comm"));
        Ok(self.keys.insert(keys.map_err(system("make keys for the readers"))?))
    }

    /// The readers' keys, where they were given any.
    #[must_use]
    pub fn keys(&self) -> Option<&Keys> {
        self.keys.as_ref()
    }

    /// What it wrote.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.join("pcscd.log")
    }

    /// Variables with which a program uses this pcscd, and OpenSC sees AKİS cards.
    #[must_use]
    pub fn env(&self) -> Vec<(&'static str, OsString)> {
        let socket = self.keys.as_ref().map_or_else(|| self.socket(), |keys| keys.socket().to_owned());
        vec![("PCSCLITE_CSOCK_NAME", socket.into()), ("OPENSC_CONF", self.folder.join("opensc.conf").into())]
    }

    /// Ends it as a crash does: readers and cards are gone for its clients, who get "no service".
    pub fn stop(&mut self) {
        self.running = None;
        let _ = fs::remove_file(self.socket());
    }

    /// Starts it again after [`Self::stop`]; cards that stayed in their slots are seen again.
    ///
    /// # Errors
    /// [`PcscdError`], also when another program took a port meanwhile.
    pub fn restart(&mut self) -> Result<(), PcscdError> {
        self.stop();
        if !self.run()? {
            return Err(PcscdError::NoPorts);
        }
        for slot in &self.slots {
            slot.reader_is_back().map_err(system("plug the card in again"))?;
        }
        Ok(())
    }

    /// False when another program holds a port.
    fn run(&mut self) -> Result<bool, PcscdError> {
        let driver = Path::new(DRIVER);
        if !driver.exists() {
            return Err(PcscdError::Missing(driver.to_owned()));
        }
        let readers = format!(
            "FRIENDLYNAME \"{FRIENDLY_NAME}\"\nDEVICENAME /dev/null:{0}\nLIBPATH {DRIVER}\nCHANNELID {0}\n",
            self.port
        );
        fs::write(self.folder.join("readers/vpcd"), readers).map_err(system("write the reader's file"))?;
        let running = Running::start(self.namespace, &self.folder, &self.socket(), &self.doors)?;
        let answered = handshake(&self.socket());
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        if log.contains(PORT_TAKEN) {
            return Ok(false);
        }
        answered.map_err(|source| PcscdError::NoAnswer { source, log })?;
        self.running = Some(running);
        Ok(true)
    }
}

fn system(what: &'static str) -> impl Fn(io::Error) -> PcscdError {
    move |source| PcscdError::System { what, source }
}

/// The process; it is killed when dropped.
struct Running {
    script: Child,
    doors: Doors,
}

impl Running {
    fn start(namespace: Namespace, folder: &Path, socket: &Path, doors: &Doors) -> Result<Self, PcscdError> {
        let _ = fs::remove_file(socket);
        let listener = UnixListener::bind(socket).map_err(system("bind the socket of pcscd"))?;
        let log = fs::File::create(folder.join("pcscd.log")).map_err(system("open the log of pcscd"))?;
        // Without a namespace pcscd writes its pid file where the default instance has its own.
        if namespace == Namespace::Shared && Path::new(DEFAULT_SOCKET).exists() {
            return Err(PcscdError::DefaultInstance);
        }
        let (inside, outside) = UnixStream::pair().map_err(system("make a line to the shell"))?;
        let mut command = namespace.script(&folder.join("readers"), &find("pcscd")?);
        command
            .stdin(Stdio::from(OwnedFd::from(listener)))
            .stdout(log)
            .stderr(Stdio::from(OwnedFd::from(inside)));
        let script = command.spawn().map_err(system("start pcscd"))?;
        let door = Door::new(&script, outside);
        // From here on it is ended by its door.
        let running = Self { script, doors: Arc::clone(doors) };
        *running.door() = Some(door.map_err(system("hold the shell of pcscd"))?);
        Ok(running)
    }

    fn door(&self) -> MutexGuard<'_, Option<Door>> {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        *self.door() = None;
        let _ = self.script.wait();
    }
}

/// A pair of ports nobody else of the bench takes while it lives.
struct Ports {
    first: u16,
    /// An abstract socket of that name: gone with the process, known to all in this network namespace.
    _claim: UnixListener,
}

impl Ports {
    fn reserve() -> Result<Self, PcscdError> {
        use rand::Rng;
        let pairs = (PORTS.end - PORTS.start) / 2;
        let start = rand::thread_rng().gen_range(0..pairs);
        (0..pairs)
            .map(|step| PORTS.start + 2 * ((start + step) % pairs))
            .find_map(|first| {
                let claim = UnixAddress::from_abstract_name(format!("eimza-testbench-vpcd-{first}")).ok()?;
                let claim = UnixListener::bind_addr(&claim).ok()?;
                // vpcd listens on all addresses.
                let free = [first, first + 1]
                    .map(|port| TcpListener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))));
                free.iter().all(Result::is_ok).then_some(Self { first, _claim: claim })
            })
            .ok_or(PcscdError::NoPorts)
    }
}

/// pcsc-lite's CMD_VERSION: pcscd answers it once its readers are up and not before.
fn handshake(socket: &Path) -> io::Result<()> {
    const CMD_VERSION: u32 = 0x11;
    /// Protocol 4.4 of pcsc-lite 1.9 and a place for the outcome.
    const VERSION: [u32; 3] = [4, 4, 0];
    let mut line = UnixStream::connect(socket)?;
    line.set_read_timeout(Some(START))?;
    let request =
        [12, CMD_VERSION].into_iter().chain(VERSION).flat_map(u32::to_ne_bytes).collect::<Vec<u8>>();
    line.write_all(&request)?;
    line.read_exact(&mut [0; 12])
}

/// pcscd lies in `/usr/sbin`, which is not in every user's path.
fn find(program: &str) -> Result<PathBuf, PcscdError> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .ok_or_else(|| PcscdError::Missing(program.into()))
}
