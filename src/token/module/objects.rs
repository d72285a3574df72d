//! Finds what is on a card: its slot, its certificates, its keys.
//!
//! It reads and compares; it logs nobody in and judges nothing.

use cryptoki::{
    object::{Attribute, AttributeType, ObjectClass, ObjectHandle},
    session::Session,
    slot::Slot,
};
use sha2::{Digest, Sha256};

use super::Module;
use crate::{
    card::ReaderName,
    link::signer::{Fault, Fingerprint},
    token::{reader::why_none, tries::Flags},
};

/// `CK_SLOT_INFO.slotDescription` holds this many bytes of a reader's name.
const DESCRIPTION: usize = 64;

/// A certificate as the module holds it.
pub(super) struct OnCard {
    pub(super) der: Vec<u8>,
    pub(super) id: Vec<u8>,
}

impl Module {
    /// Slots with a token that belong to a reader. A module that names no readers at all (a software token)
    /// is asked by the configured label.
    pub(super) fn slots(&self, reader: &ReaderName) -> Result<Vec<Slot>, Fault> {
        let cut = &reader.0[..reader.0.floor_char_boundary(DESCRIPTION)];
        let described = |slot: &Slot| {
            let info = self.watch.call(|| self.pkcs11.get_slot_info(*slot));
            info.is_ok_and(|info| info.slot_description().trim_end() == cut.trim_end())
        };
        let labelled = |slot: &Slot| {
            let info = self.watch.call(|| self.pkcs11.get_token_info(*slot));
            info.is_ok_and(|info| Some(info.label()) == self.label.as_deref())
        };
        let fault = |error| self.fault(&error, reader);
        let all = self.watch.call(|| self.pkcs11.get_all_slots()).map_err(fault)?;
        let mut slots = self.watch.call(|| self.pkcs11.get_slots_with_token()).map_err(fault)?;
        if all.iter().any(described) {
            slots.retain(described);
            if slots.len() > 1 && self.label.is_some() {
                slots.retain(labelled);
            }
        } else if self.label.is_some() {
            slots.retain(labelled);
        } else {
            slots.clear();
        }
        if !slots.is_empty() {
            return Ok(slots);
        }
        Err(self.watch.call(|| why_none(reader)).unwrap_or(Fault::UnknownCard))
    }

    pub(super) fn find(
        &self,
        reader: &ReaderName,
        certificate: Fingerprint,
    ) -> Result<(Slot, Session, Vec<u8>), Fault> {
        for slot in self.slots(reader)? {
            let session = self.session(slot, reader)?;
            let mut found = self.certificates(&session, reader)?.into_iter();
            if let Some(found) = found.find(|found| Sha256::digest(&found.der).as_slice() == certificate.0) {
                return Ok((slot, session, found.id));
            }
        }
        Err(Fault::OtherCard)
    }

    pub(super) fn session(&self, slot: Slot, reader: &ReaderName) -> Result<Session, Fault> {
        self.watch.call(|| self.pkcs11.open_ro_session(slot)).map_err(|error| self.fault(&error, reader))
    }

    pub(super) fn certificates(&self, session: &Session, reader: &ReaderName) -> Result<Vec<OnCard>, Fault> {
        let fault = |error| self.fault(&error, reader);
        let template = [Attribute::Class(ObjectClass::CERTIFICATE)];
        let objects = self.watch.call(|| session.find_objects(&template)).map_err(fault)?;
        let mut certificates = Vec::new();
        for object in objects {
            let wanted = [AttributeType::Value, AttributeType::Id];
            let (mut der, mut id) = (Vec::new(), Vec::new());
            for attribute in self.watch.call(|| session.get_attributes(object, &wanted)).map_err(fault)? {
                if let Attribute::Value(bytes) = attribute {
                    der = bytes;
                } else if let Attribute::Id(bytes) = attribute {
                    id = bytes;
                }
            }
            if !der.is_empty() {
                certificates.push(OnCard { der, id });
            }
        }
        Ok(certificates)
    }

    /// Ids of the private keys that are seen without a PIN; most cards show none.
    pub(super) fn visible_key_ids(
        &self,
        session: &Session,
        reader: &ReaderName,
    ) -> Result<Vec<Vec<u8>>, Fault> {
        let fault = |error| self.fault(&error, reader);
        let template = [Attribute::Class(ObjectClass::PRIVATE_KEY)];
        let mut ids = Vec::new();
        for key in self.watch.call(|| session.find_objects(&template)).map_err(fault)? {
            let found = self.watch.call(|| session.get_attributes(key, &[AttributeType::Id]));
            ids.extend(
                found
                    .map_err(fault)?
                    .into_iter()
                    .filter_map(|attribute| if let Attribute::Id(id) = attribute { Some(id) } else { None }),
            );
        }
        Ok(ids)
    }

    pub(super) fn private_key(
        &self,
        session: &Session,
        id: Vec<u8>,
        reader: &ReaderName,
    ) -> Result<ObjectHandle, Fault> {
        let template = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(id)];
        let keys = self.watch.call(|| session.find_objects(&template));
        let keys = keys.map_err(|error| self.fault(&error, reader))?;
        keys.first().copied().ok_or(Fault::NoCertificate)
    }

    /// `CKF_PROTECTED_AUTHENTICATION_PATH` (PKCS#11 v2.40, table 6): the token has its PIN typed somewhere else.
    pub(super) fn has_own_path(&self, slot: Slot, reader: &ReaderName) -> Result<bool, Fault> {
        let info = self.watch.call(|| self.pkcs11.get_token_info(slot));
        info.map(|info| info.protected_authentication_path()).map_err(|error| self.fault(&error, reader))
    }

    pub(super) fn flags(&self, slot: Slot, reader: &ReaderName) -> Result<Flags, Fault> {
        let info = self.watch.call(|| self.pkcs11.get_token_info(slot));
        let info = info.map_err(|error| self.fault(&error, reader))?;
        Ok(Flags {
            low: info.user_pin_count_low(),
            last: info.user_pin_final_try(),
            locked: info.user_pin_locked(),
        })
    }
}
