//! The office's configuration: one TOML file that all three processes read, each its own sections.
//!
//! A broken file is named by file, key, what was found and what is expected. Nothing personal belongs in it. Longer than others:
//! who writes the file finds every section of it in one place.

mod card_side;
mod clock;
mod hardware;
mod help;
mod judge;
mod network;
mod place;
mod printer;
mod staff;
mod updates;
mod usb;

use std::{
    collections::BTreeMap,
    net::IpAddr,
    path::{Path, PathBuf},
};

pub use card_side::CardSide;
pub use clock::{Clock, TimeSource};
pub use hardware::{Keypad, Line, Peripherals, Pull, Wire};
pub use help::Help;
pub use network::{Destination, Host, Network};
pub use printer::Printer;
use serde::{Deserialize, Serialize};
pub use staff::Staff;
pub use updates::Updates;
pub use usb::{Usb, UsbId};

/// Where the configuration is when no other file is named.
pub const DEFAULT_PATH: &str = "/etc/eimza-kiosk/kiosk.toml";

/// The whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The office.
    pub office: Office,
    /// The institution's portal.
    pub portal: Portal,
    /// Sockets between the processes and who may use them.
    pub links: Links,
    /// The signer.
    pub token: Token,
    /// Rules that differ between offices and institutions.
    #[serde(default)]
    pub rules: Rules,
    /// The screen.
    #[serde(default)]
    pub screen: Screen,
    /// Who sets the wall clock.
    #[serde(default)]
    pub clock: Clock,
    /// The kiosk's own hardware; what is absent is left out.
    #[serde(default)]
    pub peripherals: Peripherals,
    /// Updates of the system.
    #[serde(default)]
    pub updates: Updates,
    /// How staff is called.
    #[serde(default)]
    pub help: Help,
    /// The staff of the office.
    #[serde(default)]
    pub staff: Staff,
    /// Where applications that are signed by hand are printed; left out, nowhere.
    #[serde(default)]
    pub printer: Option<Printer>,
    /// What is reached besides the portal, and by which address.
    #[serde(default)]
    pub network: Network,
    /// Devices that are let in besides readers and touchscreens.
    #[serde(default)]
    pub usb: Usb,
}

/// The office where the kiosk stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// Shown at the top of every page.
    pub name: String,
    /// Whom to call, as it is printed.
    pub help_phone: String,
    /// Whom to write to.
    pub help_email: String,
    /// A hint for the security word, if the office has one.
    #[serde(default)]
    pub security_word_hint: Option<String>,
    /// Values the form starts with, by field name (`unit`, `address`, `province`, `postal-code`, …).
    #[serde(default)]
    pub defaults: BTreeMap<crate::portal::FieldId, String>,
}

/// The institution's portal.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portal {
    /// The institution's profile.
    pub profile: PathBuf,
    /// Another first page than the profile's.
    #[serde(default)]
    pub address: Option<String>,
    /// Another signing service than the profile's.
    #[serde(default)]
    pub signing_address: Option<String>,
    /// Another first page of the online services than the profile's.
    #[serde(default)]
    pub online_address: Option<String>,
    /// PEM files of the only roots that are trusted.
    pub ca_roots: Vec<PathBuf>,
    /// `http://…` or `socks5://…`
    #[serde(default)]
    pub proxy: Option<String>,
    /// Seconds to connect.
    #[serde(default = "Portal::connect_timeout")]
    pub connect_timeout_s: u64,
    /// Seconds for a whole answer.
    #[serde(default = "Portal::answer_timeout")]
    pub answer_timeout_s: u64,
    /// Names resolved here instead of by DNS, for a bench.
    #[serde(default)]
    pub resolve: BTreeMap<String, IpAddr>,
}

impl Portal {
    fn connect_timeout() -> u64 {
        10
    }
    fn answer_timeout() -> u64 {
        30
    }
}

/// Sockets between the processes. A uid left out means: the same as of the process that asks whose the other is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Links {
    /// `kioskd` listens, `kiosk-ui` connects.
    pub screen: PathBuf,
    /// `kiosk-token` listens, `kioskd` connects.
    pub signer: PathBuf,
    /// `kiosk-token` listens, `kiosk-ui` connects.
    pub pin: PathBuf,
    /// `kiosk-paper`, or systemd for it, listens, `kioskd` connects; for `[printer]`.
    #[serde(default)]
    pub paper: Option<PathBuf>,
    /// The uid `kiosk-ui` runs under.
    #[serde(default)]
    pub screen_uid: Option<u32>,
    /// The uid `kioskd` runs under.
    #[serde(default)]
    pub supervisor_uid: Option<u32>,
    /// The uid `kiosk-token` runs under.
    #[serde(default)]
    pub signer_uid: Option<u32>,
    /// Volatile file that says "a submission is in flight"; beside it, by the same name and an ending, those that say
    /// "the card is taking another PIN" and "the program runs".
    pub submission_flag: PathBuf,
    /// Locked while somebody is served, and by an update while it is written; left out, nothing keeps the two apart.
    #[serde(default)]
    pub visit_lock: Option<PathBuf>,
    /// Volatile file where `kioskd` says how it is, for the kiosk's own health check.
    #[serde(default)]
    pub health: Option<PathBuf>,
    /// Volatile file that says which system runs and what became of the last update.
    #[serde(default)]
    pub system: Option<PathBuf>,
    /// Volatile file of counters for whoever collects them, as Prometheus reads them.
    #[serde(default)]
    pub metrics: Option<PathBuf>,
}

/// The signer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Which way a card is reached.
    #[serde(default)]
    pub backend: Backend,
    /// The PKCS#11 module, where one may be used.
    #[serde(default)]
    pub module: Option<PathBuf>,
    /// Some builds of the AKİS module want `C_Initialize(NULL)`.
    #[serde(default)]
    pub initialize_with_null: bool,
    /// Milliseconds a call into the module may take.
    #[serde(default = "Token::call_deadline")]
    pub call_deadline_ms: u64,
    /// The signer's own keys for the PIN; left out, it is typed on the screen.
    #[serde(default)]
    pub keypad: Option<Keypad>,
    /// The PIN is typed on the reader's own keys where it has any, otherwise on the screen: asked for by the kiosk's
    /// own driver (PC/SC part 10), or by a module whose token claims `CKF_PROTECTED_AUTHENTICATION_PATH`.
    #[serde(default)]
    pub pin_pad: bool,
    /// Token label to use where a module shows several in one reader; otherwise the reader decides.
    #[serde(default)]
    pub label: Option<String>,
}

impl Default for Token {
    fn default() -> Self {
        Self {
            backend: Backend::default(),
            module: None,
            initialize_with_null: false,
            call_deadline_ms: Self::call_deadline(),
            keypad: None,
            pin_pad: false,
            label: None,
        }
    }
}

/// Which way a card is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// AKİS cards whose answer to reset is known by the kiosk's own driver, others by the module if one is named.
    #[default]
    Auto,
    /// Every card by the kiosk's own driver, also AKİS cards known from the vendor's description alone.
    Akis,
    /// Every card by the module.
    Pkcs11,
}

impl Token {
    fn call_deadline() -> u64 {
        20_000
    }
}

/// Rules that differ between offices and institutions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Renewal is possible in the last so many days; `None`: at any time.
    pub renewal_window_days: Option<u32>,
    /// Seconds without a touch before "Hâlâ burada mısınız?".
    pub idle_s: u64,
    /// So many times as long where staff helps, or was called; the portal's own times stay as they are.
    pub assisted_factor: u64,
    /// Seconds to answer it.
    pub still_there_s: u64,
    /// Seconds with nobody in front of the presence sensor, and no touch, before "Hâlâ burada mısınız?" there.
    pub left_alone_s: u64,
    /// Seconds with nobody there before the attract page goes dark.
    pub dark_s: u64,
    /// Seconds to put a pulled card back.
    pub card_back_s: u64,
    /// Seconds after which a card left in the slot sounds the alarm.
    pub take_card_s: u64,
    /// Seconds the result page stays.
    pub result_s: u64,
    /// Seconds the thank-you page stays.
    pub thank_you_s: u64,
    /// Seconds between two looks at the signing page.
    pub poll_s: u64,
    /// Seconds for a signer operation without a person in it.
    pub signer_s: u64,
    /// The wall clock is not trusted before this Unix time.
    pub clock_not_before: i64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            renewal_window_days: Some(92),
            idle_s: 60,
            assisted_factor: 3,
            still_there_s: 20,
            left_alone_s: 10,
            dark_s: 30,
            card_back_s: 60,
            take_card_s: 15,
            result_s: 120,
            thank_you_s: 8,
            poll_s: 2,
            signer_s: 30,
            clock_not_before: 1_767_225_600,
        }
    }
}

/// The screen.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Screen {
    /// Window size in pixels for the window backend, `1280x800`.
    pub size: Option<String>,
}

/// What is wrong with a configuration. Each names the file, the key, what was found and what is expected.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{file}: cannot be read: {source}")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no TOML, a key is unknown or missing, or a value has the wrong type.
    #[error("{file}: line {line}: {key}: {text}")]
    Invalid {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Dotted key, or the table, where the fault is.
        key: String,
        /// What was found and what is expected.
        text: String,
    },
    /// A value is out of range, does not fit another, or names a file that cannot be used.
    #[error("{file}: {key}: found {found}, expected {expected}")]
    Value {
        /// The file.
        file: PathBuf,
        /// Dotted key.
        key: &'static str,
        /// What was found.
        found: String,
        /// What is expected.
        expected: String,
    },
}

/// What can be used of a configuration that is broken: enough to tell the screen so.
#[derive(Debug, Clone, Default)]
pub struct Salvaged {
    /// The sockets, if that section is sound.
    pub links: Option<Links>,
    /// The office, if that section is sound.
    pub office: Option<Office>,
    /// There is nothing of an office in it, only the board's own sections.
    pub not_set_up: bool,
}

impl Config {
    /// Reads and judges a configuration file. Paths inside it are taken relative to its folder.
    ///
    /// The files it names are not opened: each process judges those it uses (see [`Self::judge_files`]).
    ///
    /// # Errors
    /// [`ConfigError`], naming file, key, what was found and what is expected.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let mut config: Self = parse(file)?;
        let folder = folder_of(file);
        config.portal.resolve_against(&folder);
        config.links.resolve_against(&folder);
        if let Some(printer) = &mut config.printer {
            printer.resolve_against(&folder);
        }
        config.token.module = config.token.module.map(|module| folder.join(module));
        config.peripherals.tamper_flag = config.peripherals.tamper_flag.map(|flag| folder.join(flag));
        config.judge(file)?;
        Ok(config)
    }
}

impl Salvaged {
    /// Reads what is sound in a configuration that [`Config::load`] refused.
    #[must_use]
    pub fn from(file: &Path) -> Self {
        let table: toml::Table = std::fs::read_to_string(file)
            .ok()
            .and_then(|text| toml::from_str(&text).ok())
            .unwrap_or_default();
        let section = |name: &str| table.get(name).cloned();
        let mut links: Option<Links> = section("links").and_then(|section| section.try_into().ok());
        if let Some(links) = &mut links {
            links.resolve_against(&folder_of(file));
        }
        let not_set_up = links.is_some() && section("office").is_none() && section("portal").is_none();
        Self { links, office: section("office").and_then(|section| section.try_into().ok()), not_set_up }
    }
}

impl Portal {
    fn resolve_against(&mut self, folder: &Path) {
        for path in std::iter::once(&mut self.profile).chain(&mut self.ca_roots) {
            *path = folder.join(&path);
        }
    }
}

impl Links {
    fn resolve_against(&mut self, folder: &Path) {
        let optional =
            [&mut self.paper, &mut self.visit_lock, &mut self.health, &mut self.system, &mut self.metrics];
        for path in [&mut self.screen, &mut self.signer, &mut self.pin, &mut self.submission_flag]
            .into_iter()
            .chain(optional.into_iter().flatten())
        {
            *path = folder.join(&path);
        }
    }
}

fn parse<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T, ConfigError> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| ConfigError::Unreadable { file: file.to_owned(), source })?;
    toml::from_str(&text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let place::Place { line, key } = place::of(&text, offset);
        ConfigError::Invalid { file: file.to_owned(), line, key, text: error.message().replace('\n', ", ") }
    })
}

/// The folder of the file itself: `/etc/eimza-kiosk/kiosk.toml` of an image is a link to what is made at each start,
/// with its files beside it there. A file that is not there is what reading it says.
fn folder_of(file: &Path) -> PathBuf {
    let itself = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    itself.parent().unwrap_or(Path::new("/")).to_owned()
}
