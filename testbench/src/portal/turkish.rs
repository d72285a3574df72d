//! Turkish letters: upper case by Turkish rules, as the national register writes names.
//!
//! It knows i/İ and ı/I; everything else is Unicode's.

/// Upper case by Turkish rules: `i` becomes `İ`, `ı` becomes `I`.
#[must_use]
pub fn upper(text: &str) -> String {
    text.chars()
        .flat_map(|letter| match letter {
            'i' => vec!['İ'],
            'ı' => vec!['I'],
            other => other.to_uppercase().collect(),
        })
        .collect()
}

/// Whether two entries are the same to the register: letter case and outer blanks do not count.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| upper(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::{same, upper};

    #[test]
    fn dotted_and_dotless_i_stay_apart() {
        assert_eq!(upper("diyarbakır Iğdır ışık"), "DİYARBAKIR IĞDIR IŞIK");
        assert!(same(" eskişehir ", "ESKİŞEHİR"));
        assert!(!same("ESKISEHIR", "ESKİŞEHİR"));
    }
}
