//! Which cell of a page a field or an answer stands in.
//!
//! It knows which fields belong beside each other and how many a person takes in at a time; how large a cell is,
//! is the pages' own business.

use slint::{Model as _, ModelExt as _, ModelRc, VecModel};

use crate::ui::{AnswerRow, FieldName, FieldPlace, FieldRow, InputName};

/// At most so many to fill in at a time.
const MOST: usize = 5;

/// Fields that stand beside each other where there are columns.
const PAIRS: [(FieldName, FieldName); 6] = [
    (FieldName::GivenName, FieldName::Surname),
    (FieldName::BirthPlace, FieldName::BirthDate),
    (FieldName::SecurityWord, FieldName::SecurityWordRepeat),
    (FieldName::Province, FieldName::District),
    (FieldName::WorkPhone, FieldName::WorkExtension),
    (FieldName::MobilePhone, FieldName::MobileOperator),
];

/// What is long and has a row of its own.
const WIDE: [FieldName; 2] = [FieldName::Address, FieldName::Email];

/// A field as far as its place depends on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Which.
    pub id: FieldName,
    /// The person fills it in.
    pub open: bool,
}

/// Places the fields from `first` on in `columns` across and `rows` down, as many pages as it takes.
#[must_use]
pub fn places(fields: &[Cell], first: usize, columns: usize, rows: usize) -> Vec<FieldPlace> {
    let (columns, rows) = (columns.max(1), rows.max(1));
    let mut places = vec![FieldPlace::default(); first.min(fields.len())];
    let (mut page, mut row, mut column, mut open) = (0, 0, 0, 0);
    let mut rest = fields.get(first..).unwrap_or_default();
    while let Some(field) = rest.first() {
        let paired = columns > 1 && rest.get(1).is_some_and(|next| PAIRS.contains(&(field.id, next.id)));
        let wide = columns > 1 && WIDE.contains(&field.id);
        let taken = if paired { 2 } else { 1 };
        let across = if wide { columns } else { taken };
        let to_fill = rest[..taken].iter().filter(|it| it.open).count();
        if column + across > columns {
            (row, column) = (row + 1, 0);
        }
        if row >= rows || (open > 0 && open + to_fill > MOST) {
            (page, row, column, open) = (page + 1, 0, 0, 0);
        }
        for _ in 0..taken {
            places.push(FieldPlace { page, row: number(row), column: number(column), wide });
            column += if wide { columns } else { 1 };
        }
        open += to_fill;
        rest = &rest[taken..];
    }
    places
}

/// The same for the pages.
#[must_use]
pub fn placed(fields: &ModelRc<FieldRow>, first: i32, columns: i32, rows: i32) -> ModelRc<FieldPlace> {
    fields.model_tracker().track_row_count_changes();
    let cells: Vec<Cell> = (0..fields.row_count())
        .filter_map(|row| fields.row_data_tracked(row))
        .map(|row| Cell { id: row.id, open: row.input != InputName::ReadOnly })
        .collect();
    let size = |it: i32| usize::try_from(it).unwrap_or(0);
    ModelRc::new(VecModel::from(places(&cells, size(first), size(columns), size(rows))))
}

/// The answers in cells of `columns` across: a long one begins a row and fills it.
#[must_use]
pub fn arranged(answers: &ModelRc<AnswerRow>, columns: usize) -> ModelRc<AnswerRow> {
    let filler = || AnswerRow { filler: true, ..AnswerRow::default() };
    let mut cells: Vec<AnswerRow> = Vec::new();
    // Read as a binding reads it, so that a page that stands is arranged anew when an answer changes.
    answers.model_tracker().track_row_count_changes();
    for answer in (0..answers.row_count()).filter_map(|row| answers.row_data_tracked(row)) {
        let (long, taken) = (answer.long, cells.len() % columns.max(1));
        if long && taken > 0 {
            cells.resize_with(cells.len() + columns - taken, filler);
        }
        cells.push(answer);
        if long {
            cells.resize_with(cells.len() + columns.max(1) - 1, filler);
        }
    }
    ModelRc::new(VecModel::from(cells))
}

fn number(it: usize) -> i32 {
    i32::try_from(it).unwrap_or(0)
}
