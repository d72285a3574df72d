//! The office's printer: CUPS's own `ippeveprinter` on the loopback, with a folder that its sheets fall into.
//!
//! What comes out is kept as it came, and read again by code of its own; it knows nothing of what is printed.

use std::{
    ffi::OsString,
    fs,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream},
    os::{fd::OwnedFd, unix::fs::PermissionsExt},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use rustix::net::{self, AddressFamily, SocketType};

use crate::launcher::{Launcher, Program};

/// The printer's name among the programs.
pub const PRINTER: &str = "printer";
const BUS: &str = "printer-bus";
const DAEMON: &str = "/usr/sbin/ippeveprinter";
/// It must listen this soon after its start.
const WITHIN: Duration = Duration::from_secs(20);

/// What is wrong with a printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PrinterFault {
    /// Nobody answers at its address.
    Off,
    /// It has no paper until somebody puts some in.
    Empty,
    /// It gives every job up.
    Jammed,
}

impl PrinterFault {
    /// Every fault of a printer.
    pub const ALL: [Self; 3] = [Self::Off, Self::Empty, Self::Jammed];

    /// The name on the command line and in `faults.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "printer-off",
            Self::Empty => "printer-empty",
            Self::Jammed => "printer-jammed",
        }
    }
}

/// A printer of a bench.
#[derive(Debug)]
pub struct Printer {
    folder: PathBuf,
    port: u16,
    _reserved: OwnedFd,
}

impl Printer {
    /// Whether this machine can have one.
    #[must_use]
    pub fn is_installed() -> bool {
        Path::new(DAEMON).exists()
    }

    /// Starts one with a folder of its own, unless it is to be off.
    ///
    /// # Errors
    /// When it is not installed, or does not listen in time.
    pub fn start(launcher: &mut Launcher, folder: &Path, faults: &[PrinterFault]) -> anyhow::Result<Self> {
        ensure!(Self::is_installed(), "{DAEMON} is not there (Debian: cups-ipp-utils)");
        for name in ["out", "spool"] {
            fs::create_dir_all(folder.join(name))?;
        }
        let (reserved, port) = reserve().context("a port for the printer")?;
        let printer = Self { folder: folder.to_owned(), port, _reserved: reserved };
        if faults.contains(&PrinterFault::Off) {
            return Ok(printer);
        }
        for fault in faults {
            printer.set(*fault, true)?;
        }
        let prints = folder.join("prints");
        fs::write(&prints, PRINTS)?;
        fs::set_permissions(&prints, fs::Permissions::from_mode(0o755))?;
        // It wants a system bus to make itself known on, and is content with an empty one.
        let bus = folder.join("bus");
        let address = format!("unix:path={}", bus.display());
        launcher.start(Program {
            name: BUS,
            path: "/usr/bin/dbus-daemon".into(),
            arguments: vec!["--session".into(), "--nofork".into(), format!("--address={address}").into()],
            environment: Vec::new(),
        })?;
        wait("the printer's bus", || bus.exists())?;
        let port = printer.port.to_string();
        let mut arguments: Vec<OsString> =
            ["-r", "off", "-n", "localhost", "-p", &port, "-f", "image/pwg-raster"].map(Into::into).to_vec();
        arguments.extend([
            "-c".into(),
            prints.into(),
            "-d".into(),
            folder.join("spool").into(),
            "Deneme".into(),
        ]);
        launcher.start(Program {
            name: PRINTER,
            path: DAEMON.into(),
            arguments,
            environment: vec![
                ("DBUS_SYSTEM_BUS_ADDRESS".to_owned(), address.into()),
                ("KIOSK_PRINTER".to_owned(), folder.into()),
            ],
        })?;
        wait("the printer", || TcpStream::connect((Ipv4Addr::LOCALHOST, printer.port)).is_ok())?;
        Ok(printer)
    }

    /// Where it is reached.
    #[must_use]
    pub fn address(&self) -> String {
        format!("ipp://localhost:{}/ipp/print", self.port)
    }

    /// Whether it waits for paper.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.mark(PrinterFault::Empty).exists()
    }

    /// Puts paper in.
    ///
    /// # Errors
    /// When its folder is gone.
    pub fn fill(&self) -> anyhow::Result<()> {
        self.set(PrinterFault::Empty, false)
    }

    fn set(&self, fault: PrinterFault, is: bool) -> anyhow::Result<()> {
        let mark = self.mark(fault);
        if is {
            fs::write(mark, "")?;
        } else if mark.exists() {
            fs::remove_file(mark)?;
        }
        Ok(())
    }

    fn mark(&self, fault: PrinterFault) -> PathBuf {
        self.folder.join(fault.name())
    }

    /// Every document that came out, as it was sent, oldest first.
    ///
    /// # Errors
    /// When its folder cannot be read.
    pub fn documents(&self) -> anyhow::Result<Vec<Vec<u8>>> {
        let entries = fs::read_dir(self.folder.join("out"))?.collect::<Result<Vec<_>, _>>()?;
        let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        files.sort();
        files.into_iter().map(|file| Ok(fs::read(file)?)).collect()
    }
}

/// Called with each job's file; it speaks of paper as CUPS's own drivers do, and keeps what it printed.
const PRINTS: &str = "#!/bin/sh
set -eu
if [ -e \"$KIOSK_PRINTER/printer-jammed\" ]; then exit 1; fi
if [ -e \"$KIOSK_PRINTER/printer-empty\" ]; then
  echo 'STATE: +media-empty-error' >&2
  while [ -e \"$KIOSK_PRINTER/printer-empty\" ]; do sleep 0.1; done
  echo 'STATE: -media-empty-error' >&2
fi
number=$(ls \"$KIOSK_PRINTER/out\" | wc -l)
cp \"$1\" \"$KIOSK_PRINTER/out/.new\"
mv \"$KIOSK_PRINTER/out/.new\" \"$KIOSK_PRINTER/out/$(printf %04d \"$number\").pwg\"
";

/// A port that nobody else is given while this is held, and at which nobody answers before the printer does: it is bound and
/// does not listen, so that the printer, which like this one binds with `SO_REUSEADDR` (socket(7)), may.
fn reserve() -> std::io::Result<(OwnedFd, u16)> {
    let socket = net::socket(AddressFamily::INET, SocketType::STREAM, None)?;
    net::sockopt::set_socket_reuseaddr(&socket, true)?;
    net::bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0))?;
    let port = SocketAddr::try_from(net::getsockname(&socket)?)?.port();
    Ok((socket, port))
}

fn wait(what: &str, is: impl Fn() -> bool) -> anyhow::Result<()> {
    let deadline = Instant::now() + WITHIN;
    while !is() {
        if Instant::now() > deadline {
            bail!("{what} did not come up within {WITHIN:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// A page of a document that was printed.
#[derive(Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Dots across.
    pub width: usize,
    /// Dots down.
    pub height: usize,
    /// Dots per inch.
    pub dpi: u32,
    /// The paper's name.
    pub media: String,
    /// Grey, row by row.
    pub pixels: Vec<u8>,
}

/// The pages of a document in PWG Raster (PWG 5102.4), in one grey of 8 bits.
///
/// # Errors
/// Says what is not as the standard has it.
pub fn sheets(document: &[u8]) -> anyhow::Result<Vec<Sheet>> {
    let mut rest = document.strip_prefix(b"RaS2").context("no PWG raster")?;
    let mut sheets = Vec::new();
    while !rest.is_empty() {
        let (header, coded) = rest.split_at_checked(1796).context("a header that breaks off")?;
        ensure!(header.starts_with(b"PwgRaster\0"), "a page that does not begin as one");
        let number =
            |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        ensure!((number(384), number(388), number(400)) == (8, 8, 18), "colours that are no grey of 8 bits");
        let (width, height) = (number(372) as usize, number(376) as usize);
        ensure!(number(392) as usize == width && number(276) == number(280), "lines or dots of another form");
        let media = header[1732..].split(|byte| *byte == 0).next().unwrap_or_default();
        let (pixels, left) = page(coded, width, height)?;
        rest = left;
        let media = String::from_utf8_lossy(media).into_owned();
        sheets.push(Sheet { width, height, dpi: number(276), media, pixels });
    }
    Ok(sheets)
}

fn page(mut coded: &[u8], width: usize, height: usize) -> anyhow::Result<(Vec<u8>, &[u8])> {
    let mut pixels = Vec::with_capacity(width * height);
    while pixels.len() < width * height {
        let (repeated, mut rest) = coded.split_first().context("a line that breaks off")?;
        let mut line = Vec::with_capacity(width);
        while line.len() < width {
            let (count, coded) = rest.split_first().context("a stretch that breaks off")?;
            let (stretch, left) = match count {
                0..=127 => {
                    let (pixel, left) = coded.split_first().context("no pixel to repeat")?;
                    (vec![*pixel; usize::from(*count) + 1], left)
                }
                128 => bail!("a stretch of a kind there is none of"),
                129..=255 => {
                    let many = 257 - usize::from(*count);
                    let (stretch, left) = coded.split_at_checked(many).context("pixels that break off")?;
                    (stretch.to_vec(), left)
                }
            };
            line.extend(stretch);
            rest = left;
        }
        ensure!(line.len() == width, "a line of {} dots, expected {width}", line.len());
        for _ in 0..=*repeated {
            pixels.extend_from_slice(&line);
        }
        coded = rest;
    }
    ensure!(pixels.len() == width * height, "more lines than the page has");
    Ok((pixels, coded))
}
