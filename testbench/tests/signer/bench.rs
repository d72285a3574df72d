//! One reader with one card, a `kiosk-token` on it, and the two peers that speak to it.
//!
//! Longer than others: one bench serves every way to a card, so that no test has one of its own.

use std::{
    fs,
    io::Read,
    os::unix::net::{UnixDatagram, UnixStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::LazyLock,
    time::Duration,
};

use eimza_kiosk::{
    card::{ReaderName, certificate::Certificate},
    link::{
        codec,
        keypad::{self, Heard, Question},
        pin::{self, Pin, Verdict},
        signer::{Answer, Call, Fault, Purpose, Reply, Request, RequestId, TriesLeft},
    },
    portal::SigningText,
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use testbench::{
    card::{
        Card, Event, Slot,
        fault::{self, CardFault},
    },
    pcscd::{Pcscd, READERS},
    pki::Pki,
    visitor::Visitor,
};

pub(crate) use crate::way::Way;

pub(crate) const FORM: &str = "Aşağıda yazılı bütün bilgilerin doğru olduğunu,\nADRES: Deneme Mah. 1/2\n";
pub(crate) const UNDERTAKING: &str = "TAAHHÜTNAME FORM-001-042\r\n";
/// Far longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Set in a child: what it waits for.
const AWAITED: &str = "SIGNER_TEST_AWAITED";

/// Its RSA keys cost seconds, so the tests share it.
pub(crate) static PKI: LazyLock<Pki> =
    LazyLock::new(|| Pki::generate(jiff::Timestamp::now().as_second()).unwrap());

pub(crate) struct Bench {
    folder: TempDir,
    pub(crate) pcscd: Pcscd,
    pub(crate) visitor: Visitor,
    pub(crate) card: Card,
    ready: UnixDatagram,
    process: Child,
    link: UnixStream,
    numbers: u64,
    pub(crate) signing_time: i64,
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            return;
        }
        let log = self.log();
        assert!(log.contains("ready"), "the log is read at all");
        for (name, value) in self.visitor.values() {
            assert!(!log.contains(value), "{name} is in the log:\n{log}");
        }
    }
}

impl Bench {
    pub(crate) fn new(way: Way, fault: Option<CardFault>) -> Self {
        Self::with(way, |visitor| fault::card_of(way.model(), &PKI, visitor, fault).unwrap(), 20_000)
    }

    /// A card of its own kind, and how long a call into the module may take.
    pub(crate) fn with(way: Way, card: impl FnOnce(&Visitor) -> Card, call_deadline_ms: u64) -> Self {
        Self::on(|folder| Pcscd::start(folder).unwrap(), way, card, call_deadline_ms)
    }

    /// Readers with keys for the PIN.
    pub(crate) fn with_keys(way: Way, call_deadline_ms: u64) -> Self {
        let pcscd = |folder: &Path| {
            let mut pcscd = Pcscd::start(folder).unwrap();
            pcscd.put_keys().unwrap();
            pcscd
        };
        let card = |visitor: &_| fault::card_of(way.model(), &PKI, visitor, None).unwrap();
        Self::on(pcscd, way, card, call_deadline_ms)
    }

    fn on(
        pcscd: impl FnOnce(&Path) -> Pcscd,
        way: Way,
        card: impl FnOnce(&Visitor) -> Card,
        call_deadline_ms: u64,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pcscd = pcscd(&folder.path().join("pcscd"));
        let visitor = Visitor::generate(5);
        let card = card(&visitor);
        let config =
            CONFIG.replace("TOKEN", &way.config()).replace("DEADLINE", &call_deadline_ms.to_string());
        fs::write(folder.path().join("kiosk.toml"), config).unwrap();
        let ready = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        ready.set_read_timeout(Some(PATIENCE)).unwrap();
        let process = spawn(folder.path(), &pcscd);
        await_ready(&ready);
        let link = connect(&folder.path().join("signer"));
        let signing_time = jiff::Timestamp::now().as_second();
        let bench = Self { folder, pcscd, visitor, card, ready, process, link, numbers: 0, signing_time };
        bench.insert();
        bench
    }

    pub(crate) fn slot(&self) -> &Slot {
        self.pcscd.slot(0)
    }

    /// Puts the card in and waits until PC/SC has it, as `kioskd` does.
    pub(crate) fn insert(&self) {
        self.slot().insert(&self.card).unwrap();
        self.await_reader("full");
    }

    /// Waits until PC/SC says that the reader is `full` or `empty`. libpcsclite looks up its socket once per
    /// process, so this test program runs itself again with that of this bench's pcscd.
    pub(crate) fn await_reader(&self, wanted: &str) {
        let ran = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "bench::pcsc_client_in_a_process_of_its_own"])
            .env(AWAITED, wanted)
            .envs(self.pcscd.env())
            .output()
            .unwrap();
        assert!(ran.status.success(), "not {wanted}: {}", String::from_utf8_lossy(&ran.stdout));
    }

    /// Another PC/SC client.
    pub(crate) fn tool(&self, arguments: &[String]) -> Output {
        Command::new("opensc-tool").args(arguments).envs(self.pcscd.env()).output().unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }

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
        self.ask(Request::ReadCard { reader: ReaderName(READERS[0].to_owned()), atr: Vec::new() })
    }

    /// The certificates on the card.
    pub(crate) fn certificates(&mut self) -> Vec<Vec<u8>> {
        match self.read_card() {
            Ok(Reply::Card { certificates, .. }) => certificates,
            other => panic!("no card: {other:?}\n{}", self.log()),
        }
    }

    /// Reads the card and announces both texts.
    pub(crate) fn prepare(&mut self) -> (RequestId, TriesLeft) {
        let certificates = self.certificates();
        match self.announce(&certificates[0]) {
            Ok(Reply::Prepared { request, tries }) => (request, tries),
            other => panic!("not prepared: {other:?}\n{}", self.log()),
        }
    }

    /// Announces both texts for a certificate.
    pub(crate) fn announce(&mut self, certificate: &[u8]) -> Result<Reply, Fault> {
        self.ask(Request::Prepare {
            purpose: Purpose::Application,
            texts: [FORM, UNDERTAKING].map(|text| SigningText(text.as_bytes().to_vec())).into(),
            certificate: Certificate::parse(certificate).unwrap().fingerprint(),
            signing_time: self.signing_time,
            life_ms: 120_000,
        })
    }

    /// The screen's part.
    pub(crate) fn type_pin(&self, request: RequestId, pin: &str, accept_last_try: bool) -> Verdict {
        self.type_pin_for(request, &[FORM, UNDERTAKING], pin, accept_last_try)
    }

    /// The same for other texts.
    pub(crate) fn type_pin_for(
        &self,
        request: RequestId,
        shown: &[&str],
        pin: &str,
        accept_last_try: bool,
    ) -> Verdict {
        let digests: Vec<[u8; 32]> = shown.iter().map(|text| Sha256::digest(text).into()).collect();
        let mut typed = Pin::new().unwrap();
        for digit in pin.bytes() {
            assert!(typed.push(digit - b'0'));
        }
        let mut socket = connect(&self.path("pin"));
        pin::send(&mut socket, request, &digests, accept_last_try, &typed).unwrap()
    }

    /// The screen's part where the PIN is to be typed at the reader: what it hears.
    pub(crate) fn ask_at_reader(&self, request: RequestId) -> Heard {
        keypad::hear(&mut self.begin_at_reader(request, [FORM, UNDERTAKING], false)).unwrap()
    }

    /// The same; what it hears comes on the connection.
    pub(crate) fn begin_at_reader(
        &self,
        request: RequestId,
        shown: [&str; 2],
        accept_last_try: bool,
    ) -> UnixStream {
        let digests = shown.map(|text| Sha256::digest(text).into()).into();
        let mut socket = connect(&self.path("pin"));
        keypad::ask(&mut socket, &Question { request, digests, accept_last_try }).unwrap();
        socket
    }

    /// Prepares, types this PIN, and collects.
    pub(crate) fn sign_with(&mut self, pin: &str) -> Result<Reply, Fault> {
        let (request, _) = self.prepare();
        assert_eq!(self.type_pin(request, pin, false), Verdict::Accepted);
        self.ask(Request::Collect(request))
    }

    pub(crate) fn sign(&mut self) -> Result<Reply, Fault> {
        self.sign_with(&self.visitor.pin.clone())
    }

    pub(crate) fn wrong_pin(&self) -> String {
        self.visitor.pin.chars().rev().collect()
    }

    /// What OpenSSL finds in the envelopes, with the bench's authority as the root.
    pub(crate) fn opened(&self, result: Result<Reply, Fault>) -> Vec<String> {
        let Ok(Reply::Signed(envelopes)) = result else { panic!("{result:?}\n{}", self.log()) };
        fs::write(self.path("ca.pem"), PKI.ca_pem()).unwrap();
        let open = |envelope: &Vec<u8>| {
            fs::write(self.path("in.p7s"), envelope).unwrap();
            let ran = Command::new("openssl")
                .args(["cms", "-verify", "-cades", "-inform", "der", "-binary"])
                .args(["-in", "in.p7s", "-CAfile", "ca.pem"])
                .current_dir(self.folder.path())
                .output()
                .unwrap();
            assert!(ran.status.success(), "openssl: {}", String::from_utf8_lossy(&ran.stderr));
            String::from_utf8(ran.stdout).unwrap()
        };
        envelopes.iter().map(open).collect()
    }

    /// The process ends by itself; its status.
    pub(crate) fn await_end(&mut self) -> Option<i32> {
        let process = pidfd_open(Pid::from_child(&self.process), PidfdFlags::empty()).unwrap();
        let patience = Timespec::try_from(PATIENCE).unwrap();
        let ended = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&patience)).unwrap();
        assert_eq!(ended, 1, "it goes on instead of ending:\n{}", self.log());
        self.process.wait().unwrap().code()
    }

    /// Started again from the beginning it ends by itself; its status.
    pub(crate) fn start_in_vain(&mut self) -> Option<i32> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.process = spawn(self.folder.path(), &self.pcscd);
        self.await_end()
    }

    /// What a service manager does after that.
    pub(crate) fn start_again(&mut self) {
        self.process = spawn(self.folder.path(), &self.pcscd);
        await_ready(&self.ready);
        self.link = connect(&self.path("signer"));
    }

    /// `kioskd` dies; the image is replaced and the next `kioskd` connects.
    pub(crate) fn lose_kioskd(&mut self) {
        self.lose_kioskd_for_good();
        await_ready(&self.ready);
        self.link = connect(&self.path("signer"));
    }

    /// `kioskd` dies, and no other connects.
    pub(crate) fn lose_kioskd_for_good(&mut self) {
        self.link.shutdown(std::net::Shutdown::Both).unwrap();
    }

    /// The link ends and the image is replaced.
    pub(crate) fn await_new_image(&mut self) {
        assert_eq!(self.link.read(&mut [0]).unwrap(), 0, "the link ends");
        await_ready(&self.ready);
        self.link = connect(&self.path("signer"));
    }

    /// Waits until the card has answered this command like this.
    pub(crate) fn await_answer(&self, command: &str, status: u16) {
        let wanted = |events: &[Event]| position(events, command, status).is_some();
        assert!(self.slot().wait_for(PATIENCE, wanted), "no {command} {status:04X}");
    }
}

/// Where in the story the card answered this command like this for the first time.
pub(crate) fn position(events: &[Event], command: &str, status: u16) -> Option<usize> {
    events.iter().position(
        |event| matches!(event, Event::Answered { command: c, status: s } if (*c, *s) == (command, status)),
    )
}

#[test]
fn pcsc_client_in_a_process_of_its_own() {
    let Ok(wanted) = std::env::var(AWAITED) else { return };
    let context = pcsc::Context::establish(pcsc::Scope::User).unwrap();
    let name = std::ffi::CString::new(READERS[0]).unwrap();
    let mut states = [pcsc::ReaderState::new(name, pcsc::State::UNAWARE)];
    loop {
        context.get_status_change(PATIENCE, &mut states).unwrap();
        let full = states[0].event_state().intersects(pcsc::State::PRESENT | pcsc::State::MUTE);
        if full == (wanted == "full") {
            return;
        }
        states[0].sync_current_state();
    }
}

fn spawn(folder: &Path, pcscd: &Pcscd) -> Child {
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).unwrap();
    Command::new(testbench::programs::built().join("kiosk-token"))
        .arg("--config")
        .arg(folder.join("kiosk.toml"))
        .envs(pcscd.env())
        .env("NOTIFY_SOCKET", folder.join("notify"))
        .env_remove("JOURNAL_STREAM")
        .env("KIOSK_LOG", "trace")
        .stdin(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

fn await_ready(ready: &UnixDatagram) {
    let mut message = [0; 64];
    let length = ready.recv(&mut message).expect("READY=1 within the patience");
    assert!(message[..length].starts_with(b"READY=1"));
}

pub(crate) fn connect(path: &Path) -> UnixStream {
    let socket = UnixStream::connect(path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
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
[rules]
signer_s = 60
[token]
TOKEN
call_deadline_ms = DEADLINE
"#;
