//! The portal's judgement of a signer's certificate: chained to a known authority, in force, made for
//! signatures, and a person's qualified one.
//!
//! Written from the standards, beside and not on top of the kiosk's own judgement: each may find the other's
//! mistakes.

use const_oid::{ObjectIdentifier, db::rfc5912};
use der::{
    Any, Decode, Encode, Sequence,
    asn1::{BitString, PrintableStringRef, Utf8StringRef},
};
use p384::ecdsa::{DerSignature, signature::hazmat::PrehashVerifier};
use rsa::{Pkcs1v15Sign, RsaPublicKey, pkcs8::DecodePublicKey};
use sha2::{Digest, Sha256, Sha384};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::{
    Certificate,
    ext::pkix::{BasicConstraints, KeyUsage},
};

const QC_STATEMENTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.3");
/// id-qcs-pkixQCSyntax-v1 and -v2 (RFC 3739, 3.2.6.1): the identifier of the semantics may stand inside.
const QC_SYNTAX: [ObjectIdentifier; 2] =
    [ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.11.1"), ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.11.2")];
/// QcCompliance (ETSI EN 319 412-5).
const QC_COMPLIANCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.1862.1.1");
/// The national authority's marks of a person's certificate, and of a seal.
const PERSON: [ObjectIdentifier; 2] = [
    ObjectIdentifier::new_unwrap("2.16.792.1.61.0.1.5070.1.1"),
    ObjectIdentifier::new_unwrap("2.16.792.1.61.0.1.5070.2.1"),
];
const SEAL: [ObjectIdentifier; 2] = [
    ObjectIdentifier::new_unwrap("2.16.792.1.61.0.1.5070.1.3"),
    ObjectIdentifier::new_unwrap("2.16.792.1.61.0.1.5070.2.2"),
];

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    #[error("not issued by an authority that is known")]
    Issuer,
    #[error("not in force")]
    Time,
    #[error("not made for signatures that bind")]
    KeyUsage,
    #[error("not qualified")]
    NotQualified,
    #[error("a seal, not a person's")]
    Seal,
}

/// The authorities whose certificates the portal accepts.
pub(super) struct Authorities(Vec<Certificate>);

impl Authorities {
    /// Reads them; DER or PEM each.
    pub(super) fn read(files: &[Vec<u8>]) -> anyhow::Result<Self> {
        let mut authorities = Vec::new();
        for file in files {
            if file.starts_with(b"-----BEGIN") {
                authorities.extend(Certificate::load_pem_chain(file)?);
            } else {
                authorities.push(Certificate::from_der(file)?);
            }
        }
        anyhow::ensure!(!authorities.is_empty(), "no authority was given whose certificates are accepted");
        Ok(Self(authorities))
    }

    /// Whether a person may sign an application with this certificate at this time (Unix seconds).
    pub(super) fn judge(&self, certificate: &Certificate, now: u64) -> Result<(), Unfit> {
        let issued = self.0.iter().any(|authority| {
            authority.tbs_certificate.subject == certificate.tbs_certificate.issuer
                && is_authority(authority)
                && in_force(authority, now)
                && signed_by(certificate, authority)
        });
        if !issued {
            return Err(Unfit::Issuer);
        }
        if !in_force(certificate, now) {
            return Err(Unfit::Time);
        }
        match certificate.tbs_certificate.get::<KeyUsage>() {
            Ok(Some((true, usage))) if usage.non_repudiation() => {}
            _ => return Err(Unfit::KeyUsage),
        }
        let statements = statements(certificate).ok_or(Unfit::NotQualified)?;
        if SEAL.iter().any(|seal| statements.contains(seal)) {
            return Err(Unfit::Seal);
        }
        let qualified =
            statements.contains(&QC_COMPLIANCE) && PERSON.iter().any(|person| statements.contains(person));
        if qualified { Ok(()) } else { Err(Unfit::NotQualified) }
    }
}

/// The national identity number: serialNumber of the subject.
pub(super) fn national_id(certificate: &Certificate) -> Option<String> {
    let mut found = None;
    for attribute in certificate.tbs_certificate.subject.0.iter().flat_map(|part| part.0.iter()) {
        if attribute.oid != const_oid::db::rfc4519::SERIAL_NUMBER {
            continue;
        }
        let value = attribute
            .value
            .decode_as::<PrintableStringRef<'_>>()
            .map(|text| text.to_string())
            .or_else(|_| attribute.value.decode_as::<Utf8StringRef<'_>>().map(|text| text.to_string()))
            .ok()?;
        // Two of them would leave open whose certificate it is.
        if found.replace(value).is_some() {
            return None;
        }
    }
    found
}

/// Whether `value` is the signature of the key in `info` over `message`, by the algorithm named.
pub(super) fn verifies(
    info: &SubjectPublicKeyInfoOwned,
    algorithm: &AlgorithmIdentifierOwned,
    message: &[u8],
    value: &[u8],
) -> bool {
    let Ok(info) = info.to_der() else { return false };
    match algorithm.oid {
        rfc5912::SHA_256_WITH_RSA_ENCRYPTION | rfc5912::RSA_ENCRYPTION => {
            RsaPublicKey::from_public_key_der(&info).is_ok_and(|key| {
                key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), value).is_ok()
            })
        }
        rfc5912::ECDSA_WITH_SHA_256 => p384_verifies(&info, &Sha256::digest(message), value),
        rfc5912::ECDSA_WITH_SHA_384 => p384_verifies(&info, &Sha384::digest(message), value),
        _ => false,
    }
}

fn p384_verifies(info: &[u8], digest: &[u8], value: &[u8]) -> bool {
    let Ok(key) = p384::ecdsa::VerifyingKey::from_public_key_der(info) else { return false };
    DerSignature::from_bytes(value).is_ok_and(|value| key.verify_prehash(digest, &value).is_ok())
}

fn signed_by(certificate: &Certificate, authority: &Certificate) -> bool {
    let (Ok(said), Some(value)) = (certificate.tbs_certificate.to_der(), bytes(&certificate.signature))
    else {
        return false;
    };
    // The algorithm inside what is signed must be the one outside (RFC 5280, 4.1.1.2).
    certificate.signature_algorithm == certificate.tbs_certificate.signature
        && verifies(
            &authority.tbs_certificate.subject_public_key_info,
            &certificate.signature_algorithm,
            &said,
            value,
        )
}

fn bytes(bits: &BitString) -> Option<&[u8]> {
    bits.as_bytes()
}

fn is_authority(certificate: &Certificate) -> bool {
    matches!(certificate.tbs_certificate.get::<BasicConstraints>(), Ok(Some((_, constraints))) if constraints.ca)
}

fn in_force(certificate: &Certificate, now: u64) -> bool {
    let validity = &certificate.tbs_certificate.validity;
    (validity.not_before.to_unix_duration().as_secs()..=validity.not_after.to_unix_duration().as_secs())
        .contains(&now)
}

/// A statement of the qcStatements extension (RFC 3739, 3.2.6).
#[derive(Sequence)]
struct Statement {
    id: ObjectIdentifier,
    info: Option<Any>,
}

/// SemanticsInformation (RFC 3739, 3.2.6.1); what follows the identifier does not matter here.
fn semantics(info: &Any) -> Option<ObjectIdentifier> {
    info.decode_as::<Vec<Any>>().ok()?.first()?.decode_as().ok()
}

/// All identifiers the qcStatements extension states. `None`: there is no extension that can be read.
fn statements(certificate: &Certificate) -> Option<Vec<ObjectIdentifier>> {
    let extensions = certificate.tbs_certificate.extensions.as_ref()?;
    let extension = extensions.iter().find(|extension| extension.extn_id == QC_STATEMENTS)?;
    let statements = Vec::<Statement>::from_der(extension.extn_value.as_bytes()).ok()?;
    let mut ids = Vec::new();
    for statement in &statements {
        ids.push(statement.id);
        if QC_SYNTAX.contains(&statement.id) {
            ids.extend(statement.info.as_ref().and_then(semantics));
        }
    }
    Some(ids)
}
