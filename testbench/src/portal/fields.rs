//! The entries of the application: which are required, what each may hold, and what the portal says when it
//! is not that.
//!
//! Labels, input names and option values differ between institutions and are the institutions' affair.

use std::collections::BTreeMap;

use super::provinces;

/// An entry of the login page or the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    NationalId,
    GivenName,
    Surname,
    BirthPlace,
    BirthDate,
    Reason,
    ReaderType,
    Validity,
    SecurityWord,
    SecurityWordRepeat,
    Institution,
    RegistryNumber,
    Unit,
    Title,
    Address,
    Province,
    District,
    PostalCode,
    Email,
    WorkPhone,
    WorkExtension,
    MobilePhone,
    MobileOperator,
    HomePhone,
    InfoChannel,
    /// Of the fault `changed-form`: nothing that any profile knows.
    Unheard,
}

impl Key {
    pub(super) const LOGIN: [Self; 5] =
        [Self::NationalId, Self::GivenName, Self::Surname, Self::BirthPlace, Self::BirthDate];

    /// What the person may fill in on the form, in the page's order.
    pub(super) const EDITABLE: [Self; 19] = [
        Self::Reason,
        Self::ReaderType,
        Self::Validity,
        Self::SecurityWord,
        Self::SecurityWordRepeat,
        Self::RegistryNumber,
        Self::Unit,
        Self::Title,
        Self::Address,
        Self::Province,
        Self::District,
        Self::PostalCode,
        Self::Email,
        Self::WorkPhone,
        Self::WorkExtension,
        Self::MobilePhone,
        Self::MobileOperator,
        Self::HomePhone,
        Self::InfoChannel,
    ];

    /// Marked `(*)`.
    pub(super) fn required(self) -> bool {
        !matches!(self, Self::RegistryNumber | Self::WorkExtension)
    }

    /// `maxlength` of its input.
    pub(super) fn max_length(self) -> usize {
        match self {
            Self::NationalId => 11,
            Self::BirthDate | Self::WorkPhone | Self::MobilePhone | Self::HomePhone => 10,
            Self::PostalCode => 5,
            Self::WorkExtension => 6,
            Self::RegistryNumber => 12,
            Self::SecurityWord | Self::SecurityWordRepeat => 30,
            Self::GivenName | Self::Surname | Self::BirthPlace => 40,
            Self::Unit | Self::Title => 80,
            Self::Email => 60,
            Self::Address => 200,
            Self::Institution => 120,
            Self::Reason
            | Self::ReaderType
            | Self::Validity
            | Self::Province
            | Self::District
            | Self::MobileOperator
            | Self::InfoChannel
            | Self::Unheard => 20,
        }
    }
}

/// Values of entries.
pub(super) type Values = BTreeMap<Key, String>;

/// What is wrong with a form, entry by entry, in the portal's words. `choices` lists an institution's option
/// values.
pub(super) fn judge(
    values: &Values,
    choices: impl Fn(Key) -> &'static [(&'static str, &'static str)],
) -> BTreeMap<Key, &'static str> {
    let mut errors = BTreeMap::new();
    for key in Key::EDITABLE {
        let value = values.get(&key).map_or("", |value| value.trim());
        let verdict = if value.is_empty() {
            if key.required() { Some("Bu alanın doldurulması zorunludur.") } else { None }
        } else if value.chars().count() > key.max_length() {
            Some("Bu alana girdiğiniz bilgi çok uzun.")
        } else {
            wrong(key, value, values, &choices)
        };
        if let Some(words) = verdict {
            errors.insert(key, words);
        }
    }
    errors
}

fn wrong(
    key: Key,
    value: &str,
    values: &Values,
    choices: impl Fn(Key) -> &'static [(&'static str, &'static str)],
) -> Option<&'static str> {
    const LIST: &str = "Lütfen listeden bir değer seçiniz.";
    const PHONE: &str = "Telefon numarasını başında sıfır olmadan 10 hane olarak giriniz.";
    let (fine, words) = match key {
        Key::Reason | Key::ReaderType | Key::Validity | Key::MobileOperator | Key::InfoChannel => {
            (choices(key).iter().any(|(option, _)| *option == value), LIST)
        }
        Key::Province => (provinces::by_plate(value).is_some(), LIST),
        Key::District => {
            let province = values.get(&Key::Province).and_then(|plate| provinces::by_plate(plate));
            (province.is_some_and(|known| known.numbered().any(|(number, _)| number == value)), LIST)
        }
        Key::SecurityWord => (value.chars().count() >= 6, "Güvenlik sözcüğü en az 6 karakter olmalıdır."),
        Key::SecurityWordRepeat => (
            values.get(&Key::SecurityWord).is_some_and(|word| word.trim() == value),
            "Girdiğiniz güvenlik sözcükleri aynı değil.",
        ),
        Key::PostalCode => (digits(value, 5), "Posta kodu 5 haneli olmalıdır."),
        Key::WorkPhone | Key::HomePhone => (digits(value, 10) && !value.starts_with('0'), PHONE),
        Key::MobilePhone => (digits(value, 10) && value.starts_with('5'), PHONE),
        Key::WorkExtension => {
            (value.bytes().all(|byte| byte.is_ascii_digit()), "Dahili numara yalnız rakamlardan oluşmalıdır.")
        }
        Key::Email => (email(value), "Geçerli bir e-posta adresi giriniz."),
        Key::NationalId
        | Key::GivenName
        | Key::Surname
        | Key::BirthPlace
        | Key::BirthDate
        | Key::Institution
        | Key::RegistryNumber
        | Key::Unit
        | Key::Title
        | Key::Address
        | Key::Unheard => return None,
    };
    if fine { None } else { Some(words) }
}

/// Whether the last two digits of a national identity number fit the first nine.
pub(super) fn national_id(text: &str) -> bool {
    if !digits(text, 11) || text.starts_with('0') {
        return false;
    }
    let d: Vec<i32> = text.bytes().map(|byte| i32::from(byte - b'0')).collect();
    let tenth = ((d[0] + d[2] + d[4] + d[6] + d[8]) * 7 - (d[1] + d[3] + d[5] + d[7])).rem_euclid(10);
    d[9] == tenth && d[10] == d[..10].iter().sum::<i32>() % 10
}

fn digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && text.is_ascii()
        && !text.contains(char::is_whitespace)
        && domain.contains('.')
        && !domain.contains('@')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::{Key, Values, judge, national_id};

    fn choices(_: Key) -> &'static [(&'static str, &'static str)] {
        &[("1", "bir")]
    }

    fn filled() -> Values {
        Key::EDITABLE
            .into_iter()
            .map(|key| (key, "1".to_owned()))
            .chain(
                [
                    (Key::Province, "26"),
                    (Key::District, "2610"),
                    (Key::PostalCode, "26100"),
                    (Key::Email, "deneme@example.org"),
                    (Key::WorkPhone, "2220000000"),
                    (Key::HomePhone, "2220000000"),
                    (Key::MobilePhone, "5350000000"),
                    (Key::SecurityWord, "Deneme-42"),
                    (Key::SecurityWordRepeat, "Deneme-42"),
                ]
                .map(|(key, value)| (key, value.to_owned())),
            )
            .collect()
    }

    #[test]
    fn a_form_in_order_has_no_errors() {
        assert!(judge(&filled(), choices).is_empty());
    }

    #[test]
    fn every_required_entry_is_missed_and_the_others_are_not() {
        for key in Key::EDITABLE {
            let mut values = filled();
            values.insert(key, " ".to_owned());
            assert_eq!(judge(&values, choices).contains_key(&key), key.required(), "{key:?}");
        }
    }

    #[test]
    fn malformed_entries_are_refused_where_they_stand() {
        for (key, value) in [
            (Key::Reason, "7"),
            (Key::District, "0601"),
            (Key::PostalCode, "2610"),
            (Key::Email, "deneme@example"),
            (Key::MobilePhone, "2220000000"),
            (Key::WorkPhone, "02220000000"),
            (Key::SecurityWordRepeat, "deneme-42"),
        ] {
            let mut values = filled();
            values.insert(key, value.to_owned());
            let errors: Vec<_> = judge(&values, choices).into_keys().collect();
            assert_eq!(errors, [key], "{value}");
        }
    }

    #[test]
    fn a_district_belongs_to_its_province() {
        let mut values = filled();
        values.insert(Key::Province, "34".to_owned());
        assert_eq!(judge(&values, choices).into_keys().collect::<Vec<_>>(), [Key::District]);
        values.insert(Key::Province, "82".to_owned());
        assert_eq!(judge(&values, choices).into_keys().collect::<Vec<_>>(), [Key::Province, Key::District]);
    }

    #[test]
    fn check_digits_of_the_national_id_are_checked() {
        assert!(national_id("10000000146"));
        assert!(!national_id("10000000147"));
        assert!(!national_id("01000000014"));
    }
}
