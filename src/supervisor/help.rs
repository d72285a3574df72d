//! Tells staff of a call: the journal always, a switched line and the office's own address where there are any.
//!
//! What is posted names office, kiosk, reference, step and time, and nobody. It knows no policy; a visit waits for none of it.

use std::{path::PathBuf, time::Duration};

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use url::Url;
use zeroize::Zeroizing;

use super::{
    clock,
    inbox::{Inbox, Message},
    indicators::Order,
};
use crate::{
    config::{self, Config},
    portal::{Body, Client, ClientError, Fault, HttpRequest},
    session::{Event, StaffCall},
};

/// Waited before another try; so many tries there are, and one more.
const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(6)];
/// Seconds to connect, and for a whole answer.
const TIMEOUT_S: u64 = 5;
/// Most bytes of an answer, which nobody reads.
const ANSWER_LIMIT: usize = 64 * 1024;

/// How staff is told.
#[derive(Debug)]
pub(super) struct Calls {
    webhook: Option<Webhook>,
    /// A line is switched besides.
    line: bool,
    orders: mpsc::UnboundedSender<Order>,
    inbox: Inbox,
}

/// Where calls are posted to.
#[derive(Debug, Clone)]
struct Webhook {
    address: Url,
    client: config::Portal,
    office: String,
    kiosk: String,
    pauses: [Duration; 2],
}

/// What is posted, as JSON.
#[derive(Debug, Serialize)]
struct Posted<'a> {
    office: &'a str,
    kiosk: &'a str,
    reference: String,
    step: &'static str,
    /// RFC 3339, UTC.
    time: String,
}

/// Why a call was not taken.
#[derive(Debug, thiserror::Error)]
enum NotTold {
    #[error("{0}")]
    Client(#[from] ClientError),
    #[error("{0}")]
    Encoding(#[from] serde_json::Error),
    #[error("{0:?}")]
    Fault(Fault),
    #[error("the answer is {0}, expected 200 to 299")]
    Status(u16),
}

impl Calls {
    /// `line`: there is a line to switch.
    pub(super) fn new(
        config: &Config,
        line: bool,
        orders: mpsc::UnboundedSender<Order>,
        inbox: Inbox,
    ) -> Self {
        Self { webhook: Webhook::of(config), line, orders, inbox }
    }

    /// Tells of a call; what came of it arrives in the inbox, where there is any way.
    pub(super) fn call(&self, call: StaffCall) {
        let StaffCall { number, visit, reference, step, told_already } = call;
        log::warn!(VISIT = visit.map_or(0, |visit| visit.0), REFERENCE = reference.to_string(), STEP = step; "staff is called");
        if told_already {
            return;
        }
        let (webhook, inbox) = (self.webhook.clone(), self.inbox.clone());
        if webhook.is_none() && !self.line {
            return;
        }
        let (told, switched) = oneshot::channel();
        if self.line {
            // Where nobody takes the order, nothing is switched, and that is what is heard.
            let _ = self.orders.send(Order::Call(told));
        }
        let time = Timestamp::from_second(clock::wall()).unwrap_or_default().to_string();
        tokio::spawn(async move {
            let posted = match webhook {
                Some(webhook) => webhook.tell(reference.to_string(), step, time).await,
                None => false,
            };
            let told = switched.await.unwrap_or(false) || posted;
            inbox.put(Message::Event(Event::StaffCalled { number, told })).await;
        });
    }
}

impl Webhook {
    fn of(config: &Config) -> Option<Self> {
        let address = Url::parse(config.help.webhook.as_deref()?)
            // The address may hold a key.
            .inspect_err(|error| log::warn!("help.webhook is not used: {error}"))
            .ok()?;
        let client = config::Portal {
            profile: PathBuf::new(),
            proxy: None,
            connect_timeout_s: TIMEOUT_S,
            answer_timeout_s: TIMEOUT_S,
            ..config.portal.clone()
        };
        let named = || rustix::system::uname().nodename().to_string_lossy().into_owned();
        let kiosk = config.help.kiosk.clone().unwrap_or_else(named);
        Some(Self { address, client, office: config.office.name.clone(), kiosk, pauses: PAUSES })
    }

    /// Whether it was taken, after some tries.
    async fn tell(self, reference: String, step: &'static str, time: String) -> bool {
        let posted = Posted { office: &self.office, kiosk: &self.kiosk, reference, step, time };
        for pause in self.pauses.map(Some).into_iter().chain([None]) {
            match self.post(&posted).await {
                Ok(()) => return true,
                Err(why) => {
                    log::warn!(REFERENCE = posted.reference; "the call for staff was not taken: {why}")
                }
            }
            if let Some(pause) = pause {
                tokio::time::sleep(pause).await;
            }
        }
        false
    }

    async fn post(&self, posted: &Posted<'_>) -> Result<(), NotTold> {
        let bytes = Zeroizing::new(serde_json::to_vec(posted)?);
        let body = Some(Body { media_type: "application/json", bytes });
        let request = HttpRequest { url: self.address.clone(), body, limit: ANSWER_LIMIT };
        let answer = Client::new(&self.client)?.send(request).await.map_err(NotTold::Fault)?;
        if (200..300).contains(&answer.status) { Ok(()) } else { Err(NotTold::Status(answer.status)) }
    }
}

#[cfg(test)]
mod tests;
