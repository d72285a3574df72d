//! One request: what it is about, a signature or another PIN, and how far it has come.
//!
//! Who may move it on is decided by the desk.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

use super::{Job, ReplaceJob, SignJob, Ticket};
use crate::{
    card::ReaderName,
    link::{
        pin::{MOST_TEXTS, Pin, Verdict},
        signer::{Fault, Fingerprint, Reply, RequestId},
        text,
    },
    portal::SigningText,
    signature::{ContentType, Draft, SignatureError},
    token::{
        found::{Entry, Replacement},
        own_text,
    },
};

/// A request from its announcement until its end is fetched.
pub(super) struct Pending {
    pub(super) id: RequestId,
    pub(super) subject: Subject,
    pub(super) reader: ReaderName,
    pub(super) certificate: Fingerprint,
    pub(super) dies_at: Instant,
    /// Set at its end: whatever the module still does for it stops at the next step.
    pub(super) unwanted: Arc<AtomicBool>,
    pub(super) stage: Stage,
    /// The call that waits for the end.
    pub(super) collector: Option<u64>,
}

/// What a PIN may be spent on.
pub(super) enum Subject {
    /// A signature for each text; of which SHA-256, in order.
    Texts { digests: Vec<[u8; 32]>, drafts: Vec<Draft> },
    /// Another PIN, by whoever knows the one there is.
    Change,
    /// Another PIN for a locked one; the PUK until it is spent.
    Unblock { puk: Option<Pin> },
}

/// What came to the PIN socket.
pub(super) enum Secret {
    /// A PIN, or the word that it is to be typed.
    Entry(Entry),
    /// A new PIN, with the old one where that is known.
    NewPin { old: Option<Pin>, new: Pin },
}

/// How far a request has come.
pub(super) enum Stage {
    /// For a PIN.
    Waiting,
    /// The card is looked at once more before the PIN is spent.
    Checking { ticket: Ticket, secret: Secret, accept_last_try: bool },
    /// The reader asks for the PIN; the frame that wanted it waits for its verdict.
    AtReader(Ticket),
    /// The PIN is with the card.
    Signing,
    /// Both are, or the PUK and the new one.
    Replacing,
    /// It can only be fetched now.
    Over(Result<Reply, Fault>),
}

impl Pending {
    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over(_))
    }

    /// Whether nobody knows which PIN the card has before it has answered.
    pub(super) fn is_being_replaced(&self) -> bool {
        matches!(self.stage, Stage::Replacing)
    }

    /// It is for the card now. The verdict, unless the reader has to ask for the PIN first. `None` where the secret is not
    /// for this: the frame was looked at when it came.
    pub(super) fn spend(&mut self, secret: Secret, ticket: Ticket) -> Option<(Job, Option<Verdict>)> {
        let (reader, certificate) = (self.reader.clone(), self.certificate);
        let (stage, job, verdict) = match (&mut self.subject, secret) {
            (Subject::Texts { drafts, .. }, Secret::Entry(entry)) => {
                let (stage, drafts, verdict) = match entry {
                    Entry::Typed(_) => (Stage::Signing, std::mem::take(drafts), Some(Verdict::Accepted)),
                    // Where the reader takes none, the request goes on.
                    Entry::AtReader => (Stage::AtReader(ticket), drafts.clone(), None),
                };
                let unwanted = self.unwanted.clone();
                let job = Job::Sign(Box::new(SignJob { reader, certificate, drafts, entry, unwanted }));
                (stage, job, verdict)
            }
            (Subject::Texts { .. }, Secret::NewPin { .. }) => return None,
            (Subject::Change | Subject::Unblock { .. }, Secret::Entry(_)) => return None,
            (subject @ (Subject::Change | Subject::Unblock { .. }), Secret::NewPin { old, new }) => {
                let how = match (subject, old) {
                    (Subject::Unblock { puk }, None) => Replacement::Unblock { puk: puk.take()? },
                    (_, old) => Replacement::Change { old: old? },
                };
                let job = Job::Replace(Box::new(ReplaceJob { reader, certificate, how, new }));
                (Stage::Replacing, job, Some(Verdict::Accepted))
            }
        };
        self.stage = stage;
        Some((job, verdict))
    }
}

impl Subject {
    pub(super) fn is_unblock(&self) -> bool {
        matches!(self, Self::Unblock { .. })
    }

    /// Lets go of texts and PUK.
    pub(super) fn forget(&mut self) {
        match self {
            Self::Texts { drafts, .. } => drafts.clear(),
            Self::Change => {}
            Self::Unblock { puk } => drop(puk.take()),
        }
    }
}

/// Requires texts of an application that a screen can show as they are, none of them like one of the signer's own.
pub(super) fn require_application(texts: &[SigningText]) -> Result<(), Fault> {
    let fit = |bytes: &SigningText| text::strict(&bytes.0).is_ok_and(|text| !own_text::is_like_one(text));
    if (1..=MOST_TEXTS).contains(&texts.len()) && texts.iter().all(fit) {
        Ok(())
    } else {
        Err(Fault::BadText)
    }
}

/// What is to be signed, lacking only the card's values.
pub(super) fn drafts(
    content_type: ContentType,
    texts: &[SigningText],
    der: &[u8],
    signing_time: i64,
) -> Result<Vec<Draft>, Fault> {
    texts
        .iter()
        .map(|bytes| Draft::new(content_type, &bytes.0, der, signing_time))
        .collect::<Result<_, _>>()
        .map_err(no_draft)
}

fn no_draft(error: SignatureError) -> Fault {
    match error {
        SignatureError::Key(_) => Fault::NoCertificate,
        SignatureError::Time
        | SignatureError::Encoding
        | SignatureError::Malformed(_)
        | SignatureError::Mismatch(_)
        | SignatureError::Forged => Fault::BadText,
    }
}
