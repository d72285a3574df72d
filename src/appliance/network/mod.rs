//! What is reached over the network: the rules for nftables, the addresses of names, and what networkd and timesyncd
//! are told; all of it made from the configuration.
//!
//! Rules know addresses, and a configuration has names. Whoever looked a name up for itself could get another address
//! than the rules have, and could tell anybody anything by asking for names. So one program looks them up, this one
//! (`network-names`, every five minutes): it writes what it got to the hosts file, which is all that `kioskd` ever learns,
//! and the rules let exactly that through. A name server that lies leads `kioskd` to another address on the same port,
//! where TLS ends it; an address that changes is followed within that time, and one that cannot be looked up is kept.

mod names;
mod rules;
mod wanted;

use std::{
    fs,
    io::{self, Write},
    net::{IpAddr, ToSocketAddrs},
    path::{Path, PathBuf},
};

use anyhow::Context;

use crate::{
    config::{Config, Links, Network, Salvaged},
    portal::Profile,
};
use names::Names;
use rules::Uids;
use wanted::Wanted;

/// The names of the configuration with their addresses; `/etc/hosts` leads there.
pub const HOSTS: &str = "/run/eimza-kiosk/hosts";
/// The name servers that DHCP gave, as systemd-resolved writes them down.
pub const RESOLV: &str = "/run/systemd/resolve/resolv.conf";

/// Writes the rules for a configuration, or those that let nothing through where it is broken: a system without rules
/// would reach everything. To standard output where no file is named.
///
/// # Errors
/// When they cannot be written.
pub fn rules(config: &Path, output: Option<&Path>) -> anyhow::Result<()> {
    let read = |file| fs::read_to_string(file).unwrap_or_default();
    put(output, &rules_of(config, &read(HOSTS), &read(RESOLV)))
}

/// The rules, with the texts of the hosts file and of the one that names DHCP's name servers.
fn rules_of(config: &Path, hosts: &str, resolv: &str) -> String {
    let (config, wanted) = load(config);
    let servers = match config {
        Found::Sound(_) => names::servers(resolv),
        Found::Broken(_) => Vec::new(),
    };
    rules::ruleset(&wanted, &Names::parse(hosts), &servers, uids(config.links()))
}

/// Looks the names of a configuration up and writes them down with their addresses; none where it is broken.
///
/// The file this writes must not be what names are looked up in: `kiosk-names.service` has an `nsswitch.conf` of its own.
///
/// # Errors
/// When they cannot be written.
pub fn names(config: &Path, output: &Path) -> anyhow::Result<()> {
    let (_, wanted) = load(config);
    let before = Names::parse(&fs::read_to_string(output).unwrap_or_default());
    let mut names = Names::default();
    for name in wanted.names() {
        let found = match wanted.given.get(name) {
            Some(address) => vec![*address],
            None => look_up(name).unwrap_or_else(|error| {
                log::warn!(NAME = name, CAUSE = error.to_string(); "a name cannot be looked up");
                before.of(name).to_vec()
            }),
        };
        names.put(name, found);
    }
    put(Some(output), &names.to_string())
}

/// Writes what networkd and timesyncd are told of a configuration below `/run/systemd`; of a broken one, nothing but that
/// there is nobody to ask for the time.
///
/// # Errors
/// When it cannot be written.
pub fn files(config: &Path, folder: &Path) -> anyhow::Result<()> {
    let (config, _) = load(config);
    let network = config.network();
    put(Some(&folder.join("timesyncd.conf.d/kiosk.conf")), &wanted::timesyncd(&network))?;
    if let Some(text) = wanted::name_servers(&network) {
        let beside = folder.join("network/20-wired.network.d");
        fs::create_dir_all(&beside).with_context(|| beside.display().to_string())?;
        put(Some(&beside.join("kiosk.conf")), &text)?;
    }
    match wanted::networkd(&network) {
        Some(text) => put(Some(&folder.join("network/10-kiosk.network")), &text),
        None => Ok(()),
    }
}

/// What there is of a configuration.
enum Found {
    Sound(Box<Config>),
    Broken(Box<Salvaged>),
}

impl Found {
    fn links(&self) -> Option<&Links> {
        match self {
            Self::Sound(config) => Some(&config.links),
            Self::Broken(salvaged) => salvaged.links.as_ref(),
        }
    }

    fn network(&self) -> Network {
        match self {
            Self::Sound(config) => config.network.clone(),
            Self::Broken(_) => Network::default(),
        }
    }
}

/// A configuration and what it wants to reach: nothing, where it is broken. `kioskd` tells why on the screen.
fn load(file: &Path) -> (Found, Wanted) {
    let read = || -> anyhow::Result<_> {
        let config = Config::load(file)?;
        let profile = Profile::load(&config.portal.profile)?;
        let wanted = Wanted::of(&config, &profile);
        Ok((Found::Sound(Box::new(config)), wanted))
    };
    read().unwrap_or_else(|fault| {
        log::error!("nothing is let through: {fault:#}");
        (Found::Broken(Box::new(Salvaged::from(file))), Wanted::default())
    })
}

/// Whom the image's users are, where the configuration cannot be asked: `systemd/sysusers.d`.
fn uids(links: Option<&Links>) -> Uids {
    let of = |pick: fn(&Links) -> Option<u32>, usual| links.and_then(pick).unwrap_or(usual);
    Uids {
        supervisor: of(|links| links.supervisor_uid, 801),
        signer: of(|links| links.signer_uid, 802),
        screen: of(|links| links.screen_uid, 803),
    }
}

fn look_up(name: &str) -> io::Result<Vec<IpAddr>> {
    let found: Vec<IpAddr> = (name, 0).to_socket_addrs()?.map(|found| found.ip()).collect();
    if found.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(found) }
}

/// Written whole or not at all.
fn put(output: Option<&Path>, text: &str) -> anyhow::Result<()> {
    let Some(file) = output else {
        return Ok(io::stdout().lock().write_all(text.as_bytes())?);
    };
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    fs::write(&beside, text)
        .and_then(|()| fs::rename(&beside, file))
        .with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{files, names, rules_of};

    /// A configuration with a portal that is named and another that is not looked up.
    fn written(folder: &Path, network: &str) -> std::path::PathBuf {
        let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/meb.toml");
        let text = format!(
            "[office]\nname = 'DENEME'\nhelp_phone = '444 0 000'\nhelp_email = 'yardim@example.invalid'\n\
             [portal]\nprofile = '{}'\nca_roots = ['roots.pem']\n\
             online_address = 'https://192.0.2.9:8443/nb.go'\n\
             resolve = {{ 'portal.kamusm.gov.tr' = '192.0.2.7', 'nesbireysel.kamusm.gov.tr' = '192.0.2.8' }}\n\
             [links]\nscreen = 'a'\nsigner = 'b'\npin = 'c'\nsubmission_flag = 'd'\nsupervisor_uid = 901\n[token]\n{network}",
            profile.display()
        );
        let file = folder.join("kiosk.toml");
        fs::write(&file, text).unwrap();
        file
    }

    #[test]
    fn a_broken_configuration_has_rules_that_let_nothing_through() {
        let folder = tempfile::tempdir().unwrap();
        let config = written(folder.path(), "[network]\nprinter = ['nonsense']\n");
        let dhcp = "nameserver 192.0.2.53\n";
        let text = rules_of(&config, "", dhcp);
        assert!(text.contains("policy drop") && text.contains("meta skuid 901"), "no rules: {text}");
        assert!(!text.contains("dport {"), "{text}");
        let sound = written(folder.path(), "");
        assert!(
            rules_of(&sound, "", dhcp).contains("192.0.2.53 . 53"),
            "a sound one has DHCP's name servers"
        );
    }

    #[test]
    fn name_servers_of_the_office_take_the_place_of_those_dhcp_gives() {
        let folder = tempfile::tempdir().unwrap();
        for made in ["network", "timesyncd.conf.d"] {
            fs::create_dir(folder.path().join(made)).unwrap();
        }
        let config = written(folder.path(), "[network]\ndns = ['192.0.2.9']\n");
        files(&config, folder.path()).unwrap();
        let told = fs::read_to_string(folder.path().join("network/20-wired.network.d/kiosk.conf")).unwrap();
        assert!(told.contains("DNS=192.0.2.9\n"), "{told}");
        assert_eq!(told.matches("UseDNS=no\n").count(), 3, "by DHCP, DHCPv6 and routers: {told}");
        assert!(!folder.path().join("network/10-kiosk.network").exists());
        let text = rules_of(&config, "", "nameserver 192.0.2.53\n");
        assert!(text.contains("192.0.2.9 . 53") && !text.contains("192.0.2.53"), "{text}");
    }

    #[test]
    fn a_broken_configuration_leaves_a_system_that_starts_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        for made in ["network", "timesyncd.conf.d"] {
            fs::create_dir(folder.path().join(made)).unwrap();
        }
        let config = written(folder.path(), "[network]\nprinter = ['nonsense']\n");
        files(&config, folder.path()).unwrap();
        let told = fs::read_to_string(folder.path().join("timesyncd.conf.d/kiosk.conf")).unwrap();
        assert!(told.contains("\nNTP=\n"), "{told}");
        let hosts = folder.path().join("hosts");
        names(&config, &hosts).unwrap();
        assert_eq!(fs::read_to_string(hosts).unwrap(), "127.0.0.1 localhost\n::1 localhost\n");
    }

    #[test]
    fn names_are_written_down_with_their_addresses_and_kept_when_they_cannot_be_looked_up() {
        let folder = tempfile::tempdir().unwrap();
        // `invalid` is never found (RFC 6761, 6.4).
        let config = written(folder.path(), "[network]\nntp = ['kept.invalid', 'lost.invalid']\n");
        let output = folder.path().join("hosts");
        fs::write(&output, "198.51.100.3 kept.invalid\n").unwrap();
        names(&config, &output).unwrap();
        let text = fs::read_to_string(output).unwrap();
        assert!(text.contains("192.0.2.7 portal.kamusm.gov.tr\n"), "{text}");
        assert!(text.contains("192.0.2.8 nesbireysel.kamusm.gov.tr\n"), "{text}");
        assert!(text.contains("198.51.100.3 kept.invalid\n"), "{text}");
        assert!(!text.contains("lost.invalid"), "{text}");
    }

    #[test]
    fn the_online_pages_are_let_through_where_the_profile_and_the_configuration_have_them() {
        let folder = tempfile::tempdir().unwrap();
        let config = written(folder.path(), "");
        let text = rules_of(&config, "192.0.2.8 nesbireysel.kamusm.gov.tr\n", "");
        assert!(text.contains("192.0.2.8 . 443") && text.contains("192.0.2.9 . 8443"), "{text}");
    }

    #[test]
    fn the_fixed_address_and_the_time_servers_are_told() {
        let folder = tempfile::tempdir().unwrap();
        for made in ["network", "timesyncd.conf.d"] {
            fs::create_dir(folder.path().join(made)).unwrap();
        }
        let config = written(folder.path(), "[network]\nntp = ['10.0.0.2']\n");
        files(&config, folder.path()).unwrap();
        let told = |name: &str| fs::read_to_string(folder.path().join(name)).ok();
        assert!(told("timesyncd.conf.d/kiosk.conf").unwrap().contains("\nNTP=10.0.0.2\n"));
        assert_eq!(told("network/10-kiosk.network"), None);
        let config = written(
            folder.path(),
            "[network]\naddress = '10.0.0.5/24'\ngateway = '10.0.0.1'\ndns = ['10.0.0.3']\n",
        );
        files(&config, folder.path()).unwrap();
        let text = told("network/10-kiosk.network").unwrap();
        for line in ["Address=10.0.0.5/24", "Gateway=10.0.0.1", "DNS=10.0.0.3", "DHCP=no"] {
            assert!(text.contains(&format!("\n{line}\n")), "{text}");
        }
    }
}
