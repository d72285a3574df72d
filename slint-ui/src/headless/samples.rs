//! Views with plainly made-up data: one of every page, and what is long.

use eimza_kiosk::{
    link::{
        signer::{RequestId, TriesLeft},
        view::{
            Busy, CertificateChoice, ComparedLine, Deadline, Dialogue, FieldError, FieldView, FieldWarning,
            Frame, Help, Input, Kept, Overlay, Page, ReviewRow, Ring, Section, Source, Step, View,
        },
    },
    portal::{Captcha, Choice, FieldId, Method, Quote, SigningText},
    session::fault::{Advice, Cause},
};
use slint::Global as _;

use super::gallery::Manner;
use crate::{
    screen::Screen,
    ui::{Act, Local},
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
    let card = |name, page| Sample { step: Some(Step::Card), cancel: true, ..plain(name, page) };
    let waiting = Sample { then: Screen::lost, ..plain("waiting", Page::Starting) };
    vec![
        waiting,
        plain("starting", Page::Starting),
        plain("attract", Page::Attract),
        plain("out-of-service", Page::OutOfService { cause: Cause::NoReader }),
        card("reading-card", Page::ReadingCard),
        Sample { ring: Some(idle), ..card("eligibility", eligibility(Ok(()), 41, None)) },
        Sample {
            cancel: false,
            ..card("too-early", eligibility(Err(Cause::TooEarly), 512, Some("21.06.2028")))
        },
        visit("notice", Page::Notice, Step::Card, idle),
        visit("login", login(false), Step::Details, idle),
        visit("login-refused", login(true), Step::Details, idle),
        edit("login-captcha", login(false), Step::Details, |it| edit_field(it, 0, "k7Ğ")),
        edit("login-date", login(false), Step::Details, |it| edit_field(it, 5, "150819")),
        visit("form-reason", form(Section::Reason), Step::Details, idle),
        visit("form-institution", form(Section::Institution), Step::Details, idle),
        visit("form-address", form(Section::Address), Step::Details, idle),
        visit("form-contact", form(Section::Contact), Step::Details, idle),
        edit("edit-text", form(Section::Address), Step::Details, |it| edit_field(it, 0, ADDRESS)),
        edit("edit-email", form(Section::Contact), Step::Details, |it| {
            edit_field(it, 0, "deneme.kisi@ornek")
        }),
        edit("edit-phone", form(Section::Contact), Step::Details, |it| edit_field(it, 3, "53500")),
        edit("choose-province", form(Section::Address), Step::Details, |it| edit_field(it, 1, "")),
        edit("choose-channel", form(Section::Contact), Step::Details, |it| edit_field(it, 6, "")),
        visit("review", review(), Step::Details, idle),
        visit("sms-send", Page::SmsSend { phone: "535 *** ** 42".into() }, Step::Phone, idle),
        Sample {
            then: |it| Local::get(it.window()).set_code("4071".into()),
            ..visit("sms-code", Page::SmsCode { wrong: false, late: false, digits: 6 }, Step::Phone, sms)
        },
        visit("sms-wrong", Page::SmsCode { wrong: true, late: true, digits: 6 }, Step::Phone, code),
        visit(
            "method",
            Page::Method { offered: vec![Method::WetInk, Method::Electronic] },
            Step::Contract,
            idle,
        ),
        visit("contract", contract(true), Step::Contract, code),
        visit("certificate", certificates(), Step::Contract, code),
        visit("last-try", Page::LastTry { dialogue: dialogue() }, Step::Pin, code),
        Sample { then: read, ..visit("pin", pin(TriesLeft::Known(3), false), Step::Pin, code) },
        Sample { then: read, ..visit("pin-wrong", pin(TriesLeft::Known(1), true), Step::Pin, code) },
        visit("pin-reading-first", pin(TriesLeft::Unknown, false), Step::Pin, code),
        Sample { back: false, cancel: false, ..visit("signing", Page::Signing, Step::Pin, code) },
        Sample {
            back: false,
            cancel: false,
            ..visit("busy", Page::Busy { what: Busy::HandingIn }, Step::Result, code)
        },
        Sample { back: false, cancel: false, ..visit("result", result(), Step::Result, idle) },
        visit("card-pulled", Page::CardPulled { kept: Kept::Code, other_card: false }, Step::Pin, code),
        visit("other-card", Page::CardPulled { kept: Kept::Everything, other_card: true }, Step::Pin, code),
        visit("trouble", trouble(), Step::Details, idle),
        Sample { back: false, ..visit("pin-locked", locked(), Step::Pin, idle) },
        plain("take-card", Page::TakeCard { alarm: false, cause: None }),
        plain("take-card-alarm", Page::TakeCard { alarm: true, cause: Some(Cause::OutcomeUnknown) }),
        plain("thank-you", Page::ThankYou),
        Sample {
            overlay: Some(Overlay::StillThere { left_ms: 17_000 }),
            ..visit("still-there", form(Section::Contact), Step::Details, idle)
        },
        Sample {
            overlay: Some(Overlay::CancelConfirm),
            ..visit("cancel", form(Section::Institution), Step::Details, idle)
        },
        visit("unreadable", unreadable(), Step::Contract, code),
    ]
}

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
        then: |_| {},
    };
    let name = "DENEMEUZUNADI DENEMEİKİNCİADI SINAMAOĞULLARIGİLLERDEN ÖRNEKSOYADI";
    let quote =
        Quote("Girilen bilgiler nüfus kayıtlarıyla uyuşmamaktadır; lütfen kontrol ediniz. ".repeat(4).into());
    let mut login = login(true);
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
    };
    let mut samples = vec![
        long("long-login", login, Step::Details),
        long("long-contact", contact, Step::Details),
        long("long-reason", reason, Step::Details),
        long("long-holder", holder, Step::Card),
        long("long-sms", Page::SmsCode { wrong: true, late: true, digits: 8 }, Step::Phone),
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
            ..long(
                "long-result",
                Page::Result {
                    delivery_address: ADDRESS.repeat(3).into(),
                    usable_from: "02.01.2027 16:45:00".into(),
                    security_word: "Kahverengi-4711-Merdivenbaşı".into(),
                },
                Step::Result,
            )
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
const CAUSES: [Cause; 8] = [
    Cause::CardUnknown,
    Cause::Seal,
    Cause::PinLocked,
    Cause::PortalChanged,
    Cause::NotEligible,
    Cause::ContractDiffers,
    Cause::OutcomeUnknown,
    Cause::WetInk,
];

const ADDRESS: &str =
    "Deneme Mahallesi Örnek Caddesi Sınama Sokağı No: 1000 Kat: 12 Daire: 48 Deneme Kampüsü";

fn edit_field(screen: &Screen, index: i32, typed: &str) {
    let act = Act::get(screen.window());
    act.invoke_open_field(index);
    for _ in 0..200 {
        act.invoke_key("\u{8}".into());
    }
    act.invoke_key(typed.into());
}

/// As if a finger had gone through the texts.
fn read(screen: &Screen) {
    for stretch in 0..64 {
        Act::get(screen.window()).invoke_seen(stretch);
    }
    Act::get(screen.window()).invoke_contract_read();
    for digit in [0, 0, 0] {
        Act::get(screen.window()).invoke_pin_digit(digit);
    }
}

fn eligibility(verdict: Result<(), Cause>, days_left: i64, from: Option<&str>) -> Page {
    Page::Eligibility {
        holder: "DENEME KİŞİ SINAMAOĞLU".into(),
        valid_until: "02.01.2027 16:45".into(),
        days_left,
        verdict,
        possible_from: from.map(Into::into),
    }
}

fn field(id: FieldId, input: Input, value: &str, source: Source) -> FieldView {
    FieldView { id, input, value: value.into(), source, required: true, error: None, warning: None }
}

fn text(id: FieldId, value: &str) -> FieldView {
    field(id, Input::Text { max_length: 120 }, value, Source::Person)
}

fn digits(id: FieldId, value: &str) -> FieldView {
    field(id, Input::Digits { max_length: 10 }, value, Source::Person)
}

fn choice(id: FieldId, options: &[&str], value: &str) -> FieldView {
    let options = options.iter().map(|it| Choice { value: (*it).into(), label: (*it).into() }).collect();
    field(id, Input::Choice(options), value, Source::Person)
}

fn captcha() -> Captcha {
    let (width, height) = (240_u16, 80_u16);
    let mut rgba = Vec::new();
    for y in 0..i32::from(height) {
        for x in 0..i32::from(width) {
            // Six strokes of a made-up script and a few lines across.
            let (cell, within) = (x / 40, x % 40);
            let wave = (x * 7 + cell * 31) % 23;
            let stroke = (within - 20 - (y - 40) / (2 + cell % 3)).abs() < 3 && (12..68).contains(&y);
            let bar = (y - 24 - wave).abs() < 3 && (6..34).contains(&within);
            let line = (y - (x / 4 + 10)).abs() < 1;
            let shade: u8 = if stroke || bar {
                40
            } else if line {
                150
            } else {
                246
            };
            rgba.extend([shade, shade, shade.saturating_add(8), 255]);
        }
    }
    Captcha { width, height, rgba }
}

fn login(refused: bool) -> Page {
    Page::Login {
        captcha: captcha(),
        fields: vec![
            field(FieldId::Captcha, Input::Text { max_length: 8 }, "", Source::Person),
            field(FieldId::NationalId, Input::ReadOnly, "10000000146", Source::Card),
            field(FieldId::GivenName, Input::Text { max_length: 40 }, "DENEME KİŞİ", Source::Card),
            field(FieldId::Surname, Input::Text { max_length: 40 }, "SINAMAOĞLU", Source::Card),
            FieldView {
                error: refused.then_some(FieldError::Missing),
                ..text(FieldId::BirthPlace, if refused { "" } else { "DENEMEKÖY" })
            },
            field(FieldId::BirthDate, Input::Date, "15.08.1975", Source::Person),
        ],
        wrong_captcha: refused,
        refusal: refused.then(|| Quote("Girilen bilgiler nüfus kayıtlarıyla uyuşmamaktadır.".into())),
    }
}

fn form(section: Section) -> Page {
    let fields = match section {
        Section::Reason => vec![
            choice(FieldId::Reason, &["Yenileme", "Kayıp Çalıntı", "Diğer"], "Yenileme"),
            choice(FieldId::ReaderType, &["İstenmedi", "Mini Kart Okuyucu"], "İstenmedi"),
            choice(FieldId::Validity, &["3 Yıl"], "3 Yıl"),
            FieldView { error: Some(FieldError::WeakWord), ..text(FieldId::SecurityWord, "deneme") },
            text(FieldId::SecurityWordRepeat, ""),
        ],
        Section::Institution => vec![
            field(
                FieldId::Institution,
                Input::ReadOnly,
                "DENEME İLÇE MİLLÎ EĞİTİM MÜDÜRLÜĞÜ",
                Source::Portal,
            ),
            FieldView { required: false, ..digits(FieldId::RegistryNumber, "") },
            text(FieldId::Unit, "Deneme Mesleki ve Teknik Anadolu Lisesi"),
            field(FieldId::Title, Input::Text { max_length: 60 }, "ÖĞRETMEN", Source::Office),
        ],
        Section::Address => vec![
            text(FieldId::Address, ADDRESS),
            choice(FieldId::Province, &PROVINCES, "Eskişehir"),
            choice(FieldId::District, &["Deneme", "Sınama"], ""),
            FieldView {
                warning: Some(FieldWarning::PostalCodeOfOtherProvince),
                ..digits(FieldId::PostalCode, "06100")
            },
        ],
        Section::Contact => vec![
            field(
                FieldId::Email,
                Input::Email { max_length: 80 },
                "deneme.kisi.sinamaoglu@ornek.invalid",
                Source::Person,
            ),
            digits(FieldId::WorkPhone, "2220000000"),
            FieldView { required: false, ..digits(FieldId::WorkExtension, "") },
            FieldView { error: Some(FieldError::Phone), ..digits(FieldId::MobilePhone, "53500000") },
            FieldView {
                warning: Some(FieldWarning::OtherOperator),
                ..choice(FieldId::MobileOperator, &["Turkcell", "Vodafone", "Türk Telekom"], "Vodafone")
            },
            FieldView { required: false, ..digits(FieldId::HomePhone, "") },
            choice(FieldId::InfoChannel, &["Eposta", "SMS", "Her İkisi"], ""),
        ],
    };
    let reason = section == Section::Reason;
    Page::Form {
        section,
        fields,
        suggested_word: reason.then(|| "Zeytin-41-Köprü".into()),
        word_hint: reason.then(|| "Herkesin bildiği bir sözcük seçmeyin.".into()),
    }
}

fn review() -> Page {
    let row = |id, shown: &str, section| ReviewRow { id, shown: shown.into(), section };
    let (reason, institution) = (Some(Section::Reason), Some(Section::Institution));
    let (address, contact) = (Some(Section::Address), Some(Section::Contact));
    Page::Review {
        rows: vec![
            row(FieldId::NationalId, "10000000146", None),
            row(FieldId::GivenName, "DENEME KİŞİ", None),
            row(FieldId::Surname, "SINAMAOĞLU", None),
            row(FieldId::Reason, "Yenileme", reason),
            row(FieldId::ReaderType, "İstenmedi", reason),
            row(FieldId::Validity, "3 Yıl", reason),
            row(FieldId::SecurityWord, "Zeytin-41-Köprü", reason),
            row(FieldId::Institution, "DENEME İLÇE MİLLÎ EĞİTİM MÜDÜRLÜĞÜ", None),
            row(FieldId::RegistryNumber, "", institution),
            row(FieldId::Unit, "Deneme Mesleki ve Teknik Anadolu Lisesi", institution),
            row(FieldId::Title, "ÖĞRETMEN", institution),
            row(FieldId::Address, ADDRESS, address),
            row(FieldId::Province, "Eskişehir", address),
            row(FieldId::District, "Deneme", address),
            row(FieldId::PostalCode, "26100", address),
            row(FieldId::Email, "deneme.kisi.sinamaoglu@ornek.invalid", contact),
            row(FieldId::WorkPhone, "2220000000", contact),
            row(FieldId::WorkExtension, "", contact),
            row(FieldId::MobilePhone, "5350000042", contact),
            row(FieldId::MobileOperator, "Turkcell", contact),
            row(FieldId::HomePhone, "", contact),
            row(FieldId::InfoChannel, "Her İkisi", contact),
        ],
    }
}

fn texts() -> Vec<SigningText> {
    let form = "Aşağıda yazılı bütün bilgilerin doğru olduğunu, bu bilgilerin nitelikli elektronik sertifika\n\
        başvurumda kullanılmasını kabul ederim.\nAD: DENEME KİŞİ\nSOYAD: SINAMAOĞLU\n\
        TC KİMLİK NUMARASI: 10000000146\nEPOSTA: deneme.kisi.sinamaoglu@ornek.invalid\n\
        GÜVENLİK SÖZCÜĞÜ: Zeytin-41-Köprü\nADRES: Deneme Mahallesi Örnek Caddesi No: 1000\n\
        KURUM: DENEME İLÇE MİLLÎ EĞİTİM MÜDÜRLÜĞÜ\nİL: ANKARA\n";
    let undertaking = (1..=24)
        .map(|n| {
            format!("{n}. Sertifika sahibi, bu deneme metninin {n}. maddesini okuduğunu ve anladığını beyan eder.\n")
        })
        .collect::<String>();
    vec![SigningText(form.into()), SigningText(format!("FORM-001-042 TAAHHÜTNAME\n\n{undertaking}").into())]
}

fn contract(differs: bool) -> Page {
    let compared =
        |line, id, form_says: Option<&str>| ComparedLine { line, id, form_says: form_says.map(Into::into) };
    Page::Contract {
        texts: texts(),
        comparison: vec![
            compared(2, FieldId::GivenName, None),
            compared(3, FieldId::Surname, None),
            compared(4, FieldId::NationalId, None),
            compared(5, FieldId::Email, None),
            compared(6, FieldId::SecurityWord, None),
            compared(7, FieldId::Address, None),
            compared(9, FieldId::Province, differs.then_some("ESKİŞEHİR")),
        ],
    }
}

fn unreadable() -> Page {
    Page::Contract { texts: vec![SigningText("AD: \u{202E}EMENED".into())], comparison: Vec::new() }
}

fn certificates() -> Page {
    Page::Certificate {
        choices: vec![
            CertificateChoice {
                index: 0,
                holder: "DENEME KİŞİ SINAMAOĞLU".into(),
                valid_until: "02.01.2027".into(),
            },
            CertificateChoice {
                index: 1,
                holder: "DENEME KİŞİ SINAMAOĞLU".into(),
                valid_until: "14.03.2027".into(),
            },
        ],
    }
}

fn dialogue() -> Dialogue {
    Dialogue { request: RequestId([1; 16]), texts: texts() }
}

fn pin(tries: TriesLeft, wrong: bool) -> Page {
    Page::Pin { dialogue: dialogue(), tries, wrong }
}

fn result() -> Page {
    Page::Result {
        delivery_address: ADDRESS.into(),
        usable_from: "02.01.2027 16:45:00".into(),
        security_word: "Zeytin-41-Köprü".into(),
    }
}

fn trouble() -> Page {
    Page::Trouble {
        cause: Cause::LoginRefused,
        advice: vec![Advice::CorrectForm, Advice::TryAgain, Advice::HumanResources],
        quote: Some(Quote(
            "Girilen bilgiler nüfus kayıtlarıyla uyuşmamaktadır. Lütfen kontrol ediniz.".into(),
        )),
        reference: "LR-2".into(),
    }
}

fn locked() -> Page {
    Page::Trouble {
        cause: Cause::PinLocked,
        advice: vec![Advice::Unblock, Advice::CallCentre, Advice::Finish],
        quote: None,
        reference: "PL-1".into(),
    }
}

const PROVINCES: [&str; 81] = [
    "Adana",
    "Adıyaman",
    "Afyonkarahisar",
    "Ağrı",
    "Aksaray",
    "Amasya",
    "Ankara",
    "Antalya",
    "Ardahan",
    "Artvin",
    "Aydın",
    "Balıkesir",
    "Bartın",
    "Batman",
    "Bayburt",
    "Bilecik",
    "Bingöl",
    "Bitlis",
    "Bolu",
    "Burdur",
    "Bursa",
    "Çanakkale",
    "Çankırı",
    "Çorum",
    "Denizli",
    "Diyarbakır",
    "Düzce",
    "Edirne",
    "Elazığ",
    "Erzincan",
    "Erzurum",
    "Eskişehir",
    "Gaziantep",
    "Giresun",
    "Gümüşhane",
    "Hakkari",
    "Hatay",
    "Iğdır",
    "Isparta",
    "İstanbul",
    "İzmir",
    "Kahramanmaraş",
    "Karabük",
    "Karaman",
    "Kars",
    "Kastamonu",
    "Kayseri",
    "Kırıkkale",
    "Kırklareli",
    "Kırşehir",
    "Kilis",
    "Kocaeli",
    "Konya",
    "Kütahya",
    "Malatya",
    "Manisa",
    "Mardin",
    "Mersin",
    "Muğla",
    "Muş",
    "Nevşehir",
    "Niğde",
    "Ordu",
    "Osmaniye",
    "Rize",
    "Sakarya",
    "Samsun",
    "Siirt",
    "Sinop",
    "Sivas",
    "Şanlıurfa",
    "Şırnak",
    "Tekirdağ",
    "Tokat",
    "Trabzon",
    "Tunceli",
    "Uşak",
    "Van",
    "Yalova",
    "Yozgat",
    "Zonguldak",
];
