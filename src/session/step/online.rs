//! The portal's online pages: entered with the card's signature or with the security word, for the new card's PIN or
//! to have a locked one opened.
//!
//! A PIN that is learned is shown and forgotten here; how a card is unblocked is in [`super::unblock`].

use super::{
    Context, Ending, Next, card, login, portal_trouble, signing, sms, trouble, unblock, unexpected_page,
};
use crate::{
    card::certificate::Certificate,
    link::{challenge::Challenge, intent::Intent, signer::TriesLeft, view::Service},
    portal::{Action, Fault, FieldId, OnlineLogin, OnlineService, Page},
    session::{
        Effect,
        fault::Cause,
        stage::{Code, Contract, Learned, Login, LoginText, Online, Question, Stage, Subject, Towards, Way},
    },
};

/// The card was read: whose it is is all that is asked of it.
pub(super) fn begin(certificates: &[Vec<u8>], tries: TriesLeft, cx: &mut Context<'_>) -> Next {
    cx.visit.pin_locked = matches!(tries, TriesLeft::Locked | TriesLeft::Known(0));
    let knows = matches!(tries, TriesLeft::Known(_)) && !cx.visit.pin_locked;
    if cx.visit.service == Service::Unblock && knows {
        return trouble(Cause::PinNotLocked, Way::Nothing);
    }
    let parsed: Vec<Certificate> =
        certificates.iter().filter_map(|der| Certificate::parse(der).ok()).collect();
    if parsed.is_empty() {
        let cause = if certificates.is_empty() { Cause::NoCertificate } else { Cause::CertificateMalformed };
        return trouble(cause, Way::Nothing);
    }
    match card::judge(parsed, None, cx) {
        Some(who) => Next::Go(Stage::Notice(Some(who))),
        None => trouble(Cause::NoCertificate, Way::Nothing),
    }
}

/// Opens the first page anew; what was typed is kept.
pub(super) fn open(towards: Towards, cx: &mut Context<'_>) -> Stage {
    ask(Question::Entry(towards), Action::OpenOnline, cx)
}

/// Asks the portal for something.
pub(super) fn ask(what: Question, action: Action, cx: &mut Context<'_>) -> Stage {
    let asked = cx.ask_portal(action);
    Stage::Online(Box::new(Online::Asking { asked, what }))
}

fn show(online: Online) -> Next {
    Next::Go(Stage::Online(Box::new(online)))
}

/// The portal answered.
pub(super) fn answered(online: Online, result: Result<Page, Fault>, cx: &mut Context<'_>) -> Next {
    let Online::Asking { what, .. } = online else { return Next::Stay(Stage::Online(Box::new(online))) };
    match (what, result) {
        (Question::Unblock(code), result) => unblock::fetched(code, result, cx),
        (Question::Confirm { code, wait }, result) => unblock::confirmed(code, wait, result, cx),
        (Question::Report(report), result) => unblock::reported(report, result, cx),
        (_, Err(fault)) => portal_trouble(&fault, Way::Open),
        (Question::Entry(towards), Ok(Page::OnlineEntry { offered })) => entered(towards, offered, cx),
        (Question::Way(Towards::Signature), Ok(Page::OnlineChallenge { challenge, remaining })) => {
            let end = cx.now.mono + remaining;
            let life = Code { digits: Default::default(), by: end, total: remaining };
            challenged(challenge, life, cx)
        }
        (Question::Way(Towards::Reset), Ok(Page::OnlineLogin { .. })) => {
            Next::Go(ask(Question::Forgotten, Action::ForgottenWord, cx))
        }
        (Question::Way(_), Ok(Page::OnlineLogin { captcha, fields, wrong_captcha, refusal })) => {
            show(Online::Login(login::page(captcha, fields, wrong_captcha, refusal, cx)))
        }
        (Question::Login, Ok(Page::OnlineLogin { captcha, fields, wrong_captcha, refusal })) => {
            if login::refused_too_often(refusal.as_ref(), cx) {
                return trouble(Cause::WordRefused, Way::Open);
            }
            show(Online::Login(login::page(captcha, fields, wrong_captcha, refusal, cx)))
        }
        (
            Question::Forgotten | Question::Reset,
            Ok(Page::WordReset { captcha, fields, wrong_captcha, refusal }),
        ) => {
            if login::refused_too_often(refusal.as_ref(), cx) {
                return trouble(Cause::WordRefused, Way::Open);
            }
            if cx.visit.word.is_none() {
                cx.desk.emit(Effect::SuggestWord { visit: cx.visit.id });
            }
            show(Online::Reset(login::page(captcha, fields, wrong_captcha, refusal, cx)))
        }
        (Question::Login | Question::Reset, Ok(Page::SmsSend { phone })) => {
            Next::Go(Stage::SmsSend { phone })
        }
        (Question::Signature, Ok(Page::OnlineServices { offered })) => services(&offered, cx),
        (Question::Service, Ok(Page::NewCardPin { pin, usable_from, remaining }))
            if cx.visit.service == Service::NewPin =>
        {
            let by = cx.now.mono + remaining;
            show(Online::Pin(Learned { pin, usable_from, by, total: remaining }))
        }
        (Question::Service, Ok(Page::UnblockCode { code, remaining }))
            if cx.visit.service == Service::Unblock =>
        {
            let code = Code { digits: code, by: cx.now.mono + remaining, total: remaining };
            unblock::fetch(code, cx)
        }
        (
            Question::Entry(_)
            | Question::Way(_)
            | Question::Login
            | Question::Forgotten
            | Question::Reset
            | Question::Signature
            | Question::Service,
            Ok(_),
        ) => unexpected_page(),
    }
}

/// The first page stands: what of it is open to this card?
fn entered(towards: Towards, offered: Vec<OnlineLogin>, cx: &mut Context<'_>) -> Next {
    // Whoever has a PIN opened has none to sign with, also where the card does not tell.
    let signs = cx.visit.service == Service::NewPin && !cx.visit.pin_locked && is_old(cx);
    let possible: Vec<OnlineLogin> =
        offered.iter().copied().filter(|way| *way == OnlineLogin::Password || signs).collect();
    let wanted = match towards {
        Towards::Login | Towards::Reset => Some((OnlineLogin::Password, towards)),
        Towards::Any | Towards::Signature => match possible.as_slice() {
            [only] => Some((*only, self::towards(*only))),
            [] | [_, ..] => None,
        },
    };
    match wanted {
        Some((way, towards)) if possible.contains(&way) => Next::Go(choose(way, towards, cx)),
        Some(_) => unexpected_page(),
        None if possible.is_empty() && !offered.is_empty() => trouble(Cause::ServiceNotOffered, Way::Nothing),
        None if possible.is_empty() => unexpected_page(),
        None => show(Online::Way { offered: possible }),
    }
}

/// Whether the card that is in is the one that is replaced. To sign with the new one takes the PIN that is to be learned, and
/// whoever tries with the old one's locks it: a certificate in the first half of its time is taken for the new card's.
fn is_old(cx: &Context<'_>) -> bool {
    let now = cx.now.wall;
    cx.visit.usable.iter().any(|it| now.saturating_sub(it.not_before()) >= it.not_after().saturating_sub(now))
}

fn towards(way: OnlineLogin) -> Towards {
    match way {
        OnlineLogin::Signature => Towards::Signature,
        OnlineLogin::Password => Towards::Login,
    }
}

fn choose(way: OnlineLogin, towards: Towards, cx: &mut Context<'_>) -> Stage {
    ask(Question::Way(towards), Action::ChooseOnlineLogin(way), cx)
}

/// The portal's challenge: the signer builds the text, which is read and signed as any other.
fn challenged(challenge: Challenge, life: Code, cx: &mut Context<'_>) -> Next {
    let Some(certificate) = cx.visit.usable.first().map(Certificate::fingerprint) else {
        return trouble(Cause::NoCertificate, Way::Nothing);
    };
    let subject = Subject::Login(LoginText { challenge, certificate, at: cx.now.wall, life });
    signing::begin(Box::new(Contract { subject, texts: Vec::new(), lines: Vec::new() }), certificate, cx)
}

/// The challenge is signed.
pub(super) fn log_in(signatures: Vec<Vec<u8>>, cx: &mut Context<'_>) -> Next {
    match <[Vec<u8>; 1]>::try_from(signatures) {
        Ok([signature]) => Next::Go(ask(Question::Signature, Action::LoginSigned { signature }, cx)),
        Err(_) => trouble(Cause::SignatureFaulty, Way::Open),
    }
}

/// The person is in: what is there for them?
pub(super) fn services(offered: &[OnlineService], cx: &mut Context<'_>) -> Next {
    cx.visit.refusals = 0;
    let wanted = match cx.visit.service {
        Service::NewPin => OnlineService::NewPin,
        Service::Unblock => OnlineService::Unblock,
        Service::Renewal | Service::CardCheck | Service::ChangePin | Service::WetInk | Service::Assisted => {
            return unexpected_page();
        }
    };
    if !offered.contains(&wanted) {
        return trouble(Cause::ServiceNotOffered, Way::Nothing);
    }
    Next::Go(ask(Question::Service, Action::ChooseOnlineService(wanted), cx))
}

/// The other word holds.
pub(super) fn word_is_set() -> Next {
    show(Online::WordSet)
}

pub(super) fn touched(online: Online, intent: Intent, cx: &mut Context<'_>) -> Next {
    match online {
        Online::Way { offered } => {
            if let Intent::LoginWay(way) = intent
                && offered.contains(&way)
            {
                return Next::Go(choose(way, towards(way), cx));
            }
            stay(Online::Way { offered })
        }
        Online::Login(page) if intent == Intent::ForgottenWord => {
            drop(page);
            // Whatever was typed is the forgotten one.
            cx.visit.answers.forget(FieldId::SecurityWord);
            cx.visit.answers.forget(FieldId::SecurityWordRepeat);
            Next::Go(ask(Question::Forgotten, Action::ForgottenWord, cx))
        }
        Online::Login(page) => filled(page, &intent, Form::Login, cx),
        Online::Reset(page) => filled(page, &intent, Form::Reset, cx),
        Online::WordSet if intent == Intent::Next => Next::Go(open(Towards::Login, cx)),
        Online::Pin(_) if intent == Intent::Next => Next::End(Ending::Served),
        Online::Sms { wait, code } => match sms::typed(intent, cx) {
            Some(sms) => unblock::confirm(code, wait, sms, cx),
            None => stay(Online::Sms { wait, code }),
        },
        Online::Asking { .. } | Online::WordSet | Online::Pin(_) => stay(online),
    }
}

fn stay(online: Online) -> Next {
    Next::Stay(Stage::Online(Box::new(online)))
}

/// Which of the two pages with a picture.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Login,
    Reset,
}

fn filled(mut page: Login, intent: &Intent, form: Form, cx: &mut Context<'_>) -> Next {
    let today = cx.today();
    if let Intent::Fill { field, value } = intent {
        page.sheet.fill(*field, value, &mut cx.visit.answers, today);
    }
    if *intent == Intent::TakeSuggestedWord
        && form == Form::Reset
        && let Some(word) = cx.visit.word.clone()
    {
        for id in [FieldId::SecurityWord, FieldId::SecurityWordRepeat] {
            page.sheet.fill(id, &word, &mut cx.visit.answers, today);
        }
    }
    if *intent == Intent::NewCaptcha {
        let towards = if form == Form::Login { Towards::Login } else { Towards::Reset };
        return Next::Go(open(towards, cx));
    }
    if *intent == Intent::Next && page.sheet.judge_all(None, &cx.visit.answers, today) {
        let values = page.sheet.to_send(&cx.visit.answers);
        let (what, action) = match form {
            Form::Login => (Question::Login, Action::LoginOnline(values)),
            Form::Reset => (Question::Reset, Action::ResetWord(values)),
        };
        return Next::Go(ask(what, action, cx));
    }
    stay(match form {
        Form::Login => Online::Login(page),
        Form::Reset => Online::Reset(page),
    })
}

/// The time of the page, or of the question, is over.
pub(super) fn ended(online: Online, cx: &mut Context<'_>) -> Next {
    match online {
        Online::Asking { .. } => {
            cx.desk.emit(Effect::CancelPortal);
            answered(online, Err(Fault::Timeout), cx)
        }
        Online::Sms { .. } => trouble(Cause::SmsExpired, Way::Open),
        // The PIN was there to be learned; whoever did not can come again.
        Online::Pin(_) => Next::End(Ending::Served),
        Online::Way { .. } | Online::Login(_) | Online::Reset(_) | Online::WordSet => stay(online),
    }
}
