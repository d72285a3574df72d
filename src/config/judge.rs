//! Judges the values of a configuration that could be read.
//!
//! It knows ranges and what must fit together; whether a module loads or a line exists is found out by the
//! process that uses it.

use std::{
    collections::BTreeSet,
    fmt::{Debug, Display},
    ops::RangeInclusive,
    path::Path,
};

use super::{Backend, Config, ConfigError, Rules, Token};

impl Config {
    pub(super) fn judge(&self, file: &Path) -> Result<(), ConfigError> {
        let judge = Judge { file };
        judge.office(self)?;
        judge.portal(self)?;
        judge.links(self)?;
        judge.token(&self.token)?;
        judge.rules(&self.rules)?;
        judge.screen(self)?;
        self.updates.judge(&judge)?;
        self.staff.judge(&judge)?;
        self.help.judge(&judge)?;
        judge.network(self)?;
        judge.printer(self)?;
        judge.hardware(self)
    }

    /// Judges the files that `kioskd` reads: the profile and the roots must be there.
    ///
    /// # Errors
    /// [`ConfigError::Value`] for the first that cannot be read.
    pub fn judge_files(&self, file: &Path) -> Result<(), ConfigError> {
        let judge = Judge { file };
        let readable = |key, path: &Path, expected: &str| {
            std::fs::read_to_string(path)
                .or_else(|error| judge.refuse(key, &format!("{} ({error})", path.display()), expected))
        };
        readable("portal.profile", &self.portal.profile, "a profile file that can be read")?;
        for root in &self.portal.ca_roots {
            let pem = readable("portal.ca_roots", root, "a PEM file that can be read")?;
            if !pem.contains("-----BEGIN CERTIFICATE-----") {
                return judge.refuse(
                    "portal.ca_roots",
                    &format!("{} without a certificate", root.display()),
                    "a PEM file with certificates",
                );
            }
        }
        for root in self.printer.iter().flat_map(|printer| &printer.ca_roots) {
            readable("printer.ca_roots", root, "a PEM file that can be read")?;
        }
        Ok(())
    }
}

pub(super) struct Judge<'a> {
    pub(super) file: &'a Path,
}

impl Judge<'_> {
    pub(super) fn refuse<T>(
        &self,
        key: &'static str,
        found: &impl Display,
        expected: &str,
    ) -> Result<T, ConfigError> {
        Err(ConfigError::Value {
            file: self.file.to_owned(),
            key,
            found: found.to_string(),
            expected: expected.to_owned(),
        })
    }

    pub(super) fn within<N: Display + PartialOrd>(
        &self,
        key: &'static str,
        found: N,
        unit: &str,
        range: RangeInclusive<N>,
    ) -> Result<(), ConfigError> {
        if range.contains(&found) {
            return Ok(());
        }
        self.refuse(key, &found, &format!("{unit} from {} to {}", range.start(), range.end()))
    }

    pub(super) fn short(&self, key: &'static str, text: &str) -> Result<(), ConfigError> {
        let fits = !text.trim().is_empty() && text.chars().count() <= 60 && !text.contains(char::is_control);
        if fits { Ok(()) } else { self.refuse(key, &quoted(text), "1 to 60 characters on one line") }
    }

    fn office(&self, config: &Config) -> Result<(), ConfigError> {
        let office = &config.office;
        self.short("office.name", &office.name)?;
        self.short("office.help_phone", &office.help_phone)?;
        self.short("office.help_email", &office.help_email)?;
        if let Some(hint) = &office.security_word_hint {
            self.short("office.security_word_hint", hint)?;
        }
        for value in office.defaults.values() {
            if value.contains(char::is_control) || value.chars().count() > 250 {
                return self.refuse(
                    "office.defaults",
                    &quoted(value),
                    "values of at most 250 characters on one line",
                );
            }
        }
        Ok(())
    }

    fn portal(&self, config: &Config) -> Result<(), ConfigError> {
        let portal = &config.portal;
        for (key, address) in [
            ("portal.address", &portal.address),
            ("portal.signing_address", &portal.signing_address),
            ("portal.online_address", &portal.online_address),
        ] {
            if let Some(address) = address
                && !address.starts_with("https://")
            {
                return self.refuse(key, &quoted(address), "an address that begins with https://");
            }
        }
        if let Some(proxy) = &portal.proxy
            && !["http://", "socks5://", "socks5h://"].iter().any(|scheme| proxy.starts_with(scheme))
        {
            // A proxy's address may hold a password.
            return self.refuse(
                "portal.proxy",
                &"an address of another kind",
                "http://…, socks5://… or socks5h://…",
            );
        }
        if portal.ca_roots.is_empty() {
            return self.refuse("portal.ca_roots", &"an empty list", "at least one PEM file");
        }
        self.within("portal.connect_timeout_s", portal.connect_timeout_s, "seconds", 1..=120)?;
        self.within("portal.answer_timeout_s", portal.answer_timeout_s, "seconds", 1..=120)
    }

    fn links(&self, config: &Config) -> Result<(), ConfigError> {
        let links = &config.links;
        let mut paths = vec![&links.screen, &links.signer, &links.pin, &links.submission_flag];
        let optional = [&links.visit_lock, &links.health, &links.system, &links.metrics, &links.paper];
        paths.extend(optional.into_iter().flatten());
        if paths.iter().collect::<BTreeSet<_>>().len() < paths.len() {
            return self.refuse("links", &"the same path twice", "different paths");
        }
        let sockets = [
            ("links.screen", Some(&links.screen)),
            ("links.signer", Some(&links.signer)),
            ("links.pin", Some(&links.pin)),
            ("links.paper", links.paper.as_ref()),
        ];
        for (key, path) in sockets.into_iter().filter_map(|(key, path)| path.map(|path| (key, path))) {
            // sockaddr_un(7): 108 bytes with the final zero, and four of ours (see `link::listen`).
            let length = path.as_os_str().len();
            if length > 103 {
                return self.refuse(
                    key,
                    &format!("a path of {length} bytes"),
                    "at most 103 bytes, by the kernel's limit for a socket",
                );
            }
        }
        Ok(())
    }

    pub(super) fn token(&self, token: &Token) -> Result<(), ConfigError> {
        match (token.backend, &token.module) {
            (Backend::Pkcs11, None) => {
                self.refuse("token.module", &"nothing", "the path of a PKCS#11 module, or another backend")?;
            }
            (Backend::Pkcs11, Some(_)) | (Backend::Auto | Backend::Akis, _) => {}
        }
        self.within("token.call_deadline_ms", token.call_deadline_ms, "milliseconds", 100..=120_000)
    }

    pub(super) fn rules(&self, rules: &Rules) -> Result<(), ConfigError> {
        if let Some(days) = rules.renewal_window_days {
            self.within("rules.renewal_window_days", days, "days", 1..=3650)?;
        }
        for (key, seconds, range) in [
            ("rules.idle_s", rules.idle_s, 5..=600),
            ("rules.still_there_s", rules.still_there_s, 2..=120),
            ("rules.left_alone_s", rules.left_alone_s, 2..=120),
            ("rules.dark_s", rules.dark_s, 5..=3600),
            ("rules.card_back_s", rules.card_back_s, 2..=300),
            ("rules.take_card_s", rules.take_card_s, 1..=120),
            ("rules.result_s", rules.result_s, 2..=600),
            ("rules.thank_you_s", rules.thank_you_s, 1..=60),
            ("rules.poll_s", rules.poll_s, 1..=30),
            ("rules.signer_s", rules.signer_s, 1..=120),
        ] {
            self.within(key, seconds, "seconds", range)?;
        }
        self.within("rules.assisted_factor", rules.assisted_factor, "times", 1..=10)?;
        self.within("rules.clock_not_before", rules.clock_not_before, "Unix seconds", 0..=253_402_300_799)
    }

    fn screen(&self, config: &Config) -> Result<(), ConfigError> {
        let Some(size) = &config.screen.size else { return Ok(()) };
        let pixels = |text: &str| text.parse::<u32>().is_ok_and(|pixels| (320..=8192).contains(&pixels));
        if size.split_once('x').is_some_and(|(width, height)| pixels(width) && pixels(height)) {
            return Ok(());
        }
        self.refuse("screen.size", &quoted(size), "WIDTHxHEIGHT, each from 320 to 8192 pixels")
    }
}

/// As it stands in the file, shortened.
pub(super) fn quoted(text: &(impl Debug + ?Sized)) -> String {
    let text = format!("{text:?}");
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
pub(super) mod tests;
