//! The pages of `nb.go`, in the markup of the application's and with the labels of public guides; where those say
//! nothing, the words are ours, and the profile marks them `[?]`.
//!
//! It draws what it is given; it decides nothing.

use std::fmt::Write;

use super::{NewCard, OnlinePage};
use crate::portal::institution::escape;

/// A page with everything that varies on it.
pub(super) enum Content<'a> {
    Entry {
        error: Option<&'static str>,
    },
    Challenge {
        challenge: &'a str,
        seconds: u64,
        changed: bool,
    },
    Login {
        error: Option<&'static str>,
        changed: bool,
    },
    WordReset {
        error: Option<&'static str>,
        changed: bool,
    },
    SmsSend {
        phone: &'a str,
    },
    SmsCode {
        seconds: u64,
        wrong: bool,
    },
    WordSet,
    Services {
        new_card: bool,
        target: &'a str,
    },
    NewPin {
        card: &'a NewCard,
        seconds: u64,
    },
    Unblock {
        code: &'a str,
        seconds: u64,
    },
    /// A page that says one sentence and offers nothing.
    Notice {
        sentence: &'static str,
    },
}

/// What every page carries.
pub(super) struct Frame<'a> {
    /// The hidden number that must come back.
    pub(super) ticket: &'a str,
    /// Say the charset in a `meta` element.
    pub(super) meta_charset: bool,
}

/// The page.
pub(super) fn draw(frame: &Frame<'_>, content: &Content<'_>) -> String {
    let (heading, body) = match content {
        Content::Entry { error } => ("Kullanıcı Doğrulama Ekranı", entry(frame, *error)),
        Content::Challenge { challenge, seconds, changed } => {
            ("E-imza ile Giriş Ekranı", sign(frame, challenge, *seconds, *changed))
        }
        Content::Login { error, changed } => ("Şifreli Giriş Ekranı", login(frame, *error, *changed)),
        Content::WordReset { error, changed } => {
            ("Güvenlik Sözcüğü Yenileme Ekranı", word_reset(frame, *error, *changed))
        }
        Content::SmsSend { phone } => ("SMS Onay Ekranı", sms_send(frame, phone)),
        Content::SmsCode { seconds, wrong } => {
            ("SMS Onay Kodu Giriş Ekranı", sms_code(frame, *seconds, *wrong))
        }
        Content::WordSet => ("Güvenlik Sözcüğü", word_set()),
        Content::Services { new_card, target } => (SERVICES, services(frame, *new_card, target)),
        Content::NewPin { card, seconds } => ("Yeni Kartınızın PIN Kodu", new_pin(card, *seconds)),
        Content::Unblock { code, seconds } => ("Kilit Çözme İşlemi", unblock(code, *seconds)),
        Content::Notice { sentence } => ("Uyarı", sentence_row(sentence)),
    };
    page(frame, heading, &body)
}

/// Which page it is to the journal.
pub(super) fn name(content: &Content<'_>) -> OnlinePage {
    match content {
        Content::Entry { .. } => OnlinePage::Entry,
        Content::Challenge { .. } => OnlinePage::Challenge,
        Content::Login { .. } => OnlinePage::Login,
        Content::WordReset { .. } => OnlinePage::WordReset,
        Content::SmsSend { .. } => OnlinePage::SmsSend,
        Content::SmsCode { .. } => OnlinePage::SmsCode,
        Content::WordSet => OnlinePage::WordSet,
        Content::Services { .. } => OnlinePage::Services,
        Content::NewPin { .. } => OnlinePage::NewPin,
        Content::Unblock { .. } => OnlinePage::Unblock,
        Content::Notice { .. } => OnlinePage::Notice,
    }
}

const SERVICES: &str = "Bireysel Nitelikli Elektronik Sertifika İşlemleri";

fn page(frame: &Frame<'_>, heading: &str, body: &str) -> String {
    let charset = if frame.meta_charset {
        "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\">\n"
    } else {
        ""
    };
    format!(
        r##"<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<html>
<head>
{charset}<title>Kamu SM - Online İşlemler</title>
<style type="text/css">td {{ font-family: Verdana; font-size: 11px }}</style>
</head>
<body bgcolor="#FFFFFF" topmargin="0" leftmargin="0">
<table width="780" border="0" cellpadding="0" cellspacing="0" align="center" bgcolor="#EEF3F8">
<tr><td height="60" bgcolor="#003366">&nbsp;<font color="#FFFFFF" size="4"><b>Kamu Sertifikasyon Merkezi</b></font></td></tr>
<tr><td>&nbsp;<font size="1"><a href="#">Online İşlemler</a> &gt; <a href="#">Nitelikli Elektronik Sertifika İşlemleri</a></font></td></tr>
<tr><td>&nbsp;<font size="3"><b>{heading}</b></font></td></tr>
<tr><td>
{body}</td></tr>
<tr><td align="center" bgcolor="#DDE5EE"><font size="1">&copy; Copyright TÜBİTAK BİLGEM Kamu Sertifikasyon Merkezi. Tüm Hakkı Saklıdır</font></td></tr>
</table>
</body>
</html>
"##
    )
}

fn form(frame: &Frame<'_>, target: &str, step: &str, rows: &str) -> String {
    format!(
        r#"<form name="islemForm" method="post" action="{target}">
<input type="hidden" name="islemNo" value="{}">
<input type="hidden" name="adim" value="{step}">
<table width="760" border="0" cellpadding="2" cellspacing="1" align="center">
{rows}</table>
</form>
"#,
        frame.ticket
    )
}

fn row(label: &str, control: &str) -> String {
    format!(
        r##"<tr><td width="220" align="right" bgcolor="#E4ECF4"><font size="2">{label}</font>&nbsp;:</td><td bgcolor="#F6F9FC">{control}</td></tr>
"##
    )
}

fn field(label: &str, kind: &str, name: &str, length: u8) -> String {
    row(
        label,
        &format!(r#"<input type="{kind}" name="{name}" value="" maxlength="{length}" autocomplete="off">"#),
    )
}

fn button(name: &str, caption: &str) -> String {
    format!(
        "<tr><td align=\"center\" colspan=\"2\"><input type=\"submit\" name=\"{name}\" value=\"{}\"></td></tr>\n",
        escape(caption)
    )
}

fn error_row(error: Option<&'static str>) -> String {
    error.map_or(String::new(), |words| {
        format!("<tr><td colspan=\"2\" bgcolor=\"#FFEEEE\"><font color=\"#FF0000\" class=\"hata\"><b>{words}</b></font></td></tr>\n")
    })
}

fn sentence_row(sentence: &str) -> String {
    format!(
        "<table width=\"760\" align=\"center\"><tr><td><font size=\"2\">{sentence}</font></td></tr></table>\n"
    )
}

fn remaining(seconds: u64) -> String {
    format!(
        "<tr><td align=\"center\" colspan=\"2\"><font size=\"2\">Kalan Süre : <b>{seconds}</b> saniye</font></td></tr>\n"
    )
}

fn captcha_row(frame: &Frame<'_>) -> String {
    format!(
        "<tr><td>&nbsp;</td><td><img src=\"captcha.go?no={}\" width=\"200\" height=\"70\" border=\"1\"></td></tr>\n",
        frame.ticket
    ) + &field("Resimdeki Yazı", "text", "guvenlikKodu", 5)
}

/// Of the fault `changed-form`: nothing that any profile knows.
fn unheard(changed: bool) -> String {
    if changed { field("Kan Grubu", "text", "kanGrubu", 3) } else { String::new() }
}

fn entry(frame: &Frame<'_>, error: Option<&'static str>) -> String {
    let rows = error_row(error) + &button("eimza", "E-imza ile Giriş") + &button("sifreli", "Şifreli Giriş");
    form(frame, "nbGiris.go", "giris", &rows)
}

fn sign(frame: &Frame<'_>, challenge: &str, seconds: u64, changed: bool) -> String {
    let mut rows = row("Sınama Değeri", &format!("<tt>{}</tt>", escape(challenge)));
    rows += &remaining(seconds);
    rows += &unheard(changed);
    rows += "<tr><td colspan=\"2\"><input type=\"hidden\" name=\"imza\" value=\"\"></td></tr>\n";
    rows += &button("giris", "Giriş");
    form(frame, "nbImza.go", "imza", &rows)
}

fn login(frame: &Frame<'_>, error: Option<&'static str>, changed: bool) -> String {
    let mut rows = error_row(error);
    rows += &field("T.C. Kimlik No", "text", "tcKimlikNo", 11);
    rows += &captcha_row(frame);
    rows += &field("Güvenlik Sözcüğü", "password", "guvenlikSozcugu", 30);
    rows += &unheard(changed);
    rows += &button("giris", "Giriş");
    form(frame, "nbSifre.go", "sifre", &rows)
        + "<p align=\"center\"><a href=\"nbUnuttum.go\">Güvenlik Sözcüğümü Unuttum</a></p>\n"
}

fn word_reset(frame: &Frame<'_>, error: Option<&'static str>, changed: bool) -> String {
    let mut rows = error_row(error);
    rows += &field("T.C. Kimlik No", "text", "tcKimlikNo", 11);
    rows += &captcha_row(frame);
    rows += &field("Yeni Güvenlik Sözcüğü", "password", "yeniSozcuk", 30);
    rows += &field("Yeni Güvenlik Sözcüğü (Tekrar)", "password", "yeniSozcukTekrar", 30);
    rows += &unheard(changed);
    rows += &button("degistir", "Güvenlik Sözcüğünü Değiştir");
    form(frame, "nbSozcuk.go", "sozcuk", &rows)
}

fn sms_send(frame: &Frame<'_>, phone: &str) -> String {
    let (first, last) = (phone.get(..3).unwrap_or_default(), phone.get(8..).unwrap_or_default());
    let mut rows = format!(
        "<tr><td align=\"center\"><font size=\"2\">Telefon Numaranız : <b>{} *** ** {}</b></font></td></tr>\n",
        escape(first),
        escape(last)
    );
    rows +=
        "<tr><td><font size=\"2\">Kayıtlı cep telefonunuza SMS Onay Kodu gönderilecektir.</font></td></tr>\n";
    rows += &button("onay", "Onay");
    form(frame, "nbSms.go", "smsGonder", &rows)
}

fn sms_code(frame: &Frame<'_>, seconds: u64, wrong: bool) -> String {
    let mut rows = error_row(wrong.then_some("Girdiğiniz SMS Onay Kodu hatalıdır."));
    rows += &remaining(seconds);
    rows += &field("SMS Onay Kodu", "text", "smsKodu", 6);
    rows += &button("gonder", "Gönder");
    form(frame, "nbSmsOnay.go", "smsOnay", &rows)
}

fn word_set() -> String {
    sentence_row(
        "Güvenlik sözcüğünüz değiştirilmiştir. Yeni sözcüğünüzle <a href=\"nb.go\">giriş yapabilirsiniz</a>.",
    )
}

fn services(frame: &Frame<'_>, new_card: bool, target: &str) -> String {
    let mut rows = String::new();
    if new_card {
        rows += &button("pin", "Yeni Kartın PIN'i");
    }
    rows += &button("kilit", "Kilit Çözme");
    form(frame, target, "islem", &rows)
}

fn new_pin(card: &NewCard, seconds: u64) -> String {
    let mut table = String::from("<table width=\"760\" align=\"center\">\n");
    table += &row("PIN Kodu", &format!("<b>{}</b>", escape(&card.pin)));
    table += &row("Kullanım Başlangıcı", &card.usable_from());
    table += &remaining(seconds);
    table + "</table>\n"
}

fn unblock(code: &str, seconds: u64) -> String {
    let mut table = String::from("<table width=\"760\" align=\"center\">\n");
    let _ = writeln!(
        table,
        "<tr><td align=\"center\"><font size=\"2\">Doğrulama Kodu</font><br><font size=\"5\"><b>{code}</b></font></td></tr>"
    );
    table += &remaining(seconds);
    table + "</table>\n"
}
