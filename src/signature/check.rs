//! Reads an envelope of the kiosk's own profile back and verifies it: structure, text, attributes, certificate, value.
//!
//! It trusts nothing of how the envelope was made. Chains, revocation and validity are not its business.

use cms::{cert::CertificateChoices, signed_data::SignedData};
use const_oid::db;
use der::{Decode, Encode};
use sha2::{Digest, Sha256};
use x509_cert::{Certificate, time::Time};

use super::{
    ContentType, SignatureError,
    envelope::{Envelope, require, value},
    profile::{Key, SIGNING_CERTIFICATE_V2, SigningCertificateV2, digest_identifier},
};

/// Verifies that `envelope` is a signature of this profile and for this purpose over exactly `text` by the
/// certificate's key.
///
/// # Errors
/// The first thing that is not right.
pub fn check(
    envelope: &[u8],
    content_type: ContentType,
    text: &[u8],
    certificate_der: &[u8],
) -> Result<(), SignatureError> {
    let certificate =
        Certificate::from_der(certificate_der).map_err(|_| SignatureError::Key("no certificate"))?;
    let envelope = Envelope::parse(envelope)?;
    let signed = &envelope.signed;
    require(signed.version == content_type.version(), "version")?;
    require(signed.digest_algorithms.as_slice() == [digest_identifier()], "digest algorithms")?;
    require(signed.crls.is_none(), "revocation lists")?;
    require(envelope.content() == text, "text")?;
    require(carries_exactly(signed, certificate_der), "certificate")?;
    let signer = envelope.signer_info()?;
    require(signer.unsigned_attrs.is_none(), "unsigned attributes")?;
    let algorithm = Key::of(&certificate)?.algorithm();
    require(signer.signature_algorithm == algorithm.identifier(), "signature algorithm")?;
    let attributes = envelope.attributes()?;
    require(attributes.len() == 4, "number of attributes")?;
    let _: Time = value(attributes, db::rfc5911::ID_SIGNING_TIME, "signing time")?;
    let certified: SigningCertificateV2 = value(attributes, SIGNING_CERTIFICATE_V2, "signing certificate")?;
    let hash = certified.certs.first().map(|id| id.cert_hash.as_bytes());
    require(hash == Some(Sha256::digest(certificate_der).as_slice()), "signing certificate")?;
    envelope.verify(&certificate, content_type)
}

fn carries_exactly(signed: &SignedData, certificate_der: &[u8]) -> bool {
    let Some([CertificateChoices::Certificate(only)]) = signed.certificates.as_ref().map(|c| c.0.as_slice())
    else {
        return false;
    };
    only.to_der().is_ok_and(|der| der == certificate_der)
}
