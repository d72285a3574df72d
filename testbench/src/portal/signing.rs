//! The signing service: texts for a verification code, signatures for the texts.
//!
//! The protocol is described in `docs/signing-protocol.md`. It knows nothing of pages; that a received
//! application shows on the signing page follows from the code being used.

use std::time::Instant;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::{
    Fault,
    cades::Flaw,
    event::What,
    state::{Application, Portal},
};

/// What a signer posts to `/texts`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AskTexts {
    code: String,
}

/// What it gets.
#[derive(Serialize)]
pub(super) struct Texts {
    texts: Vec<String>,
}

/// What a signer posts to `/signatures`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandIn {
    code: String,
    signatures: Vec<String>,
}

/// What it gets.
#[derive(Serialize)]
pub(super) struct Taken {
    taken: bool,
    /// The answer is to be lost on the way.
    #[serde(skip)]
    pub(super) lost: bool,
}

/// Why the service refuses; in words on the wire as in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// There is no such verification code.
    CodeUnknown,
    /// Its time is over.
    CodeExpired,
    /// It had its signatures.
    CodeUsed,
    /// Another person signed.
    WrongPerson,
    /// Another text was signed, or not in order, or too many or too few.
    WrongText,
    /// The certificate is not qualified, not in force, or of an unknown authority.
    Certificate,
    /// It does not verify, or is no CAdES-BES signature.
    Invalid,
    /// Of an unblocking: no SMS was asked for, its time is over, or it was mistyped too often.
    SmsExpired,
    /// Of an unblocking: not the code of the SMS.
    WrongSms,
}

impl From<Flaw> for Refusal {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Invalid(_) => Self::Invalid,
            Flaw::Text => Self::WrongText,
            Flaw::Person => Self::WrongPerson,
            Flaw::Certificate(_) => Self::Certificate,
        }
    }
}

impl Portal {
    /// The texts behind a code, as long as it lives and is unused.
    pub(super) fn hand_out(&mut self, asked: &AskTexts, now: Instant) -> Result<Texts, Refusal> {
        let unknown = self.strikes(Fault::CodeUnknown);
        let texts = if unknown {
            Err(Refusal::CodeUnknown)
        } else {
            self.alive(&asked.code, now)
                .map(|pending| pending.texts.iter().map(|t| STANDARD.encode(t)).collect())
        };
        let texts: Vec<String> = texts.map_err(|reason| self.refused(reason))?;
        self.journal.record(What::TextsHandedOut { count: texts.len() });
        Ok(Texts { texts })
    }

    /// Takes signatures, one per text in order; `wall` is Unix seconds, for the certificates.
    pub(super) fn hand_in(&mut self, handed: &HandIn, now: Instant, wall: u64) -> Result<Taken, Refusal> {
        let application = self.judge(handed, now, wall).map_err(|reason| self.refused(reason))?;
        if self.strikes(Fault::SignatureRefused) {
            return Err(self.refused(Refusal::Invalid));
        }
        self.journal.record(What::ApplicationReceived { signatures: application.signatures.len() });
        self.applications.push(application);
        if let Some(pending) = self.codes.get_mut(&handed.code) {
            pending.used = true;
        }
        Ok(Taken { taken: true, lost: self.strikes(Fault::DropAfterSubmit) })
    }

    fn judge(&mut self, handed: &HandIn, now: Instant, wall: u64) -> Result<Application, Refusal> {
        if self.faults.contains(&Fault::ExpiredCode) {
            return Err(Refusal::CodeExpired);
        }
        let pending = self.alive(&handed.code, now)?;
        if handed.signatures.len() != pending.texts.len() {
            return Err(Refusal::WrongText);
        }
        let mut signatures = Vec::with_capacity(handed.signatures.len());
        for (encoded, text) in handed.signatures.iter().zip(&pending.texts) {
            let der = STANDARD.decode(encoded).map_err(|_| Refusal::Invalid)?;
            self.judge.application(&der, text, &pending.national_id, wall)?;
            signatures.push(der);
        }
        Ok(Application {
            institution: pending.institution,
            national_id: pending.national_id.clone(),
            texts: pending.texts.clone(),
            signatures,
        })
    }

    fn alive(&self, code: &str, now: Instant) -> Result<&super::state::Pending, Refusal> {
        let pending = self.codes.get(code).ok_or(Refusal::CodeUnknown)?;
        match (pending.used, now >= pending.until) {
            (true, _) => Err(Refusal::CodeUsed),
            (false, true) => Err(Refusal::CodeExpired),
            (false, false) => Ok(pending),
        }
    }

    pub(super) fn refused(&mut self, reason: Refusal) -> Refusal {
        self.journal.record(What::SigningRefused { reason });
        reason
    }
}
