//! BER-TLV as cards have it (ISO/IEC 7816-4, 6.3): one object after the other out of a slice. Pure.
//!
//! It checks every length against what is there and copies nothing; what an object means is for others.

/// A tag of one byte or two, its content, and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object<'a> {
    /// The tag; one of two bytes has its first byte on the left.
    pub tag: u16,
    /// The content.
    pub value: &'a [u8],
}

/// Reads the objects of a slice in order, and ends at the first byte that begins none: files on cards are
/// larger than what is written in them, and filled with 00 or FF.
#[derive(Debug, Clone)]
pub struct Objects<'a>(pub &'a [u8]);

impl<'a> Iterator for Objects<'a> {
    type Item = Object<'a>;

    fn next(&mut self) -> Option<Object<'a>> {
        let Some((object, rest)) = split(self.0) else {
            self.0 = &[];
            return None;
        };
        self.0 = rest;
        Some(object)
    }
}

impl<'a> Object<'a> {
    /// The objects inside.
    #[must_use]
    pub fn inside(self) -> Objects<'a> {
        Objects(self.value)
    }

    /// The first object inside that has this tag.
    #[must_use]
    pub fn first(self, tag: u16) -> Option<Object<'a>> {
        self.inside().find(|object| object.tag == tag)
    }
}

/// The first object of a slice and what follows it; `None` when there is none, or not all of it.
#[must_use]
pub fn split(bytes: &[u8]) -> Option<(Object<'_>, &[u8])> {
    let (tag, length, header) = header(bytes)?;
    let (value, rest) = bytes.get(header..)?.split_at_checked(length)?;
    Some((Object { tag, value }, rest))
}

/// How many bytes the first object takes with its header, which alone need be there.
#[must_use]
pub fn extent(bytes: &[u8]) -> Option<usize> {
    let (_, length, header) = header(bytes)?;
    header.checked_add(length)
}

/// Tag, length of the content, length of the header.
fn header(bytes: &[u8]) -> Option<(u16, usize, usize)> {
    let (tag, after_tag) = match *bytes {
        // Filling.
        [] | [0x00 | 0xFF, ..] => return None,
        [first, second, ..] if first & 0x1F == 0x1F => {
            // A tag of more than two bytes is not used by cards.
            if second & 0x80 != 0 {
                return None;
            }
            (u16::from_be_bytes([first, second]), 2)
        }
        [first, ..] => (u16::from(first), 1),
    };
    let (length, width) = match *bytes.get(after_tag..)? {
        [length @ 0..=0x7F, ..] => (usize::from(length), 1),
        [0x81, length, ..] => (usize::from(length), 2),
        [0x82, high, low, ..] => (usize::from(u16::from_be_bytes([high, low])), 3),
        // Indefinite, or longer than any file of a card.
        _ => return None,
    };
    Some((tag, length, after_tag + width))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Object, Objects, extent, split};

    #[test]
    fn lengths_of_one_to_three_bytes_are_read() {
        let long = [&[0x30, 0x82, 0x01, 0x00], [7; 256].as_slice()].concat();
        assert_eq!(split(&long), Some((Object { tag: 0x30, value: &[7; 256] }, &[][..])));
        assert_eq!(extent(&long[..4]), Some(260));
        assert_eq!(split(&[0x04, 0x81, 1, 9, 5]), Some((Object { tag: 4, value: &[9] }, &[5][..])));
        assert_eq!(split(&[0x7F, 0x49, 1, 9]), Some((Object { tag: 0x7F49, value: &[9] }, &[][..])));
    }

    #[test]
    fn what_is_cut_short_or_indefinite_is_no_object() {
        for wrong in [
            &[0x30_u8][..],
            &[0x30, 2, 1],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x83, 0, 0, 1, 9],
            &[0x1F],
            &[0x1F, 0x81, 0, 0],
        ] {
            assert_eq!(split(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn filling_ends_a_list() {
        let tags: Vec<u16> = Objects(&[4, 0, 2, 1, 5, 0, 0, 4, 0]).map(|object| object.tag).collect();
        assert_eq!(tags, [4, 2]);
        assert_eq!(Objects(&[0xFF; 9]).count(), 0);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fail_or_run_for_ever(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(Objects(&bytes).count() <= bytes.len());
            let _ = extent(&bytes);
        }
    }
}
