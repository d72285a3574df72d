//! A line takes what is typed where the caret is.

use kiosk_ui::line::{Line, Takes};

fn typed(takes: Takes, longest: usize, keys: &[&str]) -> Line {
    let mut line = Line::new("", takes, longest);
    keys.iter().for_each(|key| line.press(key));
    line
}

#[test]
fn turkish_letters_are_typed_and_deleted_whole() {
    let line = typed(Takes::Text, 20, &["İ", "ş", " ", "ğ", "\u{8}", "ü", ".com.tr"]);
    assert_eq!(line.text(), "İş ü.com.tr");
}

#[test]
fn the_caret_moves_between_letters_and_stops_at_both_ends() {
    let mut line = Line::new("Çğ", Takes::Text, 20);
    ["\u{2190}", "ı", "\u{2190}", "\u{2190}", "\u{2190}", "a", "\u{8}", "\u{8}"]
        .iter()
        .for_each(|key| line.press(key));
    assert_eq!((line.before(), line.after()), ("", "Çığ"));
    (0..9).for_each(|_| line.press("\u{2192}"));
    line.press("x");
    assert_eq!(line.text(), "Çığx");
}

#[test]
fn a_line_takes_no_more_than_its_length() {
    assert_eq!(typed(Takes::Text, 3, &["ş", "ş", ".com"]).text(), "şş.");
}

#[test]
fn a_date_gets_its_dots_by_itself_and_loses_them_with_the_digit() {
    let mut line = typed(Takes::Date, 10, &["1", "5", "0", "8", "1", "9", "7", "5", "5"]);
    assert_eq!(line.text(), "15.08.1975");
    (0..5).for_each(|_| line.press("\u{8}"));
    assert_eq!(line.text(), "15.0");
    line.press("9");
    assert_eq!(line.text(), "15.09.");
}
