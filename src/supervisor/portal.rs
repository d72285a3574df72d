//! Runs the portal driver for the visit at hand: actions in, pages or faults out.
//!
//! Each visit gets a driver of its own, which is dropped with its cookies, connections and pages when the
//! visit ends. It knows nothing of what is on a page.

use std::collections::VecDeque;

use tokio::{sync::mpsc, task::JoinHandle};

use super::inbox::{Inbox, Message};
use crate::{
    config,
    portal::{Action, Driver, Fault},
    session::{Event, OpId, VisitId},
};

/// The driver of the visit at hand, if there is one.
#[derive(Debug)]
pub(super) struct Portal {
    config: config::Portal,
    inbox: Inbox,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    visit: VisitId,
    orders: mpsc::UnboundedSender<Order>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
enum Order {
    Ask(Question),
    Cancel,
}

#[derive(Debug)]
struct Question {
    visit: VisitId,
    op: OpId,
    action: Action,
}

impl Portal {
    pub(super) fn new(config: config::Portal, inbox: Inbox) -> Self {
        Self { config, inbox, open: None }
    }

    /// Asks for an action; the answer arrives in the inbox, unless it is cancelled before.
    pub(super) fn ask(&mut self, visit: VisitId, op: OpId, action: Action) {
        if self.open.as_ref().is_none_or(|open| open.visit != visit) {
            // Nothing of one visit is sent in another, whatever was forgotten.
            self.close();
            let (orders, taken) = mpsc::unbounded_channel();
            let task = tokio::spawn(serve(self.config.clone(), taken, self.inbox.clone()));
            self.open = Some(Open { visit, orders, task });
        }
        self.order(Order::Ask(Question { visit, op, action }));
    }

    /// Gives up what is under way; cookies and connections stay.
    pub(super) fn cancel(&self) {
        self.order(Order::Cancel);
    }

    /// Drops everything of the portal's session.
    pub(super) fn close(&mut self) {
        if let Some(open) = self.open.take() {
            open.task.abort();
        }
    }

    fn order(&self, order: Order) {
        if let Some(open) = &self.open {
            // A task that has ended answered its last question with a fault.
            let _ = open.orders.send(order);
        }
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.close();
    }
}

async fn serve(config: config::Portal, mut orders: mpsc::UnboundedReceiver<Order>, inbox: Inbox) {
    let mut driver = Driver::new(&config).inspect_err(|fault| log::error!("no portal driver: {fault}")).ok();
    let mut waiting = VecDeque::new();
    loop {
        let question: Question = match waiting.pop_front() {
            Some(question) => question,
            None => match orders.recv().await {
                Some(Order::Ask(question)) => question,
                Some(Order::Cancel) => continue,
                None => return,
            },
        };
        let Question { visit, op, action } = question;
        let work = async {
            match &mut driver {
                Some(driver) => driver.perform(action).await,
                // Profile and roots were sound at the start and are not any more.
                None => Err(Fault::Unreachable),
            }
        };
        tokio::pin!(work);
        let result = loop {
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(Order::Ask(question)) => waiting.push_back(question),
                    Some(Order::Cancel) => {
                        waiting.clear();
                        break None;
                    }
                    None => return,
                },
                result = &mut work => break Some(result),
            }
        };
        if let Some(result) = result {
            if let Err(fault) = &result {
                // Faults name causes; the portal's own words in them are not printed.
                log::info!(VISIT = visit.0, FAULT = fault.to_string(); "the portal did not do it");
            }
            inbox.put(Message::Event(Event::Portal { visit, op, result })).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, path::Path, time::Duration};

    use tokio::sync::mpsc;

    use super::{Action, Event, Fault, Message, OpId, Portal, VisitId};
    use crate::{config, supervisor::inbox::inbox};

    const PATIENCE: Duration = Duration::from_secs(10);

    /// A portal of which every connection hangs, and what comes of asking it.
    struct Bench {
        portal: Portal,
        messages: mpsc::Receiver<Message>,
        listener: TcpListener,
        _roots: tempfile::NamedTempFile,
    }

    impl Bench {
        fn run<F: Future<Output = ()>>(test: impl FnOnce(Self) -> F) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let roots = tempfile::NamedTempFile::new().unwrap();
                let root = rcgen::generate_simple_self_signed(vec!["root.invalid".to_owned()]).unwrap();
                std::fs::write(&roots, root.cert.pem()).unwrap();
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let port = listener.local_addr().unwrap().port();
                let config = config::Portal {
                    profile: Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/meb.toml"),
                    address: Some(format!("https://127.0.0.1:{port}/")),
                    signing_address: None,
                    online_address: None,
                    ca_roots: vec![roots.path().to_owned()],
                    proxy: None,
                    connect_timeout_s: 120,
                    answer_timeout_s: 120,
                    resolve: std::collections::BTreeMap::new(),
                };
                let (inbox, messages) = inbox();
                let portal = Portal::new(config, inbox);
                test(Self { portal, messages, listener, _roots: roots }).await;
            });
        }

        fn open(&mut self, visit: u64, op: u64) {
            self.portal.ask(VisitId(visit), OpId(op), Action::Open);
        }

        /// Waits until the driver has connected.
        async fn reached(&self) -> std::net::TcpStream {
            let listener = self.listener.try_clone().unwrap();
            tokio::task::spawn_blocking(move || listener.accept().unwrap().0).await.unwrap()
        }

        async fn answer(&mut self) -> (VisitId, OpId, Fault) {
            let message = tokio::time::timeout(PATIENCE, self.messages.recv()).await.expect("in time");
            match message {
                Some(Message::Event(Event::Portal { visit, op, result: Err(fault) })) => (visit, op, fault),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn what_is_cancelled_is_not_answered_and_the_next_question_is() {
        Bench::run(async |mut bench| {
            bench.open(1, 1);
            bench.open(1, 2);
            let hanging = bench.reached().await;
            bench.portal.cancel();
            bench.portal.ask(VisitId(1), OpId(3), Action::CheckResult);
            // The first answer is the third question's: nothing is left of the other two.
            assert_eq!(bench.answer().await, (VisitId(1), OpId(3), Fault::OutOfOrder));
            drop(hanging);
        });
    }

    #[test]
    fn the_next_visit_has_nothing_of_a_visit_that_was_forgotten() {
        Bench::run(async |mut bench| {
            bench.open(1, 1);
            let hanging = bench.reached().await;
            bench.portal.ask(VisitId(2), OpId(2), Action::CheckResult);
            assert_eq!(bench.answer().await, (VisitId(2), OpId(2), Fault::OutOfOrder));
            drop(hanging);
        });
    }

    #[test]
    fn closing_drops_the_connection() {
        Bench::run(async |mut bench| {
            bench.open(1, 1);
            let mut hanging = bench.reached().await;
            bench.portal.close();
            let end = tokio::task::spawn_blocking(move || {
                hanging.set_read_timeout(Some(PATIENCE)).unwrap();
                std::io::copy(&mut hanging, &mut std::io::sink())
            });
            end.await.unwrap().expect("the other end closed it");
        });
    }

    #[test]
    fn roots_that_went_missing_are_a_fault_and_no_panic() {
        Bench::run(async |mut bench| {
            bench.portal.config.ca_roots = vec!["/none.pem".into()];
            bench.open(1, 1);
            assert_eq!(bench.answer().await, (VisitId(1), OpId(1), Fault::Unreachable));
        });
    }
}
