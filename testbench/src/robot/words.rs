//! What a visitor reads on the screen, in the language of the visit.
//!
//! Turkish is the screen's source text; the English visitor looks words up in the screen's own catalogue.
//! It knows words, not pages.

use std::collections::HashMap;

use anyhow::Context;

use crate::visitor::Visitor;

const ENGLISH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../slint-ui/lang/en/LC_MESSAGES/kiosk-ui.po");

/// The words of one language.
#[derive(Debug)]
pub struct Words(Option<HashMap<String, String>>);

impl Words {
    /// Turkish, or what the catalogue has for `en`.
    ///
    /// # Errors
    /// When there is no such language, or its catalogue cannot be read.
    pub fn of(language: &str) -> anyhow::Result<Self> {
        match language {
            "tr" => Ok(Self(None)),
            "en" => {
                let text = std::fs::read_to_string(ENGLISH).with_context(|| format!("reading {ENGLISH}"))?;
                Ok(Self(Some(catalogue(&text))))
            }
            other => anyhow::bail!("no language {other:?}; there are tr and en"),
        }
    }

    /// A Turkish word of the screen in this language.
    ///
    /// # Errors
    /// When the catalogue lacks it: then the screen would show Turkish to an English visitor.
    pub fn say(&self, turkish: &str) -> anyhow::Result<String> {
        let Some(catalogue) = &self.0 else { return Ok(turkish.to_owned()) };
        catalogue
            .get(turkish)
            .cloned()
            .with_context(|| format!("the catalogue has no English for {turkish:?}"))
    }
}

/// The fields of the pages by their Turkish labels, and what goes into each.
pub(super) const FIELDS: [(&str, Answer); 25] = [
    ("Resimdeki yazı", Answer::Captcha),
    ("T.C. kimlik numarası", Answer::Text(|visitor| &visitor.national_id)),
    ("Adınız", Answer::Text(|visitor| &visitor.given_name)),
    ("Soyadınız", Answer::Text(|visitor| &visitor.surname)),
    ("Doğum yeri", Answer::Text(|visitor| &visitor.birth_place)),
    ("Doğum tarihi", Answer::Digits(|visitor| &visitor.birth_date)),
    ("Başvuru nedeni", Answer::Choice(|_| "Yenileme")),
    ("Kart okuyucu", Answer::Choice(|_| "İstenm")),
    ("Sertifika süresi", Answer::Choice(|_| "3 Yıl")),
    ("Güvenlik sözcüğü", Answer::Text(|visitor| &visitor.security_word)),
    ("Güvenlik sözcüğü (tekrar)", Answer::Text(|visitor| &visitor.security_word)),
    ("Kurum sicil numarası", Answer::Text(|visitor| &visitor.registry_number)),
    ("Çalıştığınız birim", Answer::Text(|visitor| &visitor.unit)),
    ("Unvanınız", Answer::Text(|visitor| &visitor.title)),
    ("Kurum adresi", Answer::Text(|visitor| &visitor.address)),
    ("İl", Answer::Choice(|visitor| visitor.choices.province_name)),
    ("İlçe", Answer::Choice(|visitor| visitor.choices.district_name)),
    ("Posta kodu", Answer::Digits(|visitor| &visitor.choices.postal_code)),
    ("E-posta", Answer::Text(|visitor| &visitor.email)),
    ("İş telefonu", Answer::Digits(|visitor| &visitor.work_phone)),
    ("Dahili numara", Answer::Digits(|visitor| &visitor.choices.work_extension)),
    ("Cep telefonu", Answer::Digits(|visitor| &visitor.mobile_phone)),
    ("Cep telefonu operatörü", Answer::Choice(|visitor| visitor.choices.mobile_operator)),
    ("Ev telefonu", Answer::Digits(|visitor| &visitor.home_phone)),
    // One institution offers "both", the other spells both out.
    ("Bilgilendirme yolu", Answer::Choice(|_| "SMS|Kısa mesaj")),
];

/// What goes into a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    /// The text of the picture.
    Captcha,
    /// As it is.
    Text(fn(&Visitor) -> &str),
    /// Its digits; the screen puts what belongs between them.
    Digits(fn(&Visitor) -> &str),
    /// The option that holds one of these, separated by bars: institutions word their options differently.
    Choice(fn(&Visitor) -> &str),
}

/// `msgid` and `msgstr` pairs of a gettext catalogue; the context is not needed to read a screen.
fn catalogue(po: &str) -> HashMap<String, String> {
    let mut pairs = HashMap::new();
    let (mut id, mut text, mut in_text) = (String::new(), String::new(), false);
    for line in po.lines().chain(std::iter::once("")) {
        if let Some(rest) = line.strip_prefix("msgid ") {
            (id, text, in_text) = (quoted(rest), String::new(), false);
        } else if let Some(rest) = line.strip_prefix("msgstr ") {
            (text, in_text) = (quoted(rest), true);
        } else if line.starts_with('"') {
            if in_text { &mut text } else { &mut id }.push_str(&quoted(line));
        } else if in_text && !id.is_empty() && !text.is_empty() {
            pairs.entry(std::mem::take(&mut id)).or_insert(std::mem::take(&mut text));
        }
    }
    pairs
}

fn quoted(text: &str) -> String {
    let inner = text.trim().trim_start_matches('"').strip_suffix('"').unwrap_or_default();
    inner.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\")
}

#[cfg(test)]
mod tests {
    use super::{Words, catalogue};

    #[test]
    fn a_catalogue_is_read_over_several_lines_and_with_quotes() {
        let po = "msgctxt \"A\"\nmsgid \"Uzun \"\n\"söz\"\nmsgstr \"Long \\\"word\\\"\"\n\nmsgid \"Boş\"\nmsgstr \"\"\n";
        let pairs = catalogue(po);
        assert_eq!(pairs.get("Uzun söz").map(String::as_str), Some("Long \"word\""));
        assert_eq!(pairs.get("Boş"), None, "not translated");
    }

    #[test]
    fn an_english_visitor_misses_a_word_that_is_not_translated() {
        let words = Words::of("en").expect("there is English");
        assert!(words.say("böyle bir söz yok").is_err());
        assert_eq!(
            Words::of("tr").expect("there is Turkish").say("Devam et").expect("source text"),
            "Devam et"
        );
    }
}
