//! Commands in character frames, T=0 (ISO/IEC 7816-3, 10.3; 7816-4, 12.1): five bytes, then data one way only.
//!
//! Which way they go is known by the instruction, as on a card; what wants both ways has its answer fetched.

use super::apdu::Command;

/// Instructions whose P3 is the length of the answer: READ BINARY, GET RESPONSE, GET DATA, GET CHALLENGE.
const OUTGOING: [u8; 4] = [0xB0, 0xC0, 0xCA, 0x84];

/// Reads a frame; `None` when it is none: without P3, or with other data than P3 says, or with data both ways.
pub(super) fn parse(bytes: &[u8]) -> Option<Command<'_>> {
    let (&[class, instruction, p1, p2, p3], data) = bytes.split_first_chunk()?;
    let outgoing = OUTGOING.contains(&instruction);
    if data.len() != if outgoing { 0 } else { usize::from(p3) } {
        return None;
    }
    let le = outgoing.then(|| if p3 == 0 { 256 } else { usize::from(p3) });
    Some(Command::new([class, instruction, p1, p2], data, le))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_frame_has_five_bytes_and_data_one_way() {
        assert_eq!(parse(&[0, 0xB0, 0, 0, 0]).and_then(|command| command.le), Some(256));
        assert_eq!(parse(&[0, 0xB0, 0, 0, 7]).and_then(|command| command.le), Some(7));
        let verify = parse(&[0, 0x20, 0, 0x80, 2, 0x31, 0x32]).unwrap();
        assert_eq!((verify.data, verify.le), (&[0x31, 0x32][..], None));
        assert!(parse(&[0x80, 0x1A, 0, 0, 0]).is_some(), "no data at all");
        for wrong in [
            &[0x80, 0x1A, 0, 0][..],
            &[0, 0xA4, 8, 0, 2, 0x3F, 0, 0],
            &[0, 0xA4, 8, 0, 2, 0x3F],
            &[0, 0xB0, 0, 0, 1, 0x3F],
            &[0, 0xB0, 0, 0, 0, 1, 0],
        ] {
            assert!(parse(wrong).is_none(), "{wrong:02X?}");
        }
    }
}
