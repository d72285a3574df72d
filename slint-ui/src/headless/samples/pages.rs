//! Pages with plainly made-up data.

use eimza_kiosk::{
    link::{
        paper::{Grey, SCREEN_SIZE},
        signer::{RequestId, TriesLeft},
        view::{
            CertificateChoice, ComparedLine, Dialogue, FieldError, FieldView, FieldWarning, Finding, Input,
            LoginKind, NewPinKind, Page, ReviewRow, Section, Service, Source,
        },
    },
    portal::{Captcha, Choice, FieldId, Quote, SigningText},
    session::fault::{Advice, Cause},
};

use super::provinces::PROVINCES;

pub(super) const ADDRESS: &str =
    "Deneme Mahallesi Örnek Caddesi Sınama Sokağı No: 1000 Kat: 12 Daire: 48 Deneme Kampüsü";

pub(super) fn eligibility(
    until: &str,
    verdict: Result<(), Cause>,
    days_left: i64,
    from: Option<&str>,
) -> Page {
    Page::Eligibility {
        holder: "DENEME KİŞİ SINAMAOĞLU".into(),
        valid_until: until.into(),
        days_left,
        verdict,
        possible_from: from.map(Into::into),
        on_paper: false,
    }
}

pub(super) fn attract() -> Page {
    Page::Attract {
        services: vec![
            Service::CardCheck,
            Service::ChangePin,
            Service::NewPin,
            Service::Unblock,
            Service::WetInk,
            Service::Assisted,
        ],
    }
}

/// A page of a document: grey lines in the place of writing.
pub(super) fn paper(number: u8) -> Page {
    let (width, height) = SCREEN_SIZE;
    let margin = 110;
    let mut pixels = Vec::with_capacity(usize::from(width) * usize::from(height));
    for y in 0..height {
        for x in 0..width {
            let line = y % 36 < 12 && (margin..height - margin).contains(&y);
            // Each line ends somewhere else.
            let end = width - margin - (y / 36 * 53) % 300;
            pixels.push(if line && (margin..end).contains(&x) && x % 23 != 0 { 60 } else { 255 });
        }
    }
    Page::Paper { page: Grey::new(SCREEN_SIZE, pixels).expect("as many pixels"), number, of: 3 }
}

/// A card that could be read.
pub(super) fn card_check(tries: TriesLeft, fit: Result<(), Cause>, days_left: i64) -> Page {
    let certificate = Finding::Certificate {
        holder: "DENEME KİŞİ SINAMAOĞLU".into(),
        valid_until: "02.01.2027 16:45".into(),
        days_left,
        fit,
    };
    let renewal = Finding::Renewal { verdict: fit, possible_from: None };
    let findings = vec![Finding::Reader, Finding::Card(Ok(())), certificate, Finding::Pin(tries), renewal];
    let advice = match fit {
        Ok(()) => vec![Advice::Renew, Advice::Finish, Advice::TestSignature],
        Err(_) => vec![Advice::Finish],
    };
    Page::CardCheck { findings, advice }
}

/// A kiosk that has a printer for whoever cannot renew.
pub(super) fn printed_here(check: Page) -> Page {
    let Page::CardCheck { findings, .. } = check else { return check };
    Page::CardCheck { findings, advice: vec![Advice::WetInk, Advice::Finish] }
}

/// A card that could not.
pub(super) fn card_unread(cause: Cause) -> Page {
    let findings = vec![Finding::Reader, Finding::Card(Err(cause))];
    Page::CardCheck { findings, advice: vec![Advice::Finish] }
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

/// "tk7mz" of coarse dots, leaning, with a line across.
fn captcha() -> Captcha {
    const LETTERS: [[u8; 7]; 5] = [
        [0b01000, 0b01000, 0b11110, 0b01000, 0b01000, 0b01001, 0b00110],
        [0b10000, 0b10000, 0b10010, 0b10100, 0b11000, 0b10100, 0b10010],
        [0b11111, 0b00001, 0b00010, 0b00100, 0b00100, 0b01000, 0b01000],
        [0b00000, 0b00000, 0b11010, 0b10101, 0b10101, 0b10101, 0b10101],
        [0b00000, 0b00000, 0b11111, 0b00010, 0b00100, 0b01000, 0b11111],
    ];
    let (width, height) = (240_u16, 80_u16);
    let mut rgba = Vec::new();
    for y in 0..usize::from(height) {
        for x in 0..usize::from(width) {
            let (letter, within) = (x / 46, x % 46);
            let down = y.wrapping_sub(8 + letter * 7 % 12);
            // Each leans its own way.
            let across = (within + down / (4 + letter)).wrapping_sub(9) / 6;
            let dot = LETTERS.get(letter).and_then(|it| it.get(down / 8)).filter(|_| across < 5);
            let inked = dot.is_some_and(|row| row >> (4 - across) & 1 == 1);
            let line = (y * 3).abs_diff(x / 2 + 60) < 4;
            rgba.extend(if inked || line { [48, 40, 92, 255] } else { [246, 246, 252, 255] });
        }
    }
    Captcha { width, height, rgba }
}

/// Why the login is asked for again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    None,
    Captcha,
    Data,
}

pub(super) fn login(refused: Refusal) -> Page {
    let data = refused == Refusal::Data;
    Page::Login {
        kind: LoginKind::Application,
        captcha: captcha(),
        fields: vec![
            field(FieldId::Captcha, Input::Text { max_length: 8 }, "", Source::Person),
            field(FieldId::NationalId, Input::ReadOnly, "10000000146", Source::Card),
            field(FieldId::GivenName, Input::Text { max_length: 40 }, "DENEME KİŞİ", Source::Card),
            field(FieldId::Surname, Input::Text { max_length: 40 }, "SINAMAOĞLU", Source::Card),
            FieldView {
                error: data.then_some(FieldError::Missing),
                ..text(FieldId::BirthPlace, if data { "" } else { "DENEMEKÖY" })
            },
            field(FieldId::BirthDate, Input::Date, "15.08.1975", Source::Person),
        ],
        wrong_captcha: refused == Refusal::Captcha,
        refusal: data.then(|| Quote("Girilen bilgiler nüfus kayıtlarıyla uyuşmamaktadır.".into())),
        suggested_word: None,
    }
}

/// "Şifreli Giriş", or the page for another word.
pub(super) fn online_login(kind: LoginKind, refused: Refusal) -> Page {
    let word =
        |id, error| FieldView { error, ..text(id, if refused == Refusal::Data { "Zeytin-41" } else { "" }) };
    let mut fields = vec![
        field(FieldId::Captcha, Input::Text { max_length: 8 }, "", Source::Person),
        field(FieldId::NationalId, Input::ReadOnly, "10000000146", Source::Card),
        word(FieldId::SecurityWord, None),
    ];
    let chooses = kind == LoginKind::NewWord;
    if chooses {
        fields.push(word(
            FieldId::SecurityWordRepeat,
            (refused == Refusal::Data).then_some(FieldError::Repeat),
        ));
    }
    Page::Login {
        kind,
        captcha: captcha(),
        fields,
        wrong_captcha: refused == Refusal::Captcha,
        refusal: (refused == Refusal::Data).then(|| Quote("Kimlik no veya güvenlik sözcüğü hatalı.".into())),
        suggested_word: chooses.then(|| "Zeytin-41-Köprü".into()),
    }
}

pub(super) fn form(section: Section) -> Page {
    let fields = match section {
        Section::Reason => vec![
            choice(FieldId::Reason, &["Yenileme", "Kayıp Çalıntı", "Diğer"], "Yenileme"),
            FieldView {
                source: Source::Portal,
                ..choice(FieldId::ReaderType, &["İstenmedi", "Mini Kart Okuyucu"], "İstenmedi")
            },
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
            digits(FieldId::WorkPhone, "2220000000"),
            FieldView { required: false, ..digits(FieldId::WorkExtension, "") },
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
            FieldView { error: Some(FieldError::Phone), ..digits(FieldId::MobilePhone, "53500000") },
            FieldView {
                warning: Some(FieldWarning::OtherOperator),
                ..choice(FieldId::MobileOperator, &["Turkcell", "Vodafone", "Türk Telekom"], "Vodafone")
            },
            digits(FieldId::HomePhone, ""),
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

pub(super) fn review() -> Page {
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
        GÜVENLİK SÖZCÜĞÜ: Zeytin-41-Köprü\nADRES: Deneme Mahallesi Örnek Caddesi Sınama Sokağı No: 1000\n\
        KURUM: DENEME İLÇE MİLLÎ EĞİTİM MÜDÜRLÜĞÜ\nİL: ESKİŞEHİR\n";
    let undertaking = (1..=24)
        .map(|n| {
            format!("{n}. Sertifika sahibi, bu deneme metninin {n}. maddesini okuduğunu ve anladığını beyan eder.\n")
        })
        .collect::<String>();
    vec![SigningText(form.into()), SigningText(format!("FORM-001-042 TAAHHÜTNAME\n\n{undertaking}").into())]
}

pub(super) fn contract(differs: bool) -> Page {
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
            compared(9, FieldId::Province, differs.then_some("ANKARA")),
        ],
    }
}

pub(super) fn unreadable() -> Page {
    Page::Contract { texts: vec![SigningText("AD: \u{202E}EMENED".into())], comparison: Vec::new() }
}

pub(super) fn certificates() -> Page {
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

pub(super) fn dialogue(request: u8) -> Dialogue {
    Dialogue { request: RequestId([request; 16]), texts: texts() }
}

pub(super) fn pin(request: u8, tries: TriesLeft, wrong: bool) -> Page {
    Page::Pin { dialogue: dialogue(request), tries, wrong }
}

pub(super) fn new_pin(request: u8, tries: TriesLeft, wrong: bool) -> Page {
    Page::NewPin { request: RequestId([request; 16]), kind: NewPinKind::Change, tries, wrong }
}

/// The new PIN of one that is opened.
pub(super) fn opened_pin(request: u8) -> Page {
    let kind = NewPinKind::Unblock;
    Page::NewPin { request: RequestId([request; 16]), kind, tries: TriesLeft::Locked, wrong: false }
}

pub(super) fn result() -> Page {
    Page::Result {
        delivery_address: ADDRESS.into(),
        usable_from: "02.01.2027 16:45:00".into(),
        security_word: "Zeytin-41-Köprü".into(),
        pin_here: true,
    }
}

pub(super) fn trouble(cause: Cause, quote: Option<&str>) -> Page {
    let remedy = cause.remedy();
    Page::Trouble {
        cause,
        advice: remedy.advice.to_vec(),
        quote: quote.map(|it| Quote(it.into())),
        reference: format!("{}-042", remedy.code),
    }
}
