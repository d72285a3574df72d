//! A visit page by page, at both institutions.

use std::time::Duration;

use super::browser::{Browser, NATIONAL_ID, code, credential, sign, simulator};
use crate::{
    pki::{KeyKind, Variant},
    portal::{Fault, Institution, Simulator},
};

const LOGIN: [(&str, &str); 5] = [
    ("tcKimlikNo", NATIONAL_ID),
    ("ad", "deneme şıi"),
    ("soyad", "Sınama"),
    ("dogumYeri", "iğdeş"),
    ("dogumTarihi", "15.08.1975"),
];

const FORM: [(&str, &str); 19] = [
    ("basvuruNedeni", "1"),
    ("kartOkuyucuTipi", "0"),
    ("sertifikaSuresi", "3"),
    ("guvenlikSozcugu", "Deneme-42-Ğ"),
    ("guvenlikSozcuguTekrar", "Deneme-42-Ğ"),
    ("kurumSicilNo", "12345678"),
    ("calistigiBirim", "DENEME ORTAOKULU"),
    ("unvan", "DENEME"),
    ("adres", "DENEME MAH. <SINAMA> SK. & NO 35"),
    ("il", "26"),
    ("ilce", "2610"),
    ("postaKodu", "26100"),
    ("eposta", "deneme@example.org"),
    ("isTelefonu", "2220000001"),
    ("isTelefonuDahili", "1204"),
    ("cepTelefonu", "5350000001"),
    ("operatorTipi", "1"),
    ("evTelefonu", "2220000002"),
    ("bilgiKanali", "H"),
];

/// Names and values of the first institution in the words of the second.
fn saglik((name, value): (&'static str, &'static str)) -> (&'static str, &'static str) {
    match (name, value) {
        ("tcKimlikNo", id) => ("kisi.kimlikNumarasi", id),
        ("ad", ad) => ("kisi.ad", ad),
        ("soyad", soyad) => ("kisi.soyad", soyad),
        ("dogumYeri", yer) => ("kisi.dogumYeri", yer),
        ("dogumTarihi", tarih) => ("kisi.dogumTarihi", tarih),
        ("basvuruNedeni", _) => ("basvuru.neden", "YENILEME"),
        ("kartOkuyucuTipi", _) => ("basvuru.okuyucu", "YOK"),
        ("sertifikaSuresi", _) => ("basvuru.sure", "36"),
        ("guvenlikSozcugu", word) => ("basvuru.parola1", word),
        ("guvenlikSozcuguTekrar", word) => ("basvuru.parola2", word),
        ("kurumSicilNo", no) => ("kurum.sicil", no),
        ("calistigiBirim", unit) => ("kurum.birim", unit),
        ("unvan", title) => ("kurum.gorev", title),
        ("adres", address) => ("kurum.adres", address),
        ("il", plate) => ("kurum.il", plate),
        ("ilce", number) => ("kurum.ilce", number),
        ("postaKodu", number) => ("kurum.postaKodu", number),
        ("eposta", email) => ("iletisim.eposta", email),
        ("isTelefonu", number) => ("iletisim.is", number),
        ("isTelefonuDahili", number) => ("iletisim.dahili", number),
        ("cepTelefonu", number) => ("iletisim.cep", number),
        ("operatorTipi", _) => ("iletisim.operator", "TURKCELL"),
        ("evTelefonu", number) => ("iletisim.ev", number),
        ("bilgiKanali", _) => ("iletisim.kanal", "IKISI"),
        other => panic!("{other:?}"),
    }
}

fn translated(
    institution: Institution,
    values: &[(&'static str, &'static str)],
) -> Vec<(&'static str, &'static str)> {
    match institution {
        Institution::Meb => values.to_vec(),
        Institution::Saglik => values.iter().copied().map(saglik).collect(),
    }
}

pub(super) async fn log_in(browser: &mut Browser, simulator: &Simulator) -> reqwest::Result<()> {
    let text = simulator.captcha().unwrap();
    let captcha = match browser.institution {
        Institution::Meb => "guvenlikKodu",
        Institution::Saglik => "guvenlik",
    };
    let mut values = translated(browser.institution, &LOGIN);
    let text = text.to_uppercase();
    values.push((captcha, &text));
    browser.post(&values).await
}

pub(super) async fn fill_in(
    browser: &mut Browser,
    other: &[(&'static str, &'static str)],
) -> reqwest::Result<()> {
    let values: Vec<_> = FORM
        .into_iter()
        .map(|pair| *other.iter().find(|(name, _)| *name == pair.0).unwrap_or(&pair))
        .collect();
    browser.post(&translated(browser.institution, &values)).await
}

pub(super) async fn type_code(browser: &mut Browser, code: &str) -> reqwest::Result<()> {
    let name = match browser.institution {
        Institution::Meb => "smsKodu",
        Institution::Saglik => "onayKodu",
    };
    browser.post(&[(name, code)]).await
}

pub(super) async fn choose_electronic(browser: &mut Browser) -> reqwest::Result<()> {
    match browser.institution {
        Institution::Meb => {
            browser.post(&[("yontem2", "Yöntem 2 : Elektronik İmzalı Başvuru Arayüzü")]).await
        }
        Institution::Saglik => browser.post(&[("yontem", "ELEKTRONIK")]).await,
    }
}

/// From the first page to the page with the verification code, which is returned.
pub(super) async fn to_the_code(browser: &mut Browser, simulator: &Simulator) -> String {
    let messages = simulator.outbox().count();
    browser.open().await.unwrap();
    log_in(browser, simulator).await.unwrap();
    fill_in(browser, &[]).await.unwrap();
    browser.post(&[]).await.unwrap();
    let sms = simulator.outbox().wait_for(messages, Duration::from_secs(5)).unwrap();
    type_code(browser, &sms.code).await.unwrap();
    choose_electronic(browser).await.unwrap();
    code(&browser.page)
}

pub(super) async fn reload_signing_page(browser: &mut Browser) {
    let address = match browser.institution {
        Institution::Meb => "mebImza.go",
        Institution::Saglik => "saglikImza.go",
    };
    browser.page = browser.get(address).await.unwrap().text().await.unwrap();
}

#[tokio::test]
async fn a_visit_ends_on_the_result_page_at_both_institutions() {
    for (institution, kind) in [(Institution::Meb, KeyKind::Rsa2048), (Institution::Saglik, KeyKind::P384)] {
        let simulator = simulator(&[]);
        let mut browser = Browser::new(&simulator, institution);
        let code = to_the_code(&mut browser, &simulator).await;
        let texts = browser.texts(&code).await;
        assert_eq!(texts.len(), 2);
        assert!(!browser.says("alınmıştır"));
        let signatures =
            sign(&credential(NATIONAL_ID, Variant::Valid, kind), &texts, &["-nodetach", "-cades"]);
        let (status, answer) = browser.hand_in(&code, &signatures).await.unwrap();
        assert_eq!((status, answer["taken"].as_bool()), (200, Some(true)), "{answer}");
        reload_signing_page(&mut browser).await;
        assert!(browser.says("Başvurunuz E-İmzalı olarak alınmıştır."), "{}", browser.page);
        let applications = simulator.applications();
        assert_eq!(applications.len(), 1);
        assert_eq!(applications[0].texts, texts);
        assert_eq!(applications[0].signatures, signatures);
        simulator.stop().unwrap();
    }
}

#[tokio::test]
async fn the_contract_repeats_the_form_line_by_line() {
    let simulator = simulator(&[]);
    let mut browser = Browser::new(&simulator, Institution::Meb);
    let code = to_the_code(&mut browser, &simulator).await;
    let texts = browser.texts(&code).await;
    let form = String::from_utf8(texts[0].clone()).unwrap();
    let lines: Vec<&str> = form.lines().collect();
    assert!(lines[0].starts_with("Aşağıda yazılı bütün bilgilerin doğru olduğunu, "));
    let labels: Vec<&str> = lines.iter().filter_map(|line| line.split_once(": ")).map(|(l, _)| l).collect();
    assert_eq!(
        labels,
        [
            "AD",
            "SOYAD",
            "TC KİMLİK NUMARASI",
            "EPOSTA",
            "GÜVENLİK SÖZCÜĞÜ",
            "ADRES",
            "KURUM",
            "KURUM BİRİMİ",
            "BARKOD",
            "UNVAN",
            "İŞ TELEFONU",
            "İŞ TELEFONU DAHİLİ",
            "EV TELEFONU",
            "CEP TELEFONU",
            "POSTA KODU",
            "İL"
        ]
    );
    assert!(lines.contains(&"ADRES: DENEME MAH. <SINAMA> SK. & NO 35"));
    assert!(lines.contains(&"İL: ESKİŞEHİR"));
    assert!(String::from_utf8(texts[1].clone()).unwrap().starts_with("FORM-001-042"));
}

#[tokio::test]
async fn a_misread_picture_and_data_that_are_not_the_registers_stay_on_the_login_page() {
    let simulator = simulator(&[]);
    let mut browser = Browser::new(&simulator, Institution::Meb);
    browser.open().await.unwrap();
    let mut misread = LOGIN.to_vec();
    misread.push(("guvenlikKodu", "11111"));
    browser.post(&misread).await.unwrap();
    assert!(browser.says("Resimdeki yazıyı hatalı girdiniz"));

    let text = simulator.captcha().unwrap();
    let mut stranger = LOGIN.to_vec();
    stranger[3] = ("dogumYeri", "igdes");
    stranger.push(("guvenlikKodu", &text));
    browser.post(&stranger).await.unwrap();
    assert!(browser.says("nüfus kayıtlarındaki bilgilerle uyuşmuyor"));
    assert!(browser.says("value=\"igdes\""), "what was typed is kept");

    log_in(&mut browser, &simulator).await.unwrap();
    assert!(browser.says("Başvuru Formu"));
}

#[tokio::test]
async fn refused_entries_are_marked_on_the_form_and_what_was_typed_is_kept() {
    for institution in [Institution::Meb, Institution::Saglik] {
        let simulator = simulator(&[]);
        let mut browser = Browser::new(&simulator, institution);
        browser.open().await.unwrap();
        log_in(&mut browser, &simulator).await.unwrap();
        fill_in(&mut browser, &[("postaKodu", "2610"), ("guvenlikSozcuguTekrar", "başka")]).await.unwrap();
        assert!(browser.says("Posta kodu 5 haneli olmalıdır."));
        assert!(browser.says("Girdiğiniz güvenlik sözcükleri aynı değil."));
        assert!(browser.says("DENEME MAH. &lt;SINAMA&gt; SK. &amp; NO 35"));
        fill_in(&mut browser, &[]).await.unwrap();
        assert!(browser.says("5350000001"), "the number to which the SMS goes is shown");
    }
}

#[tokio::test]
async fn districts_follow_the_province() {
    let simulator = simulator(&[]);
    let mut browser = Browser::new(&simulator, Institution::Meb);
    let fragment = browser.get("ilceler.go?il=26").await.unwrap().text().await.unwrap();
    assert!(fragment.contains("<option value=\"2610\">ODUNPAZARI</option>"));
    assert_eq!(fragment.matches("<option").count(), 15);

    browser.institution = Institution::Saglik;
    let mut browser = Browser::new(&simulator, Institution::Saglik);
    browser.open().await.unwrap();
    log_in(&mut browser, &simulator).await.unwrap();
    browser.post(&[("kurum.il", "34"), ("islem", "ilSecildi")]).await.unwrap();
    assert!(browser.says("<option value=\"34\" selected=\"selected\">İstanbul</option>"));
    assert!(browser.says(">Zeytinburnu</option>"));
}

#[tokio::test]
async fn a_page_sent_twice_or_without_its_hidden_number_ends_the_session() {
    let simulator = simulator(&[]);
    let mut browser = Browser::new(&simulator, Institution::Meb);
    browser.open().await.unwrap();
    let first = browser.page.clone();
    log_in(&mut browser, &simulator).await.unwrap();
    browser.page = first;
    log_in(&mut browser, &simulator).await.unwrap();
    assert!(browser.says("Oturumunuz sona erdi"));

    browser.open().await.unwrap();
    browser.post(&[("islemNo", "")]).await.unwrap();
    assert!(browser.says("Oturumunuz sona erdi"));
}

#[tokio::test]
async fn a_wrong_sms_code_may_be_corrected_and_method_one_offers_a_pdf() {
    let simulator = simulator(&[]);
    let mut browser = Browser::new(&simulator, Institution::Meb);
    browser.open().await.unwrap();
    log_in(&mut browser, &simulator).await.unwrap();
    fill_in(&mut browser, &[]).await.unwrap();
    browser.post(&[]).await.unwrap();
    let sms = simulator.outbox().wait_for(0, Duration::from_secs(5)).unwrap();
    assert_eq!(sms.to, "5350000001");
    assert!(sms.text.ends_with(&sms.code));
    type_code(&mut browser, "0").await.unwrap();
    assert!(browser.says("SMS Onay Kodu hatalıdır"));
    type_code(&mut browser, &sms.code).await.unwrap();
    browser.post(&[("yontem1", "Yöntem 1 : Islak İmzalı Başvuru Arayüzü")]).await.unwrap();
    assert!(browser.says("PDF belgesi"));
}

#[tokio::test]
async fn the_log_tells_every_event_in_order_and_nothing_personal() {
    let simulator = simulator(&[Fault::Slow]);
    let events = simulator.events();
    let mut browser = Browser::new(&simulator, Institution::Meb);
    let code = to_the_code(&mut browser, &simulator).await;
    let sms = simulator.outbox().list().remove(0).code;
    simulator.stop().unwrap();
    let told: Vec<_> = events.into_iter().collect();
    assert!(told.windows(2).all(|pair| pair[1].number == pair[0].number + 1));
    let lines = serde_json::to_string(&told).unwrap();
    for page in ["login", "form", "sms-send", "sms-code", "method", "signing"] {
        assert!(lines.contains(&format!("\"page\":\"{page}\"")), "{page}: {lines}");
    }
    for secret in [NATIONAL_ID, "SINAMA", "5350000001", "Deneme-42-Ğ", &code, &sms] {
        assert!(!lines.contains(secret), "{secret} is in the log");
    }
}
