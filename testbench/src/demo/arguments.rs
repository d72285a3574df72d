//! What the demo is told on its command line.
//!
//! It knows names and their meaning, not what is made of them.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, ValueEnum, error::ErrorKind};
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
    /// What the robot comes for. By hand it is chosen on the screen.
    #[arg(long, value_enum, default_value_t = What::Renewal)]
    pub service: What,
    /// The robot has no card, for a service that is done without one.
    #[arg(long)]
    pub without_card: bool,
    /// How the robot logs in to the portal's online pages, where there is a choice; by default as the fault is met.
    #[arg(long, value_enum)]
    pub login: Option<Login>,
    /// Something goes wrong; may be given several times. testbench/faults.toml says what must come of each in a renewal, and
    /// the file with the service's name in the others.
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
    /// Where the result goes; must not hold one already. A folder named demo-out by default.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Makes up another test person.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// After a visit with a fault a healthy one of another person must succeed; `false` leaves it out.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub then_healthy: bool,
}

impl Arguments {
    /// Switches that say the opposite of each other, or nothing where they stand.
    ///
    /// # Errors
    /// Names the switch, and where it belongs.
    pub fn fit(&self) -> Result<(), clap::Error> {
        let service = self.service.name();
        let online = matches!(self.service, What::NewPin | What::Unblock);
        let found = if !self.auto
            && (self.service != What::Renewal || self.without_card || self.login.is_some())
        {
            "--service, --without-card and --login are for the robot, found without --auto".to_owned()
        } else if self.without_card && self.service != What::WetInk {
            format!("--without-card is for --service wet-ink, found with --service {service}")
        } else if self.login.is_some() && self.service != What::NewPin {
            format!("--login is for --service new-pin, found with --service {service}")
        } else if self.helper.is_some() && self.service != What::Assisted {
            format!("--helper is for --service assisted, found with --service {service}")
        } else if online && self.institution == Portal::Saglik {
            format!("--service {service} is for --institution meb: the other's profile has no online pages")
        } else {
            return Ok(());
        };
        Err(Self::command().error(ErrorKind::ArgumentConflict, found))
    }
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Arguments;

    #[test]
    fn switches_that_mean_nothing_where_they_stand_are_refused_by_name() {
        for (line, found) in [
            ("--service wet-ink", Some("--auto")),
            ("--auto --service unblock --without-card", Some("--service wet-ink")),
            ("--auto --service card-check --login word", Some("--service new-pin")),
            ("--auto --helper not-listed", Some("--service assisted")),
            ("--auto --service new-pin --institution saglik", Some("no online pages")),
            ("--auto --service wet-ink --without-card --fault printer-off", None),
            ("--auto --service new-pin --login word", None),
            ("--auto --service assisted --institution saglik", None),
            ("--fault slow --token auto", None),
        ] {
            let arguments = Arguments::try_parse_from(["demo"].into_iter().chain(line.split(' '))).unwrap();
            let refused = arguments.fit().err().map(|error| error.to_string());
            match (found, refused) {
                (Some(found), Some(refused)) => assert!(refused.contains(found), "{line}: {refused}"),
                (found, refused) => assert_eq!(found.map(str::to_owned), refused, "{line}"),
            }
        }
    }
}
