//! The way to the printer: HTTP around IPP (RFC 8010, 4), over TLS where the address says `ipps`.
//!
//! It sends and forgets; it logs neither what it sends nor what it is answered.

use std::time::Duration;

use reqwest::{
    Url,
    header::{CONTENT_TYPE, HeaderValue},
    redirect::Policy,
};
use zeroize::Zeroizing;

use super::{
    Fault, News,
    ipp::{Answer, Ask, Printer},
    pwg,
};
use crate::{config, link::paper::Paper, portal::roots};

/// An answer is a few kilobytes; the list of what a printer can do, some tens.
const LIMIT: usize = 1 << 16;
/// To connect; a printer that sleeps takes its time.
const CONNECT: Duration = Duration::from_secs(10);
/// For a request with its answer, the document's included.
const ANSWER: Duration = Duration::from_secs(60);

/// A printer, and the job it was given.
pub struct Client {
    printer: Printer,
    address: Url,
    http: reqwest::Client,
    job: Option<i32>,
}

impl Client {
    /// Sets up the way to it; connects nowhere.
    ///
    /// # Errors
    /// [`Fault::Unreachable`] where roots or address cannot be used any more, which were sound at the start.
    pub fn new(config: &config::Printer) -> Result<Self, Fault> {
        let setup = |()| Fault::Unreachable;
        let printer = Printer::new(&config.address).ok_or(()).map_err(setup)?;
        let address = config.posts_to().and_then(|url| Url::parse(&url).ok()).ok_or(()).map_err(setup)?;
        let tls = roots::tls(&config.ca_roots, "printer.ca_roots").map_err(|_| Fault::Unreachable)?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|_| Fault::Unreachable)?;
        Ok(Self { printer, address, http, job: None })
    }

    /// Gives the printer the whole paper, if it takes such.
    ///
    /// # Errors
    /// The [`Fault`]; what the printer may have of it by then, [`Self::call_off`] takes back.
    pub async fn hand_over(&mut self, paper: Paper) -> Result<(), Fault> {
        self.ask(Ask::Abilities, None).await?.is_able()?;
        let document = pwg::encode(paper.leaves().iter().map(|leaf| &leaf.print));
        drop(paper);
        // By its number it can be called off, whatever becomes of the answer to the document.
        let job = self.ask(Ask::Create, None).await?.job()?;
        self.job = Some(job);
        self.ask(Ask::Send(job), Some(document)).await.map(drop)
    }

    /// How far it is.
    ///
    /// # Errors
    /// The [`Fault`]
    pub async fn look(&mut self) -> Result<News, Fault> {
        let job = self.job.ok_or(Fault::Failed)?;
        let answer = self.ask(Ask::Job(job), None).await?;
        if answer.is_at_its_end() {
            // There is nothing of it to be called off.
            self.job = None;
        }
        if let Some(over) = answer.is_over()? {
            return Ok(over);
        }
        Ok(self.ask(Ask::State, None).await?.state())
    }

    /// Has the printer forget what it was given and has not printed.
    pub async fn call_off(&mut self) {
        let Some(job) = self.job.take() else { return };
        if let Err(fault) = self.ask(Ask::Cancel(job), None).await {
            log::warn!("a job could not be called off: {fault}");
        }
    }

    async fn ask(&self, ask: Ask, document: Option<Zeroizing<Vec<u8>>>) -> Result<Answer, Fault> {
        let mut body = self.printer.request(ask)?;
        if let Some(document) = document {
            body.extend_from_slice(&document);
        }
        let posted = self
            .http
            .post(self.address.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/ipp"))
            .body(body);
        let mut response = posted.send().await.map_err(|_| Fault::Unreachable)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(Fault::Failed);
        }
        let mut whole = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|_| Fault::Unreachable)? {
            if whole.len() + part.len() > LIMIT {
                return Err(Fault::Failed);
            }
            whole.extend_from_slice(&part);
        }
        Answer::read(&whole)
    }
}

#[cfg(test)]
mod tests;
