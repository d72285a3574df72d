//! The portal's TLS: a root of its own and the server certificates below it.
//!
//! It has nothing in common with the authorities of the cards, as in reality.

use std::fmt;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};

use super::PkiError;

/// Days around the present in which the certificates are in force.
const DAYS: i64 = 30;

/// The root that clients of the portal trust.
pub struct TlsAuthority {
    now: i64,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A server's certificate and key.
pub struct Server {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl TlsAuthority {
    pub(super) fn generate(now: i64) -> Result<Self, PkiError> {
        let mut params = params(now, Vec::new(), "TEST TLS Root")?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(Self { now, issuer: CertifiedIssuer::self_signed(params, KeyPair::generate()?)? })
    }

    pub(super) fn pem(&self) -> String {
        self.issuer.pem()
    }

    pub(super) fn server(&self, names: &[&str]) -> Result<Server, PkiError> {
        let names = ["localhost", "127.0.0.1", "::1"].iter().chain(names).map(|name| (*name).to_owned());
        let mut params = params(self.now, names.collect(), "TEST portal")?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        Ok(Server { certificate: params.signed_by(&key, &self.issuer)?, key })
    }
}

impl Server {
    /// The certificate in PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    /// The certificate in DER.
    #[must_use]
    pub fn certificate_der(&self) -> &[u8] {
        self.certificate.der()
    }

    /// The key in PEM (PKCS#8).
    #[must_use]
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// The key in DER (PKCS#8).
    #[must_use]
    pub fn key_der(&self) -> &[u8] {
        self.key.serialized_der()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

fn params(now: i64, names: Vec<String>, common_name: &str) -> Result<CertificateParams, PkiError> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    let (year, month, day) = date(now - DAYS * super::DAY)?;
    params.not_before = date_time_ymd(year, month, day);
    let (year, month, day) = date(now + DAYS * super::DAY)?;
    params.not_after = date_time_ymd(year, month, day);
    Ok(params)
}

/// Year, month and day, which the builder's time is made from.
fn date(unix: i64) -> Result<(i32, u8, u8), PkiError> {
    let date = jiff::Timestamp::from_second(unix)
        .map_err(|_| PkiError::Time(unix))?
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let part = |value: i8| u8::try_from(value).map_err(|_| PkiError::Time(unix));
    Ok((date.year().into(), part(date.month())?, part(date.day())?))
}
