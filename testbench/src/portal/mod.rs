//! The portal simulator: the authority's pages as the guide describes them, over real TLS, with named faults.
//!
//! It plays the portal and nothing else: it knows neither the kiosk nor its card, and judges signatures by
//! code of its own. One lock gives one order of events; see [`SimEvent`].
//!
//! | module | owns |
//! |---|---|
//! | `flow` | the steps of an application: request in, page out |
//! | `signing` | the signing service |
//! | `online` | `nb.go`, the pages for holders of a card, and unblocking at the signing service |
//! | `judge`, `cades`, `certificate` | what a signature is taken for: an application or a login |
//! | `meb`, `saglik` | the pages of two institutions: wording and markup |
//! | `pdf` | the document of method 1 |
//! | `web`, `cut` | HTTP, TLS, charsets, connections that are cut |
//! | `chance` | pictures and numbers, the same again where a seed is given |
//! | `fault` | the named faults; what each must lead to is in `testbench/faults.toml` |

mod cades;
mod captcha;
mod certificate;
mod chance;
mod contract;
mod cut;
mod event;
mod fault;
mod fields;
mod flow;
mod font;
mod institution;
mod journal;
mod judge;
mod meb;
mod online;
mod options;
mod outbox;
pub(crate) mod pdf;
pub mod provinces;
mod saglik;
mod signing;
mod state;
#[cfg(test)]
mod tests;
pub mod turkish;
mod web;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, mpsc::Receiver},
    thread::JoinHandle,
    time::Duration,
};

use anyhow::{Context, anyhow};
use axum_server::{
    Handle,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

pub use event::{PageName, SimEvent, What};
pub use fault::Fault;
pub use judge::Judge;
pub use online::{Account, NewCard, OnlinePage, Unblocked};
pub use options::{Institution, Options, Person, Timers};
pub use outbox::{Outbox, Sms};
pub use signing::Refusal;
pub use state::Application;

/// A running portal; dropping it stops it.
pub struct Simulator {
    desk: web::Desk,
    listening: SocketAddr,
    handle: Handle<SocketAddr>,
    tls: RustlsConfig,
    trusted: Arc<ServerConfig>,
    untrusted: Arc<ServerConfig>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts a portal on a thread of its own and returns once it listens.
    ///
    /// # Errors
    /// When a certificate or key is none, or the address or the log cannot be had.
    pub fn start(options: Options) -> anyhow::Result<Self> {
        let trusted = tls_config(
            CertificateDer::pem_slice_iter(options.tls_certificate_pem.as_bytes())
                .collect::<Result<_, _>>()
                .context("TLS certificate")?,
            PrivateKeyDer::from_pem_slice(options.tls_key_pem.as_bytes()).context("TLS key")?,
        )?;
        let untrusted = self_made_config()?;
        let portal = state::Portal {
            register: options.register,
            timers: options.timers,
            judge: Judge::read(&options.authorities)?,
            faults: std::collections::HashSet::new(),
            struck: std::collections::HashSet::new(),
            sessions: std::collections::HashMap::new(),
            codes: std::collections::HashMap::new(),
            applications: Vec::new(),
            documents: Vec::new(),
            online: std::collections::HashMap::new(),
            unblockings: std::collections::HashMap::new(),
            unblocked: Vec::new(),
            last_captcha: None,
            chance: chance::Chance::new(options.seed),
            journal: journal::Journal::open(options.log.as_deref())?,
        };
        let desk = web::Desk {
            portal: Arc::new(Mutex::new(portal)),
            outbox: Outbox::default(),
            connections: cut::Connections::default(),
        };
        let listener = std::net::TcpListener::bind(options.listen).context("the portal's address")?;
        listener.set_nonblocking(true)?;
        let listening = listener.local_addr()?;
        let tls = RustlsConfig::from_config(Arc::clone(&trusted));
        let handle = Handle::new();
        let acceptor = RustlsAcceptor::new(tls.clone()).acceptor(desk.connections.clone());
        let service = web::router(desk.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let serving = handle.clone();
        let thread = std::thread::Builder::new().name("portal".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let server = match axum_server::from_tcp(listener) {
                    Ok(server) => server,
                    Err(error) => return log::error!("the portal cannot listen: {error}"),
                };
                if let Err(error) = server.acceptor(acceptor).handle(serving).serve(service).await {
                    log::error!("the portal ended: {error}");
                }
            });
        })?;
        let simulator = Self { desk, listening, handle, tls, trusted, untrusted, thread: Some(thread) };
        simulator.set_faults(&options.faults);
        Ok(simulator)
    }

    /// Address of an institution's first page.
    #[must_use]
    pub fn address(&self, institution: Institution) -> String {
        format!("https://localhost:{}{}", self.listening.port(), institution.path())
    }

    /// Address of the signing service; `/texts` and `/signatures` are below it.
    #[must_use]
    pub fn signing_address(&self) -> String {
        format!("https://localhost:{}/imza", self.listening.port())
    }

    /// Address of the first online page.
    #[must_use]
    pub fn online_address(&self) -> String {
        format!("https://localhost:{}{}", self.listening.port(), online::FIRST)
    }

    /// How unblockings ended, in the order in which that was told.
    #[must_use]
    pub fn unblocked(&self) -> Vec<Unblocked> {
        self.desk.portal().unblocked.clone()
    }

    /// The SMS messages sent.
    #[must_use]
    pub fn outbox(&self) -> Outbox {
        self.desk.outbox.clone()
    }

    /// The text in the picture that was drawn last, for who plays the person.
    #[must_use]
    pub fn captcha(&self) -> Option<String> {
        self.desk.portal().last_captcha.clone()
    }

    /// Switches faults: these are on from now, all others off. What strikes once may strike anew.
    pub fn set_faults(&self, faults: &[Fault]) {
        let untrusted = faults.contains(&Fault::TlsUntrusted);
        let config = if untrusted { &self.untrusted } else { &self.trusted };
        if !Arc::ptr_eq(&self.tls.get_inner(), config) {
            self.tls.reload_from_config(Arc::clone(config));
            self.desk.connections.cut_all();
        }
        self.desk.portal().set_faults(faults);
    }

    /// The applications received, in order.
    #[must_use]
    pub fn applications(&self) -> Vec<Application> {
        self.desk.portal().applications.clone()
    }

    /// The documents of method 1 that were handed out, in order, as they were.
    #[must_use]
    pub fn documents(&self) -> Vec<Vec<u8>> {
        self.desk.portal().documents.clone()
    }

    /// Every event from now on.
    #[must_use]
    pub fn events(&self) -> Receiver<SimEvent> {
        self.desk.portal().journal.listen()
    }

    /// Stops the portal: no connection is left when this returns.
    ///
    /// # Errors
    /// When its thread panicked.
    pub fn stop(mut self) -> anyhow::Result<()> {
        self.end()
    }

    fn end(&mut self) -> anyhow::Result<()> {
        self.desk.connections.cut_all();
        self.handle.graceful_shutdown(Some(Duration::ZERO));
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(_)) => Err(anyhow!("the portal's thread panicked")),
            Some(Ok(())) | None => Ok(()),
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            log::warn!("{error}");
        }
    }
}

/// A document as the portal makes it, of these texts, each from a page of its own on.
///
/// # Errors
/// When its font is none.
pub fn document(texts: &[Vec<u8>]) -> anyhow::Result<Vec<u8>> {
    pdf::document(texts, &state::token())
}

fn tls_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> anyhow::Result<Arc<ServerConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("TLS certificate and key")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A ticket would let a client resume without looking at the certificate again.
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// A certificate that no root stands above.
fn self_made_config() -> anyhow::Result<Arc<ServerConfig>> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(|error| anyhow!(error))?;
    tls_config(vec![made.cert.der().clone()], key)
}
