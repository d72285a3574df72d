//! Handing in the signatures, learning what became of them, and the result.
//!
//! A code's signatures are handed in at most once (invariant 3); a lost reply is asked about, never repeated.

use std::time::Duration;

use super::{Context, Ending, Next, form::is_passing, portal_trouble, trouble};
use crate::{
    link::intent::Intent,
    portal::{Action, Fault, Page, RefusedSignature},
    session::{
        InFlight, clock,
        fault::Cause,
        stage::{Code, Look, Outcome, Stage, Way},
    },
};

/// How long the result is waited for after the code's own end.
const AFTER_CODE: Duration = Duration::from_secs(30);

/// How long it is asked for at least.
const AT_LEAST: Duration = Duration::from_secs(60);

/// Hands the signatures in, once for a code.
pub(super) fn hand_in(code: Code, signatures: Vec<Vec<u8>>, cx: &mut Context<'_>) -> Next {
    let application = Action::SubmitSignatures { code: code.digits.clone(), signatures };
    send(code, Box::new(application), cx)
}

/// Hands in what is signed: for the first time, or again after it never left.
pub(super) fn send(code: Code, application: Box<Action>, cx: &mut Context<'_>) -> Next {
    if !cx.visit.handed_in.insert(code.digits.clone()) {
        return ask(code, false, cx);
    }
    cx.desk.flag(Some(InFlight::Submission));
    let asked = cx.ask_portal((*application).clone());
    Next::Go(Stage::HandingIn { asked, code, application })
}

pub(super) fn handed_in(
    code: Code,
    application: Box<Action>,
    result: Result<Page, Fault>,
    cx: &mut Context<'_>,
) -> Next {
    match result {
        Ok(Page::SignaturesTaken) => ask(code, true, cx),
        Ok(Page::Received) => received(cx),
        // Whatever came instead, it does not say what became of the application.
        Ok(_) => ask(code, false, cx),
        Err(fault) => match fault {
            // Not a byte of it left: the same signatures are as good as they were.
            Fault::Unreachable => {
                cx.visit.handed_in.remove(&code.digits);
                cx.desk.flag(None);
                portal_trouble(&fault, Way::HandIn { code, application })
            }
            Fault::CodeExpired
            | Fault::CodeUnknown
            | Fault::SignatureRefused(
                RefusedSignature::WrongPerson
                | RefusedSignature::WrongText
                | RefusedSignature::Certificate
                | RefusedSignature::Invalid,
            ) => {
                cx.desk.flag(None);
                portal_trouble(&fault, Way::Open)
            }
            // A used code was used by this very signature, for all that is known.
            Fault::SignatureRefused(RefusedSignature::CodeUsed)
            | Fault::NotEligible(_)
            | Fault::WebService(_)
            | Fault::Interrupted
            | Fault::Timeout
            | Fault::Tls
            | Fault::Status(_)
            | Fault::Oversize { .. }
            | Fault::Malformed(_)
            | Fault::UnknownPage
            | Fault::ChangedForm(_)
            | Fault::OffHost
            | Fault::SessionEnded
            | Fault::SmsExpired
            | Fault::OutOfOrder => ask(code, false, cx),
        },
    }
}

/// Asks what became of an application.
pub(super) fn ask(code: Code, taken: bool, cx: &mut Context<'_>) -> Next {
    let until = (code.by + AFTER_CODE).max(cx.now.mono + AT_LEAST);
    let look = Look::Asked(cx.ask_portal(Action::CheckResult));
    Next::Go(Stage::Asking(Box::new(Outcome { code, taken, until, look })))
}

pub(super) fn answered(outcome: Box<Outcome>, result: Result<Page, Fault>, cx: &mut Context<'_>) -> Next {
    match result {
        Ok(Page::Received) => received(cx),
        Ok(Page::Signing { .. }) => later(outcome, cx),
        Ok(_) if outcome.taken => later(outcome, cx),
        Ok(_) => unknown(outcome),
        // The page says that nothing arrived while the code lived: nothing will.
        Err(Fault::CodeExpired) if !outcome.taken => {
            cx.desk.flag(None);
            portal_trouble(&Fault::CodeExpired, Way::Open)
        }
        Err(fault) if is_passing(&fault) => later(outcome, cx),
        // The service has it: a page that cannot be read now may be readable in a moment.
        Err(_) if outcome.taken => later(outcome, cx),
        Err(_) => unknown(outcome),
    }
}

fn later(mut outcome: Box<Outcome>, cx: &mut Context<'_>) -> Next {
    if cx.now.mono >= outcome.until {
        return unknown(outcome);
    }
    outcome.look = Look::At(cx.in_seconds(cx.settings().rules.poll_s));
    Next::Stay(Stage::Asking(outcome))
}

/// It is time to look again, or the portal did not answer.
pub(super) fn due(mut outcome: Box<Outcome>, cx: &mut Context<'_>) -> Next {
    match outcome.look {
        Look::At(_) => {
            outcome.look = Look::Asked(cx.ask_portal(Action::CheckResult));
            Next::Stay(Stage::Asking(outcome))
        }
        Look::Asked(_) => {
            cx.desk.emit(crate::session::Effect::CancelPortal);
            later(outcome, cx)
        }
    }
}

fn unknown(outcome: Box<Outcome>) -> Next {
    trouble(Cause::OutcomeUnknown, Way::Ask(outcome))
}

/// Asks again because the person wants to know.
pub(super) fn again(outcome: Outcome, cx: &mut Context<'_>) -> Next {
    ask(outcome.code, outcome.taken, cx)
}

fn received(cx: &mut Context<'_>) -> Next {
    cx.desk.flag(None);
    // Whoever stands there with another card is not shown where somebody else's goes.
    if cx.visit.has_strange_card() {
        return Next::End(Ending::Received);
    }
    let usable_from =
        cx.visit.usable.first().map(|certificate| clock::second(certificate.not_after())).unwrap_or_default();
    Next::Go(Stage::Result { usable_from })
}

pub(super) fn result(usable_from: String, intent: &Intent) -> Next {
    if *intent == Intent::Next {
        return Next::End(Ending::Received);
    }
    Next::Stay(Stage::Result { usable_from })
}
