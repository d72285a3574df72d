//! Where fields stand, and which advice has a button.

use eimza_kiosk::session::fault::{Advice, Cause};
use kiosk_ui::{
    arrange::{Cell, places},
    names,
    ui::FieldName,
};

fn open(ids: &[FieldName]) -> Vec<Cell> {
    ids.iter().map(|id| Cell { id: *id, open: true }).collect()
}

const CONTACT: [FieldName; 5] = [
    FieldName::Email,
    FieldName::MobilePhone,
    FieldName::MobileOperator,
    FieldName::HomePhone,
    FieldName::InfoChannel,
];

#[test]
fn what_belongs_together_stands_in_one_row_and_what_is_long_has_its_own() {
    let cells: Vec<_> =
        places(&open(&CONTACT), 0, 2, 3).iter().map(|it| (it.page, it.row, it.column, it.wide)).collect();
    assert_eq!(
        cells,
        [(0, 0, 0, true), (0, 1, 0, false), (0, 1, 1, false), (0, 2, 0, false), (0, 2, 1, false)]
    );
    let word = [FieldName::Validity, FieldName::SecurityWord, FieldName::SecurityWordRepeat];
    let cells: Vec<_> = places(&open(&word), 0, 2, 3).iter().map(|it| (it.row, it.column)).collect();
    assert_eq!(cells, [(0, 0), (1, 0), (1, 1)]);
}

#[test]
fn nobody_is_asked_more_than_five_things_at_a_time_and_nothing_is_left_out() {
    let mut many = CONTACT.to_vec();
    many.extend([FieldName::WorkPhone, FieldName::WorkExtension, FieldName::Title]);
    for (columns, rows) in [(1, 9), (2, 9), (2, 2), (1, 1), (2, 1), (0, 0)] {
        let cells = places(&open(&many), 0, columns, rows);
        assert_eq!(cells.len(), many.len());
        for page in 0..=cells.last().unwrap().page {
            let here: Vec<_> = cells.iter().filter(|it| it.page == page).collect();
            assert!((1..=5).contains(&here.len()), "{columns} x {rows}: {here:?}");
            assert!(here.iter().all(|it| usize::try_from(it.row).unwrap() < rows.max(1)));
            let mut taken: Vec<_> = here.iter().map(|it| (it.row, it.column)).collect();
            taken.dedup();
            assert_eq!(taken.len(), here.len(), "two fields in one cell");
        }
    }
    // What is only read does not count.
    let mut fixed = open(&many[..6]);
    fixed[0].open = false;
    assert_eq!(places(&fixed, 0, 1, 9).last().unwrap().page, 0);
}

#[test]
fn every_cause_that_ends_on_a_page_of_its_own_has_a_way_on() {
    for cause in Cause::ALL {
        let advice = cause.remedy().advice;
        let ways = advice.iter().filter(|it| names::is_way(**it)).count();
        assert!(ways > 0 || !advice.contains(&Advice::Finish), "{cause:?} has no button");
        assert!(ways <= 3, "{cause:?} has {ways} buttons in the foot");
    }
}
