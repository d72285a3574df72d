"""Each check finds what it is there for: a copy of the tree with one thing changed is refused, and with the words that help."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from . import buildroot, disk, installed, kconfig, kernel, package, tree

IMAGE = Path(__file__).resolve().parent.parent
PI5 = "configs/eimza_kiosk_raspberrypi5_defconfig"


class Tampered(unittest.TestCase):
    """A copy of what the checks read, to change."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.repository = Path(folder.name)
        self.image = self.repository / "image"
        shutil.copytree(IMAGE, self.image, ignore=shutil.ignore_patterns("emulation", "__pycache__"))
        for name in ("systemd", "LICENSES", "config", "profiles", "src/bin", "paper/src/bin", "slint-ui/src/bin", "testbench/src/bin"):
            shutil.copytree(IMAGE.parent / name, self.repository / name)
        shutil.copy(IMAGE.parent / "Cargo.toml", self.repository)

    def change(self, name, old, new):
        """Replaces words of a file, which have to be there."""
        path = self.repository / name if (self.repository / name).exists() else self.image / name
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new))

    def assert_says(self, problems, *words):
        """One problem has all the words."""
        self.assertTrue(any(all(word in problem for word in words) for problem in problems), f"{words} not in {problems}")

    def test_a_tree_nobody_touched_has_no_problem(self):
        for check in (tree.check_description, tree.check_configurations, tree.check_paths, package.check, kernel.check,
                      kernel.check_tryboot):
            self.assertEqual(check(self.image), [], check.__name__)
        self.assertEqual(kconfig.check(self.image)[0], [])

    def test_a_getty_a_root_login_and_ssh_are_refused(self):
        for line in ("BR2_TARGET_GENERIC_GETTY=y", "BR2_TARGET_ENABLE_ROOT_LOGIN=y", "BR2_PACKAGE_OPENSSH=y",
                     'BR2_TARGET_GENERIC_ROOT_PASSWD="kiosk"'):
            with open(self.image / PI5, "a") as file:
                file.write(line + "\n")
            self.assert_says(tree.check_configurations(self.image), line, "expected no login")

    def test_boards_that_drift_apart_are_found(self):
        self.change(PI5, "BR2_PACKAGE_SYSTEMD_TIMESYNCD=y\n", "")
        self.assert_says(tree.check_configurations(self.image), "shared part of raspberrypi5 differs")

    def test_a_path_that_is_not_there_is_found(self):
        (self.image / "board/raspberrypi/kernel.fragment").unlink()
        self.assert_says(tree.check_paths(self.image), PI5.split("/")[1], "board/raspberrypi/kernel.fragment")
        (self.image / "scripts/post-image").chmod(0o644)
        self.assert_says(tree.check_paths(self.image), "scripts/post-image", "not executable")

    def test_a_symbol_nobody_declares_is_found(self):
        self.change(PI5, "BR2_REPRODUCIBLE=y", "BR2_REPRODUCABLE=y")
        self.assert_says(kconfig.check(self.image)[0], "BR2_REPRODUCABLE is declared neither")

    def test_a_symbol_whose_dependency_is_missing_does_not_survive(self):
        self.change(PI5, "BR2_INIT_SYSTEMD=y", "BR2_INIT_BUSYBOX=y")
        self.assert_says(kconfig.check(self.image)[0], "BR2_PACKAGE_EIMZA_KIOSK is n, expected y")

    def test_a_package_that_selects_what_is_not_declared_is_found(self):
        self.change("package/eimza-kiosk/Config.in", "BR2_PACKAGE_CCID", "BR2_PACKAGE_CCDI")
        self.assert_says(kconfig.check(self.image)[0], "BR2_PACKAGE_CCDI, which is declared nowhere")

    def test_what_is_no_kconfig_is_found(self):
        self.change("package/eimza-kiosk/Config.in", "\tdepends on BR2_INIT_SYSTEMD\n", "\tdepend on BR2_INIT_SYSTEMD\n")
        self.assert_says(kconfig.check(self.image)[0], "Kconfig:", "package/eimza-kiosk/Config.in")

    def test_a_symbol_without_its_source_is_refused(self):
        self.change("symbols-2026.08", "# buildroot d590003e31dd package/ccid/Config.in\n", "")
        self.assertRaisesRegex(ValueError, "expected where it was read", kconfig.check, self.image)

    def test_a_symbol_nobody_could_confirm_is_named(self):
        self.change("symbols-2026.08", "# buildroot d590003e31dd package/ccid/Config.in\n", "# unconfirmed: a guess\n")
        self.assertEqual(kconfig.check(self.image)[1], [("BR2_PACKAGE_CCID", "a guess")])

    def test_a_program_of_the_tests_in_the_package_is_found(self):
        self.change("package/eimza-kiosk/eimza-kiosk.mk", "linuxkms,kiosk-ui)", "headless,kiosk-ui-headless)")
        self.assert_says(package.check(self.image), "builds", "kiosk-ui-headless")

    def test_a_program_with_the_features_of_another_is_found(self):
        self.change("package/eimza-kiosk/eimza-kiosk.mk", "--features signer,kiosk-token", "--features supervisor,kiosk-token")
        self.assert_says(package.check(self.image), "'kiosk-token': ('eimza-kiosk', 'supervisor')")

    def test_a_variable_make_does_not_know_is_found(self):
        self.change("package/eimza-kiosk/eimza-kiosk.mk", "$(EIMZA_KIOSK_CARGO_ENV)", "$(EIMZA_KIOSK_CARGO_ENVS)")
        self.assert_says(package.check(self.image), "make says", "EIMZA_KIOSK_CARGO_ENVS")

    def test_a_package_that_would_be_built_without_its_crates_is_found(self):
        self.change("package/eimza-kiosk/eimza-kiosk.mk", "EIMZA_KIOSK_POST_RSYNC_HOOKS +=", "EIMZA_KIOSK_PRE_RSYNC_HOOKS +=")
        self.assert_says(package.check(self.image), "sources without crates are taken")

    def test_users_that_differ_from_those_of_the_units_are_found(self):
        self.change("package/eimza-kiosk/eimza-kiosk.mk", "kiosk-ui 803", "kiosk-ui 804")
        self.assert_says(package.check(self.image), "kiosk-ui")

    def test_a_licence_that_changed_is_found(self):
        self.change("LICENSES/MIT.txt", "MIT", "BSD")
        self.assert_says(package.check(self.image), "hash of LICENSES/MIT.txt")

    def test_a_kernel_that_lets_every_device_in_is_found(self):
        self.change("board/common/kernel.fragment", "AUTHORIZATION_MODE=0", "AUTHORIZATION_MODE=1")
        self.assert_says(kernel.check(self.image), "CONFIG_USB_DEFAULT_AUTHORIZATION_MODE=1, expected 0")
        self.change("board/common/cmdline", "usbcore.authorized_default=0", "console=ttyAMA0")
        self.assert_says(kernel.check(self.image), "found no usbcore.authorized_default=0")
        self.assert_says(kernel.check(self.image), "console=ttyAMA0, which opens a console")

    def test_a_boot_partition_that_is_none_is_found(self):
        self.change("board/raspberrypi/autoboot.txt", "boot_partition=4", "boot_partition=3")
        self.assert_says(kernel.check_tryboot(self.image), "autoboot.txt")
        self.change("board/raspberrypi5/config.txt", "[all]\n", "")
        self.assert_says(kernel.check_tryboot(self.image), "raspberrypi5/config.txt", "for B alone")

    def test_a_root_that_outgrows_its_partition_is_found(self):
        self.change("genimage/raspberrypi-card.cfg", "size = 384M", "size = 8M")
        self.assert_says(disk.check(self.image, str, ["raspberrypi5"]), "raspberrypi5: post-image says")

    def test_a_bundle_of_another_version_than_the_system_is_found(self):
        self.change("scripts/post-image", '--version "$version"', "--version 1.0")
        self.assert_says(disk.check(self.image, str, ["raspberrypi5"]), "rauc says of its bundle")

    def test_slots_of_two_sizes_are_found(self):
        text = (self.image / "genimage/qemu_aarch64_virt.cfg").read_text()
        head, mark, tail = text.rpartition("size = 384M")
        (self.image / "genimage/qemu_aarch64_virt.cfg").write_text(head + "size = 256M" + tail)
        self.assert_says(disk.check(self.image, str, ["qemu_aarch64_virt"]), "root-a and root-b differ in size")

    def test_a_bundle_that_is_not_for_the_board_or_not_signed_for_updates_is_found(self):
        self.change("ota/make-bundle", "compatible=eimza-kiosk-${given[board]}", "compatible=eimza-kiosk")
        self.assert_says(disk.check(self.image, str, ["raspberrypi5"]), "rauc says of its bundle")
        self.change("ota/make-bundle", "compatible=eimza-kiosk", "compatible=eimza-kiosk-${given[board]}")
        self.change("ota/make-development-keys", "codeSigning", "emailProtection")
        self.assert_says(disk.check(self.image, str, ["raspberrypi5"]), "rauc says of its bundle", "purpose")

    def test_a_slot_without_its_partition_is_found(self):
        self.change("genimage/raspberrypi-card.cfg", "partition boot-b {", "partition boot-c {")
        self.assert_says(disk.check(self.image, str, ["raspberrypi5"]), "RAUC writes to the partition boot-b")

    def test_a_user_who_can_log_in_stops_the_build(self):
        for shadow in ("root::0:::::::\n", "root:*:::::::\nkioskd:$6$x$y:::::::\n"):
            with tempfile.TemporaryDirectory() as folder, self.assertRaises(subprocess.CalledProcessError) as refused:
                installed.install(self.image, Path(folder), shadow)
            self.assertIn("who can log in", refused.exception.stderr)

    def test_a_program_too_many_in_the_image_stops_the_build(self):
        self.change("systemd/install", "for program in kioskd ", "for program in kiosk-ui-headless kioskd ")
        self.assert_says(installed.check(self.image, str), "kiosk-ui-headless")

    def test_a_mount_without_its_place_is_found(self):
        self.change("systemd/units/boot.mount", "Where=/boot", "Where=/firmware")
        self.assert_says(installed.check(self.image, str), "/firmware: not in the image")

    def test_a_getty_that_is_not_masked_stops_the_build(self):
        self.change("systemd/install", "serial-getty@.service ", "")
        self.assert_says(installed.check(self.image, str), "serial-getty@.service, not masked")

    def test_with_buildroot_a_symbol_that_does_not_survive_is_found(self):
        self.assertEqual(buildroot.check(self.image, self.buildroot("cat")), [])
        self.assert_says(buildroot.check(self.image, self.buildroot("grep -v BR2_PACKAGE_EIMZA_KIOSK=")),
                         "BR2_PACKAGE_EIMZA_KIOSK is not set after make")
        self.assert_says(buildroot.check(self.image, self.buildroot("sed s/VAR_NONE=y/VAR_NONE=n/")), "BR2_INIT_SYSTEMD_VAR_NONE is n")

    def test_with_buildroot_a_warning_of_check_package_is_found(self):
        self.assert_says(buildroot.check(self.image, self.buildroot("cat", "echo 'Config.in:1: too long'; exit 1")), "check-package: Config.in:1")

    def test_with_buildroot_a_kernel_without_a_hash_is_found(self):
        made = self.buildroot("cat")
        (made / "board/raspberrypi/patches/linux/linux.hash").write_text("sha256  0  another\n")
        self.assert_says(buildroot.check(self.image, made), "has no hash")

    def buildroot(self, keep, check_package="exit 0"):
        """A stand-in for Buildroot's sources: its defconfig goal passes the lines through `keep`."""
        made = Path(tempfile.mkdtemp(dir=self.repository))
        (made / "utils").mkdir()
        (made / "utils/check-package").write_text(f"#!/bin/sh\n{check_package}\n")
        (made / "utils/check-package").chmod(0o755)
        patches = made / "board/raspberrypi/patches/linux"
        patches.mkdir(parents=True)
        (patches / "linux.hash").write_text("sha256  0  linux-21b410140c47ffab5668399f6f143c7d7b935c8b.tar.gz\n")
        (made / "Makefile").write_text(f"%_defconfig:\n\t@{keep} $(BR2_EXTERNAL)/configs/$@ >$(O)/.config\n")
        return made


if __name__ == "__main__":
    unittest.main()
