//! Which devices are let in, by what they say of themselves. Pure: bytes in, a verdict out.

use std::fmt;

use super::{
    descriptors::{self, Device, HID_CLASS, Interface},
    report::{self, Report, Usage},
};
use crate::config::{Usb, UsbId};

/// `bInterfaceClass` (usb.org, Defined Class Codes).
const HUB_CLASS: u8 = 9;
const READER_CLASS: u8 = 0x0b;

/// What the descriptors alone lead to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum First {
    /// It may be used.
    Admit(Kind),
    /// These interfaces are HID: each one's report decides.
    Ask(Vec<Question>),
    /// It stays out.
    Refuse(Cause),
}

/// A HID interface and the length of the report descriptor it is to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) interface: u8,
    /// Bytes.
    pub(super) length: u16,
}

/// Who gets an interface of a device that is let in by its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taker {
    /// The kernel's driver of this name, and no other.
    Driver(&'static str),
    /// No driver: a program claims it over usbfs, as pcscd does with readers.
    Program,
}

impl Taker {
    /// By `bInterfaceClass`; nobody, where no such interface is let in.
    pub(super) fn of(class: u8) -> Option<Self> {
        match class {
            HUB_CLASS => Some(Self::Driver("hub")),
            HID_CLASS => Some(Self::Driver("usbhid")),
            READER_CLASS => Some(Self::Program),
            _ => None,
        }
    }
}

/// What became of a device.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Admitted(Kind),
    Refused(Cause),
}

/// Why a device is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Hub,
    Reader,
    Touchscreen,
    Listed,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hub => "hub",
            Self::Reader => "card reader",
            Self::Touchscreen => "touchscreen",
            Self::Listed => "listed in the configuration",
        })
    }
}

/// Why a device is left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Cause {
    /// What it says of itself cannot be.
    #[error("its descriptors: {0}")]
    Malformed(#[from] descriptors::Malformed),
    /// What a HID interface says of itself cannot be.
    #[error("the report of its interface {0}: {1}")]
    Report(u8, report::Malformed),
    /// It has an interface of a class that is not let in.
    #[error("interface {number} is of class {class:#04x}")]
    Class {
        /// `bInterfaceNumber`
        number: u8,
        /// `bInterfaceClass`
        class: u8,
    },
    /// It can type.
    #[error("interface {0} is a keyboard or has its keys")]
    Keyboard(u8),
    /// It is HID and no touchscreen.
    #[error("it is no touchscreen")]
    NoTouchscreen,
    /// It is HID for more than a finger.
    #[error("interface {0} is an application that is no touchscreen's: page {1:#06x}, usage {2:#06x}")]
    Application(u8, u16, u16),
    /// A HID interface that may become another.
    #[error("interface {0} is HID and has alternatives, or no report")]
    Unclear(u8),
    /// An interface did not answer with its report.
    #[error("interface {0} did not tell what it is: {1}")]
    Silent(u8, String),
}

/// Judges the bytes of a device's `descriptors` file.
pub(super) fn first(descriptors: &[u8], listed: &Usb) -> First {
    match Device::parse(descriptors) {
        Ok(device) => device.judge(listed),
        Err(malformed) => First::Refuse(malformed.into()),
    }
}

impl Device {
    /// Whether the configuration lists it.
    pub(super) fn is_listed(&self, listed: &Usb) -> bool {
        listed.allow.contains(&UsbId { vendor: self.vendor, product: self.product })
    }

    fn judge(&self, listed: &Usb) -> First {
        if self.is_listed(listed) {
            return First::Admit(Kind::Listed);
        }
        if self.class == HUB_CLASS && self.interfaces.iter().all(|interface| interface.class == HUB_CLASS) {
            return First::Admit(Kind::Hub);
        }
        let mut questions = Vec::new();
        for interface in &self.interfaces {
            match interface.judge() {
                Ok(None) => {}
                Ok(Some(question)) => questions.push(question),
                Err(cause) => return First::Refuse(cause),
            }
        }
        if questions.is_empty() { First::Admit(Kind::Reader) } else { First::Ask(questions) }
    }
}

impl Interface {
    /// What is still to be asked of it; nothing of a reader.
    fn judge(&self) -> Result<Option<Question>, Cause> {
        match (self.class, self.subclass, self.protocol) {
            (READER_CLASS, ..) => Ok(None),
            // HID 1.11, 4.2 and 4.3: the boot keyboard needs no report.
            (HID_CLASS, 1, 1) => Err(Cause::Keyboard(self.number)),
            (HID_CLASS, ..) => match self.report {
                Some(length) if self.alternate == 0 && length > 0 => {
                    Ok(Some(Question { interface: self.number, length }))
                }
                Some(_) | None => Err(Cause::Unclear(self.number)),
            },
            (class, ..) => Err(Cause::Class { number: self.number, class }),
        }
    }
}

/// Judges the reports of all HID interfaces of a device.
pub(super) fn second(reports: &[(u8, Vec<u8>)]) -> Verdict {
    let mut is_touchscreen = false;
    for (interface, bytes) in reports {
        let report = match Report::parse(bytes) {
            Ok(report) => report,
            Err(malformed) => return Verdict::Refused(Cause::Report(*interface, malformed)),
        };
        if report.has_keys {
            return Verdict::Refused(Cause::Keyboard(*interface));
        }
        for usage in &report.applications {
            match Application::of(*usage) {
                Application::Touchscreen => is_touchscreen = true,
                Application::Beside => {}
                Application::Keyboard => return Verdict::Refused(Cause::Keyboard(*interface)),
                Application::Other => {
                    return Verdict::Refused(Cause::Application(*interface, usage.page, usage.id));
                }
            }
        }
    }
    if is_touchscreen { Verdict::Admitted(Kind::Touchscreen) } else { Verdict::Refused(Cause::NoTouchscreen) }
}

/// What an application is to a kiosk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Application {
    Touchscreen,
    /// Touchscreens come with it, and it can do no more than a finger.
    Beside,
    Keyboard,
    Other,
}

impl Application {
    fn of(Usage { page, id }: Usage) -> Self {
        match (page, id) {
            // Digitizers: Touch Screen.
            (0x0d, 0x04) => Self::Touchscreen,
            // Digitizers: Pen, Device Configuration. Generic Desktop: Pointer, Mouse.
            (0x0d, 0x02 | 0x0e) | (0x01, 0x01 | 0x02) => Self::Beside,
            // Generic Desktop: Keyboard, Keypad.
            (0x01, 0x06 | 0x07) => Self::Keyboard,
            // A vendor's own, which no driver of the kernel makes an input of.
            (0xff00..=0xffff, _) => Self::Beside,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Cause, First, Kind, Question, Verdict, first, second};
    use crate::{
        appliance::usb::{descriptors::Malformed, samples},
        config::{Usb, UsbId},
    };

    fn alone(descriptors: &[u8]) -> First {
        first(descriptors, &Usb::default())
    }

    fn touch_and(other: &[u8]) -> Verdict {
        second(&[(0, samples::TOUCH_REPORT.clone()), (1, other.to_vec())])
    }

    #[test]
    fn hubs_and_readers_are_let_in_by_their_class() {
        assert_eq!(alone(&samples::HUB), First::Admit(Kind::Hub));
        assert_eq!(alone(&samples::READER), First::Admit(Kind::Reader));
    }

    #[test]
    fn a_stick_stays_out_and_so_does_a_reader_that_is_a_stick_too() {
        assert_eq!(alone(&samples::STORAGE), First::Refuse(Cause::Class { number: 0, class: 8 }));
        let both = [&samples::READER[..], &samples::STORAGE[27..]].concat();
        assert_eq!(alone(&both), First::Refuse(Cause::Class { number: 0, class: 8 }));
    }

    #[test]
    fn a_device_that_calls_itself_a_hub_and_is_a_stick_stays_out() {
        let mut stick = samples::STORAGE;
        stick[4] = 9;
        assert_eq!(alone(&stick), First::Refuse(Cause::Class { number: 0, class: 8 }));
    }

    #[test]
    fn a_keyboard_stays_out_and_is_not_even_asked() {
        assert_eq!(alone(&samples::KEYBOARD), First::Refuse(Cause::Keyboard(0)));
    }

    #[test]
    fn a_keyboard_that_hides_its_protocol_stays_out_by_its_report() {
        let mut hidden = samples::KEYBOARD;
        // bInterfaceSubClass and bInterfaceProtocol.
        (hidden[33], hidden[34]) = (0, 0);
        let asked = [Question { interface: 0, length: 65 }, Question { interface: 1, length: 159 }];
        assert_eq!(alone(&hidden), First::Ask(asked.to_vec()));
        assert_eq!(second(&[(0, samples::KEYBOARD_REPORT.to_vec())]), Verdict::Refused(Cause::Keyboard(0)));
    }

    #[test]
    fn a_touchscreen_is_asked_and_let_in_even_where_it_is_a_mouse_as_well() {
        assert_eq!(alone(&samples::TOUCHSCREEN), First::Ask(vec![Question { interface: 0, length: 117 }]));
        let verdict = second(&[(0, samples::TOUCH_REPORT.clone())]);
        assert_eq!(verdict, Verdict::Admitted(Kind::Touchscreen));
    }

    #[test]
    fn a_mouse_alone_is_no_touchscreen() {
        assert_eq!(alone(&samples::MOUSE), First::Ask(vec![Question { interface: 0, length: 46 }]));
        assert_eq!(second(&[(0, samples::MOUSE_REPORT.to_vec())]), Verdict::Refused(Cause::NoTouchscreen));
    }

    #[test]
    fn a_touchscreen_with_a_keyboard_in_it_stays_out_whole() {
        assert!(matches!(alone(&samples::TOUCH_AND_KEYS), First::Ask(questions) if questions.len() == 2));
        assert_eq!(touch_and(&samples::KEYBOARD_REPORT), Verdict::Refused(Cause::Keyboard(1)));
    }

    #[test]
    fn a_touchscreen_with_media_keys_or_a_power_key_stays_out() {
        let application = |page, usage| touch_and(&[0x05, page, 0x09, usage, 0xa1, 0x01, 0xc0]);
        assert_eq!(application(0x0c, 0x01), Verdict::Refused(Cause::Application(1, 0x0c, 1)));
        assert_eq!(application(0x01, 0x80), Verdict::Refused(Cause::Application(1, 1, 0x80)));
        assert_eq!(application(0x0d, 0x0e), Verdict::Admitted(Kind::Touchscreen));
    }

    #[test]
    fn what_is_listed_is_let_in_whatever_it_is() {
        let listed = Usb { allow: vec![UsbId { vendor: 0x46f4, product: 1 }] };
        assert_eq!(first(&samples::STORAGE, &listed), First::Admit(Kind::Listed));
        assert_eq!(first(&samples::KEYBOARD, &listed), First::Refuse(Cause::Keyboard(0)));
    }

    #[test]
    fn what_does_not_parse_stays_out() {
        assert_eq!(alone(&[]), First::Refuse(Cause::Malformed(Malformed::NoDevice)));
        assert!(matches!(second(&[(3, vec![0x05])]), Verdict::Refused(Cause::Report(3, _))));
        let mut without_report = samples::TOUCHSCREEN;
        without_report[36 + 5] = 0;
        assert_eq!(alone(&without_report), First::Refuse(Cause::Unclear(0)));
        let mut with_alternative = samples::TOUCHSCREEN;
        with_alternative[30] = 1;
        assert_eq!(alone(&with_alternative), First::Refuse(Cause::Unclear(0)));
    }

    proptest! {
        /// Of two interfaces, one a boot keyboard, whatever else is said of the device and the other.
        #[test]
        fn a_boot_keyboard_is_never_let_in(
            class in any::<u8>(), other in any::<[u8; 3]>(), ids in any::<[u8; 4]>(),
        ) {
            let mut device = samples::KEYBOARD;
            device[4] = class;
            device[8..12].copy_from_slice(&ids);
            device[57..60].copy_from_slice(&other);
            prop_assert!(matches!(alone(&device), First::Refuse(_)));
        }

        #[test]
        fn whatever_is_said_there_is_a_verdict(
            descriptors in prop::collection::vec(any::<u8>(), 0..128),
            report in prop::collection::vec(any::<u8>(), 0..128),
        ) {
            let _ = alone(&descriptors);
            let _ = second(&[(0, report)]);
        }
    }
}
