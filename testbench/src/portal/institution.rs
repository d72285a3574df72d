//! What differs between institutions: wording, input names, option values, markup.
//!
//! It hands a page's content to the institution's own markup; which page comes when is decided in the flow.

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

use super::{
    Institution, Person,
    fields::{Key, Values},
    meb, saglik,
};

/// A page with everything that varies on it.
pub(super) enum Content<'a> {
    Login {
        values: &'a Values,
        error: Option<&'static str>,
    },
    Form {
        person: &'a Person,
        values: &'a Values,
        errors: &'a BTreeMap<Key, &'static str>,
        changed: bool,
    },
    SmsSend {
        phone: &'a str,
    },
    SmsCode {
        remaining: Duration,
        wrong: bool,
    },
    Method {
        form_target: Option<&'static str>,
    },
    WetInk {
        /// Where the document is.
        document: &'a str,
    },
    Signing {
        code: &'a str,
        remaining: Duration,
    },
    Result,
    /// A page that says one sentence and offers nothing.
    Notice {
        heading: &'static str,
        sentence: &'static str,
    },
}

/// What every page carries.
pub(super) struct Frame<'a> {
    /// The hidden number that must come back.
    pub(super) ticket: &'a str,
    /// Say the charset in a `meta` element.
    pub(super) meta_charset: bool,
}

impl Institution {
    /// The page as the institution draws it.
    pub(super) fn draw(self, frame: &Frame<'_>, content: &Content<'_>) -> String {
        match self {
            Self::Meb => meb::draw(frame, content),
            Self::Saglik => saglik::draw(frame, content),
        }
    }

    /// The `name` of an input.
    pub(super) fn input(self, key: Key) -> &'static str {
        match self {
            Self::Meb => meb::input(key),
            Self::Saglik => saglik::input(key),
        }
    }

    /// Option values and labels of a list that does not depend on another.
    pub(super) fn choices(self, key: Key) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Meb => meb::choices(key),
            Self::Saglik => saglik::choices(key),
        }
    }
}

/// Text made safe for element content and attribute values.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    Cow::Owned(safe)
}

/// `<option>` elements; the value chosen is marked.
pub(super) fn options<'a>(
    choices: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
    chosen: &str,
) -> String {
    choices
        .map(|(value, label)| {
            let mark = if value == chosen { " selected=\"selected\"" } else { "" };
            format!("<option value=\"{}\"{mark}>{}</option>\n", escape(&value), escape(&label))
        })
        .collect()
}
