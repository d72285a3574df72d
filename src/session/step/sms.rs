//! The SMS: the number shown, the code awaited, typed, late, wrong or expired.
//!
//! Its life is the portal's word; here it is kept.

use std::time::Duration;

use super::{Context, Next, login, portal_trouble, trouble, unexpected_page, way_back};
use crate::{
    link::{intent::Intent, view::Section},
    portal::{Action, Fault, Page},
    redact::Personal,
    session::{
        fault::Cause,
        stage::{SmsWait, Stage, Way},
    },
};

/// A code should come within three minutes; after that the page says what may be wrong.
const LATE: Duration = Duration::from_secs(180);

/// Wrong codes after which another one is needed.
const MOST_WRONG: u8 = 5;

pub(super) fn send(phone: Personal, intent: &Intent, cx: &mut Context<'_>) -> Next {
    if *intent == Intent::Next {
        let asked = cx.ask_portal(Action::SendSms);
        return Next::Go(Stage::SendingSms { asked, phone });
    }
    if *intent == Intent::WrongNumber {
        return wrong_number(cx);
    }
    Next::Stay(Stage::SmsSend { phone })
}

/// The portal takes another number only from the beginning; what was typed is kept.
fn wrong_number(cx: &mut Context<'_>) -> Next {
    cx.visit.land = Section::Contact;
    Next::Go(login::open(cx))
}

pub(super) fn sent(phone: Personal, result: Result<Page, Fault>, cx: &mut Context<'_>) -> Next {
    match result {
        Ok(Page::SmsCode { remaining, wrong: _ }) => {
            let now = cx.now.mono;
            Next::Go(Stage::SmsCode(SmsWait {
                by: now + remaining,
                total: remaining,
                late_at: Some(now + LATE),
                wrongs: 0,
                wrong: false,
            }))
        }
        Ok(_) => unexpected_page(),
        Err(fault) => {
            let way = way_back(&fault, Stage::SmsSend { phone });
            portal_trouble(&fault, way)
        }
    }
}

pub(super) fn code(wait: SmsWait, intent: Intent, cx: &mut Context<'_>) -> Next {
    if intent == Intent::WrongNumber {
        return wrong_number(cx);
    }
    if let Intent::SmsCode(code) = intent {
        let digits = code.expose();
        let whole = digits.len() == usize::from(cx.settings().sms_digits);
        if whole && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let asked = cx.ask_portal(Action::SubmitSmsCode(code));
            return Next::Go(Stage::SubmittingSms { asked, wait });
        }
    }
    Next::Stay(Stage::SmsCode(wait))
}

pub(super) fn answered(wait: SmsWait, result: Result<Page, Fault>, cx: &mut Context<'_>) -> Next {
    match result {
        Ok(Page::Method { offered }) => super::contract::offer(offered, cx),
        Ok(Page::SmsCode { remaining, wrong }) => {
            let wrongs = wait.wrongs + u8::from(wrong);
            if wrongs >= MOST_WRONG {
                return trouble(Cause::SmsWrong, Way::Open);
            }
            // The code's life does not begin anew with a wrong one, whatever the page says.
            let by = wait.by.min(cx.now.mono + remaining);
            Next::Go(Stage::SmsCode(SmsWait { by, wrongs, wrong, ..wait }))
        }
        Ok(_) => unexpected_page(),
        Err(fault) => {
            let way = way_back(&fault, Stage::SmsCode(wait));
            portal_trouble(&fault, way)
        }
    }
}
