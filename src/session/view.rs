//! What may be on the screen now, made from the state.
//!
//! It shows and decides nothing; titles and labels are the screen's own.

mod online;
mod ring;

use std::time::Duration;

use self::ring::{left, ring, shown_ring};
use super::{
    InFlight, Now, Session, Settings, VisitId, clock,
    fault::{Advice, Cause},
    machine::State,
    stage::{Contract, Look, Ready, Sheets, Stage},
    step,
    visit::{Away, Overlay, Presence, Visit},
};
use crate::{
    link::view::{
        self, Busy, CertificateChoice, Deadline, Dialogue, Frame, Kept, LoginKind, Page, Ring, Section,
        Service, SmsPurpose, View,
    },
    portal::{FieldId, Method},
    redact::Personal,
};

impl Session {
    /// What may be shown now; the ring and the overlay count from `now`.
    #[must_use]
    pub fn view(&self, now: Now) -> View {
        let shown = match &self.state {
            State::Visit { visit, stage } => self.in_visit_shown(visit, stage, now),
            State::Starting { .. }
            | State::Recovering(_)
            | State::OutOfService(_)
            | State::Attract { .. }
            | State::TakeCard { .. }
            | State::HandOver(_)
            | State::Unknown { .. }
            | State::ThankYou { .. } => Shown {
                page: self.between_visits(),
                back: self.card_awaited().is_some(),
                ring: self
                    .card_awaited()
                    .map(|until| shown_ring(until, self.card_awaited_in_all(), Deadline::Page, now)),
                ..Shown::default()
            },
        };
        let preferences = self.desk.preferences;
        View {
            serial: self.desk.serial,
            page: shown.page,
            overlay: shown.overlay.or_else(|| self.help_shown()),
            frame: Frame {
                office: self.desk.settings.office.clone(),
                step: shown.step,
                ring: shown.ring,
                back: shown.back,
                cancel: shown.cancel,
                language: preferences.language,
                text_size: preferences.text_size,
                contrast: preferences.contrast,
                help: self.desk.settings.help.clone(),
                assisted: match &self.state {
                    State::Visit { visit, .. } => visit.assisted,
                    State::HandOver(_) => true,
                    State::Starting { .. }
                    | State::Recovering(_)
                    | State::OutOfService(_)
                    | State::Attract { .. }
                    | State::TakeCard { .. }
                    | State::Unknown { .. }
                    | State::ThankYou { .. } => false,
                },
                setback: self.desk.setback.filter(|_| matches!(self.state, State::Attract { .. })),
            },
        }
    }

    fn card_awaited_in_all(&self) -> Duration {
        let settings = &self.desk.settings;
        let helped = matches!(self.state, State::HandOver(_));
        if helped { settings.patient_idle() } else { Settings::seconds(settings.rules.idle_s) }
    }

    /// Until when the card for a chosen service is awaited.
    fn card_awaited(&self) -> Option<Duration> {
        match self.state {
            State::HandOver(ref next) => Some(next.until),
            State::Attract { until, chosen } if chosen != Service::Renewal => until,
            State::Attract { .. }
            | State::Starting { .. }
            | State::Recovering(_)
            | State::OutOfService(_)
            | State::Visit { .. }
            | State::TakeCard { .. }
            | State::Unknown { .. }
            | State::ThankYou { .. } => None,
        }
    }

    fn between_visits(&self) -> Page {
        match &self.state {
            State::Starting { .. } | State::Visit { .. } => Page::Starting,
            State::Recovering(recovering) => {
                if self.desk.readers.occupied().is_some() {
                    let (alarm, cause) = (recovering.is_alarming(), Some(recovering.cause()));
                    return Page::TakeCard { alarm, cause };
                }
                if let Some(what) = recovering.unknown() {
                    return not_known(what, None);
                }
                match self.desk.readers.ailment() {
                    _ if self.desk.hardware.is_opened() => Page::OutOfService { cause: Cause::Tampered },
                    Some(cause) if recovering.waits_long() => Page::OutOfService { cause },
                    Some(_) | None => Page::Starting,
                }
            }
            State::OutOfService(cause) => Page::OutOfService { cause: *cause },
            State::Attract { chosen: Service::Renewal, .. } => {
                let all = [
                    Service::CardCheck,
                    Service::ChangePin,
                    Service::NewPin,
                    Service::Unblock,
                    Service::WetInk,
                    Service::Assisted,
                ];
                Page::Attract {
                    services: all.into_iter().filter(|it| self.desk.settings.offers(*it)).collect(),
                }
            }
            State::Attract { chosen, .. } => {
                Page::InsertCard { service: *chosen, without: *chosen == Service::WetInk }
            }
            State::HandOver(next) => Page::HandOver { card: next.at },
            State::TakeCard { alarm_at, cause, .. } => {
                Page::TakeCard { alarm: alarm_at.is_none(), cause: *cause }
            }
            State::Unknown { visit, what, .. } => not_known(*what, Some(*visit)),
            State::ThankYou { .. } => Page::ThankYou,
        }
    }

    fn in_visit_shown(&self, visit: &Visit, stage: &Stage, now: Now) -> Shown {
        let settings = &self.desk.settings;
        let missing = visit.card_missing(stage);
        let overlay = match visit.overlay {
            Overlay::None => None,
            Overlay::CancelConfirm => Some(view::Overlay::CancelConfirm),
            Overlay::StillThere { since } => {
                let by = since + Settings::seconds(settings.rules.still_there_s);
                Some(view::Overlay::StillThere { left_ms: left(by, now) })
            }
        };
        Shown {
            page: if missing { missing_card(visit, stage) } else { self.stage_page(visit, stage) },
            overlay,
            step: stage.step().filter(|_| visit.service == Service::Renewal),
            ring: ring(visit, stage, &self.desk, now),
            back: !missing && has_back(visit, stage),
            cancel: stage.can_cancel(),
        }
    }

    fn stage_page(&self, visit: &Visit, stage: &Stage) -> Page {
        let settings = &self.desk.settings;
        match stage {
            Stage::Reading { .. } => Page::ReadingCard,
            Stage::Eligibility(who) => Page::Eligibility {
                holder: who.holder.clone(),
                valid_until: who.valid_until.clone(),
                days_left: who.days_left,
                verdict: who.verdict,
                possible_from: who.possible_from.clone(),
                on_paper: step::can_on_paper(who.verdict, settings),
            },
            Stage::Check(check) => {
                Page::CardCheck { findings: check.findings.clone(), advice: check.advice(settings) }
            }
            Stage::Notice(_) => Page::Notice { service: visit.service },
            Stage::Opening(_) => Page::Busy { what: Busy::OpeningPortal },
            Stage::Login(login) => online::login(LoginKind::Application, login, visit),
            Stage::LoggingIn(_)
            | Stage::SubmittingForm { .. }
            | Stage::SendingSms { .. }
            | Stage::SubmittingSms { .. }
            | Stage::ChoosingMethod { method: Method::Electronic, .. } => Page::Busy { what: Busy::Sending },
            Stage::ChoosingMethod { method: Method::WetInk, .. } => Page::Busy { what: Busy::ReadyingPaper },
            Stage::Form(form) => {
                let why = form.section == Section::Reason;
                Page::Form {
                    section: form.section,
                    fields: form.sheet.views(Some(form.section), &visit.answers),
                    suggested_word: visit.word.clone().filter(|_| why),
                    word_hint: settings.word_hint.clone().filter(|_| why),
                }
            }
            Stage::Review(sheet) => Page::Review { rows: sheet.rows(&visit.answers) },
            Stage::SmsSend { phone } => {
                Page::SmsSend { phone: phone.clone(), correctable: !visit.service.is_online() }
            }
            Stage::SmsCode(wait) => {
                let logs_in = visit.service.is_online();
                let purpose = if logs_in { SmsPurpose::Login } else { SmsPurpose::Application };
                online::sms(wait, purpose, settings)
            }
            Stage::Online(online) => online::page(online, visit, settings),
            Stage::Method { offered } => {
                Page::Method { offered: offered.clone(), on_paper: settings.printing.is_some() }
            }
            Stage::TakingApart(_) => Page::Busy { what: Busy::ReadyingPaper },
            Stage::Paper(sheets) => paper(sheets),
            Stage::Printing { out_of_paper, .. } => Page::Printing { out_of_paper: *out_of_paper },
            Stage::Printed => {
                let deliver_to = settings.printing.as_ref().map(|it| it.deliver_to.clone());
                Page::Printed { deliver_to: deliver_to.unwrap_or_default() }
            }
            Stage::FetchingTexts { .. } => Page::Busy { what: Busy::FetchingTexts },
            Stage::Contract(contract) => {
                Page::Contract { texts: contract.texts.clone(), comparison: contract.lines.clone() }
            }
            Stage::Certificate(_) => Page::Certificate { choices: choices(visit) },
            Stage::Preparing { .. } if stage.new_pin().is_some() => Page::Busy { what: Busy::ReadyingCard },
            Stage::Preparing { .. } => Page::Busy { what: Busy::PreparingSignature },
            Stage::LastTry(ready) => Page::LastTry { dialogue: dialogue(ready) },
            Stage::Pin { ready, .. } => {
                let (tries, wrong) = (ready.tries, ready.pending.wrong);
                match ready.pending.contract.new_pin() {
                    Some(kind) => Page::NewPin { request: ready.request, kind, tries, wrong },
                    None => Page::Pin { dialogue: dialogue(ready), tries, wrong },
                }
            }
            Stage::Signing { .. } if stage.new_pin().is_some() => Page::Busy { what: Busy::SettingPin },
            Stage::Signing { .. } => Page::Signing,
            Stage::PinSet(kind) => Page::PinSet { kind: *kind },
            Stage::HandingIn { .. } => Page::Busy { what: Busy::HandingIn },
            Stage::Asking(outcome) => {
                let what = if outcome.taken { Busy::HandingIn } else { Busy::AskingOutcome };
                match outcome.look {
                    Look::Asked(_) | Look::At(_) => Page::Busy { what },
                }
            }
            // Whose card it is will be known in a moment.
            Stage::Result { .. } if visit.may_be_a_stranger() => Page::ReadingCard,
            Stage::Result { usable_from } => Page::Result {
                delivery_address: delivery_address(visit),
                usable_from: usable_from.clone(),
                security_word: visit.answers.value(FieldId::SecurityWord).clone(),
                pin_here: settings.offers(Service::NewPin),
            },
            Stage::Trouble(trouble) => Page::Trouble {
                cause: trouble.cause,
                advice: trouble.advice(settings),
                quote: trouble.quote.clone().filter(|_| !visit.may_be_a_stranger()),
                reference: reference(trouble.cause, Some(visit.id)),
            },
        }
    }
}

/// A page with what stands around it.
struct Shown {
    page: Page,
    overlay: Option<view::Overlay>,
    step: Option<view::Step>,
    ring: Option<Ring>,
    back: bool,
    cancel: bool,
}

impl Default for Shown {
    fn default() -> Self {
        Self { page: Page::Starting, overlay: None, step: None, ring: None, back: false, cancel: false }
    }
}

/// The card is not to be had: why, and what is kept meanwhile.
fn missing_card(visit: &Visit, stage: &Stage) -> Page {
    let kept = if stage.code().is_some() { Kept::Code } else { Kept::Everything };
    match visit.presence {
        Presence::In | Presence::None | Presence::Back { .. } => Page::ReadingCard,
        Presence::Away { why: Away::Pulled, .. } => Page::CardPulled { kept, other_card: false },
        Presence::Away { why: Away::Other, .. } => Page::CardPulled { kept, other_card: true },
        Presence::Away { why: Away::Fault(cause), .. } => Page::Trouble {
            cause,
            advice: vec![Advice::ReinsertCard, Advice::CallStaff, Advice::Finish],
            quote: None,
            reference: reference(cause, Some(visit.id)),
        },
    }
}

/// The page that is read; there is always one.
fn paper(sheets: &Sheets) -> Page {
    let leaves = sheets.paper.leaves();
    let at = sheets.at.min(leaves.len() - 1);
    let count = |pages| u8::try_from(pages).unwrap_or(u8::MAX);
    Page::Paper { page: leaves[at].screen.clone(), number: count(at + 1), of: count(leaves.len()) }
}

fn has_back(visit: &Visit, stage: &Stage) -> bool {
    match stage {
        Stage::Form(form) => form.section != Section::Reason,
        Stage::Contract(contract) => contract.code().is_none(),
        Stage::Notice(_) => visit.service == Service::Renewal,
        Stage::Paper(sheets) => sheets.at > 0,
        Stage::Review(_) | Stage::Certificate(_) => true,
        // Back to the texts, where there are any.
        Stage::LastTry(_) | Stage::Pin { .. } => stage.new_pin().is_none(),
        Stage::Reading { .. }
        | Stage::Eligibility(_)
        | Stage::Check(_)
        | Stage::Opening(_)
        | Stage::Login(_)
        | Stage::LoggingIn(_)
        | Stage::SubmittingForm { .. }
        | Stage::SmsSend { .. }
        | Stage::SendingSms { .. }
        | Stage::SmsCode(_)
        | Stage::SubmittingSms { .. }
        | Stage::Method { .. }
        | Stage::ChoosingMethod { .. }
        | Stage::TakingApart(_)
        | Stage::Printing { .. }
        | Stage::Printed
        | Stage::FetchingTexts { .. }
        | Stage::Preparing { .. }
        | Stage::Signing { .. }
        | Stage::HandingIn { .. }
        | Stage::Asking(_)
        | Stage::Result { .. }
        | Stage::PinSet(_)
        | Stage::Online(_)
        | Stage::Trouble(_) => false,
    }
}

fn dialogue(ready: &Ready) -> Dialogue {
    let contract: &Contract = &ready.pending.contract;
    Dialogue { request: ready.request, texts: contract.texts.clone() }
}

fn choices(visit: &Visit) -> Vec<CertificateChoice> {
    (0..)
        .zip(&visit.usable)
        .map(|(index, certificate)| CertificateChoice {
            index,
            holder: certificate.holder().clone(),
            valid_until: clock::day(certificate.not_after()),
        })
        .collect()
}

/// Where the new card goes, in one line.
fn delivery_address(visit: &Visit) -> Personal {
    let said = |id| {
        let sheet = visit.confirmed.as_ref()?;
        sheet.shown(id, &visit.answers).filter(|value| !value.is_blank())
    };
    let join = |ids: &[FieldId], between: &str| {
        let parts: Vec<Personal> = ids.iter().filter_map(|id| said(*id)).collect();
        parts.iter().map(Personal::expose).collect::<Vec<_>>().join(between)
    };
    let place = join(&[FieldId::District, FieldId::Province], " / ");
    let town = [join(&[FieldId::PostalCode], ""), place].join(" ").trim().to_owned();
    let lines = [join(&[FieldId::Address], ""), town];
    Personal::new(lines.iter().filter(|line| !line.is_empty()).cloned().collect::<Vec<_>>().join(", "))
}

fn not_known(what: InFlight, visit: Option<VisitId>) -> Page {
    let cause = what.cause();
    Page::Trouble {
        cause,
        advice: vec![Advice::CallCentre, Advice::CallStaff, Advice::Finish],
        quote: None,
        reference: reference(cause, visit),
    }
}

/// Short and the same on the screen and in the log: the fault and the visit's number.
fn reference(cause: Cause, visit: Option<VisitId>) -> String {
    let code = cause.remedy().code;
    visit.map_or_else(|| code.to_owned(), |visit| format!("{code}-{:03}", visit.0 % 1000))
}
