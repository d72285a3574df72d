//! The HTTPS client: cookies of one visit, the office's own roots, timeouts, limits.
//!
//! It sends what the flow asks for and names what went wrong on the way; it reads no page, follows no
//! redirect, and logs nothing of an address, a cookie or a body.

use std::{error::Error, io, net::SocketAddr, path::PathBuf, time::Duration};

use reqwest::{
    Proxy,
    header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION},
    redirect::Policy,
};
use rustls::{ClientConfig, client::Resumption};
use zeroize::Zeroizing;

use super::{
    http::{HttpRequest, HttpResponse},
    page::Fault,
    roots,
};
use crate::config;

/// What is wrong with the configuration of the portal's connection.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A file of roots cannot be used.
    #[error("{file}: {key}: found {found}, expected a PEM file with certificates")]
    Roots {
        /// The file.
        file: PathBuf,
        /// Dotted key of the configuration.
        key: &'static str,
        /// What was found.
        found: String,
    },
    /// The proxy's address cannot be used.
    /// It may hold a password, so it is not repeated.
    #[error(
        "portal.proxy: found an address that cannot be used, expected http://host:port or socks5://host:port"
    )]
    Proxy,
    /// The client cannot be set up.
    #[error("the https client cannot be set up: {0}")]
    Setup(String),
}

/// The client of one visit at a time.
pub struct Client {
    tls: ClientConfig,
    proxy: Option<Proxy>,
    resolve: Vec<(String, SocketAddr)>,
    connect_timeout: Duration,
    answer_timeout: Duration,
    session: Option<reqwest::Client>,
}

impl Client {
    /// Reads the roots and judges the configuration; connects nowhere.
    ///
    /// # Errors
    /// [`ClientError`], naming file or key and what was found.
    pub fn new(config: &config::Portal) -> Result<Self, ClientError> {
        let proxy = config
            .proxy
            .as_ref()
            .map(|address| {
                let known =
                    ["http://", "socks5://", "socks5h://"].iter().any(|kind| address.starts_with(kind));
                let proxy = Proxy::all(address).ok().filter(|_| known);
                proxy.ok_or(ClientError::Proxy)
            })
            .transpose()?;
        let mut client = Self {
            tls: roots::tls(&config.ca_roots, "portal.ca_roots")?,
            proxy,
            // Port 0 leaves the address's own port in force.
            resolve: config
                .resolve
                .iter()
                .map(|(name, ip)| (name.clone(), SocketAddr::new(*ip, 0)))
                .collect(),
            connect_timeout: Duration::from_secs(config.connect_timeout_s),
            answer_timeout: Duration::from_secs(config.answer_timeout_s),
            session: None,
        };
        client.session = Some(client.build().map_err(|error| ClientError::Setup(error.to_string()))?);
        Ok(client)
    }

    /// Drops cookies, connections and TLS sessions.
    pub fn close(&mut self) {
        self.session = None;
    }

    /// Sends one request and waits for the whole answer. Dropping the future gives it up.
    ///
    /// # Errors
    /// [`Fault::Unreachable`] when nothing was sent, [`Fault::Tls`], [`Fault::Timeout`],
    /// [`Fault::Interrupted`] when the request may have been taken, [`Fault::Oversize`].
    pub async fn send(&mut self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.build().map_err(|_| Fault::Unreachable)?,
        };
        let session = self.session.insert(session);
        let HttpRequest { url, body, limit } = request;
        let builder = match body {
            None => session.get(url),
            Some(body) => session
                .post(url)
                .header(CONTENT_TYPE, HeaderValue::from_static(body.media_type))
                .body(body.bytes.to_vec()),
        };
        let mut response = builder.send().await.map_err(|error| cause(&error))?;
        let oversize = Fault::Oversize { limit };
        if response.content_length().is_some_and(|length| length > limit as u64) {
            return Err(oversize);
        }
        let mut whole = Zeroizing::new(Vec::new());
        while let Some(part) = response.chunk().await.map_err(|error| cause(&error))? {
            if whole.len() + part.len() > limit {
                return Err(oversize);
            }
            whole.extend_from_slice(&part);
        }
        Ok(HttpResponse {
            status: response.status().as_u16(),
            content_type: header(response.headers(), &CONTENT_TYPE),
            location: header(response.headers(), &LOCATION),
            body: whole,
        })
    }

    fn build(&self) -> Result<reqwest::Client, reqwest::Error> {
        let mut tls = self.tls.clone();
        // A ticket would join two visits at the portal.
        tls.resumption = Resumption::in_memory_sessions(8);
        let headers = HeaderMap::from_iter([
            (
                ACCEPT,
                HeaderValue::from_static(
                    "text/html, application/json;q=0.9, application/pdf;q=0.9, image/*;q=0.8",
                ),
            ),
            (ACCEPT_LANGUAGE, HeaderValue::from_static("tr")),
        ]);
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .cookie_store(true)
            .referer(false)
            .no_proxy()
            .user_agent(concat!("eimza-kiosk/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(self.connect_timeout)
            .timeout(self.answer_timeout)
            // A connection for each request: on one that the portal closed meanwhile, a request that was
            // never sent would look like one whose answer was lost.
            .pool_max_idle_per_host(0);
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        for (name, address) in &self.resolve {
            builder = builder.resolve(name, *address);
        }
        builder.build()
    }
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// What an error of the client means. Its text holds the address, so nothing of it travels on.
fn cause(error: &reqwest::Error) -> Fault {
    if speaks_of_tls(error) {
        Fault::Tls
    } else if error.is_connect() || error.is_builder() || error.is_dns() {
        // Before the connection stands nothing was sent, however long it took.
        Fault::Unreachable
    } else if error.is_timeout() {
        Fault::Timeout
    } else {
        Fault::Interrupted
    }
}

/// Whether TLS itself refused: the certificate, the name, the protocol. An error inside an `io::Error` is
/// not among its sources and has to be asked for.
fn speaks_of_tls(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) if inner.is::<rustls::Error>() => return true,
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

#[cfg(test)]
mod tests;
