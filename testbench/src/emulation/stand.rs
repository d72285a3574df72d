//! A guest with a portal and a card of its own, and beside it, on the host, the same kiosk once more: its twin.
//!
//! The robot finds its way on the twin, whose pages it reads by label; the guest gets the same touches and must show the
//! same pictures. Portals share a seed, visitors and cards are the same. It puts this together; what is done with it is
//! for others.

use std::{
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};

use super::{
    agent::Agent,
    glass::GuestGlass,
    machine::{Display, Machine, Parts},
    provision::{self, CA_ROOT},
};
use crate::{
    card::{Card, Model, Slot, Timing, fault},
    demo::{
        arguments::{Language, Portal, Token},
        auto::SCREEN_WITHIN,
        bench::{self, Bench},
        configuration::{self, Office},
        outside::Outside,
    },
    pki::Pki,
    portal::{Simulator, Timers},
    robot::{Leeway, Mirror, Screen},
    visitor::Visitor,
};

/// The host, as QEMU's user network shows it to the guest.
pub(super) const HOST: &str = "10.0.2.2";
/// Pixels of both screens.
pub(super) const SIZE: (u32, u32) = (1280, 800);
/// Memory of the smallest board that is served.
const MEMORY_MIB: u32 = 1024;
/// From power on to the attract page, emulated instruction by instruction.
pub const BOOT_WITHIN: Duration = Duration::from_secs(900);
/// What a guest may take to show what its twin shows.
pub const FOLLOW_WITHIN: Duration = Duration::from_secs(240);
/// Nobody is sent away because the guest takes its time; what makes no difference to it stays short.
const RULES: [(&str, u64); 9] = [
    ("idle_s", 600),
    ("still_there_s", 120),
    ("card_back_s", 180),
    ("take_card_s", 120),
    ("result_s", 600),
    ("thank_you_s", 2),
    ("poll_s", 2),
    ("signer_s", 120),
    ("dark_s", 600),
];

/// What a stand is made from.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The folder `image/emulation/build` has made.
    pub image: PathBuf,
    /// Where logs, pictures and results go.
    pub out: PathBuf,
    /// Where sockets and disks go; its path is short.
    pub run: PathBuf,
    /// Where the host's programs are, for the twin.
    pub programs: PathBuf,
    /// How the guest's screen is shown and touched.
    pub display: Display,
    /// Language of the visit.
    pub language: Language,
    /// Makes up the test person, and what the portals show.
    pub seed: u64,
    /// How long a finger stays on the guest's glass.
    pub hold: Duration,
}

/// A running stand; dropping it stops everything it started.
pub struct Stand {
    /// The twin's screen; what it is touched with, the guest is too.
    pub screen: Screen,
    /// The twin.
    pub twin: Bench,
    /// The reader of the guest.
    pub slot: Slot,
    /// The guest's portal.
    pub portal: Simulator,
    /// The guest's authorities.
    pub pki: Pki,
    /// Who comes.
    pub visitor: Visitor,
    /// What it was put together from.
    pub plan: Plan,
    /// From power on to the first attract page, once it was waited for.
    pub(super) booted: Option<Duration>,
    /// The guest; none while its power is cut.
    pub(super) machine: Option<Machine>,
}

impl Stand {
    /// Starts portals and twin, then powers the guest on, its reader plugged in; returns without waiting for it.
    ///
    /// # Errors
    /// Says what is missing or does not start.
    pub fn start(plan: Plan) -> anyhow::Result<Self> {
        let visitor = Visitor::generate(plan.seed);
        let timers = Timers {
            sms_life: Duration::from_secs(1800),
            code_life: Duration::from_secs(1800),
            ..Timers::default()
        };
        let visitors = std::slice::from_ref(&visitor);
        let outside = Outside { visitors, timers, seed: Some(plan.seed), names: &[HOST] };
        let (pki, portal) = outside.start(&plan.out)?;
        let institution = Portal::Meb;
        let settings = configuration::office(&Office {
            profile: institution.profile().into(),
            address: at_host(&portal.address(institution.institution())),
            signing_address: at_host(&portal.signing_address()),
            online_address: at_host(&portal.online_address()),
            ca_root: CA_ROOT.into(),
            rules: &RULES,
            size: &format!("{}x{}", SIZE.0, SIZE.1),
            printer: None,
        });
        provision::data_partition(&plan.image, &plan.run, &settings, &pki.tls_ca_pem())?;

        let twin = Bench::start(bench::Plan {
            out: plan.out.join("twin"),
            run: folder(&plan.run, "twin")?,
            programs: plan.programs.clone(),
            display: bench::Display::Robot,
            size: format!("{}x{}", SIZE.0, SIZE.1),
            institution,
            token: Token::Akis,
            pin_pad: false,
            printer: None,
            visitors: vec![visitor.clone()],
            helper: None,
            timers,
            portal_seed: Some(plan.seed),
            rules: RULES.to_vec(),
            timing: Timing::NONE,
        })
        .context("the twin on the host")?;
        let mut screen = Screen::connect(&twin.robot_socket(), SCREEN_WITHIN)?;

        let machine = Machine::build(Parts {
            image: plan.image.clone(),
            run: plan.run.clone(),
            serial: plan.out.join("logs/serial.log"),
            data: plan.run.join("data.img"),
            display: plan.display,
            size: SIZE,
            memory_mib: MEMORY_MIB,
        })?;
        machine.plug_reader()?;
        let socket = machine.card_socket();
        let slot = Slot::vsc(move || UnixStream::connect(&socket));
        screen.mirror(mirror(&machine, &plan)?);
        Ok(Self { screen, twin, slot, portal, pki, visitor, plan, booted: None, machine: Some(machine) })
    }

    /// The guest.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        self.machine.as_ref().expect("a stand has a machine but while its power is cut")
    }

    /// The agent inside the guest.
    #[must_use]
    pub fn agent(&self) -> Agent {
        self.machine().agent()
    }

    /// The visitor's card for the guest, which speaks in character frames.
    ///
    /// # Errors
    /// When its certificate cannot be made.
    pub fn card(&self) -> anyhow::Result<Card> {
        Ok(fault::card_of(Model::V1_0OverT0, &self.pki, &self.visitor, None)?)
    }

    /// Waits until the guest shows what the twin shows; how long that took.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn agree(&mut self, within: Duration) -> anyhow::Result<Duration> {
        let began = Instant::now();
        self.give(within);
        self.screen.agree()?;
        self.give(FOLLOW_WITHIN);
        Ok(began.elapsed())
    }

    /// Waits for the attract page after power on, a reset or a crash, the twin standing on its own.
    ///
    /// # Errors
    /// When it does not come in time.
    pub fn attract(&mut self, within: Duration) -> anyhow::Result<Duration> {
        self.agree(within).context("the guest's attract page")
    }

    /// Waits until a guest that starts serves, and says of its last update what it must.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn serves(&mut self, within: Duration) -> anyhow::Result<()> {
        let agent = self.agent();
        agent.wait(within)?;
        // Written before kioskd starts, which reads it once; the twin is told the same.
        let told = agent.run(
            "for i in $(seq 300); do [ -s /run/eimza-kiosk/system.json ] && break; sleep 1; done; \
             cat /run/eimza-kiosk/system.json",
            within,
        )?;
        ensure!(told.status == 0, "the guest does not know which system runs: {}", told.output);
        let file = self.twin.plan.run.join(configuration::SYSTEM);
        if std::fs::read_to_string(&file).ok().as_ref() != Some(&told.output) {
            std::fs::write(&file, told.output)?;
            self.twin_to_attract()?;
        }
        self.attract(within).map(|_| ())
    }

    /// Ends whatever visit stands on the twin: its card is pulled, and its supervisor starts anew.
    ///
    /// # Errors
    /// When its attract page does not come.
    pub fn twin_to_attract(&mut self) -> anyhow::Result<()> {
        self.twin.slot.remove();
        let starts = self.twin.launcher.starts(bench::KIOSKD);
        self.twin.launcher.kill(bench::KIOSKD)?;
        self.twin.launcher.wait_for_start(bench::KIOSKD, starts + 1, SCREEN_WITHIN)?;
        let deadline = Instant::now() + SCREEN_WITHIN;
        let mut state = self.screen.state()?;
        while !(state.page == "attract" && state.connected) {
            ensure!(Instant::now() < deadline, "the twin shows no attract page: {state:?}");
            state = self.screen.wait(&state, Duration::from_secs(1))?;
        }
        Ok(())
    }

    /// Cuts the guest's power and gives it back; the disks are as the cut left them.
    ///
    /// # Errors
    /// When QEMU does not start again.
    pub fn cut_power(&mut self) -> anyhow::Result<()> {
        self.slot.remove();
        let Some(machine) = self.machine.take() else { return Ok(()) };
        let machine = machine.cut_power()?;
        machine.plug_reader()?;
        self.screen.mirror(mirror(&machine, &self.plan)?);
        self.machine = Some(machine);
        Ok(())
    }

    fn give(&mut self, within: Duration) {
        if let Some(mirror) = self.screen.mirrored() {
            mirror.give(within);
        }
    }
}

fn mirror(machine: &Machine, plan: &Plan) -> std::io::Result<Mirror> {
    let glass = GuestGlass::new(machine.monitor.clone(), SIZE, plan.hold, plan.run.join("screen.ppm"));
    Mirror::new(glass, FOLLOW_WITHIN, Leeway::ROUNDING, &plan.out.join("screens"))
}

fn folder(run: &Path, name: &str) -> std::io::Result<PathBuf> {
    let folder = run.join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

pub(super) fn at_host(address: &str) -> String {
    address.replacen("localhost", HOST, 1)
}
