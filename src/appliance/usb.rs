//! Which USB devices are let in.

/// Decides about the device of an uevent's `DEVPATH` and lets it in or leaves it out.
///
/// # Errors
/// When the device cannot be read or written to.
pub fn admit(_device: &str) -> anyhow::Result<()> {
    anyhow::bail!("no device is let in yet")
}
