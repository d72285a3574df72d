//! The thread that listens to the signer's own keys, while a PIN is wanted and no longer.
//!
//! The digits are in locked memory of this thread until the PIN is whole; others hear how many there are. It knows
//! no request and no card. While no key is down it sleeps: the kernel tells of the next.

#[cfg(test)]
pub(super) mod tests;

use std::{
    fmt::Debug,
    io,
    os::fd::{AsFd, OwnedFd},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    thread,
    time::Duration,
};

use embedded_hal::{
    delay::DelayNs,
    digital::{InputPin, OutputPin},
};
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

use super::desk::Ticket;
use crate::{
    link::pin::{FEWEST_DIGITS, Pin},
    peripherals::keypad::{Key, Matrix, Presses},
};

/// Between two looks while a key is down.
const LOOK_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };

/// What the thread has to say.
pub(super) enum Told {
    /// So many digits are there.
    Dots(Ticket, u8),
    /// The PIN is whole; nothing more is listened to.
    Typed(Ticket, Pin),
    /// The keys cannot be read any more, and why.
    Failed(String),
}

enum Order {
    Listen(Ticket),
    Stop,
}

/// The keys, as the signer's loop has them. Dropping it ends the thread.
pub(super) struct Keypad {
    orders: Sender<Order>,
    wake: Arc<OwnedFd>,
}

impl Keypad {
    /// Starts the thread. `edges` tell of the columns; `clock` is the time since some moment.
    ///
    /// # Errors
    /// When no thread or descriptor is to be had.
    pub(super) fn start<E, R, C, D>(
        matrix: Matrix<R, C, D>,
        edges: Vec<OwnedFd>,
        clock: impl Fn() -> Duration + Send + 'static,
        tell: impl Fn(Told) + Send + 'static,
    ) -> io::Result<Self>
    where
        E: Debug,
        R: OutputPin<Error = E> + Send + 'static,
        C: InputPin<Error = E> + Send + 'static,
        D: DelayNs + Send + 'static,
    {
        let wake = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let (orders, given) = channel();
        let woken = wake.clone();
        let mut listener = Listener { matrix, edges, wake: woken, orders: given };
        thread::Builder::new().name("keypad".to_owned()).spawn(move || {
            if let Err(why) = listener.run(&clock, &tell) {
                tell(Told::Failed(why));
            }
        })?;
        Ok(Self { orders, wake })
    }

    /// Forgets what was typed and begins anew, for this one.
    pub(super) fn listen(&self, ticket: Ticket) {
        self.order(Order::Listen(ticket));
    }

    /// Forgets what was typed.
    pub(super) fn stop(&self) {
        self.order(Order::Stop);
    }

    /// A thread that is gone has said why.
    fn order(&self, order: Order) {
        let _ = self.orders.send(order);
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }
}

impl Drop for Keypad {
    fn drop(&mut self) {
        self.orders = channel().0;
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }
}

struct Listener<R, C, D> {
    matrix: Matrix<R, C, D>,
    edges: Vec<OwnedFd>,
    wake: Arc<OwnedFd>,
    orders: Receiver<Order>,
}

/// A PIN that is being typed.
struct Typing {
    ticket: Ticket,
    pin: Pin,
    presses: Presses,
    /// No key is down, and the next one makes an edge.
    rests: bool,
}

impl<E, R, C, D> Listener<R, C, D>
where
    E: Debug,
    R: OutputPin<Error = E>,
    C: InputPin<Error = E>,
    D: DelayNs,
{
    /// Until nobody can give orders any more, or what failed.
    fn run(&mut self, clock: &dyn Fn() -> Duration, tell: &dyn Fn(Told)) -> Result<(), String> {
        let mut typing: Option<Typing> = None;
        loop {
            self.wait(typing.as_ref()).map_err(said)?;
            loop {
                match self.orders.try_recv() {
                    Ok(Order::Listen(ticket)) => {
                        self.matrix.arm().map_err(said)?;
                        let pin = Pin::new().map_err(said)?;
                        typing = Some(Typing { ticket, pin, presses: Presses::default(), rests: false });
                        tell(Told::Dots(ticket, 0));
                    }
                    Ok(Order::Stop) => {
                        typing = None;
                        self.matrix.release().map_err(said)?;
                    }
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return Ok(()),
                }
            }
            if let Some(mut open) = typing.take() {
                typing = if self.look(&mut open, clock, tell).map_err(said)? {
                    self.matrix.release().map_err(said)?;
                    tell(Told::Typed(open.ticket, open.pin));
                    None
                } else {
                    Some(open)
                };
            }
        }
    }

    /// Looks at the keys; whether the PIN is whole.
    fn look(
        &mut self,
        open: &mut Typing,
        clock: &dyn Fn() -> Duration,
        tell: &dyn Fn(Told),
    ) -> Result<bool, E> {
        let seen = self.matrix.scan()?;
        let before = open.pin.len();
        match open.presses.saw(seen, clock()) {
            Some(Key::Hash) if before >= FEWEST_DIGITS => return Ok(true),
            Some(Key::Star) => open.pin.pop(),
            Some(Key::Digit(digit)) => drop(open.pin.push(digit)),
            Some(Key::Hash) | None => {}
        }
        if open.pin.len() != before {
            // A PIN has at most sixteen.
            tell(Told::Dots(open.ticket, u8::try_from(open.pin.len()).unwrap_or(u8::MAX)));
        }
        open.rests = !open.presses.is_busy();
        if open.rests {
            // Edges so far are the looks' own; a key that went down meanwhile is seen, and any later one told.
            self.edges.iter().for_each(drain);
            open.rests = !self.matrix.is_touched()?;
        }
        Ok(false)
    }

    /// Until an order comes, or a key goes down, or it is time for another look.
    fn wait(&self, typing: Option<&Typing>) -> io::Result<()> {
        let mut on = vec![PollFd::new(&self.wake, PollFlags::IN)];
        let patience = match typing {
            None => None,
            Some(Typing { rests: true, .. }) => {
                on.extend(self.edges.iter().map(|edge| PollFd::new(edge, PollFlags::IN)));
                None
            }
            Some(Typing { rests: false, .. }) => Some(&LOOK_EVERY),
        };
        match poll(&mut on, patience) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        if on.iter().any(|fd| fd.revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL)) {
            return Err(io::ErrorKind::NotConnected.into());
        }
        drain(&self.wake);
        Ok(())
    }
}

fn said(error: impl Debug) -> String {
    format!("{error:?}")
}

/// Takes what is there to be read; how much it was says nothing.
fn drain(fd: impl AsFd) {
    while rustix::io::read(&fd, &mut [0; 256]).is_ok_and(|length| length > 0) {}
}
