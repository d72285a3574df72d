//! An authority that issues certificates and revocation lists.
//!
//! What a person's certificate says is the profile's part.

use der::{
    Any, Decode, Encode, Tag,
    asn1::{BitString, Ia5String, SetOfVec, Uint, UtcTime},
    referenced::OwnedToRef,
};
use rand::{RngCore, rngs::OsRng};
use x509_cert::{
    Certificate, TbsCertificate, Version,
    attr::AttributeTypeAndValue,
    crl::{CertificateList, RevokedCert, TbsCertList},
    ext::{
        AsExtension, Extension,
        pkix::{
            AuthorityKeyIdentifier, BasicConstraints, CrlNumber, KeyUsage, KeyUsages, SubjectKeyIdentifier,
            name::GeneralName,
        },
    },
    name::{Name, RelativeDistinguishedName},
    serial_number::SerialNumber,
    time::{Time, Validity},
};

use super::{DAY, Holder, Key, KeyKind, PkiError, Variant, profile};

/// A certification authority: its key and its certificate.
pub struct Authority {
    key: Key,
    name: Name,
    certificate: Vec<u8>,
}

impl Authority {
    /// A self-signed one.
    pub(super) fn root(common_name: &str, now: i64) -> Result<Self, PkiError> {
        let key = Key::generate(KeyKind::Rsa2048)?;
        let name = authority_name(common_name)?;
        let certificate = certificate(&key, &name, &name, &key, authority_validity(now)?, &|subject| {
            authority_extensions(subject, &key, &key, None)
        })?;
        Ok(Self { key, name, certificate })
    }

    /// One below this one, which issues to persons.
    pub(super) fn subordinate(&self, common_name: &str, now: i64) -> Result<Self, PkiError> {
        let key = Key::generate(KeyKind::Rsa2048)?;
        let name = authority_name(common_name)?;
        let certificate =
            certificate(&self.key, &self.name, &name, &key, authority_validity(now)?, &|subject| {
                authority_extensions(subject, &key, &self.key, Some(0))
            })?;
        Ok(Self { key, name, certificate })
    }

    /// DER of its certificate.
    pub(super) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// DER of a person's certificate.
    pub(super) fn issue(
        &self,
        holder: Holder<'_>,
        variant: Variant,
        key: &Key,
        now: i64,
    ) -> Result<Vec<u8>, PkiError> {
        let (not_before, not_after) = variant.validity(now);
        let subject = name(&[
            (const_oid::db::rfc4519::C, Tag::PrintableString, "TR"),
            (const_oid::db::rfc4519::SERIAL_NUMBER, Tag::PrintableString, holder.national_id),
            (const_oid::db::rfc4519::CN, Tag::Utf8String, holder.name),
        ])?;
        certificate(&self.key, &self.name, &subject, key, validity(not_before, not_after)?, &|subject| {
            let mut extensions = vec![key_identifier(subject, key)?, issuer_identifier(subject, &self.key)?];
            extensions.extend(profile::extensions(subject, variant)?);
            Ok(extensions)
        })
    }

    /// DER of its revocation list (RFC 5280, 5).
    pub(super) fn crl(&self, revoked: &[&[u8]], now: i64) -> Result<Vec<u8>, PkiError> {
        let revoked: Vec<RevokedCert> = revoked
            .iter()
            .map(|der| {
                Ok(RevokedCert {
                    serial_number: Certificate::from_der(der)?.tbs_certificate.serial_number,
                    revocation_date: time(now - DAY)?,
                    crl_entry_extensions: None,
                })
            })
            .collect::<Result<_, PkiError>>()?;
        let tbs_cert_list = TbsCertList {
            version: Version::V2,
            signature: self.key.algorithm()?,
            issuer: self.name.clone(),
            this_update: time(now - DAY)?,
            next_update: Some(time(now + 7 * DAY)?),
            // An empty list is left out (RFC 5280, 5.1.2.6).
            revoked_certificates: (!revoked.is_empty()).then_some(revoked),
            crl_extensions: Some(vec![
                issuer_identifier(&self.name, &self.key)?,
                CrlNumber(Uint::new(&[1])?).to_extension(&self.name, &[])?,
            ]),
        };
        let signature = BitString::from_bytes(&self.key.sign(&tbs_cert_list)?)?;
        let list = CertificateList { signature_algorithm: self.key.algorithm()?, tbs_cert_list, signature };
        Ok(list.to_der()?)
    }
}

type Extensions<'a> = &'a dyn Fn(&Name) -> Result<Vec<Extension>, PkiError>;

fn certificate(
    issuer_key: &Key,
    issuer: &Name,
    subject: &Name,
    subject_key: &Key,
    validity: Validity,
    extensions: Extensions<'_>,
) -> Result<Vec<u8>, PkiError> {
    let tbs_certificate = TbsCertificate {
        version: Version::V3,
        serial_number: serial_number()?,
        signature: issuer_key.algorithm()?,
        issuer: issuer.clone(),
        validity,
        subject: subject.clone(),
        subject_public_key_info: subject_key.public()?,
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(extensions(subject)?),
    };
    let signature = BitString::from_bytes(&issuer_key.sign(&tbs_certificate)?)?;
    let certificate =
        Certificate { signature_algorithm: issuer_key.algorithm()?, tbs_certificate, signature };
    Ok(certificate.to_der()?)
}

fn authority_extensions(
    subject: &Name,
    key: &Key,
    issuer: &Key,
    path_len_constraint: Option<u8>,
) -> Result<Vec<Extension>, PkiError> {
    Ok(vec![
        key_identifier(subject, key)?,
        issuer_identifier(subject, issuer)?,
        BasicConstraints { ca: true, path_len_constraint }.to_extension(subject, &[])?,
        KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign).to_extension(subject, &[])?,
    ])
}

fn key_identifier(subject: &Name, key: &Key) -> Result<Extension, PkiError> {
    let public = key.public()?;
    Ok(SubjectKeyIdentifier::try_from(public.owned_to_ref())?.to_extension(subject, &[])?)
}

fn issuer_identifier(subject: &Name, issuer: &Key) -> Result<Extension, PkiError> {
    let public = issuer.public()?;
    Ok(AuthorityKeyIdentifier::try_from(public.owned_to_ref())?.to_extension(subject, &[])?)
}

fn authority_name(common_name: &str) -> Result<Name, PkiError> {
    name(&[
        (const_oid::db::rfc4519::C, Tag::PrintableString, "TR"),
        (const_oid::db::rfc4519::O, Tag::Utf8String, "TEST Deneme Kurumu"),
        (const_oid::db::rfc4519::CN, Tag::Utf8String, common_name),
    ])
}

fn name(parts: &[(const_oid::ObjectIdentifier, Tag, &str)]) -> Result<Name, PkiError> {
    parts
        .iter()
        .map(|(oid, tag, text)| {
            let value = Any::new(*tag, text.as_bytes())?;
            Ok(RelativeDistinguishedName(SetOfVec::try_from(vec![AttributeTypeAndValue {
                oid: *oid,
                value,
            }])?))
        })
        .collect::<Result<Vec<_>, PkiError>>()
        .map(x509_cert::name::RdnSequence)
}

fn serial_number() -> Result<SerialNumber, PkiError> {
    let mut bytes = [0; 16];
    OsRng.fill_bytes(&mut bytes);
    // Positive and of full length (RFC 5280, 4.1.2.2).
    bytes[0] = bytes[0] & 0x3F | 0x40;
    Ok(SerialNumber::new(&bytes)?)
}

fn authority_validity(now: i64) -> Result<Validity, PkiError> {
    validity(now - 5 * 365 * DAY, now + 10 * 365 * DAY)
}

fn validity(not_before: i64, not_after: i64) -> Result<Validity, PkiError> {
    Ok(Validity { not_before: time(not_before)?, not_after: time(not_after)? })
}

/// UTCTime, which reaches to 2049 (RFC 5280, 4.1.2.5.1).
fn time(unix: i64) -> Result<Time, PkiError> {
    let seconds = u64::try_from(unix).map_err(|_| PkiError::Time(unix))?;
    let time = UtcTime::from_unix_duration(std::time::Duration::from_secs(seconds))
        .map_err(|_| PkiError::Time(unix))?;
    Ok(Time::UtcTime(time))
}

/// A place on the web as extensions name it.
pub(super) fn web_address(address: &str) -> Result<GeneralName, PkiError> {
    Ok(GeneralName::UniformResourceIdentifier(Ia5String::new(address)?))
}
