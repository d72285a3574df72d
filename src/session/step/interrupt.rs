//! What an interrupt makes of a stage: the card out, the signer or the screen gone, the code expired.
//!
//! It knows which stages hold a signing request, and nothing of deadlines of the visit.

use super::{Context, Ending, Next, new_pin, signing, spent, trouble};
use crate::{
    link::{signer::Request, view::Service},
    session::{
        Effect,
        fault::Cause,
        stage::{Pending, Phase, Ready, Stage, Way},
    },
};

/// Takes a signing request back, if the stage has one; else gives the stage back.
fn withdraw(stage: Stage, cx: &mut Context<'_>) -> Result<Box<Pending>, Stage> {
    let ready = match stage {
        Stage::Preparing { pending, .. } => return Ok(pending),
        Stage::LastTry(ready) => ready,
        // Typed at the reader, it is with the card before this page goes.
        Stage::Pin { ready, .. } if !spent::is_typed_at_reader(&ready, cx) => ready,
        Stage::Pin { ready, .. } | Stage::Signing { ready, .. } => {
            cx.visit.pin_may_be_spent();
            ready
        }
        Stage::Reading { .. }
        | Stage::Eligibility(_)
        | Stage::Check(_)
        | Stage::Notice(_)
        | Stage::Opening(_)
        | Stage::Login(_)
        | Stage::LoggingIn(_)
        | Stage::Form(_)
        | Stage::Review(_)
        | Stage::SubmittingForm { .. }
        | Stage::SmsSend { .. }
        | Stage::SendingSms { .. }
        | Stage::SmsCode(_)
        | Stage::SubmittingSms { .. }
        | Stage::Method { .. }
        | Stage::ChoosingMethod { .. }
        | Stage::TakingApart(_)
        | Stage::Paper(_)
        | Stage::Printing { .. }
        | Stage::Printed
        | Stage::FetchingTexts { .. }
        | Stage::Contract(_)
        | Stage::Certificate(_)
        | Stage::HandingIn { .. }
        | Stage::Asking(_)
        | Stage::Result { .. }
        | Stage::PinSet(_)
        | Stage::Online(_)
        | Stage::Trouble(_) => return Err(stage),
    };
    let Ready { mut pending, request, .. } = *ready;
    cx.desk.tell_signer(cx.visit.id, Request::Abandon(request));
    pending.wrong = false;
    Ok(pending)
}

/// The verification code's life is over: nothing is signed for it any more.
pub(in crate::session) fn code_expired(stage: Stage, cx: &mut Context<'_>) -> Next {
    if stage.portal_op().is_some() {
        cx.desk.emit(Effect::CancelPortal);
    }
    drop(withdraw(stage, cx));
    trouble(Cause::CodeExpired, Way::Open)
}

/// The signer is there, empty.
pub(in crate::session) fn signer_is_back(stage: Stage, cx: &mut Context<'_>) -> Next {
    if let Stage::Reading { by, .. } = stage {
        return Next::Stay(Stage::Reading { asked: cx.read_card(), by });
    }
    card_is_back(stage, cx)
}

/// The signer is gone: what was prepared there is void, and is prepared anew when it is back.
pub(in crate::session) fn signer_is_gone(stage: Stage, cx: &mut Context<'_>) -> Next {
    if matches!(stage, Stage::Signing { .. }) && stage.new_pin().is_some() {
        return new_pin::uncertain(cx);
    }
    match withdraw(stage, cx) {
        Ok(pending) => signing::prepare(pending, cx),
        Err(Stage::Reading { by, .. }) => Next::Stay(Stage::Reading { asked: None, by }),
        Err(stage) => Next::Stay(stage),
    }
}

/// The screen that showed the texts is gone: what it showed counts no more (invariant 1).
pub(in crate::session) fn screen_is_new(stage: Stage, cx: &mut Context<'_>) -> Next {
    // There is nothing to be read: whatever was typed is gone with the screen, and the request stands.
    if stage.new_pin().is_some() {
        return Next::Stay(stage);
    }
    // The PIN is on its way, with the digests of what was shown; only another one begins with the texts.
    if let Stage::Signing { mut ready, collect } = stage {
        ready.pending.shown = false;
        return Next::Stay(Stage::Signing { ready, collect });
    }
    match withdraw(stage, cx) {
        Ok(pending) => Next::Go(Stage::Contract(pending.contract)),
        Err(Stage::Certificate(contract)) => Next::Go(Stage::Contract(contract)),
        Err(Stage::Trouble(mut trouble)) => {
            if let Way::Prepare(pending) = &mut trouble.way {
                pending.shown = pending.contract.new_pin().is_some();
            }
            Next::Stay(Stage::Trouble(trouble))
        }
        Err(stage) => Next::Stay(stage),
    }
}

/// The card left; the stage the visit goes on from when it is back.
pub(in crate::session) fn card_is_gone(stage: Stage, cx: &mut Context<'_>) -> Next {
    if stage.new_pin().is_some() {
        if let Stage::Pin { ready, collect } = stage {
            return new_pin::hear_out(ready, collect, cx);
        }
        if let Stage::Signing { .. } = stage {
            return Next::Stay(stage);
        }
    }
    if stage.is_trial() || stage.is_assistance() || stage.new_pin().is_some() {
        drop(withdraw(stage, cx));
        return Next::End(Ending::Left);
    }
    match withdraw(stage, cx) {
        Ok(pending) => signing::prepare(pending, cx),
        // Nothing was typed yet: whoever takes the card now leaves.
        Err(Stage::Check(check)) if check.cause().is_some() => Next::End(Ending::ToReinsert),
        Err(Stage::Reading { .. } | Stage::Eligibility(_) | Stage::Check(_)) => Next::End(Ending::Left),
        // It was not read: most likely it is put in better.
        Err(Stage::Trouble(_))
            if (cx.visit.service != Service::Renewal || cx.visit.assisted)
                && cx.visit.fingerprints.is_empty() =>
        {
            Next::End(Ending::ToReinsert)
        }
        // The signer may have said it before the card was seen to leave: it is still to be read.
        Err(stage @ Stage::Trouble(_)) if stage.cause() == Some(Cause::PinUncertain) => other_card(stage, cx),
        Err(Stage::Trouble(trouble)) => match &trouble.way {
            Way::Nothing | Way::Read => Next::End(Ending::Left),
            Way::Prepare(pending) if pending.contract.new_pin().is_some() => Next::End(Ending::Left),
            Way::Open
            | Way::Page(_)
            | Way::Document
            | Way::Fetch(_)
            | Way::Unblock(_)
            | Way::Prepare(_)
            | Way::HandIn { .. }
            | Way::Ask(_) => Next::Stay(Stage::Trouble(trouble)),
        },
        // A card that does not answer may be anybody's.
        Err(stage) => other_card(stage, cx),
    }
}

/// Another card may be in: whoever waits with it is not shown what became of somebody else's application.
pub(in crate::session) fn other_card(stage: Stage, cx: &mut Context<'_>) -> Next {
    if matches!(stage, Stage::Result { .. }) && cx.visit.has_strange_card() {
        return Next::End(Ending::Received);
    }
    if matches!(stage, Stage::PinSet(_) | Stage::Printed) && cx.visit.has_strange_card() {
        return Next::End(Ending::Served);
    }
    if stage.cause() == Some(Cause::PinUncertain) && cx.visit.has_strange_card() {
        return Next::End(Ending::Left);
    }
    Next::Stay(stage)
}

/// The card the visit began with is in again.
pub(in crate::session) fn card_is_back(stage: Stage, cx: &mut Context<'_>) -> Next {
    if let Stage::Preparing { pending, phase: Phase::Waiting { .. } } = stage {
        return signing::prepare(pending, cx);
    }
    Next::Stay(stage)
}
