//! What portal and signer may answer and a finger may touch, by number.

use std::time::Duration;

use super::{super::world::paper as papers, World};
use crate::{
    link::{
        intent::Intent,
        paper,
        signer::{Fault as SignerFault, Reply, RequestId, TriesLeft},
        view::{Contrast, Language, Section, Service},
    },
    portal::{Fault, FieldId, Method, OnlineLogin, OnlineService, Page, Pdf, Quote, RefusedSignature},
    printer::{self, News},
    redact::PortalSecret,
    session::{Event, OpId, VisitId, fault::Advice},
};

pub(super) fn portal_answer(world: &World, kind: u8) -> Result<Page, Fault> {
    let quote = || Quote(format!("Portalın sözü {}", world.mark()).into());
    let pages = [
        Page::Received,
        Page::SignaturesTaken,
        Page::Districts(Vec::new()),
        Page::SmsSend { phone: world.mark().into() },
        Page::SmsCode { remaining: Duration::from_secs(200), wrong: true },
        Page::Method { offered: vec![Method::Electronic] },
        Page::Method { offered: vec![Method::WetInk] },
        Page::Signing { code: world.code(), remaining: Duration::from_secs(100) },
        Page::Texts(Vec::new()),
        Page::WetInkPaper(Pdf(format!("%PDF {}", world.mark()).into_bytes().into())),
        Page::OnlineEntry { offered: Vec::new() },
        Page::OnlineEntry { offered: vec![OnlineLogin::Signature] },
        Page::OnlineChallenge {
            challenge: format!("fedcba9876543210-{}", world.mark()).try_into().expect("base64url"),
            remaining: Duration::from_secs(40),
        },
        world.online_login(true, None),
        world.online_login(false, Some(quote())),
        world.word_reset(false, Some(quote())),
        Page::WordSet,
        Page::OnlineServices { offered: vec![OnlineService::NewPin] },
        Page::OnlineServices { offered: vec![OnlineService::Unblock] },
        Page::NewCardPin {
            pin: PortalSecret::new(format!("PIN-{}", world.mark())),
            usable_from: String::new(),
            remaining: Duration::from_secs(30),
        },
        Page::UnblockCode { code: world.code(), remaining: Duration::from_secs(100) },
        Page::UnblockSms { remaining: Duration::from_secs(100), wrong: true },
        Page::UnblockGrant { puk: PortalSecret::new(format!("PUK-{}", world.mark())) },
        Page::UnblockReported,
        world.login_page(true, None),
        world.login_page(false, Some(quote())),
        Page::Form { fields: world.form_fields(), errors: vec![(FieldId::Email, quote())] },
        Page::Form { fields: world.form_fields(), errors: Vec::new() },
    ];
    let faults = [
        Fault::NotEligible(quote()),
        Fault::WebService(quote()),
        Fault::Unreachable,
        Fault::Interrupted,
        Fault::Timeout,
        Fault::Tls,
        Fault::Status(500),
        Fault::Oversize { limit: 1 },
        Fault::Malformed("x"),
        Fault::UnknownPage,
        Fault::ChangedForm("x"),
        Fault::OffHost,
        Fault::SessionEnded,
        Fault::SmsExpired,
        Fault::CodeExpired,
        Fault::CodeUnknown,
        Fault::SignatureRefused(RefusedSignature::WrongText),
        Fault::SignatureRefused(RefusedSignature::CodeUsed),
        Fault::OutOfOrder,
    ];
    let mut all: Vec<Result<Page, Fault>> = pages.into_iter().map(Ok).collect();
    all.extend(faults.into_iter().map(Err));
    all.swap_remove(usize::from(kind) % all.len())
}

/// Both kinds of answers, of which one fits what is under way.
pub(super) fn paper_answers(world: &World, kind: u8, visit: VisitId, op: OpId) -> [Event; 2] {
    let taken_apart = [
        Ok(papers(&world.mark())),
        Err(paper::Fault::Lost),
        Err(paper::Refusal::Unreadable.into()),
        Err(paper::Refusal::Pages.into()),
    ];
    let printer = [
        Ok(News::Printing),
        Ok(News::OutOfPaper),
        Ok(News::Done),
        Err(printer::Fault::Unreachable),
        Err(printer::Fault::Unfit),
        Err(printer::Fault::Failed),
    ];
    let kind = usize::from(kind);
    [
        Event::Paper { visit, op, result: taken_apart[kind % taken_apart.len()].clone() },
        Event::Printer { visit, op, result: printer[kind % printer.len()] },
    ]
}

pub(super) fn signer_answer(world: &World, kind: u8) -> Result<Reply, SignerFault> {
    use SignerFault as F;
    // Whatever it says, it does not make one card of another.
    let certificates = world.test_card().map(|card| card.certificates.clone()).unwrap_or_default();
    let mut all = vec![
        Ok(Reply::Done),
        Ok(Reply::Card { certificates, tries: TriesLeft::Known(3) }),
        Ok(Reply::Card { certificates: Vec::new(), tries: TriesLeft::Unknown }),
        Ok(Reply::Prepared { request: RequestId([200; 16]), tries: TriesLeft::Known(1) }),
        Ok(Reply::Prepared { request: RequestId([201; 16]), tries: TriesLeft::Locked }),
        Ok(Reply::Signed(vec![vec![9], vec![9]])),
        Ok(Reply::Signed(Vec::new())),
        Ok(Reply::Signed(vec![vec![9]])),
    ];
    let faults = [
        F::NoCard,
        F::CardPulled,
        F::CardMute,
        F::UnknownCard,
        F::NoCertificate,
        F::OtherCard,
        F::WrongPin { tries: TriesLeft::Known(2) },
        F::WrongPin { tries: TriesLeft::Known(1) },
        F::WrongPin { tries: TriesLeft::Unknown },
        F::WrongPin { tries: TriesLeft::Locked },
        F::PinLocked,
        F::WrongPuk { tries: TriesLeft::Known(2) },
        F::PukLocked,
        F::UnfitPin,
        F::ChangeUnknown,
        F::NotSupported,
        F::NoSuchRequest,
        F::Expired,
        F::Abandoned,
        F::OtherTextShown,
        F::BadText,
        F::ModuleHung,
        F::ModuleFailed,
        F::SelfCheckFailed,
        F::ReaderBusy,
        F::SignerLost,
    ];
    all.extend(faults.map(Err));
    all.swap_remove(usize::from(kind) % all.len())
}

pub(super) fn intent(world: &World, kind: u8) -> Intent {
    let mark = world.mark();
    let mut all = vec![
        Intent::Present,
        Intent::Next,
        Intent::Back,
        Intent::Back,
        Intent::Cancel,
        Intent::ConfirmCancel,
        Intent::Stay,
        Intent::CallStaff,
        Intent::Service(Service::CardCheck),
        Intent::Service(Service::ChangePin),
        Intent::Service(Service::WetInk),
        Intent::NoCard,
        Intent::Service(Service::NewPin),
        Intent::Service(Service::Unblock),
        Intent::LoginWay(OnlineLogin::Signature),
        Intent::LoginWay(OnlineLogin::Password),
        Intent::ForgottenWord,
        Intent::Fill { field: FieldId::SecurityWord, value: format!("Eski-{mark}").into() },
        Intent::Service(Service::Assisted),
        Intent::Language(Language::English),
        Intent::Contrast(Contrast::High),
        Intent::NewCaptcha,
        Intent::TakeSuggestedWord,
        Intent::WrongNumber,
        Intent::ContractRead,
        Intent::AcceptLastTry,
        Intent::SmsCode("123456".into()),
        Intent::SmsCode(mark.clone().into()),
        Intent::Method(Method::WetInk),
        Intent::Method(Method::Electronic),
        Intent::Certificate(7),
        Intent::PinSent(RequestId([1; 16])),
        Intent::Edit(Section::Address),
        Intent::Fill { field: FieldId::Province, value: "06".into() },
        Intent::Fill { field: FieldId::Address, value: format!("Başka {mark}").into() },
        Intent::Fill { field: FieldId::NationalId, value: "1".into() },
        Intent::Fill { field: FieldId::Email, value: "x".into() },
    ];
    let advice = [
        Advice::TryAgain,
        Advice::StartOver,
        Advice::CorrectForm,
        Advice::ReinsertCard,
        Advice::CallStaff,
        Advice::Renew,
        Advice::UnblockHere,
        Advice::TestSignature,
        Advice::WetInk,
        Advice::Finish,
    ];
    all.extend(advice.map(Intent::Advice));
    all.swap_remove(usize::from(kind) % all.len())
}
