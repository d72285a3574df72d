//! PKCS#15 directories (ISO/IEC 7816-15): where certificates and keys are, and which PIN guards them. Pure.
//!
//! It reads what the kiosk needs and skips the rest. Whatever a card says, there is a limit to how much of it
//! is believed; an entry that does not parse is left out.

#[cfg(test)]
mod tests;

use super::tlv::{Object, Objects};

/// Most entries of one directory that are looked at.
pub const MOST_ENTRIES: usize = 24;
/// Longest path or identifier that is taken.
const LONGEST: usize = 16;

const SEQUENCE: u16 = 0x30;
const OCTETS: u16 = 0x04;
const INTEGER: u16 = 0x02;
const BOOLEAN: u16 = 0x01;
const BITS: u16 = 0x03;
/// `[0]` and `[1]`, constructed.
const TAGGED_0: u16 = 0xA0;
const TAGGED_1: u16 = 0xA1;

/// EF.ODF: where the other directories are (8.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directories {
    /// Of private keys.
    pub keys: Vec<Vec<u8>>,
    /// Of certificates.
    pub certificates: Vec<Vec<u8>>,
    /// Of PINs.
    pub pins: Vec<Vec<u8>>,
}

/// An entry of EF.CD (8.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateEntry {
    /// Joins it to its key.
    pub id: Vec<u8>,
    /// An authority's certificate.
    pub authority: bool,
    /// Path of its file, from the master file or from the application.
    pub path: Vec<u8>,
}

/// An entry of EF.PrKD (8.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    /// Joins it to its certificate.
    pub id: Vec<u8>,
    /// The PIN that guards it.
    pub pin_id: Option<Vec<u8>>,
    /// What MANAGE SECURITY ENVIRONMENT calls it.
    pub reference: Option<u8>,
}

/// A PIN of EF.AOD that is not the office's (8.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinEntry {
    /// Joins it to the keys it guards.
    pub id: Vec<u8>,
    /// P2 of VERIFY.
    pub reference: u8,
    /// The digits are to be filled up to a length.
    pub padded: bool,
    /// It is the PUK of another.
    pub unblocks: bool,
}

/// Reads EF.ODF.
#[must_use]
pub fn directories(file: &[u8]) -> Directories {
    let mut found = Directories::default();
    for object in Objects(file).take(MOST_ENTRIES) {
        let list = match object.tag {
            0xA0 => &mut found.keys,
            // Certificates, trusted certificates, useful certificates; the holder's may be in any.
            0xA4..=0xA6 => &mut found.certificates,
            0xA8 => &mut found.pins,
            _ => continue,
        };
        list.extend(object.first(SEQUENCE).and_then(path));
    }
    found
}

/// Reads EF.CD.
#[must_use]
pub fn certificates(file: &[u8]) -> Vec<CertificateEntry> {
    let entry = |object: Object<'_>| {
        let [_, class, kind] = parts(object)?;
        // X509CertificateAttributes: the value, by path (8.7.2).
        let place = kind.first(SEQUENCE)?.first(SEQUENCE)?;
        Some(CertificateEntry {
            id: short(class.first(OCTETS)?)?,
            authority: class.first(BOOLEAN).is_some_and(|flag| flag.value != [0]),
            path: path(place)?,
        })
    };
    // Other kinds than X.509 have tags of their own.
    Objects(file).take(MOST_ENTRIES).filter(|object| object.tag == SEQUENCE).filter_map(entry).collect()
}

/// Reads EF.PrKD: RSA keys, and EC keys under `[0]`.
#[must_use]
pub fn keys(file: &[u8]) -> Vec<KeyEntry> {
    let entry = |object: Object<'_>| {
        let [common, class, _] = parts(object)?;
        Some(KeyEntry {
            id: short(class.first(OCTETS)?)?,
            pin_id: common.first(OCTETS).and_then(short),
            reference: class.first(INTEGER).and_then(reference),
        })
    };
    let known = |object: &Object<'_>| matches!(object.tag, SEQUENCE | TAGGED_0);
    Objects(file).take(MOST_ENTRIES).filter(known).filter_map(entry).collect()
}

/// Reads EF.AOD.
#[must_use]
pub fn pins(file: &[u8]) -> Vec<PinEntry> {
    /// `needsPadding`, `unblockingPin` and `soPin` in `PinFlags` (8.9.2).
    const PADDED: u8 = 0b0000_0100;
    const UNBLOCKS: u8 = 0b0000_0010;
    const OFFICE: u8 = 0b0000_0001;
    let entry = |object: Object<'_>| {
        let [_, class, kind] = parts(object)?;
        let attributes = kind.first(SEQUENCE)?;
        let [_unused, flags, ..] = *attributes.first(BITS)?.value else { return None };
        if flags & OFFICE != 0 {
            return None;
        }
        // The default is 0 where pinReference [0] is left out.
        let reference = attributes.first(0x80).map_or(Some(0), reference)?;
        let (padded, unblocks) = (flags & PADDED != 0, flags & UNBLOCKS != 0);
        Some(PinEntry { id: short(class.first(OCTETS)?)?, reference, padded, unblocks })
    };
    Objects(file).take(MOST_ENTRIES).filter(|object| object.tag == SEQUENCE).filter_map(entry).collect()
}

/// EF.DIR: the path of the PKCS#15 application (ISO/IEC 7816-15, 7.4.1).
#[must_use]
pub fn application(file: &[u8]) -> Option<Vec<u8>> {
    let named = |object: &Object<'_>| {
        object.tag == 0x61 && object.first(0x4F).is_some_and(|name| name.value.ends_with(b"PKCS-15"))
    };
    let found = Objects(file).take(MOST_ENTRIES).find(named)?;
    let path = found.first(0x51)?.value;
    whole_ids(path).then(|| path.to_vec())
}

/// The attributes every object has, those of its class, and those of its kind under `[1]` (8.1); a private
/// key's `[0]` between them is skipped.
fn parts(object: Object<'_>) -> Option<[Object<'_>; 3]> {
    let mut inside = object.inside();
    let common = inside.next().filter(|part| part.tag == SEQUENCE)?;
    let class = inside.next().filter(|part| part.tag == SEQUENCE)?;
    let kind = inside.find(|part| part.tag == TAGGED_1)?;
    Some([common, class, kind])
}

/// `Path` with its identifiers; an index and a length after it say where in the file, which is all of it.
fn path(object: Object<'_>) -> Option<Vec<u8>> {
    let ids = object.first(OCTETS)?.value;
    whole_ids(ids).then(|| ids.to_vec())
}

fn whole_ids(path: &[u8]) -> bool {
    !path.is_empty() && path.len() <= LONGEST && path.len().is_multiple_of(2)
}

fn short(object: Object<'_>) -> Option<Vec<u8>> {
    let value = object.value;
    (!value.is_empty() && value.len() <= 2 * LONGEST).then(|| value.to_vec())
}

/// An INTEGER that is a byte; one over 7F has a zero before it.
fn reference(object: Object<'_>) -> Option<u8> {
    match *object.value {
        [reference] | [0, reference] => Some(reference),
        _ => None,
    }
}
