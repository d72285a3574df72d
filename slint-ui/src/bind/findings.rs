//! An answer of the card check as a row of its page.

use eimza_kiosk::{link::view::Finding, session::fault::Advice};

use super::tries_left;
use crate::{
    names,
    ui::{AdviceName, CauseName, FindingName, FindingRow},
};

/// `offered` is what this kiosk does about it.
pub(super) fn row(finding: &Finding, offered: &[Advice]) -> FindingRow {
    let holds = |advice: &&Advice| **advice != Advice::UnblockHere || offered.contains(&Advice::UnblockHere);
    let about = |id| FindingRow {
        id,
        light: names::light(finding.light()),
        cause: finding.cause().map_or(CauseName::None, names::cause),
        advice: finding
            .cause()
            .and_then(|cause| cause.remedy().advice.iter().find(holds))
            .map_or(AdviceName::Finish, |advice| names::advice(*advice)),
        ..FindingRow::default()
    };
    match finding {
        Finding::Reader => about(FindingName::Reader),
        Finding::Card(_) => about(FindingName::Card),
        Finding::Certificate { holder, valid_until, days_left, .. } => FindingRow {
            holder: holder.expose().into(),
            date: valid_until.into(),
            days_left: i32::try_from(*days_left).unwrap_or(i32::MAX),
            ..about(FindingName::Certificate)
        },
        Finding::NoCertificate(_) => about(FindingName::NoCertificate),
        Finding::Trial(_) => about(FindingName::Trial),
        Finding::Pin(tries) => FindingRow { tries: tries_left(*tries), ..about(FindingName::Pin) },
        Finding::Renewal { possible_from, .. } => FindingRow {
            date: possible_from.as_deref().unwrap_or_default().into(),
            ..about(FindingName::Renewal)
        },
    }
}
