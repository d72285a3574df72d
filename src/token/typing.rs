//! The one PIN that may be being typed on the signer's own keys: who vouches for the texts, and who hears the dots.
//!
//! Nothing is decided here: a request that no longer waits for a PIN ends it, and a whole PIN goes the way of one from
//! the screen.

use std::{io::Read, os::unix::net::UnixStream, thread};

use super::{desk::Ticket, keypad::Keypad};
use crate::link::{
    keypad::{self, Question},
    pin::{self, Pin, PinFrame, Verdict},
    signer::RequestId,
};

/// The keys, where there are any, and what is typed for.
#[derive(Default)]
pub(super) struct Keys {
    keypad: Option<Keypad>,
    at_reader: bool,
    open: Option<Open>,
}

struct Open {
    ticket: Ticket,
    question: Question,
    screen: UnixStream,
}

impl Keys {
    /// Keys that work.
    pub(super) fn of(keypad: Keypad) -> Self {
        Self { keypad: Some(keypad), ..Self::default() }
    }

    /// No keys here: those of the reader are asked first.
    pub(super) fn at_reader() -> Self {
        Self { at_reader: true, ..Self::default() }
    }

    /// Whether the reader's keys are to be asked. Nothing is typed here then.
    pub(super) fn are_at_reader(&self) -> bool {
        self.at_reader
    }

    /// The screen asks for a PIN to be typed; `left` is told when it is gone again.
    pub(super) fn ask(
        &mut self,
        question: Question,
        mut screen: UnixStream,
        ticket: Ticket,
        awaited: bool,
        left: impl FnOnce() + Send + 'static,
    ) {
        self.end(Verdict::NoSuchRequest);
        let refused = match &self.keypad {
            None => Some(Verdict::NoKeypad),
            Some(_) if !awaited => Some(Verdict::NoSuchRequest),
            Some(_) if watch(&screen, left).is_err() => Some(Verdict::NoKeypad),
            Some(keypad) => {
                keypad.listen(ticket);
                None
            }
        };
        match refused {
            // A screen that is gone learns of it by its own means.
            Some(verdict) => drop(pin::answer(&mut screen, verdict)),
            None => self.open = Some(Open { ticket, question, screen }),
        }
    }

    /// So many digits are there.
    pub(super) fn dots(&mut self, ticket: Ticket, count: u8) {
        let Some(open) = self.open.as_mut().filter(|open| open.ticket == ticket) else { return };
        if keypad::dots(&mut open.screen, count).is_err() {
            self.end(Verdict::NoSuchRequest);
        }
    }

    /// The PIN is whole: the frame as if the screen had sent it, and where its verdict goes.
    pub(super) fn typed(&mut self, ticket: Ticket, pin: Pin) -> Option<(PinFrame, UnixStream)> {
        let Open { question, screen, .. } = self.open.take_if(|open| open.ticket == ticket)?;
        let Question { request, digests, accept_last_try } = question;
        Some((PinFrame { request, digests, accept_last_try, pin }, screen))
    }

    /// The screen does not want it any more.
    pub(super) fn left(&mut self, ticket: Ticket) {
        if self.open.as_ref().is_some_and(|open| open.ticket == ticket) {
            self.end(Verdict::NoSuchRequest);
        }
    }

    /// Ends what is typed for a request that does not wait for it any more.
    pub(super) fn heed(&mut self, awaits: impl Fn(RequestId) -> bool) {
        if self.open.as_ref().is_some_and(|open| !awaits(open.question.request)) {
            self.end(Verdict::NoSuchRequest);
        }
    }

    /// The keys do not work any more.
    pub(super) fn failed(&mut self) {
        self.end(Verdict::NoKeypad);
        self.keypad = None;
    }

    fn end(&mut self, verdict: Verdict) {
        let Some(mut open) = self.open.take() else { return };
        if let Some(keypad) = &self.keypad {
            keypad.stop();
        }
        let _ = pin::answer(&mut open.screen, verdict);
        // The thread that watches it ends too.
        let _ = open.screen.shutdown(std::net::Shutdown::Both);
    }
}

/// Waits for the screen to go, in a thread of its own: it has nothing to say any more.
fn watch(screen: &UnixStream, left: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let mut screen = screen.try_clone()?;
    screen.set_read_timeout(None)?;
    thread::Builder::new().name("typing".to_owned()).spawn(move || {
        let _ = screen.read(&mut [0]);
        left();
    })?;
    Ok(())
}
