//! A field as a row of its page.

use eimza_kiosk::link::view::{FieldError, FieldView, Input};
use slint::{Model as _, ModelRc, VecModel};

use crate::{
    names,
    ui::{ChoiceRow, FieldRow},
};

/// The rows. One keeps the list of choices it has, where that says the same: what stands under a finger is made anew else.
pub(super) fn rows(fields: &[FieldView], shown: &VecModel<FieldRow>) -> Vec<FieldRow> {
    let mut rows: Vec<FieldRow> = fields.iter().map(row).collect();
    for (row, old) in rows.iter_mut().zip(shown.iter()) {
        if old.choices.iter().eq(row.choices.iter()) {
            row.choices = old.choices;
        }
    }
    rows
}

fn row(field: &FieldView) -> FieldRow {
    let (input, max_length) = names::input(&field.input);
    let value = field.value.expose();
    let choices: Vec<ChoiceRow> = match &field.input {
        Input::Choice(choices) => choices
            .iter()
            .filter(|it| !it.value.is_empty())
            .map(|it| ChoiceRow { value: (&it.value).into(), label: (&it.label).into() })
            .collect(),
        Input::ReadOnly | Input::Text { .. } | Input::Email { .. } | Input::Digits { .. } | Input::Date => {
            Vec::new()
        }
    };
    let shown = match &field.input {
        Input::Choice(choices) => choices
            .iter()
            .find(|it| it.value == value && !value.is_empty())
            .map_or("", |it| it.label.as_str()),
        Input::ReadOnly | Input::Text { .. } | Input::Email { .. } | Input::Digits { .. } | Input::Date => {
            value
        }
    };
    FieldRow {
        id: names::field(field.id),
        input,
        value: value.into(),
        shown: shown.into(),
        source: names::source(field.source),
        required: field.required,
        error: names::error(field.error.as_ref()),
        quote: match &field.error {
            Some(FieldError::Refused(quote)) => quote.0.expose().into(),
            Some(
                FieldError::Missing
                | FieldError::NationalId
                | FieldError::Date
                | FieldError::Email
                | FieldError::Phone
                | FieldError::PostalCode
                | FieldError::Repeat
                | FieldError::TooLong
                | FieldError::WeakWord
                | FieldError::Choice,
            )
            | None => "".into(),
        },
        warning: field.warning.map_or(crate::ui::WarningName::None, names::warning),
        max_length,
        choices: ModelRc::new(VecModel::from(choices)),
    }
}
