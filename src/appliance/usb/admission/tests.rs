//! A folder plays sysfs: what was written where tells what the kernel would have done.

use std::{cell::RefCell, fs, io, path::PathBuf};

use tempfile::TempDir;

use super::{Bus, Question, Verdict};
use crate::{
    appliance::usb::{policy::Kind, samples},
    config::{Usb, UsbId},
};

/// A piece of sysfs: a controller, a device with interfaces of these classes below it, and drivers.
struct Sysfs {
    folder: TempDir,
    device: PathBuf,
    bus: Bus,
}

const HID: u8 = 3;
const HUB: u8 = 9;
const CCID: u8 = 0x0b;
const DRIVERS: [&str; 2] = ["hub", "usbhid"];

impl Sysfs {
    fn with(descriptors: &[u8], classes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let device = folder.path().join("usb1/1-2");
        fs::create_dir_all(&device).unwrap();
        for (index, class) in classes.iter().enumerate() {
            let interface = device.join(format!("1-2:1.{index}"));
            fs::create_dir_all(&interface).unwrap();
            fs::write(interface.join("authorized"), "0").unwrap();
            fs::write(interface.join("bInterfaceClass"), format!("{class:02x}\n")).unwrap();
        }
        fs::write(folder.path().join("usb1/interface_authorized_default"), "1").unwrap();
        fs::write(device.join("descriptors"), descriptors).unwrap();
        fs::write(device.join("authorized"), "0").unwrap();
        let drivers = folder.path().join("drivers");
        for driver in DRIVERS {
            fs::create_dir_all(drivers.join(driver)).unwrap();
            fs::write(drivers.join(driver).join("bind"), "").unwrap();
        }
        Self { folder, device, bus: Bus { _lock: None, drivers } }
    }

    fn says(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    fn authorized(&self, interface: u8) -> String {
        self.says(&format!("usb1/1-2/1-2:1.{interface}/authorized"))
    }

    /// What was bound to which driver.
    fn bound(&self) -> Vec<(&'static str, String)> {
        DRIVERS
            .map(|driver| (driver, self.says(&format!("drivers/{driver}/bind"))))
            .into_iter()
            .filter(|(_, bound)| !bound.is_empty())
            .collect()
    }

    fn admit(&self, reports: &[&[u8]]) -> io::Result<Verdict> {
        self.bus.admit_asking(&self.device, &Usb::default(), |_| {
            Ok(|question: Question| {
                assert_eq!(self.says("usb1/interface_authorized_default"), "0", "withheld before configured");
                assert_eq!(self.says("usb1/1-2/authorized"), "1");
                assert_eq!(self.bound(), [], "no driver before the verdict");
                let report = reports.get(usize::from(question.interface));
                report.map(|report| report.to_vec()).ok_or_else(|| io::ErrorKind::TimedOut.into())
            })
        })
    }

    fn admit_unasked(&self, listed: &Usb) -> io::Result<Verdict> {
        self.bus.admit_asking(&self.device, listed, unasked)
    }
}

type Ask = fn(Question) -> io::Result<Vec<u8>>;

fn unasked(_: &std::path::Path) -> io::Result<Ask> {
    panic!("nothing is asked of it")
}

#[test]
fn a_reader_waits_for_a_program_to_claim_it_and_no_driver_is_offered_it() {
    let sysfs = Sysfs::with(&samples::READER, &[CCID]);
    assert_eq!(sysfs.admit_unasked(&Usb::default()).unwrap(), Verdict::Admitted(Kind::Reader));
    assert_eq!(sysfs.says("usb1/1-2/authorized"), "1");
    assert_eq!(sysfs.says("usb1/interface_authorized_default"), "0", "withheld as it was configured");
    assert_eq!(sysfs.authorized(0), "1", "it can be claimed");
    assert_eq!(sysfs.bound(), []);
}

#[test]
fn a_hub_gets_the_driver_of_hubs_and_no_other() {
    let sysfs = Sysfs::with(&samples::HUB, &[HUB]);
    assert_eq!(sysfs.admit_unasked(&Usb::default()).unwrap(), Verdict::Admitted(Kind::Hub));
    assert_eq!(sysfs.says("usb1/interface_authorized_default"), "0");
    assert_eq!(sysfs.bound(), [("hub", "1-2:1.0".to_owned())]);
}

#[test]
fn what_is_listed_is_left_to_whichever_driver_wants_it_and_the_next_device_is_withheld_again() {
    let sysfs = Sysfs::with(&samples::STORAGE, &[8]);
    let listed = Usb { allow: vec![UsbId { vendor: 0x46f4, product: 1 }] };
    assert_eq!(sysfs.admit_unasked(&listed).unwrap(), Verdict::Admitted(Kind::Listed));
    assert_eq!(sysfs.says("usb1/1-2/authorized"), "1");
    assert_eq!(sysfs.says("usb1/interface_authorized_default"), "0");
}

#[test]
fn an_interface_the_descriptors_did_not_speak_of_puts_its_device_out() {
    let sysfs = Sysfs::with(&samples::READER, &[CCID, 8]);
    let fault = sysfs.admit_unasked(&Usb::default()).unwrap_err().to_string();
    assert!(fault.contains("1-2:1.1: found an interface of class \"08\""), "{fault}");
    assert_eq!(sysfs.says("usb1/1-2/authorized"), "0");
    assert_eq!((sysfs.authorized(0), sysfs.bound()), ("0".to_owned(), vec![]));
}

#[test]
fn a_stick_and_a_keyboard_are_never_configured() {
    for descriptors in [&samples::STORAGE[..], &samples::KEYBOARD] {
        let sysfs = Sysfs::with(descriptors, &[]);
        assert!(matches!(sysfs.admit_unasked(&Usb::default()).unwrap(), Verdict::Refused(_)));
        assert_eq!(sysfs.says("usb1/1-2/authorized"), "0");
    }
}

#[test]
fn a_touchscreen_gets_a_driver_once_it_has_told_what_it_is() {
    let sysfs = Sysfs::with(&samples::TOUCHSCREEN, &[HID]);
    assert_eq!(sysfs.admit(&[&samples::TOUCH_REPORT]).unwrap(), Verdict::Admitted(Kind::Touchscreen));
    assert_eq!(sysfs.authorized(0), "1");
    assert_eq!(sysfs.bound(), [("usbhid", "1-2:1.0".to_owned())]);
}

#[test]
fn of_a_touchscreen_with_a_reader_in_it_only_the_touchscreen_gets_a_driver() {
    let both = [&samples::TOUCHSCREEN[..], &samples::READER[27..]].concat();
    let sysfs = Sysfs::with(&both, &[HID, CCID]);
    assert_eq!(sysfs.admit(&[&samples::TOUCH_REPORT]).unwrap(), Verdict::Admitted(Kind::Touchscreen));
    assert_eq!((sysfs.authorized(0), sysfs.authorized(1)), ("1".to_owned(), "1".to_owned()));
    assert_eq!(sysfs.bound(), [("usbhid", "1-2:1.0".to_owned())]);
}

#[test]
fn a_touchscreen_whose_driver_is_not_there_is_put_out() {
    let sysfs = Sysfs::with(&samples::TOUCHSCREEN, &[HID]);
    fs::remove_dir_all(sysfs.folder.path().join("drivers/usbhid")).unwrap();
    let bus = Bus { _lock: None, drivers: sysfs.folder.path().join("drivers") };
    let verdict = bus.admit_asking(&sysfs.device, &Usb::default(), |_| {
        Ok(|_: Question| Ok(samples::TOUCH_REPORT.clone()))
    });
    let fault = verdict.unwrap_err().to_string();
    assert!(fault.contains("usbhid/bind"), "{fault}");
    assert_eq!(sysfs.says("usb1/1-2/authorized"), "0");
}

#[test]
fn a_touchscreen_that_types_is_put_out_before_any_driver_has_it() {
    let sysfs = Sysfs::with(&samples::TOUCH_AND_KEYS, &[HID, HID]);
    let verdict = sysfs.admit(&[&samples::TOUCH_REPORT, &samples::KEYBOARD_REPORT]).unwrap();
    assert!(matches!(verdict, Verdict::Refused(_)));
    assert_eq!(sysfs.says("usb1/1-2/authorized"), "0");
    assert_eq!(sysfs.bound(), []);
}

#[test]
fn a_device_that_does_not_answer_is_put_out() {
    let sysfs = Sysfs::with(&samples::TOUCHSCREEN, &[HID]);
    assert!(matches!(sysfs.admit(&[]).unwrap(), Verdict::Refused(_)));
    assert_eq!(sysfs.says("usb1/1-2/authorized"), "0");
}

#[test]
fn a_kernel_that_withholds_no_interface_lets_nothing_in_by_its_kind() {
    for (descriptors, class) in [(&samples::TOUCHSCREEN[..], HID), (&samples::READER, CCID)] {
        let sysfs = Sysfs::with(descriptors, &[class]);
        fs::write(sysfs.device.join("1-2:1.0/authorized"), "1").unwrap();
        let fault = sysfs.admit(&[&samples::TOUCH_REPORT]).unwrap_err().to_string();
        assert!(fault.contains("not withheld"), "{fault}");
        assert_eq!(sysfs.says("usb1/1-2/authorized"), "0");
    }
}

#[test]
fn what_grew_keys_is_put_out_unless_it_is_listed() {
    let sysfs = Sysfs::with(&samples::TOUCHSCREEN, &[HID]);
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
            assert_eq!(fs::read_to_string(&self.1).unwrap(), "", "let go before its driver is bound");
            self.0.borrow_mut().push("let go");
        }
    }
    impl Held<'_> {
        fn asked(&self) {
            self.0.borrow_mut().push("asked");
        }
    }
    let sysfs = Sysfs::with(&samples::TOUCHSCREEN, &[HID]);
    let told = RefCell::new(Vec::new());
    let verdict = sysfs.bus.admit_asking(&sysfs.device, &Usb::default(), |_| {
        let held = Held(&told, sysfs.folder.path().join("drivers/usbhid/bind"));
        Ok(move |_| {
            held.asked();
            Ok(samples::TOUCH_REPORT.clone())
        })
    });
    assert_eq!(verdict.unwrap(), Verdict::Admitted(Kind::Touchscreen));
    assert_eq!(*told.borrow(), ["asked", "let go"]);
}
