//! A PIN is given another through the module: by whoever knows it, or with the PUK where it is locked.
//!
//! `C_SetPIN`, or `C_Login` and `C_InitPIN`, are called once, whatever they return. Who may do it, and whether a new PIN is a
//! good one, is not judged here.
//!
//! With the PUK it goes as PKCS#11 has it (v2.40, 5.5): the security officer logs in and sets the user's PIN. OpenSC takes
//! what the officer logs in with for the PUK where `user_pin_unblock_style` is `init_pin_in_so_session`, and asks the card once,
//! in `C_InitPIN`; of AKİS cards its 0.23 says there that they cannot.

use cryptoki::{
    error::Error,
    session::{Session, UserType},
    slot::Slot,
    types::AuthPin,
};
use zeroize::Zeroizing;

use super::{Module, login::Login, short};
use crate::{
    card::ReaderName,
    link::{
        pin::Pin,
        signer::{Fault, Fingerprint},
    },
    token::{
        fault::{Meaning, is_not_offered, meaning},
        found::{Replacement, Unreplaced},
        tries::Told,
    },
};

impl Module {
    /// Gives the PIN of the card with this certificate another.
    pub(in crate::token) fn replace(
        &self,
        reader: &ReaderName,
        certificate: Fingerprint,
        how: Replacement,
        new: Pin,
    ) -> Result<(), Unreplaced> {
        let (slot, found, _) = self.find(reader, certificate)?;
        // An officer cannot log in while a session is open that may only read.
        self.watch.call(|| drop(found));
        let session = self.watch.call(|| self.pkcs11.open_rw_session(slot));
        let session = session.map_err(|error| self.fault(&error, reader))?;
        let new = secret(&new)?;
        match how {
            Replacement::Change { old } => {
                let old = secret(&old)?;
                let set = self.watch.call(|| session.set_pin(&old, &new));
                set.map_err(|error| self.unset(&error, reader, || self.told(slot, reader)))
            }
            Replacement::Unblock { puk } => {
                let puk = secret(&puk)?;
                let _login = self.officer(&session, &puk, reader)?;
                let set = self.watch.call(|| session.init_pin(&new));
                set.map_err(|error| self.unset(&error, reader, Told::default))
            }
        }
    }

    fn officer<'a>(
        &'a self,
        session: &'a Session,
        puk: &AuthPin,
        reader: &ReaderName,
    ) -> Result<Login<'a>, Unreplaced> {
        let login = self.watch.call(|| session.login(UserType::So, Some(puk)));
        login.map_err(|error| match meaning(&error) {
            _ if is_not_offered(&error) => Unreplaced::Fault(Fault::NotSupported),
            Meaning::WrongPin => Unreplaced::Wrong(Told::default()),
            Meaning::Locked => Unreplaced::Wrong(Told::Count(Some(0))),
            // It cannot be this card's.
            Meaning::UnfitPin => Unreplaced::Wrong(Told::default()),
            Meaning::Gone | Meaning::UnknownCard | Meaning::Busy | Meaning::Unclear | Meaning::Failed => {
                Unreplaced::Fault(self.fault(&error, reader))
            }
        })?;
        Ok(self.logged_in(session))
    }

    /// Why the call that sets the PIN failed. Where that is not surely an answer of the card's, or of the module's before it
    /// asked, nobody knows which PIN holds.
    fn unset(&self, error: &Error, reader: &ReaderName, told: impl FnOnce() -> Told) -> Unreplaced {
        log::info!(CAUSE = short(error); "the PIN was not replaced");
        match meaning(error) {
            _ if is_not_offered(error) => Unreplaced::Fault(Fault::NotSupported),
            Meaning::WrongPin => Unreplaced::Wrong(told()),
            Meaning::Locked => Unreplaced::Wrong(Told::Count(Some(0))),
            Meaning::UnfitPin => Unreplaced::Unfit,
            Meaning::Busy | Meaning::Failed => Unreplaced::Fault(self.fault(error, reader)),
            Meaning::Gone | Meaning::UnknownCard | Meaning::Unclear => {
                // Said for the log alone, when PC/SC has noticed what happened to the card.
                self.fault(error, reader);
                Unreplaced::Fault(Fault::ChangeUnknown)
            }
        }
    }

    /// A card pulled right after its answer must not turn a wrong PIN into anything else.
    fn told(&self, slot: Slot, reader: &ReaderName) -> Told {
        self.flags(slot, reader).unwrap_or_default().into()
    }
}

/// As the module wants it; in one piece of memory, and wiped.
fn secret(pin: &Pin) -> Result<AuthPin, Fault> {
    let digits = Zeroizing::new(pin.expose().to_vec());
    let text = std::str::from_utf8(&digits).map_err(|_| Fault::UnfitPin)?;
    Ok(AuthPin::new(Box::from(text)))
}
