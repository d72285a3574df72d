//! The configuration of a bench's kiosk: the office's part, which every kiosk of a run shares, and the machine's.
//!
//! It writes what the kiosk reads; it starts nothing and judges nothing.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// What is known of the system the kiosk is part of, in the folder of the sockets; a bench has none unless it writes one.
pub const SYSTEM: &str = "system.json";

/// Whom to call.
pub const PHONE: &str = "0 000 000 00 00";
/// Whom to write to.
pub const EMAIL: &str = "yardim@example.org";
/// To whom what was signed by hand is delivered.
pub const DELIVER_TO: &str = "DENEME İlçe MEM, Atama Birimi";

/// The socket of `kiosk-paper`, in the folder of the sockets.
pub const PAPER: &str = "paper";

/// What an office decides.
#[derive(Debug, Clone)]
pub struct Office<'a> {
    /// The institution's profile, as the kiosk will find it.
    pub profile: PathBuf,
    /// The portal's first page.
    pub address: String,
    /// The signing service.
    pub signing_address: String,
    /// The first online page.
    pub online_address: String,
    /// The root the portal stands under, as the kiosk will find it.
    pub ca_root: PathBuf,
    /// Rules that deviate from the defaults.
    pub rules: &'a [(&'static str, u64)],
    /// Size of the screen, `1280x800`.
    pub size: &'a str,
    /// The printer's address, where there is one.
    pub printer: Option<&'a str>,
}

/// The tables an office decides on: `[office]`, `[portal]`, `[rules]`, `[screen]`, `[printer]`.
#[must_use]
pub fn office(of: &Office<'_>) -> Table {
    let rules =
        of.rules.iter().map(|(name, value)| (*name, Value::from(i64::try_from(*value).unwrap_or(i64::MAX))));
    let printer = of
        .printer
        .map(|address| table("printer", [("address", address.into()), ("deliver_to", DELIVER_TO.into())]));
    let tables = [
        table(
            "office",
            [
                ("name", "DENEME İlçe Milli Eğitim Müdürlüğü".into()),
                ("help_phone", PHONE.into()),
                ("help_email", EMAIL.into()),
            ],
        ),
        table(
            "portal",
            [
                ("profile", path(&of.profile)),
                ("address", of.address.as_str().into()),
                ("signing_address", of.signing_address.as_str().into()),
                ("online_address", of.online_address.as_str().into()),
                ("ca_roots", Value::Array(vec![path(&of.ca_root)])),
            ],
        ),
        table("rules", rules),
        table("screen", [("size", of.size.into())]),
    ];
    tables.into_iter().chain(printer).collect()
}

/// What belongs to the machine.
#[derive(Debug, Clone)]
pub struct Machine<'a> {
    /// Folder of the sockets.
    pub run: &'a Path,
    /// Folder of the figures: they are searched for a visitor's values as the logs beside them are.
    pub logs: &'a Path,
    /// `akis`, `pkcs11` or `auto`.
    pub backend: &'a str,
    /// The PIN is typed on the reader's own keys.
    pub pin_pad: bool,
    /// The PKCS#11 module.
    pub module: Option<&'a Path>,
}

/// The tables of the machine: `[links]`, `[token]`.
#[must_use]
pub fn machine(of: &Machine<'_>) -> Table {
    let files = [
        ("screen", "screen"),
        ("signer", "signer"),
        ("pin", "pin"),
        ("paper", PAPER),
        ("submission_flag", "submission-in-flight"),
        ("system", SYSTEM),
    ];
    let links = files.map(|(key, file)| (key, path(&of.run.join(file))));
    let module = of.module.map(|module| ("module", path(module)));
    let token = [("backend", of.backend.into()), ("pin_pad", of.pin_pad.into())];
    Table::from_iter([
        table("links", links.into_iter().chain([("metrics", path(&of.logs.join("kiosk.prom")))])),
        table("token", token.into_iter().chain(module)),
    ])
}

fn table<'a>(name: &str, rows: impl IntoIterator<Item = (&'a str, Value)>) -> (String, Value) {
    let rows = rows.into_iter().map(|(key, value)| (key.to_owned(), value));
    (name.to_owned(), Value::Table(rows.collect()))
}

fn path(path: &Path) -> Value {
    path.to_string_lossy().as_ref().into()
}
