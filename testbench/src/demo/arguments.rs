//! What the demo is told on its command line.
//!
//! It knows names and their meaning, not what is made of them.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use eimza_kiosk::link::view::Service;

use crate::{faults::Fault, helper::HelperFault, portal::Institution, robot::Login};

/// One renewal from card to receipt on this machine: the kiosk's real processes with a portal, a card and a
/// pcscd of their own. Without --auto it opens a window and is driven by hand.
#[derive(Debug, Clone, Parser)]
#[command(name = "demo", version)]
pub struct Arguments {
    /// The robot makes the visit, without a display.
    #[arg(long)]
    pub auto: bool,
    /// Size of the screen.
    #[arg(long, value_name = "WxH", default_value = "1280x800", value_parser = size)]
    pub size: String,
    /// Language of the visit.
    #[arg(long, value_enum, default_value_t = Language::Tr)]
    pub lang: Language,
    /// What the robot comes for.
    #[arg(long, value_enum, default_value_t = What::Renewal)]
    pub service: What,
    /// The robot has no card, for a service that is done without one.
    #[arg(long)]
    pub without_card: bool,
    /// How the robot logs in to the portal's online pages, where there is a choice; by default as the fault is met.
    #[arg(long, value_enum)]
    pub login: Option<Login>,
    /// Something goes wrong; may be given several times. testbench/faults.toml says what must come of each.
    #[arg(long = "fault", value_name = "NAME")]
    pub faults: Vec<Fault>,
    /// With --service assisted something goes wrong with whoever helps. testbench/assisted.toml says what must come of each.
    #[arg(long, value_name = "NAME")]
    pub helper: Option<HelperFault>,
    /// Whose portal.
    #[arg(long, value_enum, default_value_t = Portal::Meb)]
    pub institution: Portal,
    /// How the signer reaches the card.
    #[arg(long, value_enum, default_value_t = Token::Akis)]
    pub token: Token,
    /// Where the result goes; must not hold one already. With --auto: a folder named demo-out by default.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Makes up another test person.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// After a visit with a fault a healthy one of another person must succeed; `false` leaves it out.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub then_healthy: bool,
}

/// What somebody comes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Yenileme
    Renewal,
    /// Kart kontrolü
    CardCheck,
    /// PIN değiştirme
    ChangePin,
    /// Islak imza
    WetInk,
    /// Yeni kartın PIN'i
    NewPin,
    /// Kilit çözme
    Unblock,
    /// Yardımlı yenileme
    Assisted,
}

impl What {
    /// As it is asked for.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Renewal => "renewal",
            Self::CardCheck => "card-check",
            Self::ChangePin => "change-pin",
            Self::WetInk => "wet-ink",
            Self::NewPin => "new-pin",
            Self::Unblock => "unblock",
            Self::Assisted => "assisted",
        }
    }

    /// As the screen names it.
    #[must_use]
    pub fn service(self) -> Service {
        match self {
            Self::Renewal => Service::Renewal,
            Self::CardCheck => Service::CardCheck,
            Self::ChangePin => Service::ChangePin,
            Self::WetInk => Service::WetInk,
            Self::NewPin => Service::NewPin,
            Self::Unblock => Service::Unblock,
            Self::Assisted => Service::Assisted,
        }
    }
}

/// Language of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Türkçe
    Tr,
    /// English
    En,
}

impl Language {
    /// As the screen names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tr => "tr",
            Self::En => "en",
        }
    }
}

/// Whose portal is visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Portal {
    /// Ministry of Education.
    Meb,
    /// The second institution, with other wording and markup.
    Saglik,
}

impl Portal {
    /// Name of its profile in `profiles/`.
    #[must_use]
    pub fn profile(self) -> &'static str {
        match self {
            Self::Meb => "meb.toml",
            Self::Saglik => "saglik.toml",
        }
    }

    /// As the simulator names it.
    #[must_use]
    pub fn institution(self) -> Institution {
        match self {
            Self::Meb => Institution::Meb,
            Self::Saglik => Institution::Saglik,
        }
    }
}

/// How the signer reaches the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Token {
    /// The kiosk's own driver for cards it knows; a module for others where OpenSC is installed.
    Auto,
    /// The kiosk's own driver.
    Akis,
    /// A PKCS#11 module: OpenSC, up to 0.24, which Debian 12 has.
    Pkcs11,
}

impl Token {
    /// As the configuration names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Akis => "akis",
            Self::Pkcs11 => "pkcs11",
        }
    }
}

fn size(text: &str) -> Result<String, String> {
    let sides =
        text.split_once('x').and_then(|(w, h)| Some((w.parse::<u32>().ok()?, h.parse::<u32>().ok()?)));
    match sides {
        Some((320..=4096, 320..=4096)) => Ok(text.to_owned()),
        _ => Err("expected WIDTHxHEIGHT in pixels, e.g. 1280x800".to_owned()),
    }
}
