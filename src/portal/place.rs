//! Where in the application the portal is: a page recognised by the profile, with its forms and fields.
//!
//! It says what is on a page and stops at what the profile does not know (invariant 8); requests are made
//! by [`super::flow`].

pub(super) mod fields;

use std::time::Duration;

use url::Url;

use super::{
    document::{self, Document},
    form::{self, Form, Owned, Value},
    http::HttpRequest,
    online,
    page::{Choice, Fault, Field, FieldId, Method, Page, Quote},
    profile::{Phrases, Profile, SigningPage, SmsCodePage, SmsSendPage},
    words,
};
use crate::redact::Personal;

/// Lines below a label within which its value stands: the guide's page has a link in between.
const BELOW: usize = 4;
/// Longest time a page is believed to leave.
pub(super) const LONGEST: u64 = 3600;

/// A page of the portal and what can be done on it.
pub(super) struct Place {
    /// Where it came from; it can be asked for again.
    pub(super) address: Url,
    /// Which page.
    pub(super) at: At,
}

/// The pages, each with what can be done on it.
pub(super) enum At {
    /// The login page.
    Login(Filled),
    /// The application form.
    Form(Filled),
    /// "GÖNDER".
    SmsSend(Button),
    /// The code is awaited.
    SmsCode(Code),
    /// The choice of methods.
    Method(Vec<(Method, Way)>),
    /// Method 1, and how its document is had.
    WetInk(Way),
    /// The verification code.
    Signing,
    /// The application was received.
    Received,
    /// A page of another portal: [`online`].
    Online(online::At),
}

/// A form that takes the code of an SMS.
pub(super) struct Code {
    /// Sends the code.
    pub(super) send: Button,
    /// Where the code goes.
    pub(super) code: usize,
    /// Sends the SMS anew, where the page offers it.
    pub(super) again: Option<Button>,
}

/// A form with a button to press.
pub(super) struct Button {
    /// The form.
    pub(super) form: Form,
    /// The button's index.
    pub(super) button: usize,
}

/// A form with fields to fill in.
pub(super) struct Filled {
    /// The form.
    pub(super) form: Form,
    /// The button that sends it.
    pub(super) button: usize,
    /// Which control is which field.
    pub(super) places: Vec<(FieldId, usize)>,
    /// Districts learned since; the page itself need not list them.
    pub(super) districts: Vec<Choice>,
}

/// How a method is chosen, or a document had.
pub(super) enum Way {
    /// By pressing a button.
    Press(Button),
    /// By following a link.
    Follow(Url),
}

impl Button {
    /// The request it sends.
    pub(super) fn press(&self) -> Result<HttpRequest, Fault> {
        self.form.submit(Some(self.button))
    }
}

impl Way {
    /// The request it leads to.
    pub(super) fn request(&self) -> Result<HttpRequest, Fault> {
        match self {
            Self::Press(button) => button.press(),
            Self::Follow(url) => Ok(HttpRequest::get(url.clone())),
        }
    }
}

impl Code {
    /// The request that sends this code.
    pub(super) fn answer(&self, typed: &Personal) -> Result<HttpRequest, Fault> {
        let mut form = self.send.form.clone();
        form.fill(self.code, typed.expose())?;
        form.submit(Some(self.send.button))
    }
}

/// A page as understood; a login page still lacks its picture.
pub(super) enum Understood {
    /// Everything is there.
    Page(Page),
    /// The captcha is at this address.
    Login {
        /// Of the picture.
        picture: Url,
        /// The fields.
        fields: Vec<Field>,
        /// The last captcha was wrong.
        wrong_captcha: bool,
        /// Any other refusal.
        refusal: Option<Quote>,
    },
    /// The document is to be had.
    Document,
}

/// The fault a page names in words, if it does.
pub(super) fn fault(profile: &Profile, lines: &[String]) -> Option<Fault> {
    let text = words::fold(&lines.join(" "));
    let phrases = &profile.phrases;
    let said = |list: &[String]| list.iter().find(|phrase| words::says(&text, phrase)).cloned();
    let quote = |phrase: String| words::quote(document::line_saying(lines, &phrase).unwrap_or(&phrase));
    if said(&phrases.session_ended).is_some() {
        return Some(Fault::SessionEnded);
    }
    if let Some(phrase) = said(&phrases.not_eligible) {
        return Some(Fault::NotEligible(quote(phrase)));
    }
    if let Some(phrase) = said(&phrases.web_service) {
        return Some(Fault::WebService(quote(phrase)));
    }
    // "SMS Doğrulama Kodu" holds "Doğrulama Kodu": the longer one first.
    if said(&phrases.sms_expired).is_some() {
        return Some(Fault::SmsExpired);
    }
    said(&phrases.code_expired).map(|_| Fault::CodeExpired)
}

/// Recognises a page. Where several could be meant, the one further on in the application is: later pages
/// repeat words of earlier ones.
///
/// # Errors
/// The fault the page names, [`Fault::UnknownPage`], [`Fault::ChangedForm`], [`Fault::Malformed`].
pub(super) fn understand(profile: &Profile, page: &Document) -> Result<(Place, Understood), Fault> {
    let lines = page.lines();
    if let Some(fault) = fault(profile, &lines) {
        return Err(fault);
    }
    let text = words::fold(&lines.join(" "));
    let says = |phrases: &[String]| phrases.iter().all(|phrase| words::says(&text, phrase));
    let forms = form::read_all(page)?;
    let pages = &profile.pages;
    let (at, understood) = if says(&pages.received.says) {
        (At::Received, Understood::Page(Page::Received))
    } else if says(&pages.signing.says) {
        let (code, remaining) = verification_code(&pages.signing, &lines, &forms)?;
        (At::Signing, Understood::Page(Page::Signing { code, remaining }))
    } else if let Some(words) = pages.wet_ink.as_ref().filter(|page| says(&page.says)) {
        let way = way(page, &forms, &words.document, &[])?;
        (At::WetInk(way.ok_or(Fault::ChangedForm("no document to print"))?), Understood::Document)
    } else if says(&pages.method.says) {
        method(profile, page, &forms)?
    } else if says(&pages.sms_code.says) {
        let again = &pages.sms_send.buttons;
        let (code, page) = sms_code(&pages.sms_code, again, &profile.phrases, &lines, &text, forms)?;
        (At::SmsCode(code), Understood::Page(page))
    } else if says(&pages.sms_send.says) {
        let (send, page) = sms_send(&pages.sms_send, &lines, forms)?;
        (At::SmsSend(send), Understood::Page(page))
    } else if says(&pages.form.says) {
        fields::application(profile, page, &lines, forms)?
    } else if says(&pages.login.says) {
        let (login, understood) = fields::login(profile, &pages.login, page, &lines, &text, forms)?;
        (At::Login(login), understood)
    } else {
        return Err(Fault::UnknownPage);
    };
    Ok((Place { address: page.address.clone(), at }, understood))
}

/// The code of fifteen digits and how long it lives.
pub(super) fn verification_code(
    words: &SigningPage,
    lines: &[String],
    forms: &[Owned],
) -> Result<(Personal, Duration), Fault> {
    let code = shown(lines, forms, &words.code, fifteen_digits)
        .ok_or(Fault::ChangedForm("no verification code of fifteen digits"))?;
    Ok((code, remaining(lines, &words.remaining)?))
}

/// What a page shows under one of these labels. It may show it in a field, to be copied.
pub(super) fn shown<T>(
    lines: &[String],
    forms: &[Owned],
    labels: &[String],
    read: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let in_field = || {
        forms.iter().flat_map(|owned| &owned.form.controls).find_map(|control| match &control.value {
            Value::Text { text, .. } if words::is_one_of(&control.label, labels) => read(text.expose()),
            Value::Text { .. } | Value::Choice { .. } | Value::Submit { .. } | Value::Foreign => None,
        })
    };
    document::values_after(lines, labels).take(BELOW).find_map(&read).or_else(in_field)
}

/// Fifteen digits, with or without spaces, and nothing else.
fn fifteen_digits(text: &str) -> Option<Personal> {
    let code: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    (code.len() == 15 && code.bytes().all(|byte| byte.is_ascii_digit())).then(|| Personal::new(code))
}

fn method(profile: &Profile, page: &Document, forms: &[Owned]) -> Result<(At, Understood), Fault> {
    let words = &profile.pages.method;
    let mut ways = Vec::new();
    for (method, captions) in [(Method::WetInk, &words.wet_ink), (Method::Electronic, &words.electronic)] {
        if let Some(way) = way(page, forms, captions, &words.buttons)? {
            ways.push((method, way));
        }
    }
    if ways.is_empty() {
        return Err(Fault::ChangedForm("no method to choose"));
    }
    let offered = ways.iter().map(|(method, _)| *method).collect();
    Ok((At::Method(ways), Understood::Page(Page::Method { offered })))
}

/// How what has one of these captions is chosen: a button, an option sent by `send`, or a link.
pub(super) fn way(
    page: &Document,
    forms: &[Owned],
    captions: &[String],
    send: &[String],
) -> Result<Option<Way>, Fault> {
    for Owned { form, .. } in forms {
        if let Some(button) = form.button(captions) {
            return Ok(Some(Way::Press(Button { form: form.clone(), button })));
        }
        for (index, control) in form.controls.iter().enumerate() {
            let Value::Choice { options, .. } = &control.value else { continue };
            let Some(option) =
                options.iter().find(|item| words::is_one_of(&words::label(&item.label), captions))
            else {
                continue;
            };
            let button = form.button(send).ok_or(Fault::ChangedForm("no button that sends the method"))?;
            let mut form = form.clone();
            form.fill(index, &option.value)?;
            return Ok(Some(Way::Press(Button { form, button })));
        }
    }
    let link = page.links().find(|(caption, _)| words::is_one_of(caption, captions));
    link.map(|(_, address)| page.resolve(address).map(Way::Follow)).transpose()
}

/// The form for the code of an SMS; `again` are captions of the button that sends another.
pub(super) fn sms_code(
    page: &SmsCodePage,
    again: &[String],
    phrases: &Phrases,
    lines: &[String],
    text: &str,
    forms: Vec<Owned>,
) -> Result<(Code, Page), Fault> {
    let again = forms.iter().find_map(|owned| pressed(&owned.form, again));
    let mut found = None;
    for Owned { form, .. } in forms {
        let code = form.controls.iter().position(|control| words::is_one_of(&control.label, &page.code));
        if let Some(code) = code
            && found.replace((form, code)).is_some()
        {
            return Err(Fault::ChangedForm("the SMS code is asked for twice"));
        }
    }
    let (form, code) = found.ok_or(Fault::ChangedForm("no field for the SMS code"))?;
    refuse_unknown(&form, |index| index == code)?;
    let button = form.button(&page.buttons).ok_or(Fault::ChangedForm("no button that sends the SMS code"))?;
    let remaining = remaining(lines, &page.remaining)?;
    let wrong = phrases.wrong_sms_code.iter().any(|phrase| words::says(text, phrase));
    Ok((Code { send: Button { form, button }, code, again }, Page::SmsCode { remaining, wrong }))
}

/// The button that sends an SMS, and the number it goes to.
pub(super) fn sms_send(
    page: &SmsSendPage,
    lines: &[String],
    forms: Vec<Owned>,
) -> Result<(Button, Page), Fault> {
    let phone = document::values_after(lines, &page.phone)
        .next()
        .map(|phone| words::clean(phone, 40))
        .unwrap_or_default();
    if !phone.contains(|letter: char| letter.is_ascii_digit()) {
        return Err(Fault::ChangedForm("no telephone number"));
    }
    let send = forms.into_iter().find_map(|owned| pressed(&owned.form, &page.buttons));
    let send = send.ok_or(Fault::ChangedForm("no button that sends the SMS"))?;
    refuse_unknown(&send.form, |_| false)?;
    Ok((send, Page::SmsSend { phone: Personal::new(phone) }))
}

fn pressed(form: &Form, captions: &[String]) -> Option<Button> {
    form.button(captions).map(|button| Button { form: form.clone(), button })
}

/// Invariant 8: whatever a person could see and the page would send must be known.
pub(super) fn refuse_unknown(form: &Form, is_known: impl Fn(usize) -> bool) -> Result<(), Fault> {
    let unknown = form.controls.iter().enumerate().any(|(index, control)| {
        let is_button = matches!(control.value, Value::Submit { .. });
        control.visible && !is_button && control.name.is_some() && !is_known(index)
    });
    if unknown { Err(Fault::ChangedForm("a field the profile does not know")) } else { Ok(()) }
}

/// "Kalan Süre", of an hour at most.
pub(super) fn remaining(lines: &[String], phrases: &[String]) -> Result<Duration, Fault> {
    let seconds =
        document::seconds_after(lines, phrases).ok_or(Fault::ChangedForm("no time left is named"))?;
    Ok(Duration::from_secs(seconds.min(LONGEST)))
}
