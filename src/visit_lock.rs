//! The lock that visits and updates exclude each other with: a file whose `flock` one of the two holds.
//!
//! `kioskd` holds it while somebody is served, `kiosk-appliance` while it writes an update and until it restarts the board.
//! The kernel lets go of it with the process that held it. Who may wait and what is shown meanwhile is not its business.

use std::{fs::File, io, path::Path};

use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};

/// Held for as long as it lives.
#[derive(Debug)]
pub(crate) struct VisitLock {
    file: File,
}

impl VisitLock {
    /// Takes the lock, unless somebody holds it.
    ///
    /// # Errors
    /// When there is no such file or it cannot be locked.
    pub(crate) fn try_take(path: &Path) -> io::Result<Option<Self>> {
        let file = File::open(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { file })),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until nobody holds it, however long.
    ///
    /// # Errors
    /// As [`Self::try_take`].
    pub(crate) fn wait(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        loop {
            match flock(&file, FlockOperation::LockExclusive) {
                Ok(()) => return Ok(Self { file }),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Drop for VisitLock {
    // Closing would do, but for a child of this process that is between its birth and its program: it has the file open too.
    fn drop(&mut self) {
        if let Err(fault) = flock(&self.file, FlockOperation::Unlock) {
            log::warn!("the lock of visits and updates is not let go of before its file is closed: {fault}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::VisitLock;

    #[test]
    fn one_holds_it_at_a_time_and_who_waits_gets_it_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("visit.lock");
        assert!(VisitLock::try_take(&path).is_err(), "no such file");
        std::fs::write(&path, "").unwrap();
        let held = VisitLock::try_take(&path).unwrap().unwrap();
        assert!(VisitLock::try_take(&path).unwrap().is_none());
        let waiting = std::thread::spawn({
            let path = path.clone();
            move || VisitLock::wait(&path).unwrap()
        });
        drop(held);
        let taken = waiting.join().unwrap();
        assert!(VisitLock::try_take(&path).unwrap().is_none());
        drop(taken);
        assert!(VisitLock::try_take(&path).unwrap().is_some());
    }
}
