//! A `kiosk-token` with a SoftHSM token of its own, and the two peers that speak to it.

use std::{
    fs,
    io::{self, Read},
    os::unix::net::{UnixDatagram, UnixStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::LazyLock,
    time::Duration,
};

use eimza_kiosk::{
    card::{ReaderName, certificate::Certificate},
    link::{
        codec, new_pin,
        pin::{self, Pin, Verdict},
        signer::{Answer, Call, Fault, Fingerprint, Purpose, Reply, Request, RequestId, TriesLeft},
    },
    portal::SigningText,
};
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub(crate) const PIN: &str = "904713";
pub(crate) const WRONG: &str = "111222";
pub(crate) const NEW: &str = "735194";
/// What the software token's security officer logs in with.
pub(crate) const PUK: &str = "48151623";
/// Found in no log: see [`Signer`]'s drop.
pub(crate) const NAME: &str = "DENEME KAYIT";
pub(crate) const TIME: i64 = 1_790_000_000;
/// Far longer than anything here takes; a test that hangs ends by it.
const PATIENCE: Duration = Duration::from_secs(60);
const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

pub(crate) struct Identity {
    key_pem: String,
    pub(crate) certificate: Vec<u8>,
    pub(crate) pem: String,
}

pub(crate) static IDENTITY: LazyLock<Identity> = LazyLock::new(|| {
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
    let pair = rcgen::KeyPair::try_from(key.to_pkcs8_der().unwrap().as_bytes()).unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, NAME);
    params.key_usages = vec![rcgen::KeyUsagePurpose::ContentCommitment];
    let certificate = params.self_signed(&pair).unwrap();
    Identity {
        key_pem: key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string(),
        certificate: certificate.der().to_vec(),
        pem: certificate.pem(),
    }
});

/// A folder with a SoftHSM token and a configuration.
pub(crate) struct Home {
    folder: TempDir,
    ready: UnixDatagram,
}

impl Home {
    /// `change` edits the configuration's text.
    pub(crate) fn new(change: impl FnOnce(String) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("tokens")).unwrap();
        let tokens = path("tokens").display().to_string();
        fs::write(path("softhsm2.conf"), format!("directories.tokendir = {tokens}\nlog.level = ERROR\n"))
            .unwrap();
        fs::write(path("key.pem"), &IDENTITY.key_pem).unwrap();
        fs::write(path("certificate.der"), &IDENTITY.certificate).unwrap();
        let config = CONFIG.replace("MODULE", MODULE);
        fs::write(path("kiosk.toml"), change(config)).unwrap();
        let ready = UnixDatagram::bind(path("notify")).unwrap();
        ready.set_read_timeout(Some(PATIENCE)).unwrap();
        let home = Self { folder, ready };
        home.tool(
            "softhsm2-util",
            &["--init-token", "--free", "--label", "deneme", "--so-pin", PUK, "--pin", PIN],
        );
        let key = home.path("key.pem").display().to_string();
        home.tool(
            "softhsm2-util",
            &["--import", &key, "--token", "deneme", "--label", "nes", "--id", "45", "--pin", PIN],
        );
        let certificate = home.path("certificate.der").display().to_string();
        home.tool(
            "pkcs11-tool",
            &[
                "--module",
                MODULE,
                "--token-label",
                "deneme",
                "--login",
                "--pin",
                PIN,
                "--write-object",
                &certificate,
                "--type",
                "cert",
                "--id",
                "45",
                "--label",
                "nes",
            ],
        );
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn tool(&self, program: &str, arguments: &[&str]) {
        let ran = Command::new(program)
            .args(arguments)
            .env("SOFTHSM2_CONF", self.path("softhsm2.conf"))
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
    }

    pub(crate) fn spawn(&self) -> Child {
        let log = fs::File::create(self.path("log")).unwrap();
        Command::new(env!("CARGO_BIN_EXE_kiosk-token"))
            .arg("--config")
            .arg(self.path("kiosk.toml"))
            .env("SOFTHSM2_CONF", self.path("softhsm2.conf"))
            .env("NOTIFY_SOCKET", self.path("notify"))
            .env_remove("JOURNAL_STREAM")
            .env("KIOSK_LOG", "trace")
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Runs it until it ends by itself; its status and its log.
    pub(crate) fn run_to_the_end(&self) -> (ExitStatus, String) {
        let status = self.spawn().wait().unwrap();
        (status, self.log())
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }

    /// Waits for `READY=1`.
    pub(crate) fn await_ready(&self) {
        let mut message = [0; 64];
        let length = self.ready.recv(&mut message).expect("READY=1 within the patience");
        assert!(message[..length].starts_with(b"READY=1"));
    }
}

/// A running signer and `kioskd`'s end of its link.
pub(crate) struct Signer {
    pub(crate) home: Home,
    process: Child,
    link: UnixStream,
    numbers: u64,
}

impl Drop for Signer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            return;
        }
        let log = self.home.log();
        assert!(log.contains("ready"), "the log is read at all");
        for personal in [PIN, WRONG, NEW, PUK, NAME, "ADRES"] {
            assert!(!log.contains(personal), "{personal} is in the log:\n{log}");
        }
    }
}

impl Signer {
    pub(crate) fn start() -> Self {
        Self::with(Home::new(|config| config))
    }

    pub(crate) fn with(home: Home) -> Self {
        let process = home.spawn();
        home.await_ready();
        let link = connect(&home.path("signer"));
        Self { home, process, link, numbers: 0 }
    }

    /// Sends a call, without waiting.
    pub(crate) fn call(&mut self, request: Request) -> u64 {
        self.numbers += 1;
        codec::write(&mut self.link, &Call { number: self.numbers, request }).unwrap();
        self.numbers
    }

    pub(crate) fn answer(&mut self) -> Answer {
        codec::read(&mut self.link).unwrap()
    }

    pub(crate) fn ask(&mut self, request: Request) -> Result<Reply, Fault> {
        let number = self.call(request);
        let answer = self.answer();
        assert_eq!(answer.number, number);
        answer.result
    }

    pub(crate) fn read_card(&mut self) -> Result<Reply, Fault> {
        self.ask(Request::ReadCard { reader: ReaderName("any reader".to_owned()), atr: vec![0x3B] })
    }

    /// Reads the card and prepares a request for these texts.
    pub(crate) fn prepare(&mut self, texts: &[&str]) -> (RequestId, TriesLeft) {
        self.read_card().unwrap();
        match self.ask(prepare(texts, 60_000)) {
            Ok(Reply::Prepared { request, tries }) => (request, tries),
            other => panic!("not prepared: {other:?}"),
        }
    }

    /// The screen's part: the PIN for texts it has shown.
    pub(crate) fn type_pin(
        &self,
        request: RequestId,
        shown: &[&str],
        pin: &str,
        last: bool,
    ) -> io::Result<Verdict> {
        let digests: Vec<[u8; 32]> = shown.iter().map(|text| Sha256::digest(text).into()).collect();
        let mut typed = Pin::new().unwrap();
        for digit in pin.bytes() {
            assert!(typed.push(digit - b'0'));
        }
        pin::send(&mut connect(&self.home.path("pin")), request, &digests, last, &typed)
    }

    /// The screen's part where the PIN is given another.
    pub(crate) fn type_new_pin(&self, request: RequestId, old: Option<&str>, new: &str) -> Verdict {
        let typed = |digits: &str| Pin::of_digits(digits.as_bytes()).unwrap();
        let (old, new) = (old.map(typed), typed(new));
        let mut socket = connect(&self.home.path("pin"));
        new_pin::send(&mut socket, request, false, old.as_ref(), &new).unwrap()
    }

    /// The link is closed, the image replaced and ready; a new link to it.
    pub(crate) fn await_new_image(&mut self) {
        let mut rest = [0];
        assert_eq!(self.link.read(&mut rest).unwrap(), 0, "the link ends");
        self.home.await_ready();
        self.link = connect(&self.home.path("signer"));
    }

    /// `kioskd` dies; its successor connects.
    pub(crate) fn lose_kioskd(&mut self) {
        self.link.shutdown(std::net::Shutdown::Both).unwrap();
        self.home.await_ready();
        self.link = connect(&self.home.path("signer"));
    }

    pub(crate) fn write_to_link(&mut self, bytes: &[u8]) {
        io::Write::write_all(&mut self.link, bytes).unwrap();
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }
}

pub(crate) fn connect(path: &Path) -> UnixStream {
    let socket = UnixStream::connect(path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

pub(crate) fn fingerprint() -> Fingerprint {
    Certificate::parse(&IDENTITY.certificate).unwrap().fingerprint()
}

pub(crate) fn prepare(texts: &[&str], life_ms: u64) -> Request {
    Request::Prepare {
        purpose: Purpose::Application,
        texts: texts.iter().map(|text| SigningText(text.as_bytes().to_vec())).collect(),
        certificate: fingerprint(),
        signing_time: TIME,
        life_ms,
    }
}

/// What OpenSSL finds inside an envelope that it accepts.
pub(crate) fn opened_by_openssl(folder: &Path, envelope: &[u8]) -> Vec<u8> {
    let path = |name: &str| folder.join(name);
    fs::write(path("in.p7s"), envelope).unwrap();
    fs::write(path("ca.pem"), &IDENTITY.pem).unwrap();
    let ran = Command::new("openssl")
        .args(["cms", "-verify", "-cades", "-inform", "der", "-binary", "-in"])
        .arg(path("in.p7s"))
        .arg("-CAfile")
        .arg(path("ca.pem"))
        .output()
        .unwrap();
    assert!(ran.status.success(), "openssl: {}", String::from_utf8_lossy(&ran.stderr));
    ran.stdout
}

const CONFIG: &str = r#"
[office]
name = "Deneme"
help_phone = "000"
help_email = "deneme@ornek.invalid"
[portal]
profile = "profile.toml"
ca_roots = ["ca.pem"]
[links]
screen = "screen"
signer = "signer"
pin = "pin"
submission_flag = "flag"
[token]
module = "MODULE"
label = "deneme"
"#;
