//! Marks in what is shown, sent and printed: whose it is.

use std::collections::BTreeMap;

use crate::{
    link::view::Page as Shown,
    portal::{Action, FieldId, SigningText},
    redact::Personal,
    session::VisitId,
};

pub(super) fn visit_name(visit: Option<VisitId>) -> Option<String> {
    visit.map(|visit| format!("ZQ{}X", visit.0))
}

/// Every mark in a text.
pub(super) fn found(text: &str, begin: &str) -> Vec<String> {
    text.match_indices(begin)
        .filter_map(|(at, _)| {
            let rest = &text[at..];
            let end = rest.find('X')?;
            rest[begin.len()..end].bytes().all(|b| b.is_ascii_digit()).then(|| rest[..=end].to_owned())
        })
        .collect()
}

/// Invariant 6: what is printed never names anybody, not as text and not as bytes.
pub(super) fn secret(printed: &str) {
    for mark in ["ZQ", "KARTQ", "90, 81, ", "75, 65, 82, 84, 81"] {
        assert!(!printed.contains(mark), "invariant 6: {mark:?} in {printed}");
    }
}

/// Whether the page belongs to a visit, and the texts on it.
pub(super) fn contents(page: &Shown) -> (bool, &[SigningText]) {
    match page {
        Shown::Contract { texts, .. } => (true, texts),
        Shown::LastTry { dialogue } | Shown::Pin { dialogue, .. } => (true, &dialogue.texts),
        Shown::Eligibility { .. }
        | Shown::CardCheck { .. }
        | Shown::ReadingCard
        | Shown::Notice { .. }
        | Shown::LoginWay { .. }
        | Shown::WordSet
        | Shown::NewCardPin { .. }
        | Shown::Login { .. }
        | Shown::Form { .. }
        | Shown::Review { .. }
        | Shown::SmsSend { .. }
        | Shown::SmsCode { .. }
        | Shown::Method { .. }
        | Shown::Paper { .. }
        | Shown::Printing { .. }
        | Shown::Printed { .. }
        | Shown::Certificate { .. }
        | Shown::NewPin { .. }
        | Shown::PinSet { .. }
        | Shown::Signing
        | Shown::Busy { .. }
        | Shown::Result { .. }
        | Shown::CardPulled { .. }
        | Shown::Trouble { .. } => (true, &[]),
        Shown::Starting
        | Shown::OutOfService { .. }
        | Shown::Attract { .. }
        | Shown::InsertCard { .. }
        | Shown::HandOver { .. }
        | Shown::TakeCard { .. }
        | Shown::ThankYou => (false, &[]),
    }
}

/// What stands on the page of a document; here it is drawn in letters.
pub(super) fn drawn(page: &Shown) -> String {
    if let Shown::Paper { page, .. } = page {
        String::from_utf8_lossy(page.pixels.expose()).into_owned()
    } else {
        String::new()
    }
}

/// What an action would send.
pub(super) fn exposed(action: &Action) -> String {
    let values = |values: &[(FieldId, Personal)]| {
        let by_field: BTreeMap<FieldId, &str> = values.iter().map(|(id, v)| (*id, v.expose())).collect();
        format!("{by_field:?}")
    };
    match action {
        Action::Login(fields)
        | Action::SubmitForm(fields)
        | Action::LoginOnline(fields)
        | Action::ResetWord(fields) => values(fields),
        Action::SubmitSmsCode(code)
        | Action::FetchTexts(code)
        | Action::SubmitSignatures { code, .. }
        | Action::FetchUnblock(code)
        | Action::ReportUnblocked { code, .. } => code.expose().to_owned(),
        Action::ConfirmUnblock { code, sms } => format!("{} {}", code.expose(), sms.expose()),
        Action::Districts(province) => province.clone(),
        Action::Open
        | Action::SendSms
        | Action::ChooseMethod(_)
        | Action::CheckResult
        | Action::OpenOnline
        | Action::ChooseOnlineLogin(_)
        | Action::LoginSigned { .. }
        | Action::ForgottenWord
        | Action::ChooseOnlineService(_) => String::new(),
    }
}
