//! `[network]`: the address of this kiosk, and what it may reach besides the portal.
//!
//! What is not named here, or by `[portal]`, is not reached. How a name becomes an address is not decided here.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, de::Error as _};

use super::{
    Config, ConfigError,
    judge::{Judge, quoted},
};

/// The section.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// A fixed address with the length of its prefix, `10.0.0.5/24`; left out, DHCP gives one.
    pub address: Option<String>,
    /// The router, where the address is fixed.
    pub gateway: Option<IpAddr>,
    /// Name servers; none: those that DHCP gives.
    pub dns: Vec<IpAddr>,
    /// Time servers; none: the time is not asked for.
    pub ntp: Vec<Host>,
    /// Printers.
    pub printer: Vec<Destination>,
    /// Where the journal is sent.
    pub log: Vec<Destination>,
    /// Where help is called for.
    pub help: Vec<Destination>,
}

/// A host by name or by address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// By address.
    Address(IpAddr),
    /// By name, in lower case: letters, digits, hyphens and dots.
    Name(String),
}

/// A host and a port of it: `printer.example:631`, `10.0.0.7:631`, `[fd00::7]:631`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Destination {
    /// The host.
    pub host: Host,
    /// Its port.
    pub port: u16,
}

impl Network {
    /// The fixed address and the length of its prefix, if there is one and it is sound.
    #[must_use]
    pub fn fixed(&self) -> Option<(IpAddr, u8)> {
        let (address, length) = self.address.as_deref()?.split_once('/')?;
        let (address, length) = (address.parse::<IpAddr>().ok()?, length.parse::<u8>().ok()?);
        (length <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, length))
    }
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.trim_start_matches('[').trim_end_matches(']').parse() {
            return Ok(Self::Address(address));
        }
        // RFC 1123, 2.1: labels of letters, digits and hyphens.
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // An address that is none is not asked for as a name.
        let is_name = text.len() <= 253
            && text.split('.').all(is_label)
            && text
                .split('.')
                .next_back()
                .is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()));
        if is_name {
            Ok(Self::Name(text.to_ascii_lowercase()))
        } else {
            Err(format!("found {}, expected a host's name or address", quoted(text)))
        }
    }
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.rsplit_once(':').and_then(|(host, port)| {
            let bare_ipv6 = host.contains(':') && !host.starts_with('[');
            let port = port.parse().ok().filter(|port| *port != 0)?;
            (!bare_ipv6).then_some((host, port))
        });
        let Some((host, port)) = parts else {
            return Err(format!("found {}, expected host:port", quoted(text)));
        };
        Ok(Self { host: host.parse()?, port })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for Host {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Judge<'_> {
    pub(super) fn network(&self, config: &Config) -> Result<(), ConfigError> {
        let network = &config.network;
        match (&network.address, network.gateway, network.fixed()) {
            (None, None, _) => Ok(()),
            (Some(text), _, None) => self.refuse(
                "network.address",
                &quoted(text),
                "an address with the length of its prefix, 10.0.0.5/24",
            ),
            (None, Some(_), _) => {
                self.refuse("network.gateway", &"a router for DHCP", "none, or network.address")
            }
            (Some(_), None, Some(_)) => {
                self.refuse("network.gateway", &"nothing", "the router of network.address")
            }
            (Some(_), Some(gateway), Some((address, _))) if gateway.is_ipv4() != address.is_ipv4() => {
                self.refuse("network.gateway", &gateway, "an address of the kind of network.address")
            }
            (Some(_), Some(_), Some(_)) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Destination, Host};

    #[test]
    fn a_destination_is_a_name_or_an_address_with_a_port() {
        let of = |text: &str| text.parse::<Destination>();
        let name = Host::Name("printer.example".into());
        assert_eq!(of("Printer.Example:631"), Ok(Destination { host: name, port: 631 }));
        let address = Host::Address([10, 0, 0, 7].into());
        assert_eq!(of("10.0.0.7:9100"), Ok(Destination { host: address, port: 9100 }));
        let address = Host::Address("fd00::7".parse().unwrap());
        assert_eq!(of("[fd00::7]:9100"), Ok(Destination { host: address, port: 9100 }));
        for wrong in ["printer", "printer:0", "printer:66000", "fd00::7:631", ":631", "http://printer:631"] {
            assert!(of(wrong).unwrap_err().contains("expected"), "{wrong}");
        }
    }

    #[test]
    fn nothing_but_a_name_passes_for_one() {
        for wrong in ["a b", "a;b", "a\nb", "-a", "a-", "a..b", "", "10.0.0.256", "a}", "ü", "a_b"] {
            assert!(wrong.parse::<Host>().is_err(), "{wrong}");
        }
    }
}
