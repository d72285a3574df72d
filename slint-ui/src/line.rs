//! The line being typed into a field: characters, a caret, and the dots of a date.
//!
//! Kept here rather than in an input element of the toolkit, which would keep a history of what was typed. It
//! knows lengths; what is right in a field is judged elsewhere.

use zeroize::{Zeroize as _, ZeroizeOnDrop};

/// What a key does; the pages send characters by themselves and these by name.
const DELETE: &str = "\u{8}";
const LEFT: &str = "\u{2190}";
const RIGHT: &str = "\u{2192}";

/// What a line takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Anything.
    Text,
    /// Day, month and year, with dots between.
    Date,
}

/// A line with its caret.
#[derive(ZeroizeOnDrop)]
pub struct Line {
    text: String,
    /// In characters from the left.
    #[zeroize(skip)]
    caret: usize,
    #[zeroize(skip)]
    takes: Takes,
    #[zeroize(skip)]
    longest: usize,
}

impl Line {
    /// A line that holds `text`, with the caret at its end; at most `longest` characters.
    #[must_use]
    pub fn new(text: &str, takes: Takes, longest: usize) -> Self {
        // Room from the start, so that no half-typed copy is left behind by growing.
        let mut line = Self { text: String::with_capacity(4 * longest), caret: 0, takes, longest };
        line.text.push_str(text);
        line.caret = text.chars().count();
        line
    }

    /// Types a key: characters, or one of the keys with a name.
    pub fn press(&mut self, key: &str) {
        match key {
            DELETE => {
                if self.takes == Takes::Date && self.before().ends_with('.') {
                    self.delete();
                }
                self.delete();
            }
            LEFT => self.caret = self.caret.saturating_sub(1),
            RIGHT => self.caret = (self.caret + 1).min(self.text.chars().count()),
            _ => key.chars().for_each(|letter| self.insert(letter)),
        }
    }

    /// All of it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands left of the caret.
    #[must_use]
    pub fn before(&self) -> &str {
        &self.text[..self.offset(self.caret)]
    }

    /// What stands right of the caret.
    #[must_use]
    pub fn after(&self) -> &str {
        &self.text[self.offset(self.caret)..]
    }

    fn insert(&mut self, letter: char) {
        if self.text.chars().count() >= self.longest {
            return;
        }
        self.text.insert(self.offset(self.caret), letter);
        self.caret += 1;
        let at_end = self.caret == self.text.chars().count();
        if self.takes == Takes::Date && at_end && matches!(self.caret, 2 | 5) {
            self.text.push('.');
            self.caret += 1;
        }
    }

    fn delete(&mut self) {
        if let Some(caret) = self.caret.checked_sub(1) {
            self.text.remove(self.offset(caret));
            self.caret = caret;
        }
    }

    /// Bytes before a character.
    fn offset(&self, character: usize) -> usize {
        self.text.char_indices().nth(character).map_or(self.text.len(), |(at, _)| at)
    }
}

/// As it is drawn: a space at the end of a line has a width only when it cannot be broken.
#[must_use]
pub fn drawn(text: &str) -> slint::SharedString {
    let mut unbroken = text.replace(' ', "\u{A0}");
    let drawn = unbroken.as_str().into();
    unbroken.zeroize();
    drawn
}
