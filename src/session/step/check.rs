//! The card check: everything that can be said of a card without its PIN, and what to do about it.
//!
//! It needs no network. A fault of the card is an answer here, not a page of trouble; which colour an answer has is
//! said where it is defined.

use std::time::Duration;

use super::{Context, Ending, Next, card, paper, signing, trouble};
use crate::{
    card::certificate::Certificate,
    link::{
        intent::Intent,
        signer::{Fault, Reply, TriesLeft},
        view::{Finding, Service},
    },
    session::{
        Settings, clock,
        fault::{Advice, Cause},
        stage::{Check, Contract, Stage, Subject, Trial, Way},
        visit::fingerprints,
    },
};

/// Certificates that are told of; a card holds one or two.
const MOST: usize = 3;

impl Check {
    /// A card that could not be read.
    pub(super) fn unread(cause: Cause) -> Self {
        Self { findings: vec![Finding::Reader, Finding::Card(Err(cause))], renewal: None, trial: None }
    }

    /// Why the card could not be read, if so.
    pub(in crate::session) fn cause(&self) -> Option<Cause> {
        self.findings.iter().find_map(|finding| match finding {
            Finding::Card(fault) => fault.err(),
            Finding::Reader
            | Finding::Certificate { .. }
            | Finding::NoCertificate(_)
            | Finding::Pin(_)
            | Finding::Trial(_)
            | Finding::Renewal { .. } => None,
        })
    }

    fn is_locked(&self) -> bool {
        let locked = |it: &Finding| matches!(it, Finding::Pin(TriesLeft::Locked | TriesLeft::Known(0)));
        self.findings.iter().any(locked)
    }

    /// Whether what cannot be renewed with this card can be applied for here on paper.
    fn is_for_paper(&self, settings: &Settings) -> bool {
        self.renewal.as_ref().is_some_and(|who| card::can_on_paper(who.verdict, settings))
    }

    /// Wrong PINs of a trial have cost tries: what the check found before it is not so any more.
    fn learn(&mut self, cx: &Context<'_>) {
        let Some(left) = cx.visit.tries else { return };
        for finding in &mut self.findings {
            if let Finding::Pin(tries) = finding {
                *tries = TriesLeft::Known(left);
            }
        }
    }

    /// What the person can do now, the best first.
    pub(in crate::session) fn advice(&self, settings: &Settings) -> Vec<Advice> {
        let opens = self.is_locked() && settings.offers(Service::Unblock);
        let best = match self.cause() {
            Some(Cause::CardModule | Cause::ReaderBusy | Cause::SignerDown) => Some(Advice::TryAgain),
            Some(_) => None,
            // What has expired is not worth opening.
            None if self.is_for_paper(settings) => Some(Advice::WetInk),
            None if opens => Some(Advice::UnblockHere),
            None => self.renewal.as_ref().and_then(|who| who.verdict.ok()).map(|()| Advice::Renew),
        };
        let trial = self.trial.map(|_| Advice::TestSignature);
        // The first is the primary button, and the trial is never that.
        best.into_iter().chain([Advice::Finish]).chain(trial).collect()
    }
}

pub(super) fn read(by: Duration, result: Result<Reply, Fault>, cx: &mut Context<'_>) -> Next {
    let check = match result {
        Ok(Reply::Card { certificates, tries }) => {
            cx.visit.signer_knows = true;
            cx.visit.fingerprints = fingerprints(&certificates);
            found(&certificates, tries, cx)
        }
        Ok(Reply::Prepared { .. } | Reply::PreparedOwn { .. } | Reply::Signed(_) | Reply::Done) => {
            Check::unread(Cause::CardModule)
        }
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
        return Check { findings, renewal: None, trial: None };
    }
    findings.extend(parsed.iter().take(MOST).map(|it| certificate(it, cx)));
    findings.push(Finding::Pin(tries));
    let locked = matches!(tries, TriesLeft::Locked | TriesLeft::Known(0));
    let fit = parsed.iter().find(|it| it.judge(cx.now.wall, None).is_ok());
    let trial = fit.map(Certificate::fingerprint).filter(|_| !locked);
    let mut renewal = card::judge(parsed, cx.settings().rules.renewal_window_days, cx);
    if let (Some(who), true) = (&mut renewal, locked) {
        // Nothing can be signed with it before it is unblocked.
        who.verdict = who.verdict.and(Err(Cause::PinLocked));
    }
    findings.extend(
        renewal
            .as_ref()
            .map(|who| Finding::Renewal { verdict: who.verdict, possible_from: who.possible_from.clone() }),
    );
    Check { findings, renewal, trial }
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

pub(super) fn touched(check: Check, intent: &Intent, cx: &mut Context<'_>) -> Next {
    let advice = check.advice(cx.settings());
    let followed = if let Intent::Advice(wanted) = intent {
        advice.into_iter().find(|advice| advice == wanted)
    } else {
        advice.first().copied().filter(|_| *intent == Intent::Next)
    };
    match (followed, check.renewal.clone()) {
        (Some(Advice::TryAgain), _) => Next::Go(card::begin(cx)),
        (Some(Advice::UnblockHere), _) => {
            cx.visit.service = Service::Unblock;
            Next::Go(card::begin(cx))
        }
        (Some(Advice::WetInk), _) => paper::instead(cx),
        (Some(Advice::TestSignature), renewal) => try_card(Check { renewal, ..check }, cx),
        (Some(Advice::Renew), Some(who)) => {
            cx.visit.service = Service::Renewal;
            Next::Go(Stage::Eligibility(who))
        }
        (Some(_), _) => Next::End(Ending::Served),
        (None, renewal) => Next::Stay(Stage::Check(Box::new(Check { renewal, ..check }))),
    }
}

/// A signature that has no effect: the signer is asked for its text.
fn try_card(check: Check, cx: &mut Context<'_>) -> Next {
    let Some(certificate) = check.trial else { return show(check) };
    let subject = Subject::Trial(Trial { check, certificate, at: cx.now.wall });
    signing::begin(Box::new(Contract { subject, texts: Vec::new(), lines: Vec::new() }), certificate, cx)
}

/// The trial is over: one answer more, and what it says of the PIN.
pub(super) fn tried(contract: Contract, result: Result<(), Cause>, cx: &Context<'_>) -> Next {
    let Subject::Trial(Trial { mut check, .. }) = contract.subject else {
        return trouble(Cause::SignatureFaulty, Way::Nothing);
    };
    let pin = |it: &Finding| matches!(it, Finding::Pin(_));
    check.learn(cx);
    check.findings.retain(|it| !(matches!(it, Finding::Trial(_)) || result.is_ok() && pin(it)));
    if result == Err(Cause::PinLocked) {
        check.trial = None;
        for finding in check.findings.iter_mut().filter(|it| pin(it)) {
            *finding = Finding::Pin(TriesLeft::Locked);
        }
        for finding in &mut check.findings {
            if let Finding::Renewal { verdict, .. } = finding {
                *verdict = verdict.and(Err(Cause::PinLocked));
            }
        }
        if let Some(who) = &mut check.renewal {
            who.verdict = who.verdict.and(Err(Cause::PinLocked));
        }
    }
    check.findings.push(Finding::Trial(result));
    show(check)
}

/// The person went back without trying.
pub(super) fn not_tried(contract: Contract, cx: &Context<'_>) -> Next {
    match contract.subject {
        Subject::Trial(Trial { mut check, .. }) => {
            check.learn(cx);
            show(check)
        }
        Subject::Application(_) | Subject::Login(_) | Subject::Assistance(_) | Subject::NewPin(_) => {
            Next::Go(Stage::Contract(Box::new(contract)))
        }
    }
}
