//! What the portal remembers: sessions, verification codes, applications, the faults of the run.
//!
//! It keeps; what a request leads to is decided in the flow and in the signing service.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    time::{Duration, Instant},
};

use rand::{RngCore, rngs::OsRng};

use super::{
    Fault, Institution, Person, Timers,
    captcha::Captcha,
    chance::{Chance, Drawn},
    event::What,
    fields::{Key, Values},
    journal::Journal,
    judge::Judge,
    online,
    outbox::Sms,
};

/// Everything the portal knows. One at a time may touch it, so there is one order of events.
pub(super) struct Portal {
    pub(super) register: Vec<Person>,
    pub(super) timers: Timers,
    pub(super) judge: Judge,
    pub(super) faults: HashSet<Fault>,
    /// Faults that strike once and did.
    pub(super) struck: HashSet<Fault>,
    pub(super) sessions: HashMap<String, Session>,
    /// Applications that have a verification code, by code; used and expired ones too.
    pub(super) codes: HashMap<String, Pending>,
    pub(super) applications: Vec<Application>,
    /// Documents of method 1 that were handed out.
    pub(super) documents: Vec<Vec<u8>>,
    /// Sessions of the online pages.
    pub(super) online: HashMap<String, online::Session>,
    /// Cards to be unblocked, by code; ended ones too.
    pub(super) unblockings: HashMap<String, online::Unblocking>,
    pub(super) unblocked: Vec<online::Unblocked>,
    pub(super) last_captcha: Option<String>,
    pub(super) chance: Chance,
    pub(super) journal: Journal,
}

/// One browser's session.
pub(super) struct Session {
    pub(super) institution: Institution,
    /// The hidden number of the page served last; it must come back.
    pub(super) ticket: String,
    pub(super) step: Step,
    pub(super) captcha: Captcha,
    pub(super) drawn: Drawn,
    pub(super) values: Values,
    pub(super) errors: BTreeMap<Key, &'static str>,
}

/// Where a session stands. Each step holds what is valid there.
#[derive(Clone)]
pub(super) enum Step {
    Login,
    Form {
        person: Person,
    },
    SmsSend {
        person: Person,
    },
    SmsCode {
        person: Person,
        code: String,
        until: Instant,
        spare: Option<String>,
    },
    Method {
        person: Person,
    },
    WetInk {
        document: Vec<u8>,
    },
    Signing {
        code: String,
    },
    /// Nothing goes on from here but the first page.
    Over,
}

/// An application that waits for its signatures, or had them.
pub(super) struct Pending {
    pub(super) institution: Institution,
    pub(super) national_id: String,
    pub(super) texts: Vec<Vec<u8>>,
    pub(super) until: Instant,
    pub(super) used: bool,
}

/// An application the portal received. Does not print itself.
#[derive(Clone)]
pub struct Application {
    /// At whose portal.
    pub institution: Institution,
    /// Of the person.
    pub national_id: String,
    /// The texts in order, as they were handed out.
    pub texts: Vec<Vec<u8>>,
    /// DER of the CAdES `ContentInfo` of each, as it came.
    pub signatures: Vec<Vec<u8>>,
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Application({:?}, {} texts, [redacted])", self.institution, self.texts.len())
    }
}

/// What is to be done outside after a request was answered.
#[derive(Default)]
pub(super) struct Aftermath {
    /// Cut the connection instead of answering.
    pub(super) cut: bool,
    /// Deliver this after that time.
    pub(super) sms: Option<(Sms, Duration)>,
}

impl Portal {
    /// Whether a fault is on; it strikes now.
    pub(super) fn strikes(&mut self, fault: Fault) -> bool {
        let on = self.faults.contains(&fault);
        if on {
            self.journal.record(What::FaultStruck { fault });
        }
        on
    }

    /// Whether a fault that strikes once is on and has not struck yet; it strikes now.
    pub(super) fn strikes_once(&mut self, fault: Fault) -> bool {
        self.faults.contains(&fault) && self.struck.insert(fault) && self.strikes(fault)
    }

    /// Switches faults: these are on from now, all others off.
    pub(super) fn set_faults(&mut self, faults: &[Fault]) {
        self.faults = faults.iter().copied().collect();
        self.struck.clear();
        self.journal.record(What::FaultsSet { on: self.faults.len() });
    }
}

/// Thirty-two random hexadecimal digits.
pub(super) fn token() -> String {
    let mut bytes = [0_u8; 16];
    OsRng.fill_bytes(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
