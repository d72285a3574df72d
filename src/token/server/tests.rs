//! A PIN on the signer's own keys, through the loop, its sockets and the keypad's thread; the card is played.

use std::{
    io::Read,
    os::unix::net::UnixStream,
    sync::{
        LazyLock,
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use sha2::{Digest, Sha256};

use super::{Alive, Event, Frame, Job, Keypad, Keys, RequestId, run};
use crate::{
    card::ReaderName,
    link::{
        codec,
        keypad::{self, Heard, Question},
        pin::Verdict,
        signer::{Answer, Call, Fault, Fingerprint, Purpose, Reply, Request},
    },
    portal::SigningText,
    token::{
        desk::Outcome,
        found::{Entry, Found, Refusal},
        keypad::tests::Finger,
        pad::Unentered,
        tries::Flags,
        watch::Watch,
    },
};

const TEXT: &[u8] = b"metin";
const PIN: &str = "904713";
/// A test that hangs ends by it.
const PATIENCE: Duration = Duration::from_secs(20);

static CERTIFICATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    rcgen::CertificateParams::default().self_signed(&key).unwrap().der().to_vec()
});

/// The loop with a keypad, `kioskd`'s link and the card's jobs.
struct Signer {
    events: Sender<Event>,
    jobs: Receiver<Job>,
    kioskd: UnixStream,
    finger: Finger,
    numbers: u64,
    /// All that went to `kioskd`.
    told_kioskd: Vec<u8>,
    _loop: JoinHandle<()>,
}

impl Signer {
    fn start() -> Self {
        Self::with(Keys::of)
    }

    fn with(keys: impl FnOnce(Keypad) -> Keys) -> Self {
        let (events, inbox) = channel();
        let (jobs_to, jobs) = channel();
        let told = events.clone();
        let (finger, keypad) = Finger::on_keypad(move |it| drop(told.send(Event::Keys(it))));
        let (kioskd, link) = UnixStream::pair().unwrap();
        kioskd.set_read_timeout(Some(PATIENCE)).unwrap();
        let own = events.clone();
        let keys = keys(keypad);
        let mut alive = Alive::new(Watch::start(PATIENCE, |_| ()).unwrap());
        let turning = std::thread::spawn(move || run(&mut alive, &inbox, &jobs_to, keys, &own).unwrap());
        events.send(Event::Connected(link)).unwrap();
        let told_kioskd = Vec::new();
        Self { events, jobs, kioskd, finger, numbers: 0, told_kioskd, _loop: turning }
    }

    fn call(&mut self, request: Request) {
        self.numbers += 1;
        self.events.send(Event::Call(Call { number: self.numbers, request })).unwrap();
    }

    fn answer(&mut self) -> Result<Reply, Fault> {
        let mut frame = vec![0; 4];
        self.kioskd.read_exact(&mut frame).unwrap();
        let length = codec::length(frame[..4].try_into().unwrap()).unwrap();
        frame.resize(4 + length, 0);
        self.kioskd.read_exact(&mut frame[4..]).unwrap();
        self.told_kioskd.extend_from_slice(&frame);
        codec::decode::<Answer>(&frame[4..]).unwrap().result
    }

    /// The card does its next job, and signs if that is it; with which PIN.
    fn work(&mut self) -> Option<Vec<u8>> {
        let (outcome, pin) = match self.jobs.recv_timeout(PATIENCE).expect("a job") {
            Job::Read(_) => {
                let told = Flags::default().into();
                (Outcome::Read(Ok(Found { certificates: vec![CERTIFICATE.clone()], told })), None)
            }
            Job::Check(..) => (Outcome::Checked(Ok(Flags::default().into())), None),
            Job::Sign(job) => {
                let pin = match &job.entry {
                    Entry::Typed(pin) => pin.expose().to_vec(),
                    Entry::AtReader => b"at the reader".to_vec(),
                };
                (Outcome::Signed(Ok(vec![vec![7]; job.drafts.len()])), Some(pin))
            }
            Job::Replace(job) => (Outcome::Replaced(Ok(())), Some(job.new.expose().to_vec())),
            Job::Settle | Job::Close => (Outcome::Idle, None),
        };
        self.events.send(Event::Module(outcome)).unwrap();
        pin
    }

    fn prepared(&mut self) -> RequestId {
        self.call(Request::ReadCard { reader: ReaderName("reader".to_owned()), atr: Vec::new() });
        self.work();
        self.answer().unwrap();
        self.call(Request::Prepare {
            purpose: Purpose::Application,
            texts: vec![SigningText(TEXT.to_vec())],
            certificate: Fingerprint(Sha256::digest(&*CERTIFICATE).into()),
            signing_time: 1_790_000_000,
            life_ms: 600_000,
        });
        self.work();
        match self.answer() {
            Ok(Reply::Prepared { request, .. }) => request,
            other => panic!("{other:?}"),
        }
    }

    /// The screen asks, as the PIN socket's thread hands it over.
    fn ask(&mut self, request: RequestId, text: &[u8]) -> Screen {
        let (mut screen, socket) = UnixStream::pair().unwrap();
        screen.set_read_timeout(Some(PATIENCE)).unwrap();
        let digests = vec![Sha256::digest(text).into()];
        keypad::ask(&mut screen, &Question { request, digests, accept_last_try: false }).unwrap();
        let mut socket = socket;
        let frame = keypad::receive(&mut socket).unwrap();
        assert!(matches!(frame, Frame::Keypad(_)));
        self.events.send(Event::Pin(frame, socket)).unwrap();
        Screen { socket: screen, heard: Vec::new() }
    }

    /// The screen asks, these digits are pressed, and it sees them counted.
    fn type_for(&mut self, request: RequestId, text: &[u8], digits: &str) -> Screen {
        let rests = self.finger.rests();
        let mut screen = self.ask(request, text);
        screen.sees_dots([0]);
        self.finger.await_listener(rests);
        self.finger.press(digits);
        screen.sees_dots((1..).take(digits.len()));
        screen
    }
}

struct Screen {
    socket: UnixStream,
    /// All that came to the screen.
    heard: Vec<u8>,
}

impl Screen {
    fn hears(&mut self) -> Heard {
        let mut byte = [0];
        self.socket.read_exact(&mut byte).unwrap();
        self.heard.push(byte[0]);
        keypad::hear(&mut byte.as_slice()).unwrap()
    }

    fn sees_dots(&mut self, counts: impl IntoIterator<Item = u8>) {
        counts.into_iter().for_each(|count| assert_eq!(self.hears(), Heard::Dots(count)));
    }
}

fn has(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn a_pin_from_the_keys_signs_and_neither_the_screen_nor_kioskd_gets_a_digit() {
    let mut signer = Signer::start();
    let request = signer.prepared();
    signer.call(Request::Collect(request));
    let mut screen = signer.type_for(request, TEXT, PIN);
    signer.finger.put('#', true);
    assert_eq!(signer.work(), None, "the card is looked at once more");
    assert_eq!(screen.hears(), Heard::Verdict(Verdict::Accepted));
    assert_eq!(signer.work().as_deref(), Some(PIN.as_bytes()));
    assert_eq!(signer.answer(), Ok(Reply::Signed(vec![vec![7]])));
    assert_eq!(screen.heard, [0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x00]);
    let digits: Vec<u8> = PIN.bytes().map(|digit| digit - b'0').collect();
    for needle in [PIN.as_bytes(), &digits] {
        assert!(!has(&signer.told_kioskd, needle) && !has(&screen.heard, needle));
    }
    assert!(has(&signer.told_kioskd, &request.0), "the scan finds what is there");
}

#[test]
fn a_pin_for_other_texts_is_not_used() {
    let mut signer = Signer::start();
    let request = signer.prepared();
    let mut screen = signer.type_for(request, b"another", PIN);
    signer.finger.put('#', true);
    assert_eq!(screen.hears(), Heard::Verdict(Verdict::OtherTextShown));
    signer.call(Request::Collect(request));
    assert_eq!(signer.answer(), Err(Fault::OtherTextShown));
}

#[test]
fn a_request_that_ends_forgets_its_digits() {
    let mut signer = Signer::start();
    let request = signer.prepared();
    let mut screen = signer.type_for(request, TEXT, "9047");
    signer.call(Request::Abandon(request));
    assert_eq!(screen.hears(), Heard::Verdict(Verdict::NoSuchRequest));
    assert_eq!(signer.answer(), Ok(Reply::Done));

    // The next begins with none, and what it gets are its own.
    let request = signer.prepared();
    let mut screen = signer.type_for(request, TEXT, "111222");
    signer.finger.put('#', true);
    signer.work();
    assert_eq!(screen.hears(), Heard::Verdict(Verdict::Accepted));
    assert_eq!(signer.work().as_deref(), Some(&b"111222"[..]));
}

#[test]
fn a_screen_that_goes_takes_its_digits_along_and_one_for_a_dead_request_is_not_listened_to() {
    let mut signer = Signer::start();
    let request = signer.prepared();
    let screen = signer.type_for(request, TEXT, "90");
    drop(screen);
    let mut screen = signer.ask(request, TEXT);
    screen.sees_dots([0]);
    let mut stranger = signer.ask(RequestId([9; 16]), TEXT);
    assert_eq!(stranger.hears(), Heard::Verdict(Verdict::NoSuchRequest));
    assert_eq!(screen.hears(), Heard::Verdict(Verdict::NoSuchRequest), "one question at a time");
}

#[test]
fn without_keys_that_work_the_screen_is_told_to_take_the_pin_itself() {
    let mut signer = Signer::start();
    let request = signer.prepared();
    let mut screen = signer.ask(request, TEXT);
    screen.sees_dots([0]);
    signer.events.send(Event::Keys(super::Told::Failed("played".to_owned()))).unwrap();
    assert_eq!(screen.hears(), Heard::Verdict(Verdict::NoKeypad));
    assert_eq!(signer.ask(request, TEXT).hears(), Heard::Verdict(Verdict::NoKeypad));
}

#[test]
fn where_the_reader_takes_no_pin_the_screen_is_told_so_and_where_it_does_that_it_was_taken() {
    let mut signer = Signer::with(|_| Keys::at_reader());
    let request = signer.prepared();
    signer.call(Request::Collect(request));
    let mut screen = signer.ask(request, TEXT);
    signer.work();
    let Ok(Job::Sign(job)) = signer.jobs.recv_timeout(PATIENCE) else { panic!("not asking") };
    assert!(matches!(job.entry, Entry::AtReader));
    let none = Outcome::Signed(Err(Refusal::Unentered(Unentered::NoPad)));
    signer.events.send(Event::Module(none)).unwrap();
    assert_eq!(screen.hears(), Heard::Verdict(Verdict::NoKeypad));

    let mut screen = signer.ask(request, TEXT);
    signer.work();
    assert_eq!(signer.work().as_deref(), Some(&b"at the reader"[..]));
    assert_eq!(screen.hears(), Heard::Verdict(Verdict::Accepted));
    assert_eq!(signer.answer(), Ok(Reply::Signed(vec![vec![7]])));
}
