//! The test person: every personal value a visit uses, made up from a seed.
//!
//! It knows nothing of pages, cards or certificates. Each value that is written to `visitor.json` is unlike
//! anything else a log could hold, so that finding it there means a leak. What is too short or too public
//! for that (postal code, province, extension, operator) is kept out of the file.

use std::{fs, io, path::Path};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde::{Deserialize, Serialize};

/// A made-up person, plainly test data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Visitor {
    /// "Kimlik No": eleven digits, valid by the checksum.
    pub national_id: String,
    /// "Adı", upper case.
    pub given_name: String,
    /// "Soyadı", upper case.
    pub surname: String,
    /// "Doğum Yeri", upper case.
    pub birth_place: String,
    /// "Doğum Tarihi", `DD.MM.YYYY`.
    pub birth_date: String,
    /// "Güvenlik sözcüğü".
    pub security_word: String,
    /// "Kurum Sicil No".
    pub registry_number: String,
    /// "Çalıştığı Birim".
    pub unit: String,
    /// "Ünvan".
    pub title: String,
    /// "Kurum / Birim Adresi".
    pub address: String,
    /// "Eposta".
    pub email: String,
    /// "İş Telefonu", ten digits without the leading zero.
    pub work_phone: String,
    /// "Cep Telefonu", ten digits, 5xx.
    pub mobile_phone: String,
    /// "Ev Telefonu", ten digits without the leading zero.
    pub home_phone: String,
    /// PIN of the card the visit begins with, six digits.
    pub pin: String,
    /// PUK of that card, eight digits.
    pub puk: String,
    /// The PIN the person would rather have, six digits that a kiosk takes.
    pub new_pin: String,
    /// PIN of the card that was sent to the person, six digits that nobody told yet.
    pub next_card_pin: String,
    /// What is needed to fill the form and cannot be searched for.
    #[serde(skip)]
    pub choices: Choices,
}

/// Values of the form that say nothing about the person or are too short to be searched for in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// "İl": the two-digit plate code.
    pub province: &'static str,
    /// "İl" as it is printed.
    pub province_name: &'static str,
    /// "İlçe" as it is printed.
    pub district_name: &'static str,
    /// "Posta Kodu"; begins with the plate code.
    pub postal_code: String,
    /// "Dahili".
    pub work_extension: String,
    /// "Mobil Operatör Tip" as it is printed.
    pub mobile_operator: &'static str,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            province: "26",
            province_name: "Eskişehir",
            district_name: "Odunpazarı",
            postal_code: "26100".to_owned(),
            work_extension: "1204".to_owned(),
            mobile_operator: "Turkcell",
        }
    }
}

impl Visitor {
    /// The person of this seed: the same seed, the same person.
    #[must_use]
    pub fn generate(seed: u64) -> Self {
        let random = &mut StdRng::seed_from_u64(seed);
        let (mobile_prefix, mobile_operator) =
            *[("50", "Türk Telekom"), ("55", "Türk Telekom"), ("53", "Turkcell"), ("54", "Vodafone")]
                .choose(random)
                .expect("the list is not empty");
        // Of 50x only 501, 505, 506 and 507 are mobile numbers.
        let third = if mobile_prefix == "50" { "1567" } else { "0123456789" };
        let third = char::from(*third.as_bytes().choose(random).expect("the list is not empty"));
        let visitor = Self {
            national_id: national_id(random),
            given_name: format!("DENEME{}", word(random, 2)),
            surname: format!("SINAMA{}", word(random, 2)),
            birth_place: format!("DENEME{}", word(random, 3)),
            birth_date: format!(
                "{:02}.{:02}.{}",
                random.gen_range(1..=28),
                random.gen_range(1..=12),
                random.gen_range(1961..=1999)
            ),
            security_word: format!(
                "{}-{}-{}",
                title_case(&word(random, 3)),
                random.gen_range(10..100),
                title_case(&word(random, 2))
            ),
            registry_number: digits(random, 8),
            unit: format!("DENEME {} ORTAOKULU", word(random, 3)),
            title: format!("DENEME {}", word(random, 3)),
            address: format!(
                "DENEME {} MAH. {} SK. NO {}",
                word(random, 2),
                word(random, 3),
                random.gen_range(10..100)
            ),
            email: format!("deneme.{}@example.org", ascii_word(random, 8)),
            work_phone: format!("222{}", digits(random, 7)),
            mobile_phone: format!("{mobile_prefix}{third}{}", digits(random, 7)),
            home_phone: format!("222{}", digits(random, 7)),
            pin: digits(random, 6),
            puk: digits(random, 8),
            new_pin: String::new(),
            next_card_pin: String::new(),
            choices: Choices { mobile_operator, ..Choices::default() },
        };
        let mut another = |visitor: &Self| loop {
            let pin = digits(random, 6);
            let new = visitor.values().iter().all(|(_, value)| !value.contains(&pin));
            if new && is_strong(&pin) {
                break pin;
            }
        };
        let visitor = Self { new_pin: another(&visitor), ..visitor };
        Self { next_card_pin: another(&visitor), ..visitor }
    }

    /// Name and surname as a certificate and a contract carry them.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.surname)
    }

    /// Every value of `visitor.json` with its name there: what may be found in no log.
    #[must_use]
    pub fn values(&self) -> [(&'static str, &str); 18] {
        [
            ("national-id", &self.national_id),
            ("given-name", &self.given_name),
            ("surname", &self.surname),
            ("birth-place", &self.birth_place),
            ("birth-date", &self.birth_date),
            ("security-word", &self.security_word),
            ("registry-number", &self.registry_number),
            ("unit", &self.unit),
            ("title", &self.title),
            ("address", &self.address),
            ("email", &self.email),
            ("work-phone", &self.work_phone),
            ("mobile-phone", &self.mobile_phone),
            ("home-phone", &self.home_phone),
            ("pin", &self.pin),
            ("puk", &self.puk),
            ("new-pin", &self.new_pin),
            ("next-card-pin", &self.next_card_pin),
        ]
    }

    /// Writes `visitor.json`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        fs::write(file, serde_json::to_string_pretty(self)? + "\n")
    }
}

/// Eleven digits whose last two are the check digits of the first nine.
fn national_id(random: &mut StdRng) -> String {
    let mut id = vec![random.gen_range(1..=9_i32)];
    id.extend((1..9).map(|_| random.gen_range(0..=9)));
    let odd: i32 = id.iter().step_by(2).sum();
    let even: i32 = id.iter().skip(1).step_by(2).sum();
    id.push((odd * 7 - even).rem_euclid(10));
    id.push(id.iter().sum::<i32>() % 10);
    id.iter().map(ToString::to_string).collect()
}

/// Upper-case syllables; every one has a letter that is not ASCII, so that encodings and casing are tried.
fn word(random: &mut StdRng, syllables: usize) -> String {
    let mut pick = |letters: &str| {
        let letters: Vec<char> = letters.chars().collect();
        *letters.choose(random).expect("the list is not empty")
    };
    (0..syllables).flat_map(|_| [pick("ÇĞŞ"), pick("AEIİOÖUÜ"), pick("BDKLMNRTVYZ")]).collect()
}

fn title_case(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next();
    first.into_iter().chain(letters.map(lower)).collect()
}

/// Lower case as Turkish has it; `char::to_lowercase` turns I into i and İ into two characters.
fn lower(letter: char) -> char {
    match letter {
        'I' => 'ı',
        'İ' => 'i',
        other => other.to_lowercase().next().unwrap_or(other),
    }
}

fn ascii_word(random: &mut StdRng, letters: usize) -> String {
    (0..letters).map(|_| char::from(random.gen_range(b'a'..=b'z'))).collect()
}

/// Neither a run nor with a birth year in it; [`digits`] repeats none.
fn is_strong(pin: &str) -> bool {
    let year = |four: &[u8]| matches!(four, [b'1', b'9', ..] | [b'2', b'0', ..]);
    let steps = |by: u8| pin.as_bytes().windows(2).all(|two| (two[0] - b'0' + by) % 10 == two[1] - b'0');
    !steps(1) && !steps(9) && !pin.as_bytes().windows(4).any(year)
}

fn digits(random: &mut StdRng, count: usize) -> String {
    // No digit twice in a row: neither 000000 nor a number that reads like a round one.
    let mut number = String::new();
    while number.len() < count {
        let digit = char::from(random.gen_range(b'0'..=b'9'));
        if !number.ends_with(digit) {
            number.push(digit);
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use super::Visitor;

    #[test]
    fn the_same_seed_is_the_same_person_and_another_seed_another() {
        assert_eq!(Visitor::generate(7), Visitor::generate(7));
        assert_ne!(Visitor::generate(7).national_id, Visitor::generate(8).national_id);
    }

    #[test]
    fn national_ids_pass_the_checksum() {
        for seed in 0..200 {
            let id: Vec<i32> =
                Visitor::generate(seed).national_id.bytes().map(|d| i32::from(d - b'0')).collect();
            assert_eq!(id.len(), 11);
            assert_ne!(id[0], 0);
            let tenth = ((id[0] + id[2] + id[4] + id[6] + id[8]) * 7 - (id[1] + id[3] + id[5] + id[7]))
                .rem_euclid(10);
            assert_eq!(id[9], tenth);
            assert_eq!(id[10], id[..10].iter().sum::<i32>() % 10);
        }
    }

    #[test]
    fn values_are_long_enough_and_none_is_part_of_another() {
        for seed in 0..200 {
            let visitor = Visitor::generate(seed);
            for (name, value) in visitor.values() {
                let least = if name.ends_with("pin") { 6 } else { 8 };
                assert!(value.chars().count() >= least, "{name} of seed {seed}");
                let holders = visitor.values().iter().filter(|(_, other)| other.contains(value)).count();
                assert_eq!(holders, 1, "{name} of seed {seed} is part of another value");
            }
        }
    }

    #[test]
    fn the_file_holds_exactly_the_values_that_can_be_searched_for() {
        let visitor = Visitor::generate(1);
        let json = serde_json::to_value(&visitor).unwrap();
        let written: Vec<_> = json.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        let mut values: Vec<_> =
            visitor.values().iter().map(|(k, v)| ((*k).to_owned(), serde_json::Value::from(*v))).collect();
        values.sort_by(|a, b| a.0.cmp(&b.0));
        let mut written_sorted = written;
        written_sorted.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(written_sorted, values);
    }
}
