//! Which card it is: how one generation of cards wants to be spoken to, and how single cards depart from that.
//!
//! The bench's own words for it, written down beside the driver it judges and not taken from there: for v1.0 what
//! OpenSC 0.23's driver sends, for v2 what the vendor's description of its interface says. Where that is silent, the
//! stricter answer was chosen.

use std::str::FromStr;

/// Answer to reset of AKİS v1.0 (`UEKAE V1.0`), the one OpenSC 0.23's driver knows.
pub const ATR_AKIS_1_0: [u8; 19] = *b"\x3B\xBA\x11\x00\x81\x31\xFE\x4DUEKAE V1.0\xAE";
/// The same card over T=0: no interface byte names another protocol (ISO/IEC 7816-3, 8.2.3).
pub const ATR_AKIS_1_0_T0: [u8; 14] = *b"\x3B\x3A\x11\x00UEKAE V1.0";
/// Answer to reset of a card of v1.1, which wants secure messaging.
pub const ATR_AKIS_1_1: [u8; 19] = *b"\x3B\xBA\x11\x00\x81\x31\xFE\x4DUEKAE V1.1\xAF";
/// Answer to reset of a card of v2: historical bytes that begin with 80 65 54 43.
pub const ATR_AKIS_2: [u8; 16] = *b"\x3B\xB7\x11\x00\x81\x31\xFE\x4D\x80\x65\x54\x43DEN\x18";
/// Answer to reset of a card that nobody knows: T=1, historical bytes `DENEME 0.0`, its check byte correct.
pub const ATR_UNKNOWN: [u8; 19] = *b"\x3B\xBA\x11\x00\x81\x31\xFE\x4DDENEME 0.0\xA4";

/// A card as the bench has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Model {
    /// AKİS v1.0 in blocks, T=1.
    V1_0,
    /// AKİS v1.0 in character frames, T=0.
    V1_0OverT0,
    /// AKİS v2 in blocks, with lengths of three bytes.
    V2,
}

/// How a single card departs from its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quirk {
    /// A Le that asks for more than there is, also one of 00, is answered by `6C XX` and nothing else.
    ExactLe,
    /// No command is chained: `68 84`.
    NoChaining,
    /// The last command of a chain is not taken for it: `68 83`.
    ChainIsLost,
    /// Everything but SELECT wants secure messaging: `69 87`.
    SecureMessaging,
    /// There is no EF.ODF.
    NoDirectory,
    /// EF.ODF holds nothing that can be read.
    BrokenDirectory,
    /// EF.AOD gives the PIN another reference than the card has.
    PinCalledOtherwise,
    /// EF.AOD lists the PIN and no PUK.
    PukNotListed,
    /// The second wrong PIN in a row is weighed as any other, and the answer is `6F 00`.
    SecondNoUnsaid,
}

/// How a generation of cards wants to be spoken to.
pub(super) struct Manners {
    /// Name of the application's dedicated file.
    pub(super) application: &'static [u8],
    /// The application is reached by its path too, and its directories name files that way.
    pub(super) by_path: bool,
    /// The first certificate's file; the others follow.
    pub(super) first_certificate: u16,
    /// Reference of the PIN.
    pub(super) pin: u8,
    /// Reference of the PUK, where it is verified by itself before the PIN is set anew.
    pub(super) puk: Option<u8>,
    /// A verified PIN is good for one signature.
    pub(super) each_signature: bool,
    /// VERIFY without digits costs a try instead of telling them.
    pub(super) asking_costs: bool,
    /// A key is chosen by a control reference template.
    pub(super) template: bool,
    /// The card pads, and takes no block of the host's.
    pub(super) pads: bool,
    /// PINs come behind their lengths when they are changed.
    pub(super) counted: bool,
}

static V1_0: Manners = Manners {
    application: b"\xA0\x00\x00\x00\x63PKCS-15",
    by_path: true,
    first_certificate: 0x4501,
    pin: 0x80,
    puk: None,
    each_signature: false,
    asking_costs: false,
    template: false,
    pads: false,
    counted: true,
};

static V2: Manners = Manners {
    application: b"PKCS-15",
    by_path: false,
    first_certificate: 0x2F10,
    pin: 0x01,
    puk: Some(0x02),
    each_signature: true,
    asking_costs: true,
    template: true,
    pads: true,
    counted: false,
};

impl Model {
    /// All of them, with the names they are asked for by.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::V1_0, "v1.0"), (Self::V1_0OverT0, "v1.0-t0"), (Self::V2, "v2")];

    /// Its answer to reset.
    #[must_use]
    pub fn atr(self) -> &'static [u8] {
        match self {
            Self::V1_0 => &ATR_AKIS_1_0,
            Self::V1_0OverT0 => &ATR_AKIS_1_0_T0,
            Self::V2 => &ATR_AKIS_2,
        }
    }

    pub(super) fn manners(self) -> &'static Manners {
        match self {
            Self::V1_0 | Self::V1_0OverT0 => &V1_0,
            Self::V2 => &V2,
        }
    }

    /// It speaks in character frames.
    pub(super) fn in_characters(self) -> bool {
        match self {
            Self::V1_0OverT0 => true,
            Self::V1_0 | Self::V2 => false,
        }
    }
}

impl FromStr for Model {
    type Err = UnknownModel;

    fn from_str(name: &str) -> Result<Self, UnknownModel> {
        let found = Self::ALL.iter().find(|(_, known)| *known == name);
        found.map(|(model, _)| *model).ok_or_else(|| UnknownModel(name.to_owned()))
    }
}

/// No card of the bench has this name.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not one of v1.0, v1.0-t0, v2")]
pub struct UnknownModel(String);

#[cfg(test)]
mod tests {
    use super::{ATR_AKIS_1_0, ATR_AKIS_1_1, ATR_AKIS_2, ATR_UNKNOWN};

    #[test]
    fn the_check_bytes_are_right() {
        for atr in [&ATR_AKIS_1_0[..], &ATR_AKIS_1_1, &ATR_AKIS_2, &ATR_UNKNOWN] {
            assert_eq!(atr[1..].iter().fold(0, |sum, byte| sum ^ byte), 0, "{atr:02X?}");
        }
    }
}
