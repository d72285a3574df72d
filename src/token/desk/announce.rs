//! How a request begins: announced with texts of the portal's, with one of the signer's own, or for another PIN; then the
//! card is looked at.
//!
//! What a PIN may then be spent on is settled here; when it is spent is not.

use std::{sync::Arc, time::Instant};

use sha2::{Digest, Sha256};

use super::{
    Desk, Job, Why,
    request::{Pending, Stage, Subject, drafts, require_application},
};
use crate::{
    link::{
        challenge::OwnText,
        pin::{FEWEST_DIGITS, Pin},
        signer::{Fault, Fingerprint, Purpose, Reply, RequestId, TriesLeft},
    },
    portal::SigningText,
    redact::PortalSecret,
    signature::ContentType,
    token::{own_text, tries::Told},
};

/// What every request begins with.
pub(super) struct Announced {
    pub(super) id: RequestId,
    pub(super) dies_at: Instant,
    pub(super) certificate: Fingerprint,
}

impl Desk {
    /// Has the card looked at for a request that can be made, or says why there is none.
    pub(super) fn prepare(&mut self, number: u64, request: Result<(Pending, Option<SigningText>), Fault>) {
        match request {
            Ok((request, own)) => {
                let job = Job::Check(request.reader.clone(), request.certificate);
                self.run(job, Why::Prepare { number, request: Box::new(request), own });
            }
            Err(fault) => self.answer(number, Err(fault)),
        }
    }

    /// Texts that others give are signed as an application, and as nothing else.
    pub(super) fn application(
        &mut self,
        purpose: Purpose,
        texts: &[SigningText],
        signing_time: i64,
        announced: Announced,
    ) -> Result<Pending, Fault> {
        let Purpose::Application = purpose;
        self.forget_request();
        require_application(texts)?;
        self.pending(ContentType::Data, texts, signing_time, announced)
    }

    /// A text that is built here, and is signed as what it says it is.
    pub(super) fn own(
        &mut self,
        own: &OwnText,
        signing_time: i64,
        announced: Announced,
    ) -> Result<(Pending, SigningText), Fault> {
        self.forget_request();
        let (text, content_type) = own_text::build(own, signing_time)?;
        let request = self.pending(content_type, std::slice::from_ref(&text), signing_time, announced)?;
        Ok((request, text))
    }

    /// A PUK that cannot be one is not this card's, and is told as such before anybody types a PIN.
    pub(super) fn unblocking(&mut self, puk: &PortalSecret, announced: Announced) -> Result<Pending, Fault> {
        self.forget_request();
        let puk = Pin::of_digits(puk.expose().as_bytes()).ok().filter(|puk| puk.len() >= FEWEST_DIGITS);
        let puk = puk.ok_or(Fault::WrongPuk { tries: TriesLeft::Unknown })?;
        self.new_pin_for(Subject::Unblock { puk: Some(puk) }, announced)
    }

    /// Another PIN for the card at hand.
    pub(super) fn new_pin_for(&mut self, subject: Subject, announced: Announced) -> Result<Pending, Fault> {
        self.forget_request();
        self.of_card(announced.certificate)?;
        self.begin(subject, announced)
    }

    fn forget_request(&mut self) {
        self.end(Err(Fault::Abandoned));
        self.request = None;
    }

    fn pending(
        &self,
        content_type: ContentType,
        texts: &[SigningText],
        signing_time: i64,
        announced: Announced,
    ) -> Result<Pending, Fault> {
        let der = self.of_card(announced.certificate)?;
        let drafts = drafts(content_type, texts, der, signing_time)?;
        let digests = texts.iter().map(|bytes| Sha256::digest(&bytes.0).into()).collect();
        self.begin(Subject::Texts { digests, drafts }, announced)
    }

    /// The certificate, if it is on the card that was read last.
    fn of_card(&self, certificate: Fingerprint) -> Result<&[u8], Fault> {
        let card = self.card.as_ref().ok_or(Fault::NoCard)?;
        let found = card.certificates.iter().find(|(fingerprint, _)| *fingerprint == certificate);
        found.map(|(_, der)| der.as_slice()).ok_or(Fault::OtherCard)
    }

    fn begin(&self, subject: Subject, announced: Announced) -> Result<Pending, Fault> {
        let Announced { id, dies_at, certificate } = announced;
        Ok(Pending {
            id,
            subject,
            reader: self.card.as_ref().ok_or(Fault::NoCard)?.reader.clone(),
            certificate,
            dies_at,
            unwanted: Arc::default(),
            stage: Stage::Waiting,
            collector: None,
        })
    }

    /// The card was looked at; the request waits for its PIN now.
    pub(super) fn prepared(
        &mut self,
        number: u64,
        request: Pending,
        own: Option<SigningText>,
        result: Result<Told, Fault>,
    ) {
        let result = match result.map(|told| self.tries.left(told)) {
            Ok(_) if self.card.is_none() || self.leaving => Err(Fault::CardPulled),
            Ok(TriesLeft::Locked) if !request.subject.is_unblock() => Err(Fault::PinLocked),
            Ok(tries) => {
                let id = request.id;
                match &request.subject {
                    Subject::Texts { digests, .. } => {
                        log::info!(TEXTS = digests.len(); "request prepared");
                    }
                    Subject::Change | Subject::Unblock { .. } => log::info!("a new PIN is awaited"),
                }
                self.end(Err(Fault::Abandoned));
                self.request = Some(request);
                Ok(match own {
                    Some(text) => Reply::PreparedOwn { request: id, tries, text },
                    None => Reply::Prepared { request: id, tries },
                })
            }
            Err(fault) => Err(fault),
        };
        self.answer(number, result);
    }
}
