//! `kioskd`'s end of the link to `kiosk-token`: calls out, answers in.
//!
//! It matches nothing and retries nothing; whoever calls keeps the numbers. When the other end goes, both
//! halves fail and every call under way is void ([`crate::link::signer::Fault::SignerLost`]).

use std::{io, path::Path};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};
use zeroize::Zeroizing;

use crate::link::{
    codec::{self, CodecError},
    listen::require_listener,
    signer::{Answer, Call},
};

/// The sending half.
#[derive(Debug)]
pub struct Calls(OwnedWriteHalf);

/// The receiving half. Dropping both closes the connection, whereupon the signer wipes what it holds.
#[derive(Debug)]
pub struct Answers {
    socket: OwnedReadHalf,
    /// Bytes of the frame that is arriving; holds signatures, so it is wiped.
    arrived: Zeroizing<Vec<u8>>,
}

/// Connects to the signer that listens at `path` under this uid ([`require_listener`]).
///
/// # Errors
/// The socket's: nobody listens there yet, somebody else does, or it may not be used.
pub async fn connect(path: &Path, uid: Option<u32>) -> io::Result<(Calls, Answers)> {
    let socket = UnixStream::connect(path).await?;
    require_listener(&socket, uid)?;
    let (socket, calls) = socket.into_split();
    Ok((Calls(calls), Answers { socket, arrived: Zeroizing::new(Vec::new()) }))
}

impl Calls {
    /// Sends one call. To be awaited to its end: a call cut short ends the connection's sense.
    ///
    /// # Errors
    /// [`CodecError::Oversize`] before anything is sent, [`CodecError::Io`] when the signer is gone.
    pub async fn send(&mut self, call: &Call) -> Result<(), CodecError> {
        let frame = codec::encode(call)?;
        self.0.write_all(&frame).await?;
        Ok(())
    }
}

impl Answers {
    /// Waits for the next answer. Safe to drop while waiting (`select!`): nothing that arrived is lost.
    ///
    /// # Errors
    /// [`CodecError::Closed`] when the signer went between two answers, else what is wrong with the frame.
    pub async fn next(&mut self) -> Result<Answer, CodecError> {
        loop {
            let wanted = match self.arrived.first_chunk::<4>() {
                Some(head) => 4 + codec::length(*head)?,
                None => 4,
            };
            if self.arrived.len() == wanted && wanted > 4 {
                let frame = std::mem::replace(&mut self.arrived, Zeroizing::new(Vec::new()));
                return codec::decode(&frame[4..]);
            }
            if self.arrived.len() == wanted {
                // A length of nothing: no answer is empty.
                return Err(CodecError::Malformed);
            }
            let missing = wanted - self.arrived.len();
            self.arrived.reserve(missing);
            let mut part = (&mut self.socket).take(missing as u64);
            if part.read_buf(&mut *self.arrived).await? == 0 {
                return Err(if self.arrived.is_empty() {
                    CodecError::Closed
                } else {
                    io::Error::from(io::ErrorKind::UnexpectedEof).into()
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write, os::unix::net::UnixListener};

    use super::connect;
    use crate::link::{
        codec::{self, CodecError},
        signer::{Answer, Call, Fault, Reply, Request},
    };

    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
    }

    #[test]
    fn calls_and_answers_cross_the_link_by_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signer");
        let listener = UnixListener::bind(&path).unwrap();
        let signer = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let first: Call = codec::read(&mut socket).unwrap();
            let second: Call = codec::read(&mut socket).unwrap();
            let signed = Answer { number: second.number, result: Ok(Reply::Signed(vec![vec![7; 9000]])) };
            codec::write(&mut socket, &signed).unwrap();
            let fault = Answer { number: first.number, result: Err(Fault::CardPulled) };
            codec::write(&mut socket, &fault).unwrap();
        });
        run(async {
            let (mut calls, mut answers) = connect(&path, None).await.unwrap();
            calls.send(&Call { number: 1, request: Request::CardOut }).await.unwrap();
            calls.send(&Call { number: 2, request: Request::EndVisit }).await.unwrap();
            let signed = answers.next().await.unwrap();
            assert_eq!(signed, Answer { number: 2, result: Ok(Reply::Signed(vec![vec![7; 9000]])) });
            let fault = answers.next().await.unwrap();
            assert_eq!(fault, Answer { number: 1, result: Err(Fault::CardPulled) });
            assert!(matches!(answers.next().await, Err(CodecError::Closed)));
        });
        signer.join().unwrap();
    }

    #[test]
    fn waiting_for_an_answer_may_be_given_up_and_resumed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signer");
        let listener = UnixListener::bind(&path).unwrap();
        run(async {
            let (_calls, mut answers) = connect(&path, None).await.unwrap();
            let (mut socket, _) = listener.accept().unwrap();
            let answer = Answer { number: 5, result: Ok(Reply::Done) };
            let frame = codec::encode(&answer).unwrap();
            for byte in frame[..frame.len() - 1].iter() {
                socket.write_all(&[*byte]).unwrap();
                tokio::select! {
                    biased;
                    early = answers.next() => panic!("{early:?} before the frame was complete"),
                    () = tokio::task::yield_now() => {}
                }
            }
            socket.write_all(&frame[frame.len() - 1..]).unwrap();
            assert_eq!(answers.next().await.unwrap(), answer);
        });
    }

    #[test]
    fn an_oversize_answer_ends_the_link() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signer");
        let listener = UnixListener::bind(&path).unwrap();
        run(async {
            let (_calls, mut answers) = connect(&path, None).await.unwrap();
            let (mut socket, _) = listener.accept().unwrap();
            socket.write_all(&u32::MAX.to_be_bytes()).unwrap();
            assert!(matches!(answers.next().await, Err(CodecError::Oversize { .. })));
        });
    }
}
