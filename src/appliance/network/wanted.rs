//! What a configuration wants to reach, by which of the kiosk's users. Pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    net::IpAddr,
};

use url::Url;

use crate::{
    config::{Config, Destination, Host, Network, Printer},
    portal::Profile,
};

/// Destinations by who goes there and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// `kioskd`, over TCP.
    pub(super) kioskd: BTreeSet<Destination>,
    /// The system, over TCP.
    pub(super) system: BTreeSet<Destination>,
    /// The system, over TCP and UDP: the journal.
    pub(super) log: BTreeSet<Destination>,
    /// Time servers.
    pub(super) ntp: BTreeSet<Host>,
    /// Name servers; none: those of DHCP.
    pub(super) dns: Vec<IpAddr>,
    /// Names `kioskd` looks up and does not go to itself, because a proxy does.
    pub(super) beyond: BTreeSet<String>,
    /// Names with an address in the configuration.
    pub(super) given: BTreeMap<String, IpAddr>,
}

impl Wanted {
    /// What a configuration with its profile wants.
    pub(super) fn of(config: &Config, profile: &Profile) -> Self {
        let Network { address: _, gateway: _, dns, ntp, printer, log, help } = &config.network;
        let mut wanted = Self {
            log: log.iter().cloned().collect(),
            ntp: ntp.iter().cloned().collect(),
            dns: dns.clone(),
            given: config.portal.resolve.iter().map(|(name, at)| (name.to_ascii_lowercase(), *at)).collect(),
            ..Self::default()
        };
        let updates = config.updates.address.as_deref().and_then(|address| Url::parse(address).ok());
        wanted.system.extend(updates.as_ref().and_then(destination));
        wanted.kioskd.extend(printer.iter().chain(help).cloned());
        wanted.kioskd.extend(config.printer.as_ref().and_then(Printer::destination));
        // Reached directly, also where the portal is reached by a proxy.
        let webhook = config.help.webhook.as_deref().and_then(|address| Url::parse(address).ok());
        wanted.kioskd.extend(webhook.as_ref().and_then(destination));
        let portal = portal(config, profile);
        match config.portal.proxy.as_deref().map(Url::parse) {
            None => wanted.kioskd.extend(portal),
            Some(Err(_)) => {}
            Some(Ok(proxy)) => {
                wanted.kioskd.extend(destination(&proxy));
                // Of the kinds of proxies this one alone is told addresses.
                if proxy.scheme() == "socks5" {
                    wanted
                        .beyond
                        .extend(portal.into_iter().filter_map(|Destination { host, .. }| name(&host)));
                }
            }
        }
        wanted
    }

    /// All names that have to have an address.
    pub(super) fn names(&self) -> BTreeSet<&str> {
        let hosts = [&self.kioskd, &self.system, &self.log].into_iter().flatten().map(|to| &to.host);
        let named = hosts.chain(&self.ntp).filter_map(|host| match host {
            Host::Name(name) => Some(name.as_str()),
            Host::Address(_) => None,
        });
        named.chain(self.beyond.iter().map(String::as_str)).collect()
    }
}

/// Where pages, forms, redirects and signatures may lead: as `portal::Flow` has it.
fn portal(config: &Config, profile: &Profile) -> BTreeSet<Destination> {
    let parsed = |address: &Option<String>, usual: &Url| {
        address.as_deref().and_then(|address| Url::parse(address).ok()).unwrap_or_else(|| usual.clone())
    };
    let hosts = profile.hosts.iter().filter_map(|host| Url::parse(&format!("https://{host}/")).ok());
    let online = profile.online.iter().map(|online| parsed(&config.portal.online_address, &online.address));
    hosts
        .chain([
            parsed(&config.portal.address, &profile.address),
            parsed(&config.portal.signing_address, &profile.signing_address),
        ])
        .chain(online)
        .filter_map(|url| destination(&url))
        .collect()
}

fn destination(url: &Url) -> Option<Destination> {
    // The port of a proxy that names none is that of its kind.
    let port = url.port_or_known_default().or_else(|| url.scheme().starts_with("socks5").then_some(1080))?;
    Some(Destination { host: url.host_str()?.parse().ok()?, port })
}

fn name(host: &Host) -> Option<String> {
    match host {
        Host::Name(name) => Some(name.clone()),
        Host::Address(_) => None,
    }
}

/// What timesyncd is told: these servers and no others.
pub(super) fn timesyncd(network: &Network) -> String {
    let servers: Vec<String> = network.ntp.iter().map(ToString::to_string).collect();
    format!("[Time]\nNTP={}\nFallbackNTP=\n", servers.join(" "))
}

/// What networkd is told beside `20-wired.network`, where DHCP gives the address and the office names the name servers:
/// the rules let nothing through to others.
pub(super) fn name_servers(network: &Network) -> Option<String> {
    if network.fixed().is_some() || network.dns.is_empty() {
        return None;
    }
    let mut text = "[Network]\n".to_owned();
    for server in &network.dns {
        // Writing to a String does not fail.
        let _ = writeln!(text, "DNS={server}");
    }
    text.push_str("[DHCPv4]\nUseDNS=no\n[DHCPv6]\nUseDNS=no\n[IPv6AcceptRA]\nUseDNS=no\n");
    Some(text)
}

/// What networkd is told, where the address is fixed.
pub(super) fn networkd(network: &Network) -> Option<String> {
    let (address, length) = network.fixed()?;
    let mut text = format!("[Match]\nType=ether\n\n[Network]\nDHCP=no\nAddress={address}/{length}\n");
    // Writing to a String does not fail.
    if let Some(gateway) = network.gateway {
        let _ = writeln!(text, "Gateway={gateway}");
    }
    for server in &network.dns {
        let _ = writeln!(text, "DNS={server}");
    }
    text.push_str("IPv6AcceptRA=no\nLLMNR=no\nMulticastDNS=no\nLLDP=no\nEmitLLDP=no\n");
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Wanted;
    use crate::{config::Config, portal::Profile};

    #[test]
    fn where_calls_for_staff_go_is_reached_directly_also_where_there_is_a_proxy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let profile = Profile::load(&root.join("profiles/meb.toml")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for office in ["lan.toml", "proxy.toml"] {
            let file = folder.path().join(office);
            let text = std::fs::read_to_string(root.join("systemd/tests").join(office)).unwrap();
            std::fs::write(&file, text + "\n[help]\nwebhook = \"https://yardim.example/GIZLI?a=1\"\n")
                .unwrap();
            let wanted = Wanted::of(&Config::load(&file).unwrap(), &profile);
            assert!(wanted.kioskd.contains(&"yardim.example:443".parse().unwrap()), "{office}: {wanted:?}");
            assert!(wanted.names().contains("yardim.example"), "{office}");
            assert!(!format!("{wanted:?}").contains("GIZLI"), "{office}");
        }
    }
}
