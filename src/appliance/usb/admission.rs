//! Carries a verdict out in sysfs (`Documentation/usb/authorization.rst` of the kernel).
//!
//! What is let in or left out is decided in [`super::policy`]; here is in which order that is done, so that no driver
//! has an interface before its verdict, and that everything that goes wrong leaves the device out.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    control::Node,
    descriptors::Device,
    policy::{Cause, First, Question, Verdict, first, second},
};
use crate::config::Usb;

/// One program at a time: whether new interfaces are withheld is set for a whole host controller.
const LOCK: &str = "/run/kiosk-usb.lock";

/// The right to let devices in, and where drivers are offered interfaces.
pub(super) struct Bus {
    _lock: Option<File>,
    probe: PathBuf,
}

impl Bus {
    /// Waits for its turn.
    pub(super) fn lock() -> io::Result<Self> {
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(LOCK)?;
        lock.lock()?;
        Ok(Self { _lock: Some(lock), probe: PathBuf::from("/sys/bus/usb/drivers_probe") })
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
            First::Admit(kind) => {
                put(&withheld, "1")?;
                let done = put(&device.join("authorized"), "1");
                put(&withheld, "0")?;
                done.map(|()| Verdict::Admitted(kind))
            }
            First::Ask(questions) => {
                put(&withheld, "0")?;
                let verdict = self.admit_by_reports(device, &questions, open);
                if !matches!(verdict, Ok(Verdict::Admitted(_))) {
                    put(&device.join("authorized"), "0")?;
                }
                verdict
            }
        }
    }

    fn admit_by_reports<Ask>(
        &self,
        device: &Path,
        questions: &[Question],
        open: impl FnOnce(&Path) -> io::Result<Ask>,
    ) -> io::Result<Verdict>
    where
        Ask: FnMut(Question) -> io::Result<Vec<u8>>,
    {
        put(&device.join("authorized"), "1")?;
        let interfaces = interfaces(device)?;
        for interface in &interfaces {
            let state = fs::read_to_string(interface.join("authorized"))?;
            if state.trim() != "0" {
                return Err(io::Error::other(format!(
                    "{}: found an interface that is not withheld, expected the kernel to do so",
                    interface.display()
                )));
            }
        }
        let mut ask = open(device)?;
        // Authorised, an interface is offered to no driver until it is probed, or a driver comes new: those that
        // could want it are there since the start (modules-load.d).
        for interface in &interfaces {
            put(&interface.join("authorized"), "1")?;
        }
        let mut reports = Vec::new();
        for question in questions {
            match ask(*question) {
                Ok(report) => reports.push((question.interface, report)),
                Err(error) => {
                    return Ok(Verdict::Refused(Cause::Silent(question.interface, error.to_string())));
                }
            }
        }
        let verdict = second(&reports);
        if let Verdict::Admitted(_) = verdict {
            drop(ask);
            for interface in &interfaces {
                let name = interface.file_name().unwrap_or_default().to_string_lossy();
                put(&self.probe, &name)?;
            }
        }
        Ok(verdict)
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
fn interfaces(device: &Path) -> io::Result<Vec<PathBuf>> {
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
    Ok(found)
}

fn put(attribute: &Path, value: &str) -> io::Result<()> {
    let written =
        OpenOptions::new().write(true).open(attribute).and_then(|mut file| file.write_all(value.as_bytes()));
    written.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", attribute.display())))
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, fs, io, path::PathBuf};

    use tempfile::TempDir;

    use super::{Bus, Question, Verdict};
    use crate::{
        appliance::usb::{policy::Kind, samples},
        config::{Usb, UsbId},
    };

    /// A piece of sysfs: a controller, and a device with so many interfaces below it.
    struct Sysfs {
        folder: TempDir,
        device: PathBuf,
        bus: Bus,
    }

    impl Sysfs {
        fn with(descriptors: &[u8], interfaces: usize) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let device = folder.path().join("usb1/1-2");
            fs::create_dir_all(&device).unwrap();
            for index in 0..interfaces {
                fs::create_dir_all(device.join(format!("1-2:1.{index}"))).unwrap();
                fs::write(device.join(format!("1-2:1.{index}/authorized")), "0").unwrap();
            }
            fs::write(folder.path().join("usb1/interface_authorized_default"), "1").unwrap();
            fs::write(device.join("descriptors"), descriptors).unwrap();
            fs::write(device.join("authorized"), "0").unwrap();
            let probe = folder.path().join("drivers_probe");
            fs::write(&probe, "").unwrap();
            Self { folder, device, bus: Bus { _lock: None, probe } }
        }

        fn says(&self, name: &str) -> String {
            fs::read_to_string(self.folder.path().join(name)).unwrap()
        }

        fn admit(&self, reports: &[&[u8]]) -> io::Result<Verdict> {
            self.bus.admit_asking(&self.device, &Usb::default(), |_| {
                Ok(|question: Question| {
                    assert_eq!(
                        self.says("usb1/interface_authorized_default"),
                        "0",
                        "withheld before configured"
                    );
                    assert_eq!(self.says("usb1/1-2/authorized"), "1");
                    assert_eq!(self.says("drivers_probe"), "", "no driver before the verdict");
                    let report = reports.get(usize::from(question.interface));
                    report.map(|report| report.to_vec()).ok_or_else(|| io::ErrorKind::TimedOut.into())
                })
            })
        }
    }

    type Ask = fn(Question) -> io::Result<Vec<u8>>;

    fn unasked(_: &std::path::Path) -> io::Result<Ask> {
        panic!("nothing is asked of it")
    }

    #[test]
    fn a_reader_is_let_in_with_its_interfaces_and_the_next_device_is_withheld_again() {
        let sysfs = Sysfs::with(&samples::READER, 0);
        let verdict = sysfs.bus.admit_asking(&sysfs.device, &Usb::default(), unasked).unwrap();
        assert_eq!(verdict, Verdict::Admitted(Kind::Reader));
        assert_eq!(sysfs.says("usb1/1-2/authorized"), "1");
        assert_eq!(sysfs.says("usb1/interface_authorized_default"), "0");
    }

    #[test]
    fn a_stick_and_a_keyboard_are_never_configured() {
        for descriptors in [&samples::STORAGE[..], &samples::KEYBOARD] {
            let sysfs = Sysfs::with(descriptors, 0);
            let verdict = sysfs.bus.admit_asking(&sysfs.device, &Usb::default(), unasked).unwrap();
            assert!(matches!(verdict, Verdict::Refused(_)));
            assert_eq!(sysfs.says("usb1/1-2/authorized"), "0");
        }
    }

    #[test]
    fn a_touchscreen_gets_a_driver_once_it_has_told_what_it_is() {
        let sysfs = Sysfs::with(&samples::TOUCHSCREEN, 1);
        assert_eq!(sysfs.admit(&[&samples::TOUCH_REPORT]).unwrap(), Verdict::Admitted(Kind::Touchscreen));
        assert_eq!(sysfs.says("usb1/1-2/1-2:1.0/authorized"), "1");
        assert_eq!(sysfs.says("drivers_probe"), "1-2:1.0");
    }

    #[test]
    fn a_touchscreen_that_types_is_put_out_before_any_driver_has_it() {
        let sysfs = Sysfs::with(&samples::TOUCH_AND_KEYS, 2);
        let verdict = sysfs.admit(&[&samples::TOUCH_REPORT, &samples::KEYBOARD_REPORT]).unwrap();
        assert!(matches!(verdict, Verdict::Refused(_)));
        assert_eq!(sysfs.says("usb1/1-2/authorized"), "0");
        assert_eq!(sysfs.says("drivers_probe"), "");
    }

    #[test]
    fn a_device_that_does_not_answer_is_put_out() {
        let sysfs = Sysfs::with(&samples::TOUCHSCREEN, 1);
        assert!(matches!(sysfs.admit(&[]).unwrap(), Verdict::Refused(_)));
        assert_eq!(sysfs.says("usb1/1-2/authorized"), "0");
    }

    #[test]
    fn a_kernel_that_withholds_no_interface_lets_no_hid_in() {
        let sysfs = Sysfs::with(&samples::TOUCHSCREEN, 1);
        fs::write(sysfs.device.join("1-2:1.0/authorized"), "1").unwrap();
        let fault = sysfs.admit(&[&samples::TOUCH_REPORT]).unwrap_err().to_string();
        assert!(fault.contains("not withheld"), "{fault}");
        assert_eq!(sysfs.says("usb1/1-2/authorized"), "0");
    }

    #[test]
    fn what_grew_keys_is_put_out_unless_it_is_listed() {
        let sysfs = Sysfs::with(&samples::TOUCHSCREEN, 1);
        fs::write(sysfs.device.join("authorized"), "1").unwrap();
        let listed = Usb { allow: vec![UsbId { vendor: 0x0eef, product: 5 }] };
        assert!(!sysfs.bus.revoke(&sysfs.device, &listed).unwrap());
        assert_eq!(sysfs.says("usb1/1-2/authorized"), "1");
        assert!(sysfs.bus.revoke(&sysfs.device, &Usb::default()).unwrap());
        assert_eq!(sysfs.says("usb1/1-2/authorized"), "0");
    }

    #[test]
    fn interfaces_that_were_asked_are_held_until_the_verdict() {
        struct Held<'a>(&'a RefCell<Vec<&'static str>>, PathBuf);
        impl Drop for Held<'_> {
            fn drop(&mut self) {
                assert_eq!(fs::read_to_string(&self.1).unwrap(), "", "let go before drivers are offered it");
                self.0.borrow_mut().push("let go");
            }
        }
        impl Held<'_> {
            fn asked(&self) {
                self.0.borrow_mut().push("asked");
            }
        }
        let sysfs = Sysfs::with(&samples::TOUCHSCREEN, 1);
        let told = RefCell::new(Vec::new());
        let verdict = sysfs.bus.admit_asking(&sysfs.device, &Usb::default(), |_| {
            let held = Held(&told, sysfs.folder.path().join("drivers_probe"));
            Ok(move |_| {
                held.asked();
                Ok(samples::TOUCH_REPORT.clone())
            })
        });
        assert_eq!(verdict.unwrap(), Verdict::Admitted(Kind::Touchscreen));
        assert_eq!(*told.borrow(), ["asked", "let go"]);
    }
}
