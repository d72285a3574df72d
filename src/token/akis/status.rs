//! The one table from status words to what they mean. Pure.
//!
//! What a meaning leads to depends on the command; only VERIFY and its kin can say that a PIN is wrong.

/// What a status word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Done.
    Done,
    /// Done, and the file ended before all that was asked for.
    EndOfFile,
    /// The PIN is wrong, with the tries left where the card tells.
    WrongPin(Option<u8>),
    /// The PIN is locked.
    Locked,
    /// The PIN has not been verified, or not for this.
    NotVerified,
    /// The card wants commands protected by secure messaging.
    SecureMessaging,
    /// No such file, key or PIN.
    NotFound,
    /// The lengths do not fit.
    WrongLength,
    /// The data are refused; for a PIN: its form, before it was compared.
    WrongData,
    /// The card does not know this command.
    UnknownCommand,
    /// It does not do it now.
    Refused,
    /// The card is broken or worn out.
    Broken,
}

/// ISO/IEC 7816-4, 5.6, tables 5 and 6: a value, which of its bits count, the meaning.
const TABLE: &[(u16, u16, Meaning)] = &[
    (0x9000, 0xFFFF, Meaning::Done),
    // Fewer bytes than Le: files are read in pieces whose last one may be short.
    (0x6282, 0xFFFF, Meaning::EndOfFile),
    // Without a counter. 63 CX is read by `meaning`, because X counts.
    (0x6300, 0xFFFF, Meaning::WrongPin(None)),
    // "State of memory changed/unchanged", "security of the chip": worn out or attacked.
    (0x6400, 0xFE00, Meaning::Broken),
    (0x6600, 0xFF00, Meaning::Broken),
    (0x6700, 0xFF00, Meaning::WrongLength),
    // A card without chaining, or one that wanted the chain's last command.
    (0x6883, 0xFFFE, Meaning::Refused),
    (0x6882, 0xFFFF, Meaning::UnknownCommand),
    // What v1.1 answers to anything that changes its security state, by the vendor's description; [?] which.
    (0x6982, 0xFFFF, Meaning::NotVerified),
    (0x6983, 0xFFFF, Meaning::Locked),
    // v1 says "reference data not usable" of a locked PIN.
    (0x6984, 0xFFFF, Meaning::Locked),
    (0x6985, 0xFFFF, Meaning::Refused),
    // "No current EF": a folder was read.
    (0x6986, 0xFFFF, Meaning::NotFound),
    // Objects for secure messaging are missing, or wrong.
    (0x6987, 0xFFFF, Meaning::SecureMessaging),
    (0x6988, 0xFFFF, Meaning::SecureMessaging),
    (0x6A80, 0xFFFF, Meaning::WrongData),
    (0x6A81, 0xFFFF, Meaning::UnknownCommand),
    (0x6A82, 0xFFFE, Meaning::NotFound),
    (0x6A86, 0xFFFF, Meaning::UnknownCommand),
    (0x6A88, 0xFFFF, Meaning::NotFound),
    // Offset outside the file.
    (0x6B00, 0xFFFF, Meaning::EndOfFile),
    (0x6D00, 0xFF00, Meaning::UnknownCommand),
    (0x6E00, 0xFF00, Meaning::UnknownCommand),
    (0x6F00, 0xFF00, Meaning::Broken),
];

/// What a status word means; one that is not in the table is a refusal.
#[must_use]
pub fn meaning(status: u16) -> Meaning {
    match status {
        0x63C0 => Meaning::Locked,
        0x63C1..=0x63CF => Meaning::WrongPin(u8::try_from(status & 0x000F).ok()),
        _ => TABLE
            .iter()
            .find(|(value, counts, _)| status & counts == *value)
            .map_or(Meaning::Refused, |(.., meaning)| *meaning),
    }
}

#[cfg(test)]
mod tests {
    use super::{Meaning, TABLE, meaning};

    #[test]
    fn tries_left_are_read_and_none_is_locked() {
        assert_eq!(meaning(0x63C2), Meaning::WrongPin(Some(2)));
        assert_eq!(meaning(0x63C1), Meaning::WrongPin(Some(1)));
        assert_eq!(meaning(0x63C0), Meaning::Locked);
        assert_eq!(meaning(0x6300), Meaning::WrongPin(None));
        assert_eq!([0x6983, 0x6984].map(meaning), [Meaning::Locked; 2]);
    }

    #[test]
    fn nothing_but_9000_is_done() {
        for status in 0..=u16::MAX {
            assert_eq!(meaning(status) == Meaning::Done, status == 0x9000, "{status:04X}");
        }
    }

    #[test]
    fn a_wrong_pin_is_told_by_63_alone() {
        for status in 0..=u16::MAX {
            let wrong = matches!(meaning(status), Meaning::WrongPin(_));
            assert_eq!(wrong, status == 0x6300 || (0x63C1..=0x63CF).contains(&status), "{status:04X}");
        }
    }

    #[test]
    fn no_word_has_two_meanings() {
        for status in 0..=u16::MAX {
            let rows = TABLE.iter().filter(|(value, counts, _)| status & counts == *value).count();
            assert!(rows <= 1, "{status:04X}");
        }
    }
}
