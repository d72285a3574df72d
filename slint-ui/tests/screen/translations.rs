//! English is complete: every text of the pages has its translation, and no translation is left over.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|it| it == "slint") {
            found.push(path);
        }
    }
}

/// The text between the quotes that `rest` begins with.
fn quoted(rest: &str) -> String {
    let rest = rest.strip_prefix('"').expect("a quoted text");
    let mut escaped = false;
    rest.chars()
        .take_while(|c| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            !ends
        })
        .collect()
}

fn source_texts() -> BTreeSet<String> {
    let mut files = Vec::new();
    pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("ui"), &mut files);
    let texts = files.iter().flat_map(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        text.split("@tr(").skip(1).map(quoted).collect::<Vec<_>>()
    });
    texts.collect()
}

fn english() -> BTreeMap<String, String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("lang/en/LC_MESSAGES/kiosk-ui.po");
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    let mut texts = BTreeMap::new();
    while let Some(line) = lines.next() {
        if let Some(id) = line.strip_prefix("msgid ") {
            let translated = lines.next().and_then(|it| it.strip_prefix("msgstr ")).expect("a msgstr");
            texts.insert(quoted(id), quoted(translated));
        }
    }
    texts.remove("");
    texts
}

#[test]
fn every_text_is_there_in_english() {
    let english = english();
    let source = source_texts();
    assert!(source.len() > 300, "only {} texts were found", source.len());
    for text in &source {
        let translated = english.get(text).unwrap_or_else(|| panic!("no English for {text:?}"));
        assert!(!translated.trim().is_empty(), "no English for {text:?}");
        let places = |it: &str| it.matches("{}").count();
        assert_eq!(places(text), places(translated), "{text:?} and {translated:?} take other values");
        let letters = ['ğ', 'ş', 'ı', 'İ', 'Ğ', 'Ş'];
        let proper = ["Türkçe", "Online İşlemler"].iter().any(|it| translated.contains(it));
        assert!(proper || !translated.contains(letters), "{translated:?} is not English");
    }
    let left_over: Vec<_> = english.keys().filter(|it| !source.contains(*it)).collect();
    assert!(left_over.is_empty(), "translations of nothing: {left_over:?}");
}

#[test]
fn every_text_of_a_page_is_translatable() {
    let mut files = Vec::new();
    pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("ui"), &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines().filter(|it| !it.trim_start().starts_with("//") && !it.contains("import")) {
            let mut rest = line;
            while let Some(at) = rest.find('"') {
                let marked = rest[..at].ends_with("@tr(");
                let words = quoted(&rest[at..]);
                let turkish = words.contains(['ğ', 'ş', 'ı', 'İ', 'Ğ', 'Ş']) && words.chars().count() > 1;
                assert!(marked || !turkish || words == "Türkçe", "{}: {words:?}", file.display());
                rest = &rest[at + words.len() + 2..];
            }
        }
    }
}
