//! The rules as nftables reads them. Pure: what is wanted and what names mean in, text out.
//!
//! Every value in the text is a number or an address: a name is looked up before, so that nothing of a configuration
//! can be read as a rule.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    net::{IpAddr, SocketAddr},
};

use super::{names::Names, wanted::Wanted};
use crate::config::Destination;

/// The users of the three programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Uids {
    pub(super) supervisor: u32,
    pub(super) signer: u32,
    pub(super) screen: u32,
}

const DNS: u16 = 53;
const NTP: u16 = 123;

/// All rules, in one transaction that takes the place of those before.
pub(super) fn ruleset(wanted: &Wanted, names: &Names, dhcp_servers: &[IpAddr], uids: Uids) -> String {
    let Uids { supervisor, signer, screen } = uids;
    let reached = |to: &BTreeSet<Destination>| {
        to.iter()
            .flat_map(|Destination { host, port }| {
                names.addresses(host).into_iter().map(|address| SocketAddr::new(address, *port))
            })
            .collect::<BTreeSet<_>>()
    };
    let servers = if wanted.dns.is_empty() { dhcp_servers } else { &wanted.dns };
    let dns = servers.iter().map(|server| SocketAddr::new(*server, DNS)).collect();
    let ntp =
        wanted.ntp.iter().flat_map(|host| names.addresses(host)).map(|at| SocketAddr::new(at, NTP)).collect();

    let kioskd = accept("tcp", &reached(&wanted.kioskd));
    let mut system = accept("tcp", &reached(&wanted.system));
    for (protocols, to) in
        [(["tcp", "udp"].as_slice(), reached(&wanted.log)), (&["tcp", "udp"], dns), (&["udp"], ntp)]
    {
        for protocol in protocols {
            system.push_str(&accept(protocol, &to));
        }
    }
    format!(
        "table inet kiosk
delete table inet kiosk
table inet kiosk {{
	chain in {{
		type filter hook input priority filter; policy drop;
		iifname \"lo\" accept
		ct state established,related accept
		udp sport 67 udp dport 68 accept
		udp sport 547 udp dport 546 accept
		icmpv6 type {{ nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert }} ip6 hoplimit 255 accept
		icmpv6 type mld-listener-query ip6 hoplimit 1 ip6 saddr fe80::/10 accept
		counter
	}}
	chain forward {{
		type filter hook forward priority filter; policy drop;
	}}
	chain out {{
		type filter hook output priority filter; policy drop;
		meta skuid {{ {signer}, {screen} }} counter reject with icmpx admin-prohibited
		oifname \"lo\" accept
		ct state established,related accept
		meta skuid {supervisor} goto kioskd
		goto system
	}}
	chain kioskd {{
{kioskd}		counter reject with icmpx admin-prohibited
	}}
	chain system {{
		udp sport 68 udp dport 67 accept
		udp sport 546 udp dport 547 accept
		icmpv6 type {{ nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert }} accept
		icmpv6 type {{ mld-listener-report, mld-listener-done, mld2-listener-report }} accept
{system}		counter reject with icmpx admin-prohibited
	}}
}}
"
    )
}

/// Rules that let a protocol through to addresses with their ports; none for none.
fn accept(protocol: &str, to: &BTreeSet<SocketAddr>) -> String {
    let mut text = String::new();
    for (family, is_of_it) in
        [("ip", SocketAddr::is_ipv4 as fn(&SocketAddr) -> bool), ("ip6", SocketAddr::is_ipv6)]
    {
        let elements: Vec<String> =
            to.iter().filter(|to| is_of_it(to)).map(|to| format!("{} . {}", to.ip(), to.port())).collect();
        if !elements.is_empty() {
            // Writing to a String does not fail.
            let _ =
                writeln!(text, "\t\t{family} daddr . {protocol} dport {{ {} }} accept", elements.join(", "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Names, Uids, Wanted, ruleset};

    const UIDS: Uids = Uids { supervisor: 801, signer: 802, screen: 803 };

    fn chain(text: &str, name: &str) -> String {
        let from = text.find(&format!("chain {name} {{")).unwrap();
        text[from..].split("\t}").next().unwrap().to_owned()
    }

    fn wanted() -> Wanted {
        Wanted {
            kioskd: ["portal.example:443", "192.0.2.9:8443", "nowhere.example:443"]
                .map(|to| to.parse().unwrap())
                .into(),
            ntp: ["time.example".parse().unwrap()].into(),
            log: ["[2001:db8::5]:19532".parse().unwrap()].into(),
            ..Wanted::default()
        }
    }

    fn names() -> Names {
        Names::parse("192.0.2.1 portal.example\n2001:db8::1 portal.example\n192.0.2.4 time.example\n")
    }

    #[test]
    fn kioskd_reaches_its_destinations_by_address_and_port_and_the_system_its_own() {
        let text = ruleset(&wanted(), &names(), &["192.0.2.3".parse().unwrap()], UIDS);
        let kioskd = chain(&text, "kioskd");
        assert!(
            kioskd.contains("ip daddr . tcp dport { 192.0.2.1 . 443, 192.0.2.9 . 8443 } accept"),
            "{kioskd}"
        );
        assert!(kioskd.contains("ip6 daddr . tcp dport { 2001:db8::1 . 443 } accept"), "{kioskd}");
        let system = chain(&text, "system");
        assert!(system.contains("ip daddr . udp dport { 192.0.2.4 . 123 } accept"), "{system}");
        assert!(system.contains("ip daddr . udp dport { 192.0.2.3 . 53 } accept"), "{system}");
        assert!(system.contains("ip6 daddr . tcp dport { 2001:db8::5 . 19532 } accept"), "{system}");
        assert!(!system.contains("443") && !kioskd.contains(". 53") && !kioskd.contains("123"), "{text}");
    }

    #[test]
    fn configured_name_servers_take_the_place_of_those_of_dhcp() {
        let wanted = Wanted { dns: vec!["192.0.2.53".parse().unwrap()], ..wanted() };
        let text = ruleset(&wanted, &names(), &["192.0.2.3".parse().unwrap()], UIDS);
        assert!(text.contains("{ 192.0.2.53 . 53 }") && !text.contains("192.0.2.3 "), "{text}");
    }

    #[test]
    fn where_nothing_is_wanted_nothing_is_let_through() {
        let text = ruleset(&Wanted::default(), &names(), &[], UIDS);
        assert!(!text.contains("dport {"), "{text}");
        for name in ["in", "forward", "out"] {
            assert!(chain(&text, name).contains("policy drop"), "{name}");
        }
    }
}
