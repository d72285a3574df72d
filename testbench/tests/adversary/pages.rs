//! One of every page, with words of the caller's in every string that a view can carry.

use eimza_kiosk::{
    link::{
        paper::{Grey, SCREEN_SIZE},
        signer::{RequestId, TriesLeft},
        view::{
            Busy, CertificateChoice, ComparedLine, FieldError, FieldView, Finding, HandOver, Input, Kept,
            LoginKind, NewPinKind, Page, ReviewRow, Section, Service, SmsPurpose, Source,
        },
    },
    portal::{Captcha, Choice, FieldId, Method, OnlineLogin, Quote},
    redact::{Personal, PortalSecret},
    session::fault::{Advice, Cause},
};

use crate::kiosk::{pin_page, texts};

/// Every page except those that ask for a PIN, each string being `words`.
pub(crate) fn carrying(words: &str) -> Vec<Page> {
    let personal = || Personal::new(words);
    let text = || words.to_owned();
    let quote = || Quote(personal());
    let pages = vec![
        Page::Starting,
        Page::OutOfService { cause: Cause::NoReader },
        Page::Attract {
            services: vec![Service::CardCheck, Service::ChangePin, Service::NewPin, Service::Unblock],
        },
        Page::InsertCard { service: Service::WetInk, without: true },
        Page::HandOver { card: HandOver::OwnAgain },
        Page::CardCheck {
            findings: vec![
                Finding::Card(Err(Cause::CardMute)),
                Finding::Certificate { holder: personal(), valid_until: text(), days_left: 1, fit: Ok(()) },
                Finding::Renewal { verdict: Err(Cause::TooEarly), possible_from: Some(text()) },
            ],
            advice: vec![Advice::Renew, Advice::Finish],
        },
        Page::ReadingCard,
        Page::Eligibility {
            holder: personal(),
            valid_until: text(),
            days_left: 1,
            verdict: Err(Cause::TooEarly),
            possible_from: Some(text()),
            on_paper: true,
        },
        Page::Notice { service: Service::Unblock },
        Page::LoginWay { offered: vec![OnlineLogin::Signature, OnlineLogin::Password] },
        Page::WordSet,
        Page::NewCardPin { pin: PortalSecret::new(words), usable_from: text() },
        Page::Login {
            kind: LoginKind::NewWord,
            captcha: captcha(),
            fields: fields(words),
            wrong_captcha: true,
            refusal: Some(quote()),
            suggested_word: Some(personal()),
        },
        Page::Form {
            section: Section::Reason,
            fields: fields(words),
            suggested_word: Some(personal()),
            word_hint: Some(text()),
        },
        Page::Review {
            rows: vec![ReviewRow {
                id: FieldId::Unit,
                shown: personal(),
                section: Some(Section::Institution),
            }],
        },
        Page::SmsSend { phone: personal(), correctable: false },
        Page::SmsCode { wrong: false, late: false, digits: 6, purpose: SmsPurpose::Application },
        Page::Method { offered: vec![Method::Electronic, Method::WetInk], on_paper: true },
        Page::Paper { page: sheet(), number: 1, of: 2 },
        Page::Printing { out_of_paper: true },
        Page::Printed { deliver_to: text() },
        Page::Contract {
            texts: texts(&[words]),
            comparison: vec![ComparedLine { line: 0, id: FieldId::Unit, form_says: Some(personal()) }],
        },
        Page::Certificate {
            choices: vec![CertificateChoice { index: 0, holder: personal(), valid_until: text() }],
        },
        Page::PinSet { kind: NewPinKind::Change },
        Page::Signing,
        Page::Busy { what: Busy::HandingIn },
        Page::Result {
            delivery_address: personal(),
            usable_from: text(),
            security_word: personal(),
            pin_here: true,
        },
        Page::CardPulled { kept: Kept::Code, other_card: true },
        Page::Trouble {
            cause: Cause::LoginRefused,
            advice: vec![Advice::CorrectForm, Advice::Finish],
            quote: Some(quote()),
            reference: text(),
        },
        Page::TakeCard { alarm: true, cause: Some(Cause::OutcomeUnknown) },
        Page::ThankYou,
    ];
    let mut places: Vec<_> = pages.iter().map(place).collect();
    places.extend([PIN, LAST_TRY, NEW_PIN]);
    places.sort_unstable();
    assert_eq!(places, (0..PAGES).collect::<Vec<_>>(), "every page, once");
    pages
}

/// The PIN page itself.
pub(crate) fn pin() -> Page {
    pin_page(RequestId([3; 16]), &["Deneme metni.\n"], TriesLeft::Known(3))
}

const LAST_TRY: usize = 23;
const PIN: usize = 24;
const NEW_PIN: usize = 25;
const PAGES: usize = 34;

/// A page that is new has to be given a place here, and thereby to be tried.
fn place(page: &Page) -> usize {
    match page {
        Page::Starting => 0,
        Page::OutOfService { .. } => 1,
        Page::Attract { .. } => 2,
        Page::ReadingCard => 3,
        Page::Eligibility { .. } => 4,
        Page::Notice { .. } => 5,
        Page::Login { .. } => 6,
        Page::Form { .. } => 7,
        Page::Review { .. } => 8,
        Page::SmsSend { .. } => 9,
        Page::SmsCode { .. } => 10,
        Page::Method { .. } => 11,
        Page::Contract { .. } => 12,
        Page::Certificate { .. } => 13,
        Page::Signing => 14,
        Page::Busy { .. } => 15,
        Page::Result { .. } => 16,
        Page::CardPulled { .. } => 17,
        Page::Trouble { .. } => 18,
        Page::TakeCard { .. } => 19,
        Page::ThankYou => 20,
        Page::InsertCard { .. } => 21,
        Page::CardCheck { .. } => 22,
        Page::LastTry { .. } => LAST_TRY,
        Page::Pin { .. } => PIN,
        Page::NewPin { .. } => NEW_PIN,
        Page::PinSet { .. } => 26,
        Page::HandOver { .. } => 27,
        Page::LoginWay { .. } => 28,
        Page::WordSet => 29,
        Page::NewCardPin { .. } => 30,
        Page::Paper { .. } => 31,
        Page::Printing { .. } => 32,
        Page::Printed { .. } => 33,
    }
}

fn fields(words: &str) -> Vec<FieldView> {
    let choice = Choice { value: "1".to_owned(), label: words.to_owned() };
    let field = |id, input, value: &str| FieldView {
        id,
        input,
        value: Personal::new(value),
        source: Source::Portal,
        required: true,
        error: Some(FieldError::Refused(Quote(Personal::new(words)))),
        warning: None,
    };
    vec![
        field(FieldId::Captcha, Input::Text { max_length: 60 }, words),
        field(FieldId::Reason, Input::Choice(vec![choice]), "1"),
        field(FieldId::Unit, Input::ReadOnly, words),
        field(FieldId::PostalCode, Input::Digits { max_length: 60 }, words),
    ]
}

/// A page of a document, as dark as the PIN page's frame would be: pages have no colours.
fn sheet() -> Grey {
    let (width, height) = SCREEN_SIZE;
    Grey::new(SCREEN_SIZE, vec![0x4F; usize::from(width) * usize::from(height)]).expect("as many pixels")
}

/// The largest picture a portal may send, all in the colour of the PIN page's frame.
fn captcha() -> Captcha {
    Captcha { width: 600, height: 200, rgba: [0x1B, 0x4F, 0x8A, 0xFF].repeat(600 * 200) }
}
