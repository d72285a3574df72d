//! A folder that stands for an appliance, with programs in the place of RAUC and the service manager: the real ones need a
//! board, its partitions and a message bus. They write down how they were called and answer what a test wants.

use std::{fs, path::Path, process::Command, time::Duration};

use tempfile::TempDir;

use super::update::Roots;

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// An appliance that runs version 1.4 in system A.
pub(crate) struct Board {
    pub(crate) roots: Roots,
    folder: TempDir,
}

impl Board {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let roots = Roots::under(folder.path());
        let lay = |file: &Path, text: &str| {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        lay(&roots.state.with_file_name("x"), "");
        lay(&roots.lock, "");
        lay(&roots.os_release, "ID=kiosk\nIMAGE_VERSION=1.4\n");
        lay(&roots.system_conf, "[system]\ncompatible=eimza-kiosk-raspberrypi5\n");
        lay(&roots.boot.cmdline, "ro rauc.slot=A\n");
        let board = Self { roots, folder };
        board.rauc("exit 0");
        board.bus("exit 1");
        board.program(&board.roots.systemctl, "exit 0");
        board
    }

    /// What RAUC does.
    pub(crate) fn rauc(&self, does: &str) {
        self.program(&self.roots.rauc, does);
    }

    /// What RAUC's service answers over the bus, with nothing under way.
    pub(crate) fn bus(&self, does: &str) {
        self.bus_while("echo idle", does);
    }

    /// The same with this under way.
    pub(crate) fn bus_while(&self, operation: &str, does: &str) {
        let told = "printf '{\"type\":\"s\",\"data\":\"%s\"}'";
        let does = format!("case $* in *Operation) {told} \"$({operation})\"; exit ;; esac\n{does}");
        self.program(&self.roots.busctl, &does);
    }

    fn program(&self, program: &Path, does: &str) {
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        let calls = self.folder.path().join("calls");
        let text = format!("#!/bin/sh\necho \"${{0##*/}} $*\" >>'{}'\n{does}\n", calls.display());
        // By another process: a child of a test beside this one would hold it open for writing, and it could not be run.
        let written = Command::new("sh")
            .args(["-c", "rm -f \"$1\"; printf %s \"$2\" >\"$1\"; chmod 755 \"$1\"", "sh"])
            .args([program.as_os_str(), text.as_ref()])
            .status()
            .unwrap();
        assert!(written.success());
    }

    /// How the programs were called, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.folder.path().join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }
}
