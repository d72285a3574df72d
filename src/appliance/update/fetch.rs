//! One file by HTTPS, whole, not too long and not too late.
//!
//! The address is the configuration's and nobody else's: no redirect leads away from it, no proxy is used. It knows nothing of
//! what the file is.

use std::{error::Error, path::Path, sync::Arc, time::Duration};

use reqwest::{StatusCode, redirect::Policy};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The authorities of the image cannot be used.
    #[error("{file}: found {found}, expected certificates of the authorities that vouch for servers")]
    Authorities {
        /// The file.
        file: String,
        /// What was found.
        found: String,
    },
    /// The client cannot be set up.
    #[error("the https client cannot be set up: {0}")]
    Setup(String),
    /// The server cannot be reached, is not vouched for, or breaks off; or the time is over.
    #[error("{address}: {cause}")]
    Line {
        /// Of the file.
        address: String,
        /// All that is known.
        cause: String,
    },
    /// The server says something else than the file.
    #[error("{address}: found the answer {found}, expected 200, or 404 where there is none")]
    Status {
        /// Of the file.
        address: String,
        /// Of the answer.
        found: StatusCode,
    },
    /// The file is too long.
    #[error("{address}: found more than {most} bytes, expected at most as many")]
    Oversize {
        /// Of the file.
        address: String,
        /// Bytes.
        most: usize,
    },
}

/// The file at an address; `None` where the server has none. It has `most` bytes at most, and all of it comes `within` this
/// time. `authorities` is a PEM file of those that vouch for servers.
pub(super) fn fetch(
    address: &str,
    authorities: &Path,
    most: usize,
    within: Duration,
) -> Result<Option<Vec<u8>>, FetchError> {
    let setup = |fault: &dyn Error| FetchError::Setup(fault.to_string());
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls(authorities)?)
        .https_only(true)
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .user_agent(concat!("eimza-kiosk/", env!("CARGO_PKG_VERSION")))
        .timeout(within)
        .build()
        .map_err(|fault| setup(&fault))?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|fault| setup(&fault))?;
    runtime.block_on(get(&client, address, most))
}

async fn get(client: &reqwest::Client, address: &str, most: usize) -> Result<Option<Vec<u8>>, FetchError> {
    let line =
        |fault: reqwest::Error| FetchError::Line { address: address.to_owned(), cause: causes(&fault) };
    let oversize = || FetchError::Oversize { address: address.to_owned(), most };
    let mut answer = client.get(address).send().await.map_err(line)?;
    match answer.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => return Ok(None),
        found => return Err(FetchError::Status { address: address.to_owned(), found }),
    }
    if answer.content_length().is_some_and(|length| length > most as u64) {
        return Err(oversize());
    }
    let mut whole = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(line)? {
        if whole.len() + part.len() > most {
            return Err(oversize());
        }
        whole.extend_from_slice(&part);
    }
    Ok(Some(whole))
}

/// As RAUC's own requests: every authority the image knows. One that cannot be read vouches for nobody.
fn tls(authorities: &Path) -> Result<ClientConfig, FetchError> {
    let broken = |found: String| FetchError::Authorities { file: authorities.display().to_string(), found };
    let certificates =
        CertificateDer::pem_file_iter(authorities).map_err(|fault| broken(fault.to_string()))?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates.filter_map(Result::ok));
    if roots.is_empty() {
        return Err(broken("none".to_owned()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|fault| FetchError::Setup(fault.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// What the client says hides behind "error sending request".
fn causes(fault: &reqwest::Error) -> String {
    let mut innermost: &dyn Error = fault;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    if fault.is_timeout() { "the time is over".to_owned() } else { innermost.to_string() }
}

#[cfg(test)]
mod tests {
    use std::{path::Path, time::Duration};

    use super::{FetchError, fetch};
    use crate::tls_server::{Act, Host, Server, answer};

    const LONG: Duration = Duration::from_secs(20);
    const MOST: usize = 1000;

    fn from(server: &Server, host: &Host, within: Duration) -> Result<Option<Vec<u8>>, FetchError> {
        let address = format!("https://127.0.0.1:{}/kiosk/offices/deneme-1.bundle", server.port);
        fetch(&address, &host.root(), MOST, within)
    }

    fn fault_of(act: Act, within: Duration) -> String {
        let host = Host::named(&["127.0.0.1"]);
        let server = host.serve(vec![act]);
        let fault = from(&server, &host, within).unwrap_err().to_string();
        server.thread.join().unwrap();
        fault
    }

    #[test]
    fn a_file_comes_whole_and_where_there_is_none_that_is_no_fault() {
        let host = Host::named(&["127.0.0.1"]);
        let server =
            host.serve(vec![answer("200 OK", vec![7; MOST]), answer("404 Not Found", "no such thing")]);
        assert_eq!(from(&server, &host, LONG).unwrap(), Some(vec![7; MOST]));
        assert_eq!(from(&server, &host, LONG).unwrap(), None);
        assert!(
            server.requests.recv().unwrap().starts_with("GET /kiosk/offices/deneme-1.bundle HTTP/1.1\r\n")
        );
        server.thread.join().unwrap();
    }

    #[test]
    fn a_file_that_is_too_long_or_does_not_come_is_given_up() {
        let told = fault_of(answer("200 OK", vec![7; MOST + 1]), LONG);
        assert!(told.contains("found more than 1000 bytes"), "{told}");
        // One that does not say how long it is.
        let endless = [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".as_slice(), &[7; MOST + 1]].concat();
        let told = fault_of(Act::Answer(endless), LONG);
        assert!(told.contains("found more than 1000 bytes"), "{told}");
        let told = fault_of(Act::Silence, Duration::from_millis(300));
        assert!(told.contains("the time is over"), "{told}");
        let short = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nhalf".to_vec();
        assert!(fault_of(Act::Answer(short), LONG).starts_with("https://127.0.0.1:"));
    }

    #[test]
    fn another_answer_is_named_and_leads_nowhere() {
        let told = fault_of(answer("302 Found\r\nLocation: https://127.0.0.1:1/", ""), LONG);
        assert!(told.contains("found the answer 302 Found, expected 200"), "{told}");
        assert!(fault_of(answer("500 Oops", ""), LONG).contains("found the answer 500"));
    }

    #[test]
    fn a_server_nobody_vouches_for_gets_no_request() {
        let (host, other) = (Host::named(&["127.0.0.1"]), Host::named(&["127.0.0.1"]));
        let server = host.serve(vec![Act::Silence]);
        let fault = from(&server, &other, LONG).unwrap_err();
        assert!(
            matches!(fault, FetchError::Line { .. }) && fault.to_string().contains("certificate"),
            "{fault}"
        );
        server.thread.join().unwrap();
        assert!(server.requests.try_recv().is_err());
        let plain = fetch("http://127.0.0.1:1/", &host.root(), MOST, LONG).unwrap_err();
        assert!(matches!(plain, FetchError::Line { .. }), "{plain}");
        let nobody = fetch("https://127.0.0.1:1/", Path::new("/dev/null"), MOST, LONG).unwrap_err();
        assert!(nobody.to_string().starts_with("/dev/null: found none, expected certificates"), "{nobody}");
    }
}
