//! The line to vpcd, the virtual reader inside pcscd: it listens, a card connects.
//!
//! It knows nothing of cards.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use rustix::net::sockopt::{set_socket_linger, set_tcp_quickack};

/// vpcd's control frames: one byte instead of a command.
pub(super) const POWER_OFF: &[u8] = &[0];
pub(super) const POWER_ON: &[u8] = &[1];
pub(super) const RESET: &[u8] = &[2];
pub(super) const ATR: &[u8] = &[4];
/// Longer than any answer to reset may be (ISO/IEC 7816-3, 8.2.1): the reader takes it for none.
pub(super) const NO_ATR: [u8; 34] = [0; 34];

/// Makes a connection fit for frames.
pub(super) fn prepare(line: &TcpStream) -> io::Result<()> {
    line.set_nodelay(true)?;
    // Closing resets the connection: to the reader a torn line, not an empty answer.
    Ok(set_socket_linger(line, Some(Duration::ZERO))?)
}

/// A frame of vpcd: two bytes of length, then so many bytes.
pub(super) fn receive(line: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    // vpcd sends length and content in two segments; the delayed acknowledgement of the first one would hold
    // the second one back for 40 ms. The option wears off, so it is set before each read.
    set_tcp_quickack(&*line, true)?;
    line.read_exact(&mut length)?;
    let mut content = vec![0; usize::from(u16::from_be_bytes(length))];
    set_tcp_quickack(&*line, true)?;
    line.read_exact(&mut content)?;
    Ok(content)
}

pub(super) fn send(line: &mut TcpStream, content: &[u8]) -> io::Result<()> {
    let length = u16::try_from(content.len()).map_err(|_| io::ErrorKind::InvalidData)?;
    line.write_all(&[&length.to_be_bytes(), content].concat())
}
