//! The thread with simulated keys: contacts and wires, and time that passes with each look at them.

use std::{
    io::Write,
    os::{fd::OwnedFd, unix::net::UnixStream},
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use super::{Keypad, Ticket, Told};
use crate::peripherals::keypad::tests::{Wires, wired};

/// A test that hangs ends by it.
const PATIENCE: Duration = Duration::from_secs(20);
/// So many looks, 5 ms each, and a key counts.
const COUNTS: u64 = 8;

/// The finger on a keypad.
pub(in crate::token) struct Finger {
    wires: Arc<Wires>,
    columns: [UnixStream; 3],
}

impl Finger {
    /// A keypad whose thread tells `tell`, and its finger.
    pub(in crate::token) fn on_keypad(tell: impl Fn(Told) + Send + 'static) -> (Self, Keypad) {
        let wires = Arc::<Wires>::default();
        let pairs = [(); 3].map(|()| UnixStream::pair().unwrap());
        let edges = pairs.each_ref().map(|(_, told)| {
            told.set_nonblocking(true).unwrap();
            OwnedFd::from(told.try_clone().unwrap())
        });
        let time = wires.clone();
        let clock = move || Duration::from_millis(5 * time.looks());
        let keypad = Keypad::start(wired(&wires), edges.into(), clock, tell).unwrap();
        (Self { wires, columns: pairs.map(|(tells, _)| tells) }, keypad)
    }

    /// How often the keys were found at rest so far.
    pub(in crate::token) fn rests(&self) -> u64 {
        self.wires.rests()
    }

    /// Waits until somebody listens who did not when `rests` was asked.
    pub(in crate::token) fn await_listener(&self, rests: u64) {
        self.wires.await_all(0, rests + 1);
    }

    /// Puts the finger on a key or takes it away; the kernel tells of the edge.
    pub(in crate::token) fn put(&mut self, key: char, down: bool) {
        let at = "123456789*0#".find(key).unwrap();
        self.wires.put(at / 3, at % 3, down);
        self.columns[at % 3].write_all(&[0; 16]).unwrap();
    }

    /// Presses a key for as long as it takes; what then ends the listening may be one.
    pub(in crate::token) fn hold(&mut self, key: char) {
        let looks = self.wires.looks();
        self.put(key, true);
        self.wires.await_all(looks + COUNTS, 0);
    }

    /// Presses keys one by one, each at rest again before the next.
    pub(in crate::token) fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            self.hold(key);
            let rests = self.rests();
            self.put(key, false);
            self.wires.await_all(0, rests + 1);
        }
    }
}

struct Desk {
    finger: Finger,
    keypad: Keypad,
    told: Receiver<Told>,
}

impl Desk {
    fn listening() -> Self {
        let (tell, told) = channel();
        let (finger, keypad) = Finger::on_keypad(move |it| drop(tell.send(it)));
        let mut desk = Self { finger, keypad, told };
        desk.listen(Ticket(1));
        desk
    }

    fn listen(&mut self, ticket: Ticket) {
        let rests = self.finger.rests();
        self.keypad.listen(ticket);
        assert_eq!(self.dots(), (ticket, 0));
        self.finger.await_listener(rests);
    }

    fn dots(&self) -> (Ticket, u8) {
        match self.told.recv_timeout(PATIENCE).expect("told in time") {
            Told::Dots(ticket, count) => (ticket, count),
            Told::Typed(..) => panic!("typed"),
            Told::Failed(why) => panic!("{why}"),
        }
    }

    /// Presses the last key of a PIN; the PIN.
    fn finish(&mut self) -> (Ticket, Vec<u8>) {
        self.finger.put('#', true);
        match self.told.recv_timeout(PATIENCE).expect("told in time") {
            Told::Typed(ticket, pin) => (ticket, pin.expose().to_vec()),
            Told::Dots(..) => panic!("dots"),
            Told::Failed(why) => panic!("{why}"),
        }
    }
}

#[test]
fn digits_are_counted_taken_back_and_given_away_once_whole() {
    let mut desk = Desk::listening();
    desk.finger.press("12*0");
    assert_eq!([(); 4].map(|()| desk.dots().1), [1, 2, 1, 2]);
    // Five digits are no PIN yet.
    desk.finger.press("345#6");
    assert_eq!([(); 4].map(|()| desk.dots().1), [3, 4, 5, 6]);
    assert_eq!(desk.finish(), (Ticket(1), b"103456".to_vec()));
}

#[test]
fn whoever_asks_next_begins_with_no_digits() {
    let mut desk = Desk::listening();
    desk.finger.press("111111");
    (1..=6).for_each(|count| assert_eq!(desk.dots(), (Ticket(1), count)));
    desk.listen(Ticket(2));
    desk.finger.press("222222");
    (1..=6).for_each(|count| assert_eq!(desk.dots(), (Ticket(2), count)));
    desk.keypad.stop();
    desk.listen(Ticket(3));
    desk.finger.press("904713");
    (1..=6).for_each(|count| assert_eq!(desk.dots(), (Ticket(3), count)));
    assert_eq!(desk.finish(), (Ticket(3), b"904713".to_vec()));
}

#[test]
fn keys_are_not_looked_at_while_nobody_asks_or_none_is_down() {
    let mut desk = Desk::listening();
    let looks = desk.finger.wires.looks();
    desk.finger.press("1");
    assert_eq!(desk.dots(), (Ticket(1), 1));
    let pressed = desk.finger.wires.looks();
    assert!(pressed > looks);
    desk.keypad.stop();
    // A key that goes down now is neither seen nor told; the next order is what wakes the thread.
    desk.finger.put('5', true);
    desk.finger.put('5', false);
    desk.listen(Ticket(2));
    let rest = desk.finger.wires.looks() - pressed;
    assert!(rest <= 8, "{rest} looks while no key was down");
}

#[test]
fn a_keypad_whose_lines_go_is_told_so() {
    let mut desk = Desk::listening();
    desk.finger.columns = [(); 3].map(|()| UnixStream::pair().unwrap().0);
    let Ok(Told::Failed(why)) = desk.told.recv_timeout(PATIENCE) else { panic!("not told") };
    assert!(why.contains("NotConnected"), "{why}");
}
