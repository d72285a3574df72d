//! Method 1: the portal's document taken apart, read page by page, printed.
//!
//! What is on a page nobody here knows; that it is signed by hand, and delivered, is the person's to do.

use super::{Context, Ending, Next, portal_trouble, trouble, unexpected_page};
use crate::{
    link::{
        intent::Intent,
        paper::{self, Note, Paper},
        view::Service,
    },
    portal::{self, Action, Method, Pdf},
    printer::{self, News},
    session::{
        Effect,
        fault::Cause,
        settings::Printing,
        stage::{Asked, Sheets, Stage, Way},
        step::form::is_passing,
        visit::Presence,
    },
};

/// Whatever the card says of itself, if there is one: what is asked next does not hang on it. One that told nothing it
/// could be known by again is not waited for either: it is taken out as if it had never been there.
pub(in crate::session) fn begin(cx: &mut Context<'_>) -> Stage {
    if cx.visit.fingerprints.is_empty() {
        cx.visit.presence = Presence::None;
    }
    Stage::Notice(None)
}

/// From a card that cannot renew any more to the way on paper.
pub(super) fn instead(cx: &mut Context<'_>) -> Next {
    cx.visit.service = Service::WetInk;
    Next::Go(begin(cx))
}

/// Asks for the document of method 1. Asking again gives the same.
pub(super) fn choose(cx: &mut Context<'_>) -> Next {
    let asked = cx.ask_portal(Action::ChooseMethod(Method::WetInk));
    Next::Go(Stage::ChoosingMethod { asked, method: Method::WetInk, offered: vec![Method::WetInk] })
}

/// The portal answered.
pub(super) fn chosen(result: Result<portal::Page, portal::Fault>, cx: &mut Context<'_>) -> Next {
    match result {
        Ok(portal::Page::WetInkPaper(pdf)) => take_apart(pdf, cx),
        Ok(_) => unexpected_page(),
        Err(fault) if is_passing(&fault) => portal_trouble(&fault, Way::Document),
        Err(fault) => portal_trouble(&fault, Way::Open),
    }
}

fn take_apart(pdf: Pdf, cx: &mut Context<'_>) -> Next {
    let settings = cx.settings();
    let Some(Printing { deliver_to, taken_apart_s, .. }) = &settings.printing else {
        return trouble(Cause::WetInk, Way::Nothing);
    };
    let note = Note {
        language: cx.desk.preferences.language,
        deliver_to: deliver_to.clone(),
        phone: settings.help.phone.clone(),
        email: settings.help.email.clone(),
    };
    let by = cx.in_seconds(*taken_apart_s);
    let op = cx.desk.next_op();
    cx.desk.emit(Effect::TakeApart { visit: cx.visit.id, op, pdf, note });
    Next::Go(Stage::TakingApart(Asked { op, by }))
}

/// The document was taken apart, or not.
pub(in crate::session) fn taken_apart(
    stage: Stage,
    result: Result<Paper, paper::Fault>,
    cx: &mut Context<'_>,
) -> Next {
    match (stage, result) {
        (Stage::TakingApart(_), Ok(paper)) => {
            cx.desk.emit(Effect::ClosePortal);
            Next::Go(Stage::Paper(Sheets { paper, at: 0 }))
        }
        (Stage::TakingApart(_), Err(_)) => trouble(Cause::PaperUnreadable, Way::Document),
        (other, _) => Next::Stay(other),
    }
}

/// The document is read; its last page is the one it is printed from.
pub(super) fn read(sheets: Sheets, intent: &Intent, cx: &mut Context<'_>) -> Next {
    let Sheets { paper, at } = sheets;
    let last = at + 1 == paper.leaves().len();
    if *intent == Intent::Next {
        return if last { print(paper, cx) } else { Next::Go(Stage::Paper(Sheets { paper, at: at + 1 })) };
    }
    if *intent == Intent::Back && at > 0 {
        return Next::Go(Stage::Paper(Sheets { paper, at: at - 1 }));
    }
    Next::Stay(Stage::Paper(Sheets { paper, at }))
}

fn print(paper: Paper, cx: &mut Context<'_>) -> Next {
    let Some(Printing { wait_s, .. }) = &cx.settings().printing else {
        return trouble(Cause::WetInk, Way::Nothing);
    };
    let by = cx.in_seconds(*wait_s);
    let op = cx.desk.next_op();
    cx.desk.emit(Effect::Print { visit: cx.visit.id, op, paper: paper.clone() });
    let sheets = Sheets { at: paper.leaves().len() - 1, paper };
    Next::Go(Stage::Printing { asked: Asked { op, by }, sheets, out_of_paper: false })
}

/// The printer said how far it is.
pub(in crate::session) fn printed(
    stage: Stage,
    result: Result<News, printer::Fault>,
    cx: &mut Context<'_>,
) -> Next {
    let Stage::Printing { asked, sheets, out_of_paper: before } = stage else { return Next::Stay(stage) };
    let news = |out_of_paper| {
        let stage = Stage::Printing { asked, sheets: sheets.clone(), out_of_paper };
        // Somebody has to act, or has: that is told as a page is.
        if out_of_paper == before { Next::Stay(stage) } else { Next::Go(stage) }
    };
    match result {
        // The sheets are the person's now; nothing of them stays here.
        Ok(News::Done) => {
            cx.desk.emit(Effect::DropPaper);
            Next::Go(Stage::Printed)
        }
        Ok(News::Printing) => news(false),
        Ok(News::OutOfPaper) => news(true),
        Err(fault) => not_printed(Cause::from(fault), sheets),
    }
}

/// Time is over: whatever is still at the printer is called off.
pub(super) fn not_in_time(sheets: Sheets, out_of_paper: bool, cx: &mut Context<'_>) -> Next {
    cx.desk.emit(Effect::DropPaper);
    not_printed(if out_of_paper { Cause::PrinterOutOfPaper } else { Cause::PrinterFailed }, sheets)
}

fn not_printed(cause: Cause, sheets: Sheets) -> Next {
    trouble(cause, Way::Page(Box::new(Stage::Paper(sheets))))
}

/// The sheets were taken.
pub(super) fn done(intent: &Intent) -> Next {
    if *intent == Intent::Next { Next::End(Ending::Served) } else { Next::Stay(Stage::Printed) }
}
