//! The chip: one command in, one answer out, strict where a real card refuses.
//!
//! It speaks as its [`Model`] does. Where neither OpenSC 0.23's driver, nor the vendor's description, nor ISO/IEC
//! 7816 says what a card does, the stricter answer was chosen: reset of the retry counter and the form of an
//! ECDSA signature are the bench's own. It knows nothing of readers, time or of cards that are pulled.
//!
//! Here are the line and its lengths; `files` has what is read, `secrets` what PINs and keys do.

mod files;
mod secrets;

use super::{
    apdu::{Command, status},
    model::{Manners, Model, Quirk},
    pin::PinStore,
    pkcs15::{Files, MASTER},
    tpdu,
};
use crate::pki::Key;

/// Most bytes a chain of commands may carry.
const MOST_CHAINED: usize = 1024;
/// Most bytes of an answer where no Le was sent.
const SHORT_ANSWER: usize = 256;

/// What a card holds and the state it is in.
pub(super) struct Chip {
    pub(super) model: Model,
    pub(super) quirks: Vec<Quirk>,
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
        let command = if self.model.in_characters() { tpdu::parse(bytes) } else { Command::parse(bytes) };
        match command {
            None => (Vec::new(), status::WRONG_LENGTH),
            Some(command) => self.execute(&command).unwrap_or_else(|status| (Vec::new(), status)),
        }
    }

    fn manners(&self) -> &'static Manners {
        self.model.manners()
    }

    fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    fn execute(&mut self, command: &Command<'_>) -> Result<(Vec<u8>, u16), u16> {
        // Whatever comes next, an answer that was not fetched is gone.
        let rest = std::mem::take(&mut self.rest);
        if self.has(Quirk::SecureMessaging) && !matches!(command.instruction, 0xA4 | 0xC0) {
            return Err(status::SECURE_MESSAGING_MISSING);
        }
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
        match command.le {
            // In character frames nothing comes back with a command that brought data.
            None if self.model.in_characters() => Ok(self.hand_out(answer, 0)),
            Some(le) if self.is_exact() && answer.len() < le && !answer.is_empty() => {
                Err(status::WRONG_LE | left_byte(answer.len()))
            }
            le => Ok(self.hand_out(answer, le.unwrap_or(SHORT_ANSWER))),
        }
    }

    /// A Le of 00 is a number like others: in character frames the reader waits for so many bytes.
    fn is_exact(&self) -> bool {
        self.model.in_characters() || self.has(Quirk::ExactLe)
    }

    /// Command chaining (ISO/IEC 7816-4, 5.1.1.1): `None` while more of the chain is to come.
    fn collect(&mut self, command: &Command<'_>) -> Result<Option<Vec<u8>>, u16> {
        let signature = (command.class, command.instruction) == (0x00, 0x2A);
        if command.chained && (!signature || self.has(Quirk::NoChaining)) {
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
        if self.has(Quirk::ChainIsLost) {
            return Err(status::LAST_OF_CHAIN_EXPECTED);
        }
        Ok(Some(chain.data))
    }

    /// GET RESPONSE (7.6.1).
    fn get_response(&mut self, rest: Vec<u8>, command: &Command<'_>) -> Result<(Vec<u8>, u16), u16> {
        if rest.is_empty() {
            return Err(status::CONDITIONS);
        }
        let le = command.le.ok_or(status::WRONG_LENGTH)?;
        if le > rest.len() && (le != SHORT_ANSWER || self.is_exact()) {
            let wrong = status::WRONG_LE | left_byte(rest.len());
            self.rest = rest;
            return Err(wrong);
        }
        Ok(self.hand_out(rest, le))
    }

    /// Data of known length: all of it for Le 00, `6C XX` where more is asked for than there is.
    fn exactly(&self, data: &[u8], le: usize) -> Result<(Vec<u8>, u16), u16> {
        match data.get(..le) {
            Some(part) => Ok((part.to_vec(), status::OK)),
            // Longer than `6C XX` can say.
            None if data.len() >= SHORT_ANSWER => Ok((data.to_vec(), status::OK)),
            None if le >= SHORT_ANSWER && !self.is_exact() => Ok((data.to_vec(), status::OK)),
            None => Err(status::WRONG_LE | left_byte(data.len())),
        }
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

fn challenge(length: usize) -> Vec<u8> {
    use rand::RngCore;
    let mut bytes = vec![0; length.min(SHORT_ANSWER)];
    rand::thread_rng().fill_bytes(&mut bytes);
    bytes
}
