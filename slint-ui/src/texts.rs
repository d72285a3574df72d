//! What may be shown of a text to be signed, in which stretches, and the digest of what was shown.
//!
//! It knows nothing of pages or PINs. A text that could look other than it is gets refused, never cleaned.

use std::collections::BTreeMap;

use eimza_kiosk::{
    link::view::ComparedLine,
    portal::{FieldId, SigningText},
    redact::Personal,
};
use sha2::{Digest, Sha256};

/// SHA-256 of a text's raw bytes.
pub type TextDigest = [u8; 32];

/// Lines drawn together where none of them carries a mark.
const LINES_TOGETHER: usize = 24;

/// Why a text is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not strict UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// A control character, or one that turns or hides what stands beside it.
    #[error("a character that may not be in a text to be signed")]
    Character,
    /// There is nothing to show.
    #[error("no text")]
    Nothing,
}

/// A piece of a text as it stands on the screen.
#[derive(Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Counts the texts from 1 where one begins, else 0.
    pub heading: usize,
    /// The words; none in a heading.
    pub words: Personal,
    /// Compared with the form: which field, and what the form says where they differ.
    pub compared: Option<(FieldId, Option<Personal>)>,
}

/// The texts of a request, ready to be shown.
pub struct Texts {
    /// In order, headings included.
    pub stretches: Vec<Stretch>,
    /// Of each text.
    pub digests: Vec<TextDigest>,
    /// Which stretch is the last of each text.
    pub ends: Vec<usize>,
}

/// Checks the texts and cuts them into stretches; `comparison` speaks of the lines of the first.
///
/// # Errors
/// [`Unreadable`] when any of them may not be shown.
pub fn prepare(texts: &[SigningText], comparison: &[ComparedLine]) -> Result<Texts, Unreadable> {
    let mut ready = Texts { stretches: Vec::new(), digests: Vec::new(), ends: Vec::new() };
    if texts.is_empty() {
        return Err(Unreadable::Nothing);
    }
    let marks: BTreeMap<usize, &ComparedLine> = comparison.iter().map(|it| (it.line as usize, it)).collect();
    let none = BTreeMap::new();
    for (number, text) in texts.iter().enumerate() {
        let shown = readable(&text.0)?;
        ready.stretches.push(Stretch { heading: number + 1, words: Personal::default(), compared: None });
        cut(shown, if number == 0 { &marks } else { &none }, &mut ready.stretches);
        ready.ends.push(ready.stretches.len() - 1);
        ready.digests.push(Sha256::digest(&text.0).into());
    }
    Ok(ready)
}

/// The text, if it is what it looks like: UTF-8 without control characters other than line ends, without
/// characters that change the direction of others, and without invisible ones.
///
/// # Errors
/// [`Unreadable`]
pub fn readable(bytes: &[u8]) -> Result<&str, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8)?;
    if text.chars().any(misleads) {
        return Err(Unreadable::Character);
    }
    if text.trim().is_empty() { Err(Unreadable::Nothing) } else { Ok(text) }
}

/// Unicode's Bidi_Control property, the controls, and format characters that are drawn as nothing.
fn misleads(c: char) -> bool {
    matches!(c,
        '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
        || (c.is_control() && c != '\n' && c != '\r')
}

fn cut(text: &str, marks: &BTreeMap<usize, &ComparedLine>, into: &mut Vec<Stretch>) {
    let mut together: Vec<&str> = Vec::new();
    let plain = |lines: &mut Vec<&str>, into: &mut Vec<Stretch>| {
        if !lines.is_empty() {
            into.push(Stretch { heading: 0, words: lines.join("\n").into(), compared: None });
            lines.clear();
        }
    };
    // The newline that ends the last line opens no line of its own.
    let text = text.strip_suffix('\n').unwrap_or(text);
    for (number, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        match marks.get(&number) {
            Some(mark) => {
                plain(&mut together, into);
                into.push(Stretch {
                    heading: 0,
                    words: line.into(),
                    compared: Some((mark.id, mark.form_says.clone())),
                });
            }
            None => {
                together.push(line);
                if together.len() == LINES_TOGETHER {
                    plain(&mut together, into);
                }
            }
        }
    }
    plain(&mut together, into);
}
