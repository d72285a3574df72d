//! What holds of each stage: its name, its deadlines, what it waits for, whether the card has to be in.
//!
//! Longer than others: each table names every stage, so that a new one cannot be forgotten in any.

use std::time::Duration;

use super::{Code, Contract, Look, Online, Phase, SmsWait, Stage, Subject};
use crate::{
    link::view::{Deadline, NewPinKind, Section, Step},
    session::{
        OpId,
        fault::{Advice, Cause},
    },
};

/// How long the person may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) enum Patience {
    /// The person has nothing to do.
    NotWaiting,
    /// The page has a time of its own.
    Own,
    /// As long as nobody goes away.
    Idle,
    /// At least until then.
    Until(Duration),
}

impl Stage {
    /// Name for the log.
    pub(in crate::session) fn name(&self) -> &'static str {
        match self {
            Self::Reading { .. } => "reading-card",
            Self::Eligibility(_) => "eligibility",
            Self::Check(_) => "card-check",
            Self::Notice(_) => "notice",
            Self::Opening(_) => "opening-portal",
            Self::Login(_) => "login",
            Self::LoggingIn(_) => "logging-in",
            Self::Form(form) => match form.section {
                Section::Reason => "form-reason",
                Section::Institution => "form-institution",
                Section::Address => "form-address",
                Section::Contact => "form-contact",
            },
            Self::Review(_) => "review",
            Self::SubmittingForm { .. } => "submitting-form",
            Self::SmsSend { .. } => "sms-send",
            Self::SendingSms { .. } => "sending-sms",
            Self::SmsCode(_) => "sms-code",
            Self::SubmittingSms { .. } => "submitting-sms",
            Self::Method { .. } => "method",
            Self::ChoosingMethod { .. } => "choosing-method",
            Self::TakingApart(_) => "taking-apart",
            Self::Paper(_) => "paper",
            Self::Printing { .. } => "printing",
            Self::Printed => "printed",
            Self::FetchingTexts { .. } => "fetching-texts",
            Self::Contract(_) => "contract",
            Self::Certificate(_) => "certificate",
            Self::Preparing { .. } => "preparing",
            Self::LastTry(_) => "last-try",
            Self::Pin { .. } if self.new_pin().is_some() => "new-pin",
            Self::Pin { .. } => "pin",
            Self::Signing { .. } if self.new_pin().is_some() => "setting-pin",
            Self::Signing { .. } => "signing",
            Self::HandingIn { .. } => "handing-in",
            Self::Asking(_) => "asking-outcome",
            Self::Result { .. } => "result",
            Self::PinSet(NewPinKind::Change) => "pin-set",
            Self::PinSet(NewPinKind::Unblock) => "pin-opened",
            Self::Online(online) => online.name(),
            Self::Trouble(_) => "trouble",
        }
    }

    /// What is wrong, where the page is about that.
    pub(in crate::session) fn cause(&self) -> Option<Cause> {
        if let Self::Trouble(trouble) = self {
            return Some(trouble.cause);
        }
        if let Self::Check(check) = self {
            return check.cause();
        }
        if let Self::Printing { out_of_paper: true, .. } = self {
            return Some(Cause::PrinterOutOfPaper);
        }
        if let Self::Eligibility(who) = self { who.verdict.err() } else { None }
    }

    /// Whether the page asks for the card to be put in again, or for another one.
    pub(in crate::session) fn wants_card_moved(&self) -> bool {
        let best = self.cause().and_then(|cause| cause.remedy().advice.first());
        matches!(best, Some(Advice::ReinsertCard | Advice::AnotherCard))
    }

    /// Whether the person may call it off here: not while the card signs or the application is on its way, and
    /// not where nothing is under way any more.
    pub(in crate::session) fn can_cancel(&self) -> bool {
        match self {
            Self::Reading { .. }
            | Self::Signing { .. }
            | Self::HandingIn { .. }
            | Self::Asking(_)
            | Self::Check(_)
            | Self::Printed
            | Self::PinSet(_)
            | Self::Result { .. } => false,
            Self::Online(online) => !online.is_report() && !matches!(**online, Online::Pin(_)),
            Self::Eligibility(_)
            | Self::Notice(_)
            | Self::Opening(_)
            | Self::Login(_)
            | Self::LoggingIn(_)
            | Self::Form(_)
            | Self::Review(_)
            | Self::SubmittingForm { .. }
            | Self::SmsSend { .. }
            | Self::SendingSms { .. }
            | Self::SmsCode(_)
            | Self::SubmittingSms { .. }
            | Self::Method { .. }
            | Self::ChoosingMethod { .. }
            | Self::TakingApart(_)
            | Self::Paper(_)
            | Self::Printing { .. }
            | Self::FetchingTexts { .. }
            | Self::Contract(_)
            | Self::Certificate(_)
            | Self::Preparing { .. }
            | Self::LastTry(_)
            | Self::Pin { .. }
            | Self::Trouble(_) => true,
        }
    }

    /// What the person came for is done; only reading is left.
    pub(in crate::session) fn is_served(&self) -> bool {
        match self {
            Self::PinSet(_) | Self::Printed => true,
            Self::Online(online) => matches!(**online, Online::Pin(_)),
            Self::Reading { .. }
            | Self::Eligibility(_)
            | Self::Check(_)
            | Self::Notice(_)
            | Self::Opening(_)
            | Self::Login(_)
            | Self::LoggingIn(_)
            | Self::Form(_)
            | Self::Review(_)
            | Self::SubmittingForm { .. }
            | Self::SmsSend { .. }
            | Self::SendingSms { .. }
            | Self::SmsCode(_)
            | Self::SubmittingSms { .. }
            | Self::Method { .. }
            | Self::ChoosingMethod { .. }
            | Self::TakingApart(_)
            | Self::Paper(_)
            | Self::Printing { .. }
            | Self::FetchingTexts { .. }
            | Self::Contract(_)
            | Self::Certificate(_)
            | Self::Preparing { .. }
            | Self::LastTry(_)
            | Self::Pin { .. }
            | Self::Signing { .. }
            | Self::HandingIn { .. }
            | Self::Asking(_)
            | Self::Result { .. }
            | Self::Trouble(_) => false,
        }
    }

    /// The answer of the portal that is waited for.
    pub(in crate::session) fn portal_op(&self) -> Option<OpId> {
        match self {
            Self::Opening(asked)
            | Self::LoggingIn(asked)
            | Self::SubmittingForm { asked, .. }
            | Self::SendingSms { asked, .. }
            | Self::SubmittingSms { asked, .. }
            | Self::ChoosingMethod { asked, .. }
            | Self::FetchingTexts { asked, .. }
            | Self::HandingIn { asked, .. } => Some(asked.op),
            Self::Form(form) => form.districts.as_ref().map(|(asked, _)| asked.op),
            Self::Online(online) => online.asked().map(|asked| asked.op),
            Self::Asking(outcome) => match outcome.look {
                Look::Asked(asked) => Some(asked.op),
                Look::At(_) => None,
            },
            Self::Reading { .. }
            | Self::Eligibility(_)
            | Self::Check(_)
            | Self::Notice(_)
            | Self::Login(_)
            | Self::Review(_)
            | Self::SmsSend { .. }
            | Self::SmsCode(_)
            | Self::Method { .. }
            | Self::TakingApart(_)
            | Self::Paper(_)
            | Self::Printing { .. }
            | Self::Printed
            | Self::Contract(_)
            | Self::Certificate(_)
            | Self::Preparing { .. }
            | Self::LastTry(_)
            | Self::Pin { .. }
            | Self::Signing { .. }
            | Self::Result { .. }
            | Self::PinSet(_)
            | Self::Trouble(_) => None,
        }
    }

    /// The answer about a document or from the printer that is waited for.
    pub(in crate::session) fn paper_op(&self) -> Option<OpId> {
        match self {
            Self::TakingApart(asked) | Self::Printing { asked, .. } => Some(asked.op),
            Self::Reading { .. }
            | Self::Eligibility(_)
            | Self::Check(_)
            | Self::Notice(_)
            | Self::Opening(_)
            | Self::Login(_)
            | Self::LoggingIn(_)
            | Self::Form(_)
            | Self::Review(_)
            | Self::SubmittingForm { .. }
            | Self::SmsSend { .. }
            | Self::SendingSms { .. }
            | Self::SmsCode(_)
            | Self::SubmittingSms { .. }
            | Self::Method { .. }
            | Self::ChoosingMethod { .. }
            | Self::Paper(_)
            | Self::Printed
            | Self::FetchingTexts { .. }
            | Self::Contract(_)
            | Self::Certificate(_)
            | Self::Preparing { .. }
            | Self::LastTry(_)
            | Self::Pin { .. }
            | Self::Signing { .. }
            | Self::HandingIn { .. }
            | Self::Asking(_)
            | Self::Result { .. }
            | Self::PinSet(_)
            | Self::Online(_)
            | Self::Trouble(_) => None,
        }
    }

    /// The answer of the signer that is waited for.
    pub(in crate::session) fn signer_op(&self) -> Option<OpId> {
        match self {
            Self::Reading { asked, .. } => asked.map(|asked| asked.op),
            Self::Preparing { phase: Phase::Reading(asked) | Phase::Announcing(asked), .. } => Some(asked.op),
            Self::Pin { collect, .. } | Self::Signing { collect, .. } => Some(collect.op),
            Self::Preparing { phase: Phase::Waiting { .. }, .. }
            | Self::Eligibility(_)
            | Self::Check(_)
            | Self::Notice(_)
            | Self::Opening(_)
            | Self::Login(_)
            | Self::LoggingIn(_)
            | Self::Form(_)
            | Self::Review(_)
            | Self::SubmittingForm { .. }
            | Self::SmsSend { .. }
            | Self::SendingSms { .. }
            | Self::SmsCode(_)
            | Self::SubmittingSms { .. }
            | Self::Method { .. }
            | Self::ChoosingMethod { .. }
            | Self::TakingApart(_)
            | Self::Paper(_)
            | Self::Printing { .. }
            | Self::Printed
            | Self::FetchingTexts { .. }
            | Self::Contract(_)
            | Self::Certificate(_)
            | Self::LastTry(_)
            | Self::HandingIn { .. }
            | Self::Asking(_)
            | Self::Result { .. }
            | Self::PinSet(_)
            | Self::Online(_)
            | Self::Trouble(_) => None,
        }
    }

    /// The verification code whose end makes this stage pointless. While the card signs, and once the
    /// signature is on its way, the portal judges that.
    pub(in crate::session) fn code(&self) -> Option<&Code> {
        if let Self::FetchingTexts { code, .. } = self {
            return Some(code);
        }
        if let Self::Online(online) = self {
            return online.code();
        }
        self.contract().filter(|_| !matches!(self, Self::Signing { .. })).and_then(Contract::code)
    }

    /// Whether the card is being tried: nothing but the signature itself is under way.
    pub(in crate::session) fn is_trial(&self) -> bool {
        self.contract().is_some_and(|contract| matches!(contract.subject, Subject::Trial(_)))
    }

    /// Whether whoever helps shows that they are staff: nothing else is under way.
    pub(in crate::session) fn is_assistance(&self) -> bool {
        self.contract().is_some_and(|contract| matches!(contract.subject, Subject::Assistance(_)))
    }

    /// Whether another PIN is to be set, and how: nothing else is under way.
    pub(in crate::session) fn new_pin(&self) -> Option<NewPinKind> {
        self.contract().and_then(Contract::new_pin)
    }

    /// What a PIN is, or will be, asked for.
    fn contract(&self) -> Option<&Contract> {
        match self {
            Self::Contract(contract) | Self::Certificate(contract) => Some(contract),
            Self::Preparing { pending, .. } => Some(&pending.contract),
            Self::LastTry(ready) | Self::Pin { ready, .. } | Self::Signing { ready, .. } => {
                Some(&ready.pending.contract)
            }
            Self::Reading { .. }
            | Self::Eligibility(_)
            | Self::Check(_)
            | Self::Notice(_)
            | Self::Opening(_)
            | Self::Login(_)
            | Self::LoggingIn(_)
            | Self::Form(_)
            | Self::Review(_)
            | Self::SubmittingForm { .. }
            | Self::SmsSend { .. }
            | Self::SendingSms { .. }
            | Self::SmsCode(_)
            | Self::SubmittingSms { .. }
            | Self::Method { .. }
            | Self::ChoosingMethod { .. }
            | Self::TakingApart(_)
            | Self::Paper(_)
            | Self::Printing { .. }
            | Self::Printed
            | Self::FetchingTexts { .. }
            | Self::HandingIn { .. }
            | Self::Asking(_)
            | Self::Result { .. }
            | Self::PinSet(_)
            | Self::Online(_)
            | Self::Trouble(_) => None,
        }
    }

    /// When this stage ends by itself, the code's life apart.
    pub(in crate::session) fn ends(&self) -> Option<Duration> {
        match self {
            Self::Reading { by, .. } | Self::Preparing { phase: Phase::Waiting { by }, .. } => Some(*by),
            Self::Opening(asked)
            | Self::LoggingIn(asked)
            | Self::SubmittingForm { asked, .. }
            | Self::SendingSms { asked, .. }
            | Self::SubmittingSms { asked, .. }
            | Self::ChoosingMethod { asked, .. }
            | Self::TakingApart(asked)
            | Self::Printing { asked, .. }
            | Self::FetchingTexts { asked, .. }
            | Self::HandingIn { asked, .. }
            | Self::Signing { collect: asked, .. }
            | Self::Preparing { phase: Phase::Reading(asked) | Phase::Announcing(asked), .. } => {
                Some(asked.by)
            }
            Self::Form(form) => form.districts.as_ref().map(|(asked, _)| asked.by),
            Self::Online(online) => online.ends(),
            Self::SmsCode(wait) => Some(wait.by),
            Self::Asking(outcome) => Some(match outcome.look {
                Look::Asked(asked) => asked.by,
                Look::At(at) => at,
            }),
            Self::Eligibility(_)
            | Self::Check(_)
            | Self::Notice(_)
            | Self::Login(_)
            | Self::Review(_)
            | Self::SmsSend { .. }
            | Self::Method { .. }
            | Self::Paper(_)
            | Self::Printed
            | Self::Contract(_)
            | Self::Certificate(_)
            | Self::LastTry(_)
            | Self::Pin { .. }
            | Self::Result { .. }
            | Self::PinSet(_)
            | Self::Trouble(_) => None,
        }
    }

    /// When the page will say that what is awaited is late.
    pub(in crate::session) fn late_at(&self) -> Option<Duration> {
        self.sms_wait().and_then(|wait| wait.late_at)
    }

    /// It has been said: it is late.
    pub(in crate::session) fn is_late(&mut self) {
        if let Self::SmsCode(wait) = self {
            wait.late_at = None;
        } else if let Self::Online(online) = self
            && let Online::Sms { wait, .. } = &mut **online
        {
            wait.late_at = None;
        }
    }

    fn sms_wait(&self) -> Option<&SmsWait> {
        if let Self::SmsCode(wait) = self {
            return Some(wait);
        }
        if let Self::Online(online) = self
            && let Online::Sms { wait, .. } = &**online
        {
            return Some(wait);
        }
        None
    }

    pub(in crate::session) fn patience(&self) -> Patience {
        match self {
            Self::Reading { .. }
            | Self::Opening(_)
            | Self::LoggingIn(_)
            | Self::SubmittingForm { .. }
            | Self::SendingSms { .. }
            | Self::SubmittingSms { .. }
            | Self::ChoosingMethod { .. }
            | Self::TakingApart(_)
            | Self::Printing { .. }
            | Self::FetchingTexts { .. }
            | Self::Preparing { .. }
            | Self::Signing { .. }
            | Self::HandingIn { .. }
            | Self::Asking(_) => Patience::NotWaiting,
            Self::Online(online) => online.patience(),
            Self::Result { .. } => Patience::Own,
            Self::SmsCode(wait) => Patience::Until(wait.by),
            Self::Contract(contract) => {
                contract.code().map_or(Patience::Idle, |code| Patience::Until(code.by))
            }
            Self::Eligibility(_)
            | Self::Check(_)
            | Self::Notice(_)
            | Self::Login(_)
            | Self::Form(_)
            | Self::Review(_)
            | Self::SmsSend { .. }
            | Self::Method { .. }
            | Self::Paper(_)
            | Self::Printed
            | Self::Certificate(_)
            | Self::LastTry(_)
            | Self::Pin { .. }
            | Self::PinSet(_)
            | Self::Trouble(_) => Patience::Idle,
        }
    }

    /// Whether the card has to be in for the visit to go on here.
    pub(in crate::session) fn needs_card(&self) -> bool {
        match self {
            // Leaving here is leaving; what is handed in or printed needs no card; what became of a PIN is told at once.
            Self::Reading { .. }
            | Self::Eligibility(_)
            | Self::Check(_)
            | Self::Printing { .. }
            | Self::Printed
            | Self::HandingIn { .. }
            | Self::Asking(_)
            | Self::Result { .. }
            | Self::PinSet(_)
            | Self::Trouble(_) => false,
            Self::Notice(_)
            | Self::Opening(_)
            | Self::Login(_)
            | Self::LoggingIn(_)
            | Self::Form(_)
            | Self::Review(_)
            | Self::SubmittingForm { .. }
            | Self::SmsSend { .. }
            | Self::SendingSms { .. }
            | Self::SmsCode(_)
            | Self::SubmittingSms { .. }
            | Self::Method { .. }
            | Self::ChoosingMethod { .. }
            | Self::TakingApart(_)
            | Self::Paper(_)
            | Self::FetchingTexts { .. }
            | Self::Contract(_)
            | Self::Certificate(_)
            | Self::Preparing { .. }
            | Self::LastTry(_)
            | Self::Pin { .. } => true,
            Self::Online(online) => !online.is_report(),
            Self::Signing { .. } => self.new_pin().is_none(),
        }
    }

    /// The step line.
    pub(in crate::session) fn step(&self) -> Option<Step> {
        match self {
            Self::Reading { .. } | Self::Eligibility(_) | Self::Notice(_) => Some(Step::Card),
            Self::Opening(_)
            | Self::Login(_)
            | Self::LoggingIn(_)
            | Self::Form(_)
            | Self::Review(_)
            | Self::SubmittingForm { .. } => Some(Step::Details),
            Self::SmsSend { .. }
            | Self::SendingSms { .. }
            | Self::SmsCode(_)
            | Self::SubmittingSms { .. } => Some(Step::Phone),
            Self::Method { .. }
            | Self::ChoosingMethod { .. }
            | Self::FetchingTexts { .. }
            | Self::Contract(_)
            | Self::Certificate(_) => Some(Step::Contract),
            Self::Preparing { .. } | Self::LastTry(_) | Self::Pin { .. } | Self::Signing { .. } => {
                Some(Step::Pin)
            }
            Self::HandingIn { .. } | Self::Asking(_) | Self::Result { .. } => Some(Step::Result),
            Self::Check(_)
            | Self::TakingApart(_)
            | Self::Paper(_)
            | Self::Printing { .. }
            | Self::Printed
            | Self::PinSet(_)
            | Self::Online(_)
            | Self::Trouble(_) => None,
        }
    }

    /// A deadline of the portal that the person should see, and its whole.
    pub(in crate::session) fn visible_deadline(&self) -> Option<(Duration, Duration, Deadline)> {
        match self {
            Self::SmsCode(wait) | Self::SubmittingSms { wait, .. } => {
                Some((wait.by, wait.total, Deadline::Sms))
            }
            Self::Online(online) => {
                let code = online.code().map(|code| (code.by, code.total, Deadline::Code));
                online.visible_deadline().into_iter().chain(code).min_by_key(|(by, _, _)| *by)
            }
            Self::Reading { .. }
            | Self::Eligibility(_)
            | Self::Check(_)
            | Self::Notice(_)
            | Self::Opening(_)
            | Self::Login(_)
            | Self::LoggingIn(_)
            | Self::Form(_)
            | Self::Review(_)
            | Self::SubmittingForm { .. }
            | Self::SmsSend { .. }
            | Self::SendingSms { .. }
            | Self::Method { .. }
            | Self::ChoosingMethod { .. }
            | Self::TakingApart(_)
            | Self::Paper(_)
            | Self::Printing { .. }
            | Self::Printed
            | Self::FetchingTexts { .. }
            | Self::Contract(_)
            | Self::Certificate(_)
            | Self::Preparing { .. }
            | Self::LastTry(_)
            | Self::Pin { .. }
            | Self::Signing { .. }
            | Self::HandingIn { .. }
            | Self::Asking(_)
            | Self::Result { .. }
            | Self::PinSet(_)
            | Self::Trouble(_) => self.code().map(|code| (code.by, code.total, Deadline::Code)),
        }
    }
}
