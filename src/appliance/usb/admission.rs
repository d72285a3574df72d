//! Carries a verdict out in sysfs (`Documentation/usb/authorization.rst` of the kernel).
//!
//! What is let in or left out, and who gets an interface, is decided in [`super::policy`]; here is in which order that is
//! done, so that no driver has an interface before its verdict, and none ever that it was not given to, and that
//! everything that goes wrong leaves the device out.
//!
//! The kernel offers an interface to every driver it has, and some take it by the numbers its device shows, whatever its
//! class. So all interfaces are withheld while a device is configured, and then none is offered: an interface that is
//! authorised afterwards waits, until a driver is bound to it by name or a program claims it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    control::Node,
    descriptors::Device,
    policy::{Cause, First, Kind, Question, Taker, Verdict, first, second},
};
use crate::config::Usb;

/// One program at a time: whether new interfaces are withheld is set for a whole host controller.
const LOCK: &str = "/run/kiosk-usb.lock";

/// The right to let devices in, and where drivers are bound to interfaces.
pub(super) struct Bus {
    _lock: Option<File>,
    drivers: PathBuf,
}

/// An interface of a configured device.
struct Interface {
    folder: PathBuf,
    taker: Taker,
}

impl Bus {
    /// Waits for its turn.
    pub(super) fn lock() -> io::Result<Self> {
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(LOCK)?;
        lock.lock()?;
        Ok(Self { _lock: Some(lock), drivers: PathBuf::from("/sys/bus/usb/drivers") })
    }

    /// Judges a device in sysfs and lets it in or leaves it out.
    pub(super) fn admit(&self, device: &Path, listed: &Usb) -> io::Result<Verdict> {
        self.admit_asking(device, listed, |device| {
            let node = Node::open(device)?;
            Ok(move |question| node.report(question))
        })
    }

    /// Puts a device out, unless it is listed; whether it did.
    pub(super) fn revoke(&self, device: &Path, listed: &Usb) -> io::Result<bool> {
        let descriptors = fs::read(device.join("descriptors"))?;
        if Device::parse(&descriptors).is_ok_and(|device| device.is_listed(listed)) {
            return Ok(false);
        }
        put(&device.join("authorized"), "0")?;
        Ok(true)
    }

    /// `open` gives what asks an interface, and holds those that were asked until it is dropped.
    fn admit_asking<Ask>(
        &self,
        device: &Path,
        listed: &Usb,
        open: impl FnOnce(&Path) -> io::Result<Ask>,
    ) -> io::Result<Verdict>
    where
        Ask: FnMut(Question) -> io::Result<Vec<u8>>,
    {
        let withheld = controller(device)?;
        match first(&fs::read(device.join("descriptors"))?, listed) {
            First::Refuse(cause) => Ok(Verdict::Refused(cause)),
            // Whatever it is, and whichever driver wants it.
            First::Admit(Kind::Listed) => {
                put(&withheld, "1")?;
                let done = put(&device.join("authorized"), "1");
                put(&withheld, "0")?;
                done.map(|()| Verdict::Admitted(Kind::Listed))
            }
            First::Admit(kind @ (Kind::Hub | Kind::Reader | Kind::Touchscreen)) => {
                self.admit_withheld(device, &withheld, || Ok(Verdict::Admitted(kind)))
            }
            First::Ask(questions) => {
                self.admit_withheld(device, &withheld, || ask_all(&questions, open(device)?))
            }
        }
    }

    fn admit_withheld(
        &self,
        device: &Path,
        withheld: &Path,
        judge: impl FnOnce() -> io::Result<Verdict>,
    ) -> io::Result<Verdict> {
        put(withheld, "0")?;
        let verdict = self.admit_in_order(device, judge);
        if !matches!(verdict, Ok(Verdict::Admitted(_))) {
            put(&device.join("authorized"), "0")?;
        }
        verdict
    }

    fn admit_in_order(
        &self,
        device: &Path,
        judge: impl FnOnce() -> io::Result<Verdict>,
    ) -> io::Result<Verdict> {
        put(&device.join("authorized"), "1")?;
        let interfaces = interfaces(device)?;
        for interface in &interfaces {
            interface.is_withheld()?;
        }
        // Authorised, an interface can be claimed and bound. It is offered to drivers that come new only: those it could be
        // bound to are there since the start (modules-load.d), and udev loads none for it (systemd/udev).
        for interface in &interfaces {
            put(&interface.folder.join("authorized"), "1")?;
        }
        let verdict = judge()?;
        if let Verdict::Admitted(_) = verdict {
            for interface in &interfaces {
                self.give(interface)?;
            }
        }
        Ok(verdict)
    }

    fn give(&self, interface: &Interface) -> io::Result<()> {
        match interface.taker {
            Taker::Program => Ok(()),
            Taker::Driver(driver) => {
                let name = interface.folder.file_name().unwrap_or_default().to_string_lossy();
                put(&self.drivers.join(driver).join("bind"), &name)
            }
        }
    }
}

/// What was asked is let go when this is over: only then can a driver be bound to it.
fn ask_all(
    questions: &[Question],
    mut ask: impl FnMut(Question) -> io::Result<Vec<u8>>,
) -> io::Result<Verdict> {
    let mut reports = Vec::new();
    for question in questions {
        match ask(*question) {
            Ok(report) => reports.push((question.interface, report)),
            Err(error) => {
                return Ok(Verdict::Refused(Cause::Silent(question.interface, error.to_string())));
            }
        }
    }
    Ok(second(&reports))
}

impl Interface {
    fn read(folder: PathBuf) -> io::Result<Self> {
        let class = fs::read_to_string(folder.join("bInterfaceClass"))?;
        let taker = u8::from_str_radix(class.trim(), 16).ok().and_then(Taker::of).ok_or_else(|| {
            io::Error::other(format!(
                "{}: found an interface of class {:?}, expected a hub's, a reader's or HID",
                folder.display(),
                class.trim()
            ))
        })?;
        Ok(Self { folder, taker })
    }

    fn is_withheld(&self) -> io::Result<()> {
        if fs::read_to_string(self.folder.join("authorized"))?.trim() == "0" {
            return Ok(());
        }
        let name = self.folder.display();
        Err(io::Error::other(format!(
            "{name}: found an interface that is not withheld, expected the kernel to do so"
        )))
    }
}

/// The switch of the host controller a device hangs on, for interfaces that are new.
fn controller(device: &Path) -> io::Result<PathBuf> {
    device
        .ancestors()
        .map(|folder| folder.join("interface_authorized_default"))
        .find(|switch| switch.is_file())
        .ok_or_else(|| io::Error::other("found no host controller above it, expected one"))
}

/// The interfaces of the configuration a device is in.
fn interfaces(device: &Path) -> io::Result<Vec<Interface>> {
    let of_it = |folder: &Path| {
        let name = device.file_name()?.to_str()?;
        folder.file_name()?.to_str()?.strip_prefix(name)?.starts_with(':').then_some(())
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(device)? {
        let folder = entry?.path();
        if of_it(&folder).is_some() {
            found.push(folder);
        }
    }
    found.sort();
    found.into_iter().map(Interface::read).collect()
}

fn put(attribute: &Path, value: &str) -> io::Result<()> {
    let written =
        OpenOptions::new().write(true).open(attribute).and_then(|mut file| file.write_all(value.as_bytes()));
    written.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", attribute.display())))
}

#[cfg(test)]
mod tests;
