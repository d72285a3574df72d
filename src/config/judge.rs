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
        judge.network(self)?;
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

    fn within<N: Display + PartialOrd>(
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

    fn short(&self, key: &'static str, text: &str) -> Result<(), ConfigError> {
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
        for (key, address) in
            [("portal.address", &portal.address), ("portal.signing_address", &portal.signing_address)]
        {
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
        paths.extend([&links.visit_lock, &links.health, &links.system, &links.metrics].into_iter().flatten());
        if paths.iter().collect::<BTreeSet<_>>().len() < paths.len() {
            return self.refuse("links", &"the same path twice", "different paths");
        }
        for (key, path) in
            [("links.screen", &links.screen), ("links.signer", &links.signer), ("links.pin", &links.pin)]
        {
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
pub(super) mod tests {
    use std::{fs, path::PathBuf};

    use tempfile::TempDir;

    use super::{Config, ConfigError};
    use crate::config::{Backend, Salvaged};

    const SOUND: &str = r#"
[office]
name = "DENEME İlçe Müdürlüğü"
help_phone = "444 0 000"
help_email = "yardim@example.invalid"
[portal]
profile = "profile.toml"
ca_roots = ["roots.pem"]
[links]
screen = "screen.sock"
signer = "signer.sock"
pin = "pin.sock"
submission_flag = "flag"
[token]
module = "module.so"
[rules]
idle_s = 60
[peripherals]
lamp = { chip = "/dev/gpiochip0", offset = 4 }
"#;

    fn written(text: &str) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kiosk.toml");
        fs::write(&file, text).unwrap();
        (folder, file)
    }

    /// Loads the sound file with one place changed; the fault's text without the file's folder.
    pub(in crate::config) fn fault(from: &str, to: &str) -> String {
        assert!(SOUND.contains(from), "{from}");
        let (folder, file) = written(&SOUND.replacen(from, to, 1));
        let text = Config::load(&file).expect_err(to).to_string();
        text.replace(&format!("{}/", folder.path().display()), "")
    }

    #[test]
    fn a_sound_file_is_read_with_paths_beside_it() {
        let (folder, file) = written(SOUND);
        let config = Config::load(&file).unwrap();
        assert_eq!(config.links.screen, folder.path().join("screen.sock"));
        assert_eq!(config.portal.ca_roots, [folder.path().join("roots.pem")]);
        assert_eq!(config.rules.still_there_s, 20);
    }

    #[test]
    fn a_file_behind_a_link_has_its_paths_beside_itself() {
        let (folder, file) = written(SOUND);
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("kiosk.toml");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let config = Config::load(&link).unwrap();
        assert_eq!(config.portal.ca_roots, [folder.path().canonicalize().unwrap().join("roots.pem")]);
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("none.toml");
        let error = Config::load(&file).unwrap_err();
        assert!(matches!(error, ConfigError::Unreadable { .. }));
        assert!(error.to_string().starts_with(&format!("{}: cannot be read: ", file.display())), "{error}");
    }

    #[test]
    fn an_unknown_key_is_named_with_the_known_ones_even_in_a_nested_table() {
        let text = fault("idle_s = 60", "idel_s = 60");
        assert!(
            text.starts_with("kiosk.toml: line 17: rules.idel_s: unknown field `idel_s`, expected"),
            "{text}"
        );
        let text = fault("offset = 4 }", "offset = 4, colour = 1 }");
        assert!(text.starts_with("kiosk.toml: line 19: peripherals.lamp: unknown field `colour`"), "{text}");
        let text = fault("[rules]", "[ruels]");
        assert!(text.contains("unknown field `ruels`"), "{text}");
        let text = fault("[portal]", "defaults = { shoe-size = \"44\" }\n[portal]");
        assert!(text.contains("office.defaults: unknown variant `shoe-size`"), "{text}");
    }

    #[test]
    fn a_wrong_type_is_named_with_what_was_found_and_expected() {
        assert_eq!(
            fault("idle_s = 60", "idle_s = \"sixty\""),
            "kiosk.toml: line 17: rules.idle_s: invalid type: string \"sixty\", expected u64"
        );
    }

    #[test]
    fn a_missing_key_is_named_with_its_table() {
        let text = fault("screen = \"screen.sock\"\n", "");
        assert!(text.contains("links: missing field `screen`"), "{text}");
    }

    #[test]
    fn what_is_no_toml_is_named_by_its_line() {
        let text = fault("idle_s = 60", "idle_s 60");
        assert!(text.starts_with("kiosk.toml: line 17: rules"), "{text}");
    }

    #[test]
    fn a_value_out_of_range_is_named_with_the_range() {
        for (from, to, expected) in [
            ("idle_s = 60", "idle_s = 1", "rules.idle_s: found 1, expected seconds from 5 to 600"),
            (
                "idle_s = 60",
                "renewal_window_days = 0",
                "rules.renewal_window_days: found 0, expected days from 1",
            ),
            (
                "name = \"DENEME İlçe Müdürlüğü\"",
                "name = \" \"",
                "office.name: found \" \", expected 1 to 60",
            ),
            ("[\"roots.pem\"]", "[]", "portal.ca_roots: found an empty list, expected at least one PEM file"),
            (
                "pin = \"pin.sock\"",
                "pin = \"signer.sock\"",
                "links: found the same path twice, expected diff",
            ),
            (
                "[links]",
                "address = \"http://a.invalid\"\n[links]",
                "portal.address: found \"http://a.invalid\", exp",
            ),
            (
                "[links]",
                "proxy = \"ftp://a.invalid\"\n[links]",
                "portal.proxy: found an address of another kind",
            ),
            (
                "[token]",
                "[screen]\nsize = \"wide\"\n[token]",
                "screen.size: found \"wide\", expected WIDTHxHEIGHT",
            ),
        ] {
            let text = fault(from, to);
            assert!(text.starts_with(&format!("kiosk.toml: {expected}")), "{text}");
        }
        let long = format!("screen = \"{}\"", "s".repeat(120));
        assert!(fault("screen = \"screen.sock\"", &long).contains("links.screen: found a path of "));
    }

    #[test]
    fn an_address_of_ones_own_needs_its_router_and_both_are_of_one_kind() {
        let network = |lines: &str| fault("idle_s = 60", &format!("idle_s = 60\n[network]\n{lines}"));
        for (lines, expected) in [
            (
                "address = '10.0.0.5'",
                "network.address: found \"10.0.0.5\", expected an address with the length",
            ),
            ("address = '10.0.0.5/33'\ngateway = '10.0.0.1'", "network.address: found"),
            ("address = '10.0.0.5/24'", "network.gateway: found nothing, expected the router"),
            ("gateway = '10.0.0.1'", "network.gateway: found a router for DHCP"),
            (
                "address = '10.0.0.5/24'\ngateway = 'fd00::1'",
                "network.gateway: found fd00::1, expected an address of",
            ),
        ] {
            let text = network(lines);
            assert!(text.starts_with(&format!("kiosk.toml: {expected}")), "{text}");
        }
        let text = network("printer = ['printer']");
        assert!(text.contains("network.printer: found \"printer\", expected host:port"), "{text}");
    }

    #[test]
    fn a_module_is_wanted_only_where_one_is_used() {
        assert_eq!(
            fault("module = \"module.so\"", "backend = \"pkcs11\""),
            "kiosk.toml: token.module: found nothing, expected the path of a PKCS#11 module, or another backend"
        );
        for (backend, module) in [("auto", None), ("akis", None), ("pkcs11", Some("module.so"))] {
            let named = module.map_or(String::new(), |module| format!("\nmodule = \"{module}\""));
            let text = SOUND.replace("module = \"module.so\"", &format!("backend = \"{backend}\"{named}"));
            let (folder, file) = written(&text);
            let token = Config::load(&file).unwrap().token;
            assert_eq!(token.module, module.map(|module| folder.path().join(module)), "{backend}");
        }
        let (_folder, file) = written(SOUND);
        assert_eq!(Config::load(&file).unwrap().token.backend, Backend::Auto);
        let text = fault("module = \"module.so\"", "backend = \"ccid\"");
        assert!(text.contains("token.backend: unknown variant `ccid`"), "{text}");
    }

    #[test]
    fn a_profile_or_root_that_is_not_there_is_named() {
        let (folder, file) = written(SOUND);
        let config = Config::load(&file).unwrap();
        let text = || config.judge_files(&file).unwrap_err().to_string();
        assert!(text().contains("portal.profile: found ") && text().contains("profile.toml"), "{}", text());
        fs::write(folder.path().join("profile.toml"), "").unwrap();
        assert!(text().contains("portal.ca_roots: found ") && text().contains("roots.pem"), "{}", text());
        fs::write(folder.path().join("roots.pem"), "none").unwrap();
        assert!(text().contains("roots.pem without a certificate"), "{}", text());
        fs::write(folder.path().join("roots.pem"), "-----BEGIN CERTIFICATE-----").unwrap();
        config.judge_files(&file).unwrap();
    }

    #[test]
    fn links_and_office_of_a_broken_file_can_be_used_to_tell_the_screen() {
        let (folder, file) = written(&SOUND.replace("idle_s = 60", "idle_s = 1"));
        assert!(Config::load(&file).is_err());
        let salvaged = Salvaged::from(&file);
        assert_eq!(salvaged.links.unwrap().screen, folder.path().join("screen.sock"));
        assert_eq!(salvaged.office.unwrap().help_phone, "444 0 000");
        let none = Salvaged::from(&folder.path().join("none.toml"));
        assert!(none.links.is_none() && none.office.is_none());
    }
}
