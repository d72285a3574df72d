//! The contract beside what was typed, line by line.
//!
//! The signing service's text is the portal's word of what was applied for. It knows which label repeats
//! which field from the profile, and nothing of pages.

use super::{turkish::fold, validate::normal};
use crate::{
    link::{text::strict, view::ComparedLine},
    portal::{FieldId, SigningText},
    redact::Personal,
};

/// Compares the lines of a text with what the form says. `said` gives what the form says of a field, as it is
/// shown; `None` when the form has no such field.
pub(super) fn compare(
    text: &SigningText,
    labels: &[(String, FieldId)],
    said: impl Fn(FieldId) -> Option<Personal>,
) -> Vec<ComparedLine> {
    let text = std::str::from_utf8(&text.0).unwrap_or_default();
    let lines: Vec<(u32, &str)> = (0..).zip(text.lines()).collect();
    let last = lines.last().map_or(0, |(number, _)| *number);
    let mut compared = Vec::new();
    for (label, id) in labels {
        let Some(form) = said(*id) else { continue };
        let before = compared.len();
        // A label that stands there twice is signed twice: each line has to say what the form says.
        for (number, line) in &lines {
            let Some(value) = value_after(line, label) else { continue };
            let form_says = (!agree(*id, value, form.expose())).then(|| form.clone());
            compared.push(ComparedLine { line: *number, id: *id, form_says });
        }
        if compared.len() > before || form.is_blank() {
            continue;
        }
        // "İLESKİŞEHİR": the real portal loses the separator; it is that line only if the rest agrees.
        let glued = lines.iter().find(|(_, line)| {
            line.strip_prefix(label.as_str()).is_some_and(|rest| agree(*id, rest, form.expose()))
        });
        compared.push(match glued {
            Some((number, _)) => ComparedLine { line: *number, id: *id, form_says: None },
            // A line that is missing says something else than a form that is filled in.
            None => ComparedLine { line: last, id: *id, form_says: Some(form) },
        });
    }
    compared.sort_by_key(|line| line.line);
    compared
}

/// What stands after `LABEL:`; a longer label that merely begins alike is another one.
fn value_after<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    let (name, value) = line.split_once(':')?;
    (fold(name) == fold(label)).then_some(value)
}

fn agree(id: FieldId, contract: &str, form: &str) -> bool {
    match id {
        FieldId::WorkPhone | FieldId::MobilePhone | FieldId::HomePhone => {
            // However it is grouped, and with the country's code or without: all of it counts.
            normal(id, contract) == normal(id, form)
        }
        // To the letter: whoever logs in later types what the contract says.
        FieldId::SecurityWord | FieldId::SecurityWordRepeat => contract.trim() == form.trim(),
        // Turkish letters are no part of an address, and its I is no ı.
        FieldId::Email => contract.trim().eq_ignore_ascii_case(form.trim()),
        FieldId::Captcha
        | FieldId::NationalId
        | FieldId::GivenName
        | FieldId::Surname
        | FieldId::BirthPlace
        | FieldId::BirthDate
        | FieldId::Reason
        | FieldId::ReaderType
        | FieldId::Validity
        | FieldId::Institution
        | FieldId::RegistryNumber
        | FieldId::Unit
        | FieldId::Title
        | FieldId::Address
        | FieldId::Province
        | FieldId::District
        | FieldId::PostalCode
        | FieldId::WorkExtension
        | FieldId::MobileOperator
        | FieldId::InfoChannel => fold(contract) == fold(form),
    }
}

/// Whether a text can be shown as it is; screen and signer go by the same rule.
pub(super) fn is_showable(text: &SigningText) -> bool {
    strict(&text.0).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Vec<(String, FieldId)> {
        vec![
            ("AD".into(), FieldId::GivenName),
            ("ADRES".into(), FieldId::Address),
            ("İŞ TELEFONU".into(), FieldId::WorkPhone),
            ("EV TELEFONU".into(), FieldId::HomePhone),
            ("İL".into(), FieldId::Province),
            ("EPOSTA".into(), FieldId::Email),
            ("GÜVENLİK SÖZCÜĞÜ".into(), FieldId::SecurityWord),
        ]
    }

    fn said(id: FieldId) -> Option<Personal> {
        match id {
            FieldId::GivenName => Some("DENEME".into()),
            FieldId::Address => Some("Örnek Sokak 1".into()),
            FieldId::WorkPhone => Some("2221112233".into()),
            FieldId::HomePhone => Some(Personal::default()),
            FieldId::Province => Some("Eskişehir".into()),
            FieldId::Email => Some("bilgi@ornek.tr".into()),
            FieldId::SecurityWord => Some("Zeytin-41-Köprü".into()),
            FieldId::Captcha
            | FieldId::NationalId
            | FieldId::Surname
            | FieldId::BirthPlace
            | FieldId::BirthDate
            | FieldId::Reason
            | FieldId::ReaderType
            | FieldId::Validity
            | FieldId::SecurityWordRepeat
            | FieldId::Institution
            | FieldId::RegistryNumber
            | FieldId::Unit
            | FieldId::Title
            | FieldId::District
            | FieldId::PostalCode
            | FieldId::WorkExtension
            | FieldId::MobilePhone
            | FieldId::MobileOperator
            | FieldId::InfoChannel => None,
        }
    }

    fn differing(text: &str) -> Vec<(u32, FieldId)> {
        compare(&SigningText(text.into()), &labels(), said)
            .into_iter()
            .filter(|line| line.form_says.is_some())
            .map(|line| (line.line, line.id))
            .collect()
    }

    const TEXT: &str = "Aşağıda yazılı bütün bilgilerin\r\ndoğru olduğunu,\r\nAD: DENEME\r\nADRES: ÖRNEK  SOKAK 1\r\n\
                        İŞ TELEFONU: 0 (222) 111 22 33\r\nEV TELEFONU: \r\nİL: ESKİŞEHİR\r\n\
                        EPOSTA: Bilgi@ornek.tr\r\nGÜVENLİK SÖZCÜĞÜ: Zeytin-41-Köprü\r\n";

    #[test]
    fn a_contract_that_says_what_the_form_says_agrees() {
        assert_eq!(differing(TEXT), []);
        assert_eq!(compare(&SigningText(TEXT.into()), &labels(), said).len(), 7);
    }

    #[test]
    fn a_glued_line_that_agrees_is_read_as_meant() {
        assert_eq!(differing(&TEXT.replace("İL: ESKİŞEHİR", "İLESKİŞEHİR")), []);
        assert_eq!(differing(&TEXT.replace("İL: ESKİŞEHİR", "İLANKARA")), [(8, FieldId::Province)]);
    }

    #[test]
    fn every_difference_is_found_at_its_line() {
        assert_eq!(differing(&TEXT.replace("İL: ESKİŞEHİR", "İL: ANKARA")), [(6, FieldId::Province)]);
        assert_eq!(differing(&TEXT.replace("AD: DENEME", "AD: DENEMECİ")), [(2, FieldId::GivenName)]);
        assert_eq!(differing(&TEXT.replace("EV TELEFONU: ", "EV TELEFONU: 1")), [(5, FieldId::HomePhone)]);
        assert_eq!(differing(&TEXT.replace("222", "232")), [(4, FieldId::WorkPhone)]);
        assert_eq!(differing(&TEXT.replace("AD: DENEME\r\n", "")), [(7, FieldId::GivenName)]);
    }

    #[test]
    fn every_digit_of_a_telephone_number_counts() {
        for same in ["+90 222 111 22 33", "2221112233", "0222 111-22-33", "0090 222 111 22 33"] {
            assert_eq!(differing(&TEXT.replace("0 (222) 111 22 33", same)), [], "{same}");
        }
        for other in ["+49 222 111 22 33", "9 922 2111 2233", "2221112233 x", "12221112233", "222111223"] {
            let differs = [(4, FieldId::WorkPhone)];
            assert_eq!(differing(&TEXT.replace("0 (222) 111 22 33", other)), differs, "{other}");
        }
    }

    #[test]
    fn a_line_that_stands_twice_has_to_agree_twice() {
        let twice = format!("{TEXT}AD: BAŞKASI\r\n");
        assert_eq!(differing(&twice), [(9, FieldId::GivenName)]);
        assert_eq!(differing(&format!("{TEXT}İL: ESKİŞEHİR\r\n")), []);
    }

    #[test]
    fn a_security_word_agrees_to_the_letter_and_an_address_without_turkish_casing() {
        assert_eq!(differing(&TEXT.replace("Zeytin", "ZEYTİN")), [(8, FieldId::SecurityWord)]);
        assert_eq!(differing(&TEXT.replace("Bilgi@ornek", "BILGI@ORNEK")), []);
        assert_eq!(differing(&TEXT.replace("Bilgi@ornek", "BİLGİ@ornek")), [(7, FieldId::Email)]);
    }

    #[test]
    fn a_text_with_hidden_characters_is_not_shown() {
        assert!(is_showable(&SigningText(TEXT.into())));
        for text in ["a\u{202E}b", "a\u{0}b", "a\tb", "a\u{200F}b", " \n", "\u{2067}x"] {
            assert!(!is_showable(&SigningText(text.into())), "{text:?}");
        }
        assert!(!is_showable(&SigningText(vec![0x41, 0xFF])));
    }
}
