//! Where among the online pages the portal is: a page recognised by the profile, with its forms and fields.
//!
//! As [`crate::portal::place`] does for an application, it stops at what the profile does not know (invariant 8).

use crate::{
    link::challenge::Challenge,
    portal::{
        document::{self, Document},
        form::{self, Owned},
        page::{Fault, OnlineLogin, OnlineService, Page, RefusedSignature},
        place::{self, At as Anywhere, Button, Filled, Place, Understood, Way, fields},
        profile::Profile,
        words,
    },
    redact::PortalSecret,
};

use super::profile::Online;

/// The pages, each with what can be done on it.
pub(in crate::portal) enum At {
    /// "Kullanıcı Doğrulama Ekranı"
    Entry(Vec<(OnlineLogin, Way)>),
    /// The challenge.
    Challenge {
        /// Sends its signature.
        send: Button,
        /// Where the signature goes.
        signature: usize,
    },
    /// "Şifreli Giriş Ekranı"
    Login {
        /// The form.
        login: Filled,
        /// "Güvenlik Sözcüğümü Unuttum", where the page has it.
        forgotten: Option<Way>,
    },
    /// A new security word.
    WordReset(Filled),
    /// "Onay"
    SmsSend(Button),
    /// The code is awaited.
    SmsCode(place::Code),
    /// The new security word holds.
    WordSet,
    /// The choice of services.
    Services(Vec<(OnlineService, Way)>),
    /// The new card's PIN.
    NewPin,
    /// The verification code that unblocks a card.
    Unblock,
}

/// Which page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::portal) enum Kind {
    Entry,
    Challenge,
    Login,
    WordReset,
    SmsSend,
    SmsCode,
    WordSet,
    Services,
    NewPin,
    Unblock,
}

impl At {
    pub(in crate::portal) fn kind(&self) -> Kind {
        match self {
            Self::Entry(_) => Kind::Entry,
            Self::Challenge { .. } => Kind::Challenge,
            Self::Login { .. } => Kind::Login,
            Self::WordReset(_) => Kind::WordReset,
            Self::SmsSend(_) => Kind::SmsSend,
            Self::SmsCode(_) => Kind::SmsCode,
            Self::WordSet => Kind::WordSet,
            Self::Services(_) => Kind::Services,
            Self::NewPin => Kind::NewPin,
            Self::Unblock => Kind::Unblock,
        }
    }
}

/// Recognises a page. What says most of itself comes first: the headings of the first page and of the services may stand
/// above any other.
///
/// # Errors
/// The fault the page names, [`Fault::UnknownPage`], [`Fault::ChangedForm`], [`Fault::Malformed`].
pub(in crate::portal) fn understand(
    profile: &Profile,
    online: &Online,
    page: &Document,
) -> Result<(Place, Understood), Fault> {
    let lines = page.lines();
    if let Some(fault) = place::fault(profile, &lines) {
        return Err(fault);
    }
    let text = words::fold(&lines.join(" "));
    if let Some(reason) = refused(online, &text) {
        return Err(Fault::SignatureRefused(reason));
    }
    let says = |phrases: &[String]| phrases.iter().all(|phrase| words::says(&text, phrase));
    let forms = form::read_all(page)?;
    let (at, understood) = if says(&online.word_set.says) {
        (At::WordSet, Understood::Page(Page::WordSet))
    } else if says(&online.new_pin.says) {
        new_pin(online, &lines, &forms)?
    } else if says(&online.unblock.says) {
        let (code, remaining) = place::verification_code(&online.unblock, &lines, &forms)?;
        (At::Unblock, Understood::Page(Page::UnblockCode { code, remaining }))
    } else if says(&online.sms_code.says) {
        let again = &online.sms_send.buttons;
        let (code, page) = place::sms_code(&online.sms_code, again, &profile.phrases, &lines, &text, forms)?;
        (At::SmsCode(code), Understood::Page(page))
    } else if says(&online.sms_send.says) {
        let (send, page) = place::sms_send(&online.sms_send, &lines, forms)?;
        (At::SmsSend(send), Understood::Page(page))
    } else if says(&online.word_reset.says) {
        let (form, understood) = fields::login(profile, &online.word_reset, page, &lines, &text, forms)?;
        (At::WordReset(form), understood)
    } else if says(&online.login.says) {
        let forgotten = place::way(page, &forms, &online.forgotten, &[])?;
        let (login, understood) = fields::login(profile, &online.login, page, &lines, &text, forms)?;
        (At::Login { login, forgotten }, understood)
    } else if says(&online.challenge.says) {
        challenge(online, &lines, forms)?
    } else if says(&online.services.says) {
        services(online, page, &forms)?
    } else if says(&online.entry.says) {
        entry(online, page, &forms)?
    } else {
        return Err(Fault::UnknownPage);
    };
    Ok((Place { address: page.address.clone(), at: Anywhere::Online(at) }, understood))
}

/// Why a login's signature is not taken, if the page says so.
fn refused(online: &Online, text: &str) -> Option<RefusedSignature> {
    let refused = &online.refused;
    [
        (&refused.certificate, RefusedSignature::Certificate),
        (&refused.wrong_text, RefusedSignature::WrongText),
        (&refused.wrong_person, RefusedSignature::WrongPerson),
        (&refused.invalid, RefusedSignature::Invalid),
    ]
    .into_iter()
    .find(|(phrases, _)| phrases.iter().any(|phrase| words::says(text, phrase)))
    .map(|(_, reason)| reason)
}

fn entry(online: &Online, page: &Document, forms: &[Owned]) -> Result<(At, Understood), Fault> {
    let words = &online.entry;
    let ways = ways(
        page,
        forms,
        [(OnlineLogin::Signature, &words.signature), (OnlineLogin::Password, &words.password)],
    )?;
    if ways.is_empty() {
        return Err(Fault::ChangedForm("no way to log in"));
    }
    let offered = ways.iter().map(|(login, _)| *login).collect();
    Ok((At::Entry(ways), Understood::Page(Page::OnlineEntry { offered })))
}

fn services(online: &Online, page: &Document, forms: &[Owned]) -> Result<(At, Understood), Fault> {
    let words = &online.services;
    let ways = ways(
        page,
        forms,
        [(OnlineService::NewPin, &words.new_pin), (OnlineService::Unblock, &words.unblock)],
    )?;
    let offered = ways.iter().map(|(service, _)| *service).collect();
    Ok((At::Services(ways), Understood::Page(Page::OnlineServices { offered })))
}

fn ways<T: Copy>(
    page: &Document,
    forms: &[Owned],
    captions: [(T, &Vec<String>); 2],
) -> Result<Vec<(T, Way)>, Fault> {
    let mut found = Vec::new();
    for (what, captions) in captions {
        if let Some(way) = place::way(page, forms, captions, &[])? {
            found.push((what, way));
        }
    }
    Ok(found)
}

fn challenge(online: &Online, lines: &[String], forms: Vec<Owned>) -> Result<(At, Understood), Fault> {
    let words = &online.challenge;
    let shown = document::values_after(lines, &words.challenge).next();
    let shown = shown.ok_or(Fault::ChangedForm("no challenge"))?;
    let challenge =
        Challenge::try_from(shown.to_owned()).map_err(|_| Fault::Malformed("a challenge that is none"))?;
    let remaining = place::remaining(lines, &words.remaining)?;
    let form = forms.into_iter().map(|owned| owned.form).find(|form| form.named(&words.signature).is_some());
    let form = form.ok_or(Fault::ChangedForm("no field for the signature"))?;
    place::refuse_unknown(&form, |_| false)?;
    let signature = form.named(&words.signature);
    let (Some(signature), Some(button)) = (signature, form.button(&words.buttons)) else {
        return Err(Fault::ChangedForm("no button that sends the signature"));
    };
    let at = At::Challenge { send: Button { form, button }, signature };
    Ok((at, Understood::Page(Page::OnlineChallenge { challenge, remaining })))
}

fn new_pin(online: &Online, lines: &[String], forms: &[Owned]) -> Result<(At, Understood), Fault> {
    let words = &online.new_pin;
    let pin =
        place::shown(lines, forms, &words.pin, pin).ok_or(Fault::ChangedForm("no PIN of six digits"))?;
    let usable_from = place::shown(lines, forms, &words.usable_from, moment)
        .ok_or(Fault::ChangedForm("no time from which the new card can be used"))?;
    let remaining = place::remaining(lines, &words.remaining)?;
    Ok((At::NewPin, Understood::Page(Page::NewCardPin { pin, usable_from, remaining })))
}

/// Six digits and nothing else.
fn pin(text: &str) -> Option<PortalSecret> {
    let text = text.trim();
    (text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| PortalSecret::new(text))
}

/// `DD.MM.YYYY HH:MM:SS` and nothing else; whether there is such a day is not asked.
fn moment(text: &str) -> Option<String> {
    let text = words::clean(text, 19);
    let fits = |(found, expected): (u8, u8)| {
        if expected == b'0' { found.is_ascii_digit() } else { found == expected }
    };
    let form = b"00.00.0000 00:00:00";
    (text.len() == form.len() && text.bytes().zip(*form).all(fits)).then_some(text)
}
