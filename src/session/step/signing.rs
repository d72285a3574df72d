//! The signing dialogue: prepared, PIN, collected. The PIN itself never comes here.
//!
//! It decides when a request is announced and when the person is warned; what the card says is the signer's
//! word.

use std::time::Duration;

use super::{Context, Next, assist, check, new_pin, online, outcome, spent, trouble, unblock};
use crate::{
    link::{
        challenge::OwnText,
        intent::Intent,
        signer::{Fault, Fingerprint, Purpose, Reply, Request, RequestId, TriesLeft},
        view::NewPinKind,
    },
    portal::SigningText,
    session::{
        compare,
        desk::Signer,
        fault::Cause,
        stage::{Asked, Contract, NewPin, Pending, Phase, Ready, Stage, Subject, Way},
        visit::{Away, Presence},
    },
};

/// Three wrong PINs lock a card; after two typed here the next may be the last, whatever the card tells.
const LAST_TRY_AFTER: u8 = 2;

/// How long the signer keeps a text of its own, or waits for a new PIN; whoever is that slow has been asked whether they are there.
const TRIAL: Duration = Duration::from_secs(600);

/// Requests the signer may lose in a row before it is called a fault.
const MOST_ROUNDS: u8 = 3;

pub(super) fn begin(contract: Box<Contract>, certificate: Fingerprint, cx: &mut Context<'_>) -> Next {
    let pending = Pending { contract, certificate, shown: true, wrong: false, rounds: 0 };
    prepare(Box::new(pending), cx)
}

/// Announces what is to be signed; where the signer does not know the card, it reads it first. A screen that
/// has not shown the texts begins with those (invariant 1).
pub(super) fn prepare(mut pending: Box<Pending>, cx: &mut Context<'_>) -> Next {
    if let Some(code) = new_pin::to_authorise(&pending) {
        return trouble(lost_by(cx), Way::Unblock(code));
    }
    if !pending.shown {
        return Next::Go(Stage::Contract(pending.contract));
    }
    let phase = announce(&mut pending, cx).unwrap_or_else(|| {
        let by = cx.in_seconds(cx.settings().rules.signer_s);
        Phase::Waiting { by }
    });
    Next::Go(Stage::Preparing { pending, phase })
}

/// Why a request is gone with what opens the card.
fn lost_by(cx: &Context<'_>) -> Cause {
    match cx.visit.presence {
        Presence::Away { why, .. } => why.cause(),
        Presence::In | Presence::None | Presence::Back { .. } if cx.desk.signer != Signer::Up => {
            Cause::SignerDown
        }
        Presence::In | Presence::None | Presence::Back { .. } => Cause::CardModule,
    }
}

fn announce(pending: &mut Pending, cx: &mut Context<'_>) -> Option<Phase> {
    match cx.visit.presence {
        Presence::In => {}
        Presence::None | Presence::Away { .. } | Presence::Back { .. } => return None,
    }
    if !cx.visit.signer_knows {
        return cx.read_card().map(Phase::Reading);
    }
    let certificate = pending.certificate;
    // The PUK is given away once: only to a signer that takes it now.
    if cx.desk.signer != Signer::Up {
        return None;
    }
    let request = match &mut pending.contract.subject {
        Subject::Application(code) => Request::Prepare {
            purpose: Purpose::Application,
            texts: pending.contract.texts.clone(),
            certificate,
            signing_time: cx.now.wall,
            life_ms: millis(code.by.saturating_sub(cx.now.mono)),
        },
        Subject::Trial(trial) => Request::PrepareOwn {
            text: OwnText::CardTest,
            certificate,
            signing_time: trial.at,
            life_ms: millis(TRIAL),
        },
        Subject::Assistance(assistance) => Request::PrepareOwn {
            text: OwnText::Assistance { challenge: assistance.challenge.clone() },
            certificate,
            signing_time: assistance.at,
            life_ms: millis(TRIAL),
        },
        Subject::Login(login) => Request::PrepareOwn {
            text: OwnText::Login { challenge: login.challenge.clone() },
            certificate,
            signing_time: login.at,
            life_ms: millis(login.life.by.saturating_sub(cx.now.mono)),
        },
        Subject::NewPin(NewPin::Change) => Request::PrepareChange { certificate, life_ms: millis(TRIAL) },
        Subject::NewPin(NewPin::Unblock(unblocking)) => {
            Request::PrepareUnblock { certificate, puk: unblocking.puk.take()?, life_ms: millis(TRIAL) }
        }
    };
    cx.ask_signer(request).map(Phase::Announcing)
}

fn millis(of: Duration) -> u64 {
    u64::try_from(of.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn prepared(
    pending: Box<Pending>,
    phase: Phase,
    result: Result<Reply, Fault>,
    cx: &mut Context<'_>,
) -> Next {
    match (phase, result) {
        (Phase::Reading(_), Ok(Reply::Card { certificates, .. })) => {
            if !cx.visit.same_card(&certificates) {
                return away(pending, Away::Other, cx);
            }
            cx.visit.signer_knows = true;
            prepare(pending, cx)
        }
        (Phase::Announcing(_), Ok(Reply::Prepared { request, tries })) => {
            // The PIN that is to be opened has none left, and none of them is spent.
            if pending.contract.new_pin() == Some(NewPinKind::Unblock) {
                return show_pin(Box::new(Ready { pending, request, tries }), cx);
            }
            let tries = cx.visit.learn_tries(tries);
            ask_pin(Ready { pending, request, tries }, cx)
        }
        (Phase::Announcing(_), Ok(Reply::PreparedOwn { request, tries, text })) => {
            own_text(pending, request, tries, text, cx)
        }
        (Phase::Reading(_) | Phase::Announcing(_) | Phase::Waiting { .. }, Ok(_)) => {
            stuck(pending, Cause::CardModule, new_pin::again, cx)
        }
        (Phase::Reading(_) | Phase::Announcing(_) | Phase::Waiting { .. }, Err(fault)) => {
            failed(pending, fault, cx)
        }
    }
}

/// The signer's own text: shown first, and signed only as it was shown.
fn own_text(
    mut pending: Box<Pending>,
    request: RequestId,
    tries: TriesLeft,
    text: SigningText,
    cx: &mut Context<'_>,
) -> Next {
    let tries = cx.visit.learn_tries(tries);
    if pending.contract.texts == [text.clone()] {
        return ask_pin(Ready { pending, request, tries }, cx);
    }
    cx.desk.tell_signer(cx.visit.id, Request::Abandon(request));
    let unasked = !pending.contract.texts.is_empty() || pending.contract.new_pin().is_some();
    if unasked || !compare::is_showable(&text) {
        return stuck(pending, Cause::TextUnreadable, |_| Way::Nothing, cx);
    }
    pending.contract.texts = vec![text];
    Next::Go(Stage::Contract(pending.contract))
}

/// It does not go on: a page that says so, or the card check with one answer more.
fn stuck(
    pending: Box<Pending>,
    cause: Cause,
    way: impl FnOnce(Box<Pending>) -> Way,
    cx: &mut Context<'_>,
) -> Next {
    if matches!(pending.contract.subject, Subject::Trial(_)) {
        return check::tried(*pending.contract, Err(cause), cx);
    }
    if matches!(pending.contract.subject, Subject::Login(_)) && cause == Cause::PinLocked {
        // There is the word yet.
        cx.visit.pin_locked = true;
        return trouble(cause, Way::Open);
    }
    trouble(cause, way(pending))
}

/// Warns of the last try, or asks for the PIN.
fn ask_pin(ready: Ready, cx: &mut Context<'_>) -> Next {
    match ready.tries {
        TriesLeft::Locked | TriesLeft::Known(0) => {
            cx.desk.tell_signer(cx.visit.id, Request::Abandon(ready.request));
            stuck(ready.pending, Cause::PinLocked, |_| Way::Nothing, cx)
        }
        TriesLeft::Known(1) => Next::Go(Stage::LastTry(Box::new(ready))),
        TriesLeft::Unknown if cx.visit.wrongs >= LAST_TRY_AFTER => Next::Go(Stage::LastTry(Box::new(ready))),
        TriesLeft::Unknown | TriesLeft::Known(_) => show_pin(Box::new(ready), cx),
    }
}

/// Shows the PIN page and waits at the signer for what comes of it. The wait has no end of its own: the code's
/// life and the person's absence end it.
fn show_pin(ready: Box<Ready>, cx: &mut Context<'_>) -> Next {
    match cx.ask_signer(Request::Collect(ready.request)) {
        Some(collect) => Next::Go(Stage::Pin { ready, collect }),
        None => prepare(ready.pending, cx),
    }
}

pub(super) fn last_try(ready: Box<Ready>, intent: &Intent, cx: &mut Context<'_>) -> Next {
    if *intent == Intent::AcceptLastTry {
        return show_pin(ready, cx);
    }
    if *intent == Intent::Back && ready.pending.contract.new_pin().is_none() {
        return back(*ready, cx);
    }
    Next::Stay(Stage::LastTry(ready))
}

pub(super) fn pin(ready: Box<Ready>, collect: Asked, intent: &Intent, cx: &mut Context<'_>) -> Next {
    if *intent == Intent::PinSent(ready.request) {
        let by = cx.in_seconds(cx.settings().rules.signer_s);
        if ready.pending.contract.new_pin().is_some() {
            new_pin::sent(cx);
        }
        return Next::Go(Stage::Signing { ready, collect: Asked { by, ..collect } });
    }
    if *intent == Intent::Back && ready.pending.contract.new_pin().is_none() {
        if cx.settings().pin_pad {
            cx.visit.pin_may_be_spent();
        }
        return back(*ready, cx);
    }
    Next::Stay(Stage::Pin { ready, collect })
}

fn back(ready: Ready, cx: &mut Context<'_>) -> Next {
    cx.desk.tell_signer(cx.visit.id, Request::Abandon(ready.request));
    Next::Go(Stage::Contract(ready.pending.contract))
}

/// The PIN dialogue is over, one way or another.
/// `sent` says that a PIN was on its way, or may have been.
pub(super) fn collected(
    ready: Ready,
    sent: bool,
    result: Result<Reply, Fault>,
    cx: &mut Context<'_>,
) -> Next {
    if let Some(kind) = ready.pending.contract.new_pin() {
        return new_pin::collected(kind, ready, sent, result, cx);
    }
    let Ready { mut pending, .. } = ready;
    match result {
        Ok(Reply::Signed(signatures)) => {
            cx.visit.pin_was_right();
            if signatures.len() != pending.contract.texts.len() {
                return stuck(pending, Cause::SignatureFaulty, new_pin::again, cx);
            }
            let contract = *pending.contract;
            match contract.subject {
                Subject::Application(code) => outcome::hand_in(code, signatures, cx),
                Subject::Login(_) => online::log_in(signatures, cx),
                Subject::Assistance(_) => assist::signed(contract, &signatures, cx),
                // The signer verified it; nobody needs it.
                Subject::Trial(_) | Subject::NewPin(_) => check::tried(contract, Ok(()), cx),
            }
        }
        Ok(Reply::Card { .. } | Reply::Prepared { .. } | Reply::PreparedOwn { .. } | Reply::Done) => {
            stuck(pending, Cause::CardModule, new_pin::again, cx)
        }
        Err(Fault::WrongPin { tries }) => {
            pending.wrong = true;
            cx.visit.pin_was_wrong(tries);
            match tries {
                TriesLeft::Locked | TriesLeft::Known(0) => {
                    stuck(pending, Cause::PinLocked, |_| Way::Nothing, cx)
                }
                TriesLeft::Known(_) | TriesLeft::Unknown => prepare(pending, cx),
            }
        }
        Err(fault) => {
            if sent && spent::may_be(fault) {
                cx.visit.pin_may_be_spent();
            }
            failed(pending, fault, cx)
        }
    }
}

pub(super) fn failed(mut pending: Box<Pending>, fault: Fault, cx: &mut Context<'_>) -> Next {
    pending.wrong = false;
    match fault {
        Fault::NoCard | Fault::CardPulled => away(pending, Away::Pulled, cx),
        Fault::CardMute => away(pending, Away::Fault(Cause::CardMute), cx),
        Fault::OtherCard => away(pending, Away::Other, cx),
        Fault::SignerLost => {
            // Its reconnection comes as an event of its own.
            cx.desk.signer = Signer::Away { since: Some(cx.now.mono) };
            cx.visit.signer_knows = false;
            prepare(pending, cx)
        }
        // A new PIN has no time of its own but how long anybody waits for it.
        Fault::Expired if pending.contract.new_pin().is_some() => prepare(pending, cx),
        // Announced again, the card says that it is the last one, and the person is asked.
        Fault::NoSuchRequest | Fault::Abandoned | Fault::LastTry if pending.rounds < MOST_ROUNDS => {
            pending.rounds += 1;
            prepare(pending, cx)
        }
        Fault::Expired => {
            let trial = matches!(pending.contract.subject, Subject::Trial(_) | Subject::Assistance(_));
            let cause = if trial { Cause::Abandoned } else { Cause::CodeExpired };
            stuck(pending, cause, |_| Way::Open, cx)
        }
        Fault::PinLocked => stuck(pending, Cause::PinLocked, |_| Way::Nothing, cx),
        Fault::ModuleHung
        | Fault::ModuleFailed
        | Fault::ReaderBusy
        | Fault::SelfCheckFailed
        | Fault::NoSuchRequest
        | Fault::LastTry
        | Fault::Abandoned => {
            cx.visit.signer_knows = false;
            pending.rounds = 0;
            stuck(pending, Cause::from(fault), new_pin::again, cx)
        }
        Fault::OtherTextShown | Fault::BadText => stuck(pending, Cause::TextUnreadable, |_| Way::Open, cx),
        // Another one is typed.
        Fault::UnfitPin => stuck(pending, Cause::PinUnfit, new_pin::again, cx),
        Fault::UnknownCard
        | Fault::NoCertificate
        | Fault::WrongPin { .. }
        | Fault::WrongPuk { .. }
        | Fault::PukLocked
        | Fault::ChangeUnknown
        | Fault::NotSupported => match new_pin::authorised(&pending) {
            Some(code) => unblock::report(code, Err(Cause::from(fault)), cx),
            None => stuck(pending, Cause::from(fault), |_| Way::Nothing, cx),
        },
    }
}

/// The signer noticed before the monitor that the card is not to be had.
fn away(pending: Box<Pending>, why: Away, cx: &mut Context<'_>) -> Next {
    cx.visit.signer_knows = false;
    cx.visit.presence = Presence::Away { why, by: None };
    prepare(pending, cx)
}

/// The signer did not prepare in time.
pub(super) fn unprepared(pending: Box<Pending>, cx: &mut Context<'_>) -> Next {
    let cause = if cx.desk.signer == Signer::Up { Cause::CardModule } else { Cause::SignerDown };
    cx.visit.signer_knows = false;
    stuck(pending, cause, new_pin::again, cx)
}

/// The PIN was sent and nothing came back in time.
pub(super) fn hung(ready: Ready, cx: &mut Context<'_>) -> Next {
    if ready.pending.contract.new_pin().is_some() {
        return new_pin::hung(&ready, cx);
    }
    cx.desk.tell_signer(cx.visit.id, Request::Abandon(ready.request));
    cx.visit.pin_may_be_spent();
    let mut pending = ready.pending;
    pending.wrong = false;
    unprepared(pending, cx)
}
