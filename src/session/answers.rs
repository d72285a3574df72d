//! What the person, the card, the portal and the office say about the fields, kept for the visit.
//!
//! It outlives a portal session, so that who starts over types nothing twice; it knows nothing of pages.

use std::collections::BTreeMap;

use super::{Settings, turkish, validate};
use crate::{
    card::certificate::Certificate,
    link::view::Source,
    portal::{Choice, Field, FieldId, FieldKind},
    redact::Personal,
};

/// The values of a visit by field.
#[derive(Debug, Default)]
pub(super) struct Answers {
    values: BTreeMap<FieldId, Answer>,
    office: BTreeMap<FieldId, String>,
    card: BTreeMap<FieldId, Personal>,
    guessable: Vec<Personal>,
}

#[derive(Debug, Clone)]
struct Answer {
    value: Personal,
    source: Source,
}

static BLANK: std::sync::LazyLock<Personal> = std::sync::LazyLock::new(Personal::default);

impl Answers {
    /// What is known before anybody typed anything.
    pub(super) fn new(settings: &Settings, certificate: Option<&Certificate>) -> Self {
        let mut answers = Self { office: settings.defaults.clone(), ..Self::default() };
        answers.guessable.extend(settings.word_hint.clone().map(Personal::new));
        if let Some(certificate) = certificate {
            let upper = |name: &Personal| Personal::new(turkish::fold(name.expose()));
            answers.card.insert(FieldId::GivenName, upper(&certificate.given_names()));
            answers.card.insert(FieldId::Surname, upper(&certificate.surname()));
            // Another number than a national id, a passport's say, is not what the portal asks for.
            if let Some(id) = certificate.national_id().filter(|id| validate::is_national_id(id.expose())) {
                answers.card.insert(FieldId::NationalId, id.clone());
            }
            answers.guessable.push(certificate.holder().clone());
        }
        answers
    }

    pub(super) fn value(&self, id: FieldId) -> &Personal {
        self.values.get(&id).map_or(&BLANK, |answer| &answer.value)
    }

    pub(super) fn source(&self, id: FieldId) -> Source {
        self.values.get(&id).map_or(Source::Person, |answer| answer.source)
    }

    /// What a security word must not repeat.
    pub(super) fn guessable(&self) -> &[Personal] {
        &self.guessable
    }

    /// Whether the card itself says this, so that nobody need type it.
    pub(super) fn card_says(&self, id: FieldId) -> bool {
        self.card.get(&id).is_some_and(|value| !value.is_blank())
    }

    pub(super) fn set(&mut self, id: FieldId, value: Personal, source: Source) {
        self.values.insert(id, Answer { value, source });
    }

    pub(super) fn forget(&mut self, id: FieldId) {
        self.values.remove(&id);
    }

    /// Fills a field the portal served from the best source: what the person typed in this visit, the portal,
    /// the card, the office, and for a list of one that one.
    pub(super) fn prefill(&mut self, field: &Field) {
        if field.read_only {
            self.set(field.id, field.value.clone(), Source::Portal);
            return;
        }
        let typed = self.values.get(&field.id).filter(|answer| answer.source == Source::Person);
        if typed.is_some_and(|answer| !answer.value.is_blank() && fits(field, &answer.value)) {
            return;
        }
        let portal = (field.value.clone(), Source::Portal);
        let card = self.card.get(&field.id).map(|value| (value.clone(), Source::Card));
        let office = self.office.get(&field.id).and_then(|wanted| offered(field, wanted));
        let only = only_choice(field).map(|value| (value, Source::Office));
        // A kiosk for renewals: the list's own first line is nobody's decision.
        let renewal = renewal_choice(field).map(|value| (value, Source::Office));
        let best = renewal
            .into_iter()
            .chain(Some(portal).filter(|(value, _)| !value.is_blank() && fits(field, value)))
            .chain(card)
            .chain(office.map(|value| (value, Source::Office)))
            .chain(only)
            .next();
        match best {
            Some((value, source)) => self.set(field.id, normal(field, value), source),
            None => {
                self.values.remove(&field.id);
            }
        }
    }
}

/// A value as the portal wants it typed: `0 (222) …` is how registers keep numbers, not how the form takes them.
pub(super) fn normal(field: &Field, value: Personal) -> Personal {
    match field.kind {
        FieldKind::Text { .. } => Personal::new(validate::normal(field.id, value.expose())),
        FieldKind::Choice(_) => value,
    }
}

fn fits(field: &Field, value: &Personal) -> bool {
    match &field.kind {
        FieldKind::Text { .. } => true,
        FieldKind::Choice(choices) => choices.iter().any(|choice| choice.value == value.expose()),
    }
}

/// The office's wish as the field takes it: text as it is, of a list the option by value or by label.
fn offered(field: &Field, wanted: &str) -> Option<Personal> {
    match &field.kind {
        FieldKind::Text { .. } => Some(Personal::new(wanted)),
        FieldKind::Choice(choices) => choices
            .iter()
            .find(|choice| choice.value == wanted || turkish::fold(&choice.label) == turkish::fold(wanted))
            .map(|choice| Personal::new(choice.value.as_str())),
    }
}

fn real(choices: &[Choice]) -> impl Iterator<Item = &Choice> {
    choices.iter().filter(|choice| !choice.value.trim().is_empty())
}

fn only_choice(field: &Field) -> Option<Personal> {
    let FieldKind::Choice(choices) = &field.kind else { return None };
    let mut real = real(choices);
    let only = real.next()?;
    real.next().is_none().then(|| Personal::new(only.value.as_str()))
}

fn renewal_choice(field: &Field) -> Option<Personal> {
    let FieldKind::Choice(choices) = &field.kind else { return None };
    (field.id == FieldId::Reason)
        .then(|| real(choices).find(|choice| turkish::fold(&choice.label).contains("YENİLEME")))
        .flatten()
        .map(|choice| Personal::new(choice.value.as_str()))
}
