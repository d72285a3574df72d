//! HTML forms: what a page asks, and the answer to it byte for byte as a browser would send it.
//!
//! Hidden inputs travel back verbatim. It knows HTML's rules (HTML, 4.10.21 form submission); which field
//! is which is the profile's affair.

mod read;

use encoding_rs::Encoding;
use url::{Url, form_urlencoded::byte_serialize};
use zeroize::Zeroizing;

use super::{
    charset,
    http::{Body, HttpRequest, PAGE_LIMIT},
    page::{Choice, Fault},
    words,
};
use crate::redact::Personal;

pub(super) use read::{Owned, item, read_all};

/// A form of a page.
#[derive(Clone)]
pub(super) struct Form {
    /// Where it is sent; resolved, hosts are judged by the flow.
    pub(super) action: Url,
    /// By POST rather than GET.
    pub(super) post: bool,
    /// The charset it is answered in.
    pub(super) charset: &'static Encoding,
    /// An encoding this driver does not send (`multipart/form-data`).
    pub(super) foreign_encoding: bool,
    /// Its controls in the page's order; a group of radio buttons is one.
    pub(super) controls: Vec<Control>,
}

/// A control of a form.
#[derive(Clone)]
pub(super) struct Control {
    /// The name it is sent under; `None`: it is never sent.
    pub(super) name: Option<String>,
    /// Its label, for comparison.
    pub(super) label: String,
    /// What it holds.
    pub(super) value: Value,
    /// Marked as required.
    pub(super) required: bool,
    /// Sent as it is.
    pub(super) read_only: bool,
    /// Not sent.
    pub(super) disabled: bool,
    /// A person could see it.
    pub(super) visible: bool,
}

/// What a control holds.
#[derive(Clone)]
pub(super) enum Value {
    /// A line or some lines of text; hidden inputs too.
    Text {
        /// What is in it.
        text: Personal,
        /// Most characters.
        max_length: Option<u16>,
        /// Lines, which are sent with CRLF.
        lines: bool,
    },
    /// One of some options.
    Choice {
        /// The options, placeholders included.
        options: Vec<Item>,
        /// The one that is selected.
        chosen: Option<usize>,
    },
    /// A button that sends the form.
    Submit {
        /// Sent when it is pressed.
        value: String,
        /// A picture: its coordinates are sent instead.
        picture: bool,
        /// It sends the form elsewhere.
        action: Option<Url>,
        /// It sends the form by POST, or by GET.
        post: Option<bool>,
    },
    /// A kind this driver does not fill in: a file, several choices at once.
    Foreign,
}

/// An option of a choice.
#[derive(Clone)]
pub(super) struct Item {
    /// What is sent.
    pub(super) value: String,
    /// What is shown.
    pub(super) label: String,
    /// Cannot be chosen.
    pub(super) disabled: bool,
}

impl Item {
    /// Whether this stands for "nothing chosen yet".
    pub(super) fn is_placeholder(&self, placeholders: &[String]) -> bool {
        self.value.is_empty() || words::is_one_of(&words::label(&self.label), placeholders)
    }

    /// As the session sees it.
    pub(super) fn choice(&self) -> Choice {
        Choice { value: self.value.clone(), label: self.label.clone() }
    }
}

impl Form {
    /// The button with one of these captions.
    pub(super) fn button(&self, captions: &[String]) -> Option<usize> {
        self.controls.iter().position(|control| {
            matches!(control.value, Value::Submit { .. })
                && !control.disabled
                && words::is_one_of(&control.label, captions)
        })
    }

    /// The control sent under this name, hidden ones included.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.controls.iter().position(|control| {
            control.name.as_deref() == Some(name) && matches!(control.value, Value::Text { .. })
        })
    }

    /// Puts a value into a control.
    ///
    /// # Errors
    /// [`Fault::ChangedForm`] for a value the control cannot hold. Nothing is cut or replaced.
    pub(super) fn fill(&mut self, index: usize, new: &str) -> Result<(), Fault> {
        let Some(control) = self.controls.get_mut(index) else {
            return Err(Fault::ChangedForm("a control that is gone"));
        };
        match &mut control.value {
            Value::Text { text, max_length, .. } => {
                if max_length.is_some_and(|most| new.encode_utf16().count() > usize::from(most)) {
                    return Err(Fault::ChangedForm("a value longer than the page takes"));
                }
                *text = Personal::new(new);
                Ok(())
            }
            Value::Choice { options, chosen } => {
                let place = options.iter().position(|item| item.value == new && !item.disabled);
                *chosen = Some(place.ok_or(Fault::ChangedForm("a choice the page does not offer"))?);
                Ok(())
            }
            Value::Submit { .. } | Value::Foreign => Err(Fault::ChangedForm("a control that takes no value")),
        }
    }

    /// The request that answers this form, pressing this button; `None`: a script sends it.
    ///
    /// # Errors
    /// [`Fault::ChangedForm`] where the form wants what this driver does not do, [`Fault::Malformed`] for a
    /// letter that the page's charset does not have.
    pub(super) fn submit(&self, button: Option<usize>) -> Result<HttpRequest, Fault> {
        if self.foreign_encoding {
            return Err(Fault::ChangedForm("a form that is not url-encoded"));
        }
        let mut body = Zeroizing::new(String::new());
        let (mut url, mut post) = (self.action.clone(), self.post);
        for (index, control) in self.controls.iter().enumerate() {
            if control.disabled {
                continue;
            }
            let name = control.name.as_deref();
            match &control.value {
                Value::Text { text, lines, .. } => {
                    let Some(name) = name else { continue };
                    if *lines {
                        let text = Zeroizing::new(text.expose().replace("\r\n", "\n").replace('\r', "\n"));
                        self.pair(&mut body, name, &Zeroizing::new(text.replace('\n', "\r\n")))?;
                    } else {
                        self.pair(&mut body, name, text.expose())?;
                    }
                }
                Value::Choice { options, chosen } => {
                    if let (Some(name), Some(item)) = (name, chosen.and_then(|chosen| options.get(chosen)))
                        && !item.disabled
                    {
                        self.pair(&mut body, name, &item.value)?;
                    }
                }
                Value::Submit { value, picture, action, post: by_post } if Some(index) == button => {
                    if let Some(action) = action {
                        url = action.clone();
                    }
                    post = by_post.unwrap_or(post);
                    match (name, picture) {
                        (Some(name), true) => {
                            self.pair(&mut body, &format!("{name}.x"), "1")?;
                            self.pair(&mut body, &format!("{name}.y"), "1")?;
                        }
                        (Some(name), false) => self.pair(&mut body, name, value)?,
                        (None, _) => {}
                    }
                }
                Value::Submit { .. } => {}
                Value::Foreign => {
                    return Err(Fault::ChangedForm("a control this driver does not fill in"));
                }
            }
        }
        url.set_fragment(None);
        if post {
            let bytes = Zeroizing::new(body.as_bytes().to_vec());
            let body = Body { media_type: "application/x-www-form-urlencoded", bytes };
            Ok(HttpRequest { url, body: Some(body), limit: PAGE_LIMIT })
        } else {
            url.set_query(Some(&body));
            Ok(HttpRequest::get(url))
        }
    }

    fn pair(&self, body: &mut String, name: &str, value: &str) -> Result<(), Fault> {
        if !body.is_empty() {
            body.push('&');
        }
        body.extend(byte_serialize(&charset::encode(name, self.charset)?));
        body.push('=');
        body.extend(byte_serialize(&charset::encode(value, self.charset)?));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
