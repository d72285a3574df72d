//! What a person's certificate says: the national profile of qualified certificates and what deviates from it.
//!
//! It knows nothing of keys or of who signs. Addresses are of a domain that does not exist.

use const_oid::ObjectIdentifier;
use der::{Any, Encode, asn1::OctetString};
use x509_cert::{
    ext::{
        AsExtension, Extension,
        pkix::{
            AuthorityInfoAccessSyntax, CertificatePolicies, CrlDistributionPoints, KeyUsage, KeyUsages,
            certpolicy::PolicyInformation, crl::dp::DistributionPoint, name::DistributionPointName,
        },
    },
    name::Name,
};

use super::{DAY, PkiError, authority::web_address};

const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.792.1.2.1.1.5.7.1.1");
const QC_STATEMENTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.3");
const PKIX_SYNTAX_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.11.1");
const ETSI_QUALIFIED: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.1862.1.1");
const PERSON: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.792.1.61.0.1.5070.1.1");
const SEAL: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.792.1.61.0.1.5070.1.3");

/// What is particular about a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// A person's qualified certificate with 40 days left: what a renewal is made with.
    Valid,
    /// The same with 400 days left: too early for most institutions.
    TooEarly,
    /// Over since yesterday.
    Expired,
    /// In force from the day after tomorrow.
    NotYetValid,
    /// In force from the last second of [`Self::Valid`]: of the card that follows it.
    Successor,
    /// An electronic seal.
    Seal,
    /// Without the statements that make it qualified.
    NotQualified,
    /// An X.509 certificate whose qcStatements are cut off in the middle.
    Malformed,
}

impl Variant {
    /// First and last second, three years apart.
    pub(super) fn validity(self, now: i64) -> (i64, i64) {
        const YEARS: i64 = 3 * 365 * DAY;
        let last = match self {
            Self::Valid | Self::Seal | Self::NotQualified | Self::Malformed => now + 40 * DAY,
            Self::TooEarly => now + 400 * DAY,
            Self::Expired => now - DAY,
            Self::NotYetValid => now + 2 * DAY + YEARS,
            Self::Successor => now + 40 * DAY + YEARS,
        };
        (last - YEARS, last)
    }
}

/// The extensions of a person's certificate beside the key identifiers.
pub(super) fn extensions(subject: &Name, variant: Variant) -> Result<Vec<Extension>, PkiError> {
    let mut extensions = vec![
        KeyUsage(KeyUsages::NonRepudiation.into()).to_extension(subject, &[])?,
        policies().to_extension(subject, &[])?,
        distribution_points()?.to_extension(subject, &[])?,
        authority_access()?.to_extension(subject, &[])?,
    ];
    extensions.extend(statements(variant)?);
    Ok(extensions)
}

fn policies() -> CertificatePolicies {
    CertificatePolicies(vec![PolicyInformation { policy_identifier: POLICY, policy_qualifiers: None }])
}

fn distribution_points() -> Result<CrlDistributionPoints, PkiError> {
    Ok(CrlDistributionPoints(vec![DistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(vec![web_address(
            "http://crl.test.invalid/nes.crl",
        )?])),
        reasons: None,
        crl_issuer: None,
    }]))
}

fn authority_access() -> Result<AuthorityInfoAccessSyntax, PkiError> {
    use x509_cert::ext::pkix::AccessDescription;
    Ok(AuthorityInfoAccessSyntax(vec![
        AccessDescription {
            access_method: const_oid::db::rfc5912::ID_AD_CA_ISSUERS,
            access_location: web_address("http://ca.test.invalid/nes.crt")?,
        },
        AccessDescription {
            access_method: const_oid::db::rfc5912::ID_AD_OCSP,
            access_location: web_address("http://ocsp.test.invalid")?,
        },
    ]))
}

/// A statement of the qcStatements extension (RFC 3739, 3.2.6).
#[derive(der::Sequence)]
struct QcStatement {
    id: ObjectIdentifier,
    info: Option<Any>,
}

/// SemanticsInformation (RFC 3739, 3.2.6.1), of which only the identifier is used.
#[derive(der::Sequence)]
struct Semantics {
    identifier: ObjectIdentifier,
}

fn statements(variant: Variant) -> Result<Option<Extension>, PkiError> {
    let kind = match variant {
        Variant::NotQualified => return Ok(None),
        Variant::Seal => SEAL,
        Variant::Valid
        | Variant::TooEarly
        | Variant::Expired
        | Variant::NotYetValid
        | Variant::Successor
        | Variant::Malformed => PERSON,
    };
    let semantics = Any::encode_from(&Semantics { identifier: ETSI_QUALIFIED })?;
    let mut value = vec![
        QcStatement { id: PKIX_SYNTAX_1, info: Some(semantics) },
        QcStatement { id: ETSI_QUALIFIED, info: None },
        QcStatement { id: kind, info: None },
    ]
    .to_der()?;
    if variant == Variant::Malformed {
        value.truncate(value.len() / 2);
    }
    Ok(Some(Extension { extn_id: QC_STATEMENTS, critical: false, extn_value: OctetString::new(value)? }))
}
