//! `[printer]`: where applications that are signed by hand are printed, and to whom they are delivered.
//!
//! Left out, this kiosk offers none. What a printer can do is found out when it is used.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{
    Config, ConfigError, Destination, Host,
    judge::{Judge, quoted},
};

/// The section.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Printer {
    /// `ipps://host:631/ipp/print`, or `ipp://` on a wire of its own: what is printed is personal.
    pub address: String,
    /// PEM files of the only roots its certificate is trusted under; for `ipps`.
    #[serde(default)]
    pub ca_roots: Vec<PathBuf>,
    /// To whom the signed sheets are delivered, as it is shown and printed.
    pub deliver_to: String,
    /// Seconds a job may take, with the paper that somebody has to fetch.
    #[serde(default = "Printer::wait")]
    pub wait_s: u64,
}

impl Printer {
    fn wait() -> u64 {
        180
    }

    /// The host and port it is reached at; 631 where none is named (RFC 8010, 4.1). `None` for what is no such address.
    #[must_use]
    pub fn destination(&self) -> Option<Destination> {
        self.parts().map(|(_, to, _)| to)
    }

    /// Where its requests are posted: `https` for `ipps`, `http` for `ipp`.
    #[must_use]
    pub fn posts_to(&self) -> Option<String> {
        let (secure, Destination { host, port }, path) = self.parts()?;
        let host = match host {
            Host::Address(IpAddr::V6(address)) => format!("[{address}]"),
            Host::Address(IpAddr::V4(_)) | Host::Name(_) => host.to_string(),
        };
        let scheme = if secure { "https" } else { "http" };
        Some(format!("{scheme}://{host}:{port}/{path}"))
    }

    /// Whether the way is over TLS; host and port; the path without its first slash.
    fn parts(&self) -> Option<(bool, Destination, &str)> {
        let (scheme, rest) = self.address.split_once("://")?;
        let secure = match scheme {
            "ipps" => true,
            "ipp" => false,
            _ => return None,
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
        let named = authority.rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'));
        let to = if named { authority.parse() } else { format!("{authority}:631").parse() };
        Some((secure, to.ok()?, path)).filter(|_| path.chars().all(plain))
    }

    pub(super) fn resolve_against(&mut self, folder: &Path) {
        for path in &mut self.ca_roots {
            *path = folder.join(&path);
        }
    }
}

impl Judge<'_> {
    pub(super) fn printer(&self, config: &Config) -> Result<(), ConfigError> {
        let Some(printer) = &config.printer else { return Ok(()) };
        if printer.destination().is_none() {
            let expected = "ipps://HOST[:PORT]/PATH or ipp://HOST[:PORT]/PATH";
            return self.refuse("printer.address", &quoted(&printer.address), expected);
        }
        let secure = printer.address.starts_with("ipps://");
        match (secure, printer.ca_roots.is_empty()) {
            (true, true) => {
                self.refuse("printer.ca_roots", &"nothing", "at least one PEM file for ipps://")?
            }
            (false, false) => self.refuse("printer.ca_roots", &"a list", "none for ipp://")?,
            (true, false) | (false, true) => {}
        }
        self.short("printer.deliver_to", &printer.deliver_to)?;
        self.within("printer.wait_s", printer.wait_s, "seconds", 10..=1800)?;
        if config.links.paper.is_none() {
            return self.refuse("links.paper", &"nothing", "the socket of kiosk-paper, for [printer]");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Printer;

    fn at(address: &str) -> Printer {
        Printer { address: address.into(), ca_roots: Vec::new(), deliver_to: "x".into(), wait_s: 60 }
    }

    #[test]
    fn a_printer_is_posted_to_at_its_own_port_or_at_631() {
        let posts = |address: &str| at(address).posts_to();
        let found = |text: &str| Some(text.to_owned());
        assert_eq!(posts("ipp://printer.example/ipp/print"), found("http://printer.example:631/ipp/print"));
        assert_eq!(posts("ipps://10.0.0.7:8631/ipp/print"), found("https://10.0.0.7:8631/ipp/print"));
        assert_eq!(posts("ipp://printer.example:80/ipp"), found("http://printer.example:80/ipp"));
        assert_eq!(posts("ipps://[fd00::7]/ipp"), found("https://[fd00::7]:631/ipp"));
        let to =
            at("ipps://printer.example/ipp/print").destination().map(|to| (to.host.to_string(), to.port));
        assert_eq!(to, Some(("printer.example".to_owned(), 631)));
    }

    #[test]
    fn anything_else_is_no_printer() {
        for wrong in [
            "http://printer/",
            "printer.example",
            "ipp://",
            "ipps://a b/",
            "ipp://user:word@printer/",
            "ipp://printer/a?b",
        ] {
            assert!(at(wrong).destination().is_none(), "{wrong}");
        }
    }
}
