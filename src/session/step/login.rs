//! The portal's first page: opened, filled in from the card, and answered.
//!
//! Whether the portal lets somebody in is its word; here it becomes a page.

use super::{Context, Next, form, online, portal_trouble, trouble, unexpected_page};
use crate::{
    link::intent::Intent,
    portal::{Action, Captcha, Fault, Field, FieldId, Page, Quote},
    redact::Personal,
    session::{
        fault::Cause,
        sheet::Sheet,
        stage::{Login, Stage, Towards, Way},
    },
};

/// After so many refusals of the data it is said that asking somebody helps more.
const MOST_REFUSALS: u8 = 3;

/// Opens the portal anew; what was typed is kept.
pub(super) fn open(cx: &mut Context<'_>) -> Stage {
    cx.visit.confirmed = None;
    if cx.visit.service.is_online() {
        return online::open(Towards::Any, cx);
    }
    Stage::Opening(cx.ask_portal(Action::Open))
}

pub(super) fn opened(result: Result<Page, Fault>, cx: &mut Context<'_>) -> Next {
    match result {
        Ok(Page::Login { captcha, fields, wrong_captcha, refusal }) => {
            show(page(captcha, fields, wrong_captcha, refusal, cx))
        }
        Ok(_) => unexpected_page(),
        Err(fault) => portal_trouble(&fault, Way::Open),
    }
}

fn show(login: Login) -> Next {
    Next::Go(Stage::Login(Box::new(login)))
}

/// A page with a picture and fields, filled in from the card and from what was typed before.
pub(super) fn page(
    captcha: Captcha,
    mut fields: Vec<Field>,
    wrong_captcha: bool,
    refusal: Option<Quote>,
    cx: &mut Context<'_>,
) -> Login {
    // Another picture has other letters in it.
    cx.visit.answers.forget(FieldId::Captcha);
    // The page marks nothing as required, yet the portal compares every field with what it has.
    fields.iter_mut().for_each(|field| field.required = true);
    let sheet = Sheet::new(fields, Vec::new(), &mut cx.visit.answers);
    Login { captcha, sheet, wrong_captcha, refusal }
}

pub(super) fn touched(mut login: Box<Login>, intent: &Intent, cx: &mut Context<'_>) -> Next {
    let today = cx.today();
    if let Intent::Fill { field, value } = intent {
        login.sheet.fill(*field, value, &mut cx.visit.answers, today);
    }
    if *intent == Intent::NewCaptcha {
        return Next::Go(open(cx));
    }
    if *intent == Intent::Next && login.sheet.judge_all(None, &cx.visit.answers, today) {
        let values: Vec<(FieldId, Personal)> = login.sheet.to_send(&cx.visit.answers);
        return Next::Go(Stage::LoggingIn(cx.ask_portal(Action::Login(values))));
    }
    Next::Stay(Stage::Login(login))
}

pub(super) fn answered(result: Result<Page, Fault>, cx: &mut Context<'_>) -> Next {
    match result {
        Ok(Page::Form { fields, errors }) => Next::Go(form::begin(fields, errors, cx)),
        Ok(Page::Login { captcha, fields, wrong_captcha, refusal }) => {
            if refused_too_often(refusal.as_ref(), cx) {
                return trouble(Cause::LoginRefused, Way::Open);
            }
            show(page(captcha, fields, wrong_captcha, refusal, cx))
        }
        Ok(_) => unexpected_page(),
        Err(fault) => portal_trouble(&fault, Way::Open),
    }
}

/// Counts a refusal; true when asking somebody helps more than trying again.
pub(super) fn refused_too_often(refusal: Option<&Quote>, cx: &mut Context<'_>) -> bool {
    cx.visit.refusals += u8::from(refusal.is_some());
    let often = cx.visit.refusals >= MOST_REFUSALS;
    if often {
        cx.visit.refusals = 0;
    }
    often
}
