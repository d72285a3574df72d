//! `pkcs11-tool` doing the same on the same card, with OpenSC's driver.

use std::{path::Path, process::Command};

use anyhow::Context;
use testbench::{demo::bench::Bench, opensc};

use crate::succeeded;

fn tool(bench: &Bench) -> anyhow::Result<Command> {
    let mut tool = Command::new("pkcs11-tool");
    tool.arg("--module")
        .arg(opensc::module().context("opensc-pkcs11 is not installed")?)
        .envs(bench.pcscd.env());
    Ok(tool)
}

pub(crate) fn list(bench: &Bench) -> anyhow::Result<()> {
    succeeded(tool(bench)?.args(["--list-objects", "--type", "cert"]), Path::new("."))
}

pub(crate) fn sign(bench: &Bench, folder: &Path, pin: &str) -> anyhow::Result<()> {
    std::fs::write(folder.join("text"), signer_text())?;
    let arguments =
        ["--sign", "--mechanism", "SHA256-RSA-PKCS", "--input-file", "text", "--output-file", "signature"];
    succeeded(tool(bench)?.args(["--login", "--pin", pin]).args(arguments), folder)
}

fn signer_text() -> &'static str {
    super::signer::TEXT
}
