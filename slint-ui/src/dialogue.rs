//! The screen's side of the signing dialogue: which texts were shown to their end, the last try that was
//! accepted here, and the PIN until it is on its way.
//!
//! The PIN is only ever a [`Pin`]; its digits are in no property and no string. What the signer makes of it is
//! told to `kioskd`, never here.

use std::{collections::HashSet, io, path::Path};

use eimza_kiosk::link::{
    keypad::Question,
    pin::{self, FEWEST_DIGITS, Pin, Verdict},
    signer::RequestId,
};

use crate::{
    keypad::Asked,
    pin_socket::signer,
    texts::{TextDigest, Texts},
};

/// Everything the screen vouches for in one visit.
#[derive(Default)]
pub struct Dialogue {
    /// The texts on the screen or about to be.
    texts: Option<Texts>,
    /// Digests of the texts whose end was on this screen.
    seen: HashSet<TextDigest>,
    /// The texts a finger on this screen said to have read: those that stood there then, and no others.
    agreed: Vec<TextDigest>,
    /// The request whose last try was accepted by a finger on this screen.
    last_try: Option<RequestId>,
    /// The request the PIN is typed for.
    request: Option<RequestId>,
    pin: Option<Pin>,
    /// The question at the signer, where the PIN is typed on its keys, and how many digits there are.
    elsewhere: Option<(Asked, u8)>,
}

/// A PIN on its way.
pub struct Parcel {
    request: RequestId,
    digests: Vec<TextDigest>,
    accept_last_try: bool,
    pin: Pin,
}

impl Dialogue {
    /// Takes the texts that are shown from now on.
    pub fn show(&mut self, texts: Texts) {
        self.texts = Some(texts);
    }

    /// The stretch with this index was on the screen; true when it ends a text.
    pub fn saw(&mut self, stretch: usize) -> bool {
        let Some(texts) = &self.texts else { return false };
        let end = texts.ends.iter().position(|end| *end == stretch);
        if let Some(text) = end {
            self.seen.insert(texts.digests[text]);
        }
        end.is_some()
    }

    /// Every text was shown to its end.
    #[must_use]
    pub fn read_to_end(&self) -> bool {
        self.texts.as_ref().is_some_and(|texts| texts.digests.iter().all(|it| self.seen.contains(it)))
    }

    /// The finger said that it read what stands here; true where all of it was shown to its end.
    pub fn agree(&mut self) -> bool {
        let read = self.read_to_end();
        if let (true, Some(texts)) = (read, &self.texts) {
            self.agreed.clone_from(&texts.digests);
        }
        read
    }

    /// The texts at hand are those the finger said to have read. A text that was only ever on the screen, be it
    /// for the blink of an eye, is not.
    #[must_use]
    pub fn agreed(&self) -> bool {
        self.read_to_end() && self.texts.as_ref().is_some_and(|texts| texts.digests == self.agreed)
    }

    /// The texts are the same as those at hand.
    #[must_use]
    pub fn shows(&self, texts: &Texts) -> bool {
        self.texts.as_ref().is_some_and(|it| it.digests == texts.digests)
    }

    /// The finger said yes to the last try of this request.
    pub fn accept_last_try(&mut self, request: RequestId) {
        self.last_try = Some(request);
    }

    /// Whether it did, for this request.
    #[must_use]
    pub fn has_accepted(&self, request: RequestId) -> bool {
        self.last_try == Some(request)
    }

    /// The PIN page stands for this request: an empty PIN, unless it stood there already.
    ///
    /// # Errors
    /// When no memory can be locked.
    pub fn await_pin(&mut self, request: RequestId) -> io::Result<()> {
        if self.request != Some(request) || self.pin.is_none() {
            self.request = Some(request);
            self.elsewhere = None;
            self.pin = None;
            self.pin = Some(Pin::new()?);
        }
        Ok(())
    }

    /// No PIN page stands any more.
    pub fn forget_pin(&mut self) {
        self.pin = None;
        self.elsewhere = None;
        self.request = None;
    }

    /// Another page than the PIN's own stands: the PIN and, unless it is the question itself, the yes are void.
    pub fn forget_last_try(&mut self) {
        self.last_try = None;
    }

    /// Adds a digit.
    pub fn digit(&mut self, digit: u8) {
        if let Some(pin) = &mut self.pin {
            pin.push(digit);
        }
    }

    /// Takes a digit back.
    pub fn delete(&mut self) {
        if let Some(pin) = &mut self.pin {
            pin.pop();
        }
    }

    /// How many digits there are.
    #[must_use]
    pub fn length(&self) -> usize {
        let elsewhere = self.elsewhere.as_ref().map(|(_, count)| usize::from(*count));
        elsewhere.unwrap_or_else(|| self.pin.as_ref().map_or(0, Pin::len))
    }

    /// What the screen vouches for while the PIN is typed on the signer's keys; none where it was asked already.
    #[must_use]
    pub fn question(&self) -> Option<Question> {
        let (Some(request), Some(texts)) = (self.request, &self.texts) else { return None };
        let accept_last_try = self.last_try == Some(request);
        let question = || Question { request, digests: texts.digests.clone(), accept_last_try };
        (self.agreed() && self.elsewhere.is_none()).then(question)
    }

    /// The question is at the signer.
    pub fn ask(&mut self, asked: Asked) {
        self.elsewhere = Some((asked, 0));
    }

    /// So many digits are there.
    pub fn count(&mut self, digits: u8) {
        if let Some((_, count)) = &mut self.elsewhere {
            *count = digits;
        }
    }

    /// The signer has answered: the question is over, and with it a yes to a last try.
    pub fn answered(&mut self) {
        self.elsewhere = None;
        self.last_try = None;
    }

    /// The signer has no keys: the PIN is typed here, and a yes still counts.
    pub fn type_here(&mut self) {
        self.elsewhere = None;
    }

    /// Takes the PIN to send it, once; the page starts anew with none.
    pub fn parcel(&mut self) -> Option<Parcel> {
        if self.elsewhere.is_some() || self.length() < FEWEST_DIGITS || !self.agreed() {
            return None;
        }
        let (Some(request), Some(texts)) = (self.request, &self.texts) else { return None };
        let accept_last_try = self.last_try.take() == Some(request);
        Some(Parcel { request, digests: texts.digests.clone(), accept_last_try, pin: self.pin.take()? })
    }
}

impl Parcel {
    /// For which request.
    #[must_use]
    pub fn request(&self) -> RequestId {
        self.request
    }

    /// Sends it to the signer that listens under this uid and waits for the verdict; the PIN is gone afterwards.
    ///
    /// # Errors
    /// The socket's error; nothing is known of the outcome then. Somebody else who listens there gets nothing.
    pub fn send(self, socket: &Path, signer_uid: Option<u32>) -> io::Result<Verdict> {
        let mut stream = signer(socket, signer_uid)?;
        pin::send(&mut stream, self.request, &self.digests, self.accept_last_try, &self.pin)
    }
}
