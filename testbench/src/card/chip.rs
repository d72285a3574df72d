//! The chip: one command in, one answer out, strict where a real card refuses.
//!
//! It speaks the dialect of AKİS v1.0 that OpenSC 0.23's driver speaks. Where neither that driver nor ISO/IEC
//! 7816 says what a card does, the stricter answer was chosen: reset of the retry counter and the form of an
//! ECDSA signature are the bench's own. It knows nothing of readers, time or faults.

use super::{
    apdu::{Command, status},
    keys::sign,
    pin::{PinStore, Refused},
    pkcs15::{APPLICATION, APPLICATION_NAME, File, Files, MASTER, PIN_REFERENCE, control_information},
};
use crate::pki::Key;

/// Most bytes a chain of commands may carry.
const MOST_CHAINED: usize = 1024;
/// Most bytes of an answer where no Le was sent.
const SHORT_ANSWER: usize = 256;

/// What a card holds and the state it is in.
pub(super) struct Chip {
    pub(super) files: Files,
    pub(super) keys: Vec<Key>,
    pub(super) pin: PinStore,
    /// Twelve characters, as GET DATA tells them.
    pub(super) serial: [u8; 12],
    pub(super) current: Vec<u16>,
    /// The key MANAGE SECURITY ENVIRONMENT chose, from 0.
    pub(super) chosen: Option<usize>,
    /// Rest of an answer that GET RESPONSE fetches.
    pub(super) rest: Vec<u8>,
    /// What a chain of commands has brought so far.
    pub(super) chain: Option<Chain>,
    pub(super) counters: Counters,
}

/// What was asked of a card since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Commands of any kind.
    pub commands: u32,
    /// VERIFYs with digits in them.
    pub verifies: u32,
    /// Signatures given.
    pub signatures: u32,
}

pub(super) struct Chain {
    instruction: u8,
    p1: u8,
    p2: u8,
    data: Vec<u8>,
}

type Answer = Result<Vec<u8>, u16>;

impl Chip {
    /// Power on, reset or power off: everything but the files and counters is forgotten.
    pub(super) fn reset(&mut self) {
        self.pin.forget();
        self.current = vec![MASTER];
        self.chosen = None;
        self.rest.clear();
        self.chain = None;
    }

    /// One command, one answer with its status word.
    pub(super) fn transmit(&mut self, bytes: &[u8]) -> (Vec<u8>, u16) {
        self.counters.commands += 1;
        match Command::parse(bytes) {
            None => (Vec::new(), status::WRONG_LENGTH),
            Some(command) => self.execute(&command).unwrap_or_else(|status| (Vec::new(), status)),
        }
    }

    fn execute(&mut self, command: &Command<'_>) -> Result<(Vec<u8>, u16), u16> {
        // Whatever comes next, an answer that was not fetched is gone.
        let rest = std::mem::take(&mut self.rest);
        let Some(data) = self.collect(command)? else { return Ok((Vec::new(), status::OK)) };
        let answer = match (command.class, command.instruction) {
            (0x00, 0xC0) => return self.get_response(rest, command),
            (0x00, 0xA4) => self.select(command, &data),
            (0x00, 0xB0) => return self.read_binary(command),
            (0x00, 0x20) => self.verify(command, &data),
            (0x00, 0x24) => self.change_pin(command, &data),
            (0x00, 0x2C) => self.unblock_pin(command, &data),
            (0x00, 0x22) => self.choose_key(command, &data),
            (0x00, 0x2A) => self.sign(command, &data),
            (0x00, 0x84) => Ok(challenge(command.le.unwrap_or(8))),
            (0x00, 0xCA) => return self.get_data(command),
            (0x80, 0x1A) => self.logout(command, &data),
            (0x00 | 0x80, _) => Err(status::UNKNOWN_INSTRUCTION),
            _ => Err(status::UNKNOWN_CLASS),
        }?;
        Ok(self.hand_out(answer, command.le.unwrap_or(SHORT_ANSWER)))
    }

    /// Command chaining (ISO/IEC 7816-4, 5.1.1.1): `None` while more of the chain is to come.
    fn collect(&mut self, command: &Command<'_>) -> Result<Option<Vec<u8>>, u16> {
        let signature = (command.class, command.instruction) == (0x00, 0x2A);
        if command.chained && !signature {
            self.chain = None;
            return Err(status::CHAINING_NOT_SUPPORTED);
        }
        let mut chain = match self.chain.take() {
            None if !command.chained => return Ok(Some(command.data.to_vec())),
            None => {
                Chain { instruction: command.instruction, p1: command.p1, p2: command.p2, data: Vec::new() }
            }
            Some(chain) => chain,
        };
        if (chain.instruction, chain.p1, chain.p2) != (command.instruction, command.p1, command.p2) {
            return Err(status::LAST_OF_CHAIN_EXPECTED);
        }
        if chain.data.len() + command.data.len() > MOST_CHAINED {
            return Err(status::WRONG_LENGTH);
        }
        chain.data.extend_from_slice(command.data);
        if command.chained {
            self.chain = Some(chain);
            return Ok(None);
        }
        Ok(Some(chain.data))
    }

    /// SELECT (ISO/IEC 7816-4, 7.1.1) by name, by path and by identifier; AKİS tells files from folders there.
    fn select(&mut self, command: &Command<'_>, data: &[u8]) -> Answer {
        if !matches!(command.p2, 0x00 | 0x0C) {
            return Err(status::WRONG_P1_P2);
        }
        let ids = identifiers(data);
        let target = match (command.p1, ids) {
            (0x04, _) if data.len() >= 5 && APPLICATION_NAME.starts_with(data) => vec![MASTER, APPLICATION],
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
    fn read_binary(&self, command: &Command<'_>) -> Result<(Vec<u8>, u16), u16> {
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
        exactly(left, le)
    }

    /// VERIFY (7.5.6); without digits it asks for the tries left.
    fn verify(&mut self, command: &Command<'_>, digits: &[u8]) -> Answer {
        if (command.p1, command.p2) != (0x00, PIN_REFERENCE) {
            return Err(status::REFERENCED_DATA_NOT_FOUND);
        }
        if digits.is_empty() {
            return match (self.pin.tries(), self.pin.is_verified()) {
                (0, _) => Err(status::BLOCKED),
                (_, true) => Ok(Vec::new()),
                (left, false) => Err(status::TRIES_LEFT | u16::from(left)),
            };
        }
        self.counters.verifies += 1;
        done(self.pin.verify(digits))
    }

    /// AKİS's CHANGE REFERENCE DATA: length and digits of the old PIN, then of the new one; P1 02 is "local".
    fn change_pin(&mut self, command: &Command<'_>, data: &[u8]) -> Answer {
        if (command.p1, command.p2) != (0x02, PIN_REFERENCE & 0x7F) {
            return Err(status::REFERENCED_DATA_NOT_FOUND);
        }
        let (old, rest) = counted(data).ok_or(status::WRONG_LENGTH)?;
        let (new, []) = counted(rest).ok_or(status::WRONG_LENGTH)? else { return Err(status::WRONG_LENGTH) };
        done(self.pin.change(old, new))
    }

    /// RESET RETRY COUNTER with P1 00 (7.5.10): PUK, then the new PIN.
    fn unblock_pin(&mut self, command: &Command<'_>, data: &[u8]) -> Answer {
        if (command.p1, command.p2) != (0x00, PIN_REFERENCE) {
            return Err(status::REFERENCED_DATA_NOT_FOUND);
        }
        let (puk, new) = data.split_at_checked(self.pin.puk_length()).ok_or(status::WRONG_LENGTH)?;
        done(self.pin.unblock(puk, new))
    }

    /// AKİS's MANAGE SECURITY ENVIRONMENT: P2 is the key's reference, from 1.
    fn choose_key(&mut self, command: &Command<'_>, data: &[u8]) -> Answer {
        if command.p1 != 0xC3 || !data.is_empty() {
            return Err(status::WRONG_P1_P2);
        }
        let index = usize::from(command.p2).checked_sub(1).filter(|index| *index < self.keys.len());
        self.chosen = Some(index.ok_or(status::REFERENCED_DATA_NOT_FOUND)?);
        Ok(Vec::new())
    }

    /// COMPUTE DIGITAL SIGNATURE (ISO/IEC 7816-8, 11.7).
    fn sign(&mut self, command: &Command<'_>, data: &[u8]) -> Answer {
        if (command.p1, command.p2) != (0x9E, 0x9A) {
            return Err(status::WRONG_P1_P2);
        }
        let key = self.chosen.and_then(|index| self.keys.get(index)).ok_or(status::CONDITIONS)?;
        if !self.pin.is_verified() {
            return Err(status::SECURITY_STATUS);
        }
        let signature = sign(key, data)?;
        self.counters.signatures += 1;
        Ok(signature)
    }

    /// AKİS's system data: 06 is the chip's description with the serial number, 04 the life cycle.
    fn get_data(&self, command: &Command<'_>) -> Result<(Vec<u8>, u16), u16> {
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
        exactly(&data, command.le.ok_or(status::WRONG_LENGTH)?)
    }

    fn logout(&mut self, command: &Command<'_>, data: &[u8]) -> Answer {
        if (command.p1, command.p2) != (0, 0) || !data.is_empty() {
            return Err(status::WRONG_P1_P2);
        }
        self.pin.forget();
        Ok(Vec::new())
    }

    /// GET RESPONSE (7.6.1).
    fn get_response(&mut self, rest: Vec<u8>, command: &Command<'_>) -> Result<(Vec<u8>, u16), u16> {
        if rest.is_empty() {
            return Err(status::CONDITIONS);
        }
        let le = command.le.ok_or(status::WRONG_LENGTH)?;
        if le != SHORT_ANSWER && le > rest.len() {
            let wrong = status::WRONG_LE | left_byte(rest.len());
            self.rest = rest;
            return Err(wrong);
        }
        Ok(self.hand_out(rest, le))
    }

    /// As much as was asked for; GET RESPONSE fetches the rest.
    fn hand_out(&mut self, mut answer: Vec<u8>, le: usize) -> (Vec<u8>, u16) {
        if answer.len() <= le {
            return (answer, status::OK);
        }
        self.rest = answer.split_off(le);
        (answer, status::MORE | left_byte(self.rest.len()))
    }
}

fn left_byte(left: usize) -> u16 {
    u8::try_from(left).map_or(0, u16::from)
}

/// Data of known length: all of it for Le 00, `6C XX` where more is asked for than there is.
fn exactly(data: &[u8], le: usize) -> Result<(Vec<u8>, u16), u16> {
    match data.get(..le) {
        Some(part) => Ok((part.to_vec(), status::OK)),
        None if le >= SHORT_ANSWER => Ok((data.to_vec(), status::OK)),
        None => Err(status::WRONG_LE | left_byte(data.len())),
    }
}

fn done(outcome: Result<(), Refused>) -> Answer {
    match outcome {
        Ok(()) => Ok(Vec::new()),
        Err(Refused::Wrong(left)) => Err(status::TRIES_LEFT | u16::from(left)),
        Err(Refused::Locked) => Err(status::BLOCKED),
        Err(Refused::Form) => Err(status::WRONG_DATA),
    }
}

fn identifiers(data: &[u8]) -> Option<Vec<u16>> {
    let (pairs, []) = data.as_chunks::<2>() else { return None };
    Some(pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
}

/// A value behind its length.
fn counted(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = data.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

fn challenge(length: usize) -> Vec<u8> {
    use rand::RngCore;
    let mut bytes = vec![0; length.min(SHORT_ANSWER)];
    rand::thread_rng().fill_bytes(&mut bytes);
    bytes
}
