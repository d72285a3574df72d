//! The PIN dialogue where the PIN is typed on the signer's own keys, or on the reader's: the screen vouches for the texts
//! and hears how many digits there are, never which. Of a reader's keys nobody hears that.
//!
//! The question has the size and the places of the PIN's frame ([`super::pin`]), so that nobody who counts bytes sees
//! which of the two it is:
//!
//! ```text
//! 0   "EKP2"
//! 4   request id, yes to the last try, number of digests, digests: as in "EKP1"
//! 150 zeros
//! 167 end
//! ```
//! The answer is a row of bytes: `0x80` and the number of digits, at the beginning and whenever it changes, then a
//! [`Verdict`] that ends it. Whoever closes the connection before takes the question back.

use std::io::{self, Read, Write};

use super::{
    new_pin::{self, NewPinFrame},
    pin::{self, FRAME, LockedPage, MOST_DIGITS, MOST_TEXTS, PinFrame, Verdict},
    signer::RequestId,
};

const MAGIC: &[u8; 4] = b"EKP2";
const DOTS: u8 = 0x80;

/// What the screen vouches for while the PIN is typed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Which request.
    pub request: RequestId,
    /// SHA-256 of each text shown, in order.
    pub digests: Vec<[u8; 32]>,
    /// The person said yes to the last try.
    pub accept_last_try: bool,
}

/// A frame as the signer received it.
pub enum Frame {
    /// The PIN was typed on the screen.
    Pin(PinFrame),
    /// It is to be typed on keys that are not the screen's.
    Keypad(Question),
    /// A new PIN was typed on the screen.
    NewPin(NewPinFrame),
}

/// What the screen hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// So many digits are there; the first of these says that there is a keypad.
    Dots(u8),
    /// The end.
    Verdict(Verdict),
}

/// Asks for the PIN to be typed on the signer's keys; what comes of it is had by [`hear`].
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for no or too many digests, else the socket's error.
pub fn ask(socket: &mut impl Write, question: &Question) -> io::Result<()> {
    let count = u8::try_from(question.digests.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    if !(1..=MOST_TEXTS).contains(&question.digests.len()) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut frame = [0; FRAME];
    frame[..4].copy_from_slice(MAGIC);
    frame[4..20].copy_from_slice(&question.request.0);
    frame[20] = u8::from(question.accept_last_try);
    frame[21] = count;
    for (place, digest) in frame[22..150].chunks_exact_mut(32).zip(&question.digests) {
        place.copy_from_slice(digest);
    }
    socket.write_all(&frame)?;
    socket.flush()
}

/// Waits for the next word of the signer.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a byte that says nothing, else the socket's error.
pub fn hear(socket: &mut impl Read) -> io::Result<Heard> {
    let mut byte = [0];
    socket.read_exact(&mut byte)?;
    match byte[0].checked_sub(DOTS) {
        Some(count) if usize::from(count) <= MOST_DIGITS => Ok(Heard::Dots(count)),
        Some(_) => Err(io::ErrorKind::InvalidData.into()),
        None => Verdict::of(byte[0]).map(Heard::Verdict),
    }
}

/// Receives a frame of any kind.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for anything that is not exactly a frame, else the socket's error.
pub fn receive(socket: &mut impl Read) -> io::Result<Frame> {
    let mut page = LockedPage::new()?;
    let frame = &mut page.bytes_mut()[..FRAME];
    socket.read_exact(frame)?;
    if frame.starts_with(MAGIC) {
        decode(frame).map(Frame::Keypad)
    } else if frame.starts_with(new_pin::MAGIC) {
        new_pin::decode(frame).map(Frame::NewPin)
    } else {
        pin::decode(frame).map(Frame::Pin)
    }
}

fn decode(frame: &[u8]) -> io::Result<Question> {
    let count = usize::from(frame[21]);
    let well_formed = frame[20] <= 1
        && (1..=MOST_TEXTS).contains(&count)
        && frame[22 + 32 * count..].iter().all(|byte| *byte == 0);
    if !well_formed {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut request = RequestId([0; 16]);
    request.0.copy_from_slice(&frame[4..20]);
    let (digests, _) = frame[22..22 + 32 * count].as_chunks();
    Ok(Question { request, digests: digests.to_vec(), accept_last_try: frame[20] == 1 })
}

/// Tells the screen how many digits there are.
///
/// # Errors
/// The socket's error.
pub fn dots(socket: &mut impl Write, count: u8) -> io::Result<()> {
    socket.write_all(&[DOTS | count])?;
    socket.flush()
}

#[cfg(test)]
mod tests {
    use super::{FRAME, Frame, Heard, Question, Verdict, ask, dots, hear, receive};
    use crate::link::{pin, signer::RequestId};

    fn question() -> Question {
        Question { request: RequestId([7; 16]), digests: vec![[1; 32], [2; 32]], accept_last_try: true }
    }

    fn asked() -> Vec<u8> {
        let mut frame = Vec::new();
        ask(&mut frame, &question()).unwrap();
        frame
    }

    #[test]
    fn a_question_arrives_as_it_was_asked_and_is_as_long_as_a_pins_frame() {
        let frame = asked();
        assert_eq!(frame.len(), FRAME);
        let Ok(Frame::Keypad(found)) = receive(&mut frame.as_slice()) else { panic!("no question") };
        assert_eq!(found, question());
    }

    #[test]
    fn a_question_with_anything_else_in_it_is_refused_a_pin_least_of_all() {
        for (at, byte) in [(0, b'X'), (20, 2), (21, 0), (21, 5), (100, 1), (150, 6), (151, b'9'), (166, 1)] {
            let mut other = asked();
            other[at] = byte;
            assert!(receive(&mut other.as_slice()).is_err(), "byte {at} = {byte}");
        }
        let mut renamed = asked();
        renamed[3] = b'1';
        assert!(receive(&mut renamed.as_slice()).is_err(), "a frame of a PIN without one");
    }

    #[test]
    fn the_screen_hears_a_count_and_then_a_verdict_and_nothing_else() {
        let mut said = Vec::new();
        for count in [0, 1, 16] {
            dots(&mut said, count).unwrap();
        }
        pin::answer(&mut said, Verdict::NoKeypad).unwrap();
        said.extend([0x80 | 17, 7]);
        let mut said = said.as_slice();
        for count in [0, 1, 16] {
            assert_eq!(hear(&mut said).unwrap(), Heard::Dots(count));
        }
        assert_eq!(hear(&mut said).unwrap(), Heard::Verdict(Verdict::NoKeypad));
        assert!(hear(&mut said).is_err() && hear(&mut said).is_err() && hear(&mut said).is_err());
    }
}
