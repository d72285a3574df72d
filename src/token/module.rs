//! The card through a PKCS#11 module: what is on it, and a signature with it.
//!
//! It lives on one thread. It never retries a PIN or a PUK, never keeps a login, and signs [`Draft`]s only. When and
//! whether it may is the desk's business.

mod login;
mod objects;
mod replace;

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::Error,
    mechanism::{Mechanism, MechanismType},
    object::ObjectHandle,
    session::Session,
};

use super::{
    fault::{Meaning, meaning},
    found::{Entry, Found, Refusal, Sieve},
    opensc,
    reader::{Seen, look, wait_for_removal},
    tries::Told,
    watch::Watch,
};
use crate::{
    card::ReaderName,
    config,
    link::signer::{Fault, Fingerprint},
    signature::{Algorithm, Draft, ecdsa_value},
};

/// How long PC/SC may take to notice a card that was pulled during a call.
const PULL_NOTICED: Duration = Duration::from_millis(1500);
/// Why the module cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    /// None is named, and the configuration wants one.
    #[error("token.module: found nothing, expected the path of a PKCS#11 module")]
    NotConfigured,
    /// It cannot be loaded.
    #[error("token.module: found {}, expected a PKCS#11 module: {source}", path.display())]
    Load {
        /// The configured path.
        path: PathBuf,
        /// Why.
        source: Box<Error>,
    },
    /// `C_Initialize` failed.
    #[error("token.module: {} does not initialise: {reason}", path.display())]
    Initialize {
        /// The configured path.
        path: PathBuf,
        /// Its return value.
        reason: String,
    },
    /// OpenSC is set up so that another program could sign, or a PIN would be kept.
    #[error(transparent)]
    OpenSc(#[from] opensc::OpenScError),
}

/// A loaded and initialised module.
pub(super) struct Module {
    pkcs11: Pkcs11,
    path: PathBuf,
    with_null: bool,
    label: Option<String>,
    watch: Watch,
    initialized: bool,
}

impl Module {
    /// Loads the module at `path` and tries whether it initialises. `anew`: it did so in the image before;
    /// now it waits for the first card that is to be read, because modules read whatever card is in the
    /// slot while they initialise, and that may still be the card of the visitor before.
    pub(super) fn load(
        path: &Path,
        config: &config::Token,
        watch: Watch,
        anew: bool,
    ) -> Result<Self, ModuleError> {
        let load = |source| ModuleError::Load { path: path.to_owned(), source: Box::new(source) };
        let pkcs11 = watch.call(|| Pkcs11::new(path)).map_err(load)?;
        let mut module = Self {
            pkcs11,
            path: path.to_owned(),
            with_null: config.initialize_with_null,
            label: config.label.clone(),
            watch,
            initialized: false,
        };
        if !anew {
            module.initialize()?;
        }
        Ok(module)
    }

    fn initialize(&mut self) -> Result<(), ModuleError> {
        let failed = |reason| ModuleError::Initialize { path: self.path.clone(), reason };
        if self.with_null {
            self.watch.call(|| initialize_with_null(&self.path)).map_err(failed)?;
        } else {
            let arguments = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
            self.watch.call(|| self.pkcs11.initialize(arguments)).map_err(|error| failed(short(&error)))?;
        }
        self.initialized = true;
        let info = self.watch.call(|| self.pkcs11.get_library_info());
        if info.is_ok_and(|info| info.manufacturer_id().contains("OpenSC"))
            && let Err(unsafe_setting) = opensc::require_safe_settings()
        {
            // Nothing is done with it, now or when the next card comes.
            self.close();
            return Err(unsafe_setting.into());
        }
        Ok(())
    }

    /// What it calls itself, with its version.
    pub(super) fn version(&self) -> Option<String> {
        let info = self.watch.call(|| self.pkcs11.get_library_info()).ok()?;
        Some(format!("{} {}", info.library_description().trim(), info.library_version()))
    }

    /// Ends whatever is open: sessions, logins, connections to the card.
    pub(super) fn close(&mut self) {
        if !std::mem::take(&mut self.initialized) {
            return;
        }
        let pkcs11 = self.pkcs11.clone();
        if let Err(error) = self.watch.call(|| pkcs11.finalize()) {
            log::warn!(CAUSE = short(&error); "the module does not finalise");
        }
    }

    /// Reads the certificates of the card in a reader. Where the module does not see a card that PC/SC
    /// sees, it is initialised anew once: modules lose sight of readers when the PC/SC service restarts.
    pub(super) fn read(&mut self, reader: &ReaderName) -> Result<Found, Fault> {
        if !self.initialized {
            self.initialize().map_err(unusable)?;
        }
        let first = self.read_once(reader);
        let stale = matches!(
            first,
            Err(Fault::NoCard | Fault::UnknownCard | Fault::CardPulled | Fault::ModuleFailed)
        );
        if !stale || self.watch.call(|| look(reader)) != Seen::Card {
            return first;
        }
        self.close();
        self.initialize().map_err(unusable)?;
        self.read_once(reader)
    }

    fn read_once(&self, reader: &ReaderName) -> Result<Found, Fault> {
        let mut sieve = Sieve::default();
        let mut told = Told::default();
        for slot in self.slots(reader)? {
            let session = self.session(slot, reader)?;
            let visible = self.visible_key_ids(&session, reader)?;
            for found in self.certificates(&session, reader)? {
                // Most cards show no key before the PIN.
                let keyed = !found.id.is_empty() && (visible.is_empty() || visible.contains(&found.id));
                sieve.take(found.der, keyed);
            }
            told = self.flags(slot, reader)?.into();
            if sieve.has_any() {
                break;
            }
        }
        sieve.found(told)
    }

    /// Looks whether the certificate is on the card in the reader, and at its PIN.
    pub(super) fn check(&self, reader: &ReaderName, certificate: Fingerprint) -> Result<Told, Fault> {
        let (slot, _, _) = self.find(reader, certificate)?;
        Ok(self.flags(slot, reader)?.into())
    }

    /// Verifies the PIN once, signs each draft, logs out. `unwanted` ends it between two steps.
    pub(super) fn sign(
        &self,
        reader: &ReaderName,
        certificate: Fingerprint,
        drafts: Vec<Draft>,
        entry: Entry,
        unwanted: &AtomicBool,
    ) -> Result<Vec<Vec<u8>>, Refusal> {
        let wanted = || if unwanted.load(Ordering::SeqCst) { Err(Fault::Abandoned) } else { Ok(()) };
        let (slot, session, id) = self.find(reader, certificate)?;
        let digest_on_card = self.watch.call(|| self.pkcs11.get_mechanism_list(slot));
        let hashes = digest_on_card.is_ok_and(|list| list.contains(&MechanismType::SHA256_RSA_PKCS));
        wanted()?;
        let login = self.login(&session, slot, reader, entry)?;
        let key = self.private_key(&session, id, reader)?;
        let mut envelopes = Vec::with_capacity(drafts.len());
        for draft in drafts {
            wanted()?;
            let value = self.watch.call(|| value(&session, key, &draft, hashes));
            let value = value.map_err(|error| self.fault(&error, reader))?;
            envelopes.push(draft.enclose(&value).map_err(|error| {
                log::error!(CAUSE = error.to_string(); "a signature failed its check");
                Fault::SelfCheckFailed
            })?);
        }
        drop(login);
        Ok(envelopes)
    }

    fn fault(&self, error: &Error, reader: &ReaderName) -> Fault {
        let meaning = meaning(error);
        log::info!(CAUSE = short(error); "the module refused: {meaning:?}");
        match meaning {
            Meaning::Locked => Fault::PinLocked,
            Meaning::Gone => Fault::CardPulled,
            Meaning::UnknownCard => match self.watch.call(|| look(reader)) {
                Seen::Mute => Fault::CardMute,
                Seen::Busy => Fault::ReaderBusy,
                Seen::Empty => Fault::CardPulled,
                Seen::Card | Seen::Unknown => Fault::UnknownCard,
            },
            Meaning::Busy => Fault::ReaderBusy,
            // The PIN is judged at the login; from anywhere else these are the module's nonsense.
            Meaning::Failed | Meaning::WrongPin | Meaning::UnfitPin => Fault::ModuleFailed,
            Meaning::Unclear => match self.watch.call(|| wait_for_removal(reader, PULL_NOTICED)) {
                Seen::Empty => Fault::CardPulled,
                Seen::Mute => Fault::CardMute,
                Seen::Busy => Fault::ReaderBusy,
                Seen::Card | Seen::Unknown => Fault::ModuleFailed,
            },
        }
    }
}

/// The signature value over a draft's attributes, in the form CMS wants.
fn value(session: &Session, key: ObjectHandle, draft: &Draft, hashes: bool) -> Result<Vec<u8>, Error> {
    let message = draft.to_be_signed();
    match draft.algorithm() {
        Algorithm::RsaSha256 if hashes => session.sign(&Mechanism::Sha256RsaPkcs, key, message),
        Algorithm::RsaSha256 => session.sign(&Mechanism::RsaPkcs, key, &draft.digest_info()),
        Algorithm::EcdsaP384Sha256 => {
            // CKM_ECDSA answers r and s side by side (PKCS#11, 6.3.1).
            let plain = session.sign(&Mechanism::Ecdsa, key, &draft.digest())?;
            ecdsa_value(&plain).map_err(|_| Error::InvalidValue)
        }
    }
}

/// The name of a return value; the library's own text is a paragraph.
fn short(error: &Error) -> String {
    if let Error::Pkcs11(value, function) = error {
        format!("{function:?} {value:?}")
    } else {
        error.to_string()
    }
}

fn unusable(error: ModuleError) -> Fault {
    log::error!(CAUSE = error.to_string(); "the card's module cannot be used");
    Fault::ModuleFailed
}

#[expect(unsafe_code, reason = "cryptoki always passes arguments; some modules take none but NULL")]
fn initialize_with_null(path: &Path) -> Result<(), String> {
    // SAFETY: the module is loaded already, so this opens the same one again and runs nothing new; the
    // functions are called as PKCS#11 v2.40, 5.4 says, C_Initialize with the NULL it allows.
    let answer = unsafe {
        let library = cryptoki_sys::Pkcs11::new(path).map_err(|error| error.to_string())?;
        let mut list = std::ptr::null_mut();
        let answer = library.C_GetFunctionList(&raw mut list);
        if answer != cryptoki_sys::CKR_OK || list.is_null() {
            return Err(format!("C_GetFunctionList {answer:#x}"));
        }
        let initialize = (*list).C_Initialize.ok_or("no C_Initialize")?;
        initialize(std::ptr::null_mut())
    };
    if answer == cryptoki_sys::CKR_OK { Ok(()) } else { Err(format!("C_Initialize(NULL) {answer:#x}")) }
}
