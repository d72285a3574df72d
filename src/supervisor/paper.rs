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
    /// Told, so that it can tell the printer; ends when it has.
    Printing(oneshot::Sender<()>, JoinHandle<()>),
}

impl Papers {
    pub(super) fn new(socket: Option<PathBuf>, printer: Option<config::Printer>, inbox: Inbox) -> Self {
        Self { socket, printer, inbox, open: None }
    }

    /// Has a document taken apart; the answer arrives in the inbox.
    pub(super) fn take_apart(&mut self, visit: VisitId, op: OpId, pdf: Pdf, note: Note) {
        drop(self.close());
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
        drop(self.close());
        let (off, called_off) = oneshot::channel();
        let task =
            tokio::spawn(print(self.printer.clone(), visit, op, paper, self.inbox.clone(), called_off));
        self.open = Some(Open::Printing(off, task));
    }

    /// Drops whatever is under way; a job that is called off at the printer has ended when what comes back has.
    pub(super) fn close(&mut self) -> Option<JoinHandle<()>> {
        match self.open.take()? {
            Open::TakingApart(task) => {
                task.abort();
                None
            }
            Open::Printing(off, task) => {
                // One that has ended hears nothing, and need not.
                let _ = off.send(());
                Some(task)
            }
        }
    }
}

impl Drop for Papers {
    fn drop(&mut self) {
        drop(self.close());
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
        // Whoever it belongs to is gone, or the kiosk goes down.
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ipp::prelude::{IppValue, StatusCode};

    use super::{Event, Message, News, OpId, Papers, VisitId};
    use crate::{
        printer::bench::{able, number, paper, printer, says, word},
        supervisor::inbox::inbox,
        tls_server::Host,
    };

    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn a_job_is_called_off_at_the_printer_before_whoever_waits_for_that_goes_on() {
        let host = Host::named(&["localhost"]);
        let done = || says(StatusCode::SuccessfulOk, Vec::new());
        let server = host.serve(vec![
            able(),
            number("job-id", IppValue::new_integer(7)),
            done(),
            number("job-state", IppValue::Enum(5)),
            number("printer-state-reasons", word("none")),
            done(),
        ]);
        let config = printer("ipps", &server, vec![host.root()]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (inbox, mut messages) = inbox();
            let mut papers = Papers::new(None, Some(config), inbox);
            papers.print(VisitId(1), OpId(2), paper());
            let told = tokio::time::timeout(PATIENCE, messages.recv()).await.expect("in time");
            let printing = matches!(
                told,
                Some(Message::Event(Event::Printer {
                    visit: VisitId(1),
                    op: OpId(2),
                    result: Ok(News::Printing)
                }))
            );
            assert!(printing, "{told:?}");
            let task = papers.close().expect("it prints");
            tokio::time::timeout(PATIENCE, task).await.expect("in time").expect("no panic");
            assert!(papers.close().is_none(), "once");
        });
        drop(runtime);
        server.thread.join().expect("it saw all of them");
        let last = server.requests.try_iter().last().expect("asked");
        let (_, body) = last.split_once("\r\n\r\n").expect("a body");
        assert_eq!(&body.as_bytes()[2..4], [0, 8], "Cancel-Job (RFC 8011, 4.3.3)");
    }
}
