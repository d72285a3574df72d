//! What is on the card: its files, laid out as PKCS#15 (ISO/IEC 7816-15) the way AKİS v1.0 cards have them. For v2
//! the layout is the bench's own but for the application's name and the certificates' files.
//!
//! It knows nothing of commands, PINs or of what a private key can do.

use std::collections::HashMap;

use super::model::Manners;
use crate::pki::{Credential, KeyKind};

/// Identifier of the master file.
pub(super) const MASTER: u16 = 0x3F00;
/// Identifier of the application's dedicated file.
pub(super) const APPLICATION: u16 = 0x5015;
/// Identifier of EF.ODF.
pub(super) const OBJECTS: u16 = 0x5031;
/// Identifier of EF.AOD.
pub(super) const PINS: u16 = 0x4401;

const DIRECTORY: u16 = 0x2F00;
const TOKEN_INFO: u16 = 0x5032;
const PRIVATE_KEYS: u16 = 0x4402;
const CERTIFICATES: u16 = 0x4404;
const FIRST_KEY: u16 = 0x4B01;
/// Identifier of the first credential's objects; the others follow.
const FIRST_ID: u8 = 0x45;

/// A file on the card.
pub(super) enum File {
    /// A dedicated file: a folder.
    Folder,
    /// A transparent elementary file, freely readable.
    Readable(Vec<u8>),
    /// A private key: nobody reads it.
    Key,
}

/// All files by their full path.
pub(super) type Files = HashMap<Vec<u16>, File>;

/// What the card says about itself beside its credentials.
pub(super) struct Label<'a> {
    /// `CKA_LABEL` of the token.
    pub(super) token: &'a str,
    /// Serial number, as TokenInfo has it.
    pub(super) serial: &'a [u8],
    /// What objects are called: the holder's national id, as on cards of the authority.
    pub(super) holder: &'a str,
}

/// Lays the files out: one PIN, a key and a certificate per credential, then the authorities' certificates.
pub(super) fn files(
    manners: &Manners,
    label: &Label<'_>,
    credentials: &[Credential],
    authorities: &[Vec<u8>],
) -> Files {
    let whole = manners.by_path;
    let mut files = Files::from([
        (vec![MASTER], File::Folder),
        (vec![MASTER, APPLICATION], File::Folder),
        (vec![MASTER, DIRECTORY], File::Readable(directory(manners, label))),
    ]);
    let mut inside = |id: u16, file: File| {
        files.insert(vec![MASTER, APPLICATION, id], file);
    };
    inside(OBJECTS, File::Readable(objects(whole)));
    inside(TOKEN_INFO, File::Readable(token_info(label)));
    inside(PINS, File::Readable(pins(manners.pin, manners.puk)));
    let mut keys = Vec::new();
    let mut certificates = Vec::new();
    for (index, credential) in (0_u8..).zip(credentials) {
        let name = format!("{}NES{index}", label.holder);
        keys.extend(private_key(whole, &name, index, credential.key.kind()));
        certificates.extend(certificate(
            whole,
            &name,
            FIRST_ID + index,
            place(manners.first_certificate, index),
            false,
        ));
        inside(place(FIRST_KEY, index), File::Key);
        inside(place(manners.first_certificate, index), File::Readable(credential.certificate.clone()));
    }
    for (index, authority) in (0_u8..).skip(credentials.len()).zip(authorities) {
        let name = format!("KOK{index}");
        certificates.extend(certificate(
            whole,
            &name,
            FIRST_ID + index,
            place(manners.first_certificate, index),
            true,
        ));
        inside(place(manners.first_certificate, index), File::Readable(authority.clone()));
    }
    inside(PRIVATE_KEYS, File::Readable(keys));
    inside(CERTIFICATES, File::Readable(certificates));
    files
}

/// File control information (ISO/IEC 7816-4, 5.3.3): size, kind, identifier and AKİS's security byte.
pub(super) fn control_information(path: &[u16], file: &File) -> Vec<u8> {
    let (size, kind, security) = match file {
        // Valid, read, write.
        File::Folder => (0, 0x38, 0x32),
        // OpenSC's driver takes 04 on an elementary file for "no PIN needed to read".
        File::Readable(content) => (content.len(), 0x01, 0x36),
        File::Key => (4, 0x01, 0x36),
    };
    let size = u16::try_from(size).unwrap_or(u16::MAX).to_be_bytes();
    let id = path.last().copied().unwrap_or(MASTER).to_be_bytes();
    tlv(0x6F, &[&tlv(0x80, &[&size]), &tlv(0x82, &[&[kind]]), &tlv(0x83, &[&id]), &tlv(0x90, &[&[security]])])
}

fn place(first: u16, index: u8) -> u16 {
    first + u16::from(index)
}

/// EF.DIR: where the application is (ISO/IEC 7816-15, 7.4).
fn directory(manners: &Manners, label: &Label<'_>) -> Vec<u8> {
    let place = [MASTER.to_be_bytes(), APPLICATION.to_be_bytes()].concat();
    tlv(
        0x61,
        &[&tlv(0x4F, &[manners.application]), &tlv(0x50, &[label.token.as_bytes()]), &tlv(0x51, &[&place])],
    )
}

/// EF.ODF: where the lists of private keys [0], certificates [4] and PINs [8] are (7.5.1).
fn objects(whole: bool) -> Vec<u8> {
    [(0xA0, PRIVATE_KEYS), (0xA4, CERTIFICATES), (0xA8, PINS)]
        .map(|(tag, id)| tlv(tag, &[&path(whole, id)]))
        .concat()
}

/// EF.TokenInfo: version, serial number, manufacturer, label, login required (7.5.9).
fn token_info(label: &Label<'_>) -> Vec<u8> {
    tlv(
        0x30,
        &[
            &integer(0),
            &tlv(0x04, &[label.serial]),
            &utf8("TUBITAK UEKAE"),
            &tlv(0x80, &[label.token.as_bytes()]),
            &bits(6, &[0xC0]),
        ],
    )
}

/// EF.AOD: one local ASCII PIN of 4 to 16 digits, case sensitive and initialised, and the PUK beside it where it
/// has a reference (7.5.8).
pub(super) fn pins(pin: u8, puk: Option<u8>) -> Vec<u8> {
    let puk = puk.map(|puk| secret("PUK", 2, 0xCA, puk)).unwrap_or_default();
    [secret("PIN", 1, 0xC8, pin), puk].concat()
}

fn secret(label: &str, id: u8, flags: u8, reference: u8) -> Vec<u8> {
    let reference = if reference < 0x80 { vec![reference] } else { vec![0, reference] };
    let attributes = tlv(
        0x30,
        &[
            &bits(if flags & 0x02 == 0 { 3 } else { 1 }, &[flags]),
            &tlv(0x0A, &[&[1]]),
            &integer(4),
            &integer(16),
            &integer(16),
            &tlv(0x80, &[&reference]),
        ],
    );
    tlv(
        0x30,
        &[
            &tlv(0x30, &[&utf8(label), &bits(6, &[0xC0])]),
            &tlv(0x30, &[&tlv(0x04, &[&[id]])]),
            &tlv(0xA1, &[&attributes]),
        ],
    )
}

/// An entry of EF.PrKD: a key for signatures and non-repudiation, behind the PIN (7.5.2).
fn private_key(whole: bool, name: &str, index: u8, kind: KeyKind) -> Vec<u8> {
    let (tag, size) = match kind {
        KeyKind::Rsa2048 => (0x30, 2048),
        KeyKind::P384 => (0xA0, 384),
    };
    tlv(
        tag,
        &[
            &tlv(0x30, &[&utf8(name), &bits(7, &[0x80]), &tlv(0x04, &[&[1]])]),
            &tlv(
                0x30,
                &[
                    &tlv(0x04, &[&[FIRST_ID + index]]),
                    &bits(6, &[0x20, 0x40]),
                    &bits(3, &[0xB8]),
                    &integer(u16::from(index) + 1),
                ],
            ),
            &tlv(0xA1, &[&tlv(0x30, &[&path(whole, place(FIRST_KEY, index)), &integer(size)])]),
        ],
    )
}

/// An entry of EF.CD: an X.509 certificate (7.5.5).
fn certificate(whole: bool, name: &str, id: u8, file: u16, authority: bool) -> Vec<u8> {
    let mark = if authority { tlv(0x01, &[&[0xFF]]) } else { Vec::new() };
    tlv(
        0x30,
        &[
            &tlv(0x30, &[&utf8(name)]),
            &tlv(0x30, &[&tlv(0x04, &[&[id]]), &mark]),
            &tlv(0xA1, &[&tlv(0x30, &[&path(whole, file)])]),
        ],
    )
}

/// From the master file, or from the application.
fn path(whole: bool, file: u16) -> Vec<u8> {
    let place = [MASTER, APPLICATION, file].map(u16::to_be_bytes).concat();
    tlv(0x30, &[&tlv(0x04, &[if whole { &place } else { &place[4..] }])])
}

fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0C, &[text.as_bytes()])
}

fn integer(value: u16) -> Vec<u8> {
    match value.to_be_bytes() {
        [0, low] if low < 0x80 => tlv(0x02, &[&[low]]),
        bytes => tlv(0x02, &[&bytes]),
    }
}

fn bits(unused: u8, bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[unused], bytes])
}

/// BER-TLV with a length of at most two bytes, which is all that fits into a file.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = match u16::try_from(content.len()).expect("a card's file").to_be_bytes() {
        [0, length] if length < 0x80 => vec![length],
        [0, length] => vec![0x81, length],
        [high, low] => vec![0x82, high, low],
    };
    [&[tag], length.as_slice(), content.as_slice()].concat()
}
