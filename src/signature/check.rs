//! Reads an envelope back and verifies it: structure, text, attributes, certificate, value.
//!
//! It trusts nothing of how the envelope was made. Chains, revocation and validity are not its business.

use cms::{
    cert::CertificateChoices,
    content_info::{CmsVersion, ContentInfo},
    signed_data::{SignedAttributes, SignedData, SignerIdentifier, SignerInfo},
};
use const_oid::{ObjectIdentifier, db};
use der::{Any, Decode, Encode, asn1::OctetString};
use sha2::{Digest, Sha256};
use x509_cert::{Certificate, time::Time};

use super::{
    SignatureError,
    profile::{Key, SIGNING_CERTIFICATE_V2, SigningCertificateV2, digest_identifier},
};

/// Verifies that `envelope` is a signature of this profile over exactly `text` by the certificate's key.
///
/// # Errors
/// The first thing that is not right.
pub fn check(envelope: &[u8], text: &[u8], certificate_der: &[u8]) -> Result<(), SignatureError> {
    let certificate =
        Certificate::from_der(certificate_der).map_err(|_| SignatureError::Key("no certificate"))?;
    let signed = signed_data(envelope)?;
    let content = &signed.encap_content_info;
    let enclosed = content.econtent.as_ref().ok_or(SignatureError::Malformed("no content"))?;
    let enclosed = enclosed
        .decode_as::<OctetString>()
        .map_err(|_| SignatureError::Malformed("content that is no octet string"))?;
    require(signed.version == CmsVersion::V1, "version")?;
    require(signed.digest_algorithms.as_slice() == [digest_identifier()], "digest algorithms")?;
    require(signed.crls.is_none(), "revocation lists")?;
    require(content.econtent_type == db::rfc5911::ID_DATA, "content type")?;
    require(enclosed.as_bytes() == text, "text")?;
    require(carries_exactly(&signed, certificate_der), "certificate")?;
    let [signer] = signed.signer_infos.0.as_slice() else {
        return Err(SignatureError::Malformed("not exactly one signer"));
    };
    check_signer(signer, text, &certificate, certificate_der)
}

fn signed_data(envelope: &[u8]) -> Result<SignedData, SignatureError> {
    let info = ContentInfo::from_der(envelope).map_err(|_| SignatureError::Malformed("not a ContentInfo"))?;
    require(info.content_type == db::rfc5911::ID_SIGNED_DATA, "signed data")?;
    info.content.decode_as().map_err(|_| SignatureError::Malformed("not a SignedData"))
}

fn carries_exactly(signed: &SignedData, certificate_der: &[u8]) -> bool {
    let Some([CertificateChoices::Certificate(only)]) = signed.certificates.as_ref().map(|c| c.0.as_slice())
    else {
        return false;
    };
    only.to_der().is_ok_and(|der| der == certificate_der)
}

fn check_signer(
    signer: &SignerInfo,
    text: &[u8],
    certificate: &Certificate,
    certificate_der: &[u8],
) -> Result<(), SignatureError> {
    let tbs = &certificate.tbs_certificate;
    let named = matches!(&signer.sid, SignerIdentifier::IssuerAndSerialNumber(name)
        if name.issuer == tbs.issuer && name.serial_number == tbs.serial_number);
    require(named && signer.version == CmsVersion::V1, "signer")?;
    require(signer.unsigned_attrs.is_none(), "unsigned attributes")?;
    let key = Key::of(certificate)?;
    require(signer.digest_alg == digest_identifier(), "digest algorithm")?;
    require(signer.signature_algorithm == key.algorithm().identifier(), "signature algorithm")?;
    let attributes = signer.signed_attrs.as_ref().ok_or(SignatureError::Malformed("no attributes"))?;
    require(attributes.len() == 4, "number of attributes")?;
    let content_type: ObjectIdentifier = value(attributes, db::rfc5911::ID_CONTENT_TYPE, "content type")?;
    require(content_type == db::rfc5911::ID_DATA, "content type")?;
    let digest: OctetString = value(attributes, db::rfc5911::ID_MESSAGE_DIGEST, "message digest")?;
    require(digest.as_bytes() == Sha256::digest(text).as_slice(), "message digest")?;
    let _: Time = value(attributes, db::rfc5911::ID_SIGNING_TIME, "signing time")?;
    let certified: SigningCertificateV2 = value(attributes, SIGNING_CERTIFICATE_V2, "signing certificate")?;
    let hash = certified.certs.first().map(|id| id.cert_hash.as_bytes());
    require(hash == Some(Sha256::digest(certificate_der).as_slice()), "signing certificate")?;
    let message = attributes.to_der().map_err(|_| SignatureError::Encoding)?;
    key.verify(&message, signer.signature.as_bytes())
}

/// The only value of the only attribute of this kind.
fn value<T>(
    attributes: &SignedAttributes,
    oid: ObjectIdentifier,
    name: &'static str,
) -> Result<T, SignatureError>
where
    T: for<'a> Decode<'a>,
{
    let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
    let (Some(attribute), None) = (found.next(), found.next()) else {
        return Err(SignatureError::Malformed(name));
    };
    let [value] = attribute.values.as_slice() else { return Err(SignatureError::Malformed(name)) };
    decoded(value).ok_or(SignatureError::Malformed(name))
}

fn decoded<T: for<'a> Decode<'a>>(value: &Any) -> Option<T> {
    T::from_der(&value.to_der().ok()?).ok()
}

fn require(fits: bool, part: &'static str) -> Result<(), SignatureError> {
    if fits { Ok(()) } else { Err(SignatureError::Mismatch(part)) }
}
