//! Who may sign a bundle: a certificate issued by the provisioning authority itself, for this one purpose.
//!
//! No certificate in between, no revocation list: an authority whose key is lost is replaced with the image. It reads no
//! clock; whoever has one that can be trusted hands the time in.

use std::path::Path;

use const_oid::{AssociatedOid, ObjectIdentifier, db::rfc5912};
use der::Decode;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use x509_cert::{
    Certificate,
    ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage},
};

use super::ProvisionError;
use crate::signature::{ContentType, Envelope, issued_by};

/// The one extended key usage of a certificate that signs bundles. Updates are signed with `codeSigning`, and RAUC is set
/// to insist on it: a key of the one kind is of no use for the other, whoever issued it.
const PURPOSE: ObjectIdentifier = rfc5912::ID_KP_EMAIL_PROTECTION;
/// What a signer's certificate may insist on being understood; anything else critical is refused (RFC 5280, 4.2).
const UNDERSTOOD: [ObjectIdentifier; 3] = [BasicConstraints::OID, KeyUsage::OID, ExtendedKeyUsage::OID];

/// The provisioning authority: usually one certificate, two while one takes over from another.
pub struct Trust {
    roots: Vec<Certificate>,
}

impl Trust {
    /// Reads the PEM file of the image.
    ///
    /// # Errors
    /// [`ProvisionError::File`] and [`ProvisionError::Roots`].
    pub fn load(file: &Path) -> Result<Self, ProvisionError> {
        let broken = |found: String| ProvisionError::Roots { file: file.to_owned(), found };
        let pem = std::fs::read(file).map_err(ProvisionError::file(file))?;
        let roots = CertificateDer::pem_slice_iter(&pem)
            .map(|der| {
                let der = der.map_err(|error| error.to_string())?;
                Certificate::from_der(&der).map_err(|error| error.to_string())
            })
            .collect::<Result<Vec<_>, String>>()
            .map_err(broken)?;
        if roots.is_empty() {
            return Err(broken("none".to_owned()));
        }
        if let Some(root) = roots.iter().find(|root| !is_authority(root)) {
            let subject = &root.tbs_certificate.subject;
            return Err(broken(format!("{subject}, which may issue no certificates")));
        }
        Ok(Self { roots })
    }

    /// Verifies a bundle; what is enclosed. `now` in Unix seconds, where the clock can be trusted: without it a signer's
    /// certificate may have expired.
    ///
    /// # Errors
    /// [`ProvisionError::Signature`], [`ProvisionError::Signer`].
    pub fn open(&self, bundle: &[u8], now: Option<i64>) -> Result<Vec<u8>, ProvisionError> {
        let envelope = Envelope::parse(bundle)?;
        let signer = envelope.signer()?;
        envelope.verify(signer, ContentType::Data)?;
        if !self.roots.iter().any(|root| issued_by(signer, root).is_ok()) {
            let issuer = &signer.tbs_certificate.issuer;
            return Err(refused(
                format!("one issued by {issuer}"),
                "one that the provisioning authority issued",
            ));
        }
        judge_purpose(signer)?;
        if let Some(now) = now {
            judge_validity(signer, now)?;
        }
        Ok(envelope.content().to_vec())
    }
}

fn is_authority(certificate: &Certificate) -> bool {
    let tbs = &certificate.tbs_certificate;
    let issues = matches!(tbs.get::<BasicConstraints>(), Ok(Some((_, constraints))) if constraints.ca);
    let signs = match tbs.get::<KeyUsage>() {
        Ok(Some((_, usage))) => usage.key_cert_sign(),
        Ok(None) => true,
        Err(_) => false,
    };
    issues && signs
}

fn judge_purpose(signer: &Certificate) -> Result<(), ProvisionError> {
    const EXPECTED: &str =
        "a certificate for emailProtection alone, with digitalSignature, that is no authority";
    let tbs = &signer.tbs_certificate;
    let unreadable = |_| refused("extensions that cannot be read".to_owned(), EXPECTED);
    let purposes = tbs.get::<ExtendedKeyUsage>().map_err(unreadable)?.map(|(_, purposes)| purposes.0);
    if purposes.as_deref() != Some(&[PURPOSE]) {
        let found =
            purposes.unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Err(refused(format!("the purposes [{found}]"), EXPECTED));
    }
    if tbs.get::<KeyUsage>().map_err(unreadable)?.is_some_and(|(_, usage)| !usage.digital_signature()) {
        return Err(refused("a key that is not for signatures".to_owned(), EXPECTED));
    }
    if tbs.get::<BasicConstraints>().map_err(unreadable)?.is_some_and(|(_, constraints)| constraints.ca) {
        return Err(refused("an authority".to_owned(), EXPECTED));
    }
    let extensions = tbs.extensions.iter().flatten();
    let unknown =
        extensions.filter(|extension| extension.critical && !UNDERSTOOD.contains(&extension.extn_id));
    if let Some(extension) = { unknown }.next() {
        return Err(refused(format!("the critical extension {}", extension.extn_id), EXPECTED));
    }
    Ok(())
}

fn judge_validity(signer: &Certificate, now: i64) -> Result<(), ProvisionError> {
    let validity = &signer.tbs_certificate.validity;
    let seconds = |time: &x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs());
    let is_now = seconds(&validity.not_before).is_ok_and(|from| from <= now)
        && seconds(&validity.not_after).is_ok_and(|to| now <= to);
    if is_now {
        return Ok(());
    }
    let found = format!("a certificate from {} to {}", validity.not_before, validity.not_after);
    Err(refused(found, "one that is valid now"))
}

fn refused(found: String, expected: &'static str) -> ProvisionError {
    ProvisionError::Signer { found, expected }
}
