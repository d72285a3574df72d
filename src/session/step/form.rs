//! The application form: four pages, a last look, and the portal's answer.
//!
//! What a field takes is known by the sheet; here the person moves through it.

use super::{Context, Next, portal_trouble, trouble, unexpected_page, way_back};
use crate::{
    link::{intent::Intent, view::Section},
    portal::{Action, Fault, Field, FieldId, Page, Quote},
    session::{
        Effect,
        fault::Cause,
        sheet::Sheet,
        stage::{Form, Stage, Trouble, Way},
    },
};

/// The form as the portal served it after the login.
pub(super) fn begin(fields: Vec<Field>, errors: Vec<(FieldId, Quote)>, cx: &mut Context<'_>) -> Stage {
    let sheet = Box::new(Sheet::new(fields, errors, &mut cx.visit.answers));
    if cx.visit.word.is_none() {
        cx.desk.emit(Effect::SuggestWord { visit: cx.visit.id });
    }
    let section = std::mem::replace(&mut cx.visit.land, Section::Reason);
    page(sheet, section, false, cx)
}

/// The form opened at a page.
fn page(sheet: Box<Sheet>, section: Section, correcting: bool, cx: &mut Context<'_>) -> Stage {
    turn(Box::new(Form { sheet, section, correcting, districts: None }), section, cx)
}

/// Another page of the form; asks for the districts where the province has other ones than are listed.
fn turn(mut form: Box<Form>, section: Section, cx: &mut Context<'_>) -> Stage {
    form.section = section;
    ask_districts(&mut form, cx);
    Stage::Form(form)
}

fn ask_districts(form: &mut Form, cx: &mut Context<'_>) {
    if let Some(province) = form.sheet.districts_wanted(&cx.visit.answers) {
        if form.districts.as_ref().is_some_and(|(_, asked)| *asked == province) {
            return;
        }
        if form.districts.take().is_some() {
            cx.desk.emit(Effect::CancelPortal);
        }
        form.sheet.clear_districts();
        let asked = cx.ask_portal(Action::Districts(province.expose().to_owned()));
        form.districts = Some((asked, province));
    }
}

pub(super) fn touched(mut form: Box<Form>, intent: &Intent, cx: &mut Context<'_>) -> Next {
    let today = cx.today();
    if let Intent::Fill { field, value } = intent {
        let taken = form.sheet.fill(*field, value, &mut cx.visit.answers, today);
        if taken && *field == FieldId::Province {
            ask_districts(&mut form, cx);
        }
    } else if *intent == Intent::TakeSuggestedWord {
        take_word(&mut form, cx);
    } else if *intent == Intent::Next {
        return forward(form, cx);
    } else if *intent == Intent::Back
        && let Some(section) = previous(form.section)
    {
        return Next::Go(turn(form, section, cx));
    }
    Next::Stay(Stage::Form(form))
}

fn forward(mut form: Box<Form>, cx: &mut Context<'_>) -> Next {
    let fits = form.sheet.judge_all(Some(form.section), &cx.visit.answers, cx.today());
    let after = next(form.section).filter(|_| !form.correcting);
    let listing = form.districts.is_some();
    match after {
        Some(section) if fits && !(listing && form.section == Section::Address) => {
            Next::Go(turn(form, section, cx))
        }
        None if fits && !listing => Next::Go(Stage::Review(form.sheet)),
        Some(_) | None => Next::Stay(Stage::Form(form)),
    }
}

fn take_word(form: &mut Form, cx: &mut Context<'_>) {
    if let Some(word) = cx.visit.word.clone() {
        let today = cx.today();
        for id in [FieldId::SecurityWord, FieldId::SecurityWordRepeat] {
            form.sheet.fill(id, &word, &mut cx.visit.answers, today);
        }
    }
}

fn next(section: Section) -> Option<Section> {
    match section {
        Section::Reason => Some(Section::Institution),
        Section::Institution => Some(Section::Address),
        Section::Address => Some(Section::Contact),
        Section::Contact => None,
    }
}

fn previous(section: Section) -> Option<Section> {
    match section {
        Section::Reason => None,
        Section::Institution => Some(Section::Reason),
        Section::Address => Some(Section::Institution),
        Section::Contact => Some(Section::Address),
    }
}

/// The districts came, or did not.
pub(super) fn districts(mut form: Box<Form>, result: Result<Page, Fault>, cx: &mut Context<'_>) -> Next {
    let Some((_, province)) = form.districts.take() else { return Next::Stay(Stage::Form(form)) };
    match result {
        Ok(Page::Districts(districts)) => {
            form.sheet.set_districts(province, districts, &mut cx.visit.answers);
            Next::Stay(Stage::Form(form))
        }
        Ok(_) => unexpected_page(),
        // Asking for a list changes nothing at the portal: it can be asked again.
        Err(fault) if is_passing(&fault) => portal_trouble(&fault, Way::Page(Box::new(Stage::Form(form)))),
        Err(fault) => portal_trouble(&fault, Way::Open),
    }
}

/// Faults after which the portal's session still stands.
pub(super) fn is_passing(fault: &Fault) -> bool {
    match fault {
        Fault::Unreachable
        | Fault::Interrupted
        | Fault::Timeout
        | Fault::Status(_)
        | Fault::WebService(_) => true,
        Fault::NotEligible(_)
        | Fault::Tls
        | Fault::Oversize { .. }
        | Fault::Malformed(_)
        | Fault::UnknownPage
        | Fault::ChangedForm(_)
        | Fault::OffHost
        | Fault::SessionEnded
        | Fault::SmsExpired
        | Fault::CodeExpired
        | Fault::CodeUnknown
        | Fault::SignatureRefused(_)
        | Fault::OutOfOrder => false,
    }
}

/// Shows a page of the form again after trouble, asking for what it lacks.
pub(super) fn again(form: Box<Form>, cx: &mut Context<'_>) -> Stage {
    let section = form.section;
    turn(form, section, cx)
}

pub(super) fn review(mut sheet: Box<Sheet>, intent: &Intent, cx: &mut Context<'_>) -> Next {
    if let Intent::Edit(section) = intent {
        return Next::Go(page(sheet, *section, true, cx));
    }
    if *intent == Intent::Back {
        return Next::Go(page(sheet, Section::Contact, false, cx));
    }
    if *intent == Intent::Next {
        if !sheet.judge_all(None, &cx.visit.answers, cx.today()) {
            let section = sheet.first_wrong().unwrap_or(Section::Reason);
            return Next::Go(page(sheet, section, true, cx));
        }
        let asked = cx.ask_portal(Action::SubmitForm(sheet.to_send(&cx.visit.answers)));
        return Next::Go(Stage::SubmittingForm { asked, sheet });
    }
    Next::Stay(Stage::Review(sheet))
}

pub(super) fn answered(sheet: Box<Sheet>, result: Result<Page, Fault>, cx: &mut Context<'_>) -> Next {
    match result {
        Ok(Page::SmsSend { phone }) => {
            cx.visit.confirmed = Some(sheet);
            Next::Go(Stage::SmsSend { phone })
        }
        Ok(Page::Form { fields, errors }) => {
            let refused = !errors.is_empty();
            let sheet = Box::new(Sheet::new(fields, errors, &mut cx.visit.answers));
            if let Some(quote) = sheet.refused_for_good(&cx.visit.answers).cloned() {
                let cause = Cause::RegisterRefused;
                return Next::Go(Stage::Trouble(Box::new(Trouble {
                    cause,
                    quote: Some(quote),
                    way: Way::Nothing,
                })));
            }
            match sheet.first_wrong().filter(|_| refused) {
                Some(section) => Next::Go(page(sheet, section, true, cx)),
                // Served again without a word why.
                None => trouble(Cause::PortalError, Way::Page(Box::new(Stage::Review(sheet)))),
            }
        }
        Ok(_) => unexpected_page(),
        Err(fault) => {
            let way = way_back(&fault, Stage::Review(sheet));
            portal_trouble(&fault, way)
        }
    }
}
