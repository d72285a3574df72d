//! Texts are shown whole or not at all.

use eimza_kiosk::{
    link::{text::Unfit, view::ComparedLine},
    portal::{FieldId, SigningText},
};
use kiosk_ui::texts::prepare;

#[test]
fn every_line_of_every_text_is_shown_once_and_in_order() {
    let first: String = (0..100).map(|n| format!("satır {n}\r\n")).collect();
    let second = "FORM-001-042\n\nson satır".to_owned();
    let comparison = [
        ComparedLine { line: 3, id: FieldId::Province, form_says: Some("ANKARA".into()) },
        ComparedLine { line: 4, id: FieldId::Unit, form_says: None },
    ];
    let texts = [SigningText(first.clone().into()), SigningText(second.clone().into())];
    let ready = prepare(&texts, &comparison).unwrap();
    let shown = |from: usize, to: usize| {
        ready.stretches[from + 1..=to].iter().map(|it| it.words.expose()).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(shown(0, ready.ends[0]), first.replace('\r', "").trim_end());
    assert_eq!(shown(ready.ends[0] + 1, ready.ends[1]), second);
    let marked: Vec<_> = ready.stretches.iter().filter_map(|it| it.compared.clone()).collect();
    assert_eq!(marked, [(FieldId::Province, Some("ANKARA".into())), (FieldId::Unit, None)]);
}

#[test]
fn the_digest_is_of_the_raw_bytes() {
    let ready = prepare(&[SigningText(b"abc".to_vec())], &[]).unwrap();
    assert_eq!(ready.digests[0][..4], [0xba, 0x78, 0x16, 0xbf]);
}

#[test]
fn a_text_that_could_look_other_than_it_is_gets_refused() {
    let refused =
        |bytes: &[u8]| prepare(&[SigningText(b"abc".to_vec()), SigningText(bytes.to_vec())], &[]).err();
    for (text, character) in
        [("a\u{202E}b", 0x202E), ("a\u{200B}b", 0x200B), ("a\tb", 9), ("a\u{FEFF}", 0xFEFF)]
    {
        assert_eq!(refused(text.as_bytes()), Some(Unfit::Forbidden(character)), "{text:?}");
    }
    assert_eq!(refused(&[b'a', 0xFF]), Some(Unfit::NotUtf8));
    assert_eq!(refused(b" \n"), Some(Unfit::Empty));
    assert_eq!(prepare(&[], &[]).err(), Some(Unfit::Empty));
    assert_eq!(refused("İĞÜŞÖÇ ığüşöç “–” ₺\r\n".as_bytes()), None);
}
