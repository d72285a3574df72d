//! CAdES-BES signatures (ETSI EN 319 122-1, level B-B) over a text that is inside the envelope.
//!
//! Pure and deterministic: the card, the clock and the PIN are somebody else's. [`Draft`] says what bytes
//! the card has to sign and wraps its answer; what comes out has been read back and verified. [`Envelope`] reads what
//! others signed.

mod check;
mod draft;
mod envelope;
mod profile;
#[cfg(test)]
mod tests;

pub use check::check;
pub use draft::Draft;
pub use envelope::{Envelope, issued_by};
pub use profile::{Algorithm, ContentType, ecdsa_value};

/// Why there is no signature, or why one is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The certificate is none, or its key is of a kind that is not used here.
    #[error("the certificate's key cannot be used: {0}")]
    Key(&'static str),
    /// `signingTime` cannot be written (before 1970 or after 9999).
    #[error("the signing time cannot be written")]
    Time,
    /// The structure cannot be encoded.
    #[error("the envelope cannot be encoded")]
    Encoding,
    /// The envelope does not parse as a `SignedData` of this profile.
    #[error("the envelope is malformed: {0}")]
    Malformed(&'static str),
    /// A part of the envelope is not what it should be.
    #[error("the envelope does not fit: {0}")]
    Mismatch(&'static str),
    /// The value was not made with the certificate's key over these attributes.
    #[error("the signature does not verify")]
    Forged,
}
