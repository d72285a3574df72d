//! Pages with the longest values and words that may come, plainly made up.

use eimza_kiosk::{
    link::view::{CertificateChoice, Deadline, FieldError, Page, Ring, Section, SmsPurpose, Step},
    portal::Quote,
    session::fault::{Advice, Cause},
};

use super::{
    Sample,
    pages::{ADDRESS, Refusal, form, login},
};

/// Pages with the longest values that may come, and every cause.
#[must_use]
pub fn longest() -> Vec<Sample> {
    let ring = Ring { left_ms: 1_999_000, total_ms: 2_000_000, of: Deadline::Code };
    let long = |name, page, step| Sample {
        name,
        page,
        overlay: None,
        step: Some(step),
        ring: Some(ring),
        back: true,
        cancel: true,
        assisted: false,
        then: |_| {},
    };
    let name = "DENEMEUZUNADI DENEMEİKİNCİADI SINAMAOĞULLARIGİLLERDEN ÖRNEKSOYADI";
    let quote =
        Quote("Girilen bilgiler nüfus kayıtlarıyla uyuşmamaktadır; lütfen kontrol ediniz. ".repeat(4).into());
    let mut login = login(Refusal::Data);
    if let Page::Login { fields, refusal, .. } = &mut login {
        *refusal = Some(quote.clone());
        for field in fields.iter_mut().skip(2) {
            field.value = name.into();
            field.error = Some(FieldError::Date);
        }
    }
    let mut contact = form(Section::Contact);
    if let Page::Form { fields, .. } = &mut contact {
        for field in fields.iter_mut() {
            field.error = Some(FieldError::Refused(Quote("Bu bilgi kabul edilmedi, kontrol ediniz.".into())));
        }
    }
    let mut reason = form(Section::Reason);
    if let Page::Form { suggested_word, word_hint, .. } = &mut reason {
        *suggested_word = Some("Kahverengi-4711-Merdivenbaşı".into());
        *word_hint = Some("Başkasının bilmediği, sizin unutmayacağınız bir sözcük seçin.".into());
    }
    let holder = Page::Eligibility {
        holder: name.into(),
        valid_until: "02.01.2027 16:45".into(),
        days_left: -1200,
        verdict: Err(Cause::Expired),
        possible_from: None,
        on_paper: true,
    };
    let mut samples = vec![
        long("long-login", login, Step::Details),
        long("long-contact", contact, Step::Details),
        long("long-reason", reason, Step::Details),
        long("long-holder", holder, Step::Card),
        long(
            "long-sms",
            Page::SmsCode { wrong: true, late: true, digits: 8, purpose: SmsPurpose::Application },
            Step::Phone,
        ),
        long(
            "long-certificates",
            Page::Certificate {
                choices: (0..2)
                    .map(|index| CertificateChoice {
                        index,
                        holder: name.into(),
                        valid_until: "02.01.2027".into(),
                    })
                    .collect(),
            },
            Step::Contract,
        ),
        Sample {
            back: false,
            cancel: false,
            ..long("long-printed", Page::Printed { deliver_to: "DENEMEUZUN ".repeat(5) }, Step::Result)
        },
        Sample {
            back: false,
            cancel: false,
            ..long(
                "long-result",
                Page::Result {
                    delivery_address: ADDRESS.repeat(3).into(),
                    usable_from: "02.01.2027 16:45:00".into(),
                    security_word: "Kahverengi-4711-Merdivenbaşı".into(),
                    pin_here: true,
                },
                Step::Result,
            )
        },
        Sample {
            back: false,
            cancel: false,
            ..long("long-printed", Page::Printed { deliver_to: "DENEMEUZUN ".repeat(5) }, Step::Result)
        },
    ];
    samples.extend(CAUSES.map(|cause| {
        let advice = vec![Advice::CorrectForm, Advice::HumanResources, Advice::CallCentre];
        let page = Page::Trouble { cause, advice, quote: Some(quote.clone()), reference: "XX-00".into() };
        long("trouble", page, Step::Details)
    }));
    samples.extend(CAUSES.map(|cause| {
        let page = Page::TakeCard { alarm: true, cause: Some(cause) };
        Sample { ring: None, back: false, cancel: false, ..long("take-card", page, Step::Result) }
    }));
    samples
}

/// The causes with the longest words, and those that end a visit.
const CAUSES: [Cause; 15] = [
    Cause::CardUnknown,
    Cause::Seal,
    Cause::PinLocked,
    Cause::PukWrong,
    Cause::WordRefused,
    Cause::ServiceNotOffered,
    Cause::PinUncertain,
    Cause::PortalChanged,
    Cause::NotEligible,
    Cause::ContractDiffers,
    Cause::OutcomeUnknown,
    Cause::WetInk,
    Cause::PaperUnreadable,
    Cause::PrinterOutOfPaper,
    Cause::StaffExpired,
];
