//! What the tests share: a bench with a card and a pcscd, and children that are clients of PC/SC.
#![expect(clippy::unwrap_used, reason = "a bench that cannot be set up is a failed test")]

use std::{
    ffi::CString,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio},
    sync::LazyLock,
    time::Duration,
};

use pcsc::{Context, ReaderState, Scope, State};
use testbench::{
    card::{
        Card, Model,
        fault::{self, CardFault},
    },
    opensc,
    pcscd::{Pcscd, READERS},
    pki::{Pki, pem},
    visitor::Visitor,
};

/// Set in a child: what it is to do.
pub(super) const ROLE: &str = "TESTBENCH_CARD_CLIENT";
/// Marks a child's own lines among those of the test harness.
const MARK: &str = "@ ";
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Its RSA keys cost seconds, so the tests share it.
pub(super) static PKI: LazyLock<Pki> =
    LazyLock::new(|| Pki::generate(jiff::Timestamp::now().as_second()).unwrap());

pub(super) struct Bench {
    pub(super) folder: tempfile::TempDir,
    pub(super) pcscd: Pcscd,
    pub(super) visitor: Visitor,
    pub(super) card: Card,
}

impl Bench {
    pub(super) fn with(card: impl FnOnce(&Visitor) -> Card) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pcscd = Pcscd::start(&folder.path().join("pcscd")).unwrap();
        let visitor = Visitor::generate(3);
        let card = card(&visitor);
        Self { folder, pcscd, visitor, card }
    }

    pub(super) fn new(fault: Option<CardFault>) -> Self {
        Self::with(|visitor| fault::card(&PKI, visitor, fault).unwrap())
    }

    /// A healthy card of this model, in the slot.
    pub(super) fn of(model: Model) -> Self {
        let bench = Self::with(|visitor| fault::card_of(model, &PKI, visitor, None).unwrap());
        bench.insert();
        bench
    }

    /// Puts the card in and waits until PC/SC has it.
    pub(super) fn insert(&self) {
        self.pcscd.slot(0).insert(&self.card).unwrap();
        self.client("a_client_that_waits_for_a_card_is_told_of_it", "wait").finish();
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn pkcs11(&self, arguments: &[&str]) -> Output {
        let mut tool = Command::new("pkcs11-tool");
        tool.arg("--module").arg(opensc::module().unwrap()).args(arguments);
        tool.envs(self.pcscd.env()).current_dir(self.folder.path()).output().unwrap()
    }

    pub(super) fn pkcs15(&self, arguments: &[&str]) -> Output {
        let mut tool = Command::new("pkcs15-tool");
        tool.args(arguments).envs(self.pcscd.env()).current_dir(self.folder.path()).output().unwrap()
    }

    pub(super) fn sign(&self, pin: &str) -> Output {
        std::fs::write(self.path("text"), "İmzalanacak metin").unwrap();
        self.pkcs11(&[
            "--login",
            "--pin",
            pin,
            "--sign",
            "--mechanism",
            "SHA256-RSA-PKCS",
            "--input-file",
            "text",
            "--output-file",
            "signature",
        ])
    }

    pub(super) fn wrong_pin(&self) -> String {
        self.visitor.pin.chars().rev().collect()
    }

    pub(super) fn client(&self, test: &str, role: &str) -> Client {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture"]).env(ROLE, role).env("PIN", &self.visitor.pin);
        command.envs(self.pcscd.env()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let says = BufReader::new(child.stdout.take().unwrap());
        let hears = child.stdin.take().unwrap();
        Client { child, says, hears }
    }
}

/// A child that is a client of PC/SC.
pub(super) struct Client {
    child: Child,
    says: BufReader<ChildStdout>,
    hears: ChildStdin,
}

impl Client {
    pub(super) fn next(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.says.read_line(&mut line).unwrap(), 0, "the client ended early");
            if let Some((_, said)) = line.trim_end().split_once(MARK) {
                return said.to_owned();
            }
        }
    }

    /// Lets it go on from [`listen`].
    pub(super) fn go_on(&mut self) {
        self.hears.write_all(b"\n").unwrap();
    }

    /// Waits for the end of one that ends by itself.
    pub(super) fn finish(mut self) {
        let mut rest = String::new();
        self.says.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{rest}");
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::print_stdout, reason = "the child's way to tell the test what it sees")]
fn say(what: &str) {
    println!("{MARK}{what}");
}

/// Waits until the test says so.
fn listen() {
    assert_ne!(std::io::stdin().lock().read_line(&mut String::new()).unwrap(), 0, "the test is over");
}

pub(super) fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

pub(super) fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

pub(super) fn openssl_verifies(folder: &Path, certificate: &[u8]) -> bool {
    std::fs::write(folder.join("holder.pem"), pem("CERTIFICATE", certificate)).unwrap();
    let script = "openssl x509 -in holder.pem -noout -pubkey > key.pem &&
        openssl dgst -sha256 -verify key.pem -signature signature text";
    Command::new("sh").args(["-c", script]).current_dir(folder).output().unwrap().status.success()
}

pub(super) fn transmit(card: &pcsc::Card, command: &[u8]) -> Vec<u8> {
    let mut buffer = [0; pcsc::MAX_BUFFER_SIZE];
    card.transmit(command, &mut buffer).unwrap().to_vec()
}

/// Tells each change of the first reader, and of the service, until it is killed.
pub(super) fn watch() {
    let reader = CString::new(READERS[0]).unwrap();
    loop {
        let context = Context::establish(Scope::User).unwrap();
        let mut told = String::new();
        let mut states = [ReaderState::new(reader.as_c_str(), State::UNAWARE)];
        while context.get_status_change(PATIENCE, &mut states).is_ok() {
            states[0].sync_current_state();
            let state = states[0].event_state();
            let now = if state.contains(State::MUTE) {
                "mute".to_owned()
            } else if state.contains(State::PRESENT) {
                format!("card of {} bytes", states[0].atr().len())
            } else {
                "empty".to_owned()
            };
            if now != told {
                say(&now);
                told = now;
            }
        }
        say("no service");
        listen();
    }
}
