//! A reader's own keys for the PIN (PC/SC part 10): what the reader is asked, and what it answers. Pure.
//!
//! It knows of a card only what the reference of its PIN is. No digit comes here: the reader puts them into the
//! command it sends.

#[cfg(test)]
mod tests;

use crate::link::pin::FEWEST_DIGITS;

/// `CM_IOCTL_GET_FEATURE_REQUEST` (2.2), before `SCARD_CTL_CODE`: which features the reader has.
pub(super) const GET_FEATURES: u32 = 3400;
/// Seconds the reader waits for a key. It cannot be told to stop: whoever ends a request waits for it as long.
pub(super) const ENTRY_S: u8 = 20;

/// `FEATURE_VERIFY_PIN_DIRECT` (2.3): one command, whose answer is the card's.
const VERIFY_PIN_DIRECT: u8 = 0x06;
/// Most digits of a PIN on such keys (ISO 9564-1, 8.1).
const MOST: u8 = 12;
#[expect(clippy::cast_possible_truncation, reason = "six")]
const FEWEST: u8 = FEWEST_DIGITS as u8;

/// Why no PIN was entered at the reader. No try is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unentered {
    /// Nobody typed.
    TimedOut,
    /// Somebody pressed the key that cancels.
    Cancelled,
    /// Too few digits, or too many.
    Length,
    /// The reader has no keys, whatever it says.
    NoPad,
    /// This card takes no PIN from a reader for so many texts, or the module it goes through takes none at all.
    NotHere,
}

/// The control code of [`VERIFY_PIN_DIRECT`] in the answer to [`GET_FEATURES`]: tag, length 4, the code with its
/// highest byte first, one after the other (2.2). `None` where it is not there.
pub(super) fn verify_code(features: &[u8]) -> Option<u32> {
    let mut rest = features;
    while let [tag, length, more @ ..] = rest {
        let (value, more) = more.split_at_checked(usize::from(*length))?;
        if *tag == VERIFY_PIN_DIRECT {
            return value.try_into().ok().map(u32::from_be_bytes);
        }
        rest = more;
    }
    None
}

/// `PIN_VERIFY_STRUCTURE` (2.5.2) for a VERIFY (ISO/IEC 7816-4, 11.5.6) with the digits as they are; numbers have
/// their lowest byte first.
pub(super) fn verify(pin_reference: u8) -> [u8; 23] {
    // The reader adds Lc and the digits.
    let [class, instruction, p1, p2] = [0x00, 0x20, 0x00, pin_reference];
    [
        // bTimerOut, bTimerOut2: until the first key, and after it.
        ENTRY_S,
        ENTRY_S,
        // bmFormatString: counted in bytes, at the beginning of the data, from the left, ASCII.
        0b1000_0010,
        // bmPINBlockString: the digits' number is not put in, and the block is as long as they are.
        0x00,
        // bmPINLengthFormat: nowhere, therefore.
        0x00,
        // wPINMaxExtraDigit: the fewest above the most.
        MOST,
        FEWEST,
        // bEntryValidationCondition: a key ends it.
        0x02,
        // bNumberMessage: none on the reader's own display. wLangId: Turkish. bMsgIndex.
        0x00,
        0x1F,
        0x04,
        0x00,
        // bTeoPrologue: the driver's business.
        0x00,
        0x00,
        0x00,
        // ulDataLength, abData.
        4,
        0,
        0,
        0,
        class,
        instruction,
        p1,
        p2,
    ]
}

/// What a status word of the reader itself says (2.5.3); `None` for one that is the card's.
pub(super) fn unentered(status: u16) -> Option<Unentered> {
    match status {
        0x6400 => Some(Unentered::TimedOut),
        0x6401 => Some(Unentered::Cancelled),
        // The first is of two new PINs that differ, which nobody asked for.
        0x6402 | 0x6403 => Some(Unentered::Length),
        // "Invalid parameter in passed structure."
        0x6B80 => Some(Unentered::NoPad),
        _ => None,
    }
}

/// Whether an error surely means that the reader was asked in vain, and the card not at all.
pub(super) fn is_refused(error: pcsc::Error) -> bool {
    matches!(
        error,
        pcsc::Error::UnsupportedFeature | pcsc::Error::InvalidParameter | pcsc::Error::InvalidValue
    )
}
