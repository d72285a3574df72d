//! Views with plainly made-up data: one of every page, and what is long. Longer than others: the list has every page there is.

mod hands;
mod longest;
mod pages;
mod provinces;

use eimza_kiosk::{
    link::{
        signer::TriesLeft,
        view::{
            Busy, Call, Deadline, Frame, HandOver, Help, Kept, LoginKind, NewPinKind, Overlay, Page,
            Reference, Ring, Section, Service, SmsPurpose, Step, View,
        },
    },
    portal::{Method, OnlineLogin},
    redact::PortalSecret,
    session::fault::Cause,
};
use slint::Global as _;

use self::hands::{edit_field, last_fields, read, type_digits, type_pin};
pub use self::longest::longest;
use self::pages::{
    ADDRESS, Refusal, attract, card_check, card_unread, certificates, contract, dialogue, eligibility, form,
    login, new_pin, online_login, opened_pin, paper, pin, printed_here, result, review, trouble, unreadable,
};
use super::gallery::Manner;
use crate::{
    screen::Screen,
    ui::{Act, Local, Shown},
};

/// A view to look at, and what is touched on it first.
pub struct Sample {
    /// Of the picture.
    pub name: &'static str,
    page: Page,
    overlay: Option<Overlay>,
    step: Option<Step>,
    ring: Option<Ring>,
    back: bool,
    cancel: bool,
    assisted: bool,
    /// Done once the page stands.
    pub then: fn(&Screen),
}

impl Sample {
    /// The view.
    #[must_use]
    pub fn view(&self, serial: u64, manner: Manner) -> View {
        View {
            serial,
            page: self.page.clone(),
            overlay: self.overlay,
            frame: Frame {
                office: "Deneme İlçe Müdürlüğü E-imza Yenileme Noktası".into(),
                step: self.step,
                ring: self.ring,
                back: self.back,
                cancel: self.cancel,
                language: manner.language,
                text_size: manner.text_size,
                contrast: manner.contrast,
                help: Help { phone: "0 000 000 00 00".into(), email: "yardim@ornek.invalid".into() },
                setback: None,
                assisted: self.assisted,
            },
        }
    }
}

/// One of every page.
#[must_use]
pub fn all() -> Vec<Sample> {
    let idle = Ring { left_ms: 84_000, total_ms: 90_000, of: Deadline::Idle };
    let sms = Ring { left_ms: 296_000, total_ms: 300_000, of: Deadline::Sms };
    let code = Ring { left_ms: 43_000, total_ms: 300_000, of: Deadline::Code };
    let plain = |name, page| Sample {
        name,
        page,
        overlay: None,
        step: None,
        ring: None,
        back: false,
        cancel: false,
        assisted: false,
        then: |_| {},
    };
    let visit = |name, page, step, ring| Sample {
        step: Some(step),
        ring: Some(ring),
        back: true,
        cancel: true,
        ..plain(name, page)
    };
    let edit = |name, page, step, index: fn(&Screen)| Sample { then: index, ..visit(name, page, step, idle) };
    let typed =
        |name, page, then: fn(&Screen)| Sample { ring: Some(idle), cancel: true, then, ..plain(name, page) };
    let card = |name, page| Sample { step: Some(Step::Card), cancel: true, ..plain(name, page) };
    let quiet = |name, page, step| Sample { step: Some(step), ..plain(name, page) };
    let trouble =
        |name, cause, quote, step| Sample { back: false, ..visit(name, trouble(cause, quote), step, idle) };
    let online = |name, page, ring| Sample { ring: Some(ring), cancel: true, ..plain(name, page) };
    let page = Ring { left_ms: 104_000, total_ms: 120_000, of: Deadline::Page };
    let waiting = Sample { then: Screen::lost, ..plain("waiting", Page::Starting) };
    let first = Step::Details;
    vec![
        waiting,
        plain("starting", Page::Starting),
        plain("attract", attract()),
        Sample { then: |it| Local::get(it.window()).set_choosing(true), ..plain("services", attract()) },
        Sample {
            then: |it| {
                crate::ui::Frame::get(it.window()).set_setback(crate::ui::SetbackName::NoReaderService)
            },
            ..plain("attract-setback", attract())
        },
        plain("out-of-service", Page::OutOfService { cause: Cause::NoReader }),
        plain("out-of-service-configuration", Page::OutOfService { cause: Cause::Configuration }),
        plain("out-of-service-not-set-up", Page::OutOfService { cause: Cause::NotSetUp }),
        plain("out-of-service-updating", Page::OutOfService { cause: Cause::Updating }),
        plain("out-of-service-tampered", Page::OutOfService { cause: Cause::Tampered }),
        Sample {
            back: true,
            ring: Some(idle),
            ..plain("insert-card", Page::InsertCard { service: Service::CardCheck, without: false })
        },
        Sample { ring: Some(idle), ..plain("card-check", card_check(TriesLeft::Known(3), Ok(()), 41)) },
        Sample { ring: Some(idle), ..plain("card-check-soon", card_check(TriesLeft::Unknown, Ok(()), 9)) },
        Sample {
            ring: Some(idle),
            ..plain("card-check-expired", card_check(TriesLeft::Locked, Err(Cause::Expired), -20))
        },
        Sample {
            ring: Some(idle),
            ..plain(
                "card-check-on-paper",
                printed_here(card_check(TriesLeft::Known(3), Err(Cause::Expired), -20)),
            )
        },
        Sample { ring: Some(idle), ..plain("card-check-mute", card_unread(Cause::CardMute)) },
        Sample {
            back: true,
            ring: Some(idle),
            ..plain(
                "insert-card-change-pin",
                Page::InsertCard { service: Service::ChangePin, without: false },
            )
        },
        Sample {
            back: true,
            ring: Some(idle),
            ..plain("insert-card-wet-ink", Page::InsertCard { service: Service::WetInk, without: true })
        },
        typed("paper", paper(1), |_| {}),
        Sample { back: true, ..typed("paper-last", paper(3), |_| {}) },
        Sample { cancel: true, ..plain("readying-paper", Page::Busy { what: Busy::ReadyingPaper }) },
        Sample { cancel: true, ..plain("printing", Page::Printing { out_of_paper: false }) },
        Sample { cancel: true, ..plain("printing-out-of-paper", Page::Printing { out_of_paper: true }) },
        Sample {
            ring: Some(idle),
            ..plain("printed", Page::Printed { deliver_to: "Deneme İlçe MEM, Atama Birimi, 2. kat".into() })
        },
        typed("new-pin", new_pin(11, TriesLeft::Known(3), false), |it| type_digits(it, &[&[0, 0, 0]])),
        typed("new-pin-unknown-tries", new_pin(12, TriesLeft::Unknown, false), |_| {}),
        typed("new-pin-wrong", new_pin(13, TriesLeft::Known(2), true), |_| {}),
        typed("new-pin-wrong-last", new_pin(14, TriesLeft::Known(1), true), |_| {}),
        typed("new-pin-next", new_pin(15, TriesLeft::Known(3), false), |it| {
            type_digits(it, &[&[9, 0, 4, 7, 1, 3], &[7, 3]]);
        }),
        typed("new-pin-year", new_pin(16, TriesLeft::Known(3), false), |it| {
            type_digits(it, &[&[9, 0, 4, 7, 1, 3], &[4, 1, 9, 8, 5, 0], &[]]);
        }),
        typed("new-pin-again", new_pin(17, TriesLeft::Known(3), false), |it| {
            type_digits(it, &[&[9, 0, 4, 7, 1, 3], &[7, 3, 5, 1, 9, 4], &[7, 3, 5, 1]]);
        }),
        typed("new-pin-differs", new_pin(18, TriesLeft::Known(3), false), |it| {
            type_digits(it, &[&[9, 0, 4, 7, 1, 3], &[7, 3, 5, 1, 9, 4], &[7, 3, 5, 1, 9, 5], &[]]);
        }),
        plain("setting-pin", Page::Busy { what: Busy::SettingPin }),
        Sample { ring: Some(idle), ..plain("pin-set", Page::PinSet { kind: NewPinKind::Change }) },
        Sample {
            back: true,
            ring: Some(idle),
            ..plain("insert-card-new-pin", Page::InsertCard { service: Service::NewPin, without: false })
        },
        Sample {
            back: true,
            ring: Some(idle),
            ..plain("insert-card-unblock", Page::InsertCard { service: Service::Unblock, without: false })
        },
        online("notice-online", Page::Notice { service: Service::NewPin }, idle),
        quiet("busy-online", Page::Busy { what: Busy::OpeningOnline }, Step::Card),
        online(
            "login-way",
            Page::LoginWay { offered: vec![OnlineLogin::Signature, OnlineLogin::Password] },
            idle,
        ),
        online("online-login", online_login(LoginKind::Online, Refusal::None), idle),
        online("online-login-captcha-wrong", online_login(LoginKind::Online, Refusal::Captcha), idle),
        online("online-login-refused", online_login(LoginKind::Online, Refusal::Data), idle),
        Sample {
            then: last_fields,
            ..online("online-login-last", online_login(LoginKind::Online, Refusal::None), idle)
        },
        online("new-word", online_login(LoginKind::NewWord, Refusal::None), idle),
        Sample {
            then: last_fields,
            ..online("new-word-last", online_login(LoginKind::NewWord, Refusal::Data), idle)
        },
        online("word-set", Page::WordSet, idle),
        online("online-sms-send", Page::SmsSend { phone: "535 *** ** 42".into(), correctable: false }, idle),
        online(
            "unblock-sms",
            Page::SmsCode { wrong: false, late: false, digits: 6, purpose: SmsPurpose::Unblocking },
            sms,
        ),
        online("new-card-pin", new_card_pin(), page),
        Sample {
            then: |it| Act::get(it.window()).invoke_reveal(true),
            ..online("new-card-pin-held", new_card_pin(), page)
        },
        typed("opened-pin", opened_pin(19), |it| type_digits(it, &[&[7, 3]])),
        typed("opened-pin-again", opened_pin(20), |it| {
            type_digits(it, &[&[7, 3, 5, 1, 9, 4], &[7, 3, 5, 1]]);
        }),
        plain("reporting", Page::Busy { what: Busy::Reporting }),
        Sample { ring: Some(idle), ..plain("pin-opened", Page::PinSet { kind: NewPinKind::Unblock }) },
        card("reading-card", Page::ReadingCard),
        Sample { ring: Some(idle), ..card("eligibility", eligibility("02.01.2027 16:45", Ok(()), 41, None)) },
        Sample {
            cancel: false,
            ..card(
                "too-early",
                eligibility("18.04.2028 09:30", Err(Cause::TooEarly), 512, Some("17.01.2028")),
            )
        },
        Sample {
            cancel: false,
            ..card("expired", eligibility("02.11.2026 16:45", Err(Cause::Expired), -20, None))
        },
        card("expired-on-paper", on_paper(eligibility("02.11.2026 16:45", Err(Cause::Expired), -20, None))),
        visit("notice", Page::Notice { service: Service::Renewal }, Step::Card, idle),
        online("notice-wet-ink", Page::Notice { service: Service::WetInk }, idle),
        edit("notice-agreed", Page::Notice { service: Service::Renewal }, Step::Card, |it| {
            Local::get(it.window()).set_consent(true)
        }),
        quiet("busy-opening", Page::Busy { what: Busy::OpeningPortal }, first),
        visit("login", login(Refusal::None), first, idle),
        visit("login-captcha-wrong", login(Refusal::Captcha), first, idle),
        visit("login-refused", login(Refusal::Data), first, idle),
        edit("login-captcha", login(Refusal::None), first, |it| edit_field(it, 0, "tk7")),
        edit("login-date", login(Refusal::None), first, |it| edit_field(it, 5, "150819")),
        visit("form-reason", form(Section::Reason), first, idle),
        visit("form-institution", form(Section::Institution), first, idle),
        visit("form-address", form(Section::Address), first, idle),
        visit("form-contact", form(Section::Contact), first, idle),
        edit("form-contact-last", form(Section::Contact), first, |it| {
            Local::get(it.window()).set_field_page(9)
        }),
        edit("edit-text", form(Section::Address), first, |it| edit_field(it, 0, ADDRESS)),
        edit("edit-email", form(Section::Contact), first, |it| edit_field(it, 0, "deneme.kisi@ornek")),
        edit("edit-phone", form(Section::Contact), first, |it| edit_field(it, 1, "53500")),
        edit("choose-province", form(Section::Address), first, |it| edit_field(it, 1, "")),
        edit("choose-channel", form(Section::Contact), first, |it| edit_field(it, 4, "")),
        visit("review", review(), first, idle),
        edit("review-last", review(), first, |it| Local::get(it.window()).set_answer_page(1)),
        visit(
            "sms-send",
            Page::SmsSend { phone: "535 000 00 42".into(), correctable: true },
            Step::Phone,
            idle,
        ),
        Sample {
            then: |it| Local::get(it.window()).set_code("4071".into()),
            ..visit(
                "sms-code",
                Page::SmsCode { wrong: false, late: false, digits: 6, purpose: SmsPurpose::Application },
                Step::Phone,
                sms,
            )
        },
        visit(
            "sms-wrong",
            Page::SmsCode { wrong: true, late: false, digits: 6, purpose: SmsPurpose::Application },
            Step::Phone,
            sms,
        ),
        visit(
            "sms-late",
            Page::SmsCode { wrong: false, late: true, digits: 6, purpose: SmsPurpose::Application },
            Step::Phone,
            code,
        ),
        visit(
            "method",
            Page::Method { offered: vec![Method::WetInk, Method::Electronic], on_paper: false },
            Step::Contract,
            idle,
        ),
        visit(
            "method-on-paper",
            Page::Method { offered: vec![Method::WetInk, Method::Electronic], on_paper: true },
            Step::Contract,
            idle,
        ),
        visit("contract", contract(false), Step::Contract, sms),
        visit("contract-differs", contract(true), Step::Contract, code),
        visit("certificate", certificates(), Step::Contract, code),
        Sample { then: read, ..visit("last-try", Page::LastTry { dialogue: dialogue(1) }, Step::Pin, code) },
        Sample { then: type_pin, ..visit("pin", pin(2, TriesLeft::Known(3), false), Step::Pin, sms) },
        Sample {
            then: read,
            ..visit("pin-unknown-tries", pin(3, TriesLeft::Unknown, false), Step::Pin, sms)
        },
        Sample {
            then: |it| Shown::get(it.window()).set_keypad(true),
            ..visit("pin-keypad", pin(2, TriesLeft::Known(3), false), Step::Pin, sms)
        },
        Sample {
            then: |it| {
                Shown::get(it.window()).set_keypad(true);
                Shown::get(it.window()).set_reader_keys(true);
            },
            ..visit("pin-reader", pin(2, TriesLeft::Known(3), false), Step::Pin, sms)
        },
        Sample { then: read, ..visit("pin-wrong", pin(4, TriesLeft::Known(2), true), Step::Pin, sms) },
        Sample { then: read, ..visit("pin-wrong-last", pin(5, TriesLeft::Known(1), true), Step::Pin, code) },
        visit("reading-between", Page::ReadingCard, Step::Pin, code),
        visit("pin-reading-first", pin(6, TriesLeft::Unknown, false), Step::Pin, code),
        Sample { ring: Some(sms), ..quiet("signing", Page::Signing, Step::Pin) },
        Sample { ring: Some(sms), ..quiet("busy", Page::Busy { what: Busy::HandingIn }, Step::Result) },
        Sample { ring: Some(idle), ..quiet("result", result(), Step::Result) },
        visit("card-pulled", Page::CardPulled { kept: Kept::Code, other_card: false }, Step::Pin, code),
        visit("other-card", Page::CardPulled { kept: Kept::Everything, other_card: true }, Step::Pin, code),
        trouble("trouble-card-mute", Cause::CardMute, None, Step::Card),
        trouble("trouble-card-unknown", Cause::CardUnknown, None, Step::Card),
        trouble("trouble-login", Cause::LoginRefused, Some(REGISTER), first),
        trouble("trouble-register", Cause::RegisterRefused, Some(REGISTER), first),
        trouble("trouble-not-eligible", Cause::NotEligible, Some(NOT_ELIGIBLE), first),
        trouble("trouble-unreachable", Cause::PortalUnreachable, None, first),
        trouble("trouble-changed", Cause::PortalChanged, None, first),
        trouble("trouble-sms-expired", Cause::SmsExpired, None, Step::Phone),
        trouble("trouble-code-expired", Cause::CodeExpired, None, Step::Pin),
        trouble("trouble-contract-differs", Cause::ContractDiffers, None, Step::Contract),
        trouble("trouble-module", Cause::CardModule, None, Step::Pin),
        trouble("trouble-outcome", Cause::OutcomeUnknown, None, Step::Result),
        trouble("pin-locked", Cause::PinLocked, None, Step::Pin),
        trouble("trouble-paper", Cause::PaperUnreadable, None, Step::Contract),
        trouble("trouble-printer", Cause::PrinterOutOfPaper, None, Step::Contract),
        plain("take-card", Page::TakeCard { alarm: false, cause: None }),
        plain("take-card-alarm", Page::TakeCard { alarm: true, cause: None }),
        plain("take-card-tampered", Page::TakeCard { alarm: false, cause: Some(Cause::Tampered) }),
        plain("take-card-outcome", Page::TakeCard { alarm: true, cause: Some(Cause::OutcomeUnknown) }),
        plain("take-card-uncertain", Page::TakeCard { alarm: true, cause: Some(Cause::PinUncertain) }),
        plain("thank-you", Page::ThankYou),
        Sample {
            overlay: Some(Overlay::StillThere { left_ms: 17_000 }),
            ..visit("still-there", form(Section::Contact), first, code)
        },
        Sample {
            back: true,
            ring: Some(idle),
            ..plain("insert-card-assisted", Page::InsertCard { service: Service::Assisted, without: false })
        },
        trouble("trouble-not-staff", Cause::NotStaff, None, Step::Card),
        handed("hand-over-out", HandOver::OwnOut),
        handed("hand-over-again", HandOver::OwnAgain),
        handed("hand-over-person", HandOver::Person),
        helped(visit("assisted-form", form(Section::Contact), first, idle)),
        helped(visit("assisted-contract", contract(false), Step::Contract, code)),
        helped(Sample {
            then: read,
            ..visit("assisted-pin", pin(7, TriesLeft::Known(1), true), Step::Pin, code)
        }),
        called("help", Call::Told, visit("", form(Section::Contact), first, idle)),
        called("help-under-way", Call::UnderWay, plain("", attract())),
        called("help-failed", Call::Failed, visit("", pin(2, TriesLeft::Unknown, false), Step::Pin, code)),
        called("help-by-phone", Call::ByPhone, plain("", Page::TakeCard { alarm: true, cause: None })),
        Sample {
            overlay: Some(Overlay::CancelConfirm),
            ..visit("cancel", form(Section::Institution), first, idle)
        },
        visit("unreadable", unreadable(), Step::Contract, code),
    ]
}

fn new_card_pin() -> Page {
    Page::NewCardPin { pin: PortalSecret::new("000000"), usable_from: "02.01.2027 16:45:01".into() }
}

/// Staff has shown who they are.
fn handed(name: &'static str, card: HandOver) -> Sample {
    Sample {
        name,
        page: Page::HandOver { card },
        overlay: None,
        step: None,
        ring: Some(Ring { left_ms: 171_000, total_ms: 180_000, of: Deadline::Page }),
        back: true,
        cancel: false,
        assisted: true,
        then: |_| {},
    }
}

/// The same page where staff helps.
fn helped(sample: Sample) -> Sample {
    Sample { assisted: true, ..sample }
}

/// The same page under a call for staff.
fn called(name: &'static str, call: Call, over: Sample) -> Sample {
    Sample { name, overlay: Some(Overlay::Help { reference: Reference::of(814_071), call }), ..over }
}

const REGISTER: &str = "Girilen bilgiler nüfus kayıtlarıyla uyuşmamaktadır. Lütfen kontrol ediniz.";
const NOT_ELIGIBLE: &str = "Kadronuz e-imza için uygun değildir.";

/// The same where the application can be printed instead.
fn on_paper(mut page: Page) -> Page {
    if let Page::Eligibility { on_paper, .. } = &mut page {
        *on_paper = true;
    }
    page
}
