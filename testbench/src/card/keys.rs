//! What the card's keys do with what they are given.
//!
//! It decides nothing about who may use them.

use p384::ecdsa::{Signature, signature::hazmat::PrehashSigner};
use rsa::{Pkcs1v15Sign, RsaPrivateKey, traits::PublicKeyParts};

use super::apdu::status;
use crate::pki::Key;

/// Fewest bytes FF of PKCS#1 v1.5 padding (RFC 8017, 9.2).
const LEAST_FILLER: usize = 8;

/// Signs: for RSA a block the host has padded, or a DigestInfo that the card pads; for P-384 a digest, answered
/// as the two halves of the signature (ISO/IEC 7816-8 leaves the form to the card).
pub(super) fn sign(key: &Key, data: &[u8]) -> Result<Vec<u8>, u16> {
    match key {
        Key::Rsa(key) => {
            let info = if data.len() == key.size() { unpadded(data)? } else { digest_info(key, data)? };
            key.sign(Pkcs1v15Sign::new_unprefixed(), info).map_err(|_| status::NO_DIAGNOSIS)
        }
        Key::P384(key) => {
            if !matches!(data.len(), 32 | 48 | 64) {
                return Err(status::WRONG_LENGTH);
            }
            let signature: Signature = key.sign_prehash(data).map_err(|_| status::NO_DIAGNOSIS)?;
            Ok(signature.to_bytes().to_vec())
        }
    }
}

/// What the host has padded. The padding of a block is one and the same whoever makes it, so the signature of
/// what is inside is that of the block; a block padded otherwise is refused (RFC 8017, 9.2).
fn unpadded(block: &[u8]) -> Result<&[u8], u16> {
    let padded = block.strip_prefix(&[0x00, 0x01]).ok_or(status::WRONG_DATA)?;
    let filler = padded.iter().take_while(|byte| **byte == 0xFF).count();
    match padded.split_at(filler) {
        (filler, [0x00, info @ ..]) if filler.len() >= LEAST_FILLER => Ok(info),
        _ => Err(status::WRONG_DATA),
    }
}

/// One DER SEQUENCE and nothing else.
fn digest_info<'a>(key: &RsaPrivateKey, data: &'a [u8]) -> Result<&'a [u8], u16> {
    match data {
        _ if data.len() + LEAST_FILLER + 3 > key.size() => Err(status::WRONG_LENGTH),
        [0x30, length, rest @ ..] if *length < 0x80 && usize::from(*length) == rest.len() => Ok(data),
        _ => Err(status::WRONG_DATA),
    }
}
