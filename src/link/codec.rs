//! Frames: a length of four bytes, big-endian, then that many bytes of postcard.
//!
//! A frame over the limit or one that does not parse ends the connection; nothing is skipped or guessed.
//! The buffers are wiped: views and texts hold personal data.

use std::io::{self, Read, Write};

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// Most bytes of a frame: four texts of 256 KiB and a captcha fit well inside.
pub const LIMIT: usize = 4 * 1024 * 1024;

/// Why a frame could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The other end closed the connection between two frames.
    #[error("the connection was closed")]
    Closed,
    /// A length over [`LIMIT`].
    #[error("a frame of {found} bytes, at most {LIMIT} are expected")]
    Oversize {
        /// Bytes announced.
        found: usize,
    },
    /// Bytes that are no message of this link.
    #[error("a frame that is no message of this link")]
    Malformed,
    /// The socket failed.
    #[error("the link failed: {0}")]
    Io(#[from] io::Error),
}

/// Writes one frame.
///
/// # Errors
/// [`CodecError::Oversize`] before anything is written, [`CodecError::Io`] when the socket fails.
pub fn write<T: Serialize>(to: &mut impl Write, message: &T) -> Result<(), CodecError> {
    to.write_all(&encode(message)?)?;
    to.flush()?;
    Ok(())
}

/// Reads one frame, waiting for it.
///
/// # Errors
/// [`CodecError::Closed`] at the end of the connection, else what is wrong with the frame.
pub fn read<T: DeserializeOwned>(from: &mut impl Read) -> Result<T, CodecError> {
    let mut head = [0; 4];
    if from.read(&mut head[..1])? == 0 {
        return Err(CodecError::Closed);
    }
    from.read_exact(&mut head[1..])?;
    let mut body = Zeroizing::new(vec![0; length(head)?]);
    from.read_exact(&mut body)?;
    decode(&body)
}

/// One frame as bytes, for callers with sockets of their own kind.
///
/// # Errors
/// [`CodecError::Oversize`] when the message is over [`LIMIT`].
pub fn encode<T: Serialize>(message: &T) -> Result<Zeroizing<Vec<u8>>, CodecError> {
    let body = Zeroizing::new(postcard::to_stdvec(message).map_err(|_| CodecError::Malformed)?);
    let length = u32::try_from(body.len()).ok().filter(|n| *n as usize <= LIMIT);
    let Some(length) = length else { return Err(CodecError::Oversize { found: body.len() }) };
    let mut frame = Zeroizing::new(Vec::with_capacity(4 + body.len()));
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&body);
    Ok(frame)
}

/// The length a frame's head announces.
///
/// # Errors
/// [`CodecError::Oversize`] over [`LIMIT`].
pub fn length(head: [u8; 4]) -> Result<usize, CodecError> {
    let found = u32::from_be_bytes(head) as usize;
    if found > LIMIT { Err(CodecError::Oversize { found }) } else { Ok(found) }
}

/// The message in a frame's body.
///
/// # Errors
/// [`CodecError::Malformed`] when it is none, or when bytes are left over.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, CodecError> {
    match postcard::take_from_bytes(body) {
        Ok((message, [])) => Ok(message),
        Ok(_) | Err(_) => Err(CodecError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::{CodecError, LIMIT, encode, read, write};

    #[test]
    fn what_is_written_is_read() {
        let mut wire = Vec::new();
        write(&mut wire, &("Ğüş", 7_u32)).expect("a vector takes all");
        let got: (String, u32) = read(&mut wire.as_slice()).expect("the same frame");
        assert_eq!(got, ("Ğüş".to_owned(), 7));
    }

    #[test]
    fn a_frame_over_the_limit_is_refused_before_it_is_read() {
        let wire = (u32::try_from(LIMIT).expect("fits") + 1).to_be_bytes();
        assert!(matches!(read::<u8>(&mut wire.as_slice()), Err(CodecError::Oversize { .. })));
    }

    #[test]
    fn bytes_left_over_are_malformed() {
        let mut wire = encode(&1_u8).expect("short").to_vec();
        wire[3] += 1;
        wire.push(0);
        assert!(matches!(read::<u8>(&mut wire.as_slice()), Err(CodecError::Malformed)));
    }

    #[test]
    fn the_end_between_frames_is_no_error_of_the_frame() {
        assert!(matches!(read::<u8>(&mut [].as_slice()), Err(CodecError::Closed)));
        assert!(matches!(read::<u8>(&mut [0, 0].as_slice()), Err(CodecError::Io(_))));
    }
}
