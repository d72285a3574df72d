//! What `kiosk-appliance` does to the system around the three programs: which USB devices and which destinations
//! there are, what stands on the screen when nothing else can draw, and which settings are in force.
//!
//! What is decided here is pure; each module names the files and devices it acts on. It takes no part in a visit.

pub mod boot;
pub mod health;
pub mod network;
pub mod provision;
pub mod sorry;
#[cfg(test)]
mod stand_ins;
pub mod update;
pub mod usb;

use std::path::Path;

/// Unix seconds, where the clock is believed by what the board's sections in `file` demand of it.
fn trusted_now(file: &Path) -> Option<i64> {
    crate::wall_clock::believed(jiff::Timestamp::now().as_second(), file, Path::new("/"))
}
