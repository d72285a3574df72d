//! The document of the visit at hand: taken apart by `kiosk-paper`, printed by the office's printer.
//!
//! One thing is under way at a time, and what is dropped is gone: a process ends with its connection, a job is called off.
//! It knows nothing of what is on a page.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    sync::oneshot,
    task::JoinHandle,
};
use zeroize::Zeroizing;

use super::inbox::{Inbox, Message};
use crate::{
    config,
    link::{
        codec, listen,
        paper::{Answer, Fault, Gathering, Note, Order, Paper},
    },
    portal::Pdf,
    printer::{self, Client, News},
    session::{Event, OpId, VisitId},
};

/// Between two looks at the printer.
const LOOK: Duration = Duration::from_secs(1);

/// What is under way with paper.
#[derive(Debug)]
pub(super) struct Papers {
    socket: Option<PathBuf>,
    printer: Option<config::Printer>,
    inbox: Inbox,
    open: Option<Open>,
}

#[derive(Debug)]
enum Open {
    /// Dropped with its connection.
    TakingApart(JoinHandle<()>),
    /// Told, so that it can tell the printer.
    Printing(oneshot::Sender<()>),
}

impl Papers {
    pub(super) fn new(socket: Option<PathBuf>, printer: Option<config::Printer>, inbox: Inbox) -> Self {
        Self { socket, printer, inbox, open: None }
    }

    /// Has a document taken apart; the answer arrives in the inbox.
    pub(super) fn take_apart(&mut self, visit: VisitId, op: OpId, pdf: Pdf, note: Note) {
        self.close();
        let (socket, inbox) = (self.socket.clone(), self.inbox.clone());
        let task = tokio::spawn(async move {
            let result = taken_apart(socket.as_deref(), Order { pdf, note }).await.map_err(|error| {
                log::warn!(VISIT = visit.0, FAULT = error.to_string(); "a document was not taken apart");
                error.fault()
            });
            inbox.put(Message::Event(Event::Paper { visit, op, result })).await;
        });
        self.open = Some(Open::TakingApart(task));
    }

    /// Prints; what becomes of it arrives in the inbox.
    pub(super) fn print(&mut self, visit: VisitId, op: OpId, paper: Paper) {
        self.close();
        let (off, called_off) = oneshot::channel();
        tokio::spawn(print(self.printer.clone(), visit, op, paper, self.inbox.clone(), called_off));
        self.open = Some(Open::Printing(off));
    }

    /// Drops whatever is under way.
    pub(super) fn close(&mut self) {
        match self.open.take() {
            Some(Open::TakingApart(task)) => task.abort(),
            // One that has ended hears nothing, and need not.
            Some(Open::Printing(off)) => drop(off.send(())),
            None => {}
        }
    }
}

impl Drop for Papers {
    fn drop(&mut self) {
        self.close();
    }
}

/// Why there are no sheets, for the log.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error("links.paper is not set")]
    NoSocket,
    #[error("the connection: {0}")]
    Connection(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] codec::CodecError),
}

impl Broken {
    fn fault(&self) -> Fault {
        match self {
            Self::Fault(fault) => *fault,
            Self::NoSocket | Self::Connection(_) | Self::Frame(_) => Fault::Lost,
        }
    }
}

async fn taken_apart(socket: Option<&Path>, order: Order) -> Result<Paper, Broken> {
    let mut link = UnixStream::connect(socket.ok_or(Broken::NoSocket)?).await?;
    // systemd listens for it, which every process believes; on a desk it runs as the same user.
    listen::require_listener(&link, None)?;
    link.write_all(&codec::encode(&order)?).await?;
    drop(order);
    let mut gathering = Gathering::default();
    loop {
        let mut head = [0; 4];
        link.read_exact(&mut head).await?;
        let mut body = Zeroizing::new(vec![0; codec::length(head)?]);
        link.read_exact(&mut body).await?;
        if let Some(paper) = gathering.take(codec::decode::<Answer>(&body)?)? {
            return Ok(paper);
        }
    }
}

async fn print(
    printer: Option<config::Printer>,
    visit: VisitId,
    op: OpId,
    paper: Paper,
    inbox: Inbox,
    mut called_off: oneshot::Receiver<()>,
) {
    let client = printer.ok_or(printer::Fault::Unreachable).and_then(|printer| Client::new(&printer));
    let mut client = match client {
        Ok(client) => client,
        Err(fault) => return tell(visit, op, Err(fault), &inbox).await,
    };
    let ended = tokio::select! {
        biased;
        // Whoever it belongs to is gone, or the kiosk goes down: then the sender is dropped.
        _ = &mut called_off => None,
        ended = out(&mut client, (visit, op), paper, &inbox) => Some(ended),
    };
    match ended {
        Some(Ok(())) => tell(visit, op, Ok(News::Done), &inbox).await,
        Some(Err(fault)) => {
            tell(visit, op, Err(fault), &inbox).await;
            client.call_off().await;
        }
        None => client.call_off().await,
    }
}

/// Until every sheet is out.
async fn out(
    client: &mut Client,
    (visit, op): (VisitId, OpId),
    paper: Paper,
    inbox: &Inbox,
) -> Result<(), printer::Fault> {
    client.hand_over(paper).await?;
    let mut said = None;
    loop {
        let news = client.look().await?;
        if news == News::Done {
            return Ok(());
        }
        if said.replace(news) != Some(news) {
            tell(visit, op, Ok(news), inbox).await;
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn tell(visit: VisitId, op: OpId, result: Result<News, printer::Fault>, inbox: &Inbox) {
    if let Err(fault) = &result {
        log::warn!(VISIT = visit.0, FAULT = fault.to_string(); "the printer did not do it");
    }
    inbox.put(Message::Event(Event::Printer { visit, op, result })).await;
}
