//! Which USB devices are let in: hubs, card readers, touchscreens, and those the configuration lists. Nothing else.
//!
//! The kernel is started with `usbcore.authorized_default=0`: a device is enumerated and used by nobody. udev calls this
//! for each. What a device says of itself is parsed in `descriptors` and `report`, judged in `policy`, and the
//! verdict is carried out in `admission`; the first three are pure.
//!
//! A keyboard is a HID device as a touchscreen is, and what a HID interface is stands in its report descriptor alone,
//! which can be asked for only once the device is configured. So a HID device is configured with all its interfaces
//! withheld from drivers; each is taken by this program, asked, and given to a driver only if all of them are what they
//! have to be. One that then shows the kernel another face grows keys, and goes out again ([`revoke`]); the screen
//! never opens what has keys (`systemd/udev`).

mod admission;
mod control;
mod descriptors;
mod policy;
mod report;
#[cfg(test)]
mod samples;

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::config::{DEFAULT_PATH, Usb};
use admission::Bus;
use policy::Verdict;

/// Judges the device of an uevent's `DEVPATH`, and lets it in or leaves it out.
///
/// # Errors
/// When it cannot be read or written to; it is left out then.
pub fn admit(devpath: &str) -> anyhow::Result<()> {
    let device = sysfs(devpath);
    let bus = Bus::lock()?;
    match bus.admit(&device, &listed()).with_context(|| device.display().to_string())? {
        Verdict::Admitted(what) => {
            log::info!(DEVICE = devpath, WHAT = what.to_string(); "a USB device is let in");
        }
        Verdict::Refused(cause) => {
            log::warn!(DEVICE = devpath, CAUSE = cause.to_string(); "a USB device is left out");
        }
    }
    Ok(())
}

/// Puts out the device an input node hangs on, which the kernel found keys on, unless the configuration lists it.
///
/// # Errors
/// When there is no such device, or it cannot be put out.
pub fn revoke(devpath: &str) -> anyhow::Result<()> {
    let node = sysfs(devpath);
    let Some(device) = node.ancestors().find(|folder| folder.join("descriptors").is_file()) else {
        anyhow::bail!("{}: found no USB device above it, expected one", node.display());
    };
    let bus = Bus::lock()?;
    if bus.revoke(device, &listed()).with_context(|| device.display().to_string())? {
        log::warn!(DEVICE = devpath; "a USB device with keys is put out");
    }
    Ok(())
}

fn sysfs(devpath: &str) -> PathBuf {
    let inside = devpath.strip_prefix("/sys/").unwrap_or(devpath);
    Path::new("/sys").join(inside.trim_start_matches('/'))
}

/// The list of the configuration. Before the office's settings were taken over there is none; those devices are asked
/// about again afterwards (`kiosk-usb.service`).
fn listed() -> Usb {
    let file = Path::new(DEFAULT_PATH);
    if !file.exists() {
        return Usb::default();
    }
    Usb::load(file).unwrap_or_else(|fault| {
        log::warn!("no device is let in by the list: {fault}");
        Usb::default()
    })
}

#[cfg(test)]
mod tests {
    use super::sysfs;

    #[test]
    fn a_devpath_is_taken_below_sysfs_whichever_way_it_is_written() {
        for devpath in ["/devices/usb1/1-2", "devices/usb1/1-2", "/sys/devices/usb1/1-2"] {
            assert_eq!(sysfs(devpath), std::path::Path::new("/sys/devices/usb1/1-2"));
        }
    }
}
