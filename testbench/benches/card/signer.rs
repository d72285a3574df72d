//! A `kiosk-token` of the bench's own, and what `kioskd` and the screen say to it.

use std::{
    os::unix::net::{UnixDatagram, UnixStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail, ensure};
use eimza_kiosk::{
    card::{ReaderName, certificate::Certificate},
    link::{
        codec,
        pin::{self, Pin, Verdict},
        signer::{Answer, Call, Purpose, Reply, Request, RequestId},
    },
    portal::SigningText,
};
use sha2::{Digest, Sha256};
use testbench::{demo::bench::Bench, pcscd::READERS};

use crate::PATIENCE;

pub(crate) const TEXT: &str = "Aşağıda yazılı bütün bilgilerin doğru olduğunu,\nADRES: Deneme Mah. 1/2\n";

pub(crate) struct Signer {
    process: Child,
    run: PathBuf,
    ready: UnixDatagram,
    link: UnixStream,
    numbers: u64,
    certificate: Vec<u8>,
    request: Option<RequestId>,
}

impl Drop for Signer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Signer {
    pub(crate) fn start(bench: &Bench) -> anyhow::Result<Self> {
        let run = bench.plan.run.clone();
        let ready = UnixDatagram::bind(run.join("notify"))?;
        ready.set_read_timeout(Some(PATIENCE))?;
        let log = std::fs::File::create(bench.plan.out.join("logs/bench-token.log"))?;
        let process = Command::new(bench.plan.programs.join("kiosk-token"))
            .arg("--config")
            .arg(bench.configuration())
            .envs(bench.pcscd.env())
            .env("NOTIFY_SOCKET", run.join("notify"))
            .env_remove("JOURNAL_STREAM")
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()?;
        await_ready(&ready)?;
        let link = connect(&run)?;
        Ok(Self { process, run, ready, link, numbers: 0, certificate: Vec::new(), request: None })
    }

    fn ask(&mut self, request: Request) -> anyhow::Result<Reply> {
        self.numbers += 1;
        codec::write(&mut self.link, &Call { number: self.numbers, request })?;
        let answer: Answer = codec::read(&mut self.link)?;
        answer.result.map_err(|fault| anyhow::anyhow!("the signer: {fault}"))
    }

    pub(crate) fn read_card(&mut self) -> anyhow::Result<()> {
        let reader = ReaderName(READERS[0].to_owned());
        let Reply::Card { certificates, .. } = self.ask(Request::ReadCard { reader, atr: Vec::new() })?
        else {
            bail!("no card")
        };
        self.certificate = certificates.into_iter().next().context("no certificate")?;
        Ok(())
    }

    pub(crate) fn prepare(&mut self) -> anyhow::Result<()> {
        let request = Request::Prepare {
            purpose: Purpose::Application,
            texts: vec![SigningText(TEXT.as_bytes().to_vec())],
            certificate: Certificate::parse(&self.certificate)?.fingerprint(),
            signing_time: jiff::Timestamp::now().as_second(),
            life_ms: 120_000,
        };
        let Reply::Prepared { request, .. } = self.ask(request)? else { bail!("not prepared") };
        self.request = Some(request);
        Ok(())
    }

    /// The screen's part, and the signature's collection.
    pub(crate) fn sign(&mut self, digits: &str) -> anyhow::Result<()> {
        let request = self.request.take().context("not prepared")?;
        let mut typed = Pin::new()?;
        for digit in digits.bytes() {
            ensure!(typed.push(digit - b'0'), "a PIN that is too long");
        }
        let mut socket = UnixStream::connect(self.run.join("pin"))?;
        let verdict = pin::send(&mut socket, request, &[Sha256::digest(TEXT).into()], false, &typed)?;
        ensure!(verdict == Verdict::Accepted, "the PIN was not taken: {verdict:?}");
        let Reply::Signed(_) = self.ask(Request::Collect(request))? else { bail!("not signed") };
        Ok(())
    }

    /// Ends the visit; the next begins with a new image.
    pub(crate) fn forget(&mut self) -> anyhow::Result<()> {
        self.link.shutdown(std::net::Shutdown::Both)?;
        await_ready(&self.ready)?;
        self.link = connect(&self.run)?;
        Ok(())
    }
}

fn connect(run: &std::path::Path) -> anyhow::Result<UnixStream> {
    let link = UnixStream::connect(run.join("signer"))?;
    link.set_read_timeout(Some(PATIENCE))?;
    Ok(link)
}

fn await_ready(ready: &UnixDatagram) -> anyhow::Result<()> {
    let mut message = [0; 64];
    let length = ready.recv(&mut message).context("kiosk-token is not ready in time")?;
    ensure!(message[..length].starts_with(b"READY=1"), "something else than READY=1");
    Ok(())
}
