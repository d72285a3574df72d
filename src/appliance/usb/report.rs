//! What a HID interface is: its report descriptor (HID 1.11, 6.2.2), as far as that takes.
//!
//! Only two things are kept: of which usage the applications are, and whether any key of a keyboard is among what it
//! can report. Anything that does not parse to its end is refused.

use std::collections::BTreeSet;

/// A usage page and a usage on it (HID Usage Tables).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Usage {
    pub(super) page: u16,
    pub(super) id: u16,
}

/// The keyboard's page: each usage on it is a key.
const KEYS: u16 = 0x07;
const APPLICATION: u32 = 1;

/// What a report descriptor describes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Report {
    /// Usages of the application collections at the top.
    pub(super) applications: BTreeSet<Usage>,
    /// Whether it can report a key of a keyboard.
    pub(super) has_keys: bool,
}

/// Why the bytes are no report descriptor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    /// An item is cut off.
    #[error("found an item of {wanted} bytes at byte {at}, where {left} are left")]
    Cut {
        /// Where it begins.
        at: usize,
        /// Bytes of its data.
        wanted: usize,
        /// Bytes that are left.
        left: usize,
    },
    /// An item of a kind that is reserved.
    #[error("found a reserved item {0:#04x}")]
    Reserved(u8),
    /// More collections, or states, end than begin; or some do not end.
    #[error("found beginnings and ends that do not match")]
    Unbalanced,
    /// A collection at the top is no application: what it is cannot be told.
    #[error("found a collection at the top that is no application of one usage")]
    NoApplication,
    /// Nothing is described.
    #[error("found no application")]
    Empty,
}

#[derive(Default)]
struct Reader {
    report: Report,
    page: u16,
    /// Pages put aside by Push.
    pages: Vec<u16>,
    /// Usages since the last main item, with a page where the item named one.
    usages: Vec<(Option<u16>, u16)>,
    depth: usize,
}

impl Report {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::default();
        let mut at = 0;
        while let Some(&prefix) = bytes.get(at) {
            let left = bytes.len() - at - 1;
            // 6.2.2.3: a long item has its size in the next byte. None is defined.
            if prefix == 0xfe {
                return Err(Malformed::Reserved(prefix));
            }
            let size = match prefix & 3 {
                3 => 4,
                size => usize::from(size),
            };
            let Some(data) = bytes.get(at + 1..at + 1 + size) else {
                return Err(Malformed::Cut { at, wanted: size, left });
            };
            let value = data.iter().rev().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
            reader.item(prefix, value, size)?;
            at += 1 + size;
        }
        if reader.depth != 0 || !reader.pages.is_empty() {
            return Err(Malformed::Unbalanced);
        }
        if reader.report.applications.is_empty() {
            return Err(Malformed::Empty);
        }
        Ok(reader.report)
    }
}

impl Reader {
    fn item(&mut self, prefix: u8, value: u32, size: usize) -> Result<(), Malformed> {
        match prefix & 0xfc {
            // Main: Input, Output, Feature.
            0x80 | 0x90 | 0xb0 => self.main(),
            0xa0 => self.begin(value)?,
            0xc0 => {
                self.depth = self.depth.checked_sub(1).ok_or(Malformed::Unbalanced)?;
                self.main();
            }
            // Global: Usage Page; Push; Pop. The others are of numbers.
            0x04 => {
                self.page = low(value);
                // The kernel refuses none; keys are keys wherever the page is used.
                self.report.has_keys |= self.page == KEYS;
            }
            0xa4 => self.pages.push(self.page),
            0xb4 => self.page = self.pages.pop().ok_or(Malformed::Unbalanced)?,
            0x14 | 0x24 | 0x34 | 0x44 | 0x54 | 0x64 | 0x74 | 0x84 | 0x94 => {}
            // Local: Usage, Usage Minimum, Usage Maximum. One of four bytes names its page.
            0x08 | 0x18 | 0x28 => {
                let page = (size == 4).then(|| low(value >> 16));
                self.report.has_keys |= page == Some(KEYS);
                self.usages.push((page, low(value)));
            }
            // Designators and strings.
            0x38 | 0x48 | 0x58 | 0x78 | 0x88 | 0x98 => {}
            // Delimiters offer alternatives to choose from: which one counts is not for us to guess.
            _ => return Err(Malformed::Reserved(prefix)),
        }
        Ok(())
    }

    /// A collection begins, of the usage before it.
    fn begin(&mut self, kind: u32) -> Result<(), Malformed> {
        if self.depth == 0 {
            let (APPLICATION, &[(page, id)]) = (kind, self.usages.as_slice()) else {
                return Err(Malformed::NoApplication);
            };
            self.report.applications.insert(Usage { page: page.unwrap_or(self.page), id });
        }
        self.depth += 1;
        self.main();
        Ok(())
    }

    /// A main item ends what local items said.
    fn main(&mut self) {
        self.usages.clear();
    }
}

/// The lower half; usages and pages have no more (6.2.2.8).
fn low(value: u32) -> u16 {
    (value & 0xffff) as u16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Malformed, Report, Usage};
    use crate::appliance::usb::samples;

    fn applications(bytes: &[u8]) -> Vec<(u16, u16)> {
        let report = Report::parse(bytes).unwrap();
        report.applications.iter().map(|Usage { page, id }| (*page, *id)).collect()
    }

    #[test]
    fn a_report_tells_what_a_device_is() {
        assert_eq!(applications(&samples::KEYBOARD_REPORT), [(1, 6)]);
        assert!(Report::parse(&samples::KEYBOARD_REPORT).unwrap().has_keys);
        assert_eq!(applications(&samples::MOUSE_REPORT), [(1, 2)]);
        assert_eq!(applications(&samples::TOUCH_REPORT), [(1, 2), (0x0d, 4)]);
        assert!(!Report::parse(&samples::TOUCH_REPORT).unwrap().has_keys);
    }

    #[test]
    fn keys_are_found_however_they_are_put() {
        let within = |item: &[u8]| {
            let touch = [0x05, 0x0d, 0x09, 0x04, 0xa1, 0x01];
            let bytes = [&touch, item, &[0x81, 0x02, 0xc0][..]].concat();
            Report::parse(&bytes).unwrap().has_keys
        };
        assert!(within(&[0x05, 0x07, 0x19, 0x00, 0x29, 0x65]), "a page of its own");
        assert!(within(&[0x0b, 0x04, 0x00, 0x07, 0x00]), "a usage with its page");
        assert!(within(&[0x1b, 0, 0, 7, 0, 0x2b, 0x65, 0, 7, 0]), "a range with its page");
        assert!(within(&[0x06, 0x07, 0x00, 0x09, 0x04]), "a page of two bytes");
        assert!(within(&[0xa4, 0x05, 0x07, 0xb4]), "put aside and back");
        assert!(!within(&[0x09, 0x42]));
    }

    #[test]
    fn what_does_not_end_as_it_began_is_refused() {
        let touch = &samples::TOUCH_REPORT;
        assert_eq!(Report::parse(&touch[..touch.len() - 1]), Err(Malformed::Unbalanced));
        assert_eq!(Report::parse(&[0xc0]), Err(Malformed::Unbalanced));
        assert_eq!(Report::parse(&[0xb4]), Err(Malformed::Unbalanced));
        assert_eq!(Report::parse(&[]), Err(Malformed::Empty));
        assert_eq!(Report::parse(&[0x06, 0x0d]), Err(Malformed::Cut { at: 0, wanted: 2, left: 1 }));
        assert_eq!(Report::parse(&[0xfe, 0, 0]), Err(Malformed::Reserved(0xfe)));
        assert_eq!(Report::parse(&[0xa9, 0x01]), Err(Malformed::Reserved(0xa9)));
        // A physical collection at the top; an application of two usages.
        assert_eq!(Report::parse(&[0x09, 0x04, 0xa1, 0x00, 0xc0]), Err(Malformed::NoApplication));
        assert_eq!(Report::parse(&[0x09, 0x04, 0x09, 6, 0xa1, 1, 0xc0]), Err(Malformed::NoApplication));
    }

    proptest! {
        #[test]
        fn whatever_a_report_is_it_is_parsed_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
            let _ = Report::parse(&bytes);
        }

        /// Wherever an item of the keyboard's page is put between two items of a touchscreen's report, it is found.
        #[test]
        fn keys_are_found_wherever_they_stand(index in 0..samples::TOUCH_ITEMS.len()) {
            let mut items = samples::TOUCH_ITEMS.concat();
            let at = samples::TOUCH_ITEMS[..index].iter().map(|item| item.len()).sum::<usize>();
            items.splice(at..at, [0x05, 0x07]);
            prop_assert!(Report::parse(&items).is_err() || Report::parse(&items).unwrap().has_keys);
        }
    }
}
