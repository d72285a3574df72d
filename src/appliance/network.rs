//! Which destinations are reached.

use std::path::Path;

/// Prints the rules for a configuration.
///
/// # Errors
/// When the configuration is broken.
pub fn print(_config: &Path) -> anyhow::Result<()> {
    anyhow::bail!("no rules are made yet")
}
