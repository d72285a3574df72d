//! What is read of a card: its files, found and read, and what it tells of itself.

use super::{
    super::{
        apdu::{Command, status},
        model::Quirk,
        pkcs15::{APPLICATION, File, MASTER, OBJECTS, PINS, control_information, pins},
    },
    Answer, Chip,
};

impl Chip {
    /// Takes a quirk on, and what it does to the files.
    pub(in super::super) fn depart(&mut self, quirk: Quirk) {
        let objects = vec![MASTER, APPLICATION, OBJECTS];
        match quirk {
            Quirk::NoDirectory => drop(self.files.remove(&objects)),
            Quirk::BrokenDirectory => {
                self.files.insert(objects, File::Readable(b"\xA0\x7F no list of files".to_vec()));
            }
            Quirk::PinCalledOtherwise => {
                self.list_pins(self.manners().pin ^ 0x03);
            }
            Quirk::PukNotListed => self.list_pins(self.manners().pin),
            Quirk::ExactLe
            | Quirk::NoChaining
            | Quirk::ChainIsLost
            | Quirk::SecureMessaging
            | Quirk::SecondNoUnsaid => {}
        }
        self.quirks.push(quirk);
    }

    /// A directory of one PIN and no PUK.
    fn list_pins(&mut self, pin: u8) {
        self.files.insert(vec![MASTER, APPLICATION, PINS], File::Readable(pins(pin, None)));
    }

    /// SELECT (ISO/IEC 7816-4, 7.1.1) by name, by path and by identifier; AKİS tells files from folders there.
    pub(super) fn select(&mut self, command: &Command<'_>, data: &[u8]) -> Answer {
        if !matches!(command.p2, 0x00 | 0x0C) {
            return Err(status::WRONG_P1_P2);
        }
        let ids = identifiers(data);
        let target = match (command.p1, ids) {
            (0x04, _) if data.len() >= 5 && self.manners().application.starts_with(data) => {
                vec![MASTER, APPLICATION]
            }
            (0x04, _) => return Err(status::FILE_NOT_FOUND),
            (0x00 | 0x02 | 0x08 | 0x09, None) => return Err(status::WRONG_DATA),
            (0x08, Some(ids)) if ids.first() == Some(&MASTER) => ids,
            (0x08, Some(ids)) => [&[MASTER], ids.as_slice()].concat(),
            (0x09, Some(ids)) => [self.folder(), ids.as_slice()].concat(),
            (0x00, Some(ids)) if ids.is_empty() || ids == [MASTER] => vec![MASTER],
            (0x00 | 0x02, Some(ids)) if ids.len() == 1 => [self.folder(), ids.as_slice()].concat(),
            (0x00 | 0x02, Some(_)) => return Err(status::WRONG_DATA),
            _ => return Err(status::WRONG_P1_P2),
        };
        let by_path = matches!(command.p1, 0x00 | 0x08);
        if by_path && target.starts_with(&[MASTER, APPLICATION]) && !self.manners().by_path {
            return Err(status::FILE_NOT_FOUND);
        }
        let Some(file) = self.files.get(&target) else { return Err(status::FILE_NOT_FOUND) };
        let folder = matches!(file, File::Folder);
        if (command.p1 == 0x02 && folder) || (command.p1 == 0x00 && !folder) {
            return Err(status::FILE_NOT_FOUND);
        }
        let information = control_information(&target, file);
        self.current = target;
        Ok(if command.p2 == 0x00 { information } else { Vec::new() })
    }

    /// The folder that is current, or that the current file is in.
    fn folder(&self) -> &[u16] {
        match (self.files.get(&self.current), self.current.as_slice()) {
            (Some(File::Readable(_) | File::Key), [folder @ .., _]) => folder,
            (_, current) => current,
        }
    }

    /// READ BINARY (7.2.3).
    pub(super) fn read_binary(&self, command: &Command<'_>) -> Result<(Vec<u8>, u16), u16> {
        let Some(le) = command.le else { return Err(status::WRONG_LENGTH) };
        let content = match self.files.get(&self.current) {
            Some(File::Readable(content)) => content,
            Some(File::Key) => return Err(status::SECURITY_STATUS),
            Some(File::Folder) | None => return Err(status::NOT_AN_EF),
        };
        if command.p1 & 0x80 != 0 {
            return Err(status::WRONG_P1_P2);
        }
        let offset = usize::from(u16::from_be_bytes([command.p1, command.p2]));
        let left = content.get(offset..).ok_or(status::OFFSET_OUTSIDE)?;
        self.exactly(left, le)
    }

    /// AKİS's system data: 06 is the chip's description with the serial number, 04 the life cycle.
    pub(super) fn get_data(&self, command: &Command<'_>) -> Result<(Vec<u8>, u16), u16> {
        let data = match (command.p1, command.p2) {
            (0x01, 0x06) => {
                let mut data = vec![0; 77];
                data[55..67].copy_from_slice(&self.serial);
                data
            }
            // A5: in the hands of its user.
            (0x01, 0x04) => vec![0, 0, 0, 0, 0, 0, 0xA5, 0, 0, 0],
            _ => return Err(status::REFERENCED_DATA_NOT_FOUND),
        };
        self.exactly(&data, command.le.ok_or(status::WRONG_LENGTH)?)
    }
}

fn identifiers(data: &[u8]) -> Option<Vec<u16>> {
    let (pairs, []) = data.as_chunks::<2>() else { return None };
    Some(pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
}
