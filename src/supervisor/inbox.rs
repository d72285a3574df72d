//! Where everything that happens arrives, in one order.
//!
//! It knows who may speak of what, and nothing of what comes of it.

use tokio::{net::UnixStream, sync::mpsc};

use crate::{link::intent::Touch, session::Event, visit_lock::VisitLock};

/// Messages that may wait. An adapter that is faster waits itself: a screen cannot fill the memory.
const WAITING: usize = 64;

/// Something that happened.
#[derive(Debug)]
pub(super) enum Message {
    /// The session's own matter.
    Event(Event),
    /// A screen with the right uid has connected.
    ScreenCame(UnixStream),
    /// Somebody touched the screen of this connection.
    Touched(Connection, Touch),
    /// An update that kept somebody from being served is over; the lock comes with it.
    UpdateOver(VisitLock),
    /// The screen of this connection is gone.
    ScreenLeft(Connection),
}

/// Counts connections of screens, so that a former one is not heard any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Connection(pub(super) u64);

/// Puts messages into the inbox.
#[derive(Debug, Clone)]
pub(super) struct Inbox(mpsc::Sender<Message>);

pub(super) fn inbox() -> (Inbox, mpsc::Receiver<Message>) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Inbox(sender), receiver)
}

impl Inbox {
    /// Waits for room. A message after the end of the loop has no reader, and nobody misses it.
    pub(super) async fn put(&self, message: Message) {
        let _ = self.0.send(message).await;
    }

    /// The same from a thread of its own.
    pub(super) fn put_from_thread(&self, message: Message) {
        let _ = self.0.blocking_send(message);
    }
}
