//! Names with their addresses as a hosts file has them, and the servers that are asked for names.

use std::{collections::BTreeMap, fmt, net::IpAddr};

use crate::config::Host;

/// Names with their addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names(BTreeMap<String, Vec<IpAddr>>);

impl Names {
    /// Reads a hosts file (`hosts(5)`); what is no such line is passed over.
    pub(super) fn parse(text: &str) -> Self {
        let mut names = Self::default();
        for line in text.lines() {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            let Some(address) = words.next().and_then(|word| word.parse().ok()) else { continue };
            for name in words.filter(|name| *name != LOCAL) {
                names.0.entry(name.to_ascii_lowercase()).or_default().push(address);
            }
        }
        names
    }

    pub(super) fn put(&mut self, name: &str, mut addresses: Vec<IpAddr>) {
        addresses.sort();
        addresses.dedup();
        self.0.insert(name.to_owned(), addresses);
    }

    pub(super) fn of(&self, name: &str) -> &[IpAddr] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The addresses of a host.
    pub(super) fn addresses(&self, host: &Host) -> Vec<IpAddr> {
        match host {
            Host::Address(address) => vec![*address],
            Host::Name(name) => self.of(name).to_vec(),
        }
    }
}

const LOCAL: &str = "localhost";

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "127.0.0.1 {LOCAL}\n::1 {LOCAL}")?;
        for (name, addresses) in &self.0 {
            for address in addresses {
                writeln!(f, "{address} {name}")?;
            }
        }
        Ok(())
    }
}

/// The servers a `resolv.conf(5)` names.
pub(super) fn servers(text: &str) -> Vec<IpAddr> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            (words.next() == Some("nameserver")).then_some(())?;
            // One that is reached over one link only has that link behind a percent sign.
            words.next()?.split('%').next()?.parse().ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Names, servers};

    #[test]
    fn what_is_written_down_is_read_again() {
        let mut names = Names::default();
        names.put("portal.example", vec!["192.0.2.2".parse().unwrap(), "192.0.2.1".parse().unwrap()]);
        names.put("log.example", vec!["2001:db8::1".parse().unwrap()]);
        assert_eq!(Names::parse(&names.to_string()), names);
    }

    #[test]
    fn lines_that_are_none_are_passed_over() {
        let names =
            Names::parse("# none\nnonsense portal.example\n192.0.2.1 A.Example b.example # c.example\n");
        assert_eq!(names.of("a.example"), names.of("b.example"));
        assert!(!names.of("a.example").is_empty() && names.of("c.example").is_empty());
    }

    #[test]
    fn name_servers_are_read_with_and_without_a_link() {
        let text = "# by DHCP\nnameserver 10.0.2.3\nnameserver fe80::1%eth0\nsearch example\nnameserver x\n";
        let expected: [std::net::IpAddr; 2] = ["10.0.2.3".parse().unwrap(), "fe80::1".parse().unwrap()];
        assert_eq!(servers(text), expected);
    }
}
