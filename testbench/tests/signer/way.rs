//! The ways from the signer to a card, and what each means for its configuration and for the card.
//!
//! It starts nothing.

use testbench::{card::Model, opensc};

/// How the signer reaches which card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Its own driver, a card of v1.0 in blocks.
    Akis,
    /// The same in character frames.
    AkisT0,
    /// Its own driver, a card of v2.
    AkisV2,
    /// Its own driver, a card of v1.0 in blocks, and the PIN is to be typed at the reader.
    AkisAtReader,
    /// OpenSC, a card of v1.0 in blocks.
    Pkcs11,
    /// The same, and the PIN is to be typed at the reader.
    Pkcs11AtReader,
}

impl Way {
    pub(crate) fn model(self) -> Model {
        match self {
            Self::Akis | Self::AkisAtReader | Self::Pkcs11 | Self::Pkcs11AtReader => Model::V1_0,
            Self::AkisT0 => Model::V1_0OverT0,
            Self::AkisV2 => Model::V2,
        }
    }

    /// VERIFYs for so many signatures.
    pub(crate) fn verifies(self, signatures: u32) -> u32 {
        match self {
            Self::AkisV2 => signatures,
            Self::Akis | Self::AkisAtReader | Self::AkisT0 | Self::Pkcs11 | Self::Pkcs11AtReader => 1,
        }
    }

    /// Of `[token]`.
    pub(crate) fn config(self) -> String {
        match self {
            Self::Akis | Self::AkisT0 | Self::AkisV2 => "backend = \"akis\"".to_owned(),
            Self::AkisAtReader => "backend = \"akis\"\npin_pad = true".to_owned(),
            Self::Pkcs11AtReader => format!("{}\npin_pad = true", Self::Pkcs11.config()),
            Self::Pkcs11 => {
                format!("backend = \"pkcs11\"\nmodule = \"{}\"", opensc::module().unwrap().display())
            }
        }
    }
}
