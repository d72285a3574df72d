//! Another PIN for the card: announced as a signature is, and what comes of it told. No PIN ever comes here.
//!
//! Whether the card took the new PIN is the signer's word alone; where nobody knows, that is said, and never that a PIN
//! was wrong.

use super::{Context, Ending, Next, signing, trouble, unblock};
use crate::{
    link::{
        intent::Intent,
        signer::{Fault, Fingerprint, Reply, Request, TriesLeft},
        view::NewPinKind,
    },
    session::{
        InFlight,
        fault::Cause,
        stage::{Asked, Code, Contract, NewPin, Pending, Ready, Stage, Subject, Unblocking, Way},
        visit::fingerprints,
    },
};

/// The card was read: it needs no certificate that is valid, only one by which it is known.
pub(super) fn begin(certificates: &[Vec<u8>], cx: &mut Context<'_>) -> Next {
    let Some(first) = certificates.first() else { return trouble(Cause::NoCertificate, Way::Nothing) };
    let Some(certificate) = fingerprints(std::slice::from_ref(first)).into_iter().next() else {
        return trouble(Cause::NoCertificate, Way::Nothing);
    };
    announce(NewPin::Change, certificate, cx)
}

pub(super) fn announce(new: NewPin, certificate: Fingerprint, cx: &mut Context<'_>) -> Next {
    let contract = Contract { subject: Subject::NewPin(new), texts: Vec::new(), lines: Vec::new() };
    signing::begin(Box::new(contract), certificate, cx)
}

/// What a PIN is to be opened by, where that is so.
fn unblocking(pending: &Pending) -> Option<&Unblocking> {
    match &pending.contract.subject {
        Subject::NewPin(NewPin::Unblock(unblocking)) => Some(unblocking),
        Subject::NewPin(NewPin::Change)
        | Subject::Application(_)
        | Subject::Trial(_)
        | Subject::Login(_)
        | Subject::Assistance(_) => None,
    }
}

/// The code by which it was authorised: who gave that is told how it ended.
pub(super) fn authorised(pending: &Pending) -> Option<Code> {
    unblocking(pending).map(|it| it.code.clone())
}

/// The code by which a request must be authorised anew: its PUK went with the one that is lost.
pub(super) fn to_authorise(pending: &Pending) -> Option<Code> {
    unblocking(pending).filter(|it| it.puk.is_none()).map(|it| it.code.clone())
}

/// Asking again: the signer, or first the signing service.
pub(super) fn again(pending: Box<Pending>) -> Way {
    to_authorise(&pending).map_or_else(|| Way::Prepare(pending), Way::Unblock)
}

/// The dialogue is over, one way or another.
pub(super) fn collected(
    kind: NewPinKind,
    ready: Ready,
    sent: bool,
    result: Result<Reply, Fault>,
    cx: &mut Context<'_>,
) -> Next {
    let next = judged(kind, ready, sent, result, cx);
    let open = matches!(&next, Next::Go(stage) if stage.cause() == Some(Cause::PinUncertain));
    if !open {
        cx.desk.flag(None);
    }
    next
}

/// What the signer's word leads to.
fn judged(
    kind: NewPinKind,
    ready: Ready,
    sent: bool,
    result: Result<Reply, Fault>,
    cx: &mut Context<'_>,
) -> Next {
    let mut pending = ready.pending;
    if let Err(fault @ (Fault::WrongPuk { .. } | Fault::PukLocked | Fault::NotSupported)) = result {
        return signing::failed(pending, fault, cx);
    }
    match result {
        Ok(Reply::Done) => {
            cx.visit.pin_was_right();
            match authorised(&pending) {
                Some(code) => unblock::report(code, Ok(()), cx),
                None => set(kind, cx),
            }
        }
        // An answer to something else says nothing of the PIN.
        Ok(Reply::Card { .. } | Reply::Prepared { .. } | Reply::PreparedOwn { .. } | Reply::Signed(_)) => {
            uncertain(cx)
        }
        Err(Fault::ChangeUnknown) => uncertain(cx),
        Err(Fault::SignerLost) if sent => uncertain(cx),
        Err(Fault::WrongPin { tries: TriesLeft::Locked | TriesLeft::Known(0) } | Fault::PinLocked) => {
            trouble(Cause::PinLocked, Way::Nothing)
        }
        // Whoever took the card has left; nothing was changed.
        Err(_) if !cx.visit.is_in() => Next::End(Ending::Left),
        Err(Fault::WrongPin { tries }) => {
            cx.visit.pin_was_wrong(tries);
            pending.wrong = true;
            signing::prepare(pending, cx)
        }
        Err(fault) => signing::failed(pending, fault, cx),
    }
}

/// The PINs are with the signer: from here on a crash leaves open which one the card has.
pub(super) fn sent(cx: &mut Context<'_>) {
    cx.desk.flag(Some(InFlight::NewPin));
}

/// Nobody knows which PIN the card has.
pub(super) fn uncertain(cx: &mut Context<'_>) -> Next {
    cx.desk.flag(Some(InFlight::NewPin));
    cx.visit.pin_may_be_spent();
    // Whoever stands there with another card is not shown what became of somebody else's.
    if cx.visit.has_strange_card() {
        return Next::End(Ending::Left);
    }
    trouble(Cause::PinUncertain, Way::Nothing)
}

/// The card has its new PIN.
pub(super) fn set(kind: NewPinKind, cx: &Context<'_>) -> Next {
    if cx.visit.has_strange_card() { Next::End(Ending::Served) } else { Next::Go(Stage::PinSet(kind)) }
}

/// Nothing came back in time.
pub(super) fn hung(ready: &Ready, cx: &mut Context<'_>) -> Next {
    cx.desk.tell_signer(cx.visit.id, Request::Abandon(ready.request));
    uncertain(cx)
}

/// The card left while the request stood. The PINs may have gone to it a moment ago: the signer is heard out.
pub(super) fn hear_out(ready: Box<Ready>, collect: Asked, cx: &mut Context<'_>) -> Next {
    let by = cx.in_seconds(cx.settings().rules.signer_s);
    sent(cx);
    Next::Go(Stage::Signing { ready, collect: Asked { by, ..collect } })
}

/// The page that says it is done was read.
pub(super) fn read(kind: NewPinKind, intent: &Intent) -> Next {
    if *intent == Intent::Next { Next::End(Ending::Served) } else { Next::Stay(Stage::PinSet(kind)) }
}
