//! A locked PIN opened: the code of the portal, the SMS of the signing service, the new PIN, and what is told then.
//!
//! The PUK passes through once, to the signer; a request that is lost with it is authorised anew.

use super::{
    Context, Next, form::is_passing, new_pin, online, portal_trouble, sms, trouble, unexpected_page,
};
use crate::{
    link::view::NewPinKind,
    portal::{Action, Fault, Page},
    redact::Personal,
    session::{
        fault::Cause,
        stage::{Code, NewPin, Online, Question, Report, SmsWait, Stage, Unblocking, Way},
    },
};

/// Seconds for which the signing service is told how it ended; nobody waits longer for that.
const REPORT_S: u64 = 20;

/// Asks the signing service to unblock; each time it sends an SMS.
pub(super) fn fetch(code: Code, cx: &mut Context<'_>) -> Next {
    let action = Action::FetchUnblock(code.digits.clone());
    Next::Go(online::ask(Question::Unblock(code), action, cx))
}

pub(super) fn fetched(code: Code, result: Result<Page, Fault>, cx: &mut Context<'_>) -> Next {
    match result {
        Ok(Page::UnblockSms { remaining, wrong: _ }) => {
            let wait = sms::wait(remaining, cx.now.mono);
            Next::Go(Stage::Online(Box::new(Online::Sms { wait, code })))
        }
        Ok(_) => unexpected_page(),
        Err(fault) => portal_trouble(&fault, again_after(&fault, code)),
    }
}

/// Asking once more is safe, as long as the service knows the code.
fn again_after(fault: &Fault, code: Code) -> Way {
    if is_passing(fault) { Way::Unblock(code) } else { Way::Open }
}

/// "Doğrula"
pub(super) fn confirm(code: Code, wait: SmsWait, sms: Personal, cx: &mut Context<'_>) -> Next {
    let action = Action::ConfirmUnblock { code: code.digits.clone(), sms };
    Next::Go(online::ask(Question::Confirm { code, wait }, action, cx))
}

pub(super) fn confirmed(
    code: Code,
    wait: SmsWait,
    result: Result<Page, Fault>,
    cx: &mut Context<'_>,
) -> Next {
    match result {
        Ok(Page::UnblockGrant { puk }) => {
            let Some(certificate) = cx.visit.fingerprints.iter().next().copied() else {
                return trouble(Cause::NoCertificate, Way::Nothing);
            };
            new_pin::announce(NewPin::Unblock(Unblocking { code, puk: Some(puk) }), certificate, cx)
        }
        Ok(Page::UnblockSms { remaining, wrong }) => match sms::once_more(wait, remaining, wrong, cx) {
            Some(wait) => Next::Go(Stage::Online(Box::new(Online::Sms { wait, code }))),
            None => trouble(Cause::SmsWrong, Way::Open),
        },
        Ok(_) => unexpected_page(),
        Err(fault @ Fault::Unreachable) => {
            let page = Stage::Online(Box::new(Online::Sms { wait, code }));
            portal_trouble(&fault, Way::Page(Box::new(page)))
        }
        Err(fault) => portal_trouble(&fault, again_after(&fault, code)),
    }
}

/// The card has its new PIN, or has not: the signing service is told, and then the person.
pub(super) fn report(code: Code, ending: Result<(), Cause>, cx: &mut Context<'_>) -> Next {
    tell(Report { code: code.digits, ending, repeated: false }, cx)
}

fn tell(report: Report, cx: &mut Context<'_>) -> Next {
    let action = Action::ReportUnblocked { code: report.code.clone(), done: report.ending.is_ok() };
    let mut asked = cx.ask_portal(action);
    asked.by = asked.by.min(cx.in_seconds(REPORT_S));
    Next::Go(Stage::Online(Box::new(Online::Asking { asked, what: Question::Report(report) })))
}

/// What became of the card is so, whether the service heard of it or not.
pub(super) fn reported(report: Report, result: Result<Page, Fault>, cx: &mut Context<'_>) -> Next {
    if result.is_err_and(|fault| is_passing(&fault)) && !report.repeated {
        return tell(Report { repeated: true, ..report }, cx);
    }
    match report.ending {
        Ok(()) => new_pin::set(NewPinKind::Unblock, cx),
        Err(cause) => trouble(cause, Way::Nothing),
    }
}
