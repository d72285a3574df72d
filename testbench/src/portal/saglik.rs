//! The pages of `/bp/saglik.go`: the same steps as the first institution's in other words and other markup:
//! `div` and `label`, radio buttons, `button`, the districts by posting the form back.
//!
//! It draws what it is given; it decides nothing.

use std::{collections::BTreeMap, fmt::Write};

use super::{
    Person,
    fields::{Key, Values},
    institution::{Content, Frame, escape, options},
    provinces, turkish,
};

/// The `name` of an input.
pub(super) fn input(key: Key) -> &'static str {
    match key {
        Key::NationalId => "kisi.kimlikNumarasi",
        Key::GivenName => "kisi.ad",
        Key::Surname => "kisi.soyad",
        Key::BirthPlace => "kisi.dogumYeri",
        Key::BirthDate => "kisi.dogumTarihi",
        Key::Reason => "basvuru.neden",
        Key::ReaderType => "basvuru.okuyucu",
        Key::Validity => "basvuru.sure",
        Key::SecurityWord => "basvuru.parola1",
        Key::SecurityWordRepeat => "basvuru.parola2",
        Key::Institution => "kurum.ad",
        Key::RegistryNumber => "kurum.sicil",
        Key::Unit => "kurum.birim",
        Key::Title => "kurum.gorev",
        Key::Address => "kurum.adres",
        Key::Province => "kurum.il",
        Key::District => "kurum.ilce",
        Key::PostalCode => "kurum.postaKodu",
        Key::Email => "iletisim.eposta",
        Key::WorkPhone => "iletisim.is",
        Key::WorkExtension => "iletisim.dahili",
        Key::MobilePhone => "iletisim.cep",
        Key::MobileOperator => "iletisim.operator",
        Key::HomePhone => "iletisim.ev",
        Key::InfoChannel => "iletisim.kanal",
        Key::Unheard => "kisi.kanGrubu",
    }
}

/// Option values and labels.
pub(super) fn choices(key: Key) -> &'static [(&'static str, &'static str)] {
    match key {
        Key::Reason => &[
            ("YENILEME", "Sertifika yenileme"),
            ("KAYIP", "Kayıp veya çalıntı"),
            ("DIGER", "Diğer nedenler"),
        ],
        Key::ReaderType => &[("YOK", "İstenmiyor"), ("MINI", "Mini kart okuyucu")],
        Key::Validity => &[("36", "3 yıl")],
        Key::MobileOperator => {
            &[("TURKCELL", "Turkcell"), ("VODAFONE", "Vodafone"), ("TURKTELEKOM", "Türk Telekom")]
        }
        Key::InfoChannel => {
            &[("POSTA", "E-posta"), ("SMS", "Kısa mesaj"), ("IKISI", "E-posta ve kısa mesaj")]
        }
        Key::Unheard => &[("A", "A"), ("B", "B"), ("AB", "AB"), ("0", "0")],
        Key::NationalId
        | Key::GivenName
        | Key::Surname
        | Key::BirthPlace
        | Key::BirthDate
        | Key::SecurityWord
        | Key::SecurityWordRepeat
        | Key::Institution
        | Key::RegistryNumber
        | Key::Unit
        | Key::Title
        | Key::Address
        | Key::Province
        | Key::District
        | Key::PostalCode
        | Key::Email
        | Key::WorkPhone
        | Key::WorkExtension
        | Key::MobilePhone
        | Key::HomePhone => &[],
    }
}

/// The page.
pub(super) fn draw(frame: &Frame<'_>, content: &Content<'_>) -> String {
    match content {
        Content::Login { values, error } => login(frame, values, *error),
        Content::Form { person, values, errors, changed } => form(frame, person, values, errors, *changed),
        Content::SmsSend { phone } => sms_send(frame, phone),
        Content::SmsCode { remaining, wrong } => sms_code(frame, remaining.as_secs(), *wrong),
        Content::Method { form_target } => method(frame, form_target.unwrap_or("saglikYontem.go")),
        Content::WetInk { document } => notice(
            frame,
            "Islak imzalı başvuru",
            &format!(
                "Başvuru formunuzu <a href=\"{document}\">PDF belgesi</a> olarak yazdırıp imzaladıktan sonra \
                 kurumunuza teslim ediniz."
            ),
        ),
        Content::Signing { code, remaining } => signing(frame, code, remaining.as_secs()),
        Content::Result => notice(
            frame,
            "E-imzalı başvuru sonucu",
            "<strong>Başvurunuz E-İmzalı olarak alınmıştır.</strong>",
        ),
        Content::Notice { heading, sentence } => notice(frame, heading, sentence),
    }
}

fn page(frame: &Frame<'_>, heading: &str, body: &str) -> String {
    let charset = if frame.meta_charset { "<meta charset=\"utf-8\">\n" } else { "" };
    format!(
        r##"<!DOCTYPE html>
<html lang="tr">
<head>
{charset}<title>Sağlık Bakanlığı E-imza Başvurusu</title>
<meta name="viewport" content="width=device-width">
</head>
<body>
<header><span class="marka">Kamu SM</span><nav><a href="#">Sağlık Bakanlığı E-imza Başvurusu</a></nav></header>
<main>
<h1>{heading}</h1>
{body}
</main>
<footer><small>&copy; TÜBİTAK BİLGEM Kamu Sertifikasyon Merkezi. Tüm hakkı saklıdır.</small></footer>
</body>
</html>
"##
    )
}

fn open(frame: &Frame<'_>, target: &str, step: &str) -> String {
    format!(
        "<form action=\"{target}\" method=\"post\" class=\"basvuru\">\n\
         <input type=\"hidden\" name=\"_islemNo\" value=\"{}\">\n\
         <input type=\"hidden\" name=\"_adim\" value=\"{step}\">\n",
        frame.ticket
    )
}

fn entry(key: Key, label: &str, control: &str, error: Option<&&'static str>, required: bool) -> String {
    let star = if required { " <span class=\"zorunlu\">(*)</span>" } else { "" };
    let error = error.map_or(String::new(), |words| format!("<span class=\"hata\">{words}</span>\n"));
    format!(
        "<div class=\"alan\">\n<label for=\"{}\">{label}</label>{star}\n{control}\n{error}</div>\n",
        input(key)
    )
}

fn text(key: Key, value: &str) -> String {
    format!(
        "<input id=\"{0}\" name=\"{0}\" type=\"text\" value=\"{1}\" maxlength=\"{2}\">",
        input(key),
        escape(value),
        key.max_length()
    )
}

fn read_only(key: Key, value: &str) -> String {
    format!("<input id=\"{0}\" name=\"{0}\" type=\"text\" value=\"{1}\" readonly>", input(key), escape(value))
}

/// A group of radio buttons under one legend.
fn radios(key: Key, legend: &str, chosen: &str, error: Option<&&'static str>) -> String {
    let star = if key.required() { " <span class=\"zorunlu\">(*)</span>" } else { "" };
    let error = error.map_or(String::new(), |words| format!("<span class=\"hata\">{words}</span>\n"));
    let buttons: String = choices(key)
        .iter()
        .map(|(value, label)| {
            let mark = if *value == chosen { " checked" } else { "" };
            format!(
                "<label><input type=\"radio\" name=\"{}\" value=\"{value}\"{mark}> {label}</label>\n",
                input(key)
            )
        })
        .collect();
    format!("<fieldset>\n<legend>{legend}{star}</legend>\n{buttons}{error}</fieldset>\n")
}

fn select(key: Key, prompt: &str, list: &str, script: &str) -> String {
    format!(
        "<select id=\"{0}\" name=\"{0}\"{script}>\n<option value=\"\">{prompt}</option>\n{list}</select>",
        input(key)
    )
}

fn login(frame: &Frame<'_>, values: &Values, error: Option<&'static str>) -> String {
    let value = |key: Key| values.get(&key).map_or("", String::as_str);
    let mut body = String::from(
        "<p>Kimlik bilgilerinizi nüfus kayıtlarında geçtiği gibi yazarak devam ediniz. Yardım: 444 5 576.</p>\n",
    );
    if let Some(words) = error {
        let _ = writeln!(body, "<div class=\"uyari\" role=\"alert\">{words}</div>");
    }
    body += &open(frame, "saglik.go", "giris");
    let _ = writeln!(
        body,
        "<div class=\"alan\">\n<img alt=\"Güvenlik resmi\" src=\"guvenlikResmi.go?no={}\">\n\
         <label for=\"guvenlik\">Güvenlik Resmindeki Karakterler</label>\n\
         <input id=\"guvenlik\" name=\"guvenlik\" type=\"text\" maxlength=\"5\">\n</div>",
        frame.ticket
    );
    for (key, label) in [
        (Key::NationalId, "T.C. Kimlik Numarası"),
        (Key::GivenName, "Adınız"),
        (Key::Surname, "Soyadınız"),
        (Key::BirthPlace, "Doğum Yeriniz"),
        (Key::BirthDate, "Doğum Tarihiniz"),
    ] {
        body += &entry(key, label, &text(key, value(key)), None, false);
    }
    body += "<button type=\"submit\">Devam Et</button>\n</form>";
    page(frame, "Sağlık Bakanlığı E-imza Başvuru Portalı Giriş Ekranı", &body)
}

fn form(
    frame: &Frame<'_>,
    person: &Person,
    values: &Values,
    errors: &BTreeMap<Key, &'static str>,
    changed: bool,
) -> String {
    let value = |key: Key| values.get(&key).map_or("", String::as_str);
    let line =
        |key: Key, label: &str, control: &str| entry(key, label, control, errors.get(&key), key.required());
    let plain = |key: Key, label: &str| line(key, label, &text(key, value(key)));
    let mut body = String::new();
    if !errors.is_empty() {
        body += "<div class=\"uyari\" role=\"alert\">Lütfen işaretli alanları düzeltiniz.</div>\n";
    }
    body += &open(frame, "saglikForm.go", "form");

    body += "<section>\n<h2>Başvuru</h2>\n";
    body += &radios(Key::Reason, "Başvuru Sebebi", value(Key::Reason), errors.get(&Key::Reason));
    body += &radios(Key::ReaderType, "Kart Okuyucu", value(Key::ReaderType), errors.get(&Key::ReaderType));
    body += &radios(Key::Validity, "Geçerlilik Süresi", value(Key::Validity), errors.get(&Key::Validity));

    body += "</section>\n<section>\n<h2>Kimlik</h2>\n";
    for (key, label, known) in [
        (Key::NationalId, "T.C. Kimlik Numarası", &person.national_id),
        (Key::GivenName, "Adınız", &person.given_name),
        (Key::Surname, "Soyadınız", &person.surname),
        (Key::BirthPlace, "Doğum Yeriniz", &person.birth_place),
        (Key::BirthDate, "Doğum Tarihiniz", &person.birth_date),
    ] {
        body += &entry(key, label, &read_only(key, &turkish::upper(known)), None, false);
    }
    body += &plain(Key::SecurityWord, "Güvenlik Sözcüğünüz");
    body += &plain(Key::SecurityWordRepeat, "Güvenlik Sözcüğünüz (Yeniden)");
    if changed {
        body += &radios(Key::Unheard, "Kan Grubu", "", None);
    }

    body += "</section>\n<section>\n<h2>Görev Yeri</h2>\n";
    body +=
        &entry(Key::Institution, "Kurumunuz", &read_only(Key::Institution, &person.institution), None, false);
    body += &plain(Key::RegistryNumber, "Sicil Numaranız");
    body += &plain(Key::Unit, "Biriminiz");
    body += &plain(Key::Title, "Göreviniz");
    body += &plain(Key::Address, "Teslimat Adresi");
    let listed = provinces::all().iter().map(|p| (p.plate.as_str().into(), p.name.as_str().into()));
    let province = select(
        Key::Province,
        "Seçiniz",
        &options(listed, value(Key::Province)),
        " onchange=\"this.form.islem.value='ilSecildi'; this.form.submit();\"",
    );
    body += &line(Key::Province, "Bulunduğu İl", &province);
    let listed =
        provinces::by_plate(value(Key::Province)).into_iter().flat_map(provinces::Province::numbered);
    let district = select(
        Key::District,
        "Önce il seçiniz",
        &options(listed.map(|(number, name)| (number.into(), name.into())), value(Key::District)),
        "",
    );
    body += &line(Key::District, "Bulunduğu İlçe", &district);
    body += &plain(Key::PostalCode, "Posta Kodu");

    body += "</section>\n<section>\n<h2>İletişim</h2>\n";
    body += &plain(Key::Email, "E-posta Adresiniz");
    body += &plain(Key::WorkPhone, "İş Telefonunuz");
    body += &plain(Key::WorkExtension, "Dahili Numara");
    body += &plain(Key::MobilePhone, "Cep Telefonunuz");
    body += &radios(
        Key::MobileOperator,
        "Operatörünüz",
        value(Key::MobileOperator),
        errors.get(&Key::MobileOperator),
    );
    body += &plain(Key::HomePhone, "Ev Telefonunuz");
    body += &radios(
        Key::InfoChannel,
        "Bilgilendirme Yolu",
        value(Key::InfoChannel),
        errors.get(&Key::InfoChannel),
    );
    body += "</section>\n<input type=\"hidden\" name=\"islem\" value=\"onayla\">\n\
             <p>(*) zorunlu alan</p>\n<button type=\"submit\">Formu Onayla</button>\n</form>";
    page(frame, "E-imza Başvuru Formu", &body)
}

fn sms_send(frame: &Frame<'_>, phone: &str) -> String {
    let body = format!(
        "<p>Kayıtlı cep telefonu : <strong>{}</strong></p>\n\
         <p>Bu numaraya kısa mesajla bir onay kodu gönderilecektir. Numara yanlışsa başvurunuza baştan \
         başlayınız.</p>\n{}<button type=\"submit\">Kodu Gönder</button>\n</form>",
        escape(phone),
        open(frame, "saglikSms.go", "smsGonder")
    );
    page(frame, "Telefon doğrulama", &body)
}

fn sms_code(frame: &Frame<'_>, seconds: u64, wrong: bool) -> String {
    let error = if wrong { "<div class=\"uyari\" role=\"alert\">Onay kodu hatalı.</div>\n" } else { "" };
    let body = format!(
        "{error}<p>Telefonunuza gelen onay kodunu yazınız. Kalan süre : <span id=\"sure\">{seconds}</span> \
         saniye</p>\n{}<div class=\"alan\">\n<label for=\"onayKodu\">Onay Kodu</label>\n\
         <input id=\"onayKodu\" name=\"onayKodu\" type=\"text\" maxlength=\"6\">\n</div>\n\
         <button type=\"submit\">Kodu Onayla</button>\n</form>",
        open(frame, "saglikSmsOnay.go", "smsOnay")
    );
    page(frame, "Onay kodu", &body)
}

fn method(frame: &Frame<'_>, target: &str) -> String {
    let body = format!(
        "<p>Başvuru formunu ve FORM-001-042 taahhütnamesini nasıl imzalayacağınızı seçiniz.</p>\n{}\
         <fieldset>\n<legend>İmzalama Yöntemi</legend>\n\
         <label><input type=\"radio\" name=\"yontem\" value=\"ISLAK\"> Islak imza ile başvuru</label>\n\
         <label><input type=\"radio\" name=\"yontem\" value=\"ELEKTRONIK\"> Elektronik imza ile başvuru</label>\n\
         </fieldset>\n<button type=\"submit\">Seçimi Onayla</button>\n</form>",
        open(frame, target, "yontem")
    );
    page(frame, "İmzalama yöntemi", &body)
}

fn signing(frame: &Frame<'_>, code: &str, seconds: u64) -> String {
    let body = format!(
        "<p>E-imza uygulamasını açıp aşağıdaki kodu giriniz. İmzalama bitene kadar bu sayfadan ayrılmayınız.</p>\n\
         <dl>\n<dt>İmza Doğrulama Kodu</dt><dd>{code}</dd>\n\
         <dt>Kalan süre</dt><dd><span>{seconds}</span> saniye</dd>\n</dl>\n\
         <script>setTimeout(function () {{ location.reload(); }}, 5000);</script>"
    );
    page(frame, "E-imza bekleniyor", &body)
}

fn notice(frame: &Frame<'_>, heading: &str, sentence: &str) -> String {
    page(frame, heading, &format!("<div class=\"bildirim\"><p>{sentence}</p></div>"))
}
