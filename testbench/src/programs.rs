//! The kiosk's programs as a test or a bench runs them: built from the sources as they are now.
//!
//! It knows where cargo puts them and nothing of what they do.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

/// The folder of another set of programs, used as they are.
pub const VARIABLE: &str = "KIOSK_PROGRAMS";

/// The folder with all programs of the workspace, for a test; built first if they are older than their sources.
///
/// # Panics
/// When they do not build.
#[must_use]
pub fn built() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> =
        LazyLock::new(|| std::env::var_os(VARIABLE).map_or_else(build, PathBuf::from));
    &FOLDER
}

fn build() -> PathBuf {
    // target/PROFILE/deps/this-test
    let this = std::env::current_exe().expect("a program has a path");
    let folder = this.ancestors().nth(2).expect("tests are in target/PROFILE/deps").to_owned();
    let mut cargo = Command::new(env!("CARGO"));
    // What cargo told this test of its own package would have others' build scripts run again.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
            .iter()
            .any(|own| name.starts_with(own))
        {
            cargo.env_remove(&*name);
        }
    }
    let built = cargo
        .args(["build", "--quiet", "--workspace", "--all-features", "--bins", "--locked", "--target-dir"])
        .arg(folder.parent().expect("the profile is in the target folder"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace"))
        .status()
        .expect("cargo runs");
    assert!(built.success(), "the programs do not build");
    folder
}
