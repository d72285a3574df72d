//! The pages of the portal's online services as they are shown, and those that they share with an application.
//!
//! It shows and decides nothing.

use crate::{
    link::view::{Busy, LoginKind, Page, SmsPurpose},
    session::{
        Settings,
        stage::{Login, Online, Question, SmsWait},
        visit::Visit,
    },
};

pub(super) fn page(online: &Online, visit: &Visit, settings: &Settings) -> Page {
    match online {
        Online::Asking { what, .. } => Page::Busy { what: busy(what) },
        Online::Way { offered } => Page::LoginWay { offered: offered.clone() },
        Online::Login(page) => login(LoginKind::Online, page, visit),
        Online::Reset(page) => login(LoginKind::NewWord, page, visit),
        Online::WordSet => Page::WordSet,
        Online::Pin(learned) => {
            Page::NewCardPin { pin: learned.pin.clone(), usable_from: learned.usable_from.clone() }
        }
        Online::Sms { wait, .. } => sms(wait, SmsPurpose::Unblocking, settings),
    }
}

fn busy(what: &Question) -> Busy {
    match what {
        Question::Entry(_) | Question::Way(_) | Question::Forgotten => Busy::OpeningOnline,
        Question::Login
        | Question::Reset
        | Question::Signature
        | Question::Service
        | Question::Unblock(_)
        | Question::Confirm { .. } => Busy::Sending,
        Question::Report(_) => Busy::Reporting,
    }
}

/// A page with a picture to read.
pub(super) fn login(kind: LoginKind, login: &Login, visit: &Visit) -> Page {
    Page::Login {
        kind,
        captcha: login.captcha.clone(),
        fields: login.sheet.views(None, &visit.answers),
        wrong_captcha: login.wrong_captcha,
        refusal: login.refusal.clone(),
        suggested_word: visit.word.clone().filter(|_| kind == LoginKind::NewWord),
    }
}

/// The page that takes an SMS code.
pub(super) fn sms(wait: &SmsWait, purpose: SmsPurpose, settings: &Settings) -> Page {
    Page::SmsCode { wrong: wait.wrong, late: wait.late_at.is_none(), digits: settings.sms_digits, purpose }
}
