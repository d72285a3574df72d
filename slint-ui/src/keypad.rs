//! The question that waits at the signer while the PIN is typed on its keys: how many digits there are comes back, and
//! the verdict.
//!
//! It knows no digit and draws nothing.

use std::{
    io,
    net::Shutdown,
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use eimza_kiosk::link::{
    keypad::{Heard, Question, ask, hear},
    listen::require_listener,
};

const TAKES_WITHIN: Duration = Duration::from_secs(5);

/// A question under way. Dropping it takes it back, and the signer forgets the digits.
pub struct Asked(Arc<Mutex<Line>>);

enum Line {
    Opening,
    Open(UnixStream),
    Closed,
}

impl Asked {
    /// Asks the signer that listens there under this uid, in a thread of its own; `tell` gets each word of the signer on it, and an error when there will be none.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(
        socket: PathBuf,
        signer_uid: Option<u32>,
        question: Question,
        tell: impl Fn(io::Result<Heard>) + Send + 'static,
    ) -> io::Result<Self> {
        let line = Arc::new(Mutex::new(Line::Opening));
        let opening = line.clone();
        thread::Builder::new().name("keypad".into()).spawn(move || {
            let talk = || -> io::Result<()> {
                let mut stream = UnixStream::connect(&socket)?;
                require_listener(&stream, signer_uid)?;
                stream.set_write_timeout(Some(TAKES_WITHIN))?;
                let ours = stream.try_clone()?;
                if matches!(std::mem::replace(&mut *lock(&opening), Line::Open(ours)), Line::Closed) {
                    // Taken back meanwhile.
                    *lock(&opening) = Line::Closed;
                    return Ok(());
                }
                ask(&mut stream, &question)?;
                loop {
                    let heard = hear(&mut stream)?;
                    tell(Ok(heard));
                    if matches!(heard, Heard::Verdict(_)) {
                        return Ok(());
                    }
                }
            };
            let talked = talk();
            let taken_back = matches!(*lock(&opening), Line::Closed);
            if let Err(error) = talked
                && !taken_back
            {
                log::warn!("the signer's keypad cannot be heard: {error}");
                tell(Err(error));
            }
        })?;
        Ok(Self(line))
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if let Line::Open(stream) = std::mem::replace(&mut *lock(&self.0), Line::Closed) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn lock(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}
