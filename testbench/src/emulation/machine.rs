//! The virtual machine: QEMU with the appliance's disk, a screen, a touchscreen, and sockets to whoever plays the rest.
//!
//! It starts, resets and stops QEMU, and plugs things in; it knows nothing of what runs inside. The image is not
//! written to: the disk is copied first.

use std::{
    ffi::OsString,
    fs::{self, File},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::{agent::Agent, qmp::Qmp};
use crate::launcher::{self, Program};

/// QEMU makes its sockets before it does anything else.
const SOCKETS_WITHIN: Duration = Duration::from_secs(30);
/// QEMU ends at once when it is told to.
const END_WITHIN: Duration = Duration::from_secs(20);
/// A guest gives a device back when its driver is done with it.
const GIVEN_BACK_WITHIN: Duration = Duration::from_secs(60);

/// How the screen is shown and touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// Not shown; touched through the monitor.
    Robot,
    /// By VNC on a port of the loopback address; a pointer touches it, which is what VNC has.
    Vnc,
}

/// What a machine is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The folder `image/emulation/build` has made.
    pub image: PathBuf,
    /// Where the machine's own disks and sockets go; its path is short.
    pub run: PathBuf,
    /// Where its serial line is written to; what is there already stays.
    pub serial: PathBuf,
    /// The data partition, an image of a file system.
    pub data: PathBuf,
    /// How the screen is shown and touched.
    pub display: Display,
    /// Size of the screen in pixels.
    pub size: (u32, u32),
    /// Memory in MiB.
    pub memory_mib: u32,
}

/// A machine that runs; dropping it pulls the plug.
pub struct Machine {
    child: Child,
    parts: Parts,
    /// QEMU's monitor.
    pub monitor: Qmp,
    began: Instant,
}

impl Machine {
    /// A new machine with a fresh copy of the image's disk.
    ///
    /// # Errors
    /// When the image is not complete or QEMU does not start.
    pub fn build(parts: Parts) -> anyhow::Result<Self> {
        for part in ["disk.img", "firmware-code.fd", "firmware-vars.fd", "qemu-system-aarch64"] {
            let file = parts.image.join(part);
            ensure!(
                file.exists(),
                "{} is not there; image/emulation/build makes it, see scripts/emulate",
                file.display()
            );
        }
        for part in ["disk.img", "firmware-vars.fd"] {
            let copied = Command::new("cp")
                .args(["--sparse=always", "--reflink=auto", "--no-preserve=mode"])
                .args([parts.image.join(part), parts.run.join(part)])
                .status()?;
            ensure!(copied.success(), "{part} cannot be copied to {}", parts.run.display());
        }
        Self::power_on(parts)
    }

    /// Power on, with the disks as they are.
    fn power_on(parts: Parts) -> anyhow::Result<Self> {
        let log_path = parts.run.join("qemu.log");
        let log = File::options().create(true).append(true).open(&log_path)?;
        for socket in ["qmp", "agent", "card"] {
            let _ = fs::remove_file(parts.run.join(socket));
        }
        let program = Program {
            name: "qemu",
            path: parts.image.join("qemu-system-aarch64").canonicalize()?,
            arguments: arguments(&parts),
            environment: Vec::new(),
        };
        let began = Instant::now();
        let mut child = launcher::spawn(&program, &log).context("starting QEMU")?;
        let connected = connect(&parts.run.join("qmp"), &mut child);
        match connected.and_then(|stream| Ok(Qmp::greet(stream)?)) {
            Ok(monitor) => Ok(Self { child, parts, monitor, began }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                let said = fs::read_to_string(log_path).unwrap_or_default();
                Err(error.context(said.trim().to_owned()))
            }
        }
    }

    /// When it was powered on.
    #[must_use]
    pub fn began(&self) -> Instant {
        self.began
    }

    /// The agent inside.
    #[must_use]
    pub fn agent(&self) -> Agent {
        Agent::at(&self.parts.run.join("agent"))
    }

    /// Where a card connects to its reader.
    #[must_use]
    pub fn card_socket(&self) -> PathBuf {
        self.parts.run.join("card")
    }

    /// Its disks: the system's and the data partition's.
    #[must_use]
    pub fn disks(&self) -> [PathBuf; 2] {
        [self.parts.run.join("disk.img"), self.parts.data.clone()]
    }

    /// Where VNC listens, if it does.
    ///
    /// # Errors
    /// The monitor's.
    pub fn vnc(&self) -> anyhow::Result<Option<String>> {
        let told = self.monitor.ask("query-vnc", json!({}))?;
        Ok(match (told["host"].as_str(), told["service"].as_str()) {
            (Some(host), Some(port)) => Some(format!("{host}:{port}")),
            _ => None,
        })
    }

    /// Plugs the card reader in.
    ///
    /// # Errors
    /// The monitor's.
    pub fn plug_reader(&self) -> anyhow::Result<()> {
        self.plug(json!({ "driver": "usb-ccid", "id": "reader", "bus": "xhci.0" }))?;
        self.plug(
            json!({ "driver": "ccid-card-passthru", "id": "passthru", "chardev": "card", "bus": "reader.0" }),
        )
    }

    /// Pulls the card reader out.
    ///
    /// # Errors
    /// When the guest does not let go of it.
    pub fn unplug_reader(&self) -> anyhow::Result<()> {
        self.unplug("reader")
    }

    /// Plugs a device in, described as QEMU's `device_add` wants it.
    ///
    /// # Errors
    /// The monitor's.
    pub fn plug(&self, device: Value) -> anyhow::Result<()> {
        Ok(self.monitor.ask("device_add", device).map(|_| ())?)
    }

    /// Pulls a device out.
    ///
    /// # Errors
    /// When the guest does not let go of it.
    pub fn unplug(&self, id: &str) -> anyhow::Result<()> {
        self.monitor.forget();
        self.monitor.ask("device_del", json!({ "id": id }))?;
        let deadline = Instant::now() + GIVEN_BACK_WITHIN;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if self.monitor.wait_for("DEVICE_DELETED", left)?.data["device"] == id {
                return Ok(());
            }
        }
    }

    /// Cuts the power and gives it back: nothing is shut down, nothing in memory is left.
    ///
    /// # Errors
    /// When QEMU does not end or does not start again.
    pub fn cut_power(mut self) -> anyhow::Result<Self> {
        self.end();
        let parts = self.parts.clone();
        drop(self);
        Self::power_on(parts)
    }

    /// Cuts the power for good, and leaves the disks to be looked at.
    pub fn end(&mut self) {
        let _ = self.monitor.ask("quit", json!({}));
        let deadline = Instant::now() + END_WITHIN;
        while Instant::now() < deadline && self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.monitor.rest(Duration::from_millis(100));
        }
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = kill_process(Pid::from_child(&self.child), Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.end();
        }
    }
}

fn connect(socket: &Path, child: &mut Child) -> anyhow::Result<UnixStream> {
    let deadline = Instant::now() + SOCKETS_WITHIN;
    loop {
        if let Ok(stream) = UnixStream::connect(socket) {
            return Ok(stream);
        }
        if let Some(status) = child.try_wait()? {
            bail!("QEMU ended at once: {status}");
        }
        ensure!(Instant::now() < deadline, "QEMU does not listen on {}", socket.display());
        let moment = rustix::event::Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        rustix::event::poll(&mut [], Some(&moment))?;
    }
}

/// QEMU's command line. The machine is as bare as the board: what a kiosk has not got, it has not got.
fn arguments(parts: &Parts) -> Vec<OsString> {
    let run = |name: &str| parts.run.join(name).display().to_string();
    let socket = |id: &str| format!("socket,id={id},path={},server=on,wait=off", run(id));
    let (width, height) = parts.size;
    let firmware = parts.image.join("firmware-code.fd");
    let mut words: Vec<String> = [
        "-nodefaults -no-user-config -name eimza-kiosk",
        // No KVM: the host is of another kind. Two of the board's four cores.
        "-M virt -accel tcg,thread=multi -cpu cortex-a72 -smp 2 -rtc base=utc",
        // A watchdog that bites resets, and so does a guest that asks for it.
        "-device i6300esb -action watchdog=reset",
        "-device virtio-rng-pci",
        "-device qemu-xhci,id=xhci",
        // Where a disk with a bundle is plugged in by a check.
        "-device pcie-root-port,id=hot",
        "-device virtio-serial-pci -device virtserialport,chardev=agent,name=org.qemu.guest_agent.0",
        "-device virtio-blk-pci,drive=system,bootindex=0 -device virtio-blk-pci,drive=data",
        "-netdev user,id=net,ipv6=off -device virtio-net-pci,netdev=net,romfile=",
        "-serial chardev:serial",
    ]
    .iter()
    .flat_map(|line| line.split_whitespace())
    .map(str::to_owned)
    .collect();
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    let drive = |more: &str, file: &Path| format!("format=raw,{more},file={}", file.display());
    option("-drive", drive("if=pflash,unit=0,readonly=on", &firmware));
    option("-drive", drive("if=pflash,unit=1", &parts.run.join("firmware-vars.fd")));
    option("-drive", drive("if=none,id=system", &parts.run.join("disk.img")));
    option("-drive", drive("if=none,id=data", &parts.data));
    option("-m", parts.memory_mib.to_string());
    option("-device", format!("virtio-gpu-pci,xres={width},yres={height}"));
    option("-chardev", format!("file,id=serial,append=on,path={}", parts.serial.display()));
    option("-chardev", socket("agent"));
    option("-chardev", socket("card"));
    option("-qmp", format!("unix:{},server=on,wait=off", run("qmp")));
    let (screen, touch) = match parts.display {
        Display::Robot => (["-display", "none"], "virtio-multitouch-pci"),
        Display::Vnc => (["-vnc", "127.0.0.1:0,to=99"], "virtio-tablet-pci"),
    };
    words.extend(screen.map(str::to_owned));
    words.extend(["-device".to_owned(), touch.to_owned()]);
    words.into_iter().map(OsString::from).collect()
}
