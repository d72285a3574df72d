//! Nobody is served while an update is being written, and none begins while somebody is served.
//!
//! It holds the lock from before a card is heard of until the kiosk is at rest again. Whether it is at rest, and what a person
//! sees who has to wait, is decided in [`crate::session`].

use std::{
    io,
    path::{Path, PathBuf},
};

use super::inbox::{Inbox, Message};
use crate::visit_lock::VisitLock;

/// The supervisor's end of the lock; without a file everybody may come in.
#[derive(Debug)]
pub(super) struct Gate {
    file: Option<PathBuf>,
    held: Option<VisitLock>,
    /// A thread waits for the updater to be done.
    waiting: bool,
    inbox: Inbox,
}

impl Gate {
    /// Looks whether the lock can be taken at all.
    ///
    /// # Errors
    /// When it cannot: it would then keep nobody out.
    pub(super) fn open(file: Option<&Path>, inbox: Inbox) -> io::Result<Self> {
        if let Some(file) = file {
            drop(VisitLock::try_take(file)?);
        }
        Ok(Self { file: file.map(Path::to_owned), held: None, waiting: false, inbox })
    }

    /// Whether somebody may be served now. If not, [`Message::UpdateOver`] comes when they may.
    pub(super) fn enter(&mut self) -> bool {
        let Some(file) = &self.file else { return true };
        if self.held.is_some() {
            return true;
        }
        if self.waiting {
            return false;
        }
        match VisitLock::try_take(file) {
            Ok(Some(lock)) => {
                self.held = Some(lock);
                true
            }
            Ok(None) => {
                self.wait(file.clone());
                false
            }
            Err(error) => {
                // It could be taken at the start; whoever removed it since is no updater.
                log::error!("{}: {error}", file.display());
                true
            }
        }
    }

    fn wait(&mut self, file: PathBuf) {
        let inbox = self.inbox.clone();
        let wait = move || match VisitLock::wait(&file) {
            Ok(lock) => inbox.put_from_thread(Message::UpdateOver(lock)),
            Err(error) => log::error!("{}: {error}", file.display()),
        };
        match std::thread::Builder::new().name("gate".into()).spawn(wait) {
            Ok(_) => self.waiting = true,
            Err(error) => log::error!("nothing waits for the end of the update: {error}"),
        }
    }

    /// The updater is done, and the lock is here.
    pub(super) fn entered(&mut self, lock: VisitLock) {
        self.waiting = false;
        self.held = Some(lock);
    }

    /// The kiosk is at rest.
    pub(super) fn leave(&mut self) {
        self.held = None;
    }
}
