//! One bench: certificates, persons, a portal, a card in a private pcscd, and the kiosk's three processes.
//!
//! It puts them together and takes them apart; who visits, and how that must end, is not its affair.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail};
use toml::{Table, Value};

use super::arguments::{Portal, Token};
use crate::{
    card::{Card, Slot, fault},
    launcher::{Launcher, Program},
    opensc,
    pcscd::Pcscd,
    pki::Pki,
    portal::{Options, Person, Simulator, Timers},
    visitor::Visitor,
};

/// The supervisor's program and log.
pub const KIOSKD: &str = "kioskd";
/// The signer's.
pub const KIOSK_TOKEN: &str = "kiosk-token";
/// The screen's, with a robot's socket or without.
pub const KIOSK_UI: &str = "kiosk-ui";
/// All three.
pub const PROCESSES: [&str; 3] = [KIOSKD, KIOSK_TOKEN, KIOSK_UI];

/// How the screen is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// Without a display, driven by the robot.
    Robot,
    /// In a window.
    Window,
}

/// What a bench is put together from.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where logs, certificates and the test person's data go.
    pub out: PathBuf,
    /// Where sockets and the configuration go; its path is short.
    pub run: PathBuf,
    /// Where the programs are.
    pub programs: PathBuf,
    /// How the screen is run.
    pub display: Display,
    /// Size of the screen, `1280x800`.
    pub size: String,
    /// Whose portal.
    pub institution: Portal,
    /// How the signer reaches the card.
    pub token: Token,
    /// The reader has keys, and the PIN is typed on those.
    pub pin_pad: bool,
    /// The persons the portal knows; the first is the one of `visitor.json`.
    pub visitors: Vec<Visitor>,
    /// How long things live at the portal.
    pub timers: Timers,
    /// Rules that deviate from the configuration's defaults.
    pub rules: Vec<(&'static str, u64)>,
    /// Pretend time of a real card.
    pub timing: crate::card::Timing,
}

/// A running bench; dropping it stops everything it started.
pub struct Bench {
    /// The processes; first to go.
    pub launcher: Launcher,
    /// The card's slot.
    pub slot: Slot,
    /// The portal.
    pub portal: Simulator,
    /// The certificates.
    pub pki: Pki,
    /// What it was put together from.
    pub plan: Plan,
    /// The card service.
    pub pcscd: Pcscd,
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.keep_log_of_pcscd();
    }
}

impl Bench {
    /// Puts everything together and starts it, the kiosk last.
    ///
    /// # Errors
    /// Says what is missing or does not start.
    pub fn start(plan: Plan) -> anyhow::Result<Self> {
        let logs = plan.out.join("logs");
        std::fs::create_dir_all(&logs).with_context(|| format!("making {}", logs.display()))?;

        let pki = Pki::generate(now()?)?;
        std::fs::write(plan.out.join("ca.pem"), pki.ca_pem())?;
        let tls_root = plan.run.join("portal-ca.pem");
        std::fs::write(&tls_root, pki.tls_ca_pem())?;
        let Some(first) = plan.visitors.first() else { bail!("a bench needs a visitor") };
        first.write(&plan.out.join("visitor.json"))?;

        let server = pki.server(&["localhost"])?;
        let portal = Simulator::start(Options {
            timers: plan.timers,
            log: Some(logs.join("portal.log")),
            ..Options::new(
                server.certificate_pem(),
                server.key_pem(),
                vec![pki.issuer_der().to_vec(), pki.root_der().to_vec()],
                plan.visitors.iter().map(person).collect(),
            )
        })?;

        let mut pcscd = Pcscd::start(&plan.run.join("pcscd"))?;
        if plan.pin_pad {
            pcscd.put_keys()?;
        }
        let slot = pcscd.slot(0).clone();
        slot.set_timing(plan.timing);

        let launcher = Launcher::new(&logs)?;
        let mut bench = Self { launcher, slot, portal, pki, plan, pcscd };
        bench.configure(&tls_root)?;
        bench.launch()?;
        Ok(bench)
    }

    /// Puts what the card service wrote so far beside the other logs; it is written beside its socket.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn keep_log_of_pcscd(&self) -> std::io::Result<()> {
        std::fs::copy(self.pcscd.log(), self.plan.out.join("logs/pcscd.log")).map(|_| ())
    }

    /// A card for a visitor, healthy or broken.
    ///
    /// # Errors
    /// When its certificate cannot be made.
    pub fn card(&self, visitor: &Visitor, fault: Option<fault::CardFault>) -> anyhow::Result<Card> {
        Ok(fault::card(&self.pki, visitor, fault)?)
    }

    /// The socket of the robot's screen.
    #[must_use]
    pub fn robot_socket(&self) -> PathBuf {
        self.plan.run.join("robot")
    }

    /// The kiosk's configuration.
    #[must_use]
    pub fn configuration(&self) -> PathBuf {
        self.plan.run.join("kiosk.toml")
    }

    fn configure(&self, tls_root: &Path) -> anyhow::Result<()> {
        let path = |path: PathBuf| Value::String(path.to_string_lossy().into_owned());
        let run = |name: &str| path(self.plan.run.join(name));
        let text = |text: &str| Value::String(text.to_owned());
        let profiles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../profiles");
        let institution = self.plan.institution;
        let mut token = Table::from_iter([
            ("backend".to_owned(), text(self.plan.token.name())),
            ("pin_pad".to_owned(), Value::Boolean(self.plan.pin_pad)),
        ]);
        let module = match self.plan.token {
            Token::Akis => None,
            Token::Auto => opensc::module(),
            Token::Pkcs11 => {
                Some(opensc::module().context("opensc-pkcs11.so is not installed (Debian: opensc-pkcs11)")?)
            }
        };
        if let Some(module) = module {
            token.insert("module".to_owned(), path(module));
        }
        let rules = self.plan.rules.iter().map(|(name, seconds)| {
            ((*name).to_owned(), Value::Integer(i64::try_from(*seconds).unwrap_or(i64::MAX)))
        });
        let file = Table::from_iter([
            (
                "office".to_owned(),
                Value::Table(Table::from_iter([
                    ("name".to_owned(), text("DENEME İlçe Milli Eğitim Müdürlüğü")),
                    ("help_phone".to_owned(), text("0 000 000 00 00")),
                    ("help_email".to_owned(), text("yardim@example.org")),
                ])),
            ),
            (
                "portal".to_owned(),
                Value::Table(Table::from_iter([
                    ("profile".to_owned(), path(profiles.join(institution.profile()))),
                    ("address".to_owned(), text(&self.portal.address(institution.institution()))),
                    ("signing_address".to_owned(), text(&self.portal.signing_address())),
                    ("ca_roots".to_owned(), Value::Array(vec![path(tls_root.to_owned())])),
                ])),
            ),
            (
                "links".to_owned(),
                Value::Table(Table::from_iter([
                    ("screen".to_owned(), run("screen")),
                    ("signer".to_owned(), run("signer")),
                    ("pin".to_owned(), run("pin")),
                    ("submission_flag".to_owned(), run("submission-in-flight")),
                ])),
            ),
            ("token".to_owned(), Value::Table(token)),
            ("rules".to_owned(), Value::Table(Table::from_iter(rules))),
            (
                "screen".to_owned(),
                Value::Table(Table::from_iter([("size".to_owned(), text(&self.plan.size))])),
            ),
        ]);
        std::fs::write(self.configuration(), toml::to_string(&file)?)?;
        Ok(())
    }

    fn launch(&mut self) -> anyhow::Result<()> {
        let card: Vec<_> =
            self.pcscd.env().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.program(KIOSK_TOKEN, KIOSK_TOKEN, Vec::new(), card.clone())?;
        self.program(KIOSKD, KIOSKD, Vec::new(), card)?;
        match self.plan.display {
            Display::Robot => {
                let robot = vec![
                    "--robot".into(),
                    self.robot_socket().into(),
                    "--size".into(),
                    self.plan.size.clone().into(),
                ];
                self.program(KIOSK_UI, "kiosk-ui-headless", robot, Vec::new())
            }
            Display::Window => {
                let backend = vec![("SLINT_BACKEND".to_owned(), "winit-software".into())];
                self.program(KIOSK_UI, KIOSK_UI, Vec::new(), backend)
            }
        }
    }

    fn program(
        &mut self,
        name: &'static str,
        file: &str,
        more: Vec<OsString>,
        environment: Vec<(String, OsString)>,
    ) -> anyhow::Result<()> {
        let mut arguments: Vec<OsString> = vec!["--config".into(), self.configuration().into()];
        arguments.extend(more);
        self.launcher.start(Program { name, path: self.plan.programs.join(file), arguments, environment })
    }
}

fn person(visitor: &Visitor) -> Person {
    Person {
        national_id: visitor.national_id.clone(),
        given_name: visitor.given_name.clone(),
        surname: visitor.surname.clone(),
        birth_place: visitor.birth_place.clone(),
        birth_date: visitor.birth_date.clone(),
        institution: "ESKİŞEHİR İLİ DENEME MÜDÜRLÜĞÜ".to_owned(),
        registry_number: String::new(),
        eligible: true,
    }
}

fn now() -> anyhow::Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?)
}
