//! A form the portal served, with what is wrong in it: shared by the login page and the application form.
//!
//! It knows which page a field belongs on and how it is filled in; it knows nothing of where the person is.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{
    answers::{Answers, normal},
    validate::{self, Against},
};
use crate::{
    link::view::{FieldError, FieldView, FieldWarning, Input, ReviewRow, Section, Source},
    portal::{Choice, Field, FieldId, FieldKind, Quote},
    redact::Personal,
};

/// Most characters of a text the portal sets no limit for.
const LONGEST: u16 = 200;

/// Fields as served, and what is wrong with them.
#[derive(Debug)]
pub(super) struct Sheet {
    fields: Vec<Field>,
    errors: BTreeMap<FieldId, FieldError>,
    /// The province whose districts are in the list.
    districts_of: Personal,
}

impl Sheet {
    /// Takes a served form over and fills it in as far as anybody knows.
    pub(super) fn new(fields: Vec<Field>, refused: Vec<(FieldId, Quote)>, answers: &mut Answers) -> Self {
        for field in fields.iter().filter(|field| field.id != FieldId::District) {
            answers.prefill(field);
        }
        let served = |id| fields.iter().find(|field| field.id == id);
        let districts_of = served(FieldId::Province).map(|field| field.value.clone()).unwrap_or_default();
        // Of another province than the served one the districts come later, and with them the answer.
        if let Some(district) = served(FieldId::District)
            && (district.read_only || *answers.value(FieldId::Province) == districts_of)
        {
            answers.prefill(district);
        }
        let errors = refused.into_iter().map(|(id, quote)| (id, FieldError::Refused(quote))).collect();
        let mut sheet = Self { fields, errors, districts_of };
        // Numbers are portable: of its own number the portal knows the operator better than the prefix does.
        let portal_says = |id| answers.source(id) == Source::Portal && !answers.value(id).is_blank();
        if !(portal_says(FieldId::MobilePhone) && portal_says(FieldId::MobileOperator)) {
            sheet.suggest_operator(answers);
        }
        sheet
    }

    fn field(&self, id: FieldId) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// Fields a person may change, in the page's order.
    fn editable(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.read_only)
    }

    /// Takes what the person typed; false when it is not a field to type in.
    pub(super) fn fill(&mut self, id: FieldId, value: &Personal, answers: &mut Answers, today: Date) -> bool {
        let Some(field) = self.field(id).filter(|field| !field.read_only && !locked(field, answers)) else {
            return false;
        };
        let value = normal(field, value.clone());
        answers.set(id, value, Source::Person);
        self.errors.remove(&id);
        self.judge(id, answers, today);
        if id == FieldId::SecurityWord && !answers.value(FieldId::SecurityWordRepeat).is_blank() {
            self.judge(FieldId::SecurityWordRepeat, answers, today);
        }
        if id == FieldId::MobilePhone {
            self.suggest_operator(answers);
        }
        if id == FieldId::Province && *answers.value(id) != self.districts_of {
            answers.forget(FieldId::District);
        }
        true
    }

    fn judge(&mut self, id: FieldId, answers: &Answers, today: Date) {
        let Some(field) = self.field(id).filter(|field| !field.read_only) else { return };
        let against = Against {
            today,
            word: answers.value(FieldId::SecurityWord).expose(),
            word_is_new: self.field(FieldId::SecurityWordRepeat).is_some(),
            guessable: answers.guessable(),
        };
        match validate::judge(id, &field.kind, field.required, answers.value(id), &against) {
            Some(error) => {
                self.errors.insert(id, error);
            }
            // What the portal refused stays refused until it is typed anew.
            None if matches!(self.errors.get(&id), Some(FieldError::Refused(_))) => {}
            None => {
                self.errors.remove(&id);
            }
        }
    }

    /// Judges the fields of a section, or all; true when they can be sent.
    pub(super) fn judge_all(&mut self, within: Option<Section>, answers: &Answers, today: Date) -> bool {
        let ids: Vec<FieldId> = self
            .editable()
            .map(|field| field.id)
            .filter(|id| within.is_none() || within == Some(section_of(*id)))
            .collect();
        for id in &ids {
            self.judge(*id, answers, today);
        }
        ids.iter().all(|id| !self.errors.contains_key(id))
    }

    /// What the portal says of a field that it refuses and nobody can change here.
    pub(super) fn refused_for_good(&self, answers: &Answers) -> Option<&Quote> {
        let fixed = self.fields.iter().filter(|field| field.read_only || locked(field, answers));
        fixed.filter_map(|field| self.errors.get(&field.id)).find_map(|error| match error {
            FieldError::Refused(quote) => Some(quote),
            FieldError::Missing
            | FieldError::TooLong
            | FieldError::NationalId
            | FieldError::Date
            | FieldError::Email
            | FieldError::Phone
            | FieldError::PostalCode
            | FieldError::WeakWord
            | FieldError::Repeat
            | FieldError::Choice => None,
        })
    }

    /// The first section with something wrong in it.
    pub(super) fn first_wrong(&self) -> Option<Section> {
        self.editable().filter(|field| self.errors.contains_key(&field.id)).map(|f| section_of(f.id)).min()
    }

    /// What goes to the portal: every field it lets be changed.
    pub(super) fn to_send(&self, answers: &Answers) -> Vec<(FieldId, Personal)> {
        self.editable().map(|field| (field.id, answers.value(field.id).clone())).collect()
    }

    /// The province whose districts have to be asked for, if any.
    pub(super) fn districts_wanted(&self, answers: &Answers) -> Option<Personal> {
        let district = self.field(FieldId::District).filter(|field| !field.read_only)?;
        let province = answers.value(FieldId::Province);
        let listed = *province == self.districts_of
            && matches!(&district.kind, FieldKind::Choice(choices) if choices.iter().any(|c| !c.value.is_empty()));
        let list = matches!(district.kind, FieldKind::Choice(_));
        (list && !listed && !province.is_blank()).then(|| province.clone())
    }

    /// Forgets the districts of another province.
    pub(super) fn clear_districts(&mut self) {
        self.districts_of = Personal::default();
        if let Some(field) = self.fields.iter_mut().find(|field| field.id == FieldId::District) {
            field.value = Personal::default();
            if let FieldKind::Choice(choices) = &mut field.kind {
                choices.clear();
            }
        }
        self.errors.remove(&FieldId::District);
    }

    /// Takes the districts of a province over.
    pub(super) fn set_districts(&mut self, of: Personal, districts: Vec<Choice>, answers: &mut Answers) {
        self.districts_of = of;
        if let Some(field) = self.fields.iter_mut().find(|field| field.id == FieldId::District) {
            field.kind = FieldKind::Choice(districts);
            answers.prefill(field);
        }
    }

    fn suggest_operator(&mut self, answers: &mut Answers) {
        let Some(Field { kind: FieldKind::Choice(choices), read_only: false, .. }) =
            self.field(FieldId::MobileOperator)
        else {
            return;
        };
        let chosen = answers.source(FieldId::MobileOperator) == Source::Person
            && !answers.value(FieldId::MobileOperator).is_blank();
        let mobile = answers.value(FieldId::MobilePhone).expose();
        if let Some(value) = validate::suggested_operator(mobile, choices).filter(|_| !chosen) {
            answers.set(FieldId::MobileOperator, Personal::new(value), Source::Office);
            self.errors.remove(&FieldId::MobileOperator);
        }
    }

    /// What a field says, as it is shown: of a list the label. `None` when there is no such field.
    pub(super) fn shown(&self, id: FieldId, answers: &Answers) -> Option<Personal> {
        let field = self.field(id)?;
        let value = if field.read_only { &field.value } else { answers.value(id) };
        Some(match &field.kind {
            FieldKind::Text { .. } => value.clone(),
            FieldKind::Choice(choices) => choices
                .iter()
                .find(|choice| choice.value == value.expose())
                .map_or_else(|| value.clone(), |choice| Personal::new(choice.label.as_str())),
        })
    }

    /// Fields of a section, or all, for the screen.
    pub(super) fn views(&self, within: Option<Section>, answers: &Answers) -> Vec<FieldView> {
        self.fields
            .iter()
            .filter(|field| match within {
                None => true,
                Some(section) => section_of(field.id) == section && (!field.read_only || stays(field.id)),
            })
            .map(|field| self.view(field, answers))
            .collect()
    }

    fn view(&self, field: &Field, answers: &Answers) -> FieldView {
        let fixed = field.read_only || locked(field, answers);
        FieldView {
            id: field.id,
            input: if fixed { Input::ReadOnly } else { input(field) },
            value: if field.read_only { field.value.clone() } else { answers.value(field.id).clone() },
            source: answers.source(field.id),
            required: field.required,
            error: self.errors.get(&field.id).cloned(),
            warning: self.warning(field.id, answers),
        }
    }

    fn warning(&self, id: FieldId, answers: &Answers) -> Option<FieldWarning> {
        let value = |id| answers.value(id).expose();
        if id == FieldId::PostalCode {
            return validate::postal_code_warning(value(id), value(FieldId::Province));
        }
        if id == FieldId::MobilePhone {
            return validate::mobile_warning(value(id));
        }
        let Field { kind: FieldKind::Choice(choices), .. } = self.field(id)? else { return None };
        let suggested = validate::suggested_operator(value(FieldId::MobilePhone), choices)?;
        let other = id == FieldId::MobileOperator && !answers.value(id).is_blank() && suggested != value(id);
        other.then_some(FieldWarning::OtherOperator)
    }

    /// Every field with what it says, for the last look.
    pub(super) fn rows(&self, answers: &Answers) -> Vec<ReviewRow> {
        self.fields
            .iter()
            .filter(|field| field.id != FieldId::SecurityWordRepeat)
            .filter_map(|field| {
                let section = (!field.read_only).then(|| section_of(field.id));
                Some(ReviewRow { id: field.id, shown: self.shown(field.id, answers)?, section })
            })
            .collect()
    }
}

/// The card says who it is; nobody applies with it for another.
fn locked(field: &Field, answers: &Answers) -> bool {
    field.id == FieldId::NationalId && answers.card_says(FieldId::NationalId)
}

/// Read-only fields that are shown beside what is typed; the rest is on the last page.
fn stays(id: FieldId) -> bool {
    id == FieldId::Institution
}

/// Which page a field is on, so that none has more than five to fill in.
pub(super) fn section_of(id: FieldId) -> Section {
    match id {
        FieldId::Captcha
        | FieldId::Reason
        | FieldId::ReaderType
        | FieldId::Validity
        | FieldId::SecurityWord
        | FieldId::SecurityWordRepeat => Section::Reason,
        // Of the work place, as are its telephones.
        FieldId::Institution
        | FieldId::RegistryNumber
        | FieldId::Unit
        | FieldId::Title
        | FieldId::WorkPhone
        | FieldId::WorkExtension
        | FieldId::NationalId
        | FieldId::GivenName
        | FieldId::Surname
        | FieldId::BirthPlace
        | FieldId::BirthDate => Section::Institution,
        FieldId::Address | FieldId::Province | FieldId::District | FieldId::PostalCode => Section::Address,
        FieldId::Email
        | FieldId::MobilePhone
        | FieldId::MobileOperator
        | FieldId::HomePhone
        | FieldId::InfoChannel => Section::Contact,
    }
}

fn input(field: &Field) -> Input {
    let served = match &field.kind {
        FieldKind::Choice(choices) => {
            return Input::Choice(
                choices.iter().filter(|choice| !choice.value.is_empty()).cloned().collect(),
            );
        }
        FieldKind::Text { max_length } => max_length.unwrap_or(LONGEST).min(LONGEST),
    };
    match field.id {
        FieldId::NationalId => Input::Digits { max_length: 11 },
        FieldId::PostalCode => Input::Digits { max_length: 5 },
        FieldId::WorkExtension => Input::Digits { max_length: served.min(8) },
        // One more than is sent: many people begin with a zero.
        FieldId::WorkPhone | FieldId::MobilePhone | FieldId::HomePhone => Input::Digits { max_length: 11 },
        FieldId::BirthDate => Input::Date,
        FieldId::Email => Input::Email { max_length: served },
        FieldId::Captcha
        | FieldId::GivenName
        | FieldId::Surname
        | FieldId::BirthPlace
        | FieldId::Reason
        | FieldId::ReaderType
        | FieldId::Validity
        | FieldId::SecurityWord
        | FieldId::SecurityWordRepeat
        | FieldId::Institution
        | FieldId::RegistryNumber
        | FieldId::Unit
        | FieldId::Title
        | FieldId::Address
        | FieldId::Province
        | FieldId::District
        | FieldId::MobileOperator
        | FieldId::InfoChannel => Input::Text { max_length: served },
    }
}
