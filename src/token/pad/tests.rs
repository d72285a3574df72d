//! Whatever a reader says of itself.

use proptest::prelude::*;

use super::{Unentered, unentered, verify, verify_code};
use crate::token::akis::status::{Meaning, meaning};

#[test]
fn the_code_is_found_among_a_readers_features_with_its_highest_byte_first() {
    let features = b"\x12\x04\x42\x33\x00\x12\x06\x04\x42\x33\x00\x06\x07\x04\x42\x33\x00\x07";
    assert_eq!(verify_code(features), Some(0x4233_0006));
    for none in [&b""[..], b"\x12\x04\x42\x33\x00\x12", b"\x06\x04\x42\x33\x00", b"\x06\x02\x42\x33", b"\x06"]
    {
        assert_eq!(verify_code(none), None, "{none:02X?}");
    }
}

#[test]
fn the_reader_is_told_of_six_to_twelve_digits_in_ascii_behind_four_bytes() {
    let mut expected = vec![20, 20, 0x82, 0, 0, 12, 6, 2, 0, 0x1F, 0x04, 0, 0, 0, 0, 4, 0, 0, 0];
    expected.extend([0x00, 0x20, 0x00, 0x80]);
    assert_eq!(verify(0x80).as_slice(), expected);
}

proptest! {
    #[test]
    fn no_list_of_features_makes_it_fail(features in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = verify_code(&features);
    }

    #[test]
    fn a_code_is_found_whatever_stands_around_it(
        before in proptest::collection::vec(
            (any::<u8>().prop_filter("another", |tag| *tag != 6), proptest::collection::vec(any::<u8>(), 0..9)),
            0..20,
        ),
        code in any::<u32>(),
        after in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut features = Vec::new();
        for (tag, value) in before {
            features.extend([tag, u8::try_from(value.len()).unwrap()]);
            features.extend(value);
        }
        features.extend([6, 4]);
        features.extend(code.to_be_bytes());
        features.extend(after);
        prop_assert_eq!(verify_code(&features), Some(code));
    }

    #[test]
    fn no_structure_differs_but_in_the_pins_reference(reference in any::<u8>()) {
        let (structure, other) = (verify(reference), verify(0));
        prop_assert_eq!(&structure[..22], &other[..22]);
        prop_assert_eq!(structure[22], reference);
    }
}

#[test]
fn no_word_by_which_a_card_weighs_a_pin_is_taken_for_the_readers_own() {
    for status in 0..=u16::MAX {
        let weighed = matches!(meaning(status), Meaning::Done | Meaning::WrongPin(_) | Meaning::Locked);
        assert!(!weighed || unentered(status).is_none(), "{status:04X}");
    }
    assert_eq!(unentered(0x6400), Some(Unentered::TimedOut));
    assert_eq!(unentered(0x6401), Some(Unentered::Cancelled));
    assert_eq!([0x6402, 0x6403].map(unentered), [Some(Unentered::Length); 2]);
    assert_eq!(unentered(0x6B80), Some(Unentered::NoPad));
}
