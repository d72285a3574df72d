//! `kiosk-paper` as it is started on the appliance, one process a document: what it makes of one, and of what is none.

use std::{
    io::{BufReader, ErrorKind, Read as _},
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use eimza_kiosk::{
    link::{
        codec,
        paper::{Answer, Fault, Gathering, Note, Order, Paper, Refusal},
        view::Language,
    },
    portal::Pdf,
};
use testbench::programs;

const WITHIN: Duration = Duration::from_secs(120);

struct Process {
    child: Child,
    socket: UnixStream,
}

impl Process {
    fn start() -> Self {
        let (socket, theirs) = UnixStream::pair().expect("a pair");
        socket.set_read_timeout(Some(WITHIN)).expect("set");
        let child = Command::new(programs::built().join("kiosk-paper"))
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        Self { child, socket }
    }

    fn take_apart(&mut self, pdf: Vec<u8>) -> Result<Paper, Fault> {
        let note = Note {
            language: Language::Turkish,
            deliver_to: "DENEME".into(),
            phone: "444 0 000".into(),
            email: "yardim@ornek.tr".into(),
        };
        let order = Order { pdf: Pdf(pdf.into()), note };
        codec::write(&mut self.socket, &order).map_err(|_| Fault::Lost)?;
        let mut from = BufReader::new(self.socket.try_clone().expect("a copy"));
        let mut gathering = Gathering::default();
        loop {
            let answer: Answer = codec::read(&mut from).map_err(|_| Fault::Lost)?;
            if let Some(paper) = gathering.take(answer)? {
                return Ok(paper);
            }
        }
    }

    /// It ends with its document.
    fn has_ended(mut self) -> bool {
        let mut rest = Vec::new();
        // Its end of the socket goes with it; the time it may take for that is the socket's.
        let closed = match self.socket.read_to_end(&mut rest) {
            Ok(_) => true,
            // It left something unread.
            Err(fault) => fault.kind() == ErrorKind::ConnectionReset,
        };
        closed && self.child.wait().is_ok() && rest.is_empty()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A document of the simulator's portal.
fn made() -> Vec<u8> {
    testbench::portal::document(&[b"DENEME METNI\nBirinci sayfa".to_vec(), "Taahhütname ğüşıöç".into()])
        .expect("written")
}

#[test]
fn a_document_comes_back_as_its_pages_and_the_note_and_the_process_ends() {
    let mut process = Process::start();
    let paper = process.take_apart(made()).expect("pages");
    assert_eq!(paper.leaves().len(), 3);
    for leaf in paper.leaves() {
        let dark = leaf.print.pixels.expose().iter().filter(|pixel| **pixel < 128).count();
        assert!(dark > 2_000, "there is something on each page: {dark}");
        assert!(leaf.screen.pixels.expose().iter().any(|pixel| *pixel < 128), "and on the screen's");
    }
    assert!(process.has_ended());
}

#[test]
fn what_is_no_document_is_refused_by_name() {
    let many: Vec<Vec<u8>> = (0..9).map(|page| format!("{page}").into_bytes()).collect();
    let many = testbench::portal::document(&many).expect("written");
    for (pdf, why) in [
        (b"%PDF-1.7\n0123456789".to_vec(), Refusal::Unreadable),
        (Vec::new(), Refusal::Unreadable),
        (many, Refusal::Pages),
    ] {
        let mut process = Process::start();
        assert_eq!(process.take_apart(pdf), Err(Fault::Refused(why)));
        assert!(process.has_ended());
    }
}

#[test]
fn bytes_of_a_document_that_changed_leave_no_process_and_no_page_that_is_not_whole() {
    let good = made();
    for step in 0..6 {
        let mut bad = good.clone();
        for byte in bad.iter_mut().skip(40 + step * 97).step_by(509) {
            *byte = byte.wrapping_mul(31).wrapping_add(u8::try_from(step).unwrap_or(1));
        }
        let mut process = Process::start();
        if let Ok(paper) = process.take_apart(bad) {
            // How many pages such a document still has, it says itself; each comes whole, and the note.
            assert!(paper.leaves().len() >= 2, "{step}: {} pages", paper.leaves().len());
        }
        assert!(process.has_ended(), "{step}");
    }
}

#[test]
fn whoever_says_nothing_or_hangs_up_is_not_waited_for() {
    let process = Process::start();
    process.socket.shutdown(std::net::Shutdown::Write).expect("shut");
    assert!(process.has_ended());
}

#[test]
fn it_limits_itself_and_leaves_no_core() {
    let process = Process::start();
    let limits = format!("/proc/{}/limits", process.child.id());
    let deadline = Instant::now() + WITHIN;
    let hardened = || {
        let limits = std::fs::read_to_string(&limits).unwrap_or_default();
        let of = |name: &str| {
            let line = limits.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
            line.trim_start_matches(name).split_whitespace().nth(1).unwrap_or_default().to_owned()
        };
        of("Max core file size") == "0"
            && of("Max cpu time") == "30"
            && of("Max address space") == "671088640"
    };
    while !hardened() {
        assert!(Instant::now() < deadline, "it limits itself before it reads anything");
        std::thread::yield_now();
    }
}
