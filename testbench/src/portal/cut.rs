//! Connections that can be cut from within a handler, without an answer and without a TLS goodbye.
//!
//! It sits below TLS and knows nothing of HTTP: what a cut looks like to the client is what a pulled cable
//! or a crashed server looks like.

use std::{
    collections::HashMap,
    future::{Ready, ready},
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Waker},
};

use axum_server::accept::Accept;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// All open connections by the client's address.
#[derive(Clone, Default)]
pub(super) struct Connections(Arc<Mutex<HashMap<SocketAddr, Weak<Mutex<Line>>>>>);

#[derive(Default)]
struct Line {
    cut: bool,
    reader: Option<Waker>,
}

impl Connections {
    /// Cuts one connection: whatever is written to it from now on is lost.
    pub(super) fn cut(&self, client: SocketAddr) {
        if let Some(line) = lock(&self.0).get(&client).and_then(Weak::upgrade) {
            cut(&line);
        }
    }

    /// Cuts every connection that is open.
    pub(super) fn cut_all(&self) {
        for line in lock(&self.0).values().filter_map(Weak::upgrade) {
            cut(&line);
        }
    }
}

impl<S> Accept<TcpStream, S> for Connections {
    type Stream = CuttableStream;
    type Service = S;
    type Future = Ready<io::Result<(CuttableStream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let line = Arc::<Mutex<Line>>::default();
        let accepted = stream.set_nodelay(true).and_then(|()| stream.peer_addr());
        ready(accepted.map(|client| {
            let mut lines = lock(&self.0);
            lines.retain(|_, line| line.strong_count() > 0);
            lines.insert(client, Arc::downgrade(&line));
            (CuttableStream { stream, line }, service)
        }))
    }
}

/// A TCP stream that fails as reset once it was cut.
pub(super) struct CuttableStream {
    stream: TcpStream,
    line: Arc<Mutex<Line>>,
}

impl AsyncRead for CuttableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        {
            let mut line = lock(&self.line);
            if line.cut {
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            line.reader = Some(context.waker().clone());
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if lock(&self.line).cut {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

fn cut(line: &Mutex<Line>) {
    let mut line = lock(line);
    line.cut = true;
    if let Some(reader) = line.reader.take() {
        reader.wake();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
