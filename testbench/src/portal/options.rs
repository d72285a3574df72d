//! What a simulator is started with: certificates, timers, the register, the faults.
//!
//! Everything a run can vary is here; there are no other knobs.

use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Account, Fault};

/// What a simulator is started with.
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The server's TLS certificate chain, PEM.
    pub tls_certificate_pem: String,
    /// Its private key, PEM (PKCS#8).
    pub tls_key_pem: String,
    /// The authorities whose qualified certificates are accepted; DER or PEM each.
    pub authorities: Vec<Vec<u8>>,
    /// How long things live and last.
    pub timers: Timers,
    /// Whom the portal knows.
    pub register: Vec<Person>,
    /// Faults that are on from the start.
    pub faults: Vec<Fault>,
    /// Portals of one seed that are gone through alike show the same captcha, codes and numbers; without one, chance.
    pub seed: Option<u64>,
    /// JSON lines of every event; none of them holds personal data.
    pub log: Option<PathBuf>,
}

impl Options {
    /// A healthy portal on a free port of 127.0.0.1 with the timers of the real one.
    #[must_use]
    pub fn new(
        tls_certificate_pem: impl Into<String>,
        tls_key_pem: impl Into<String>,
        authorities: Vec<Vec<u8>>,
        register: Vec<Person>,
    ) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls_certificate_pem: tls_certificate_pem.into(),
            tls_key_pem: tls_key_pem.into(),
            authorities,
            timers: Timers::default(),
            register,
            faults: Vec::new(),
            seed: None,
            log: None,
        }
    }
}

/// How long things live and last.
#[derive(Debug, Clone, Copy)]
pub struct Timers {
    /// Life of the SMS code.
    pub sms_life: Duration,
    /// Life of the verification code.
    pub code_life: Duration,
    /// Life of a code or a challenge while its fault (`expired-sms`, `expired-code`, …) is on.
    pub short_life: Duration,
    /// Life of a login's challenge.
    pub challenge_life: Duration,
    /// How long the page of the new card's PIN may be looked at.
    pub pin_life: Duration,
    /// Every answer takes this long while `slow` is on.
    pub slow: Duration,
    /// An SMS takes this long while `late-sms` is on.
    pub late_sms: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            sms_life: Duration::from_secs(300),
            code_life: Duration::from_secs(300),
            short_life: Duration::from_secs(3),
            challenge_life: Duration::from_secs(120),
            pin_life: Duration::from_secs(120),
            slow: Duration::from_secs(2),
            late_sms: Duration::from_secs(10),
        }
    }
}

/// A person as national register and institution know them. Does not print itself.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Eleven digits.
    pub national_id: String,
    /// Given names.
    pub given_name: String,
    /// Surname.
    pub surname: String,
    /// Place of birth.
    pub birth_place: String,
    /// `DD.MM.YYYY`
    pub birth_date: String,
    /// "Kurum Adı"
    pub institution: String,
    /// "Kurum Sicil No"; may be empty.
    #[serde(default)]
    pub registry_number: String,
    /// Whether the person's position allows a certificate.
    pub eligible: bool,
    /// What the online pages know; `None`: nobody of this number.
    #[serde(default)]
    pub online: Option<Account>,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person([redacted])")
    }
}

/// An institution's sister page of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Institution {
    /// `/bp/meb.go`: tables, selects, the district list by a second request.
    Meb,
    /// `/bp/saglik.go`: other wording and markup, the district list by posting the form back.
    Saglik,
}

impl Institution {
    /// Path of the first page.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Meb => "/bp/meb.go",
            Self::Saglik => "/bp/saglik.go",
        }
    }
}
