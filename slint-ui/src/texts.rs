//! What may be shown of a text to be signed, in which stretches, and the digest of what was shown.
//!
//! It knows nothing of pages or PINs. A text that could look other than it is gets refused, never cleaned.

use std::collections::BTreeMap;

use eimza_kiosk::{
    link::{
        text::{Unfit, strict},
        view::ComparedLine,
    },
    portal::{FieldId, SigningText},
    redact::Personal,
};
use sha2::{Digest, Sha256};

/// SHA-256 of a text's raw bytes.
pub type TextDigest = [u8; 32];

/// Lines drawn together where none of them carries a mark.
const LINES_TOGETHER: usize = 24;

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
/// [`Unfit`] when there is none, or any of them may not be shown.
pub fn prepare(texts: &[SigningText], comparison: &[ComparedLine]) -> Result<Texts, Unfit> {
    let mut ready = Texts { stretches: Vec::new(), digests: Vec::new(), ends: Vec::new() };
    if texts.is_empty() {
        return Err(Unfit::Empty);
    }
    let marks: BTreeMap<usize, &ComparedLine> = comparison.iter().map(|it| (it.line as usize, it)).collect();
    let none = BTreeMap::new();
    for (number, text) in texts.iter().enumerate() {
        let shown = strict(&text.0)?;
        ready.stretches.push(Stretch { heading: number + 1, words: Personal::default(), compared: None });
        cut(shown, if number == 0 { &marks } else { &none }, &mut ready.stretches);
        ready.ends.push(ready.stretches.len() - 1);
        ready.digests.push(Sha256::digest(&text.0).into());
    }
    Ok(ready)
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
