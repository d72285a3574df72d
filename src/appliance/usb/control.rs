//! Asks a configured device's interface for its report descriptor, over its node in `/dev/bus/usb` (usbfs).
//!
//! An interface that is asked is held until the node is dropped: no driver gets it meanwhile.

use std::{
    fs::{File, OpenOptions},
    io,
    os::fd::AsRawFd,
    path::Path,
};

use rustix::ioctl::opcode;

use super::policy::Question;

/// Milliseconds a device may take for its answer.
const PATIENCE_MS: u32 = 1000;

/// `struct usbdevfs_ctrltransfer` of `linux/usbdevice_fs.h`.
#[repr(C)]
struct Transfer {
    request_type: u8,
    request: u8,
    value: u16,
    index: u16,
    length: u16,
    timeout: u32,
    data: *mut libc::c_void,
}

/// The node of a device.
pub(super) struct Node(File);

impl Node {
    /// Opens the node of a device in sysfs.
    pub(super) fn open(device: &Path) -> io::Result<Self> {
        let number = |name: &str| {
            let text = std::fs::read_to_string(device.join(name))?;
            text.trim().parse::<u16>().map_err(io::Error::other)
        };
        let node = format!("/dev/bus/usb/{:03}/{:03}", number("busnum")?, number("devnum")?);
        OpenOptions::new().read(true).write(true).open(node).map(Self)
    }

    /// Takes an interface and asks for its report descriptor (HID 1.11, 7.1.1), which must have the promised length.
    #[expect(unsafe_code, reason = "usbfs has ioctls only")]
    pub(super) fn report(&self, question: Question) -> io::Result<Vec<u8>> {
        let mut interface = libc::c_uint::from(question.interface);
        let claim = opcode::read::<libc::c_uint>(b'U', 15);
        // SAFETY: USBDEVFS_CLAIMINTERFACE reads the number it is pointed to.
        if unsafe { libc::ioctl(self.0.as_raw_fd(), claim.into(), &raw mut interface) } < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut bytes = vec![0_u8; question.length.into()];
        let mut transfer = Transfer {
            // In, standard, to an interface; GET_DESCRIPTOR of type report.
            request_type: 0x81,
            request: 6,
            value: 0x2200,
            index: question.interface.into(),
            length: question.length,
            timeout: PATIENCE_MS,
            data: bytes.as_mut_ptr().cast(),
        };
        let control = opcode::read_write::<Transfer>(b'U', 0);
        // SAFETY: USBDEVFS_CONTROL writes at most `length` bytes to `data`, which has as many and lives on.
        let got = unsafe { libc::ioctl(self.0.as_raw_fd(), control.into(), &raw mut transfer) };
        match usize::try_from(got) {
            Ok(length) if length == bytes.len() => Ok(bytes),
            Ok(length) => {
                Err(io::Error::other(format!("found {length} bytes, expected the promised {}", bytes.len())))
            }
            Err(_) => Err(io::Error::last_os_error()),
        }
    }
}
