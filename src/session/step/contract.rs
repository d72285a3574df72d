//! From the choice of method to a contract that was read: the code, the texts, the comparison.
//!
//! Nothing is signed here; a contract that differs from the form never comes to a signature.

use super::{
    Context, Next, assist, check, paper, portal_trouble, signing, trouble, unexpected_page, way_back,
};
use crate::{
    link::{intent::Intent, pin::MOST_TEXTS, view::Service},
    portal::{Action, Fault, Method, Page, SigningText},
    session::{
        compare,
        fault::Cause,
        sheet::section_of,
        stage::{Code, Contract, Stage, Subject, Way},
        step::{form::is_passing, outcome},
    },
};

/// Shows the methods, unless there is nothing to choose.
pub(super) fn offer(offered: Vec<Method>, cx: &mut Context<'_>) -> Next {
    if cx.visit.service == Service::WetInk && offered.contains(&Method::WetInk) {
        return paper::choose(cx);
    }
    match offered.as_slice() {
        [] => unexpected_page(),
        [Method::Electronic] if cx.visit.service == Service::WetInk => unexpected_page(),
        [Method::Electronic] => electronic(offered, cx),
        [Method::WetInk] if cx.settings().printing.is_some() => by_hand(cx),
        [Method::WetInk] => trouble(Cause::WetInk, Way::Nothing),
        _ => Next::Go(Stage::Method { offered }),
    }
}

/// A renewal becomes an application on paper: nothing is signed with the card any more.
fn by_hand(cx: &mut Context<'_>) -> Next {
    cx.visit.service = Service::WetInk;
    paper::choose(cx)
}

fn electronic(offered: Vec<Method>, cx: &mut Context<'_>) -> Next {
    let asked = cx.ask_portal(Action::ChooseMethod(Method::Electronic));
    Next::Go(Stage::ChoosingMethod { asked, method: Method::Electronic, offered })
}

pub(super) fn method(offered: Vec<Method>, intent: &Intent, cx: &mut Context<'_>) -> Next {
    if let Intent::Method(method) = intent
        && offered.contains(method)
    {
        return match method {
            Method::Electronic => electronic(offered, cx),
            Method::WetInk if cx.settings().printing.is_some() => by_hand(cx),
            Method::WetInk => trouble(Cause::WetInk, Way::Page(Box::new(Stage::Method { offered }))),
        };
    }
    Next::Stay(Stage::Method { offered })
}

pub(super) fn chosen(offered: Vec<Method>, result: Result<Page, Fault>, cx: &mut Context<'_>) -> Next {
    match result {
        Ok(Page::Signing { code, remaining }) => {
            let code = Code { digits: code, by: cx.now.mono + remaining, total: remaining };
            // A code whose signatures were handed in is asked about, never signed for again (invariant 3).
            if cx.visit.handed_in.contains(&code.digits) {
                return outcome::ask(code, false, cx);
            }
            fetch(code, cx)
        }
        Ok(_) => unexpected_page(),
        Err(fault) => {
            let way = way_back(&fault, Stage::Method { offered });
            portal_trouble(&fault, way)
        }
    }
}

/// Asks for the texts behind a code. Asking changes nothing: it can be done again.
pub(super) fn fetch(code: Code, cx: &mut Context<'_>) -> Next {
    let asked = cx.ask_portal(Action::FetchTexts(code.digits.clone()));
    Next::Go(Stage::FetchingTexts { asked, code })
}

pub(super) fn fetched(code: Code, result: Result<Page, Fault>, cx: &mut Context<'_>) -> Next {
    match result {
        Ok(Page::Texts(texts)) => show(code, texts, cx),
        Ok(_) => unexpected_page(),
        Err(fault) if is_passing(&fault) => portal_trouble(&fault, Way::Fetch(code)),
        Err(fault) => portal_trouble(&fault, Way::Open),
    }
}

fn show(code: Code, texts: Vec<SigningText>, cx: &mut Context<'_>) -> Next {
    if !(1..=MOST_TEXTS).contains(&texts.len()) || !texts.iter().all(compare::is_showable) {
        return trouble(Cause::TextUnreadable, Way::Open);
    }
    let (visit, labels) = (&*cx.visit, &cx.desk.settings.contract_labels);
    let said = |id| visit.confirmed.as_ref().and_then(|sheet| sheet.shown(id, &visit.answers));
    let lines = compare::compare(&texts[0], labels, said);
    Next::Go(Stage::Contract(Box::new(Contract { subject: Subject::Application(code), texts, lines })))
}

/// The contract was read to its end; only the touch that says so leads on (invariant 1).
pub(super) fn read(contract: Box<Contract>, intent: &Intent, cx: &mut Context<'_>) -> Next {
    if let (Intent::Back, Subject::Trial(_)) = (intent, &contract.subject) {
        return check::not_tried(*contract, cx);
    }
    if let (Intent::Back, Subject::Assistance(_)) = (intent, &contract.subject) {
        return assist::not_shown();
    }
    if *intent != Intent::ContractRead {
        return Next::Stay(Stage::Contract(contract));
    }
    let own = match &contract.subject {
        Subject::Trial(trial) => Some(trial.certificate),
        Subject::Login(login) => Some(login.certificate),
        Subject::Assistance(assistance) => Some(assistance.certificate.fingerprint()),
        Subject::Application(_) | Subject::NewPin(_) => None,
    };
    if let Some(certificate) = own {
        return signing::begin(contract, certificate, cx);
    }
    if let Some(line) = contract.lines.iter().find(|line| line.form_says.is_some()) {
        cx.visit.land = section_of(line.id);
        return trouble(Cause::ContractDiffers, Way::Open);
    }
    match cx.visit.usable.as_slice() {
        [] => trouble(Cause::NoCertificate, Way::Nothing),
        [only] => {
            let fingerprint = only.fingerprint();
            signing::begin(contract, fingerprint, cx)
        }
        _ => Next::Go(Stage::Certificate(contract)),
    }
}

pub(super) fn certificate(contract: Box<Contract>, intent: &Intent, cx: &mut Context<'_>) -> Next {
    if let Intent::Certificate(index) = intent
        && let Some(chosen) = cx.visit.usable.get(usize::from(*index))
    {
        let fingerprint = chosen.fingerprint();
        return signing::begin(contract, fingerprint, cx);
    }
    if *intent == Intent::Back {
        return Next::Go(Stage::Contract(contract));
    }
    Next::Stay(Stage::Certificate(contract))
}
