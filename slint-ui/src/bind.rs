//! View → properties of the pages, and nothing else: the one place that knows both.
//!
//! It keeps the lists the pages draw from and decides nothing.

mod fields;
mod findings;
mod head;
mod paper;

use std::rc::Rc;

use eimza_kiosk::{
    link::{
        signer::TriesLeft,
        view::{self, Page, SmsPurpose},
    },
    portal::{Captcha, Method, OnlineLogin},
    session::fault::Advice,
};
use slint::{Global as _, Image, Model as _, ModelRc, Rgba8Pixel, SharedPixelBuffer, VecModel};

pub use self::head::{frame, speak};
use crate::{
    names,
    texts::Texts,
    ui::{
        AdviceName, AnswerRow, CauseName, CertificateRow, ComparedName, FieldRow, FindingRow, Frame,
        KioskWindow, Local, NewPinStep, PageName, PinProblem, ServiceName, Shown, TextRow,
    },
};

/// Characters from which an answer has a row of its own.
const LONG_ANSWER: usize = 44;

/// The lists behind the pages; changed in place, so that a page survives a view that changes little.
#[derive(Default)]
pub struct Lists {
    fields: Rc<VecModel<FieldRow>>,
    answers: Rc<VecModel<AnswerRow>>,
    text: Rc<VecModel<TextRow>>,
    certificates: Rc<VecModel<CertificateRow>>,
    advice: Rc<VecModel<AdviceName>>,
    ways: Rc<VecModel<AdviceName>>,
    services: Rc<VecModel<ServiceName>>,
    findings: Rc<VecModel<FindingRow>>,
}

impl Lists {
    /// Gives the pages their lists.
    #[must_use]
    pub fn new(window: &KioskWindow) -> Self {
        let lists = Self::default();
        let shown = Shown::get(window);
        shown.set_fields(ModelRc::from(lists.fields.clone()));
        shown.set_answers(ModelRc::from(lists.answers.clone()));
        shown.set_text(ModelRc::from(lists.text.clone()));
        shown.set_certificates(ModelRc::from(lists.certificates.clone()));
        shown.set_advice(ModelRc::from(lists.advice.clone()));
        shown.set_ways(ModelRc::from(lists.ways.clone()));
        shown.set_services(ModelRc::from(lists.services.clone()));
        shown.set_findings(ModelRc::from(lists.findings.clone()));
        lists
    }

    /// The field with this index.
    #[must_use]
    pub fn field(&self, index: i32) -> Option<FieldRow> {
        self.fields.row_data(usize::try_from(index).ok()?)
    }

    /// The first field that is wrong.
    #[must_use]
    pub fn first_wrong(&self) -> Option<i32> {
        let wrong = self.fields.iter().position(|it| it.error != crate::ui::ErrorName::None)?;
        i32::try_from(wrong).ok()
    }

    /// Forgets everything any page showed.
    pub fn blank(&self, window: &KioskWindow) {
        self.fields.set_vec([]);
        self.answers.set_vec([]);
        self.text.set_vec([]);
        self.certificates.set_vec([]);
        self.advice.set_vec([]);
        self.ways.set_vec([]);
        self.services.set_vec([]);
        self.findings.set_vec([]);
        let shown = Shown::get(window);
        shown.set_captcha(Image::default());
        shown.set_paper(Image::default());
        for set in [
            Shown::set_refusal,
            Shown::set_suggested_word,
            Shown::set_word_hint,
            Shown::set_phone,
            Shown::set_delivery_address,
            Shown::set_usable_from,
            Shown::set_security_word,
            Shown::set_quote,
            Shown::set_reference,
            Shown::set_holder,
            Shown::set_valid_until,
            Shown::set_possible_from,
            Shown::set_deliver_to,
            Shown::set_new_card_pin,
        ] {
            set(&shown, "".into());
        }
        shown.set_wrong_captcha(false);
        shown.set_sms_wrong(false);
        shown.set_sms_late(false);
        shown.set_pin_wrong(false);
        shown.set_pin_length(0);
        shown.set_keypad(false);
        shown.set_reader_keys(false);
        shown.set_pin_sending(false);
        shown.set_pin_problem(PinProblem::None);
        shown.set_new_pin_step(NewPinStep::Old);
        shown.set_tries(-1);
        shown.set_cause(CauseName::None);
        shown.set_alarm(false);
        shown.set_on_paper(false);
        shown.set_without_card(false);
        shown.set_out_of_paper(false);
        shown.set_paper_number(0);
        shown.set_offers_trial(false);
        shown.set_other_card(false);
        shown.set_texts(0);
        shown.set_differences(0);
        shown.set_read_to_end(false);
        shown.set_correctable(true);
        shown.set_sms_second(false);
        shown.set_card_at_work(false);
        let local = Local::get(window);
        local.set_editing(-1);
        local.set_before("".into());
        local.set_after("".into());
        local.set_code("".into());
        local.set_consent(false);
        local.set_field_page(0);
        local.set_answer_page(0);
        local.set_choice_page(0);
        local.set_look_at(-1);
        local.set_choosing(false);
        local.set_reading_first(false);
    }

    /// Shows the texts to be signed.
    pub fn texts(&self, window: &KioskWindow, texts: &Texts) {
        let rows: Vec<_> = texts
            .stretches
            .iter()
            .map(|it| TextRow {
                text: it.words.expose().into(),
                heading: i32::try_from(it.heading).unwrap_or(0),
                compared: match &it.compared {
                    None => ComparedName::None,
                    Some((_, None)) => ComparedName::Same,
                    Some((_, Some(_))) => ComparedName::Differs,
                },
                id: it.compared.as_ref().map_or(Default::default(), |(id, _)| names::field(*id)),
                form_says: match &it.compared {
                    Some((_, Some(says))) => says.expose().into(),
                    Some((_, None)) | None => "".into(),
                },
            })
            .collect();
        let differences = rows.iter().filter(|it| it.compared == ComparedName::Differs).count();
        let shown = Shown::get(window);
        shown.set_texts(i32::try_from(texts.digests.len()).unwrap_or(0));
        shown.set_differences(i32::try_from(differences).unwrap_or(0));
        self.text.set_vec(rows);
    }

    /// Shows the page of a view. The texts of a signing dialogue and the PIN are not its business.
    pub fn page(&self, window: &KioskWindow, page: &Page) {
        let shown = Shown::get(window);
        match page {
            Page::Starting
            | Page::ReadingCard
            | Page::WordSet
            | Page::Signing
            | Page::ThankYou
            | Page::Contract { .. }
            | Page::LastTry { .. } => {}
            Page::Attract { services } => {
                refresh(&self.services, services.iter().map(|it| names::service(*it)).collect());
            }
            Page::InsertCard { service, without } => {
                shown.set_service(names::service(*service));
                shown.set_without_card(*without);
            }
            Page::Paper { page, number, of } => {
                shown.set_paper(paper::image(window, page));
                shown.set_paper_number(i32::from(*number));
                shown.set_paper_of(i32::from(*of));
            }
            Page::Printing { out_of_paper } => shown.set_out_of_paper(*out_of_paper),
            Page::Printed { deliver_to } => shown.set_deliver_to(deliver_to.into()),
            Page::Notice { service } => shown.set_service(names::service(*service)),
            Page::HandOver { card } => shown.set_hand_over(names::hand_over(*card)),
            Page::LoginWay { offered } => {
                shown.set_offers_signature(offered.contains(&OnlineLogin::Signature));
                shown.set_offers_password(offered.contains(&OnlineLogin::Password));
            }
            Page::PinSet { kind } => shown.set_new_pin_kind(names::new_pin_kind(*kind)),
            // The PIN is drawn by a finger that is held.
            Page::NewCardPin { pin: _, usable_from } => shown.set_usable_from(usable_from.into()),
            Page::CardCheck { findings, advice } => {
                refresh(&self.findings, findings.iter().map(|it| findings::row(it, advice)).collect());
                shown.set_overall(names::light(view::overall(findings)));
                shown.set_on_paper(advice.contains(&Advice::WetInk));
                shown.set_offers_trial(advice.contains(&Advice::TestSignature));
                let ways = advice.iter().filter(|it| **it != Advice::TestSignature);
                refresh(&self.ways, ways.map(|it| names::advice(*it)).collect());
            }
            Page::OutOfService { cause } => shown.set_cause(names::cause(*cause)),
            Page::Eligibility { holder, valid_until, days_left, verdict, possible_from, on_paper } => {
                shown.set_on_paper(*on_paper);
                shown.set_holder(holder.expose().into());
                shown.set_valid_until(valid_until.into());
                shown.set_days_left(i32::try_from(*days_left).unwrap_or(i32::MAX));
                shown.set_cause(verdict.as_ref().err().map_or(CauseName::None, |it| names::cause(*it)));
                shown.set_possible_from(possible_from.as_deref().unwrap_or_default().into());
            }
            Page::Login { kind, captcha, fields, wrong_captcha, refusal, suggested_word } => {
                shown.set_login_kind(names::login_kind(*kind));
                shown.set_suggested_word(suggested_word.as_ref().map_or("", |it| it.expose()).into());
                shown.set_captcha(picture(captcha));
                refresh(&self.fields, fields::rows(fields, &self.fields));
                shown.set_wrong_captcha(*wrong_captcha);
                shown.set_refusal(refusal.as_ref().map_or("", |it| it.0.expose()).into());
            }
            Page::Form { section, fields, suggested_word, word_hint } => {
                shown.set_section(names::section(*section));
                refresh(&self.fields, fields::rows(fields, &self.fields));
                shown.set_suggested_word(suggested_word.as_ref().map_or("", |it| it.expose()).into());
                shown.set_word_hint(word_hint.as_deref().unwrap_or_default().into());
            }
            Page::Review { rows } => refresh(&self.answers, rows.iter().map(answer_row).collect()),
            Page::SmsSend { phone, correctable } => {
                shown.set_phone(phone.expose().into());
                shown.set_correctable(*correctable);
            }
            Page::SmsCode { wrong, late, digits, purpose } => {
                shown.set_sms_second(*purpose == SmsPurpose::Unblocking);
                shown.set_correctable(*purpose == SmsPurpose::Application);
                shown.set_sms_wrong(*wrong);
                shown.set_sms_late(*late);
                shown.set_sms_digits(i32::from(*digits));
            }
            Page::Method { offered, on_paper } => {
                shown.set_on_paper(*on_paper);
                shown.set_offers_wet_ink(offered.contains(&Method::WetInk));
                shown.set_offers_electronic(offered.contains(&Method::Electronic));
            }
            Page::Certificate { choices } => refresh(
                &self.certificates,
                choices
                    .iter()
                    .map(|it| CertificateRow {
                        index: i32::from(it.index),
                        holder: it.holder.expose().into(),
                        valid_until: (&it.valid_until).into(),
                    })
                    .collect(),
            ),
            Page::NewPin { kind, tries, wrong, .. } => {
                shown.set_new_pin_kind(names::new_pin_kind(*kind));
                shown.set_tries(tries_left(*tries));
                shown.set_pin_wrong(*wrong);
            }
            Page::Pin { tries, wrong, .. } => {
                shown.set_tries(tries_left(*tries));
                shown.set_pin_wrong(*wrong);
            }
            Page::Busy { what } => shown.set_busy(names::busy(*what)),
            Page::Result { delivery_address, usable_from, security_word, pin_here } => {
                shown.set_delivery_address(delivery_address.expose().into());
                shown.set_usable_from(usable_from.into());
                shown.set_security_word(security_word.expose().into());
                shown.set_pin_here(*pin_here);
            }
            Page::CardPulled { kept, other_card } => {
                shown.set_kept(names::kept(*kept));
                shown.set_other_card(*other_card);
            }
            Page::Trouble { cause, advice, quote, reference } => {
                shown.set_cause(names::cause(*cause));
                refresh(&self.advice, advice.iter().map(|it| names::advice(*it)).collect());
                let ways = advice.iter().filter(|it| names::is_way(**it));
                refresh(&self.ways, ways.map(|it| names::advice(*it)).collect());
                shown.set_quote(quote.as_ref().map_or("", |it| it.0.expose()).into());
                shown.set_reference(reference.into());
            }
            Page::TakeCard { alarm, cause } => {
                shown.set_alarm(*alarm);
                shown.set_cause(cause.map_or(CauseName::None, names::cause));
            }
        }
    }
}

/// The page that stands, and nothing of the one before.
pub fn stand(window: &KioskWindow, page: PageName) {
    Frame::get(window).set_page(page);
}

fn answer_row(row: &view::ReviewRow) -> AnswerRow {
    AnswerRow {
        id: names::field(row.id),
        shown: row.shown.expose().into(),
        section: row.section.map_or(Default::default(), names::section),
        editable: row.section.is_some(),
        long: row.shown.expose().chars().count() > LONG_ANSWER,
        filler: false,
    }
}

fn tries_left(tries: TriesLeft) -> i32 {
    match tries {
        TriesLeft::Unknown => -1,
        TriesLeft::Known(left) => i32::from(left),
        TriesLeft::Locked => 0,
    }
}

fn picture(captcha: &Captcha) -> Image {
    let (width, height) = (u32::from(captcha.width), u32::from(captcha.height));
    if captcha.rgba.len() != 4 * width as usize * height as usize || captcha.rgba.is_empty() {
        return Image::default();
    }
    Image::from_rgba8(SharedPixelBuffer::<Rgba8Pixel>::clone_from_slice(&captcha.rgba, width, height))
}

/// Changes a list in place where its length allows, so that what stands on it is not built anew.
fn refresh<T: Clone + PartialEq + 'static>(list: &VecModel<T>, rows: Vec<T>) {
    if list.row_count() != rows.len() {
        list.set_vec(rows);
        return;
    }
    for (index, row) in rows.into_iter().enumerate() {
        if list.row_data(index).as_ref() != Some(&row) {
            list.set_row_data(index, row);
        }
    }
}
