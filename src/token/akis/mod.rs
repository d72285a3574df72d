//! AKİS cards over PC/SC, without anybody's module: what is on one, and a signature with it.
//!
//! It lives on one thread. It never retries a PIN, never keeps a login, and signs [`Draft`]s only. When and
//! whether it may is the desk's business.
//!
//! | module | owns |
//! |---|---|
//! | [`apdu`] | commands, chains and answers, pure |
//! | [`status`] | the table of status words, pure |
//! | [`tlv`], [`pkcs15`] | what a card's files say, pure |
//! | `channel` | the card alone, through PC/SC |
//! | `reading`, `trace` | what may be asked of a card that costs nothing, and what is told of it |
//! | `files`, `sign`, `replace` | what is asked of it; `survey` for staff |

pub mod apdu;
mod channel;
mod files;
pub mod pkcs15;
mod reading;
mod replace;
mod sign;
pub mod status;
mod survey;
#[cfg(test)]
mod tests;
pub mod tlv;
mod trace;

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use pcsc::Disposition;
use sha2::{Digest, Sha256};

use channel::{Channel, Trouble, not_there};
pub(super) use files::Naming;
use files::{Contents, Key, OnCard};
use reading::Reading;
pub use replace::NotReplaced;
use sign::Verified;
pub(super) use survey::{NotRead, Survey, survey};
pub(super) use trace::Trace;

use super::{
    found::{Entry, Found, Refusal, Sieve},
    pad::Unentered,
    reader::{Seen, look},
    tries::Told,
    watch::Watch,
};
use crate::{
    card::{ReaderName, profile::Verify},
    link::{
        pin::Pin,
        signer::{Fault, Fingerprint},
    },
    signature::Draft,
};

/// The driver and the card it is connected to.
pub struct Driver {
    watch: Watch,
    live: Option<Live>,
}

/// A card from the moment it was connected to until it is pulled or reset by others.
struct Live {
    channel: Channel,
    contents: Option<Contents>,
    /// Tries left, as the card told last.
    tries: Option<u8>,
    /// Its directory calls the PIN as its dialect does.
    pin_is_where_it_should_be: bool,
}

impl Driver {
    pub(super) fn new(watch: Watch) -> Self {
        Self { watch, live: None }
    }

    /// One by itself. `overdue` is called once, on a thread of its own, when a call to the card takes longer than
    /// `patience`; that call never comes back then.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn open(patience: Duration, overdue: impl FnOnce(Fault) + Send + 'static) -> io::Result<Self> {
        Watch::start(patience, overdue).map(Self::new)
    }

    /// Gives the PIN of the card with this certificate another, and resets the card. `old` goes out once at most.
    ///
    /// # Errors
    /// [`NotReplaced`]; the PIN is the old one then, unless it is [`Fault::ChangeUnknown`].
    pub fn change_pin(
        &mut self,
        reader: &ReaderName,
        certificate: Fingerprint,
        old: Pin,
        new: Pin,
    ) -> Result<(), NotReplaced> {
        self.replace(reader, certificate, &old, &new, Live::change_pin)
    }

    /// Opens the locked PIN of the card with this certificate with the PUK, gives it another, and resets the card. `puk`
    /// goes out once at most.
    ///
    /// # Errors
    /// [`NotReplaced`]; nothing has changed then but the PUK's tries, unless it is [`Fault::ChangeUnknown`].
    pub fn unblock(
        &mut self,
        reader: &ReaderName,
        certificate: Fingerprint,
        puk: Pin,
        new: Pin,
    ) -> Result<(), NotReplaced> {
        self.replace(reader, certificate, &puk, &new, Live::unblock)
    }

    /// Lets go of the card.
    pub fn close(&mut self) {
        if let Some(live) = self.live.take() {
            // Dropping disconnects, which resets the card.
            self.watch.call(|| drop(live));
        }
    }

    /// Reads the certificates of the card in a reader. Where PC/SC sees a card after all, it is tried once
    /// more: it may have been put in that moment, or the service may have been started again.
    pub(super) fn read(&mut self, reader: &ReaderName) -> Result<Found, Fault> {
        let first = self.read_once(reader);
        let stale = matches!(first, Err(Fault::NoCard | Fault::CardPulled | Fault::ModuleFailed));
        if !stale || self.watch.call(|| look(reader)) != Seen::Card {
            return first;
        }
        self.close();
        self.read_once(reader)
    }

    fn read_once(&mut self, reader: &ReaderName) -> Result<Found, Fault> {
        let watch = self.watch.clone();
        let live = self.ready(reader)?;
        live.contents = None;
        let told = Told::Count(live.tries);
        let contents = live.contents().map_err(|trouble| trouble.fault(reader, &watch))?;
        let mut sieve = Sieve::default();
        for OnCard { der, key } in &contents.certificates {
            sieve.take(der.clone(), key.is_some());
        }
        sieve.found(told)
    }

    /// Looks whether the certificate is on the card in the reader, and at its PIN.
    pub(super) fn check(&mut self, reader: &ReaderName, certificate: Fingerprint) -> Result<Told, Fault> {
        let watch = self.watch.clone();
        let live = self.ready(reader)?;
        live.check(certificate).map_err(|trouble| trouble.fault(reader, &watch))
    }

    /// Verifies the PIN, signs each draft, resets the card; nobody else reaches it meanwhile. `unwanted` ends
    /// it between two steps.
    pub(super) fn sign(
        &mut self,
        reader: &ReaderName,
        certificate: Fingerprint,
        drafts: Vec<Draft>,
        entry: Entry,
        unwanted: &AtomicBool,
    ) -> Result<Vec<Vec<u8>>, Refusal> {
        let watch = self.watch.clone();
        let live = self.ready(reader)?;
        // On another card, or one that was reset, nothing has been looked at yet.
        live.check(certificate).map_err(|trouble| trouble.fault(reader, &watch))?;
        let signed = live.sign(certificate, drafts, entry, unwanted);
        let goes_on = live.channel.goes_on();
        let result = signed.map_err(|end| match end {
            End::Refused(refusal) => refusal,
            End::Trouble(trouble) => trouble.fault(reader, &watch).into(),
            End::Unheard(trouble) => Refusal::Unheard(trouble.fault(reader, &watch)),
            End::PadFailed(trouble) => {
                let fault = trouble.fault(reader, &watch);
                // Where the card is there and well, it is the reader that does not say.
                if fault == Fault::ModuleFailed { Refusal::PadFailed(fault) } else { fault.into() }
            }
        });
        if !goes_on {
            self.close();
        }
        result
    }

    /// The card in a reader, connected to. Whoever was connected to before and is not there any more, or was
    /// reset by another program, is forgotten with all that was known of it.
    fn ready(&mut self, reader: &ReaderName) -> Result<&mut Live, Fault> {
        let kept = self.live.take_if(|live| live.channel.reader() == reader && live.channel.holds());
        let live = match kept {
            Some(live) => live,
            None => {
                self.close();
                let opened = Channel::open(reader, &self.watch);
                let channel = opened.map_err(|trouble| not_there(trouble, reader, &self.watch))?;
                log::info!(DIALECT = channel.dialect().name; "card");
                Live { channel, contents: None, tries: None, pin_is_where_it_should_be: false }
            }
        };
        Ok(self.live.insert(live))
    }
}

/// Why signing ended.
enum End {
    Refused(Refusal),
    Trouble(Trouble),
    /// A PIN went to the card, and what it says of it was not heard.
    Unheard(Trouble),
    /// While the reader asked for the PIN, and nobody knows whether the card was.
    PadFailed(Trouble),
}

impl From<Trouble> for End {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault.into())
    }
}

impl Live {
    /// What is on the card; read once.
    fn contents(&mut self) -> Result<&Contents, Trouble> {
        let contents = match self.contents.take() {
            Some(contents) => contents,
            None => {
                let card = self.channel.alone(Disposition::LeaveCard)?;
                Contents::read(Reading::of(&card))?
            }
        };
        Ok(self.contents.insert(contents))
    }

    /// Whether the certificate is there, guarded by the PIN the dialect knows; the tries left.
    fn check(&mut self, certificate: Fingerprint) -> Result<Told, Trouble> {
        self.contents()?;
        let contents = self.contents.as_ref().ok_or(Fault::OtherCard)?;
        let key = find(contents, certificate)?;
        let card = self.channel.alone(Disposition::LeaveCard)?;
        if !self.pin_is_where_it_should_be {
            contents.require_pin_reference(Reading::of(&card), Some(key))?;
            self.pin_is_where_it_should_be = true;
        }
        Ok(Told::Count(sign::tries_left(&card)?.or(self.tries)))
    }

    fn sign(
        &mut self,
        certificate: Fingerprint,
        drafts: Vec<Draft>,
        entry: Entry,
        unwanted: &AtomicBool,
    ) -> Result<Vec<Vec<u8>>, End> {
        let wanted = || if unwanted.load(Ordering::SeqCst) { Err(Fault::Abandoned) } else { Ok(()) };
        let contents = self.contents.as_ref().ok_or(Fault::OtherCard)?;
        let key = find(contents, certificate)?;
        if matches!(entry, Entry::AtReader) && !sign::is_one_pin(self.channel.dialect(), drafts.len()) {
            // One PIN was asked for, not one for each text.
            return Err(End::Refused(Refusal::Unentered(Unentered::NotHere)));
        }
        // Reset at the end, whatever happens: the card then knows no PIN any more.
        let card = self.channel.alone(Disposition::ResetCard)?;
        contents.enter(Reading::of(&card))?;
        let mut entry = Some(entry);
        let mut envelopes = Vec::with_capacity(drafts.len());
        for draft in drafts {
            wanted()?;
            // At most once per text; a dialect that wants it once gets it with the first.
            if let Some(entry) = &entry {
                let said = match entry {
                    Entry::Typed(pin) => sign::verify(&card, pin).map_err(End::Unheard),
                    Entry::AtReader => sign::verify_at_reader(&card),
                };
                if let Err(End::Unheard(_) | End::PadFailed(_)) = said {
                    self.tries = may_have_spent(self.tries);
                }
                match said? {
                    Verified::Right => self.tries = None,
                    Verified::Wrong(left) => {
                        self.tries = left;
                        let told = Told::Count(left);
                        return Err(End::Refused(Refusal::WrongPin { spent: true, told }));
                    }
                    Verified::Unfit => {
                        let told = Told::Count(self.tries);
                        return Err(End::Refused(Refusal::WrongPin { spent: false, told }));
                    }
                }
                sign::choose(&card, key)?;
            }
            match card.dialect().verify {
                Verify::Once => drop(entry.take()),
                Verify::EachSignature => {}
            }
            wanted()?;
            let value = sign::sign(&card, &draft)?;
            envelopes.push(draft.enclose(&value).map_err(|error| {
                log::error!(CAUSE = error.to_string(); "a signature failed its check");
                Fault::SelfCheckFailed
            })?);
        }
        Ok(envelopes)
    }
}

/// The tries after one of which nobody knows whether the card weighed a PIN. That it is locked is the card's word alone.
fn may_have_spent(tries: Option<u8>) -> Option<u8> {
    tries.map(|left| left.saturating_sub(1).max(1))
}

/// The key of a certificate that is on the card.
fn find(contents: &Contents, certificate: Fingerprint) -> Result<&Key, Fault> {
    let mut found = contents.certificates.iter();
    let found = found.find(|found| Sha256::digest(&found.der).as_slice() == certificate.0);
    found.ok_or(Fault::OtherCard)?.key.as_ref().ok_or(Fault::NoCertificate)
}
