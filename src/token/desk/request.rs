//! One signing request: what it is about and how far it has come.
//!
//! Who may move it on is decided by the desk.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

use super::{SignJob, Ticket};
use crate::{
    card::ReaderName,
    link::{
        pin::{MOST_TEXTS, Verdict},
        signer::{Fault, Fingerprint, Reply, RequestId},
        text,
    },
    portal::SigningText,
    signature::{ContentType, Draft, SignatureError},
    token::{found::Entry, own_text},
};

/// A request from its announcement until its end is fetched.
pub(super) struct Pending {
    pub(super) id: RequestId,
    /// SHA-256 of each text, in order.
    pub(super) digests: Vec<[u8; 32]>,
    pub(super) reader: ReaderName,
    pub(super) certificate: Fingerprint,
    pub(super) drafts: Vec<Draft>,
    pub(super) dies_at: Instant,
    /// Set at its end: whatever the module still does for it stops at the next step.
    pub(super) unwanted: Arc<AtomicBool>,
    pub(super) stage: Stage,
    /// The call that waits for the end.
    pub(super) collector: Option<u64>,
}

/// How far a request has come.
pub(super) enum Stage {
    /// For a PIN.
    Waiting,
    /// The card is looked at once more before the PIN is spent.
    Checking { ticket: Ticket, entry: Entry, accept_last_try: bool },
    /// The reader asks for the PIN; the frame that wanted it waits for its verdict.
    AtReader(Ticket),
    /// The PIN is with the card.
    Signing,
    /// It can only be fetched now.
    Over(Result<Reply, Fault>),
}

impl Pending {
    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over(_))
    }

    /// It is for the card now. The verdict, unless the reader has to ask for the PIN first.
    pub(super) fn spend(&mut self, entry: Entry, ticket: Ticket) -> (SignJob, Option<Verdict>) {
        let (stage, drafts, verdict) = match entry {
            Entry::Typed(_) => (Stage::Signing, std::mem::take(&mut self.drafts), Some(Verdict::Accepted)),
            // Where the reader takes none, the request goes on.
            Entry::AtReader => (Stage::AtReader(ticket), self.drafts.clone(), None),
        };
        self.stage = stage;
        let (reader, certificate) = (self.reader.clone(), self.certificate);
        (SignJob { reader, certificate, drafts, entry, unwanted: self.unwanted.clone() }, verdict)
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
