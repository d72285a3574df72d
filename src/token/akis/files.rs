//! What is on a card: finds its certificates and the keys they belong to, and the PIN that guards those.
//!
//! Everything here is read without a PIN. Where a card has no PKCS#15 directory, the fixed files of its
//! dialect are looked at. It judges no certificate.

use super::{
    channel::Trouble,
    pkcs15::{self, KeyEntry},
    reading::{Question, Reading},
    status::{Meaning, meaning},
    tlv,
};
use crate::card::profile::Application;

/// Name of the PKCS#15 application (ISO/IEC 7816-15, 7.1).
const PKCS15: &[u8] = b"\xA0\x00\x00\x00\x63PKCS-15";
const MASTER: [u8; 2] = [0x3F, 0x00];
const DIRECTORY: [u8; 4] = [0x3F, 0x00, 0x2F, 0x00];
const OBJECTS: [u8; 2] = [0x50, 0x31];
/// Most bytes of a file that are read: offsets have 15 bits, and no directory or certificate is that long.
const LONGEST_FILE: usize = 16 * 1024;
/// Most certificates that are read.
const MOST_CERTIFICATES: usize = 8;

/// What was found on a card.
pub(super) struct Contents {
    place: Place,
    pub(super) certificates: Vec<OnCard>,
    /// Directories of PINs.
    pins: Vec<Vec<u8>>,
}

/// A certificate and the key it belongs to.
pub(super) struct OnCard {
    pub(super) der: Vec<u8>,
    pub(super) key: Option<Key>,
}

/// A key as the card names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) reference: u8,
    /// The PIN that guards it, where a directory says which.
    pin_id: Option<Vec<u8>>,
}

/// What a card's directory of PINs says of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::token) enum Naming {
    /// It is called as its dialect says.
    AsKnown,
    /// It is called otherwise, or wants to be filled up.
    Otherwise,
    /// Nothing: there is no such directory.
    NotListed,
}

/// Where the application is on this card.
enum Place {
    /// Files are selected by their path from the master file.
    Path(Vec<u8>),
    /// The application is selected by name, then its files by identifier.
    Name(Vec<u8>),
}

impl Contents {
    /// Reads the directories and the certificates of keys; the fixed files where no directory lists a certificate
    /// that is there.
    pub(super) fn read(card: Reading<'_>) -> Result<Self, Trouble> {
        let (place, objects) = place(card)?;
        let lists = pkcs15::directories(&objects.unwrap_or_default());
        let mut keys = Vec::new();
        for path in &lists.keys {
            keys.extend(pkcs15::keys(&place.file(card, path)?.unwrap_or_default()));
        }
        let mut entries = Vec::new();
        for path in &lists.certificates {
            entries.extend(pkcs15::certificates(&place.file(card, path)?.unwrap_or_default()));
        }
        let mut found = Vec::new();
        let mut astray = entries.is_empty();
        for entry in entries.iter().filter(|entry| !entry.authority).take(MOST_CERTIFICATES) {
            let key = keys.iter().position(|key| key.id == entry.id);
            let key = key.and_then(|at| Some(listed(keys.get(at)?, at)));
            // One without a key signs nothing; reading it would cost a second.
            if key.is_none() && !keys.is_empty() {
                continue;
            }
            match place.certificate(card, &entry.path)? {
                Some(der) => found.push(OnCard { der, key }),
                None => astray = true,
            }
        }
        // Authorities' certificates alone, or one without its key, are a list that is sound.
        if found.is_empty() && astray {
            found = fixed(card, &place, &keys)?;
        }
        Ok(Self { place, certificates: found, pins: lists.pins })
    }

    /// Makes the application current, which a PIN local to it needs.
    pub(super) fn enter(&self, card: Reading<'_>) -> Result<(), Trouble> {
        match self.place.select(card)? {
            true => Ok(()),
            false => Err(Trouble::Nonsense("the application is gone")),
        }
    }

    /// What the card's directory of PINs says of the PIN of this key.
    pub(super) fn naming(&self, card: Reading<'_>, key: Option<&Key>) -> Result<Naming, Trouble> {
        let wanted = key.and_then(|key| key.pin_id.as_ref());
        let mine = |pin: &&pkcs15::PinEntry| !pin.unblocks && wanted.is_none_or(|id| *id == pin.id);
        self.naming_of(card, mine, card.dialect().pin_reference)
    }

    fn naming_of(
        &self,
        card: Reading<'_>,
        which: impl Fn(&&pkcs15::PinEntry) -> bool,
        reference: u8,
    ) -> Result<Naming, Trouble> {
        let said = naming(self.pins(card)?.iter().find(which), reference);
        // A directory that leaves it out, or names it in a way nobody reads, confirms nothing.
        let left_out = said == Naming::NotListed && !self.pins.is_empty();
        Ok(if left_out { Naming::Otherwise } else { said })
    }

    /// Requires that the card's directory of PINs, where it has one, calls the PIN of this key as the dialect
    /// does. A VERIFY with another reference could spend a try of the PUK.
    pub(super) fn require_pin_reference(&self, card: Reading<'_>, key: Option<&Key>) -> Result<(), Trouble> {
        self.naming(card, key)?.require()
    }

    /// The same of the PUK, where the dialect has a name for it. A VERIFY of a PUK that is not listed could spend a
    /// try of another PIN.
    pub(super) fn require_puk_reference(&self, card: Reading<'_>, reference: u8) -> Result<(), Trouble> {
        self.naming_of(card, |pin| pin.unblocks, reference)?.require()
    }

    fn pins(&self, card: Reading<'_>) -> Result<Vec<pkcs15::PinEntry>, Trouble> {
        if let Place::Name(_) = self.place {
            // Others may have selected something else since, or reset the card.
            self.enter(card)?;
        }
        let mut pins = Vec::new();
        for path in &self.pins {
            let listed = self.place.file(card, path)?;
            // Without it nobody knows what the PIN is called.
            let listed = listed.ok_or(Trouble::Foreign("a card whose directory of PINs is gone"))?;
            pins.extend(pkcs15::pins(&listed));
        }
        Ok(pins)
    }
}

impl Naming {
    fn require(self) -> Result<(), Trouble> {
        match self {
            Self::AsKnown | Self::NotListed => Ok(()),
            Self::Otherwise => {
                Err(Trouble::Foreign("a card whose PIN is called otherwise than in its dialect"))
            }
        }
    }
}

fn naming(pin: Option<&pkcs15::PinEntry>, reference: u8) -> Naming {
    match pin {
        Some(pin) if pin.reference != reference || pin.padded => Naming::Otherwise,
        Some(_) => Naming::AsKnown,
        None => Naming::NotListed,
    }
}

fn listed(entry: &KeyEntry, at: usize) -> Key {
    let reference = entry.reference.or_else(|| number(at)).unwrap_or(1);
    Key { reference, pin_id: entry.pin_id.clone() }
}

/// Keys are counted from 1.
fn number(at: usize) -> Option<u8> {
    u8::try_from(at).ok()?.checked_add(1)
}

/// Where the application is, and its EF.ODF if it has one: where the dialect says, else where EF.DIR does, else
/// under the name PKCS#15 gives it.
fn place(card: Reading<'_>) -> Result<(Place, Option<Vec<u8>>), Trouble> {
    let usual = match card.dialect().application {
        Application::Path(path) => Place::Path(path.to_vec()),
        Application::Name(name) => Place::Name(name.to_vec()),
    };
    let is_there = match &usual {
        // Its file says so with one command less.
        Place::Path(_) => {
            if let Some(objects) = usual.file(card, &OBJECTS)? {
                return Ok((usual, Some(objects)));
            }
            usual.select(card)?
        }
        Place::Name(_) => usual.select(card)?,
    };
    if is_there {
        let objects = usual.file(card, &OBJECTS)?;
        return Ok((usual, objects));
    }
    let anywhere = Place::Path(Vec::new());
    let directory = anywhere.file(card, &DIRECTORY)?.unwrap_or_default();
    let other = match pkcs15::application(&directory) {
        Some(path) if path.starts_with(&MASTER) => Place::Path(path),
        Some(_) | None => Place::Name(PKCS15.to_vec()),
    };
    if !other.select(card)? {
        return Err(Trouble::Foreign("a card without a PKCS#15 application"));
    }
    let objects = other.file(card, &OBJECTS)?;
    Ok((other, objects))
}

/// The fixed files of the dialect: certificates in order, the n-th with the n-th key.
fn fixed(card: Reading<'_>, place: &Place, keys: &[KeyEntry]) -> Result<Vec<OnCard>, Trouble> {
    let mut certificates = Vec::new();
    for (at, id) in card.dialect().certificates.clone().enumerate().take(MOST_CERTIFICATES) {
        let Some(der) = place.certificate(card, &id.to_be_bytes())? else { continue };
        let unlisted = || number(at).map(|reference| Key { reference, pin_id: None });
        let key = keys.get(at).map(|key| listed(key, at)).or_else(unlisted);
        certificates.push(OnCard { der, key });
    }
    Ok(certificates)
}

impl Place {
    /// Selects the application. False when it is not there.
    fn select(&self, card: Reading<'_>) -> Result<bool, Trouble> {
        match self {
            Self::Path(path) => Ok(select(card, 0x08, path)?.is_some()),
            Self::Name(name) => Ok(select(card, 0x04, name)?.is_some()),
        }
    }

    /// Selects a file by its path from the master file or from the application, and says how long it is.
    fn find(&self, card: Reading<'_>, path: &[u8]) -> Result<Option<Size>, Trouble> {
        match self {
            _ if path.starts_with(&MASTER) => select(card, 0x08, path),
            Self::Path(place) => select(card, 0x08, &[place, path].concat()),
            // The application is the current one: nothing but its files was selected since.
            Self::Name(_) if path.len() == 2 => select(card, 0x02, path),
            Self::Name(_) => select(card, 0x09, path),
        }
    }

    /// A whole directory; `None` when it is not there.
    fn file(&self, card: Reading<'_>, path: &[u8]) -> Result<Option<Vec<u8>>, Trouble> {
        let content = self.read(card, path, Wanted::All)?;
        if let Some(content) = &content {
            card.tell_directory(content);
        }
        Ok(content)
    }

    fn read(&self, card: Reading<'_>, path: &[u8], wanted: Wanted) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(size) = self.find(card, path)? else { return Ok(None) };
        read(card, size.0.unwrap_or(LONGEST_FILE), wanted).map(Some)
    }

    /// A certificate: as much of the file as its own length says. One that does not begin as a certificate is
    /// handed over as it is; whoever judges it can then say what is wrong.
    fn certificate(&self, card: Reading<'_>, path: &[u8]) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(mut file) = self.read(card, path, Wanted::FirstObject)? else { return Ok(None) };
        if let Some(extent) = tlv::extent(&file) {
            file.truncate(extent);
        }
        Ok((!file.is_empty()).then_some(file))
    }
}

/// What is wanted of a file: files may be longer than what is written in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    All,
    FirstObject,
}

/// How long a file is, where its control information says so.
struct Size(Option<usize>);

/// SELECT (ISO/IEC 7816-4, 11.2.2), with file control information. `None` when there is no such file.
fn select(card: Reading<'_>, by: u8, what: &[u8]) -> Result<Option<Size>, Trouble> {
    let answer = card.ask(Question::Select(by, what))?;
    let status = answer.status;
    if meaning(status) == Meaning::NotFound {
        return Ok(None);
    }
    if meaning(status) != Meaning::Done {
        return Err(Trouble::Status { doing: "SELECT", status });
    }
    // 80: bytes of content; 81: with structural information (7.4.3, table 10).
    let information = tlv::split(&answer.data).filter(|(object, _)| matches!(object.tag, 0x6F | 0x62));
    let size = information.and_then(|(object, _)| object.first(0x80).or(object.first(0x81)));
    let size = size.filter(|size| size.value.len() <= 4).map(|size| {
        size.value.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)).min(LONGEST_FILE)
    });
    Ok(Some(Size(size)))
}

/// READ BINARY (11.3.3) of the current file, as far as `size`, its end, or the end of what is wanted of it.
fn read(card: Reading<'_>, size: usize, wanted: Wanted) -> Result<Vec<u8>, Trouble> {
    let mut content = Vec::new();
    let mut size = size;
    while content.len() < size {
        let offset = u16::try_from(content.len()).ok().filter(|offset| *offset < 0x8000);
        let Some(offset) = offset else { break };
        let most = (size - content.len()).min(card.dialect().most_read);
        let answer = card.ask(Question::Binary(offset, most))?;
        let status = answer.status;
        let ended = meaning(status) == Meaning::EndOfFile;
        if !ended && meaning(status) != Meaning::Done {
            return Err(Trouble::Status { doing: "READ BINARY", status });
        }
        content.extend_from_slice(answer.data.get(..most).unwrap_or(&answer.data));
        if ended || answer.data.is_empty() {
            break;
        }
        if wanted == Wanted::FirstObject {
            size = tlv::extent(&content).unwrap_or(size).min(size);
        }
    }
    Ok(content)
}
