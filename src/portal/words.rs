//! Words of the portal: when two of them are the same, and what of them may be shown.
//!
//! Comparison ignores case by Turkish rules and white space; it knows nothing of pages or fields.

use super::page::Quote;
use crate::redact::Personal;

/// Most characters of a [`Quote`].
pub(super) const QUOTE: usize = 300;

/// The form in which words are compared: lower case, single spaces, none around.
///
/// The four letters i, ı, I and İ fold into one: Turkish casing needs İ = i and I = ı, and pages whose
/// capitals were made by another language's rules ("GIRIŞ") are common.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for letter in text.chars() {
        if letter.is_whitespace() {
            gap = !folded.is_empty();
            continue;
        }
        // Not for the eye, or the dot that lower-casing İ elsewhere leaves behind.
        if invisible(letter) || letter == '\u{307}' {
            continue;
        }
        if std::mem::take(&mut gap) {
            folded.push(' ');
        }
        match letter {
            'I' | 'İ' | 'ı' => folded.push('i'),
            '‘' | '’' => folded.push('\''),
            '“' | '”' => folded.push('"'),
            '‐' | '‑' | '–' => folded.push('-'),
            other => folded.extend(other.to_lowercase()),
        }
    }
    folded
}

/// A label without what pages put around it: colons, arrows and required marks.
pub(super) fn label(text: &str) -> String {
    let folded = fold(text).replace("(*)", " ");
    fold(
        folded.trim_matches(|letter: char| {
            letter.is_whitespace() || matches!(letter, ':' | '*' | '▶' | '►' | '»')
        }),
    )
}

/// Whether a label, as [`label`] gives it, is one of these.
pub(super) fn is_one_of(label: &str, alternatives: &[String]) -> bool {
    !label.is_empty() && alternatives.iter().any(|known| self::label(known) == label)
}

/// Whether a text, folded, says this.
pub(super) fn says(folded: &str, phrase: &str) -> bool {
    folded.contains(&fold(phrase))
}

/// The text with single spaces and nothing that is not for the eye, at most `most` characters.
pub(super) fn clean(text: &str, most: usize) -> String {
    let mut cleaned = String::with_capacity(text.len().min(4 * most));
    let mut count = 0;
    let mut gap = false;
    for letter in text.chars() {
        if letter.is_whitespace() {
            gap = count > 0;
            continue;
        }
        if letter.is_control() || invisible(letter) {
            continue;
        }
        let room = most - count;
        if room < 1 + usize::from(gap) {
            break;
        }
        if std::mem::take(&mut gap) {
            cleaned.push(' ');
            count += 1;
        }
        cleaned.push(letter);
        count += 1;
    }
    cleaned
}

/// The portal's words, fit to be shown inside a marked quotation.
pub(super) fn quote(text: &str) -> Quote {
    Quote(Personal::new(clean(text, QUOTE)))
}

/// Characters that reorder or hide others: bidirectional controls, zero-width ones, tags.
fn invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::{QUOTE, clean, fold, is_one_of, label, quote, says};

    #[test]
    fn turkish_capitals_and_spaces_make_no_difference() {
        for variant in ["İl", "İL", "il", " İ\u{a0}L ".replace('\u{a0}', "").as_str(), "i\u{307}l", "IL"] {
            assert_eq!(fold(variant), fold("İl"), "{variant:?}");
        }
        assert_eq!(fold("KALAN\n  SÜRE"), fold("Kalan\u{a0}süre"));
        assert_eq!(fold("ÇALIŞTIĞI BİRİM"), fold("Çalıştığı Birim"));
        assert_ne!(fold("Ad"), fold("Adı"));
        assert_ne!(fold("İl"), fold("İlçe"));
    }

    #[test]
    fn marks_around_a_label_are_no_part_of_it() {
        for variant in
            ["Posta Kodu", "Posta Kodu (*)", "* POSTA KODU :", "Posta  Kodu ▶ (*)", "(*) posta kodu:"]
        {
            assert_eq!(label(variant), "posta kodu", "{variant:?}");
        }
        assert_eq!(label("Güvenlik sözcüğü (Tekrar) (*)"), "güvenlik sözcüğü (tekrar)");
        assert!(is_one_of(&label("AD :"), &["İsim".to_owned(), "Ad".to_owned()]));
        assert!(!is_one_of(&label("Soyad"), &["Ad".to_owned()]), "a part of a label is not the label");
        assert!(!is_one_of("", &[String::new()]), "no label is never one");
        assert!(says(
            &fold("Sayın üye, KADRONUZ E-İMZA için\nuygun değildir."),
            "kadronuz e-imza için uygun değildir"
        ));
    }

    #[test]
    fn a_quotation_is_bounded_and_cannot_reorder_or_hide_its_text() {
        let shown = quote("Hata\u{7}:\r\n \u{202e}terS\u{2066} \u{200b}söz\u{0}");
        assert_eq!(shown.0.expose(), "Hata: terS söz");
        let long = quote(&"ğ ".repeat(1000));
        assert!(long.0.expose().chars().count() <= QUOTE);
        assert!(long.0.expose().chars().count() >= QUOTE - 1);
        assert_eq!(clean("  ", 5), "");
    }
}
