//! The pages with fields to fill in: which control is which field, what is in it, and what was refused.
//!
//! It stops at the first field that the profile does not know or misses (invariant 8).

use super::{At, Filled, Understood, refuse_unknown};
use crate::{
    portal::{
        document::{self, Document, NodeRef},
        form::{self, Form, Owned, Value},
        page::{Fault, Field, FieldId, FieldKind, Page},
        profile::{FormPage, Profile},
        words,
    },
    redact::Personal,
};

/// A page with a captcha: `words` of the profile say what it asks.
pub(in crate::portal) fn login(
    profile: &Profile,
    words: &FormPage,
    page: &Document,
    lines: &[String],
    text: &str,
    forms: Vec<Owned>,
) -> Result<(Filled, Understood), Fault> {
    let (filled, _, fields) = filled(profile, words, lines, forms)?;
    let picture = words.picture.as_deref().and_then(|part| page.picture(part));
    let picture = page.resolve(picture.ok_or(Fault::ChangedForm("no captcha picture"))?)?;
    let wrong_captcha = profile.phrases.wrong_captcha.iter().any(|phrase| words::says(text, phrase));
    let refusal = page
        .messages(&profile.message_classes)
        .into_iter()
        .find(|(_, message)| {
            let message = words::fold(message);
            !profile.phrases.wrong_captcha.iter().any(|phrase| words::says(&message, phrase))
        })
        .map(|(_, message)| words::quote(&message));
    Ok((filled, Understood::Login { picture, fields, wrong_captcha, refusal }))
}

pub(super) fn application(
    profile: &Profile,
    page: &Document,
    lines: &[String],
    forms: Vec<Owned>,
) -> Result<(At, Understood), Fault> {
    let (filled, nodes, fields) = filled(profile, &profile.pages.form, lines, forms)?;
    let mut errors = Vec::new();
    let mut unplaced = None;
    for (element, message) in page.messages(&profile.message_classes) {
        let field =
            beside(*element, &filled.places, &nodes).or_else(|| named_in(&message, &profile.pages.form));
        match field {
            Some(field) => errors.push((field, words::quote(&message))),
            None => unplaced = unplaced.or(Some(message)),
        }
    }
    // A refusal that names no field is shown at the first one to fill in rather than dropped; "correct the
    // marked fields" adds nothing to the marks.
    let first = fields.iter().find(|field| !field.read_only).map(|field| field.id);
    if let (true, Some(message), Some(field)) = (errors.is_empty(), unplaced, first) {
        errors.push((field, words::quote(&message)));
    }
    Ok((At::Form(filled), Understood::Page(Page::Form { fields, errors })))
}

/// The one field in the message's own row, or the first of the row above it.
fn beside(message: NodeRef<'_>, places: &[(FieldId, usize)], nodes: &[ego_tree::NodeId]) -> Option<FieldId> {
    let inside = |outer: NodeRef<'_>| -> Vec<FieldId> {
        let within: Vec<_> = outer.descendants().map(|inner| inner.id()).collect();
        let is_within = |index: &usize| nodes.get(*index).is_some_and(|node| within.contains(node));
        places.iter().filter(|(_, index)| is_within(index)).map(|(field, _)| *field).collect()
    };
    for outer in std::iter::once(message).chain(message.ancestors()).take(6) {
        match inside(outer).as_slice() {
            [] => {}
            [one] => return Some(*one),
            _ => return None,
        }
        if outer.value().as_element().is_some_and(|element| element.name() == "tr") {
            let above = outer.prev_siblings().find(|node| node.value().is_element())?;
            return inside(above).first().copied();
        }
    }
    None
}

/// The field whose label, the longest of all, stands in a message.
fn named_in(message: &str, page: &FormPage) -> Option<FieldId> {
    let message = format!(" {} ", words::fold(message).replace([':', ',', '.', '"', '\''], " "));
    let labels = page
        .fields
        .iter()
        .flat_map(|(field, labels)| labels.iter().map(move |label| (field, words::label(label))));
    labels
        .filter(|(_, label)| message.contains(&format!(" {label} ")))
        .max_by_key(|(_, label)| label.len())
        .map(|(field, _)| *field)
}

/// The page's form with every visible control known and every field of the profile there.
fn filled(
    profile: &Profile,
    page: &FormPage,
    lines: &[String],
    forms: Vec<Owned>,
) -> Result<(Filled, Vec<ego_tree::NodeId>, Vec<Field>), Fault> {
    let known = |label: &str| {
        page.fields.iter().find(|(_, labels)| words::is_one_of(label, labels)).map(|(field, _)| *field)
    };
    let mut ours = forms.into_iter().filter(|owned| {
        owned.form.controls.iter().any(|control| control.visible && known(&control.label).is_some())
    });
    let Owned { form, nodes } = ours.next().ok_or(Fault::ChangedForm("no form with a known field"))?;
    if ours.next().is_some() {
        return Err(Fault::ChangedForm("known fields in two forms"));
    }
    let mut places: Vec<(FieldId, usize)> = Vec::new();
    for (index, control) in form.controls.iter().enumerate() {
        if !control.visible || matches!(control.value, Value::Submit { .. }) {
            continue;
        }
        let Some(field) = known(&control.label) else { continue };
        if places.iter().any(|(other, _)| *other == field) {
            return Err(Fault::ChangedForm("a field that is there twice"));
        }
        places.push((field, index));
    }
    refuse_unknown(&form, |index| places.iter().any(|(_, place)| *place == index))?;
    let mut fields = Vec::with_capacity(page.fields.len());
    for (field, labels) in &page.fields {
        if places.iter().any(|(known, _)| known == field) {
            continue;
        }
        let text = page
            .filled_by_portal
            .contains(field)
            .then(|| document::values_after(lines, labels).next())
            .flatten();
        match text {
            Some(text) => fields.push(shown(*field, text)),
            None if page.optional.contains(field) => {}
            None => return Err(Fault::ChangedForm("a known field is missing")),
        }
    }
    for (field, index) in &places {
        fields.push(read_field(profile, page, *field, &form, *index)?);
    }
    let button = form.button(&page.buttons).ok_or(Fault::ChangedForm("no button that sends the form"))?;
    Ok((Filled { form, button, places, districts: Vec::new() }, nodes, fields))
}

/// A field that stands on the page as text.
fn shown(id: FieldId, text: &str) -> Field {
    Field {
        id,
        kind: FieldKind::Text { max_length: None },
        value: Personal::new(words::clean(text, words::QUOTE)),
        required: false,
        read_only: true,
    }
}

fn read_field(
    profile: &Profile,
    page: &FormPage,
    id: FieldId,
    form: &Form,
    index: usize,
) -> Result<Field, Fault> {
    let control = &form.controls[index];
    let (kind, value) = match &control.value {
        Value::Text { text, max_length, .. } => {
            (FieldKind::Text { max_length: *max_length }, Personal::new(words::clean(text.expose(), 4000)))
        }
        Value::Choice { options, chosen } => {
            let real = |item: &&form::Item| !item.disabled && !item.is_placeholder(&profile.placeholders);
            let value = chosen.and_then(|chosen| options.get(chosen)).filter(real);
            (
                FieldKind::Choice(options.iter().filter(real).map(form::Item::choice).collect()),
                Personal::new(value.map(|item| item.value.clone()).unwrap_or_default()),
            )
        }
        Value::Submit { .. } | Value::Foreign => {
            return Err(Fault::ChangedForm("a field of a kind this driver does not fill in"));
        }
    };
    let read_only = control.read_only
        || control.disabled
        || control.name.is_none()
        || page.filled_by_portal.contains(&id);
    Ok(Field { id, kind, value, required: control.required, read_only })
}
