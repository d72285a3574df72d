//! The link to `kiosk-ui`: views out, touches in, one screen at a time.
//!
//! A screen gets the newest view whole; views it was too slow for are skipped. It knows frames and uids, and
//! nothing of what is on a page.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};
use zeroize::Zeroizing;

use super::inbox::{Connection, Inbox, Message};
use crate::{
    config::Links,
    link::{
        codec::{self, CodecError},
        intent::Touch,
        listen,
        view::View,
    },
};

/// Most bytes of a touch: a field's value is far shorter.
const MOST_TOUCH: usize = 64 * 1024;
/// A screen that takes nothing for so long hangs; its connection is ended.
const TAKES_WITHIN: Duration = Duration::from_secs(5);

/// Listens where the configuration says, or takes the socket that was handed over as `screen`.
///
/// # Errors
/// When the socket cannot be bound.
pub(super) fn bind(links: &Links) -> io::Result<UnixListener> {
    let listener = listen::listen("screen", &links.screen)?;
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}

/// Lets screens in; a process of another uid is turned away without a byte. Ends when that cannot go on.
pub(super) async fn accept(listener: UnixListener, allowed_uid: u32, inbox: Inbox) -> io::Error {
    loop {
        match listener.accept().await {
            Ok((socket, _)) => match listen::peer_uid(&socket) {
                Ok(uid) if uid == allowed_uid => inbox.put(Message::ScreenCame(socket)).await,
                Ok(uid) => log::warn!(UID = uid; "a stranger at the screen's socket was turned away"),
                Err(error) => log::warn!("a screen of unknown uid was turned away: {error}"),
            },
            // The screen gave up between knocking and being let in.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => return error,
        }
    }
}

/// One connected screen. Dropping it ends the connection.
#[derive(Debug)]
pub(super) struct Screen {
    pub(super) connection: Connection,
    views: watch::Sender<Arc<View>>,
    task: JoinHandle<()>,
}

impl Screen {
    /// Serves a screen, which gets `view` at once.
    pub(super) fn serve(socket: UnixStream, connection: Connection, view: Arc<View>, inbox: Inbox) -> Self {
        let (views, newest) = watch::channel(view);
        let task = tokio::spawn(async move {
            let (from, to) = socket.into_split();
            let ended = tokio::select! {
                ended = touches(from, connection, &inbox) => ended,
                ended = show(to, newest) => ended,
            };
            match ended {
                Ok(()) | Err(CodecError::Closed) => log::info!("the screen left"),
                Err(fault) => log::warn!("the screen's connection was ended: {fault}"),
            }
            inbox.put(Message::ScreenLeft(connection)).await;
        });
        Self { connection, views, task }
    }

    /// Shows a view, if it is another than before.
    pub(super) fn show(&self, view: &Arc<View>) {
        self.views.send_if_modified(|shown| {
            let changed = **shown != **view;
            if changed {
                shown.clone_from(view);
            }
            changed
        });
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn touches(mut from: OwnedReadHalf, connection: Connection, inbox: &Inbox) -> Result<(), CodecError> {
    loop {
        let mut head = [0; 4];
        if from.read(&mut head[..1]).await? == 0 {
            return Err(CodecError::Closed);
        }
        from.read_exact(&mut head[1..]).await?;
        let length = codec::length(head)?;
        if length > MOST_TOUCH {
            return Err(CodecError::Oversize { found: length });
        }
        let mut body = Zeroizing::new(vec![0; length]);
        from.read_exact(&mut body).await?;
        let touch: Touch = codec::decode(&body)?;
        inbox.put(Message::Touched(connection, touch)).await;
    }
}

async fn show(mut to: OwnedWriteHalf, mut newest: watch::Receiver<Arc<View>>) -> Result<(), CodecError> {
    loop {
        let frame = codec::encode(&**newest.borrow_and_update())?;
        tokio::time::timeout(TAKES_WITHIN, to.write_all(&frame))
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        drop(frame);
        if newest.changed().await.is_err() {
            return Ok(());
        }
    }
}
