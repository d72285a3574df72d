//! The one place that says which algorithms, attributes and content types a signature is made of.
//!
//! It knows nothing of envelopes. What the real portal expects is not public; whoever learns it changes
//! this file.

use cms::content_info::CmsVersion;
use const_oid::{ObjectIdentifier, db};
use der::{Any, Decode, Encode, Sequence, asn1::OctetString};
use sha2::{Digest, Sha256};
use signature::Verifier;
use spki::{AlgorithmIdentifierOwned, DecodePublicKey};
use x509_cert::{Certificate, ext::pkix::name::GeneralName, serial_number::SerialNumber};

use super::SignatureError;

/// id-aa-signingCertificateV2 (RFC 5035, 3).
pub(super) const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
/// Smallest modulus that is accepted.
const FEWEST_RSA_BITS: usize = 2048;

/// Content types of this kiosk's own. The arc is the one for documentation (RFC 5612): the authority names the real
/// ones when it takes logins by signature.
const LOGIN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.1");
const CARD_TEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.2");
const ASSISTANCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.3");

/// What a signature is for: `eContentType` and the signed attribute `contentType` (RFC 5652, 5.1 and 11.1). Whoever
/// verifies one says what it is to be, so that none is taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentType {
    /// `id-data`: an application; an office's settings too.
    Data,
    /// A login at the portal, which applies for nothing.
    Login,
    /// A trial of the card, which binds nobody.
    CardTest,
    /// Somebody shows a kiosk that they are staff of its office, which applies for nothing.
    Assistance,
}

impl ContentType {
    pub(super) fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Data => db::rfc5911::ID_DATA,
            Self::Login => LOGIN,
            Self::CardTest => CARD_TEST,
            Self::Assistance => ASSISTANCE,
        }
    }

    /// Of a `SignedData` with a signer of version 1 (RFC 5652, 5.1).
    pub(super) fn version(self) -> CmsVersion {
        match self {
            Self::Data => CmsVersion::V1,
            Self::Login | Self::CardTest | Self::Assistance => CmsVersion::V3,
        }
    }
}

/// How the value is made. The digest is SHA-256 throughout: of the text, in `signingCertificateV2`, and of
/// the attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2).
    RsaSha256,
    /// ECDSA over P-384 with SHA-256 (RFC 5753, 2.1): the value is a DER `ECDSA-Sig-Value`.
    EcdsaP384Sha256,
}

impl Algorithm {
    /// The algorithm a certificate's key takes.
    ///
    /// # Errors
    /// [`SignatureError::Key`] for a key that is not used here.
    pub fn of(certificate_der: &[u8]) -> Result<Self, SignatureError> {
        let certificate =
            Certificate::from_der(certificate_der).map_err(|_| SignatureError::Key("no certificate"))?;
        Ok(Key::of(&certificate)?.algorithm())
    }

    pub(super) fn identifier(self) -> AlgorithmIdentifierOwned {
        match self {
            // NULL parameters: RFC 4055, 5.
            Self::RsaSha256 => AlgorithmIdentifierOwned {
                oid: db::rfc5912::SHA_256_WITH_RSA_ENCRYPTION,
                parameters: Some(Any::null()),
            },
            // No parameters: RFC 5758, 3.2.
            Self::EcdsaP384Sha256 => {
                AlgorithmIdentifierOwned { oid: db::rfc5912::ECDSA_WITH_SHA_256, parameters: None }
            }
        }
    }
}

/// The value of an ECDSA signature as CMS wants it, DER (RFC 5753, 7.2), from r and s side by side, which is
/// what cards and PKCS#11 modules answer.
///
/// # Errors
/// [`SignatureError::Malformed`] when these are no two numbers of P-384.
pub fn ecdsa_value(plain: &[u8]) -> Result<Vec<u8>, SignatureError> {
    let signature =
        p384::ecdsa::Signature::from_slice(plain).map_err(|_| SignatureError::Malformed("no r and s"))?;
    Ok(signature.to_der().as_bytes().to_vec())
}

/// SHA-256 without parameters (RFC 5754, 2).
pub(super) fn digest_identifier() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: db::rfc5912::ID_SHA_256, parameters: None }
}

/// A certificate's public key.
pub(super) enum Key {
    Rsa(rsa::pkcs1v15::VerifyingKey<Sha256>),
    P384(p384::ecdsa::VerifyingKey),
}

impl Key {
    pub(super) fn of(certificate: &Certificate) -> Result<Self, SignatureError> {
        use rsa::traits::PublicKeyParts;
        let info = &certificate.tbs_certificate.subject_public_key_info;
        let der = info.to_der().map_err(|_| SignatureError::Key("not encodable"))?;
        if info.algorithm.oid == db::rfc5912::RSA_ENCRYPTION {
            let key = rsa::RsaPublicKey::from_public_key_der(&der)
                .map_err(|_| SignatureError::Key("no RSA key up to 4096 bits"))?;
            if key.n().bits() < FEWEST_RSA_BITS {
                return Err(SignatureError::Key("an RSA key under 2048 bits"));
            }
            return Ok(Self::Rsa(rsa::pkcs1v15::VerifyingKey::new(key)));
        }
        p384::ecdsa::VerifyingKey::from_public_key_der(&der)
            .map(Self::P384)
            .map_err(|_| SignatureError::Key("neither RSA nor EC P-384"))
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::RsaSha256,
            Self::P384(_) => Algorithm::EcdsaP384Sha256,
        }
    }

    /// Bytes of an RSA key's modulus.
    pub(super) fn modulus_length(&self) -> Option<usize> {
        use rsa::traits::PublicKeyParts;
        match self {
            Self::Rsa(key) => Some(AsRef::<rsa::RsaPublicKey>::as_ref(key).size()),
            Self::P384(_) => None,
        }
    }

    pub(super) fn verify(&self, message: &[u8], value: &[u8]) -> Result<(), SignatureError> {
        match self {
            Self::Rsa(key) => {
                rsa::pkcs1v15::Signature::try_from(value).and_then(|value| key.verify(message, &value))
            }
            Self::P384(key) => p384::ecdsa::Signature::from_der(value).and_then(|value| {
                signature::hazmat::PrehashVerifier::verify_prehash(key, &Sha256::digest(message), &value)
            }),
        }
        .map_err(|_| SignatureError::Forged)
    }
}

/// `SigningCertificateV2` with one certificate and no policies (RFC 5035, 3).
#[derive(Sequence)]
pub(super) struct SigningCertificateV2 {
    pub(super) certs: Vec<EssCertIdV2>,
}

/// `ESSCertIDv2`; `hashAlgorithm` is SHA-256, the default, which DER leaves out (X.690, 11.5).
#[derive(Sequence)]
pub(super) struct EssCertIdV2 {
    pub(super) cert_hash: OctetString,
    issuer_serial: Option<IssuerSerial>,
}

#[derive(Sequence)]
struct IssuerSerial {
    issuer: Vec<GeneralName>,
    serial_number: SerialNumber,
}

impl SigningCertificateV2 {
    pub(super) fn of(certificate: &Certificate, der: &[u8]) -> Result<Self, SignatureError> {
        let tbs = &certificate.tbs_certificate;
        Ok(Self {
            certs: vec![EssCertIdV2 {
                cert_hash: OctetString::new(Sha256::digest(der).as_slice())
                    .map_err(|_| SignatureError::Encoding)?,
                issuer_serial: Some(IssuerSerial {
                    issuer: vec![GeneralName::DirectoryName(tbs.issuer.clone())],
                    serial_number: tbs.serial_number.clone(),
                }),
            }],
        })
    }
}
