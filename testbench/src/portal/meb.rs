//! The pages of `/bp/meb.go` in the wording of the guide and the markup of their time: tables in tables,
//! `font` elements, `bgcolor`, `&nbsp;`.
//!
//! It draws what it is given; it decides nothing.
// One page of the portal is one function here, so that each can be read beside the guide: over 400 lines.

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
        Key::NationalId => "tcKimlikNo",
        Key::GivenName => "ad",
        Key::Surname => "soyad",
        Key::BirthPlace => "dogumYeri",
        Key::BirthDate => "dogumTarihi",
        Key::Reason => "basvuruNedeni",
        Key::ReaderType => "kartOkuyucuTipi",
        Key::Validity => "sertifikaSuresi",
        Key::SecurityWord => "guvenlikSozcugu",
        Key::SecurityWordRepeat => "guvenlikSozcuguTekrar",
        Key::Institution => "kurumAdi",
        Key::RegistryNumber => "kurumSicilNo",
        Key::Unit => "calistigiBirim",
        Key::Title => "unvan",
        Key::Address => "adres",
        Key::Province => "il",
        Key::District => "ilce",
        Key::PostalCode => "postaKodu",
        Key::Email => "eposta",
        Key::WorkPhone => "isTelefonu",
        Key::WorkExtension => "isTelefonuDahili",
        Key::MobilePhone => "cepTelefonu",
        Key::MobileOperator => "operatorTipi",
        Key::HomePhone => "evTelefonu",
        Key::InfoChannel => "bilgiKanali",
        Key::Unheard => "kanGrubu",
    }
}

/// Option values and labels.
pub(super) fn choices(key: Key) -> &'static [(&'static str, &'static str)] {
    match key {
        Key::Reason => &[("1", "Yenileme"), ("2", "Kayıp Çalıntı"), ("3", "Diğer")],
        Key::ReaderType => &[("0", "İstenmedi"), ("1", "Mini Kart Okuyucu")],
        Key::Validity => &[("3", "3 Yıl")],
        Key::MobileOperator => &[("1", "Turkcell"), ("2", "Vodafone"), ("3", "Türk Telekom")],
        Key::InfoChannel => &[("E", "Eposta"), ("S", "SMS"), ("H", "Her İkisi (E-posta+SMS)")],
        Key::Unheard => &[("1", "A"), ("2", "B"), ("3", "AB"), ("4", "0")],
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
        Content::Method { form_target } => method(frame, form_target.unwrap_or("mebYontem.go")),
        Content::WetInk { document } => wet_ink(frame, document),
        Content::Signing { code, remaining } => signing(frame, code, remaining.as_secs()),
        Content::Result => result(frame),
        Content::Notice { heading, sentence } => notice(frame, heading, sentence),
    }
}

const TITLE: &str = "Nitelikli Elektronik Sertifika Başvurusu";

fn page(frame: &Frame<'_>, title: &str, body: &str) -> String {
    let charset = if frame.meta_charset {
        "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\">\n"
    } else {
        ""
    };
    format!(
        r##"<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<html>
<head>
{charset}<title>Kamu SM - {title}</title>
<style type="text/css">td {{ font-family: Verdana; font-size: 11px }}</style>
</head>
<body bgcolor="#FFFFFF" topmargin="0" leftmargin="0">
<table width="780" border="0" cellpadding="0" cellspacing="0" align="center" bgcolor="#EEF3F8">
<tr><td height="60" bgcolor="#003366">&nbsp;<font color="#FFFFFF" size="4"><b>Kamu Sertifikasyon Merkezi</b></font></td></tr>
<tr><td>&nbsp;<font size="3"><b>{title}</b></font></td></tr>
<tr><td>&nbsp;<font size="1"><a href="#">{TITLE}</a> &gt; <a href="#">Kullanıcı Girişi</a></font></td></tr>
<tr><td>
{body}
</td></tr>
<tr><td align="center" bgcolor="#DDE5EE"><font size="1">&copy; Copyright TÜBİTAK BİLGEM Kamu Sertifikasyon Merkezi. Tüm Hakkı Saklıdır&nbsp;|&nbsp;<a href="#">Yasal Uyarı</a></font></td></tr>
</table>
</body>
</html>
"##
    )
}

fn open(frame: &Frame<'_>, target: &str, step: &str) -> String {
    format!(
        r#"<form name="basvuruForm" method="post" action="{target}">
<input type="hidden" name="islemNo" value="{}">
<input type="hidden" name="adim" value="{step}">
<table width="760" border="0" cellpadding="2" cellspacing="1" align="center">
"#,
        frame.ticket
    )
}

const CLOSE: &str = "</table>\n</form>";

fn row(label: &str, control: &str, required: bool, error: Option<&&'static str>) -> String {
    let star = if required { "&nbsp;<font color=\"#FF0000\">(*)</font>" } else { "" };
    let error = error.map_or(String::new(), |words| {
        format!("<br><font color=\"#FF0000\" size=\"1\" class=\"hata\">{words}</font>")
    });
    format!(
        r##"<tr>
<td width="220" align="right" bgcolor="#E4ECF4"><font size="2">{label}</font>&nbsp;<font color="#003366">&#9654;</font></td>
<td bgcolor="#F6F9FC">{control}{star}{error}</td>
</tr>
"##
    )
}

fn text(key: Key, value: &str, size: u8) -> String {
    format!(
        r#"<input type="text" name="{}" value="{}" size="{size}" maxlength="{}">"#,
        input(key),
        escape(value),
        key.max_length()
    )
}

fn read_only(key: Key, value: &str) -> String {
    format!(
        r##"<input type="text" name="{}" value="{}" size="45" readonly="readonly" style="background:#DDDDDD">"##,
        input(key),
        escape(value)
    )
}

fn select(key: Key, prompt: Option<&str>, chosen: &str) -> String {
    let prompt = prompt.map_or(String::new(), |words| format!("<option value=\"\">{words}</option>\n"));
    let list = options(choices(key).iter().map(|(value, label)| ((*value).into(), (*label).into())), chosen);
    format!("<select name=\"{}\">\n{prompt}{list}</select>", input(key))
}

fn login(frame: &Frame<'_>, values: &Values, error: Option<&'static str>) -> String {
    let value = |key: Key| values.get(&key).map_or("", String::as_str);
    let mut body = open(frame, "meb.go", "giris");
    body.push_str(
        r#"<tr><td colspan="2"><font size="2"><b>Milli Eğitim Bakanlığı E-imza Başvuru Portalı Kullanıcı Girişi</b></font></td></tr>
<tr><td colspan="2"><ul>
<li>Aşağıdaki alana T.C. <b>Kimlik Numaranızı</b> ve sicil numaranızı yazarak "Giriş" butonuna basınız.</li>
<li>T.C. Kimlik Numarasını bilmeyenler <a href="https://tckimlik.nvi.gov.tr/">buradan</a> kimlik numarasını öğrenebilirler.</li>
<li>Başvuru formunu doldurma esnasında sorularınız için bilgi@kamusm.gov.tr adresine mail atabilir ya da <b>444 5 576</b> numaralı telefonumuzdan Çağrı Merkezimizle irtibata geçebilirsiniz.</li>
</ul></td></tr>
"#,
    );
    if let Some(words) = error {
        let _ = writeln!(
            body,
            r##"<tr><td colspan="2" align="center" bgcolor="#FFEEEE"><font color="#FF0000" class="hata"><b>{words}</b></font></td></tr>"##
        );
    }
    let _ = writeln!(
        body,
        r#"<tr><td align="right">&nbsp;</td><td><img src="captcha.go?no={}" width="200" height="70" border="1"></td></tr>"#,
        frame.ticket
    );
    body += &row(
        "Resimdeki Yazıyı Giriniz",
        r#"<input type="text" name="guvenlikKodu" value="" size="10" maxlength="5" autocomplete="off">"#,
        false,
        None,
    );
    for (key, label) in [
        (Key::NationalId, "Kimlik No"),
        (Key::GivenName, "Ad"),
        (Key::Surname, "Soyad"),
        (Key::BirthPlace, "Doğum Yeri"),
        (Key::BirthDate, "Doğum Tarihi"),
    ] {
        body += &row(label, &text(key, value(key), 30), false, None);
    }
    body.push_str(
        r#"<tr><td>&nbsp;</td><td><input type="submit" name="giris" value="Giriş"></td></tr>
"#,
    );
    page(frame, TITLE, &(body + CLOSE))
}

fn form(
    frame: &Frame<'_>,
    person: &Person,
    values: &Values,
    errors: &BTreeMap<Key, &'static str>,
    changed: bool,
) -> String {
    let value = |key: Key| values.get(&key).map_or("", String::as_str);
    let mut body = open(frame, "mebForm.go", "form");
    body.push_str(
        r#"<tr><td colspan="2"><font size="3"><b>Başvuru Formu</b></font></td></tr>
<tr><td colspan="2"><font size="2">Aşağıda yazılı bütün bilgilerin doğru olduğunu, aksi halde doğacak bütün zararlardan sorumlu olduğumu beyan ederim. Bu formdaki bilgilere göre şahsıma bir nitelikli elektronik sertifika hazırlanmasını talep ederim.</font></td></tr>
"#,
    );
    if !errors.is_empty() {
        body.push_str(
            r##"<tr><td colspan="2" bgcolor="#FFEEEE"><font color="#FF0000"><b>Lütfen işaretli alanları kontrol ediniz.</b></font></td></tr>
"##,
        );
    }
    let section = |name: &str| {
        format!(
            r##"<tr><td colspan="2" bgcolor="#C9D8E8"><font size="2"><b>* {name}</b></font></td></tr>
"##
        )
    };
    let line = |key: Key, label: &str, control: &str| row(label, control, key.required(), errors.get(&key));

    body += &section("Başvuru Bilgileri");
    body += &line(Key::Reason, "Başvuru Nedeni", &select(Key::Reason, Some("Seçiniz"), value(Key::Reason)));
    body +=
        &line(Key::ReaderType, "Kart Okuyucu Tipi", &select(Key::ReaderType, None, value(Key::ReaderType)));
    body += &line(Key::Validity, "Sertifika Süresi", &select(Key::Validity, None, value(Key::Validity)));

    body += &section("Kişisel Bilgiler");
    for (key, label, known) in [
        (Key::NationalId, "Kimlik No", &person.national_id),
        (Key::GivenName, "Adı", &person.given_name),
        (Key::Surname, "Soyadı", &person.surname),
        (Key::BirthPlace, "Doğum Yeri", &person.birth_place),
        (Key::BirthDate, "Doğum Tarihi", &person.birth_date),
    ] {
        body += &row(label, &read_only(key, &turkish::upper(known)), false, None);
    }
    body += &line(
        Key::SecurityWord,
        r##"Güvenlik sözcüğü&nbsp;<a href="#" title="Güvenlik sözcüğü nedir ?">nedir ?</a>"##,
        &text(Key::SecurityWord, value(Key::SecurityWord), 30),
    );
    body += &line(
        Key::SecurityWordRepeat,
        "Güvenlik sözcüğü (Tekrar)",
        &text(Key::SecurityWordRepeat, value(Key::SecurityWordRepeat), 30),
    );
    if changed {
        body += &row("Kan Grubu", &select(Key::Unheard, Some("Seçiniz"), ""), true, None);
    }

    body += &section("Kurum Bilgileri");
    let institution = read_only(Key::Institution, &person.institution)
        + "<br><font size=\"1\">Kurum Adı hatalı ise lütfen kurumunuzla iletişime geçiniz.</font>";
    body += &row("Kurum Adı", &institution, false, None);
    for (key, label) in
        [(Key::RegistryNumber, "Kurum Sicil No"), (Key::Unit, "Çalıştığı Birim"), (Key::Title, "Ünvan")]
    {
        body += &line(key, label, &text(key, value(key), 45));
    }
    let address = format!(
        r#"<textarea name="{}" rows="3" cols="45" maxlength="{}">{}</textarea>"#,
        input(Key::Address),
        Key::Address.max_length(),
        escape(value(Key::Address))
    );
    body += &line(Key::Address, "Kurum / Birim Adresi", &address);
    body += "<tr><td>&nbsp;</td><td><font size=\"1\">Teslimat, belirtilen adrese yapılacaktır.</font></td></tr>\n";
    let listed = provinces::all().iter().map(|p| (p.plate.as_str().into(), turkish::upper(&p.name).into()));
    let province = format!(
        "<select name=\"il\" onchange=\"ilceGetir(this.value)\">\n<option value=\"\">İl Seçiniz</option>\n{}</select>",
        options(listed, value(Key::Province))
    );
    body += &line(Key::Province, "İl", &province);
    let district = format!(
        "<select name=\"ilce\" id=\"ilce\">\n{}</select>",
        districts(value(Key::Province), value(Key::District))
    );
    body += &line(Key::District, "İlçe", &district);
    body += &line(Key::PostalCode, "Posta Kodu", &text(Key::PostalCode, value(Key::PostalCode), 6));

    body += &section("İletişim Bilgileri");
    body += &line(Key::Email, "Eposta", &text(Key::Email, value(Key::Email), 45));
    let extension = error_beside(errors, Key::WorkExtension);
    body += &pair(
        ("İş Telefonu", &text(Key::WorkPhone, value(Key::WorkPhone), 12), errors.get(&Key::WorkPhone)),
        ("Dahili", &(text(Key::WorkExtension, value(Key::WorkExtension), 6) + &extension), false),
    );
    let operator = select(Key::MobileOperator, Some("Seçiniz"), value(Key::MobileOperator))
        + &error_beside(errors, Key::MobileOperator);
    body += &pair(
        ("Cep Telefonu", &text(Key::MobilePhone, value(Key::MobilePhone), 12), errors.get(&Key::MobilePhone)),
        ("Mobil Operatör Tip", &operator, true),
    );
    body += &line(Key::HomePhone, "Ev Telefonu", &text(Key::HomePhone, value(Key::HomePhone), 12));
    let channels: String = choices(Key::InfoChannel)
        .iter()
        .map(|(option, label)| {
            let mark = if *option == value(Key::InfoChannel) { " checked=\"checked\"" } else { "" };
            format!("<input type=\"radio\" name=\"bilgiKanali\" value=\"{option}\"{mark}>{label}&nbsp;\n")
        })
        .collect();
    body += &line(Key::InfoChannel, "Bilgi Kanalı", &channels);
    body.push_str(
        r#"<tr><td>&nbsp;</td><td><input type="submit" name="onayla" value="Form Onayla"></td></tr>
<tr><td colspan="2"><ul>
<li>(*) ile belirtilen alanların doldurulması zorunludur.</li>
<li>LÜTFEN bu sayfanın ekran görüntüsünü (print-screen) almayınız. İmzalayacağınız form sonraki adımda gelecektir.</li>
</ul></td></tr>
"#,
    );
    body += CLOSE;
    body += r#"
<script type="text/javascript">
function ilceGetir(il) {
  var istek = new XMLHttpRequest();
  istek.open('GET', 'ilceler.go?il=' + il, true);
  istek.onload = function () { document.getElementById('ilce').innerHTML = istek.responseText; };
  istek.send();
}
</script>"#;
    page(frame, "Nitelikli Elektronik Sertifika Başvuru Formu", &body)
}

/// Two entries in one line of the form, as telephone and extension are.
fn pair(
    (label, control, error): (&str, &str, Option<&&'static str>),
    (second, second_control, second_required): (&str, &str, bool),
) -> String {
    let star = if second_required { "&nbsp;<font color=\"#FF0000\">(*)</font>" } else { "" };
    let both = format!(
        "{control}&nbsp;<font color=\"#FF0000\">(*)</font></td>\n\
         <td align=\"right\" bgcolor=\"#E4ECF4\"><font size=\"2\">{second}</font>&nbsp;<font color=\"#003366\">&#9654;</font></td>\n\
         <td bgcolor=\"#F6F9FC\">{second_control}{star}"
    );
    let error = error.map_or(String::new(), |words| {
        format!(
            "<tr><td>&nbsp;</td><td colspan=\"3\"><font color=\"#FF0000\" size=\"1\" class=\"hata\">{words}</font></td></tr>\n"
        )
    });
    row(label, &both, false, None) + &error
}

fn error_beside(errors: &BTreeMap<Key, &'static str>, key: Key) -> String {
    errors.get(&key).map_or(String::new(), |words| {
        format!("<br><font color=\"#FF0000\" size=\"1\" class=\"hata\">{words}</font>")
    })
}

/// The options of "İlçe": what the page's script asks `ilceler.go` for.
pub(super) fn districts(plate: &str, chosen: &str) -> String {
    let listed = provinces::by_plate(plate).into_iter().flat_map(provinces::Province::numbered);
    String::from("<option value=\"\">İlçe Seçiniz</option>\n")
        + &options(listed.map(|(number, name)| (number.into(), turkish::upper(name).into())), chosen)
}

fn sms_send(frame: &Frame<'_>, phone: &str) -> String {
    let body = open(frame, "mebSms.go", "smsGonder")
        + &format!(
            r#"<tr><td align="center"><font size="2">Telefon Numaranız : <b>{}</b></font></td></tr>
<tr><td><font size="2">Başvuru işleminizi yapabilmemiz için yukarıda belirtilen cep telefonuna, SMS Onay Kodu gönderilecektir. SMS Onay Kodunun gönderilmesi için "GÖNDER" butonuna basınız. SMS gönderimi ücretsizdir.</font></td></tr>
<tr><td align="center"><input type="submit" name="gonder" value="GÖNDER"></td></tr>
<tr><td><font size="2">Eğer yukarıdaki numarayı hatalı yazdıysanız lütfen başvurunuzu devam ettirmeyiniz. Başvurunuzu sayfanın başına gelerek yeniden yapınız.</font></td></tr>
"#,
            escape(phone)
        )
        + CLOSE;
    page(frame, TITLE, &body)
}

fn sms_code(frame: &Frame<'_>, seconds: u64, wrong: bool) -> String {
    let error = if wrong {
        r##"<tr><td align="center" bgcolor="#FFEEEE"><font color="#FF0000" class="hata"><b>Girdiğiniz SMS Onay Kodu hatalıdır.</b></font></td></tr>
"##
    } else {
        ""
    };
    let body = open(frame, "mebSmsOnay.go", "smsOnay")
        + &format!(
            r#"<tr><td align="center"><font size="2"><b>Cep telefonunuza gelen SMS Onay Kodunu Giriniz</b></font></td></tr>
{error}<tr><td align="center"><font size="2">SMS Onay Kodunuzun Geçerliliği İçin Kalan Süre<br><b>{seconds}</b><br>Saniye</font></td></tr>
<tr><td align="center"><font size="2">SMS Doğrulama Kodu:</font>&nbsp;<input type="text" name="smsKodu" size="8" maxlength="6" autocomplete="off"></td></tr>
<tr><td align="center"><input type="submit" name="tamam" value="TAMAM"></td></tr>
"#
        )
        + CLOSE;
    page(frame, TITLE, &body)
}

fn method(frame: &Frame<'_>, target: &str) -> String {
    let body = open(frame, target, "yontem")
        + r##"<tr><td><font size="2"><b>Başvuru Formu ve Sertifika Sahibi Taahhütnamesi İmzalama Yönteminin Belirlenmesi</b></font></td></tr>
<tr><td><font size="2">Doldurmuş olduğunuz başvuru formunu ve buna ait FORM-001-042 Kamu SM Nitelikli Elektronik Sertifika Sahibi Taahhütnamesi'ni aşağıdaki yöntemlerden birini seçerek imzalayınız.</font></td></tr>
<tr><td bgcolor="#F6F9FC"><input type="submit" name="yontem1" value="Yöntem 1 : Islak İmzalı Başvuru Arayüzü"><br>
<font size="2">İlk defa Nitelikli Elektronik Sertifika alıyorsanız ya da geçerli bir sertifikanız yoksa Islak İmzalı Başvuru Arayüzü'nü kullanmalısınız. Başvuru sonunda oluşacak PDF belgesini yazıcınızdan çıkarıp, ıslak imza ile imzaladıktan sonra kurum yetkilinize teslim etmeniz gerekecektir.</font></td></tr>
<tr><td bgcolor="#F6F9FC"><input type="submit" name="yontem2" value="Yöntem 2 : Elektronik İmzalı Başvuru Arayüzü"><br>
<font size="2">Geçerli bir Nitelikli Elektronik İmza Sertifikanız varsa Elektronik İmzalı Başvuru Arayüzü'nü kullanarak başvurunuza devam edebilirsiniz. Başvuru formu ve Sertifika Sahibi Taahhütnamesi elektronik ortamda Kamu SM'ye ulaşacağı için elektronik imzalamadan önce başka bir işlem yapmanıza gerek kalmayacaktır.</font></td></tr>
"## + CLOSE;
    page(frame, TITLE, &body)
}

fn wet_ink(frame: &Frame<'_>, document: &str) -> String {
    page(
        frame,
        TITLE,
        &format!(
            r##"<table width="760" align="center">
<tr><td><font size="2"><b>Islak İmzalı Başvuru</b></font></td></tr>
<tr><td><font size="2">Başvuru formunuzu <a href="{document}">PDF belgesi</a> olarak yazıcınızdan çıkarıp imzaladıktan sonra kurum yetkilinize teslim ediniz.</font></td></tr>
</table>"##
        ),
    )
}

fn signing(frame: &Frame<'_>, code: &str, seconds: u64) -> String {
    page(
        frame,
        TITLE,
        &format!(
            r##"<table width="760" align="center">
<tr><td><font size="3"><b>Başvuru Formu E-İmzalama İşlemi</b></font></td></tr>
<tr><td><ol>
<li>Elektronik İmzalama sertifikanızın bulunduğu kartınızı bilgisayarınıza takınız</li>
<li>İndirdiğiniz E-imza uygulamasını açınız. Henüz indirmediyseniz <b><a href="KamuSM-eImza.jnlp">indirmek için tıklayınız.</a></b></li>
<li>Uygulamayı kullanabilmek için bilgisayarınızda Java 1.7 ve üzeri herhangi bir versiyonun kurulu olması gerekmektedir. KamuSM-eİmza.jnlp sini çalıştırdıktan sonra internet bağlantı hızınıza bağlı olarak uygulamanın indirilip çalışması birkaç dakika sürebilir.</li>
<li>Kamu SM e-İmza Uygulaması'nı indirip çalıştırmakta <b>sorun yaşıyorsanız</b> <a href="KamuSMeImzaUygulamasi.jar">bu linkten</a> uygulamayı indirebilirsiniz.</li>
<li>Aşağıda görülen Doğrulama Kodunu kopyalayıp E-imza uygulamasına giriniz</li>
<li>E-imza uygulaması üzerinde imzalama işlemi gerçekleştiriniz</li>
<li>Uyarı : İmzalama işlemi aşamasında bu sayfayı kapatmayınız</li>
</ol></td></tr>
<tr><td align="center" bgcolor="#F6F9FC"><font size="2">Doğrulama Kodu</font><br><a href="#"><font size="1">Kopyalamak için buraya tıklayabilirsiniz</font></a><br>
<font size="5"><b>{code}</b></font><br>
<font size="2">Kalan süre : <b>{seconds}</b> saniye</font></td></tr>
</table>
<script type="text/javascript">setTimeout(function () {{ location.reload(); }}, 5000);</script>"##
        ),
    )
}

fn result(frame: &Frame<'_>) -> String {
    page(
        frame,
        TITLE,
        r##"<table width="760" align="center">
<tr><td><font size="3"><b>Başvuru Formu E-İmzalama İşlem Sonucu</b></font></td></tr>
<tr><td align="center"><font size="2" color="#006600"><b>Başvurunuz E-İmzalı olarak alınmıştır.</b></font></td></tr>
</table>"##,
    )
}

fn notice(frame: &Frame<'_>, heading: &str, sentence: &str) -> String {
    page(
        frame,
        TITLE,
        &format!(
            r##"<table width="760" align="center">
<tr><td><font size="3"><b>{heading}</b></font></td></tr>
<tr><td bgcolor="#FFEEEE"><font size="2" color="#FF0000">{sentence}</font></td></tr>
</table>"##
        ),
    )
}
