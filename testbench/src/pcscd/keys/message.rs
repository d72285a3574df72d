//! What a client of pcsc-lite says on its connection (`winscard_msg.h`), as far as readers with keys need it.
//!
//! Numbers are of the machine's own byte order. It keeps no connection.

use std::{
    io::{self, Read, Write},
    ops::RangeInclusive,
};

const TRANSMIT: u32 = 0x09;
const CONTROL: u32 = 0x0A;
/// Numbers in `transmit_struct` and `control_struct`; the data that goes out comes behind them, uncounted.
const OF_TRANSMIT: usize = 8;
const OF_CONTROL: usize = 6;
/// Longer than any structure of the protocol, and than an extended APDU.
const LONGEST: u32 = 1 << 17;

/// One message of a client.
pub(super) struct Message {
    command: u32,
    body: Vec<u8>,
    data: Vec<u8>,
}

impl Message {
    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        let [size, command] = numbers(from)?;
        let body = bytes(from, size)?;
        let sent = match command {
            TRANSMIT => number(&body, 3),
            CONTROL => number(&body, 2),
            _ => Some(0),
        };
        let data = bytes(from, sent.ok_or(io::ErrorKind::InvalidData)?)?;
        Ok(Self { command, body, data })
    }

    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let size = u32::try_from(self.body.len()).map_err(io::Error::other)?;
        let head = [size, self.command].map(u32::to_ne_bytes).concat();
        to.write_all(&[head.as_slice(), &self.body, &self.data].concat())
    }

    /// An `SCardTransmit`.
    pub(super) fn transmit(&self) -> Option<Transmit> {
        (self.command == TRANSMIT).then(|| fields(&self.body).map(|body| Transmit { body })).flatten()
    }

    /// An `SCardControl`.
    pub(super) fn control(&self) -> Option<Control> {
        let body: [u32; OF_CONTROL] = (self.command == CONTROL).then(|| fields(&self.body)).flatten()?;
        Some(Control { card: body[0], code: body[1], body, data: self.data.clone() })
    }
}

/// How a client speaks to its card: protocol and room.
pub(super) struct Transmit {
    body: [u32; OF_TRANSMIT],
}

impl Transmit {
    /// The same way, this command to this card.
    pub(super) fn saying(&self, card: u32, apdu: &[u8]) -> Message {
        let mut body = self.body;
        body[0] = card;
        body[3] = apdu.len().try_into().unwrap_or(0);
        // pcbRecvLength
        body[6] = 258;
        Message { command: TRANSMIT, body: body.map(u32::to_ne_bytes).concat(), data: apdu.to_vec() }
    }

    /// What the card answers, or how PC/SC failed.
    pub(super) fn answer(from: &mut impl Read) -> io::Result<Result<Vec<u8>, u32>> {
        let body: [u32; OF_TRANSMIT] = numbers(from)?;
        match body[7] {
            0 => Ok(Ok(bytes(from, body[6])?)),
            error => Ok(Err(error)),
        }
    }
}

/// An `SCardControl`.
pub(super) struct Control {
    pub(super) card: u32,
    pub(super) code: u32,
    body: [u32; OF_CONTROL],
    pub(super) data: Vec<u8>,
}

impl Control {
    /// What pcscd would say with this outcome.
    pub(super) fn answered(&self, outcome: Result<Vec<u8>, u32>) -> Vec<u8> {
        let mut body = self.body;
        let (data, value) = match outcome {
            Ok(data) => (data, 0),
            Err(value) => (Vec::new(), value),
        };
        body[4] = data.len().try_into().unwrap_or(0);
        body[5] = value;
        [body.map(u32::to_ne_bytes).concat(), data].concat()
    }
}

/// What a `PIN_VERIFY_STRUCTURE` (PC/SC part 10, 2.5.2) asks for: digits as they are, behind a command's head.
pub(super) struct Entry {
    pub(super) lengths: RangeInclusive<usize>,
    head: [u8; 4],
}

impl Entry {
    /// `None` for a structure that asks for anything else, or is none.
    pub(super) fn of(structure: &[u8]) -> Option<Self> {
        let (fixed, data) = structure.split_first_chunk::<19>()?;
        let [_, _, format, block, length, most, fewest, ..] = *fixed;
        let counted = u32::from_le_bytes(*fixed.last_chunk()?);
        let ascii = format & 0b11 == 0b10;
        if !ascii || block != 0 || length != 0 || usize::try_from(counted) != Ok(data.len()) {
            return None;
        }
        let (head, rest) = data.split_first_chunk::<4>()?;
        // Lc is the reader's to put in; one of no digits says the same.
        matches!(rest, [] | [0])
            .then_some(Self { lengths: usize::from(fewest)..=usize::from(most), head: *head })
    }

    pub(super) fn command(&self, digits: &str) -> Vec<u8> {
        let length = u8::try_from(digits.len()).unwrap_or(0);
        [self.head.as_slice(), &[length], digits.as_bytes()].concat()
    }
}

fn bytes(from: &mut impl Read, length: u32) -> io::Result<Vec<u8>> {
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; length as usize];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn numbers<const N: usize>(from: &mut impl Read) -> io::Result<[u32; N]> {
    let mut numbers = [0; N];
    for number in &mut numbers {
        let mut bytes = [0; 4];
        from.read_exact(&mut bytes)?;
        *number = u32::from_ne_bytes(bytes);
    }
    Ok(numbers)
}

fn number(body: &[u8], place: usize) -> Option<u32> {
    body.get(4 * place..4 * place + 4)?.try_into().ok().map(u32::from_ne_bytes)
}

fn fields<const N: usize>(body: &[u8]) -> Option<[u32; N]> {
    (body.len() == 4 * N).then(|| std::array::from_fn(|place| number(body, place).unwrap_or(0)))
}
