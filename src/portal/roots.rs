//! The only roots a server is trusted under: PEM files of the configuration.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::ClientError;

/// TLS with these roots and no others. `key` is what the configuration calls them.
///
/// # Errors
/// [`ClientError`], naming file and key and what was found.
pub(crate) fn tls(files: &[PathBuf], key: &'static str) -> Result<ClientConfig, ClientError> {
    let mut roots = RootCertStore::empty();
    for file in files {
        add_roots(&mut roots, file, key)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::Setup(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn add_roots(roots: &mut RootCertStore, file: &Path, key: &'static str) -> Result<(), ClientError> {
    let wrong = |found: String| ClientError::Roots { file: file.to_owned(), key, found };
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| wrong(error.to_string()))?;
    let mut count = 0;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
        count += 1;
    }
    if count == 0 { Err(wrong("no certificate".to_owned())) } else { Ok(()) }
}
