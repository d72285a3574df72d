//! What a form is filled in with: whose word counts, and how it is written.

use std::collections::BTreeMap;

use crate::{
    link::view::Source,
    portal::{Choice, Field, FieldId, FieldKind},
    redact::Personal,
    session::{answers::Answers, sheet::Sheet},
};

fn field(id: FieldId, kind: FieldKind, value: &str) -> Field {
    Field { id, kind, value: Personal::new(value), required: true, read_only: false }
}

fn text(id: FieldId, value: &str) -> Field {
    field(id, FieldKind::Text { max_length: Some(40) }, value)
}

fn operators(chosen: &str) -> Field {
    let choice = |value: &str, label: &str| Choice { value: value.into(), label: label.into() };
    let choices = vec![choice("1", "Turkcell"), choice("2", "Vodafone"), choice("3", "Türk Telekom")];
    field(FieldId::MobileOperator, FieldKind::Choice(choices), chosen)
}

fn served(fields: Vec<Field>, answers: &mut Answers) -> Sheet {
    Sheet::new(fields, Vec::new(), answers)
}

#[test]
fn numbers_are_filled_in_as_the_portal_wants_them_typed() {
    let mut answers = Answers::default();
    let fields = vec![text(FieldId::WorkPhone, "0 (222) 111 22 33"), text(FieldId::PostalCode, "26 100")];
    let mut sheet = served(fields, &mut answers);
    let today = jiff::civil::date(2026, 11, 1);
    assert!(sheet.judge_all(None, &answers, today), "nothing is wrong with what was filled in");
    let sent: BTreeMap<_, _> = sheet.to_send(&answers).into_iter().collect();
    assert_eq!(sent[&FieldId::WorkPhone].expose(), "2221112233");
    assert_eq!(sent[&FieldId::PostalCode].expose(), "26100");
    assert_eq!(answers.source(FieldId::WorkPhone), Source::Portal);
}

#[test]
fn of_its_own_number_the_portal_knows_the_operator_until_another_number_is_typed() {
    let mut answers = Answers::default();
    let mut sheet = served(vec![text(FieldId::MobilePhone, "5321112233"), operators("2")], &mut answers);
    assert_eq!(answers.value(FieldId::MobileOperator).expose(), "2", "taken along to another operator");
    let today = jiff::civil::date(2026, 11, 1);
    assert!(sheet.fill(FieldId::MobilePhone, &"5051112233".into(), &mut answers, today));
    assert_eq!(answers.value(FieldId::MobileOperator).expose(), "3");
}

#[test]
fn an_operator_beside_no_number_is_nobodys_word() {
    let mut answers = Answers::default();
    let mut sheet = served(vec![text(FieldId::MobilePhone, ""), operators("1")], &mut answers);
    let today = jiff::civil::date(2026, 11, 1);
    assert!(sheet.fill(FieldId::MobilePhone, &"5421112233".into(), &mut answers, today));
    assert_eq!(answers.value(FieldId::MobileOperator).expose(), "2");
}
