//! The card check: everything that can be said of a card without its PIN, and what to do about it.
//!
//! It needs no network. A fault of the card is an answer here, not a page of trouble; which colour an answer has is
//! said where it is defined.

use std::time::Duration;

use super::{Context, Ending, Next, card};
use crate::{
    card::certificate::Certificate,
    link::{
        intent::Intent,
        signer::{Fault, Reply, TriesLeft},
        view::Finding,
    },
    session::{
        clock,
        fault::{Advice, Cause},
        stage::{Check, Stage},
        visit::fingerprints,
    },
};

/// Certificates that are told of; a card holds one or two.
const MOST: usize = 3;

impl Check {
    /// A card that could not be read.
    pub(super) fn unread(cause: Cause) -> Self {
        Self { findings: vec![Finding::Reader, Finding::Card(Err(cause))], renewal: None }
    }

    /// Why the card could not be read, if so.
    pub(in crate::session) fn cause(&self) -> Option<Cause> {
        self.findings.iter().find_map(|finding| match finding {
            Finding::Card(fault) => fault.err(),
            Finding::Reader
            | Finding::Certificate { .. }
            | Finding::NoCertificate(_)
            | Finding::Pin(_)
            | Finding::Renewal { .. } => None,
        })
    }

    /// What the person can do now, the best first.
    pub(in crate::session) fn advice(&self) -> Vec<Advice> {
        let best = match self.cause() {
            Some(Cause::CardModule | Cause::ReaderBusy | Cause::SignerDown) => Some(Advice::TryAgain),
            Some(_) => None,
            None => self.renewal.as_ref().and_then(|who| who.verdict.ok()).map(|()| Advice::Renew),
        };
        best.into_iter().chain([Advice::Finish]).collect()
    }
}

pub(super) fn read(by: Duration, result: Result<Reply, Fault>, cx: &mut Context<'_>) -> Next {
    let check = match result {
        Ok(Reply::Card { certificates, tries }) => {
            cx.visit.signer_knows = true;
            cx.visit.fingerprints = fingerprints(&certificates);
            found(&certificates, tries, cx)
        }
        Ok(Reply::Prepared { .. } | Reply::Signed(_) | Reply::Done) => Check::unread(Cause::CardModule),
        // The monitor will say so, or the signer will be back; else the time of reading ends.
        Err(Fault::SignerLost | Fault::NoCard | Fault::CardPulled) => {
            return Next::Stay(Stage::Reading { asked: None, by });
        }
        // The card answers, and there is nothing on it to sign with.
        Err(Fault::NoCertificate) => found(&[], TriesLeft::Unknown, cx),
        Err(fault) => Check::unread(Cause::from(fault)),
    };
    show(check)
}

/// Shows what was found.
pub(super) fn show(check: Check) -> Next {
    Next::Go(Stage::Check(Box::new(check)))
}

fn found(certificates: &[Vec<u8>], tries: TriesLeft, cx: &mut Context<'_>) -> Check {
    let mut findings = vec![Finding::Reader, Finding::Card(Ok(()))];
    let parsed: Vec<Certificate> =
        certificates.iter().filter_map(|der| Certificate::parse(der).ok()).collect();
    if parsed.is_empty() {
        let cause = if certificates.is_empty() { Cause::NoCertificate } else { Cause::CertificateMalformed };
        findings.push(Finding::NoCertificate(cause));
        return Check { findings, renewal: None };
    }
    findings.extend(parsed.iter().take(MOST).map(|it| certificate(it, cx)));
    findings.push(Finding::Pin(tries));
    let mut renewal = card::judge(parsed, cx);
    if let (Some(who), TriesLeft::Locked | TriesLeft::Known(0)) = (&mut renewal, tries) {
        // Nothing can be signed with it before it is unblocked.
        who.verdict = who.verdict.and(Err(Cause::PinLocked));
    }
    findings.extend(
        renewal
            .as_ref()
            .map(|who| Finding::Renewal { verdict: who.verdict, possible_from: who.possible_from.clone() }),
    );
    Check { findings, renewal }
}

/// Fit for signing today; whether a renewal is possible is another question.
fn certificate(certificate: &Certificate, cx: &Context<'_>) -> Finding {
    Finding::Certificate {
        holder: certificate.holder().clone(),
        valid_until: clock::minute(certificate.not_after()),
        days_left: card::days_left(certificate, cx.now),
        fit: certificate.judge(cx.now.wall, None).map_err(|why| card::cause(&why)),
    }
}

pub(super) fn touched(check: Box<Check>, intent: &Intent, cx: &mut Context<'_>) -> Next {
    let advice = check.advice();
    let followed = if let Intent::Advice(wanted) = intent {
        advice.into_iter().find(|advice| advice == wanted)
    } else {
        advice.first().copied().filter(|_| *intent == Intent::Next)
    };
    match (followed, check.renewal) {
        (Some(Advice::TryAgain), _) => Next::Go(card::begin(cx)),
        (Some(Advice::Renew), Some(who)) => {
            cx.visit.service = crate::link::view::Service::Renewal;
            Next::Go(Stage::Eligibility(who))
        }
        (Some(_), _) => Next::End(Ending::Served),
        (None, renewal) => {
            let findings = check.findings;
            Next::Stay(Stage::Check(Box::new(Check { findings, renewal })))
        }
    }
}
