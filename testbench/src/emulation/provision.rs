//! The data partition of a guest, with the office's settings for this run as a signed bundle.
//!
//! It uses what an administrator uses, `scripts/make-provisioning`; it knows nothing of the machine.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use anyhow::{Context, ensure};
use toml::Table;

/// Bytes of the data partition.
const SIZE: u64 = 256 << 20;
/// Name of the portal's root inside the bundle.
pub const CA_ROOT: &str = "ca/portal.pem";

/// Makes the file system `data.img` whose current bundle says this.
///
/// # Errors
/// When the image's keys do not sign it, or a tool fails.
pub fn data_partition(image: &Path, run: &Path, settings: &Table, ca_pem: &str) -> anyhow::Result<()> {
    let (folder, tree) = (run.join("office"), run.join("data"));
    fs::create_dir_all(folder.join("ca"))?;
    fs::create_dir_all(tree.join("provision"))?;
    // Bundles count up; seconds do so from run to run.
    let serial = jiff::Timestamp::now().as_second();
    fs::write(folder.join("office.toml"), format!("serial = {serial}\n{}", toml::to_string(settings)?))?;
    fs::write(folder.join(CA_ROOT), ca_pem)?;
    let keys = image.join("keys");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/make-provisioning");
    run_to_end(
        Command::new(script)
            .arg(&folder)
            .args([keys.join("provision.pem"), keys.join("provision.key")])
            .arg(tree.join("provision/current.bundle")),
    )?;
    file_system(&tree, &run.join("data.img"))
}

/// Makes a file system of this folder, labelled as the data partition is.
///
/// # Errors
/// When the tool fails.
pub fn file_system(tree: &Path, file: &Path) -> anyhow::Result<()> {
    File::create(file)?.set_len(SIZE)?;
    // Debian has it where only root looks.
    let path = std::env::var("PATH").unwrap_or_default();
    run_to_end(
        Command::new("mke2fs")
            .env("PATH", format!("{path}:/usr/sbin:/sbin"))
            .args(["-q", "-t", "ext4", "-L", "kiosk-data", "-E", "root_owner=0:0", "-d"])
            .args([tree, file]),
    )
}

fn run_to_end(command: &mut Command) -> anyhow::Result<()> {
    let ended = command.output().with_context(|| format!("{command:?}"))?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.success(), "{command:?}: {}", said.trim());
    Ok(())
}
