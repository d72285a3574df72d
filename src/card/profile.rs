//! Which AKİS dialect a card speaks, told by its answer to reset: the one table of dialects. Pure.
//!
//! It knows no reader and sends nothing. A cell says where it comes from: `[W]` witnessed, OpenSC 0.23's AKİS
//! driver does it so; `[V]` the vendor's public description of its programming interface; `[?]` nobody could
//! confirm it, the bench's own choice. A card nobody has tried keeps its `[?]` until `docs/first-real-card.md`
//! has been gone through with one.

/// How one generation of cards wants to be spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// For staff and logs.
    pub name: &'static str,
    /// Whether an independent driver speaks it alike.
    pub standing: Standing,
    /// Where the PKCS#15 application is.
    pub application: Application,
    /// Identifiers of the certificates' files where no directory lists them, in order; the first one belongs
    /// to the first key.
    pub certificates: std::ops::RangeInclusive<u16>,
    /// P2 of VERIFY (ISO/IEC 7816-4, 11.5.6).
    pub pin_reference: u8,
    /// Digits of a PIN that is set; one that is verified may have others.
    pub pin_digits: usize,
    /// When VERIFY is wanted.
    pub verify: Verify,
    /// How whoever knows the PIN gives it another.
    pub change: ChangePin,
    /// How a locked PIN is opened with the PUK.
    pub unblock: Unblock,
    /// Whether VERIFY without data tells the tries left and surely costs none. On a card nobody has tried it
    /// may cost one, so it stays off until a real card has confirmed it.
    pub tries_can_be_asked: bool,
    /// How a key is chosen.
    pub choose_key: ChooseKey,
    /// Who pads an RSA block.
    pub padding: Padding,
    /// Most bytes of data in one command; more are chained.
    pub most_sent: usize,
    /// Most bytes that are asked for at once.
    pub most_read: usize,
    /// Whether lengths may take three bytes (ISO/IEC 7816-4, 5.2).
    pub extended: bool,
}

/// Whether an independent driver speaks a dialect alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// OpenSC 0.23 does, on the bench and on cards in the field.
    Witnessed,
    /// Known from the vendor's description alone: used only where the office says `backend = "akis"`.
    Described,
}

/// Where a card's PKCS#15 application is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Application {
    /// At this path from the master file.
    Path(&'static [u8]),
    /// In the dedicated file of this name.
    Name(&'static [u8]),
}

/// When VERIFY is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    /// Once; it holds until reset.
    Once,
    /// Before every signature.
    EachSignature,
}

/// CHANGE REFERENCE DATA (ISO/IEC 7816-4, 11.5.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangePin {
    /// P1 02, P2 the PIN's reference without its bit for "local"; each PIN behind its length.
    Counted,
    /// P1 00, P2 the PIN's reference; the old PIN, then the new one, of so many digits each: nothing else says where
    /// one ends.
    Joined(usize),
}

/// RESET RETRY COUNTER (ISO/IEC 7816-4, 11.5.10), P2 the PIN's reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unblock {
    /// P1 00: the PUK, of so many digits, then the new PIN: nothing else says where one ends.
    Joined(usize),
    /// VERIFY of the PUK, whose reference this is; then P1 02 with the new PIN.
    VerifyFirst(u8),
}

/// MANAGE SECURITY ENVIRONMENT (ISO/IEC 7816-4, 11.5.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChooseKey {
    /// `22 C3`, the key's reference as P2.
    Plain,
    /// `22 41 B6`, the reference in a control reference template: `84 01`, 80 or'ed with the key's number.
    Template,
}

/// Who pads an RSA block (RFC 8017, 9.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// The host sends the whole block.
    Host,
    /// The card pads the DigestInfo it is sent.
    Card,
}

/// What an answer to reset says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Card {
    /// A card of this dialect.
    Speaks(&'static Dialect),
    /// An AKİS card that demands secure messaging, which this driver does not speak.
    SecureMessaging,
    /// No AKİS card, or one nobody has described.
    Unknown,
}

/// v1.0. ATR of the witness: `3BBA11008131FE4D55454B41452056312E30AE`.
static V1_0: Dialect = Dialect {
    name: "AKİS v1.0",
    standing: Standing::Witnessed,
    // [W] 3F00/5015; every path is sent with its 3F00.
    application: Application::Path(&[0x3F, 0x00, 0x50, 0x15]),
    // [W] through the directory; the numbers themselves are those of the cards it lists.
    certificates: 0x4501..=0x4508,
    // [W] 80: local to the application, digits unpadded.
    pin_reference: 0x80,
    // [?] as they are given out.
    pin_digits: 6,
    // [W] once, then every signature until reset.
    verify: Verify::Once,
    // [W]
    change: ChangePin::Counted,
    // [?] OpenSC does not unblock. ISO/IEC 7816-4's first form, and a PUK of 8 digits.
    unblock: Unblock::Joined(8),
    // [?] OpenSC does not ask. ISO/IEC 7816-4 says 63 CX.
    tries_can_be_asked: false,
    // [W] 22 C3, the key's reference as the directory has it.
    choose_key: ChooseKey::Plain,
    // [W] the block comes padded, by command chaining.
    padding: Padding::Host,
    // [W] OpenSC sends and reads 244 bytes at most.
    most_sent: 244,
    most_read: 244,
    // [?] never seen; short lengths always work.
    extended: false,
};

/// v2, and what is said of it.
static V2: Dialect = Dialect {
    name: "AKİS v2",
    standing: Standing::Described,
    // [V] a dedicated file named "PKCS-15".
    application: Application::Name(b"PKCS-15"),
    // [V] 2F10 to 2F20. [?] that they lie in that order beside keys 1 to 10.
    certificates: 0x2F10..=0x2F20,
    // [V]
    pin_reference: 0x01,
    // [?] as they are given out.
    pin_digits: 6,
    // [V] before every signature.
    verify: Verify::EachSignature,
    // [?] ISO/IEC 7816-4's form, and PINs of 6 digits, as they are given out.
    change: ChangePin::Joined(6),
    // [V] the PUK is 2. [?] that it is verified by itself.
    unblock: Unblock::VerifyFirst(0x02),
    // [?]
    tries_can_be_asked: false,
    // [V] 80 or'ed with the key's number, 1 to 10. [?] the template around it.
    choose_key: ChooseKey::Template,
    // [?] the card's own.
    padding: Padding::Card,
    // [?]
    most_sent: 255,
    most_read: 1024,
    extended: true,
};

/// Every dialect there is, witnessed ones first: what a card that is met for the first time is tried with.
pub static DIALECTS: [&Dialect; 2] = [&V1_0, &V2];

/// Historical bytes of a card and what they say. The first row that fits counts.
static ROWS: [(Mark, Card); 5] = [
    // [W] "UEKAE V1.0", over T=1 and over T=0.
    (Mark::Whole(b"UEKAE V1.0"), Card::Speaks(&V1_0)),
    // [V] v1.1 and later of v1 demand secure messaging.
    (Mark::Begins(b"UEKAE V1."), Card::SecureMessaging),
    // [?] anything else of that name.
    (Mark::Begins(b"UEKAE"), Card::Unknown),
    // [V] [?] both beginnings are given for v2 without saying which card has which.
    (Mark::Begins(&[0x80, 0x65, 0x54, 0x43]), Card::Speaks(&V2)),
    (Mark::BeginsAndHalf(&[0x80, 0x66, 0x68, 0x32, 0x04], 0x9), Card::Speaks(&V2)),
];

enum Mark {
    Whole(&'static [u8]),
    Begins(&'static [u8]),
    /// And the high half of the byte after it.
    BeginsAndHalf(&'static [u8], u8),
}

/// Says what card an answer to reset is of.
#[must_use]
pub fn recognise(atr: &[u8]) -> Card {
    let Some(historical) = historical(atr) else { return Card::Unknown };
    let row = ROWS.iter().find(|(mark, _)| match mark {
        Mark::Whole(bytes) => historical == *bytes,
        Mark::Begins(bytes) => historical.starts_with(bytes),
        Mark::BeginsAndHalf(bytes, half) => {
            historical.strip_prefix(*bytes).and_then(<[u8]>::first).is_some_and(|byte| byte >> 4 == *half)
        }
    });
    row.map_or(Card::Unknown, |(_, card)| *card)
}

/// The historical bytes of an answer to reset (ISO/IEC 7816-3, 8.2); `None` when it is malformed.
fn historical(atr: &[u8]) -> Option<&[u8]> {
    let (&[start, format], mut rest) = atr.split_first_chunk()?;
    if !matches!(start, 0x3B | 0x3F) || atr.len() > 33 {
        return None;
    }
    let count = usize::from(format & 0x0F);
    let mut follow = format >> 4;
    loop {
        // TA, TB and TC are skipped; TD says what follows it.
        let skipped = (follow & 0b0111).count_ones() as usize;
        rest = rest.get(skipped..)?;
        if follow & 0b1000 == 0 {
            return rest.get(..count);
        }
        let (next, after) = rest.split_first()?;
        (follow, rest) = (next >> 4, after);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Card, Standing, historical, recognise};

    const V1_0: [u8; 19] = *b"\x3B\xBA\x11\x00\x81\x31\xFE\x4DUEKAE V1.0\xAE";

    fn with_historical(bytes: &[u8]) -> Vec<u8> {
        [&[0x3B, 0x90 | u8::try_from(bytes.len()).unwrap(), 0x11, 0x81, 0x31, 0xFE, 0x45], bytes, &[0]]
            .concat()
    }

    fn name(atr: &[u8]) -> Option<&'static str> {
        match recognise(atr) {
            Card::Speaks(dialect) => Some(dialect.name),
            Card::SecureMessaging | Card::Unknown => None,
        }
    }

    #[test]
    fn the_card_that_opensc_knows_speaks_v1_0_over_both_protocols() {
        assert_eq!(historical(&V1_0), Some(&b"UEKAE V1.0"[..]));
        assert_eq!(name(&V1_0), Some("AKİS v1.0"));
        assert_eq!(name(b"\x3B\x3A\x11\x00UEKAE V1.0"), Some("AKİS v1.0"));
    }

    #[test]
    fn later_cards_of_the_first_version_demand_secure_messaging() {
        assert_eq!(recognise(&with_historical(b"UEKAE V1.1")), Card::SecureMessaging);
        assert_eq!(recognise(&with_historical(b"UEKAE V1.2.1")), Card::SecureMessaging);
        assert_eq!(recognise(&with_historical(b"UEKAE X")), Card::Unknown);
    }

    #[test]
    fn a_card_of_v2_is_known_by_the_beginning_of_its_historical_bytes_and_has_no_witness() {
        for historical in [&b"\x80\x65\x54\x43\x12\x01"[..], b"\x80\x66\x68\x32\x04\x97\x01"] {
            let Card::Speaks(dialect) = recognise(&with_historical(historical)) else { panic!("unknown") };
            assert_eq!((dialect.name, dialect.standing), ("AKİS v2", Standing::Described));
        }
        assert_eq!(recognise(&with_historical(b"\x80\x66\x68\x32\x04\x87")), Card::Unknown);
        assert_eq!(recognise(&with_historical(b"\x80\x66\x68\x32\x04")), Card::Unknown);
    }

    #[test]
    fn an_answer_cut_short_is_nobodys() {
        for end in 0..V1_0.len() - 1 {
            assert_eq!(recognise(&V1_0[..end]), Card::Unknown, "{end}");
        }
        assert_eq!(recognise(&[0x3B; 40]), Card::Unknown);
    }

    #[test]
    fn no_dialect_asks_for_the_tries_before_a_real_card_has_confirmed_it() {
        for dialect in super::DIALECTS {
            assert!(!dialect.tries_can_be_asked, "{}", dialect.name);
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_fail(atr in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = recognise(&atr);
        }
    }
}
