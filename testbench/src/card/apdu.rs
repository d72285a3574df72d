//! Command APDUs (ISO/IEC 7816-4, 5.1): short and extended, and the status words a card answers with.
//!
//! It knows nothing of what a command does.

/// Status words (ISO/IEC 7816-4, 5.1.3; 7816-8 for signatures).
pub(super) mod status {
    pub(in crate::card) const OK: u16 = 0x9000;
    /// `61 XX`: so many bytes are left, to be had by GET RESPONSE; 00 means 256 or more.
    pub(in crate::card) const MORE: u16 = 0x6100;
    /// `63 CX`: verification failed, X tries left.
    pub(in crate::card) const TRIES_LEFT: u16 = 0x63C0;
    pub(in crate::card) const WRONG_LENGTH: u16 = 0x6700;
    pub(in crate::card) const LAST_OF_CHAIN_EXPECTED: u16 = 0x6883;
    pub(in crate::card) const CHAINING_NOT_SUPPORTED: u16 = 0x6884;
    pub(in crate::card) const NOT_AN_EF: u16 = 0x6986;
    pub(in crate::card) const SECURITY_STATUS: u16 = 0x6982;
    pub(in crate::card) const BLOCKED: u16 = 0x6983;
    pub(in crate::card) const CONDITIONS: u16 = 0x6985;
    pub(in crate::card) const SECURE_MESSAGING_MISSING: u16 = 0x6987;
    pub(in crate::card) const WRONG_DATA: u16 = 0x6A80;
    pub(in crate::card) const FILE_NOT_FOUND: u16 = 0x6A82;
    pub(in crate::card) const WRONG_P1_P2: u16 = 0x6A86;
    pub(in crate::card) const REFERENCED_DATA_NOT_FOUND: u16 = 0x6A88;
    pub(in crate::card) const OFFSET_OUTSIDE: u16 = 0x6B00;
    /// `6C XX`: wrong Le, XX bytes are there.
    pub(in crate::card) const WRONG_LE: u16 = 0x6C00;
    pub(in crate::card) const UNKNOWN_INSTRUCTION: u16 = 0x6D00;
    pub(in crate::card) const UNKNOWN_CLASS: u16 = 0x6E00;
    pub(in crate::card) const NO_DIAGNOSIS: u16 = 0x6F00;
}

/// A command as it was received.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command<'a> {
    /// Class without the chaining bit.
    pub(super) class: u8,
    /// More of the same command follows (ISO/IEC 7816-4, 5.1.1.1).
    pub(super) chained: bool,
    pub(super) instruction: u8,
    pub(super) p1: u8,
    pub(super) p2: u8,
    pub(super) data: &'a [u8],
    /// Most bytes of the answer; `None` where no Le was sent.
    pub(super) le: Option<usize>,
}

/// Class bit 5: command chaining.
const CHAINING: u8 = 0x10;

impl<'a> Command<'a> {
    /// Reads the four cases, short and extended; `None` when the lengths do not add up.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&[class, instruction, p1, p2], body) = bytes.split_first_chunk()?;
        let (data, le) = body_of(body)?;
        Some(Self::new([class, instruction, p1, p2], data, le))
    }

    pub(super) fn new([class, instruction, p1, p2]: [u8; 4], data: &'a [u8], le: Option<usize>) -> Self {
        Self { class: class & !CHAINING, chained: class & CHAINING != 0, instruction, p1, p2, data, le }
    }
}

fn body_of(body: &[u8]) -> Option<(&[u8], Option<usize>)> {
    match *body {
        [] => Some((&[], None)),
        [le] => Some((&[], Some(short_le(le)))),
        [0, high, low] => Some((&[], Some(extended_le(high, low)))),
        [0, high, low, ref rest @ ..] => {
            let (data, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
            let le = match *rest {
                [] => None,
                [high, low] => Some(extended_le(high, low)),
                _ => return None,
            };
            (!data.is_empty()).then_some((data, le))
        }
        [lc, ref rest @ ..] => {
            let (data, rest) = rest.split_at_checked(usize::from(lc))?;
            let le = match *rest {
                [] => None,
                [le] => Some(short_le(le)),
                _ => return None,
            };
            (!data.is_empty()).then_some((data, le))
        }
    }
}

fn short_le(le: u8) -> usize {
    if le == 0 { 256 } else { usize::from(le) }
}

fn extended_le(high: u8, low: u8) -> usize {
    match u16::from_be_bytes([high, low]) {
        0 => 65_536,
        le => usize::from(le),
    }
}

/// What a log may say of a command: its name, never its content.
pub(super) fn name(class: u8, instruction: u8) -> &'static str {
    match (class & !CHAINING, instruction) {
        (0x00, 0x20) => "VERIFY",
        (0x00, 0x22) => "MANAGE SECURITY ENVIRONMENT",
        (0x00, 0x24) => "CHANGE REFERENCE DATA",
        (0x00, 0x2A) => "PERFORM SECURITY OPERATION",
        (0x00, 0x2C) => "RESET RETRY COUNTER",
        (0x00, 0x84) => "GET CHALLENGE",
        (0x00, 0xA4) => "SELECT",
        (0x00, 0xB0) => "READ BINARY",
        (0x00, 0xC0) => "GET RESPONSE",
        (0x00, 0xCA) => "GET DATA",
        (0x80, 0x1A) => "LOGOUT",
        _ => "unknown command",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Command;

    fn body(bytes: &[u8]) -> Option<(Vec<u8>, Option<usize>)> {
        let bytes = [&[0x00, 0xB0, 0, 0], bytes].concat();
        Command::parse(&bytes).map(|command| (command.data.to_vec(), command.le))
    }

    #[test]
    fn the_four_cases_are_read_short_and_extended() {
        assert_eq!(body(&[]), Some((vec![], None)));
        assert_eq!(body(&[0]), Some((vec![], Some(256))));
        assert_eq!(body(&[7]), Some((vec![], Some(7))));
        assert_eq!(body(&[2, 1, 2]), Some((vec![1, 2], None)));
        assert_eq!(body(&[2, 1, 2, 0]), Some((vec![1, 2], Some(256))));
        assert_eq!(body(&[0, 0, 0]), Some((vec![], Some(65_536))));
        assert_eq!(body(&[0, 1, 0]), Some((vec![], Some(256))));
        assert_eq!(body(&[0, 0, 2, 1, 2]), Some((vec![1, 2], None)));
        assert_eq!(body(&[0, 0, 2, 1, 2, 1, 0]), Some((vec![1, 2], Some(256))));
    }

    #[test]
    fn lengths_that_do_not_add_up_are_refused() {
        for wrong in [&[2_u8, 1][..], &[1, 1, 2, 3], &[0, 0], &[0, 0, 2, 1], &[0, 0, 1, 1, 2], &[0, 0, 0, 1]]
        {
            assert_eq!(body(wrong), None, "{wrong:?}");
        }
        assert_eq!(Command::parse(&[0, 0xB0, 0]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_fail(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Command::parse(&bytes);
        }
    }
}
