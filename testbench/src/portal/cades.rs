//! The portal's verification of a signature: CAdES-BES over an attached text of one content type.
//! What it is taken for, and whose it has to be, is judged in `judge`.
//!
//! Written from RFC 5652, RFC 5035 and ETSI EN 319 122-1, beside and not on top of the kiosk's own signer.

use cms::{
    cert::CertificateChoices,
    content_info::ContentInfo,
    signed_data::{SignedAttributes, SignedData, SignerIdentifier, SignerInfo},
};
use const_oid::{
    ObjectIdentifier,
    db::{rfc5911, rfc5912},
};
use der::{
    Any, Decode, Encode, Sequence,
    asn1::{OctetString, OctetStringRef},
};
use sha2::{Digest, Sha256};
use spki::AlgorithmIdentifierOwned;
use x509_cert::{Certificate, ext::pkix::name::GeneralName, serial_number::SerialNumber, time::Time};

use super::certificate::verifies;

const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");

/// Seconds that a signing time may lie in the future: clocks differ.
const CLOCK_SKEW: u64 = 300;

/// Why a signature is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    /// Not a CAdES-BES signature, or one that does not verify.
    #[error("invalid: {0}")]
    Invalid(&'static str),
    /// It signs something else.
    #[error("another text was signed")]
    Text,
    /// It is another person's.
    #[error("another person signed")]
    Person,
    /// The certificate may not sign applications.
    #[error("the certificate is {0}")]
    Certificate(#[from] super::certificate::Unfit),
}

/// What a signature says that verifies.
pub(super) struct Signed {
    pub(super) text: Vec<u8>,
    pub(super) certificate: Certificate,
    /// Unix seconds.
    pub(super) signing_time: u64,
}

/// Verifies a signature over whatever is in it; `content_type` says what it has to be for.
pub(super) fn open(der: &[u8], content_type: ObjectIdentifier, now: u64) -> Result<Signed, Flaw> {
    let signed = signed_data(der, content_type)?;
    let [signer] = signed.signer_infos.0.as_slice() else {
        return Err(Flaw::Invalid("not exactly one signer"));
    };
    let content = signed.encap_content_info.econtent.as_ref().ok_or(Flaw::Invalid("no content inside"))?;
    let content = content.decode_as::<OctetStringRef<'_>>().map_err(|_| Flaw::Invalid("content"))?;
    let certificate = signers_certificate(&signed, signer)?;
    let attributes = signer.signed_attrs.as_ref().ok_or(Flaw::Invalid("no signed attributes"))?;
    let signing_time = signed_attributes(attributes, content_type, content.as_bytes(), &certificate, now)?;
    value(signer, attributes, &certificate)?;
    Ok(Signed { text: content.as_bytes().to_vec(), certificate, signing_time })
}

fn signed_data(der: &[u8], content_type: ObjectIdentifier) -> Result<SignedData, Flaw> {
    const MALFORMED: Flaw = Flaw::Invalid("not a SignedData");
    let info = ContentInfo::from_der(der).map_err(|_| MALFORMED)?;
    if info.content_type != rfc5911::ID_SIGNED_DATA {
        return Err(MALFORMED);
    }
    let signed: SignedData = info.content.decode_as().map_err(|_| MALFORMED)?;
    if signed.encap_content_info.econtent_type != content_type {
        return Err(Flaw::Invalid("content of another type"));
    }
    if !signed.digest_algorithms.iter().any(|algorithm| algorithm.oid == rfc5912::ID_SHA_256) {
        return Err(Flaw::Invalid("SHA-256 is not announced"));
    }
    Ok(signed)
}

fn signers_certificate(signed: &SignedData, signer: &SignerInfo) -> Result<Certificate, Flaw> {
    let SignerIdentifier::IssuerAndSerialNumber(wanted) = &signer.sid else {
        return Err(Flaw::Invalid("signer not named by issuer and serial number"));
    };
    let certificates = signed.certificates.as_ref().ok_or(Flaw::Invalid("no certificates inside"))?;
    certificates
        .0
        .iter()
        .find_map(|choice| match choice {
            CertificateChoices::Certificate(certificate)
                if certificate.tbs_certificate.issuer == wanted.issuer
                    && certificate.tbs_certificate.serial_number == wanted.serial_number =>
            {
                Some(certificate.clone())
            }
            CertificateChoices::Certificate(_) | CertificateChoices::Other(_) => None,
        })
        .ok_or(Flaw::Invalid("the signer's certificate is not inside"))
}

/// RFC 5035, 4. `hashAlgorithm` is left out when it is SHA-256, its default.
#[derive(Sequence)]
struct SigningCertificateV2 {
    certs: Vec<EssCertIdV2>,
    policies: Option<Any>,
}

#[derive(Sequence)]
struct EssCertIdV2 {
    hash_algorithm: Option<AlgorithmIdentifierOwned>,
    cert_hash: OctetString,
    issuer_serial: Option<IssuerSerial>,
}

#[derive(Sequence)]
struct IssuerSerial {
    issuer: Vec<GeneralName>,
    serial_number: SerialNumber,
}

/// The attributes that CAdES-BES demands (ETSI EN 319 122-1, 6.3); the signing time.
fn signed_attributes(
    attributes: &SignedAttributes,
    expected: ObjectIdentifier,
    content: &[u8],
    certificate: &Certificate,
    now: u64,
) -> Result<u64, Flaw> {
    let content_type: ObjectIdentifier = the_value(attributes, rfc5911::ID_CONTENT_TYPE)?;
    if content_type != expected {
        return Err(Flaw::Invalid("contentType"));
    }
    let digest: OctetString = the_value(attributes, rfc5911::ID_MESSAGE_DIGEST)?;
    if digest.as_bytes() != Sha256::digest(content).as_slice() {
        return Err(Flaw::Invalid("messageDigest"));
    }
    let time: Time = the_value(attributes, SIGNING_TIME)?;
    let signing_time = time.to_unix_duration().as_secs();
    if signing_time > now + CLOCK_SKEW {
        return Err(Flaw::Invalid("signingTime in the future"));
    }
    signing_certificate(&the_value(attributes, SIGNING_CERTIFICATE_V2)?, certificate)?;
    Ok(signing_time)
}

/// The first certificate named must be the signer's (RFC 5035, 4).
fn signing_certificate(named: &SigningCertificateV2, certificate: &Certificate) -> Result<(), Flaw> {
    const OTHER: Flaw = Flaw::Invalid("signingCertificateV2 names another certificate");
    let first = named.certs.first().ok_or(OTHER)?;
    if first.hash_algorithm.as_ref().is_some_and(|algorithm| algorithm.oid != rfc5912::ID_SHA_256) {
        return Err(Flaw::Invalid("signingCertificateV2 hashes by another algorithm"));
    }
    let der = certificate.to_der().map_err(|_| OTHER)?;
    if first.cert_hash.as_bytes() != Sha256::digest(der).as_slice() {
        return Err(OTHER);
    }
    let Some(issuer_serial) = &first.issuer_serial else { return Ok(()) };
    let [GeneralName::DirectoryName(issuer)] = issuer_serial.issuer.as_slice() else { return Err(OTHER) };
    let same = *issuer == certificate.tbs_certificate.issuer
        && issuer_serial.serial_number == certificate.tbs_certificate.serial_number;
    if same { Ok(()) } else { Err(OTHER) }
}

/// The one value of the one attribute of that type.
fn the_value<T>(attributes: &SignedAttributes, oid: ObjectIdentifier) -> Result<T, Flaw>
where
    T: for<'a> Decode<'a>,
{
    let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
    let (Some(attribute), None) = (found.next(), found.next()) else {
        return Err(Flaw::Invalid("a signed attribute is missing or doubled"));
    };
    let [value] = attribute.values.as_slice() else {
        return Err(Flaw::Invalid("a signed attribute without exactly one value"));
    };
    value.to_der().and_then(|der| T::from_der(&der)).map_err(|_| Flaw::Invalid("a signed attribute"))
}

/// The signature value, over the attributes as a SET OF (RFC 5652, 5.4).
fn value(signer: &SignerInfo, attributes: &SignedAttributes, certificate: &Certificate) -> Result<(), Flaw> {
    if signer.digest_alg.oid != rfc5912::ID_SHA_256 {
        return Err(Flaw::Invalid("another digest than SHA-256"));
    }
    let signed = attributes.to_der().map_err(|_| Flaw::Invalid("signed attributes"))?;
    let fits = verifies(
        &certificate.tbs_certificate.subject_public_key_info,
        &signer.signature_algorithm,
        &signed,
        signer.signature.as_bytes(),
    );
    if fits { Ok(()) } else { Err(Flaw::Invalid("the value does not verify")) }
}
