//! What the policy is told at the start: the office's rules and words, and how the program ended before.
//!
//! It knows nothing of files; the supervisor builds it from the configuration and the profile.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use super::{Chance, InFlight};
use crate::{
    config::Rules,
    link::{
        signer::Fingerprint,
        view::{Help, Service},
    },
    portal::FieldId,
};

/// Everything the session is told at the start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The office's name, at the top of every page.
    pub office: String,
    /// Whom to ask.
    pub help: Help,
    /// The office's hint for the security word.
    pub word_hint: Option<String>,
    /// What the form starts with; for a choice, an option's value or its label.
    pub defaults: BTreeMap<FieldId, String>,
    /// Times and the renewal window.
    pub rules: Rules,
    /// Labels of the lines of the contract and the field each repeats, from the profile.
    pub contract_labels: Vec<(String, FieldId)>,
    /// Digits of the SMS code.
    pub sms_digits: u8,
    /// Seconds after which one action at the portal counts as unanswered, all its requests together.
    pub portal_s: u64,
    /// The PIN is typed on the reader's keys: while its page stands, it may be with the card.
    pub pin_pad: bool,
    /// There is a printer, and the portal's method 1 is known.
    pub printing: Option<Printing>,
    /// The institution's profile has the portal's online pages.
    pub online: bool,
    /// Certificates of whoever may help others here; none: nobody may.
    pub staff: HashSet<Fingerprint>,
    /// The kiosk has a way to call staff besides the telephone.
    pub calls_staff: bool,
    /// What is made of it nobody can foresee.
    pub chance: Chance,
    /// How the program ended before.
    pub recovery: Recovery,
    /// The housing was opened and staff has not looked after it yet.
    pub tampered: bool,
}

/// What method 1 needs.
#[derive(Debug, Clone)]
pub struct Printing {
    /// To whom the signed sheets are delivered.
    pub deliver_to: String,
    /// Seconds for a document to be taken apart.
    pub taken_apart_s: u64,
    /// Seconds a job may take, with the paper that somebody has to fetch.
    pub wait_s: u64,
}

/// How the program ended before it was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Recovery {
    /// In order, or it is the first start.
    #[default]
    None,
    /// It died; a card may still be in the reader.
    Restarted,
    /// It died while something was on its way whose end nobody knows now.
    InFlight(InFlight),
}

impl Settings {
    pub(super) fn seconds(of: u64) -> Duration {
        Duration::from_secs(of)
    }

    /// Whether this kiosk does that: what it is told makes it possible.
    pub(super) fn offers(&self, service: Service) -> bool {
        match service {
            Service::Renewal | Service::CardCheck | Service::ChangePin => true,
            Service::NewPin | Service::Unblock => self.online,
            Service::WetInk => self.printing.is_some(),
            Service::Assisted => !self.staff.is_empty(),
        }
    }

    /// How long nobody need touch the screen where somebody of the staff helps, or is on the way.
    pub(super) fn patient_idle(&self) -> Duration {
        self.wait(self.rules.idle_s, true)
    }

    /// So many seconds, longer where somebody of the staff helps.
    pub(super) fn wait(&self, seconds: u64, assisted: bool) -> Duration {
        Self::seconds(seconds.saturating_mul(if assisted { self.rules.assisted_factor } else { 1 }))
    }
}
