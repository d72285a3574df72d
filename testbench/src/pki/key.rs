//! Keys of test authorities and test cards: RSA-2048 as issued today, EC P-384 as in the newer generation.
//!
//! It knows nothing of what is signed with them.

use der::Encode;
use p384::ecdsa::{DerSignature, SigningKey as EcdsaKey};
use rand::rngs::OsRng;
use rsa::{RsaPrivateKey, pkcs1v15};
use sha2::Sha256;
use signature::{SignatureEncoding, Signer};
use spki::{
    AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, EncodePublicKey, SubjectPublicKeyInfoOwned,
};

use super::PkiError;

/// Bits of an RSA key.
const RSA_BITS: usize = 2048;

/// Which kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with 2048 bits.
    Rsa2048,
    /// NIST curve P-384.
    P384,
}

/// A private key.
#[derive(Clone)]
pub enum Key {
    /// RSA with 2048 bits.
    Rsa(Box<RsaPrivateKey>),
    /// NIST curve P-384.
    P384(EcdsaKey),
}

impl Key {
    /// A new one.
    ///
    /// # Errors
    /// [`PkiError::Rsa`].
    pub fn generate(kind: KeyKind) -> Result<Self, PkiError> {
        Ok(match kind {
            KeyKind::Rsa2048 => Self::Rsa(Box::new(RsaPrivateKey::new(&mut OsRng, RSA_BITS)?)),
            KeyKind::P384 => Self::P384(EcdsaKey::random(&mut OsRng)),
        })
    }

    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        match self {
            Self::Rsa(_) => KeyKind::Rsa2048,
            Self::P384(_) => KeyKind::P384,
        }
    }

    /// The public half as it stands in a certificate.
    ///
    /// # Errors
    /// [`PkiError`] when it cannot be encoded.
    pub fn public(&self) -> Result<SubjectPublicKeyInfoOwned, PkiError> {
        let document = match self {
            Self::Rsa(key) => key.to_public_key().to_public_key_der()?,
            Self::P384(key) => key.verifying_key().to_public_key_der()?,
        };
        Ok(document.decode_msg()?)
    }

    /// The algorithm a certificate signed by this key names.
    pub(super) fn algorithm(&self) -> Result<AlgorithmIdentifierOwned, PkiError> {
        Ok(match self {
            Self::Rsa(key) => {
                pkcs1v15::SigningKey::<Sha256>::new((**key).clone()).signature_algorithm_identifier()?
            }
            Self::P384(_) => {
                AlgorithmIdentifierOwned { oid: const_oid::db::rfc5912::ECDSA_WITH_SHA_384, parameters: None }
            }
        })
    }

    /// Signs what a certificate or revocation list says, with [`Self::algorithm`].
    pub(super) fn sign(&self, said: &impl Encode) -> Result<Vec<u8>, PkiError> {
        let said = said.to_der()?;
        Ok(match self {
            Self::Rsa(key) => pkcs1v15::SigningKey::<Sha256>::new((**key).clone()).try_sign(&said)?.to_vec(),
            Self::P384(key) => {
                let signature: DerSignature = Signer::<DerSignature>::try_sign(key, &said)?;
                signature.as_bytes().to_vec()
            }
        })
    }
}
