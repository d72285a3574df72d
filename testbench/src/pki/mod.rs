//! The bench's certification authorities: who issues the test cards' certificates, and who the portal's.
//!
//! Everything is made afresh in memory, relative to a time that is given; nothing here is trusted outside a
//! bench, and every name says TEST. It knows nothing of cards or of the portal.

mod authority;
mod key;
mod profile;
mod tls;

pub use authority::Authority;
pub use key::{Key, KeyKind};
pub use profile::Variant;
pub use tls::{Server, TlsAuthority};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Both hierarchies of a bench: root and issuing authority of the cards, and the portal's TLS authority.
pub struct Pki {
    now: i64,
    root: Authority,
    issuer: Authority,
    tls: TlsAuthority,
}

/// Whom a certificate is issued to.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// Subject CN.
    pub name: &'a str,
    /// Subject serialNumber: the national identity number.
    pub national_id: &'a str,
}

/// A certificate with its key, as it goes onto a card.
#[derive(Clone)]
pub struct Credential {
    /// DER of the certificate.
    pub certificate: Vec<u8>,
    /// Its key.
    pub key: Key,
}

/// What may go wrong while certificates are made.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A name, time or extension cannot be encoded.
    #[error("cannot encode: {0}")]
    Encoding(#[from] der::Error),
    /// A public key cannot be encoded.
    #[error("cannot encode the public key: {0}")]
    PublicKey(#[from] spki::Error),
    /// An RSA key cannot be made.
    #[error("cannot make an RSA key: {0}")]
    Rsa(#[from] rsa::Error),
    /// A key does not sign.
    #[error("cannot sign: {0}")]
    Signature(#[from] signature::Error),
    /// The TLS side cannot be made.
    #[error("cannot make a TLS certificate: {0}")]
    Tls(#[from] rcgen::Error),
    /// The time does not fit into a certificate.
    #[error("{0} is no time for a certificate")]
    Time(i64),
}

impl Pki {
    /// New authorities, in force at `now` (Unix seconds).
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn generate(now: i64) -> Result<Self, PkiError> {
        let root = Authority::root("TEST Kamu SM Kök Elektronik Sertifika Hizmet Sağlayıcısı", now)?;
        let issuer = root.subordinate("TEST Kamu Elektronik Sertifika Hizmet Sağlayıcısı - Sürüm 6", now)?;
        Ok(Self { now, root, issuer, tls: TlsAuthority::generate(now)? })
    }

    /// Issues a person's certificate with a new key.
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn issue(&self, holder: Holder<'_>, variant: Variant, kind: KeyKind) -> Result<Credential, PkiError> {
        let key = Key::generate(kind)?;
        let certificate = self.issuer.issue(holder, variant, &key, self.now)?;
        Ok(Credential { certificate, key })
    }

    /// From when the card that follows a valid one can be used, Unix seconds.
    #[must_use]
    pub fn succeeds(&self) -> i64 {
        Variant::Successor.validity(self.now).0
    }

    /// The authority that issues the cards' certificates: its DER.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        self.issuer.certificate()
    }

    /// The root above it: its DER.
    #[must_use]
    pub fn root_der(&self) -> &[u8] {
        self.root.certificate()
    }

    /// Both, the issuer first, in PEM: `ca.pem` for `openssl cms -verify -CAfile`.
    #[must_use]
    pub fn ca_pem(&self) -> String {
        pem("CERTIFICATE", self.issuer_der()) + &pem("CERTIFICATE", self.root_der())
    }

    /// The issuer's revocation list in DER, with these certificates revoked.
    ///
    /// # Errors
    /// [`PkiError`], also when one of them is no certificate.
    pub fn crl(&self, revoked: &[&[u8]]) -> Result<Vec<u8>, PkiError> {
        self.issuer.crl(revoked, self.now)
    }

    /// The root that clients of the portal trust, in PEM.
    #[must_use]
    pub fn tls_ca_pem(&self) -> String {
        self.tls.pem()
    }

    /// A certificate for the portal: `localhost`, the loopback addresses and these names.
    ///
    /// # Errors
    /// [`PkiError::Tls`] when a name is none.
    pub fn server(&self, names: &[&str]) -> Result<Server, PkiError> {
        self.tls.server(names)
    }
}

/// PEM of a DER (RFC 7468), 64 characters a line.
#[must_use]
pub fn pem(label: &'static str, der: &[u8]) -> String {
    der::pem::encode_string(label, der::pem::LineEnding::LF, der).expect("a label without control characters")
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Output};

    use eimza_kiosk::card::certificate::{Certificate, CertificateError, Unfit};

    use super::{Credential, Holder, KeyKind, Pki, Variant, pem};

    const NOW: i64 = 1_790_000_000;
    const HOLDER: Holder<'static> = Holder { name: "DENEME ÇIĞ ŞÜK", national_id: "10000000146" };

    fn issue(pki: &Pki, variant: Variant) -> Credential {
        pki.issue(HOLDER, variant, KeyKind::P384).unwrap()
    }

    fn openssl(folder: &std::path::Path, arguments: &[&str]) -> Output {
        Command::new("openssl").args(arguments).current_dir(folder).output().unwrap()
    }

    #[test]
    fn every_variant_is_what_the_kiosk_must_take_it_for() {
        let pki = Pki::generate(NOW).unwrap();
        let judged =
            |variant| Certificate::parse(&issue(&pki, variant).certificate).unwrap().judge(NOW, Some(92));
        assert_eq!(judged(Variant::Valid), Ok(()));
        assert_eq!(judged(Variant::Expired), Err(Unfit::Expired));
        assert_eq!(judged(Variant::NotYetValid), Err(Unfit::NotYetValid));
        assert_eq!(judged(Variant::Successor), Err(Unfit::NotYetValid));
        assert_eq!(judged(Variant::Seal), Err(Unfit::Seal));
        assert_eq!(judged(Variant::NotQualified), Err(Unfit::NotQualified));
        assert!(matches!(judged(Variant::TooEarly), Err(Unfit::TooEarly { .. })));
        assert_eq!(
            Certificate::parse(&issue(&pki, Variant::Malformed).certificate),
            Err(CertificateError::Extension("qcStatements"))
        );
        assert!(Certificate::parse(pki.issuer_der()).unwrap().is_authority());
    }

    #[test]
    fn the_card_that_follows_is_in_force_from_the_second_in_which_the_valid_one_ends() {
        let pki = Pki::generate(NOW).unwrap();
        let next = Certificate::parse(&issue(&pki, Variant::Successor).certificate).unwrap();
        let valid = Certificate::parse(&issue(&pki, Variant::Valid).certificate).unwrap();
        assert_eq!(next.judge(pki.succeeds() - 1, None), Err(Unfit::NotYetValid));
        assert_eq!(valid.judge(pki.succeeds(), None), Ok(()));
        assert_eq!(next.judge(pki.succeeds(), None), Ok(()));
        assert_eq!(valid.judge(pki.succeeds() + 1, None), Err(Unfit::Expired));
    }

    #[test]
    fn the_holder_stands_in_the_subject() {
        let pki = Pki::generate(NOW).unwrap();
        let certificate = Certificate::parse(&issue(&pki, Variant::Valid).certificate).unwrap();
        assert_eq!(certificate.holder().expose(), HOLDER.name);
        assert_eq!(certificate.national_id().unwrap().expose(), HOLDER.national_id);
    }

    #[test]
    fn openssl_verifies_the_chain_and_sees_a_revocation() {
        let pki = Pki::generate(NOW).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let revoked = issue(&pki, Variant::Valid);
        for (name, content) in [
            ("ca.pem", pki.ca_pem()),
            (
                "rsa.pem",
                pem("CERTIFICATE", &pki.issue(HOLDER, Variant::Valid, KeyKind::Rsa2048).unwrap().certificate),
            ),
            ("ec.pem", pem("CERTIFICATE", &issue(&pki, Variant::Valid).certificate)),
            ("revoked.pem", pem("CERTIFICATE", &revoked.certificate)),
            ("crl.pem", pem("X509 CRL", &pki.crl(&[&revoked.certificate]).unwrap())),
        ] {
            std::fs::write(path.join(name), content).unwrap();
        }
        let verify = |name: &str| {
            let time = NOW.to_string();
            let arguments = [
                "verify",
                "-x509_strict",
                "-crl_check",
                "-CRLfile",
                "crl.pem",
                "-attime",
                &time,
                "-CAfile",
                "ca.pem",
                name,
            ];
            let output = openssl(path, &arguments);
            (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
        };
        for name in ["rsa.pem", "ec.pem"] {
            let (fine, text) = verify(name);
            assert!(fine, "{name}: {text}");
        }
        let (fine, text) = verify("revoked.pem");
        assert!(!fine && text.contains("revoked"), "{text}");
    }

    #[test]
    fn openssl_verifies_the_portals_certificate_for_its_names_only() {
        let pki = Pki::generate(NOW).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let server = pki.server(&["portal.kamusm.gov.tr"]).unwrap();
        std::fs::write(folder.path().join("ca.pem"), pki.tls_ca_pem()).unwrap();
        std::fs::write(folder.path().join("server.pem"), server.certificate_pem()).unwrap();
        let verify = |kind: &str, name: &str| {
            let time = NOW.to_string();
            let arguments = ["verify", "-attime", &time, "-CAfile", "ca.pem", kind, name, "server.pem"];
            openssl(folder.path(), &arguments).status.success()
        };
        assert!(verify("-verify_hostname", "localhost"));
        assert!(verify("-verify_hostname", "portal.kamusm.gov.tr"));
        assert!(verify("-verify_ip", "127.0.0.1"));
        assert!(!verify("-verify_hostname", "nesbireysel.kamusm.gov.tr"));
    }
}
