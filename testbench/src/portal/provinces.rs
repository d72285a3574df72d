//! The provinces by plate code and their districts, from `testbench/data/districts.toml`.
//!
//! It knows nothing of pages; how an institution writes and numbers them is the institution's affair.

use std::sync::LazyLock;

use serde::Deserialize;

/// A province.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Province {
    /// Two digits, `26`.
    pub plate: String,
    /// `Eskişehir`
    pub name: String,
    /// In Turkish alphabetical order.
    pub districts: Vec<String>,
}

impl Province {
    /// The districts with the option value the portal gives each: the plate code and a running number.
    pub fn numbered(&self) -> impl Iterator<Item = (String, &str)> {
        self.districts
            .iter()
            .enumerate()
            .map(|(index, name)| (format!("{}{:02}", self.plate, index + 1), name.as_str()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    province: Vec<Province>,
}

static ALL: LazyLock<Vec<Province>> = LazyLock::new(|| {
    let file: File =
        toml::from_str(include_str!("../../data/districts.toml")).expect("a test reads the same file");
    file.province
});

/// All provinces by plate code.
#[must_use]
pub fn all() -> &'static [Province] {
    &ALL
}

/// The province of a plate code.
#[must_use]
pub fn by_plate(plate: &str) -> Option<&'static Province> {
    ALL.iter().find(|province| province.plate == plate)
}

#[cfg(test)]
mod tests {
    use super::{all, by_plate};

    #[test]
    fn there_are_81_provinces_in_order_of_their_plate_codes() {
        let plates: Vec<_> = all().iter().map(|province| province.plate.clone()).collect();
        let expected: Vec<_> = (1..=81).map(|plate| format!("{plate:02}")).collect();
        assert_eq!(plates, expected);
    }

    #[test]
    fn there_are_973_districts_each_once_in_its_province() {
        let mut count = 0;
        for province in all() {
            let mut names: Vec<_> = province.districts.iter().collect();
            count += names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), province.districts.len(), "{}: one is named twice", province.name);
        }
        assert_eq!(count, 973);
    }

    #[test]
    fn districts_carry_the_plate_code_of_their_province() {
        let eskisehir = by_plate("26").unwrap();
        let numbered: Vec<_> = eskisehir.numbered().collect();
        assert_eq!(numbered[9], ("2610".to_owned(), "Odunpazarı"));
        assert!(by_plate("82").is_none());
    }
}
