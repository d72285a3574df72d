//! What a certificate says about its holder and whether a renewal can be signed with it.
//!
//! Pure: the time is an argument. It does not judge chains or revocation, which is the authority's part.
//!
//! The profile is Kamu SM's for qualified certificates (ETSI EN 319 412-5 statements with the national
//! ones); it stands in the constants below and nowhere else.

#[cfg(test)]
mod tests;

use std::fmt;

use const_oid::ObjectIdentifier;
use der::{Any, Decode, Sequence, Tag, Tagged};
use sha2::{Digest, Sha256};
use x509_cert::{
    ext::pkix::{BasicConstraints, CertificatePolicies, KeyUsage},
    name::RdnSequence,
};

use crate::{
    link::{signer::Fingerprint, text},
    redact::Personal,
};

/// Kamu SM's certificate policy for qualified certificates.
const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.792.1.2.1.1.5.7.1.1");
/// qcStatements (RFC 3739, 3.2.6).
const QC_STATEMENTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.3");
/// id-qcs-pkixQCSyntax-v1 (RFC 3739, 3.2.6.1): its semantics identifier may be [`ETSI_QUALIFIED`].
const PKIX_SYNTAX_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.11.1");
/// esi4-qcStatement-1: an EU-style qualified certificate (ETSI EN 319 412-5, 4.2.1).
const ETSI_QUALIFIED: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.1862.1.1");
/// National statements (law 5070) of a person's qualified certificate.
const PERSON: [ObjectIdentifier; 2] = [
    ObjectIdentifier::new_unwrap("2.16.792.1.61.0.1.5070.1.1"),
    ObjectIdentifier::new_unwrap("2.16.792.1.61.0.1.5070.2.1"),
];
/// National statements of an electronic seal.
const SEAL: [ObjectIdentifier; 2] = [
    ObjectIdentifier::new_unwrap("2.16.792.1.61.0.1.5070.1.3"),
    ObjectIdentifier::new_unwrap("2.16.792.1.61.0.1.5070.2.2"),
];
const SECONDS_A_DAY: i64 = 86_400;

/// A certificate as read from a card.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    holder: Personal,
    national_id: Option<Personal>,
    not_before: i64,
    not_after: i64,
    kind: Kind,
}

/// Why a renewal cannot be signed with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Not a person's qualified certificate.
    #[error("not a person's qualified certificate")]
    NotQualified,
    /// An electronic seal.
    #[error("an electronic seal")]
    Seal,
    /// Its last second is over.
    #[error("expired")]
    Expired,
    /// Its first second has not come.
    #[error("not valid yet")]
    NotYetValid,
    /// More days are left than the rule allows.
    #[error("too early to renew")]
    TooEarly {
        /// Unix seconds from which on renewal is possible.
        possible_from: i64,
    },
}

/// Why bytes are no certificate this kiosk can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not DER, or not an X.509 certificate (RFC 5280, 4.1).
    #[error("not an X.509 certificate")]
    NotX509,
    /// An extension that decides over its use does not parse.
    #[error("the {0} extension is malformed")]
    Extension(&'static str),
    /// The subject has no common name that can be read.
    #[error("the subject has no readable common name")]
    NoName,
}

/// What the extensions make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Person,
    Seal,
    Authority,
    Other,
}

impl Certificate {
    /// Reads a certificate from its DER.
    ///
    /// # Errors
    /// [`CertificateError`] when it is none or one that cannot be judged.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        let parsed = x509_cert::Certificate::from_der(der).map_err(|_| CertificateError::NotX509)?;
        let tbs = &parsed.tbs_certificate;
        let seconds = |time: x509_cert::time::Time| {
            i64::try_from(time.to_unix_duration().as_secs()).map_err(|_| CertificateError::NotX509)
        };
        Ok(Self {
            holder: attribute(&tbs.subject, const_oid::db::rfc4519::CN).ok_or(CertificateError::NoName)?,
            national_id: attribute(&tbs.subject, const_oid::db::rfc4519::SERIAL_NUMBER),
            not_before: seconds(tbs.validity.not_before)?,
            not_after: seconds(tbs.validity.not_after)?,
            kind: kind(tbs)?,
            der: der.to_vec(),
        })
    }

    /// The bytes it was read from.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The holder's full name (subject CN).
    #[must_use]
    pub fn holder(&self) -> &Personal {
        &self.holder
    }

    /// All words of the name but the last; empty where there is only one.
    #[must_use]
    pub fn given_names(&self) -> Personal {
        let words: Vec<&str> = self.holder.expose().split_whitespace().collect();
        Personal::new(words.split_last().map_or_else(String::new, |(_, given)| given.join(" ")))
    }

    /// The last word of the name.
    #[must_use]
    pub fn surname(&self) -> Personal {
        Personal::from(self.holder.expose().split_whitespace().next_back().unwrap_or_default())
    }

    /// The national identity number (subject serialNumber), as it is written there.
    #[must_use]
    pub fn national_id(&self) -> Option<&Personal> {
        self.national_id.as_ref()
    }

    /// First second of validity, Unix seconds.
    #[must_use]
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// Last second of validity, Unix seconds (RFC 5280, 4.1.2.5: inclusive).
    #[must_use]
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// SHA-256 of the DER.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Sha256::digest(&self.der).into())
    }

    /// Whether it belongs to a certification authority and not to somebody who signs.
    #[must_use]
    pub fn is_authority(&self) -> bool {
        self.kind == Kind::Authority
    }

    /// Whether a renewal can be signed with it at `now_unix`, given a rule that allows renewal in the last
    /// `window_days` of its validity (`None`: at any time).
    ///
    /// # Errors
    /// The first reason why not: what it is comes before when it is valid.
    pub fn judge(&self, now_unix: i64, window_days: Option<u32>) -> Result<(), Unfit> {
        match self.kind {
            Kind::Person => {}
            Kind::Seal => return Err(Unfit::Seal),
            Kind::Authority | Kind::Other => return Err(Unfit::NotQualified),
        }
        if now_unix > self.not_after {
            return Err(Unfit::Expired);
        }
        if now_unix < self.not_before {
            return Err(Unfit::NotYetValid);
        }
        if let Some(days) = window_days {
            let possible_from = self.not_after.saturating_sub(i64::from(days) * SECONDS_A_DAY);
            if now_unix < possible_from {
                return Err(Unfit::TooEarly { possible_from });
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({:?}, {} bytes)", self.kind, self.der.len())
    }
}

/// A statement of the qcStatements extension (RFC 3739, 3.2.6).
#[derive(Sequence)]
struct QcStatement {
    id: ObjectIdentifier,
    info: Option<Any>,
}

fn kind(tbs: &x509_cert::TbsCertificate) -> Result<Kind, CertificateError> {
    let basic = tbs.get::<BasicConstraints>().map_err(|_| CertificateError::Extension("basicConstraints"))?;
    if basic.is_some_and(|(_, constraints)| constraints.ca) {
        return Ok(Kind::Authority);
    }
    let usage = tbs.get::<KeyUsage>().map_err(|_| CertificateError::Extension("keyUsage"))?;
    let policies =
        tbs.get::<CertificatePolicies>().map_err(|_| CertificateError::Extension("certificatePolicies"))?;
    let statements = statements(tbs).ok_or(CertificateError::Extension("qcStatements"))?;
    if SEAL.iter().any(|oid| statements.contains(oid)) {
        return Ok(Kind::Seal);
    }
    let person = usage.is_some_and(|(_, usage)| usage.non_repudiation())
        && policies.is_some_and(|(_, policies)| policies.0.iter().any(|p| p.policy_identifier == POLICY))
        && statements.contains(&ETSI_QUALIFIED)
        && PERSON.iter().any(|oid| statements.contains(oid));
    Ok(if person { Kind::Person } else { Kind::Other })
}

/// Every statement's identifier, and the semantics identifier inside id-qcs-pkixQCSyntax-v1.
fn statements(tbs: &x509_cert::TbsCertificate) -> Option<Vec<ObjectIdentifier>> {
    let mut extensions =
        tbs.extensions.iter().flatten().filter(|extension| extension.extn_id == QC_STATEMENTS);
    let Some(extension) = extensions.next() else { return Some(Vec::new()) };
    if extensions.next().is_some() {
        return None;
    }
    let mut found = Vec::new();
    for statement in Vec::<QcStatement>::from_der(extension.extn_value.as_bytes()).ok()? {
        found.push(statement.id);
        if statement.id == PKIX_SYNTAX_1 {
            let Some(info) = statement.info else { continue };
            // SemanticsInformation: an optional OID first, then optional authorities.
            let parts = info.decode_as::<Vec<Any>>().ok()?;
            found.extend(parts.first().and_then(|part| part.decode_as::<ObjectIdentifier>().ok()));
        }
    }
    Some(found)
}

/// The first value of an attribute of a name, trimmed; `None` when absent, not decodable, or not to be seen as it is.
fn attribute(name: &RdnSequence, oid: ObjectIdentifier) -> Option<Personal> {
    let attribute = name.0.iter().flat_map(|rdn| rdn.0.iter()).find(|attribute| attribute.oid == oid)?;
    let text = directory_string(&attribute.value)?;
    let text = text.trim();
    // It stands on the screen, and nobody is to be shown another name than the certificate holds.
    let shown = text::strict(text.as_bytes()).is_ok() && !text.chars().any(char::is_control);
    shown.then(|| Personal::from(text))
}

/// A DirectoryString (RFC 5280, 4.1.2.4); TeletexString is read as Latin-1, as everybody does.
fn directory_string(value: &Any) -> Option<String> {
    let (tag, bytes) = (value.tag(), value.value());
    if tag == Tag::TeletexString {
        Some(bytes.iter().map(|byte| char::from(*byte)).collect())
    } else if tag == Tag::BmpString {
        let (pairs, []) = bytes.as_chunks::<2>() else { return None };
        String::from_utf16(&pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect::<Vec<_>>()).ok()
    } else if [Tag::Utf8String, Tag::PrintableString, Tag::Ia5String].contains(&tag) {
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    } else {
        None
    }
}
