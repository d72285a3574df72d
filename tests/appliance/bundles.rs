//! Bundles by `image/ota/make-bundle`, looked at by RAUC with the configuration a board has.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

const OTA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/image/ota");
const BOARD: &str = "raspberrypi5";

/// A folder with the development keys, a board's `system.conf` and a bundle.
pub(crate) struct Workshop(TempDir);

impl Workshop {
    pub(crate) fn new() -> Self {
        let workshop = Self(tempfile::tempdir().unwrap());
        succeeds(Command::new(format!("{OTA}/make-development-keys")).arg(workshop.file("keys")));
        let conf = succeeds(Command::new(format!("{OTA}/system-conf")).arg(BOARD)).stdout;
        fs::write(workshop.file("system.conf"), conf).unwrap();
        // Nothing that packs well: a flipped byte is then in the middle of a block that is needed.
        let noise: Vec<u8> = (0_u32..200_000).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        fs::write(workshop.file("root"), &noise).unwrap();
        fs::write(workshop.file("boot"), &noise[..50_000]).unwrap();
        workshop
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A bundle signed with this pair of the development keys.
    pub(crate) fn bundle(&self, pair: &str) -> PathBuf {
        let out = self.file(&format!("{pair}.raucb"));
        succeeds(
            Command::new(format!("{OTA}/make-bundle"))
                .args(["--board", BOARD, "--version", "2.0.1"])
                .args(["--boot".as_ref(), self.file("boot").as_os_str()])
                .args(["--root".as_ref(), self.file("root").as_os_str()])
                .args(["--out".as_ref(), out.as_os_str()])
                .env("KIOSK_UPDATE_CERT", self.file(&format!("keys/{pair}.pem")))
                .env("KIOSK_UPDATE_KEY", self.file(&format!("keys/{pair}.key"))),
        );
        out
    }

    fn rauc(&self, authority: &str, words: &[&Path]) -> Output {
        Command::new("rauc")
            .arg("--conf")
            .arg(self.file("system.conf"))
            .arg("--keyring")
            .arg(self.file(&format!("keys/{authority}-ca.pem")))
            .args(words)
            .current_dir(self.0.path())
            .output()
            .expect("rauc is installed: scripts/packages test")
    }
}

fn succeeds(command: &mut Command) -> Output {
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
    ran
}

fn refused(ran: &Output, why: &str) {
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(!ran.status.success() && said.contains(why), "{said}");
}

#[test]
fn a_bundle_is_taken_by_the_board_it_was_made_for_and_unpacks_as_it_was_packed() {
    let workshop = Workshop::new();
    let bundle = workshop.bundle("update");
    let told = workshop.rauc("update", &["info".as_ref(), "--output-format=json".as_ref(), &bundle]);
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told["compatible"], "eimza-kiosk-raspberrypi5");
    assert_eq!(told["version"], "2.0.1");
    let unpacked = workshop.rauc("update", &["extract".as_ref(), &bundle, "unpacked".as_ref()]);
    assert!(unpacked.status.success(), "{}", String::from_utf8_lossy(&unpacked.stderr));
    let same = |packed: &str, file: &str| {
        assert_eq!(fs::read(workshop.file(packed)).unwrap(), fs::read(workshop.file(file)).unwrap());
    };
    same("root", "unpacked/root.img");
    same("boot", "unpacked/boot.img");
}

#[test]
fn a_bundle_of_another_authority_is_refused() {
    let workshop = Workshop::new();
    let bundle = workshop.bundle("update");
    refused(&workshop.rauc("provision", &["info".as_ref(), &bundle]), "signature verification failed");
}

#[test]
fn a_key_that_signs_settings_signs_no_update_even_where_its_authority_is_believed() {
    let workshop = Workshop::new();
    let bundle = workshop.bundle("provision");
    refused(&workshop.rauc("provision", &["info".as_ref(), &bundle]), "unsuitable certificate purpose");
}

#[test]
fn a_flipped_byte_is_refused_in_the_content_and_in_the_signature() {
    let workshop = Workshop::new();
    let good = fs::read(workshop.bundle("update")).unwrap();
    let bundle = workshop.file("flipped.raucb");
    for (at, why) in [(good.len() / 2, "bundle payload is corrupted"), (good.len() - 400, "signature")] {
        let mut flipped = good.clone();
        flipped[at] ^= 1;
        fs::write(&bundle, flipped).unwrap();
        refused(&workshop.rauc("update", &["extract".as_ref(), &bundle, "unpacked".as_ref()]), why);
    }
}

#[test]
fn every_board_has_its_configuration_and_no_other_has() {
    let conf = |board: &str| Command::new(format!("{OTA}/system-conf")).arg(board).output().unwrap();
    for (board, loader) in [
        ("raspberrypi4-64", "bootloader-custom-backend=/usr/lib/eimza-kiosk/rauc-boot"),
        ("raspberrypi5", "bootloader-custom-backend=/usr/lib/eimza-kiosk/rauc-boot"),
        ("qemu_aarch64_virt", "grubenv=/boot/EFI/BOOT/grubenv"),
    ] {
        let text = String::from_utf8(conf(board).stdout).unwrap();
        assert!(
            text.contains(&format!("compatible=eimza-kiosk-{board}\n")) && text.contains(loader),
            "{text}"
        );
        assert!(!text.contains('@'), "{text}");
    }
    let backend = concat!(env!("CARGO_MANIFEST_DIR"), "/image/overlay/usr/lib/eimza-kiosk/rauc-boot");
    assert!(Path::new(backend).exists());
    refused(&conf("raspberrypi3"), "found the board 'raspberrypi3', expected raspberrypi4-64");
}
