//! One bench: certificates, persons, a portal, a card in a private pcscd, and the kiosk's three processes.
//!
//! It puts them together and takes them apart; who visits, and how that must end, is not its affair.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::Context;
use sha2::{Digest, Sha256};

use super::{
    arguments::{Portal, Token},
    configuration::{self, Machine, Office},
    outside::Outside,
};
use crate::{
    card::{Card, Slot, fault},
    helper::{Helper, HelperFault},
    launcher::{Launcher, Program},
    opensc,
    pcscd::Pcscd,
    pki::Pki,
    portal::{Simulator, Timers},
    printer::{Printer, PrinterFault},
    visitor::Visitor,
};

/// The supervisor's program and log.
pub const KIOSKD: &str = "kioskd";
/// The signer's.
pub const KIOSK_TOKEN: &str = "kiosk-token";
/// The screen's, with a robot's socket or without.
pub const KIOSK_UI: &str = "kiosk-ui";
/// The process that takes documents apart: where there is a printer.
pub const KIOSK_PAPER: &str = "kiosk-paper";
/// The three of every kiosk.
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
    /// There is a printer, with these faults.
    pub printer: Option<Vec<PrinterFault>>,
    /// The persons the portal knows; the first is the one of `visitor.json`.
    pub visitors: Vec<Visitor>,
    /// Who helps, where somebody does: the kiosk's list of staff has that card.
    pub helper: Option<Helper>,
    /// How long things live at the portal.
    pub timers: Timers,
    /// Portals of one seed show alike.
    pub portal_seed: Option<u64>,
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
    /// The card of whoever helps, and the digests of its certificates.
    helper: Option<(Card, Vec<String>)>,
    /// What it was put together from.
    pub plan: Plan,
    /// The printer, where there is one.
    pub printer: Option<Printer>,
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
        let outside = Outside {
            visitors: &plan.visitors,
            timers: plan.timers,
            seed: plan.portal_seed,
            names: &["localhost"],
        };
        let (pki, portal) = outside.start(&plan.out)?;
        let tls_root = plan.run.join("portal-ca.pem");
        std::fs::write(&tls_root, pki.tls_ca_pem())?;

        let mut pcscd = Pcscd::start(&plan.run.join("pcscd"))?;
        if plan.pin_pad {
            pcscd.put_keys()?;
        }
        let slot = pcscd.slot(0).clone();
        slot.set_timing(plan.timing);

        let mut launcher = Launcher::new(&plan.out.join("logs"))?;
        let folder = plan.run.join("printer");
        let printer = plan.printer.as_ref().map(|faults| Printer::start(&mut launcher, &folder, faults));
        let printer = printer.transpose()?;
        let helper = plan.helper.as_ref().map(|helper| helper_card(&pki, helper)).transpose()?;
        let mut bench = Self { launcher, slot, portal, pki, helper, plan, printer, pcscd };
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

    /// The card of whoever helps, if somebody does.
    #[must_use]
    pub fn helper_card(&self) -> Option<&Card> {
        self.helper.as_ref().map(|(card, _)| card)
    }

    /// The card that was sent to a visitor: [`fault::next_card`].
    ///
    /// # Errors
    /// When its certificate cannot be made.
    pub fn next_card(&self, visitor: &Visitor) -> anyhow::Result<Card> {
        Ok(fault::next_card(&self.pki, visitor)?)
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
        let profiles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../profiles");
        let institution = self.plan.institution;
        let module = match self.plan.token {
            Token::Akis => None,
            Token::Auto => opensc::module(),
            Token::Pkcs11 => {
                Some(opensc::module().context("opensc-pkcs11.so is not installed (Debian: opensc-pkcs11)")?)
            }
        };
        let mut file = configuration::machine(&Machine {
            run: &self.plan.run,
            logs: &self.plan.out.join("logs"),
            backend: self.plan.token.name(),
            pin_pad: self.plan.pin_pad,
            module: module.as_deref(),
        });
        file.extend(configuration::office(&Office {
            profile: profiles.join(institution.profile()),
            address: self.portal.address(institution.institution()),
            signing_address: self.portal.signing_address(),
            online_address: self.portal.online_address(),
            ca_root: tls_root.to_owned(),
            rules: &self.plan.rules,
            size: &self.plan.size,
            printer: self.printer.as_ref().map(Printer::address).as_deref(),
        }));
        if let Some((_, digests)) = &self.helper {
            file.insert("staff".to_owned(), toml::toml! { certificates = [] }.into());
            file["staff"]["certificates"] = digests.clone().into();
        }
        std::fs::write(self.configuration(), toml::to_string(&file)?)?;
        Ok(())
    }

    fn launch(&mut self) -> anyhow::Result<()> {
        let card: Vec<_> =
            self.pcscd.env().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        if self.printer.is_some() {
            // As its socket unit on the appliance: it has no configuration and no environment of its own.
            let socket = self.plan.run.join(configuration::PAPER);
            self.launcher.start(Program {
                name: KIOSK_PAPER,
                path: self.plan.programs.join(KIOSK_PAPER),
                arguments: vec!["--listen".into(), socket.into()],
                environment: Vec::new(),
            })?;
        }
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

/// The helper's card, and the digests that the kiosk's list names it by: another's, where it is not to have it.
fn helper_card(pki: &Pki, helper: &Helper) -> anyhow::Result<(Card, Vec<String>)> {
    let fault = helper.fault.map(HelperFault::emulated).transpose()?.flatten();
    let (card, certificates) = fault::card_and_certificates(pki, &helper.person, fault)?;
    let listed: Vec<Vec<u8>> = match helper.fault {
        Some(HelperFault::NotListed) => vec![b"another card".to_vec()],
        // A list without a card would offer no help at all.
        Some(HelperFault::Card(_)) if certificates.is_empty() => vec![b"the card before".to_vec()],
        Some(HelperFault::Card(_) | HelperFault::OwnCard | HelperFault::SwappedBack) | None => certificates,
    };
    let digest = |der: &Vec<u8>| Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((card, listed.iter().map(digest).collect()))
}
