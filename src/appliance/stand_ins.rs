//! A folder that stands for an appliance, with programs in the place of RAUC and the service manager: the real ones need a
//! board, its partitions and a message bus. They write down how they were called and answer what a test wants.

use std::{fs, path::Path, process::Command, time::Duration};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{provision, update::Roots};
use crate::provision::making::key;

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// Puts in place what of an image an office's settings are verified and composed with.
pub(crate) fn lay_image(roots: &provision::Roots) {
    for folder in
        [roots.trust.parent().unwrap(), roots.places.machine.parent().unwrap(), &roots.places.profiles]
    {
        fs::create_dir_all(folder).unwrap();
    }
    fs::create_dir_all(&roots.medium).unwrap();
    fs::copy(key("provision-ca.pem"), &roots.trust).unwrap();
    let machine = "[links]\nscreen = '/run/a'\nsigner = '/run/b'\npin = '/run/c'\nsubmission_flag = '/run/d'\n[token]\n";
    fs::write(&roots.places.machine, machine).unwrap();
    let profile = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/meb.toml");
    fs::copy(profile, roots.places.profiles.join("meb.toml")).unwrap();
}

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

    /// The same with what of an image an office's settings are composed with.
    pub(crate) fn provisioned() -> Self {
        let board = Self::new();
        lay_image(&board.roots.provision);
        board
    }

    /// Puts settings in force that somebody wrote by hand, with these lines at their end.
    pub(crate) fn configure(&self, lines: &str) {
        fs::create_dir_all(self.roots.config.parent().unwrap()).unwrap();
        let text = format!(
            "[office]\nname = 'DENEME'\nhelp_phone = '1'\nhelp_email = 'a'\n[portal]\nprofile = 'p'\n\
             ca_roots = ['r']\n[links]\nscreen = 'a'\nsigner = 'b'\npin = 'c'\nsubmission_flag = 'd'\n[token]\n{lines}"
        );
        fs::write(&self.roots.config, text).unwrap();
    }

    /// A RAUC that knows one bundle of this version and writes it.
    pub(crate) fn offers(&self, version: &str) {
        self.rauc("exit 0");
        self.knows("eimza-kiosk-raspberrypi5", version);
    }

    /// A RAUC whose service knows one bundle. Its manifest's hash is of no length a real one has.
    pub(crate) fn knows(&self, compatible: &str, version: &str) {
        let text = |text: &str| json!({ "type": "s", "data": text });
        let dictionary = |data: Value| json!({ "type": "v", "data": { "type": "a{sv}", "data": data } });
        let told = json!({ "type": "a{sv}", "data": [{
            "manifest-hash": text(&format!("hash-of-{version}")),
            "update": dictionary(json!({ "compatible": text(compatible), "version": text(version) })),
        }]});
        self.bus(&format!("echo '{told}'"));
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
