//! The link to `kiosk-token`: keeps it connected, gives calls their numbers and answers their operation.
//!
//! Every call is answered exactly once, by the signer or, when that is gone, by
//! [`signer::Fault::SignerLost`]. It knows nothing of what is asked.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{sync::mpsc, time::Instant};

use super::{
    inbox::{Inbox, Message},
    readable::readable,
};
use crate::{
    link::{
        arrival::Arrival,
        codec::CodecError,
        signer::{self, Call},
    },
    session::{Event, OpId, SignerEvent, VisitId},
    token::client::{self, Answers, Calls},
};

/// A signer that is not there is tried again at least this often; one that comes up is noticed at once.
const RETRY: Duration = Duration::from_millis(500);
/// A signer that takes nothing for so long hangs.
const TAKES_WITHIN: Duration = Duration::from_secs(5);

/// A question of the session.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) visit: VisitId,
    pub(super) op: OpId,
    pub(super) request: signer::Request,
}

/// Serves questions until nobody can ask any more.
pub(super) async fn run(
    path: PathBuf,
    uid: Option<u32>,
    mut questions: mpsc::UnboundedReceiver<Question>,
    inbox: Inbox,
) {
    let mut said_missing = false;
    loop {
        let earliest_next = Instant::now() + RETRY;
        let link = {
            let connect = connect(&path, uid, &mut said_missing);
            tokio::pin!(connect);
            loop {
                tokio::select! {
                    biased;
                    link = &mut connect => break link,
                    question = questions.recv() => match question {
                        Some(question) => lost(&question, &inbox).await,
                        None => return,
                    },
                }
            }
        };
        said_missing = false;
        log::info!("the signer is connected");
        inbox.put(Message::Event(Event::Signer(SignerEvent::Connected))).await;
        let mut open = Open { link, number: 0, waiting: BTreeMap::new() };
        let ended = open.serve(&mut questions, &inbox).await;
        for (_, (visit, op)) in std::mem::take(&mut open.waiting) {
            answer(visit, op, Err(signer::Fault::SignerLost), &inbox).await;
        }
        let Err(fault) = ended else { return };
        drop(open);
        match fault {
            // It starts afresh after every visit.
            CodecError::Closed => log::info!("the signer left"),
            fault @ (CodecError::Oversize { .. } | CodecError::Malformed | CodecError::Io(_)) => {
                log::warn!("the signer's connection was lost: {fault}");
            }
        }
        inbox.put(Message::Event(Event::Signer(SignerEvent::Lost))).await;
        // One that lets us in and turns us away again must not keep the loop busy.
        while let Ok(question) = tokio::time::timeout_at(earliest_next, questions.recv()).await {
            let Some(question) = question else { return };
            lost(&question, &inbox).await;
        }
    }
}

struct Open {
    link: (Calls, Answers),
    number: u64,
    waiting: BTreeMap<u64, (VisitId, OpId)>,
}

impl Open {
    /// Serves until the link fails, or until nobody can ask any more (`Ok`).
    async fn serve(
        &mut self,
        questions: &mut mpsc::UnboundedReceiver<Question>,
        inbox: &Inbox,
    ) -> Result<(), CodecError> {
        let (calls, answers) = &mut self.link;
        loop {
            tokio::select! {
                question = questions.recv() => {
                    let Some(Question { visit, op, request }) = question else { return Ok(()) };
                    self.number += 1;
                    self.waiting.insert(self.number, (visit, op));
                    let call = Call { number: self.number, request };
                    match tokio::time::timeout(TAKES_WITHIN, calls.send(&call)).await {
                        Ok(Ok(())) => {}
                        // Nothing was sent; the link is as good as before.
                        Ok(Err(CodecError::Oversize { .. })) => {
                            self.waiting.remove(&self.number);
                            answer(visit, op, Err(signer::Fault::BadText), inbox).await;
                        }
                        Ok(Err(fault)) => return Err(fault),
                        Err(_) => return Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
                    }
                }
                arrived = answers.next() => {
                    let arrived = arrived?;
                    // An answer nobody waits for is one too many: the other end is not in its senses.
                    let Some((visit, op)) = self.waiting.remove(&arrived.number) else {
                        return Err(CodecError::Malformed);
                    };
                    answer(visit, op, arrived.result, inbox).await;
                }
            }
        }
    }
}

async fn connect(path: &Path, uid: Option<u32>, said_missing: &mut bool) -> (Calls, Answers) {
    loop {
        // Before the try, so that a signer that comes up right after it is not missed.
        let arrival = Arrival::watch(path).and_then(|arrival| readable(arrival.into()));
        match client::connect(path, uid).await {
            Ok(link) => return link,
            Err(error) if !*said_missing => {
                *said_missing = true;
                log::warn!("the signer is not there: {error}");
            }
            Err(_) => {}
        }
        let change = async {
            match &arrival {
                Ok(arrival) => drop(arrival.readable().await),
                Err(_) => std::future::pending().await,
            }
        };
        // Either way it is tried again.
        let _ = tokio::time::timeout(RETRY, change).await;
    }
}

async fn lost(question: &Question, inbox: &Inbox) {
    answer(question.visit, question.op, Err(signer::Fault::SignerLost), inbox).await;
}

async fn answer(visit: VisitId, op: OpId, result: Result<signer::Reply, signer::Fault>, inbox: &Inbox) {
    inbox.put(Message::Event(Event::Signed { visit, op, result })).await;
}

#[cfg(test)]
mod tests {
    use std::{
        os::unix::net::{UnixListener, UnixStream},
        time::Duration,
    };

    use tokio::sync::mpsc;

    use super::{Question, run};
    use crate::{
        link::{
            codec,
            listen::listen,
            signer::{Answer, Call, Fault, Reply, Request},
        },
        session::{Event, OpId, SignerEvent, VisitId},
        supervisor::inbox::{Message, inbox},
    };

    const PATIENCE: Duration = Duration::from_secs(10);

    /// The adapter on a socket that a test plays the signer at.
    struct Bench {
        folder: tempfile::TempDir,
        questions: mpsc::UnboundedSender<Question>,
        messages: mpsc::Receiver<Message>,
    }

    impl Bench {
        /// Runs a test beside the adapter.
        fn run<F: Future<Output = ()>>(test: impl FnOnce(Self) -> F) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let folder = tempfile::tempdir().unwrap();
                let (inbox, messages) = inbox();
                let (questions, asked) = mpsc::unbounded_channel();
                let adapter = tokio::spawn(run(folder.path().join("signer"), None, asked, inbox));
                test(Self { folder, questions, messages }).await;
                adapter.await.expect("it ends as the questions end");
            });
        }

        fn listen(&self) -> UnixListener {
            listen("none", &self.folder.path().join("signer")).unwrap()
        }

        fn ask(&self, op: u64, request: Request) {
            self.questions.send(Question { visit: VisitId(7), op: OpId(op), request }).unwrap();
        }

        async fn next(&mut self) -> Event {
            let message = tokio::time::timeout(PATIENCE, self.messages.recv()).await;
            let message = message.expect("in time").expect("the adapter runs");
            let Message::Event(event) = message else { panic!("{message:?}") };
            event
        }

        /// Connected as the signer, with the adapter's first event taken.
        async fn connected(&mut self) -> UnixStream {
            let listener = self.listen();
            assert_eq!(self.next().await, Event::Signer(SignerEvent::Connected));
            let (socket, _) = listener.accept().unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            socket
        }
    }

    fn answered(op: u64, result: Result<Reply, Fault>) -> Event {
        Event::Signed { visit: VisitId(7), op: OpId(op), result }
    }

    /// Reads calls without keeping the adapter from its turns.
    async fn call(socket: &UnixStream) -> Call {
        let mut socket = socket.try_clone().unwrap();
        tokio::task::spawn_blocking(move || codec::read(&mut socket).unwrap()).await.unwrap()
    }

    fn reply(mut socket: &UnixStream, number: u64, result: Result<Reply, Fault>) {
        codec::write(&mut socket, &Answer { number, result }).unwrap();
    }

    #[test]
    fn answers_find_the_operation_that_asked_in_whatever_order_they_come() {
        Bench::run(async |mut bench| {
            let socket = bench.connected().await;
            bench.ask(11, Request::CardOut);
            bench.ask(12, Request::EndVisit);
            let (first, second) = (call(&socket).await, call(&socket).await);
            assert_eq!((first.request, second.request), (Request::CardOut, Request::EndVisit));
            reply(&socket, second.number, Ok(Reply::Done));
            reply(&socket, first.number, Err(Fault::NoCard));
            assert_eq!(bench.next().await, answered(12, Ok(Reply::Done)));
            assert_eq!(bench.next().await, answered(11, Err(Fault::NoCard)));
        });
    }

    #[test]
    fn a_question_while_the_signer_is_away_is_answered_at_once() {
        Bench::run(async |mut bench| {
            bench.ask(1, Request::CardOut);
            assert_eq!(bench.next().await, answered(1, Err(Fault::SignerLost)));
        });
    }

    #[test]
    fn a_signer_that_dies_answers_what_it_was_asked_and_is_found_again() {
        Bench::run(async |mut bench| {
            let socket = bench.connected().await;
            bench.ask(1, Request::CardOut);
            call(&socket).await;
            drop(socket);
            assert_eq!(bench.next().await, answered(1, Err(Fault::SignerLost)));
            assert_eq!(bench.next().await, Event::Signer(SignerEvent::Lost));
            let socket = bench.connected().await;
            bench.ask(2, Request::EndVisit);
            assert_eq!(call(&socket).await.request, Request::EndVisit);
        });
    }

    #[test]
    fn an_answer_nobody_asked_for_ends_the_link() {
        Bench::run(async |mut bench| {
            let socket = bench.connected().await;
            bench.ask(1, Request::CardOut);
            let number = call(&socket).await.number;
            reply(&socket, number + 1, Ok(Reply::Done));
            assert_eq!(bench.next().await, answered(1, Err(Fault::SignerLost)));
            assert_eq!(bench.next().await, Event::Signer(SignerEvent::Lost));
        });
    }
}
