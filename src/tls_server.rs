//! A server on loopback that speaks real TLS, for the tests of whatever asks one.
//!
//! It knows no HTTP but where a request ends; what it answers is the test's.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread::JoinHandle,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tempfile::TempDir;

/// What the server does with a connection.
#[derive(Clone)]
pub(crate) enum Act {
    /// Closes it before the handshake.
    Close,
    /// Speaks no TLS.
    Plain,
    /// Reads one request, writes this for each, and closes.
    Answer(Vec<u8>),
    /// Reads one request and says nothing until the client goes.
    Silence,
    /// Never answers the handshake, until the client goes.
    Mute,
}

/// One that listens.
pub(crate) struct Server {
    pub(crate) port: u16,
    /// The requests it read, in order.
    pub(crate) requests: mpsc::Receiver<String>,
    pub(crate) thread: JoinHandle<()>,
}

/// A server's certificate, and the file of its root in a folder of its own.
pub(crate) struct Host {
    folder: TempDir,
    tls: Arc<ServerConfig>,
}

impl Host {
    /// A certificate for these names or addresses.
    pub(crate) fn named(names: &[&str]) -> Self {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("kok.pem"), made.cert.pem()).expect("written");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("a server");
        Self { folder, tls: Arc::new(tls) }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("kok.pem")
    }

    /// Serves one connection per act, then stops listening.
    pub(crate) fn serve(&self, acts: Vec<Act>) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let (sender, requests) = mpsc::channel();
        let tls = Arc::clone(&self.tls);
        let thread = std::thread::spawn(move || {
            for act in acts {
                let (socket, _) = listener.accept().expect("a connection");
                // A client that gives up is no fault of the server.
                let _ = serve(&tls, socket, &act, &sender);
            }
        });
        Server { port, requests, thread }
    }
}

fn serve(
    tls: &Arc<ServerConfig>,
    mut socket: TcpStream,
    act: &Act,
    seen: &mpsc::Sender<String>,
) -> std::io::Result<()> {
    match act {
        Act::Close => return Ok(()),
        Act::Plain => return socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        Act::Mute => return until_gone(&mut socket),
        Act::Answer(_) | Act::Silence => {}
    }
    let session = ServerConnection::new(Arc::clone(tls)).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(session, socket);
    let request = read_request(&mut stream)?;
    let _ = seen.send(request);
    match act {
        Act::Answer(answer) => {
            stream.write_all(answer)?;
            stream.flush()
        }
        Act::Silence => until_gone(&mut stream),
        Act::Close | Act::Plain | Act::Mute => Ok(()),
    }
}

fn until_gone(stream: &mut impl Read) -> std::io::Result<()> {
    let mut rest = [0; 512];
    while stream.read(&mut rest)? > 0 {}
    Ok(())
}

/// Reads one request, head and body.
pub(crate) fn read_request(stream: &mut impl Read) -> std::io::Result<String> {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        text.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&text).into_owned();
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    Ok(head + &String::from_utf8_lossy(&body))
}

/// An answer as HTTP has it; `head` begins with the status.
pub(crate) fn answer(head: &str, body: impl AsRef<[u8]>) -> Act {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    Act::Answer([head.as_bytes(), body].concat())
}
