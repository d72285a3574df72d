//! The login: one PIN, given to the module or typed at the reader, and what the module says to it.
//!
//! `C_Login` is called once, whatever it returns. Whether a PIN may be spent is not decided here.

use std::time::Duration;

use cryptoki::{
    error::Error,
    session::{Session, UserType},
    slot::Slot,
    types::RawAuthPin,
};

use super::{Module, short};
use crate::{
    card::ReaderName,
    link::signer::Fault,
    token::{
        fault::{Meaning, meaning, unentered},
        found::{Entry, Refusal},
        pad::Unentered,
        watch::Watch,
    },
};

/// How long a module may wait for a person at the reader's keys, beside what any call may take. How long it does
/// is its own business: OpenSC gives 30 s for the first key and 30 s for those after it.
const TYPING: Duration = Duration::from_secs(60);

/// Logs out when dropped, whatever happened in between.
pub(super) struct Login<'a> {
    session: &'a Session,
    watch: &'a Watch,
}

impl Drop for Login<'_> {
    fn drop(&mut self) {
        // A card that was pulled has forgotten the login by itself.
        if let Err(error) = self.watch.call(|| self.session.logout()) {
            log::info!(CAUSE = short(&error); "no logout");
        }
    }
}

impl Module {
    /// Verifies the PIN once.
    pub(super) fn login<'a>(
        &'a self,
        session: &'a Session,
        slot: Slot,
        reader: &ReaderName,
        entry: Entry,
    ) -> Result<Login<'a>, Refusal> {
        match entry {
            Entry::Typed(pin) => {
                let secret = RawAuthPin::new(Box::new(pin.expose().to_vec()));
                drop(pin);
                let login = self.watch.call(|| session.login_with_raw(UserType::User, &secret));
                drop(secret);
                login.map_err(|error| self.refusal_of_typed(&error, slot, reader))?;
            }
            Entry::AtReader => {
                if !self.has_own_path(slot, reader)? {
                    return Err(Refusal::Unentered(Unentered::NotHere));
                }
                // No PIN: the module has it typed (PKCS#11 v2.40, 5.6, `C_Login`).
                let login = self.watch.person(TYPING, || session.login(UserType::User, None));
                login.map_err(|error| self.refusal_at_reader(&error, slot, reader))?;
            }
        }
        Ok(self.logged_in(session))
    }

    /// The end of a login that succeeded.
    pub(super) fn logged_in<'a>(&'a self, session: &'a Session) -> Login<'a> {
        Login { session, watch: &self.watch }
    }

    fn refusal(&self, error: &Error, slot: Slot, reader: &ReaderName) -> Refusal {
        let spent = match meaning(error) {
            Meaning::WrongPin => true,
            Meaning::UnfitPin => false,
            Meaning::Locked
            | Meaning::Gone
            | Meaning::UnknownCard
            | Meaning::Busy
            | Meaning::Unclear
            | Meaning::Failed => return Refusal::Fault(self.fault(error, reader)),
        };
        // A card pulled right after its answer must not turn a wrong PIN into anything else.
        let told = self.flags(slot, reader).unwrap_or_default().into();
        Refusal::WrongPin { spent, told }
    }

    /// The PIN went to the module; unless that says what became of it, the card may have weighed it.
    fn refusal_of_typed(&self, error: &Error, slot: Slot, reader: &ReaderName) -> Refusal {
        match (self.refusal(error, slot, reader), meaning(error)) {
            (
                Refusal::Fault(fault),
                Meaning::Gone | Meaning::UnknownCard | Meaning::Unclear | Meaning::Failed,
            ) => Refusal::Unheard(fault),
            (refusal, _) => refusal,
        }
    }

    fn refusal_at_reader(&self, error: &Error, slot: Slot, reader: &ReaderName) -> Refusal {
        if let Some(why) = unentered(error) {
            log::info!(CAUSE = short(error); "no PIN came from the reader");
            return Refusal::Unentered(why);
        }
        match self.refusal(error, slot, reader) {
            // Where the card is there and well, it is the module that does not say.
            Refusal::Fault(fault @ Fault::ModuleFailed) => Refusal::PadFailed(fault),
            other @ (Refusal::Fault(_)
            | Refusal::WrongPin { .. }
            | Refusal::Unentered(_)
            | Refusal::Unheard(_)
            | Refusal::PadFailed(_)) => other,
        }
    }
}
