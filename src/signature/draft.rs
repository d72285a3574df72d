//! Builds the signed attributes and the envelope around them (RFC 5652, 5.1 to 5.4).
//!
//! It does not sign and does not choose a certificate.

use std::time::Duration;

use cms::{
    cert::{CertificateChoices, IssuerAndSerialNumber},
    content_info::{CmsVersion, ContentInfo},
    signed_data::{
        EncapsulatedContentInfo, SignedAttributes, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
    },
};
use const_oid::{ObjectIdentifier, db};
use der::{
    Any, Decode, Encode, Tag,
    asn1::{GeneralizedTime, OctetString, SetOfVec, UtcTime},
};
use sha2::{Digest, Sha256};
use x509_cert::{Certificate, attr::Attribute, time::Time};
use zeroize::Zeroizing;

use super::{
    Algorithm, ContentType, SignatureError, check,
    profile::{Key, SIGNING_CERTIFICATE_V2, SigningCertificateV2, digest_identifier},
};

/// DER of `DigestInfo` for SHA-256 up to the digest (RFC 8017, 9.2, note 1).
const DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0, 4, 32,
];

/// A signature that lacks only its value.
#[derive(Clone)]
pub struct Draft {
    content_type: ContentType,
    text: Zeroizing<Vec<u8>>,
    certificate: Certificate,
    certificate_der: Vec<u8>,
    algorithm: Algorithm,
    attributes: SignedAttributes,
    to_be_signed: Vec<u8>,
}

impl Draft {
    /// Begins a signature for this purpose over `text` with the key of a certificate; `signing_time` in Unix seconds.
    ///
    /// # Errors
    /// [`SignatureError::Key`] or [`SignatureError::Time`] when no signature can be made of these.
    pub fn new(
        content_type: ContentType,
        text: &[u8],
        certificate_der: &[u8],
        signing_time: i64,
    ) -> Result<Self, SignatureError> {
        let certificate =
            Certificate::from_der(certificate_der).map_err(|_| SignatureError::Key("no certificate"))?;
        let algorithm = Key::of(&certificate)?.algorithm();
        let digest = OctetString::new(Sha256::digest(text).as_slice()).map_err(encoding)?;
        let certified = SigningCertificateV2::of(&certificate, certificate_der)?;
        let attributes = SetOfVec::try_from(vec![
            attribute(db::rfc5911::ID_CONTENT_TYPE, &content_type.oid())?,
            attribute(db::rfc5911::ID_MESSAGE_DIGEST, &digest)?,
            attribute(db::rfc5911::ID_SIGNING_TIME, &time(signing_time)?)?,
            attribute(SIGNING_CERTIFICATE_V2, &certified)?,
        ])
        .map_err(encoding)?;
        // Signed is the SET OF with its own tag, not the [0] it travels under (RFC 5652, 5.4).
        let to_be_signed = attributes.to_der().map_err(encoding)?;
        Ok(Self {
            content_type,
            text: Zeroizing::new(text.to_vec()),
            certificate,
            certificate_der: certificate_der.to_vec(),
            algorithm,
            attributes,
            to_be_signed,
        })
    }

    /// The bytes the card signs: the DER of the signed attributes, not hashed yet.
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        &self.to_be_signed
    }

    /// How the value must be made.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// SHA-256 of the bytes to be signed.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.to_be_signed).into()
    }

    /// DER of the `DigestInfo` that PKCS#1 v1.5 signs for these bytes (RFC 8017, 9.2, note 1).
    #[must_use]
    pub fn digest_info(&self) -> Vec<u8> {
        [DIGEST_INFO.as_slice(), &self.digest()].concat()
    }

    /// The whole block for an RSA key that pads nothing itself: 00 01, FF as far as it goes, 00, the
    /// `DigestInfo` (RFC 8017, 9.2). `None` for a certificate with another key.
    #[must_use]
    pub fn padded_block(&self) -> Option<Vec<u8>> {
        let length = Key::of(&self.certificate).ok()?.modulus_length()?;
        let info = self.digest_info();
        let filler = length.checked_sub(info.len() + 3).filter(|filler| *filler >= 8)?;
        let mut block = vec![0xFF; length];
        block[0] = 0x00;
        block[1] = 0x01;
        block[filler + 2] = 0x00;
        block[filler + 3..].copy_from_slice(&info);
        Some(block)
    }

    /// Wraps the value the card made, then reads the result back and verifies it.
    ///
    /// # Errors
    /// [`SignatureError::Forged`] when the value was not made by the certificate's key over these bytes.
    pub fn enclose(self, value: &[u8]) -> Result<Vec<u8>, SignatureError> {
        let tbs = &self.certificate.tbs_certificate;
        let signer = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: tbs.issuer.clone(),
                serial_number: tbs.serial_number.clone(),
            }),
            digest_alg: digest_identifier(),
            signed_attrs: Some(self.attributes),
            signature_algorithm: self.algorithm.identifier(),
            signature: OctetString::new(value).map_err(encoding)?,
            unsigned_attrs: None,
        };
        let signed = SignedData {
            version: self.content_type.version(),
            digest_algorithms: SetOfVec::try_from(vec![digest_identifier()]).map_err(encoding)?,
            encap_content_info: EncapsulatedContentInfo {
                econtent_type: self.content_type.oid(),
                econtent: Some(Any::new(Tag::OctetString, self.text.as_slice()).map_err(encoding)?),
            },
            certificates: Some(
                vec![CertificateChoices::Certificate(self.certificate)].try_into().map_err(encoding)?,
            ),
            crls: None,
            signer_infos: SignerInfos(SetOfVec::try_from(vec![signer]).map_err(encoding)?),
        };
        let envelope = ContentInfo {
            content_type: db::rfc5911::ID_SIGNED_DATA,
            content: Any::encode_from(&signed).map_err(encoding)?,
        };
        let envelope = envelope.to_der().map_err(encoding)?;
        check(&envelope, self.content_type, &self.text, &self.certificate_der)?;
        Ok(envelope)
    }
}

fn attribute(oid: ObjectIdentifier, value: &impl Encode) -> Result<Attribute, SignatureError> {
    let value = Any::from_der(&value.to_der().map_err(encoding)?).map_err(encoding)?;
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![value]).map_err(encoding)? })
}

/// `UTCTime` through 2049, `GeneralizedTime` from 2050 on (RFC 5652, 11.3).
fn time(unix: i64) -> Result<Time, SignatureError> {
    let since = Duration::from_secs(u64::try_from(unix).map_err(|_| SignatureError::Time)?);
    if let Ok(time) = UtcTime::from_unix_duration(since) {
        return Ok(Time::UtcTime(time));
    }
    GeneralizedTime::from_unix_duration(since).map(Time::GeneralTime).map_err(|_| SignatureError::Time)
}

fn encoding(_: der::Error) -> SignatureError {
    SignatureError::Encoding
}
