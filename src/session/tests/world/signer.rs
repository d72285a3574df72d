//! The signer's side of the world: what it answers to a request.

use super::{
    super::cards::{self, StaffCard},
    World,
};
use crate::{
    link::{
        challenge::OwnText,
        signer::{Fault as SignerFault, Reply, Request, RequestId, TriesLeft},
    },
    portal::SigningText,
    signature::ContentType,
};

impl World {
    pub(super) fn signer_reply(&mut self, request: &Request) -> Option<Result<Reply, SignerFault>> {
        Some(match request {
            Request::ReadCard { .. } => match self.test_card() {
                Some(card) => Ok(Reply::Card { certificates: card.certificates.clone(), tries: self.tries }),
                None => Err(SignerFault::NoCard),
            },
            Request::Prepare { texts, .. } => {
                self.own = None;
                self.requests += 1;
                let request = RequestId([self.requests; 16]);
                self.prepared = Some((request, texts.len()));
                self.pin_sent = false;
                Ok(Reply::Prepared { request, tries: self.tries })
            }
            Request::PrepareOwn { text, signing_time, .. } => {
                self.requests += 1;
                let request = RequestId([self.requests; 16]);
                self.prepared = Some((request, 1));
                self.pin_sent = false;
                let challenge = match text {
                    OwnText::CardTest => "",
                    OwnText::Login { challenge } | OwnText::Assistance { challenge } => challenge.as_str(),
                };
                let helps = matches!(text, OwnText::Assistance { .. });
                let text = SigningText(format!("{text:?} {signing_time} {challenge}\n").into_bytes());
                self.own = helps.then(|| (text.0.clone(), *signing_time));
                Ok(Reply::PreparedOwn { request, tries: self.tries, text })
            }
            Request::PrepareChange { .. } => {
                self.requests += 1;
                self.unblocks = false;
                let request = RequestId([self.requests; 16]);
                // No text is signed.
                self.prepared = Some((request, 0));
                self.pin_sent = false;
                Ok(Reply::Prepared { request, tries: self.tries })
            }
            Request::PrepareUnblock { .. } => {
                self.requests += 1;
                let request = RequestId([self.requests; 16]);
                self.prepared = Some((request, 0));
                self.unblocks = true;
                self.pin_sent = false;
                Ok(Reply::Prepared { request, tries: TriesLeft::Locked })
            }
            Request::Collect(request) if self.given_up == Some(*request) => {
                self.given_up = None;
                Err(if self.card.is_none() { SignerFault::CardPulled } else { SignerFault::Abandoned })
            }
            Request::Collect(request) => {
                let (prepared, texts) = self.prepared.filter(|(prepared, _)| prepared == request)?;
                if !self.pin_sent {
                    return None;
                }
                self.prepared = None;
                if self.card.is_none() {
                    Err(SignerFault::CardPulled)
                } else if self.wrong_pins > 0 && !(texts == 0 && self.unblocks) {
                    self.wrong_pins -= 1;
                    if let TriesLeft::Known(tries) = &mut self.tries {
                        *tries -= 1;
                    }
                    Err(SignerFault::WrongPin { tries: self.tries })
                } else if texts == 0 {
                    Ok(Reply::Done)
                } else if let Some((text, at)) = self.own.take() {
                    let sign =
                        |card: &StaffCard, text: &[u8], at| card.sign(ContentType::Assistance, text, at);
                    Ok(Reply::Signed(vec![self.forges.unwrap_or(sign)(&cards::STAFF, &text, at)]))
                } else {
                    Ok(Reply::Signed(vec![vec![prepared.0[0]]; texts]))
                }
            }
            Request::Abandon(_) | Request::CardOut | Request::EndVisit => {
                self.given_up = self.prepared.take().map(|(request, _)| request);
                Ok(Reply::Done)
            }
        })
    }
}
