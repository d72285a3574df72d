//! The way to the signer's PIN socket.
//!
//! It knows whose process has to listen there, and nothing of what is sent.

use std::{io, os::unix::net::UnixStream, path::Path, time::Duration};

use eimza_kiosk::link::listen::require_listener;

/// The signer looks at the card before it says whether it takes a PIN.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);

/// A line to the signer that listens under this uid.
///
/// # Errors
/// The socket's error; [`io::ErrorKind::PermissionDenied`] where somebody else listens.
pub(crate) fn signer(socket: &Path, uid: Option<u32>) -> io::Result<UnixStream> {
    let stream = UnixStream::connect(socket)?;
    require_listener(&stream, uid)?;
    stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
    stream.set_write_timeout(Some(ANSWERS_WITHIN))?;
    Ok(stream)
}
