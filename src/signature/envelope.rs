//! Reads a CMS `SignedData` (RFC 5652, 5) with its content inside and one signer, and verifies the value.
//!
//! What else an envelope must or must not hold is said by whoever reads it for a purpose: [`super::check`] for what is
//! signed at the kiosk. Chains, purposes and validity are not its business; [`issued_by`] is one step of a chain.

use cms::{
    cert::CertificateChoices,
    content_info::{CmsVersion, ContentInfo},
    signed_data::{SignedAttributes, SignedData, SignerIdentifier, SignerInfo},
};
use const_oid::{ObjectIdentifier, db};
use der::{Any, Decode, Encode, asn1::OctetString};
use sha2::{Digest, Sha256};
use x509_cert::Certificate;

use super::{
    ContentType, SignatureError,
    profile::{Key, digest_identifier},
};

/// An envelope that was read and not yet verified.
pub struct Envelope {
    pub(super) signed: SignedData,
    content: OctetString,
}

impl Envelope {
    /// Reads an envelope: a `SignedData` that holds its content as octets and names exactly one signer.
    ///
    /// # Errors
    /// The first thing that is not there.
    pub fn parse(der: &[u8]) -> Result<Self, SignatureError> {
        let info = ContentInfo::from_der(der).map_err(|_| SignatureError::Malformed("not a ContentInfo"))?;
        require(info.content_type == db::rfc5911::ID_SIGNED_DATA, "signed data")?;
        let signed: SignedData =
            info.content.decode_as().map_err(|_| SignatureError::Malformed("not a SignedData"))?;
        let content = &signed.encap_content_info;
        let enclosed = content.econtent.as_ref().ok_or(SignatureError::Malformed("no content"))?;
        let content = enclosed
            .decode_as::<OctetString>()
            .map_err(|_| SignatureError::Malformed("content that is no octet string"))?;
        let envelope = Self { signed, content };
        envelope.signer_info()?;
        Ok(envelope)
    }

    /// What is enclosed; nobody vouches for it before [`Self::verify`].
    #[must_use]
    pub fn content(&self) -> &[u8] {
        self.content.as_bytes()
    }

    /// The carried certificate that the signer's name points at.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] when it is not carried.
    pub fn signer(&self) -> Result<&Certificate, SignatureError> {
        let signer = self.signer_info()?;
        let carried = self.signed.certificates.iter().flat_map(|set| set.0.iter());
        let mut certificates = carried.filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate),
            CertificateChoices::Other(_) => None,
        });
        certificates
            .find(|certificate| is_named(signer, certificate))
            .ok_or(SignatureError::Malformed("no certificate of the signer"))
    }

    /// Verifies the value over the attributes, and the attributes over the content and what it is for, with this
    /// certificate's key.
    ///
    /// # Errors
    /// The first thing that is not right.
    pub fn verify(&self, certificate: &Certificate, expected: ContentType) -> Result<(), SignatureError> {
        let signer = self.signer_info()?;
        require(is_named(signer, certificate) && signer.version == CmsVersion::V1, "signer")?;
        require(self.signed.encap_content_info.econtent_type == expected.oid(), "content type")?;
        require(signer.digest_alg == digest_identifier(), "digest algorithm")?;
        let key = Key::of(certificate)?;
        // A signer with RSA may be named by the key's algorithm alone (RFC 5754, 3.2).
        let by_key =
            matches!(key, Key::Rsa(_)) && signer.signature_algorithm.oid == db::rfc5912::RSA_ENCRYPTION;
        require(by_key || signer.signature_algorithm == key.algorithm().identifier(), "signature algorithm")?;
        let attributes = self.attributes()?;
        let content_type: ObjectIdentifier = value(attributes, db::rfc5911::ID_CONTENT_TYPE, "content type")?;
        require(content_type == expected.oid(), "content type")?;
        let digest: OctetString = value(attributes, db::rfc5911::ID_MESSAGE_DIGEST, "message digest")?;
        require(digest.as_bytes() == Sha256::digest(self.content()).as_slice(), "message digest")?;
        let message = attributes.to_der().map_err(|_| SignatureError::Encoding)?;
        key.verify(&message, signer.signature.as_bytes())
    }

    pub(super) fn signer_info(&self) -> Result<&SignerInfo, SignatureError> {
        let [signer] = self.signed.signer_infos.0.as_slice() else {
            return Err(SignatureError::Malformed("not exactly one signer"));
        };
        Ok(signer)
    }

    pub(super) fn attributes(&self) -> Result<&SignedAttributes, SignatureError> {
        let attributes = self.signer_info()?.signed_attrs.as_ref();
        attributes.ok_or(SignatureError::Malformed("no attributes"))
    }
}

/// Verifies that `certificate` names `issuer` and was signed with its key, SHA-256 throughout. Whether `issuer` may
/// issue anything is not asked.
///
/// # Errors
/// The first thing that is not right.
pub fn issued_by(certificate: &Certificate, issuer: &Certificate) -> Result<(), SignatureError> {
    let tbs = &certificate.tbs_certificate;
    require(tbs.issuer == issuer.tbs_certificate.subject, "issuer")?;
    let key = Key::of(issuer)?;
    let algorithm = key.algorithm().identifier();
    require(
        certificate.signature_algorithm == algorithm && tbs.signature == algorithm,
        "certificate's signature algorithm",
    )?;
    let message = tbs.to_der().map_err(|_| SignatureError::Encoding)?;
    key.verify(&message, certificate.signature.raw_bytes())
}

fn is_named(signer: &SignerInfo, certificate: &Certificate) -> bool {
    let tbs = &certificate.tbs_certificate;
    matches!(&signer.sid, SignerIdentifier::IssuerAndSerialNumber(name)
        if name.issuer == tbs.issuer && name.serial_number == tbs.serial_number)
}

/// The only value of the only attribute of this kind.
pub(super) fn value<T>(
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

pub(super) fn require(fits: bool, part: &'static str) -> Result<(), SignatureError> {
    if fits { Ok(()) } else { Err(SignatureError::Mismatch(part)) }
}
