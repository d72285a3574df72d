//! What happens in each stage of a visit: one file per group of stages, one function per stage and event.
//!
//! A stage is consumed and says what comes next. Interrupts (card, deadline, cancel, screen, signer, clock)
//! have been dealt with before; nothing here sees an answer that nobody waits for.

mod assist;
mod card;
mod check;
mod contract;
mod form;
mod interrupt;
mod login;
mod new_pin;
mod online;
mod outcome;
mod paper;
mod signing;
mod sms;
mod spent;
mod trouble;
mod unblock;

use std::time::Duration;

pub(super) use self::{
    card::{begin, can_on_paper, mute},
    interrupt::{
        card_is_back, card_is_gone, code_expired, other_card, screen_is_new, signer_is_back, signer_is_gone,
    },
    paper::{begin as begin_on_paper, printed, taken_apart},
};
use super::{
    Effect, Now, Settings,
    desk::{Desk, Signer},
    fault::{self, Cause},
    stage::{Asked, Stage, Trouble, Way},
    visit::Visit,
};
use crate::{
    link::{
        intent::Intent,
        signer::{self, Reply, Request},
    },
    portal::{self, Action, Method, Page},
};

/// What comes after a stage.
#[derive(Debug)]
pub(super) enum Next {
    /// The same page, perhaps with other things on it.
    Stay(Stage),
    /// Another page.
    Go(Stage),
    /// The visit is over.
    End(Ending),
}

/// How a visit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The application was received.
    Received,
    /// What the person came for was done; no application was made.
    Served,
    /// The person leaves without.
    Left,
    /// The card could not be read and was taken out: most likely to be put in better.
    ToReinsert,
    /// Whoever helps has shown who they are: another person's card is next.
    HandOver,
    /// The card is of whoever helps: another person's is wanted.
    OwnAgain,
    /// Something ended it.
    Fault(Cause),
}

/// What a step may use.
pub(super) struct Context<'a> {
    pub(super) desk: &'a mut Desk,
    pub(super) visit: &'a mut Visit,
    pub(super) now: Now,
}

impl Context<'_> {
    fn settings(&self) -> &Settings {
        &self.desk.settings
    }

    fn today(&self) -> jiff::civil::Date {
        super::clock::date(self.now.wall)
    }

    fn in_seconds(&self, seconds: u64) -> Duration {
        self.now.mono + Settings::seconds(seconds)
    }

    /// Asks the portal.
    fn ask_portal(&mut self, action: Action) -> Asked {
        let op = self.desk.next_op();
        self.desk.emit(Effect::Portal { visit: self.visit.id, op, action });
        Asked { op, by: self.in_seconds(self.settings().portal_s) }
    }

    /// Asks the signer, if it is there.
    fn ask_signer(&mut self, request: Request) -> Option<Asked> {
        if self.desk.signer != Signer::Up {
            return None;
        }
        let op = self.desk.next_op();
        self.desk.emit(Effect::Signer { visit: self.visit.id, op, request });
        Some(Asked { op, by: self.in_seconds(self.settings().rules.signer_s) })
    }

    /// Asks which card it is that is in the reader.
    pub(super) fn read_card(&mut self) -> Option<Asked> {
        let (reader, atr) = (self.visit.reader.clone(), self.visit.atr.clone());
        self.ask_signer(Request::ReadCard { reader, atr })
    }
}

fn trouble(cause: Cause, way: Way) -> Next {
    Next::Go(Stage::Trouble(Box::new(Trouble { cause, quote: None, way })))
}

fn portal_trouble(fault: &portal::Fault, way: Way) -> Next {
    let trouble = Trouble { cause: Cause::from(fault), quote: fault::quote(fault), way };
    Next::Go(Stage::Trouble(Box::new(trouble)))
}

/// A page that does not answer what was asked.
fn unexpected_page() -> Next {
    trouble(Cause::PortalChanged, Way::Open)
}

/// The way on from a fault of an action that is not safe to repeat: back to its page only where nothing was
/// sent.
fn way_back(fault: &portal::Fault, page: Stage) -> Way {
    if *fault == portal::Fault::Unreachable { Way::Page(Box::new(page)) } else { Way::Open }
}

/// The person touched something on this very page.
pub(super) fn touched(stage: Stage, intent: Intent, cx: &mut Context<'_>) -> Next {
    match stage {
        Stage::Eligibility(who) => card::eligibility(who, &intent, cx),
        Stage::Check(check) => check::touched(*check, &intent, cx),
        Stage::Notice(who) => card::notice(who, &intent, cx),
        Stage::Login(login) => login::touched(login, &intent, cx),
        Stage::Form(form) => form::touched(form, &intent, cx),
        Stage::Review(sheet) => form::review(sheet, &intent, cx),
        Stage::SmsSend { phone } => sms::send(phone, &intent, cx),
        Stage::SmsCode(wait) => sms::code(wait, intent, cx),
        Stage::Method { offered } => contract::method(offered, &intent, cx),
        Stage::Paper(sheets) => paper::read(sheets, &intent, cx),
        Stage::Printed => paper::done(&intent),
        Stage::Contract(contract) => contract::read(contract, &intent, cx),
        Stage::Certificate(contract) => contract::certificate(contract, &intent, cx),
        Stage::LastTry(ready) => signing::last_try(ready, &intent, cx),
        Stage::Pin { ready, collect } => signing::pin(ready, collect, &intent, cx),
        Stage::Result { usable_from } => outcome::result(usable_from, &intent),
        Stage::PinSet(kind) => new_pin::read(kind, &intent),
        Stage::Online(online) => online::touched(*online, intent, cx),
        Stage::Trouble(trouble) => trouble::touched(trouble, &intent, cx),
        Stage::Reading { .. }
        | Stage::Opening(_)
        | Stage::LoggingIn(_)
        | Stage::SubmittingForm { .. }
        | Stage::SendingSms { .. }
        | Stage::SubmittingSms { .. }
        | Stage::ChoosingMethod { .. }
        | Stage::TakingApart(_)
        | Stage::Printing { .. }
        | Stage::FetchingTexts { .. }
        | Stage::Preparing { .. }
        | Stage::Signing { .. }
        | Stage::HandingIn { .. }
        | Stage::Asking(_) => Next::Stay(stage),
    }
}

/// The portal answered what this stage asked.
pub(super) fn answered(stage: Stage, result: Result<Page, portal::Fault>, cx: &mut Context<'_>) -> Next {
    match stage {
        Stage::Opening(_) => login::opened(result, cx),
        Stage::LoggingIn(_) => login::answered(result, cx),
        Stage::Form(form) => form::districts(form, result, cx),
        Stage::SubmittingForm { sheet, .. } => form::answered(sheet, result, cx),
        Stage::SendingSms { phone, .. } => sms::sent(phone, result, cx),
        Stage::SubmittingSms { wait, .. } => sms::answered(wait, result, cx),
        Stage::ChoosingMethod { method: Method::WetInk, .. } => paper::chosen(result, cx),
        Stage::ChoosingMethod { offered, .. } => contract::chosen(offered, result, cx),
        Stage::FetchingTexts { code, .. } => contract::fetched(code, result, cx),
        Stage::HandingIn { code, application, .. } => outcome::handed_in(code, application, result, cx),
        Stage::Asking(outcome) => outcome::answered(outcome, result, cx),
        Stage::Online(online) => online::answered(*online, result, cx),
        Stage::Reading { .. }
        | Stage::Eligibility(_)
        | Stage::Check(_)
        | Stage::Notice(_)
        | Stage::Login(_)
        | Stage::Review(_)
        | Stage::SmsSend { .. }
        | Stage::SmsCode(_)
        | Stage::Method { .. }
        | Stage::TakingApart(_)
        | Stage::Paper(_)
        | Stage::Printing { .. }
        | Stage::Printed
        | Stage::Contract(_)
        | Stage::Certificate(_)
        | Stage::Preparing { .. }
        | Stage::LastTry(_)
        | Stage::Pin { .. }
        | Stage::Signing { .. }
        | Stage::Result { .. }
        | Stage::PinSet(_)
        | Stage::Trouble(_) => Next::Stay(stage),
    }
}

/// The signer answered what this stage asked.
pub(super) fn signed(stage: Stage, result: Result<Reply, signer::Fault>, cx: &mut Context<'_>) -> Next {
    match stage {
        Stage::Reading { by, .. } => card::read(by, result, cx),
        Stage::Preparing { pending, phase } => signing::prepared(pending, phase, result, cx),
        Stage::Pin { ready, .. } => {
            let sent = spent::is_typed_at_reader(&ready, cx);
            signing::collected(*ready, sent, result, cx)
        }
        Stage::Signing { ready, .. } => signing::collected(*ready, true, result, cx),
        Stage::Eligibility(_)
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
        | Stage::LastTry(_)
        | Stage::HandingIn { .. }
        | Stage::Asking(_)
        | Stage::Result { .. }
        | Stage::PinSet(_)
        | Stage::Online(_)
        | Stage::Trouble(_) => Next::Stay(stage),
    }
}

/// The stage's own deadline has come.
pub(super) fn ended(stage: Stage, cx: &mut Context<'_>) -> Next {
    match stage {
        Stage::Reading { .. } => card::unread(cx),
        Stage::Opening(_)
        | Stage::LoggingIn(_)
        | Stage::SubmittingForm { .. }
        | Stage::SendingSms { .. }
        | Stage::SubmittingSms { .. }
        | Stage::ChoosingMethod { .. }
        | Stage::FetchingTexts { .. }
        | Stage::HandingIn { .. }
        | Stage::Form(_) => {
            cx.desk.emit(Effect::CancelPortal);
            answered(stage, Err(portal::Fault::Timeout), cx)
        }
        Stage::TakingApart(_) => {
            cx.desk.emit(Effect::DropPaper);
            trouble(Cause::PaperUnreadable, Way::Document)
        }
        Stage::Printing { sheets, out_of_paper, .. } => paper::not_in_time(sheets, out_of_paper, cx),
        Stage::SmsCode(_) => trouble(Cause::SmsExpired, Way::Open),
        Stage::Preparing { pending, .. } => signing::unprepared(pending, cx),
        Stage::Signing { ready, .. } => signing::hung(*ready, cx),
        Stage::Asking(outcome) => outcome::due(outcome, cx),
        Stage::Online(online) => online::ended(*online, cx),
        Stage::Eligibility(_)
        | Stage::Check(_)
        | Stage::Notice(_)
        | Stage::Login(_)
        | Stage::Review(_)
        | Stage::SmsSend { .. }
        | Stage::Method { .. }
        | Stage::Paper(_)
        | Stage::Printed
        | Stage::Contract(_)
        | Stage::Certificate(_)
        | Stage::LastTry(_)
        | Stage::Pin { .. }
        | Stage::Result { .. }
        | Stage::PinSet(_)
        | Stage::Trouble(_) => Next::Stay(stage),
    }
}
