//! `kiosk-paper`: takes one PDF apart and ends.
//!
//! ```text
//! kiosk-paper                 the connection is standard input, as systemd hands it over (Accept=yes)
//! kiosk-paper --listen PATH   for a desk: each connection there gets a process of its own
//! ```
//! It reads what a stranger made, so it has nothing: no network, no card, no configuration, no file. It ends with its
//! document, and by its limits when that takes too long or too much.

use std::{
    ffi::OsString,
    io::{BufReader, BufWriter, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use anyhow::Context;
use eimza_kiosk::{
    link::{
        codec, listen,
        paper::{Answer, BAND, Leaf, MOST_PAGES, Order, Refusal},
    },
    logging, process,
};
use kiosk_paper::{Document, note};
use rustix::process::{Resource, Rlimit, setrlimit};

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// Seconds of the processor's time for a document.
const SECONDS: u64 = 30;
/// Bytes of memory: a page in colours at 300 dots an inch takes 35 MB, several times over while it is made. Below the
/// unit's `MemoryMax`, so that a document that wants more ends by this one.
const BYTES: u64 = 640 << 20;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let ended = match arguments.iter().map(|argument| argument.to_str()).collect::<Vec<_>>().as_slice() {
        [] => take_apart(),
        [Some("--listen"), _] => accept(Path::new(&arguments[1])),
        _ => Err(anyhow::anyhow!("usage: kiosk-paper [--listen PATH]")),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            // Where there is no journal, this is all there is; nothing of a document is in it.
            let _ = writeln!(std::io::stderr(), "kiosk-paper: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

/// One document, on the connection that is standard input.
fn take_apart() -> anyhow::Result<()> {
    // A library's last words may hold a word of the document: from here on only their place is told.
    logging::init("kiosk-paper")?;
    process::harden()?;
    for (resource, most) in [(Resource::Cpu, SECONDS), (Resource::As, BYTES)] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    let socket = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    listen::peer_uid(&socket).context("standard input is no connection")?;
    let mut from = BufReader::new(socket.try_clone()?);
    let mut to = BufWriter::new(socket);
    let Order { pdf, note } = codec::read(&mut from)?;
    match Document::open(&pdf) {
        Err(why) => codec::write(&mut to, &Answer::Refused(why))?,
        Ok(document) => {
            let pages = document.pages();
            if !(1..=MOST_PAGES).contains(&pages) {
                codec::write(&mut to, &Answer::Refused(Refusal::Pages))?;
                return Ok(());
            }
            codec::write(&mut to, &Answer::Pages(u8::try_from(pages + 1)?))?;
            for index in 0..pages {
                send(&mut to, &document.leaf(index)?)?;
            }
            send(&mut to, &note::leaf(&note, pages)?)?;
        }
    }
    Ok(())
}

fn send(to: &mut impl Write, leaf: &Leaf) -> anyhow::Result<()> {
    codec::write(to, &Answer::Screen(leaf.screen.pixels.clone()))?;
    for rows in leaf.print.pixels.expose().chunks(BAND) {
        codec::write(to, &Answer::Print(rows.to_vec().into()))?;
    }
    Ok(())
}

/// Gives each connection a process of its own, as systemd would.
fn accept(path: &Path) -> anyhow::Result<()> {
    logging::init("kiosk-paper")?;
    let listener = listen::listen("paper", path).with_context(|| path.display().to_string())?;
    let own = listen::allowed_uid(None);
    loop {
        let (socket, _) = listener.accept()?;
        if listen::peer_uid(&socket)? != own {
            continue;
        }
        let mut child = Command::new(std::env::current_exe()?)
            .stdin(Stdio::from(OwnedFd::from(socket)))
            .stdout(Stdio::null())
            .spawn()?;
        std::thread::spawn(move || {
            if let Ok(status) = child.wait()
                && !status.success()
            {
                log::warn!("a document was not taken apart: {status}");
            }
        });
    }
}
