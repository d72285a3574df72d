//! Turkish letters: casing and comparing by Turkish rules (i/İ, ı/I).
//!
//! It knows nothing of fields.

/// Upper case by Turkish rules, as the portal and the register write.
#[must_use]
pub(super) fn upper(text: &str) -> String {
    let mut upper = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            'i' => upper.push('İ'),
            'ı' => upper.push('I'),
            other => upper.extend(other.to_uppercase()),
        }
    }
    upper
}

/// What two spellings of the same words have in common: upper case, single spaces.
#[must_use]
pub(super) fn fold(text: &str) -> String {
    // A decomposed dotted capital is the same letter as the composed one.
    let upper = upper(text).replace("I\u{307}", "İ");
    upper.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{fold, upper};

    #[test]
    fn capitals_follow_turkish_rules() {
        assert_eq!(upper("ılık iğde"), "ILIK İĞDE");
        assert_eq!(upper("şçöüğ 41 x"), "ŞÇÖÜĞ 41 X");
    }

    #[test]
    fn spellings_of_the_same_words_compare_as_equal_and_dotless_i_is_another_letter() {
        assert_eq!(fold("  eskişehir   il"), fold("ESKİŞEHİR İL"));
        assert_eq!(fold("I\u{307}L"), fold("il"));
        assert_ne!(fold("ıl"), fold("il"));
    }
}
