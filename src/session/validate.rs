//! What is wrong with the value of one field, and what is worth a look.
//!
//! It knows the rules of the country (national id, telephone numbers, postal codes); it knows nothing of
//! pages.

use jiff::civil::Date;

use super::{clock, turkish};
use crate::{
    link::view::{FieldError, FieldWarning},
    portal::{Choice, FieldId, FieldKind},
    redact::Personal,
};

/// Words everybody was told to use; a shared word protects nobody.
const KNOWN_WORDS: [&str; 4] = ["Odunpazarı+26", "güvenlik", "12345678", "qwertyui"];

/// Fewest characters of a security word.
const SHORTEST_WORD: usize = 8;

/// What a value is judged against.
pub(super) struct Against<'a> {
    /// Today.
    pub(super) today: Date,
    /// The security word typed first.
    pub(super) word: &'a str,
    /// The security word is chosen here, and not one that the portal has.
    pub(super) word_is_new: bool,
    /// Things a security word must not repeat: the hint on the page, the person's names.
    pub(super) guessable: &'a [Personal],
}

/// What the person meant, written the way the portal wants it.
pub(super) fn normal(id: FieldId, value: &str) -> String {
    match id {
        FieldId::NationalId | FieldId::PostalCode | FieldId::WorkExtension => digits(value),
        FieldId::WorkPhone | FieldId::MobilePhone | FieldId::HomePhone => {
            let digits = digits(value);
            let after = |prefix| digits.strip_prefix(prefix).filter(|rest| rest.len() == 10);
            let national = ["90", "0", "0090"].into_iter().find_map(after);
            national.unwrap_or(&digits).to_owned()
        }
        // The register is kept in capitals.
        FieldId::GivenName | FieldId::Surname | FieldId::BirthPlace => turkish::fold(value),
        FieldId::SecurityWord | FieldId::SecurityWordRepeat => value.to_owned(),
        FieldId::Captcha
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
        | FieldId::Email
        | FieldId::MobileOperator
        | FieldId::InfoChannel => value.trim().to_owned(),
    }
}

/// Digits where there are only digits and the marks numbers are written with; else the text as it is.
fn digits(value: &str) -> String {
    let marks = |letter: char| matches!(letter, ' ' | '-' | '(' | ')' | '+' | '.' | '/');
    if value.chars().all(|letter| letter.is_ascii_digit() || marks(letter)) {
        value.chars().filter(char::is_ascii_digit).collect()
    } else {
        value.trim().to_owned()
    }
}

/// What is wrong with a value, if anything.
pub(super) fn judge(
    id: FieldId,
    kind: &FieldKind,
    required: bool,
    value: &Personal,
    against: &Against<'_>,
) -> Option<FieldError> {
    if value.is_blank() {
        return required.then_some(FieldError::Missing);
    }
    let text = value.expose();
    match kind {
        FieldKind::Choice(choices) => {
            return choices.iter().all(|choice| choice.value != text).then_some(FieldError::Choice);
        }
        FieldKind::Text { max_length: Some(most) } if text.chars().count() > usize::from(*most) => {
            return Some(FieldError::TooLong);
        }
        FieldKind::Text { .. } => {}
    }
    match id {
        FieldId::NationalId => (!is_national_id(text)).then_some(FieldError::NationalId),
        FieldId::BirthDate => (!is_birth_date(text, against.today)).then_some(FieldError::Date),
        FieldId::Email => (!is_email(text)).then_some(FieldError::Email),
        FieldId::WorkPhone | FieldId::HomePhone => {
            (!is_phone(text, &['2', '3', '4', '5', '8'])).then_some(FieldError::Phone)
        }
        FieldId::MobilePhone => (!is_phone(text, &['5'])).then_some(FieldError::Phone),
        FieldId::PostalCode => (!is_number(text, 5)).then_some(FieldError::PostalCode),
        FieldId::SecurityWord => {
            (against.word_is_new && is_weak(text, against.guessable)).then_some(FieldError::WeakWord)
        }
        FieldId::SecurityWordRepeat => (text != against.word).then_some(FieldError::Repeat),
        FieldId::WorkExtension => {
            (!text.bytes().all(|byte| byte.is_ascii_digit())).then_some(FieldError::Phone)
        }
        FieldId::Captcha
        | FieldId::GivenName
        | FieldId::Surname
        | FieldId::BirthPlace
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
        | FieldId::MobileOperator
        | FieldId::InfoChannel => None,
    }
}

fn is_number(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The check digits of a national id: d10 = (7·(d1+d3+d5+d7+d9) − (d2+d4+d6+d8)) mod 10 and
/// d11 = (d1+…+d10) mod 10, d1 ≠ 0.
pub(super) fn is_national_id(text: &str) -> bool {
    if !is_number(text, 11) {
        return false;
    }
    let digits: Vec<i32> = text.bytes().map(|byte| i32::from(byte - b'0')).collect();
    let odd: i32 = digits[..9].iter().step_by(2).sum();
    let even: i32 = digits[1..8].iter().step_by(2).sum();
    let sum: i32 = digits[..10].iter().sum();
    digits[0] != 0 && digits[9] == (7 * odd - even).rem_euclid(10) && digits[10] == sum % 10
}

fn is_birth_date(text: &str, today: Date) -> bool {
    clock::parse_day(text).is_some_and(|day| day.year() >= 1900 && day < today)
}

fn is_phone(text: &str, first: &[char]) -> bool {
    is_number(text, 10) && text.starts_with(first)
}

/// An address as people have them: one `@`, an ASCII local part and a domain of at least two labels.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let local_fits = (1..=64).contains(&local.len())
        && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte))
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    local_fits
        && domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(label_fits)
        && top.len() >= 2
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_weak(word: &str, guessable: &[Personal]) -> bool {
    let folded = turkish::fold(word);
    let mut letters: Vec<char> = folded.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    word.chars().count() < SHORTEST_WORD
        || letters.len() < 4
        || KNOWN_WORDS.iter().any(|known| turkish::fold(known) == folded)
        || guessable.iter().any(|known| turkish::fold(known.expose()) == folded)
        || is_national_id(word)
}

/// Whether the postal code starts with the plate code of the province, where the option is one.
pub(super) fn postal_code_warning(postal_code: &str, province: &str) -> Option<FieldWarning> {
    let plate: u8 = province.parse().ok().filter(|plate| (1..=81).contains(plate))?;
    (is_number(postal_code, 5) && !postal_code.starts_with(&format!("{plate:02}")))
        .then_some(FieldWarning::PostalCodeOfOtherProvince)
}

/// Whether a number that starts like a mobile one has a prefix no operator was given.
pub(super) fn mobile_warning(mobile: &str) -> Option<FieldWarning> {
    (is_phone(mobile, &['5']) && operator(mobile).is_none()).then_some(FieldWarning::NotMobile)
}

/// Words of an operator's name, by the prefix of a mobile number. Numbers are portable: a suggestion.
fn operator(mobile: &str) -> Option<&'static [&'static str]> {
    match (mobile.get(..2)?, mobile.get(2..3)?) {
        ("50", "1" | "5" | "6" | "7") | ("55", _) => Some(&["TÜRK TELEKOM", "AVEA"]),
        ("53", _) => Some(&["TURKCELL"]),
        ("54", _) => Some(&["VODAFONE"]),
        _ => None,
    }
}

/// The choice of operator that fits a mobile number.
pub(super) fn suggested_operator(mobile: &str, choices: &[Choice]) -> Option<String> {
    let words = operator(mobile)?;
    let fits = |choice: &&Choice| {
        let label = turkish::fold(&choice.label);
        words.iter().any(|word| label.contains(word))
    };
    choices.iter().find(fits).map(|choice| choice.value.clone())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TEXT: FieldKind = FieldKind::Text { max_length: Some(40) };

    fn judged(id: FieldId, value: &str) -> Option<FieldError> {
        let value = Personal::new(normal(id, value));
        let guessable = [Personal::new("Şehrimizin kuşu")];
        let against = Against {
            today: date(2026, 7, 1),
            word: "Zeytin-41-Köprü",
            word_is_new: true,
            guessable: &guessable,
        };
        judge(id, &TEXT, true, &value, &against)
    }

    #[test]
    fn a_national_id_is_judged_by_its_check_digits() {
        assert_eq!(judged(FieldId::NationalId, "10000000146"), None);
        assert_eq!(judged(FieldId::NationalId, "100 0000 0146"), None);
        for wrong in ["10000000147", "10000000156", "01000000014", "1000000014", "1000000014a", "00000000000"]
        {
            assert_eq!(judged(FieldId::NationalId, wrong), Some(FieldError::NationalId), "{wrong}");
        }
    }

    #[test]
    fn a_birth_date_is_a_day_in_the_past() {
        assert_eq!(judged(FieldId::BirthDate, "15.08.1975"), None);
        for wrong in ["01.07.2026", "31.04.1980", "15.08.1875", "15-08-1975"] {
            assert_eq!(judged(FieldId::BirthDate, wrong), Some(FieldError::Date), "{wrong}");
        }
    }

    #[test]
    fn telephone_numbers_have_ten_digits_and_a_mobile_one_starts_with_five() {
        for right in ["5321112233", "0532 111 22 33", "+90 (532) 111-22-33"] {
            assert_eq!(judged(FieldId::MobilePhone, right), None, "{right}");
        }
        for wrong in ["2221112233", "532111223", "53211122334", "532111223x"] {
            assert_eq!(judged(FieldId::MobilePhone, wrong), Some(FieldError::Phone), "{wrong}");
        }
        assert_eq!(judged(FieldId::WorkPhone, "0222 111 22 33"), None);
        assert_eq!(judged(FieldId::WorkPhone, "1221112233"), Some(FieldError::Phone));
    }

    #[test]
    fn an_email_address_has_one_at_and_a_domain() {
        for right in ["deneme@ornek.com.tr", "a.b+c@d-e.tr"] {
            assert_eq!(judged(FieldId::Email, right), None, "{right}");
        }
        for wrong in
            ["deneme", "deneme@ornek", "a@b@c.tr", ".a@b.tr", "a..b@c.tr", "çç@b.tr", "a@-b.tr", "a@b.1"]
        {
            assert_eq!(judged(FieldId::Email, wrong), Some(FieldError::Email), "{wrong}");
        }
    }

    #[test]
    fn a_shared_or_short_security_word_is_refused_and_the_repeat_must_be_the_same() {
        assert_eq!(judged(FieldId::SecurityWord, "Zeytin-41-Köprü"), None);
        for weak in
            ["odunpazarı+26", "ODUNPAZARI+26", "kısa-1", "aaaaaaaaaa", "şehrimizin KUŞU", "10000000146"]
        {
            assert_eq!(judged(FieldId::SecurityWord, weak), Some(FieldError::WeakWord), "{weak}");
        }
        assert_eq!(judged(FieldId::SecurityWordRepeat, "Zeytin-41-Köprü"), None);
        assert_eq!(judged(FieldId::SecurityWordRepeat, "Zeytin-41-köprü"), Some(FieldError::Repeat));
    }

    #[test]
    fn a_blank_is_missing_only_where_it_is_required_and_too_long_is_said() {
        assert_eq!(judged(FieldId::Unit, "   "), Some(FieldError::Missing));
        let against = Against { today: date(2026, 7, 1), word: "", word_is_new: true, guessable: &[] };
        assert_eq!(judge(FieldId::Unit, &TEXT, false, &Personal::default(), &against), None);
        assert_eq!(judged(FieldId::Unit, &"ü".repeat(40)), None);
        assert_eq!(judged(FieldId::Unit, &"ü".repeat(41)), Some(FieldError::TooLong));
    }

    #[test]
    fn a_choice_is_one_of_the_list() {
        let kind = FieldKind::Choice(vec![Choice { value: "26".into(), label: "ESKİŞEHİR".into() }]);
        let against = Against { today: date(2026, 7, 1), word: "", word_is_new: true, guessable: &[] };
        let judged = |value: &str| judge(FieldId::Province, &kind, true, &value.into(), &against);
        assert_eq!(judged("26"), None);
        assert_eq!(judged("06"), Some(FieldError::Choice));
        assert_eq!(judged(""), Some(FieldError::Missing));
    }

    #[test]
    fn a_postal_code_of_another_province_is_a_warning() {
        assert_eq!(judged(FieldId::PostalCode, "26100"), None);
        assert_eq!(judged(FieldId::PostalCode, "2610"), Some(FieldError::PostalCode));
        assert_eq!(postal_code_warning("26100", "26"), None);
        assert_eq!(postal_code_warning("06100", "6"), None);
        assert_eq!(postal_code_warning("26100", "06"), Some(FieldWarning::PostalCodeOfOtherProvince));
        assert_eq!(postal_code_warning("26100", "other"), None);
    }

    #[test]
    fn the_operator_is_suggested_by_prefix() {
        let choice = |value: &str, label: &str| Choice { value: value.into(), label: label.into() };
        let choices = [choice("1", "Turkcell"), choice("2", "Vodafone"), choice("3", "Türk Telekom")];
        for (number, value) in
            [("5321112233", "1"), ("5421112233", "2"), ("5521112233", "3"), ("5051112233", "3")]
        {
            assert_eq!(suggested_operator(number, &choices).as_deref(), Some(value), "{number}");
        }
        assert_eq!(suggested_operator("5611112233", &choices), None);
        assert_eq!(mobile_warning("5611112233"), Some(FieldWarning::NotMobile));
        assert_eq!(mobile_warning("5321112233"), None);
    }
}
