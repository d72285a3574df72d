//! The line to a virtual machine's reader: what QEMU's `ccid-card-passthru` reads from its character device.
//!
//! Messages of a header, three numbers of four bytes each, big-endian: kind, reader, length; then so many bytes.
//! The reader tells nothing of power: it keeps the answer to reset and gives it out itself. It knows nothing of
//! cards.

use std::{
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
};

use super::line::Asked;

/// What `VSC_Init` begins with, for both sides.
const MAGIC: &[u8; 4] = b"VSCD";
/// Version 0.0.2 of the protocol.
const VERSION: u32 = 2;
/// Name for a reader that has no number yet.
const UNDEFINED: u32 = u32::MAX;
/// The one reader of a passthru card.
const READER: u32 = 0;
/// Longer than any message of the protocol: an APDU of extended length with its header.
const LONGEST: u32 = 1 << 17;

/// Kinds of messages that are sent or understood here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Kind {
    /// The beginning: magic, version, capabilities.
    Init = 1,
    /// A result; 0 is success, and the answer to [`Kind::ReaderAdd`].
    Error = 2,
    /// There is a reader on this side.
    ReaderAdd = 3,
    /// A card is in, and this is its answer to reset.
    Atr = 5,
    /// The card is out.
    CardRemove = 6,
    /// A command or its answer.
    Apdu = 7,
    /// Asks for everything before it to be done.
    Flush = 8,
    /// It is.
    FlushComplete = 9,
}

/// A connection to the reader.
#[derive(Debug)]
pub(super) struct Wire {
    stream: UnixStream,
    /// The reader has said that it is there; every success after that confirms something else.
    ready: bool,
}

impl Wire {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self { stream, ready: false }
    }

    pub(super) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { stream: self.stream.try_clone()?, ready: self.ready })
    }

    pub(super) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.stream.shutdown(how)
    }

    /// What is said on a fresh line, before the reader takes a card.
    pub(super) fn introduce(&mut self) -> io::Result<()> {
        let init = [&MAGIC[..], &VERSION.to_be_bytes(), &0_u32.to_be_bytes()].concat();
        self.write(Kind::Init, UNDEFINED, &init)?;
        self.write(Kind::ReaderAdd, UNDEFINED, b"card-emulator\0")
    }

    /// A message; the reader has one card only.
    pub(super) fn send(&mut self, kind: Kind, content: &[u8]) -> io::Result<()> {
        self.write(kind, READER, content)
    }

    /// The next message.
    pub(super) fn receive(&mut self) -> io::Result<Asked> {
        let mut header = [0; 12];
        self.stream.read_exact(&mut header)?;
        let [kind, _reader, length] = numbers(&header);
        if length > LONGEST {
            return Err(invalid(format!("a message of {length} bytes, expected at most {LONGEST}")));
        }
        let mut content = vec![0; length as usize];
        self.stream.read_exact(&mut content)?;
        if kind == Kind::Init as u32 && !content.starts_with(MAGIC) {
            return Err(invalid("a line that does not begin with VSCD".to_owned()));
        }
        if kind == Kind::Error as u32 {
            if content.first_chunk() != Some(&[0; 4]) {
                return Err(invalid("the reader refuses".to_owned()));
            }
            // Only now does it take a card.
            let first = !std::mem::replace(&mut self.ready, true);
            return Ok(if first { Asked::Atr } else { Asked::Nothing });
        }
        if kind == Kind::Flush as u32 {
            self.send(Kind::FlushComplete, &[])?;
        }
        Ok(if kind == Kind::Apdu as u32 { Asked::Command(content) } else { Asked::Nothing })
    }

    fn write(&mut self, kind: Kind, reader: u32, content: &[u8]) -> io::Result<()> {
        let length = u32::try_from(content.len()).map_err(|_| io::ErrorKind::InvalidData)?;
        let header = [(kind as u32).to_be_bytes(), reader.to_be_bytes(), length.to_be_bytes()].concat();
        self.stream.write_all(&[&header, content].concat())
    }
}

fn numbers(header: &[u8; 12]) -> [u32; 3] {
    let mut numbers = [0; 3];
    for (number, bytes) in numbers.iter_mut().zip(header.chunks_exact(4)) {
        *number = bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
    }
    numbers
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        os::unix::net::{UnixListener, UnixStream},
        time::Duration,
    };

    use super::{Kind, numbers};
    use crate::{
        card::{ATR_AKIS_1_0_T0, Card, Model, Slot},
        pki::{Holder, KeyKind, Pki, Variant},
        visitor::Visitor,
    };

    /// The other end, as QEMU has it.
    struct Reader(UnixStream);

    impl Reader {
        fn accept(listener: &UnixListener) -> Self {
            let (stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let mut reader = Self(stream);
            assert_eq!(reader.hear(), (Kind::Init as u32, b"VSCD\0\0\0\x02\0\0\0\0".to_vec()));
            reader.say(Kind::Init, b"VSCD\0\0\0\x02\0\0\0\0");
            assert_eq!(reader.hear().0, Kind::ReaderAdd as u32);
            reader.say(Kind::Error, &[0; 4]);
            reader
        }

        fn hear(&mut self) -> (u32, Vec<u8>) {
            let mut header = [0; 12];
            self.0.read_exact(&mut header).unwrap();
            let [kind, _, length] = numbers(&header);
            let mut content = vec![0; length as usize];
            self.0.read_exact(&mut content).unwrap();
            (kind, content)
        }

        fn say(&mut self, kind: Kind, content: &[u8]) {
            let length = u32::try_from(content.len()).unwrap();
            let header = [(kind as u32).to_be_bytes(), [0; 4], length.to_be_bytes()].concat();
            self.0.write_all(&[&header, content].concat()).unwrap();
        }

        fn command(&mut self, bytes: &[u8]) -> Vec<u8> {
            self.say(Kind::Apdu, bytes);
            let (kind, answer) = self.hear();
            assert_eq!(kind, Kind::Apdu as u32);
            answer
        }
    }

    fn slot() -> (tempfile::TempDir, UnixListener, Slot, Card) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vsc");
        let listener = UnixListener::bind(&path).unwrap();
        let slot = Slot::vsc(move || UnixStream::connect(&path));
        let visitor = Visitor::generate(1);
        let name = visitor.full_name();
        let holder = Holder { name: &name, national_id: &visitor.national_id };
        let pki = Pki::generate(1_790_000_000).unwrap();
        let credential = pki.issue(holder, Variant::Valid, KeyKind::P384).unwrap();
        let card = Card::of(Model::V1_0OverT0, &visitor, &[credential], &[]);
        (folder, listener, slot, card)
    }

    #[test]
    fn a_card_comes_answers_and_is_said_to_be_gone() {
        let (_folder, listener, slot, card) = slot();
        slot.insert(&card).unwrap();
        let mut reader = Reader::accept(&listener);
        assert_eq!(reader.hear(), (Kind::Atr as u32, ATR_AKIS_1_0_T0.to_vec()));
        reader.say(Kind::Error, &[0; 4]);
        // What is selected is fetched: no data both ways in one command.
        let selected = reader.command(&[0x00, 0xA4, 0x08, 0x00, 4, 0x3F, 0x00, 0x2F, 0x00]);
        assert_eq!((selected.len(), selected[0]), (2, 0x61), "{selected:02X?}");
        let fetched = reader.command(&[0x00, 0xC0, 0x00, 0x00, selected[1]]);
        assert_eq!((fetched.len(), fetched[0]), (usize::from(selected[1]) + 2, 0x6F));
        reader.say(Kind::Flush, &[]);
        assert_eq!(reader.hear().0, Kind::FlushComplete as u32);
        slot.remove();
        assert_eq!(reader.hear().0, Kind::CardRemove as u32);
        assert_eq!(reader.0.read(&mut [0]).unwrap(), 0, "and nothing after it");
    }

    #[test]
    fn a_card_that_stayed_in_is_shown_to_a_reader_that_was_plugged_in_again() {
        let (_folder, listener, slot, card) = slot();
        slot.insert(&card).unwrap();
        let mut reader = Reader::accept(&listener);
        assert_eq!(reader.hear().0, Kind::Atr as u32);
        slot.reader_is_back().unwrap();
        assert_eq!(reader.0.read(&mut [0]).unwrap(), 0, "the old line says nothing of the card");
        let mut reader = Reader::accept(&listener);
        assert_eq!(reader.hear().0, Kind::Atr as u32);
        assert_eq!(reader.command(&[0x00, 0x20, 0x00, 0x81, 0]), [0x6A, 0x88]);
    }

    #[test]
    fn a_line_to_something_else_ends() {
        let (_folder, listener, slot, card) = slot();
        slot.insert(&card).unwrap();
        let (mut stranger, _) = listener.accept().unwrap();
        stranger.write_all(&[0xFF; 12]).unwrap();
        stranger.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut rest = Vec::new();
        listener.set_nonblocking(true).unwrap();
        // Hung up, whether as an end or a reset.
        let _ = stranger.read_to_end(&mut rest);
        assert!(!rest.windows(14).any(|bytes| bytes == ATR_AKIS_1_0_T0), "no card for it");
    }
}
