//! What `kioskd` asks of `kiosk-token`: requests and replies, one reply per request, matched by number.
//!
//! There is no request that carries a PIN of the person's and none that has raw bytes signed. What is signed to log in or to try a card
//! is not given here either: the signer builds it.

use serde::{Deserialize, Serialize};

use super::challenge::OwnText;
use crate::{card::ReaderName, portal::SigningText, redact::PortalSecret};

/// Names one signing request: 16 random bytes, used once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestId(pub [u8; 16]);

/// SHA-256 of a certificate's DER.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub [u8; 32]);

impl std::fmt::Debug for Fingerprint {
    // Whoever has the certificate knows by it whose it is.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fingerprint")
    }
}

/// A request with its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Chosen by the caller, unique on the connection.
    pub number: u64,
    /// What is asked.
    pub request: Request,
}

/// The answer to the call of the same number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Of the call.
    pub number: u64,
    /// What came of it.
    pub result: Result<Reply, Fault>,
}

/// What `kioskd` may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Read the certificates of the card in this reader, without a PIN. Answers [`Reply::Card`].
    ReadCard {
        /// Where the card is.
        reader: ReaderName,
        /// Its ATR, by which the backend is chosen.
        atr: Vec<u8>,
    },
    /// Announce what is to be signed. Answers [`Reply::Prepared`].
    Prepare {
        /// Why.
        purpose: Purpose,
        /// The texts in order, 1 to 4, each at most 256 KiB.
        texts: Vec<SigningText>,
        /// With which certificate of the card read last.
        certificate: Fingerprint,
        /// Unix seconds for `signingTime` (CMS, RFC 5652, 11.3).
        signing_time: i64,
        /// Milliseconds until the request is dead.
        life_ms: u64,
    },
    /// Announce a text that the signer builds itself. Answers [`Reply::PreparedOwn`].
    PrepareOwn {
        /// Which one.
        text: OwnText,
        /// With which certificate of the card read last.
        certificate: Fingerprint,
        /// Unix seconds for the text and for `signingTime`.
        signing_time: i64,
        /// Milliseconds until the request is dead.
        life_ms: u64,
    },
    /// Announce that whoever knows the card's PIN gives it another. Answers [`Reply::Prepared`].
    PrepareChange {
        /// A certificate of the card read last: no other card's PIN is changed.
        certificate: Fingerprint,
        /// Milliseconds until the request is dead.
        life_ms: u64,
    },
    /// Announce that a locked PIN is opened and given another. Answers [`Reply::Prepared`].
    PrepareUnblock {
        /// A certificate of the card read last: no other card's PIN is opened.
        certificate: Fingerprint,
        /// What the portal authorised it with.
        puk: PortalSecret,
        /// Milliseconds until the request is dead.
        life_ms: u64,
    },
    /// Wait until the PIN dialogue of a prepared request is over. Answers [`Reply::Signed`], [`Reply::Done`] where a PIN
    /// was given another, or a fault.
    Collect(RequestId),
    /// The request is not wanted any more. Answers [`Reply::Done`]; a pending `Collect` ends as `Abandoned`.
    Abandon(RequestId),
    /// The card left: log out, forget the card. Answers [`Reply::Done`].
    CardOut,
    /// The visit is over: log out, forget everything, start afresh. Answers [`Reply::Done`].
    EndVisit,
}

/// Why something is signed; bound into what the signer accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// An application for renewal: texts come from the portal's signing service.
    Application,
}

/// An answer that is no fault.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// The card's end-entity certificates with a usable private key.
    Card {
        /// DER of each.
        certificates: Vec<Vec<u8>>,
        /// Tries left, as far as anybody can say.
        tries: TriesLeft,
    },
    /// The request stands; the PIN goes to the PIN socket under this name.
    Prepared {
        /// The name.
        request: RequestId,
        /// Tries left, as far as anybody can say.
        tries: TriesLeft,
    },
    /// The same for a text of the signer's own.
    PreparedOwn {
        /// The name.
        request: RequestId,
        /// Tries left, as far as anybody can say.
        tries: TriesLeft,
        /// What is to be signed: the screen shows it to its end.
        text: SigningText,
    },
    /// Signed and self-verified: DER of one CAdES `ContentInfo` per text.
    Signed(Vec<Vec<u8>>),
    /// Nothing to say.
    Done,
}

impl std::fmt::Debug for Reply {
    // A certificate names its holder, and a signature holds one: counted, never printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Card { certificates, tries } => {
                write!(f, "Card({} certificates, {tries:?})", certificates.len())
            }
            Self::Prepared { request, tries } => write!(f, "Prepared({request:?}, {tries:?})"),
            Self::PreparedOwn { request, tries, .. } => write!(f, "PreparedOwn({request:?}, {tries:?})"),
            Self::Signed(signatures) => write!(f, "Signed({} signatures)", signatures.len()),
            Self::Done => f.write_str("Done"),
        }
    }
}

/// Tries left before the PIN locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TriesLeft {
    /// Neither the card nor its module tells.
    Unknown,
    /// This many; 1 is the last.
    Known(u8),
    /// None.
    Locked,
}

/// Why the signer could not do it. A fault of one kind is never told as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Fault {
    /// No card in that reader.
    #[error("no card in the reader")]
    NoCard,
    /// The card left while it was needed.
    #[error("the card was pulled")]
    CardPulled,
    /// The card does not answer.
    #[error("the card does not answer")]
    CardMute,
    /// No backend knows this card.
    #[error("no backend knows this card")]
    UnknownCard,
    /// The card holds no certificate with its key.
    #[error("no certificate with a key on the card")]
    NoCertificate,
    /// The certificate named is not on the card.
    #[error("that certificate is not on the card")]
    OtherCard,
    /// The PIN was wrong.
    #[error("wrong PIN")]
    WrongPin {
        /// Tries left now.
        tries: TriesLeft,
    },
    /// The PIN is locked.
    #[error("the PIN is locked")]
    PinLocked,
    /// The PUK was wrong, or cannot be this card's: the PIN is locked as before.
    #[error("wrong PUK")]
    WrongPuk {
        /// Tries left of the PUK.
        tries: TriesLeft,
    },
    /// The PUK is locked: no PIN opens any more.
    #[error("the PUK is locked")]
    PukLocked,
    /// The card refused a PIN by its form; the old one holds and no try was spent.
    #[error("the card takes no PIN of this form")]
    UnfitPin,
    /// Nobody knows whether the card took the new PIN: either that or the old one holds.
    #[error("the new PIN may hold, or the old one")]
    ChangeUnknown,
    /// The card, or the module it is reached by, cannot do this; nothing was spent.
    #[error("this card cannot do that here")]
    NotSupported,
    /// The request id is unknown, used, or dead.
    #[error("no such request")]
    NoSuchRequest,
    /// The card turned out to be on its last try when the PIN came, and nobody had said yes to that.
    #[error("a last try that was not accepted")]
    LastTry,
    /// The request's life is over.
    #[error("the request has expired")]
    Expired,
    /// The request was abandoned.
    #[error("the request was abandoned")]
    Abandoned,
    /// The screen showed other texts than these.
    #[error("the texts shown are not the texts to sign")]
    OtherTextShown,
    /// A text is not strict UTF-8, or over the limit, or begins as one of the signer's own, or there are none or too many.
    #[error("a text cannot be signed")]
    BadText,
    /// The card's module did not answer in time; the signer restarts.
    #[error("the card module hangs")]
    ModuleHung,
    /// The module cannot be loaded or fails.
    #[error("the card module fails")]
    ModuleFailed,
    /// The signature made by the card does not verify.
    #[error("the signature does not verify")]
    SelfCheckFailed,
    /// Another program holds the reader.
    #[error("the reader is in use")]
    ReaderBusy,
    /// The connection to the signer was lost; it is being restarted.
    #[error("the signer is restarting")]
    SignerLost,
}
