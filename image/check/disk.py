"""The cards and their updates: post-image really makes each, of inputs that stand for what Buildroot builds; names, sizes and the
bundle's signature are read back.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import tree

# What a board's layout asks for that Buildroot builds: which package leaves it in the folder of images.
PRODUCTS = {
    "Image": "linux", "rootfs.erofs": "fs/erofs",
    "bcm2711-rpi-4-b.dtb": "linux", "bcm2712-rpi-5-b.dtb": "linux", "bcm2712d0-rpi-5-b.dtb": "linux",
    "rpi-firmware/config.txt": "rpi-firmware", "rpi-firmware/start4.elf": "rpi-firmware", "rpi-firmware/fixup4.dat": "rpi-firmware",
    "rpi-firmware/overlays": "rpi-firmware", "efi-part/EFI/BOOT/bootaa64.efi": "grub2",
}
# Sizes of the placeholders in MiB; that the real ones fit, genimage sees to when it is given them.
ROOM = {"Image": 32, "rootfs.erofs": 16}
LAYOUT = ["boot-a", "root-a", "boot-b", "root-b", "data"]


def products(board):
    """The products a board has, of all above."""
    pi = board.startswith("raspberrypi")
    for name in PRODUCTS:
        if name.endswith(".dtb") and (("2711" in name) != (board == "raspberrypi4-64") or not pi):
            continue
        if name.startswith("rpi-firmware") and (not pi or board == "raspberrypi5" and "4." in name):
            continue
        if name.startswith("efi-part") and pi:
            continue
        yield name


def make(image, board, folder, keys):
    """Runs scripts/post-image in `folder` as Buildroot does; raises subprocess.CalledProcessError."""
    for name in products(board):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("overlays"):
            path.mkdir()
            (path / "vc4-kms-v3d.dtbo").write_text("placeholder")
        else:
            with open(path, "wb") as file:
                file.truncate(ROOM.get(name, 1) << 20)
    subprocess.run([image / "scripts/post-image", folder, board], check=True, capture_output=True, text=True,
                   env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "KIOSK_KEYS": str(keys), "KIOSK_VERSION": "1.2.3"})
    return layout(folder / "card.img")


def layout(card):
    """(name, start in bytes, size in bytes) of each partition of a GPT disk image."""
    found = []
    with open(card, "rb") as file:
        file.seek(512)
        header = file.read(92)
        if header[:8] != b"EFI PART":
            raise ValueError(f"{card}: found no GPT")
        file.seek(int.from_bytes(header[72:80], "little") * 512)
        for _ in range(int.from_bytes(header[80:84], "little")):
            entry = file.read(int.from_bytes(header[84:88], "little"))
            if any(entry[:16]):
                first, last = (int.from_bytes(entry[at:at + 8], "little") for at in (32, 40))
                found.append((entry[56:128].decode("utf-16-le").rstrip("\0"), first * 512, (last + 1 - first) * 512))
    return found


def check(image, say, boards=tree.BOARDS):
    """A card of each board has the partitions both systems and the data need; a board takes its own bundle, signed by its authority."""
    missing = [name for name in ("genimage", "rauc", "mksquashfs", "openssl") if not shutil.which(name)]
    if missing:
        return [f"{', '.join(missing)}: not found, expected Debian's packages (scripts/packages image)"]
    problems = []
    with tempfile.TemporaryDirectory() as keys:
        subprocess.run([image / "ota/make-development-keys", keys], check=True, capture_output=True, text=True)
        for board in boards:
            with tempfile.TemporaryDirectory() as folder:
                problems += check_card(image, board, Path(folder), Path(keys), say)
    return problems


def check_card(image, board, folder, keys, say):
    """One board's card and bundle."""
    try:
        found = make(image, board, folder, keys)
    except subprocess.CalledProcessError as error:
        return [f"{board}: post-image says {error.stderr.strip()}"]
    problems, names, sizes = [], [name for name, _, _ in found], {name: size for name, _, size in found}
    if names[1:] != LAYOUT or names[0] not in ("autoboot", "esp"):
        problems.append(f"{board}: found the partitions {names}, expected autoboot or esp, then {LAYOUT}")
    if any(start % (1 << 20) for _, start, _ in found):
        problems.append(f"{board}: a partition begins between two MiB")
    for a, b in (("boot-a", "boot-b"), ("root-a", "root-b")):
        if sizes.get(a) != sizes.get(b):
            problems.append(f"{board}: {a} and {b} differ in size: {sizes.get(a)} and {sizes.get(b)} bytes")
    label = subprocess.run(["/sbin/e2label", folder / "data.ext4"], capture_output=True, text=True).stdout.strip()
    if label != "kiosk-data":
        problems.append(f"{board}: the data partition's label is '{label}', expected kiosk-data")
    config = subprocess.run([image / "ota/system-conf", board], capture_output=True, text=True).stdout
    for name in re.findall(r"/dev/disk/by-partlabel/([\w-]+)", config):
        if name not in names:
            problems.append(f"{board}: RAUC writes to the partition {name}, which the card does not have")
    (folder / "system.conf").write_text(config.replace("/etc/rauc/keyring.pem", str(keys / "update-ca.pem")))
    told = subprocess.run(["rauc", f"--conf={folder / 'system.conf'}", "info", folder / f"{board}.raucb"], capture_output=True, text=True)
    compatible = re.search("^compatible=(.*)$", config, re.M)
    if told.returncode or not compatible or f"'{compatible[1]}'" not in told.stdout or "'1.2.3'" not in told.stdout:
        problems.append(f"{board}: rauc says of its bundle: {told.stdout.strip()} {told.stderr.strip()}")
    problems += check_boot(board, folder)
    say(f"{board}: card of {(folder / 'card.img').stat().st_size >> 20} MiB: " + ", ".join(f"{name} {size >> 20}" for name, size in sizes.items()))
    return problems


def check_boot(board, folder):
    """Each system is told its own root."""
    problems = []
    for slot in "ab":
        if board.startswith("raspberrypi"):
            words = (folder / f"cmdline-{slot}.txt").read_text().split()
            if f"root=PARTLABEL=root-{slot}" not in words or f"rauc.slot={slot.upper()}" not in words:
                problems.append(f"{board}: cmdline-{slot}.txt does not name root-{slot}: {' '.join(words)}")
        else:
            text = (folder / "grub.cfg").read_text()
            if f"set part=root-{slot}" not in text or re.search("@[A-Z]+@", text):
                problems.append(f"{board}: grub.cfg does not name root-{slot}, or keeps a placeholder")
            if (folder / "grubenv").stat().st_size != 1024:
                problems.append(f"{board}: grubenv has {(folder / 'grubenv').stat().st_size} bytes, expected 1024")
    return problems
