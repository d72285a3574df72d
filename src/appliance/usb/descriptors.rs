//! What a USB device says of itself: the bytes of its `descriptors` file in sysfs (USB 2.0, 9.6), taken apart.
//!
//! The file holds the device descriptor and then every configuration, each with all that belongs to it. Lengths that
//! do not add up are refused: what we understand otherwise than the kernel would be judged otherwise than it is used.

/// `bDescriptorType` (USB 2.0, table 9-5; HID 1.11, 7.1).
const DEVICE: u8 = 1;
const CONFIGURATION: u8 = 2;
const INTERFACE: u8 = 4;
const HID: u8 = 0x21;
const REPORT: u8 = 0x22;

/// A device with all its interfaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Device {
    pub(super) vendor: u16,
    pub(super) product: u16,
    /// `bDeviceClass`; 0 where the interfaces say.
    pub(super) class: u8,
    /// How many configurations there are.
    pub(super) configurations: usize,
    /// Of every configuration, with every alternate setting.
    pub(super) interfaces: Vec<Interface>,
}

/// One setting of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) number: u8,
    pub(super) alternate: u8,
    pub(super) class: u8,
    pub(super) subclass: u8,
    pub(super) protocol: u8,
    /// Bytes of its report descriptor, where it is a HID interface that says so.
    pub(super) report: Option<u16>,
}

/// Why the bytes are no description of a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    /// It does not begin with a device descriptor.
    #[error("found no device descriptor at the beginning")]
    NoDevice,
    /// A descriptor is shorter than its kind, or longer than what is left.
    #[error("found a descriptor of type {kind:#04x} with a length of {length} at byte {at}")]
    Length {
        /// `bDescriptorType`
        kind: u8,
        /// `bLength`
        length: usize,
        /// Where it begins.
        at: usize,
    },
    /// An interface stands before any configuration.
    #[error("found an interface outside of any configuration")]
    NoConfiguration,
    /// No interface at all.
    #[error("found no interface")]
    NoInterface,
}

impl Device {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut device = None;
        let mut rest = bytes;
        while let [length, kind, ..] = *rest {
            let at = bytes.len() - rest.len();
            let (length, wrong) =
                (usize::from(length), Malformed::Length { kind, length: length.into(), at });
            let least = match kind {
                DEVICE => 18,
                CONFIGURATION | INTERFACE => 9,
                HID => 6,
                _ => 2,
            };
            if length < least || length > rest.len() {
                return Err(wrong);
            }
            let (this, after) = rest.split_at(length);
            rest = after;
            let Some(known) = &mut device else {
                device = Some(Self::from_descriptor(kind, this)?);
                continue;
            };
            known.take(kind, this, wrong)?;
        }
        if let [kind] = *rest {
            return Err(Malformed::Length { kind, length: 1, at: bytes.len() - 1 });
        }
        match device {
            None => Err(Malformed::NoDevice),
            Some(device) if device.interfaces.is_empty() => Err(Malformed::NoInterface),
            Some(device) => Ok(device),
        }
    }

    fn from_descriptor(kind: u8, bytes: &[u8]) -> Result<Self, Malformed> {
        let (DEVICE, &[_, _, _, _, class, _, _, _, v0, v1, p0, p1, ..]) = (kind, bytes) else {
            return Err(Malformed::NoDevice);
        };
        Ok(Self {
            vendor: u16::from_le_bytes([v0, v1]),
            product: u16::from_le_bytes([p0, p1]),
            class,
            configurations: 0,
            interfaces: Vec::new(),
        })
    }

    fn take(&mut self, kind: u8, bytes: &[u8], wrong: Malformed) -> Result<(), Malformed> {
        match (kind, bytes) {
            (DEVICE, _) => return Err(wrong),
            (CONFIGURATION, _) => self.configurations += 1,
            (INTERFACE, &[_, _, number, alternate, _, class, subclass, protocol, ..]) => {
                if self.configurations == 0 {
                    return Err(Malformed::NoConfiguration);
                }
                let report = None;
                self.interfaces.push(Interface { number, alternate, class, subclass, protocol, report });
            }
            (HID, &[_, _, _, _, _, count, ref entries @ ..]) => {
                // Other classes give the number to descriptors of their own.
                let Some(interface) =
                    self.interfaces.last_mut().filter(|interface| interface.class == HID_CLASS)
                else {
                    return Ok(());
                };
                if entries.len() < 3 * usize::from(count) {
                    return Err(wrong);
                }
                for entry in entries.chunks_exact(3).take(count.into()) {
                    if let &[REPORT, low, high] = entry {
                        interface.report = Some(u16::from_le_bytes([low, high]));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// `bInterfaceClass` of HID (HID 1.11, 4.1).
pub(super) const HID_CLASS: u8 = 3;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Device, Malformed};
    use crate::appliance::usb::samples;

    #[test]
    fn a_keyboard_has_two_hid_interfaces_with_their_reports() {
        let device = Device::parse(&samples::KEYBOARD).unwrap();
        assert_eq!((device.vendor, device.product, device.configurations), (0x046d, 0xc31c, 1));
        let of = |index: usize| {
            let it = &device.interfaces[index];
            (it.class, it.subclass, it.protocol, it.report)
        };
        assert_eq!(of(0), (3, 1, 1, Some(65)));
        assert_eq!(of(1), (3, 0, 0, Some(159)));
    }

    #[test]
    fn lengths_that_do_not_add_up_are_refused() {
        assert_eq!(Device::parse(&[]), Err(Malformed::NoDevice));
        assert_eq!(Device::parse(&samples::KEYBOARD[18..]), Err(Malformed::NoDevice));
        assert_eq!(Device::parse(&samples::KEYBOARD[..18]), Err(Malformed::NoInterface));
        let mut endless = samples::KEYBOARD.to_vec();
        endless[18] = 0;
        assert_eq!(Device::parse(&endless), Err(Malformed::Length { kind: 2, length: 0, at: 18 }));
        let cut = &samples::KEYBOARD[..samples::KEYBOARD.len() - 1];
        assert!(matches!(Device::parse(cut), Err(Malformed::Length { kind: 5, .. })));
    }

    #[test]
    fn a_report_that_is_promised_and_not_there_is_refused() {
        let mut device = samples::KEYBOARD.to_vec();
        // bNumDescriptors of the first HID descriptor.
        device[18 + 9 + 9 + 5] = 2;
        assert!(matches!(Device::parse(&device), Err(Malformed::Length { kind: 0x21, .. })));
    }

    proptest! {
        #[test]
        fn whatever_a_device_says_it_is_parsed_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
            let _ = Device::parse(&bytes);
        }

        #[test]
        fn a_device_with_bytes_changed_is_parsed_or_refused(
            at in 0..samples::TOUCHSCREEN.len(), byte in any::<u8>(), end in 0..samples::TOUCHSCREEN.len(),
        ) {
            let mut bytes = samples::TOUCHSCREEN.to_vec();
            bytes[at] = byte;
            let _ = Device::parse(&bytes);
            let _ = Device::parse(&bytes[..end]);
        }
    }
}
