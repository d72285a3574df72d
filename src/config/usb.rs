//! `[usb]`: devices that are let in by number, besides what is let in by kind.

use std::{fmt, path::Path, str::FromStr};

use serde::{Deserialize, de::Error as _};

use super::{ConfigError, parse};

/// The list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Usb {
    /// Devices that are used whatever they are, `"072f:90cc"`. A number can be imitated: name as few as can be.
    pub allow: Vec<UsbId>,
}

/// A device's vendor and product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsbId {
    /// `idVendor`
    pub vendor: u16,
    /// `idProduct`
    pub product: u16,
}

impl Usb {
    /// Reads this section of a configuration file and nothing else of it.
    ///
    /// # Errors
    /// [`ConfigError`], naming file, key, what was found and what is expected.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        #[derive(Deserialize)]
        struct Only {
            #[serde(default)]
            usb: Usb,
        }
        parse::<Only>(file).map(|only| only.usb)
    }
}

impl FromStr for UsbId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            let is_number = text.len() == 4 && text.chars().all(|digit| digit.is_ascii_hexdigit());
            is_number.then(|| u16::from_str_radix(text, 16).ok()).flatten()
        };
        text.split_once(':')
            .and_then(|(vendor, product)| Some(Self { vendor: number(vendor)?, product: number(product)? }))
            .ok_or_else(|| {
                format!("found {text:?}, expected vendor:product, each of four hexadecimal digits")
            })
    }
}

impl fmt::Display for UsbId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vendor, self.product)
    }
}

impl<'de> Deserialize<'de> for UsbId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Usb, UsbId};

    fn load(text: &str) -> Result<Usb, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kiosk.toml");
        std::fs::write(&file, text).unwrap();
        Usb::load(&file).map_err(|fault| fault.to_string())
    }

    #[test]
    fn the_list_is_read_whatever_else_is_in_the_file() {
        let usb = load("[portal]\nnonsense = 1\n[usb]\nallow = ['072f:90CC']\n").unwrap();
        assert_eq!(usb.allow, [UsbId { vendor: 0x072f, product: 0x90cc }]);
        assert_eq!(usb.allow[0].to_string(), "072f:90cc");
        assert_eq!(load("").unwrap(), Usb::default());
    }

    #[test]
    fn a_number_of_another_form_is_named() {
        for wrong in ["72f:90cc", "072f90cc", "072f:90cc:1", "+72f:90cc", "072f:*"] {
            let fault = load(&format!("[usb]\nallow = ['{wrong}']\n")).unwrap_err();
            assert!(fault.contains(wrong) && fault.contains("expected vendor:product"), "{fault}");
        }
    }
}
