"""With the sources of Buildroot at hand: what Buildroot itself says of this tree."""

import re
import subprocess
import tempfile
from pathlib import Path

from . import tree


def check(image, buildroot):
    """Every symbol of every configuration survives, every path inside Buildroot exists, and check-package is clean."""
    problems = [f"{where}: names {path}, which {buildroot} does not have"
                for where, path in tree.buildroot_paths(image) if not (buildroot / path).exists()]
    for board in tree.BOARDS:
        problems += check_board(image, buildroot, board)
    return problems + check_package(image, buildroot)


def check_board(image, buildroot, board):
    """`make NAME_defconfig` keeps every line; a kernel given by its commit is the one Buildroot has a hash for."""
    name = tree.defconfig_of(board) + "_defconfig"
    with tempfile.TemporaryDirectory() as output:
        made = subprocess.run(["make", "-C", buildroot, f"O={output}", f"BR2_EXTERNAL={image}", name], capture_output=True, text=True)
        if made.returncode:
            return [f"{name}: make says {made.stderr.strip() or made.stdout.strip()}"]
        result = dict(re.findall(r"^(?:# )?(BR2_\w+)(?:=(.*)| is not set)$", (Path(output) / ".config").read_text(), re.M))
    problems = []
    for symbol, value in tree.settings(image / "configs" / name)[0]:
        kept = result.get(symbol)
        # A bool that is off and cannot be seen is not written at all.
        if (value or "") != (kept or ""):
            problems.append(f"{name}: {symbol} is {kept or 'not set'} after make {name}, expected {value or 'not set'}")
        if symbol == "BR2_LINUX_KERNEL_CUSTOM_TARBALL_LOCATION":
            commit = re.search(r"[0-9a-f]{40}", value)[0]
            if not any(commit in path.read_text() for path in (buildroot / "board/raspberrypi/patches/linux").glob("*.hash")):
                problems.append(f"{name}: the kernel {commit} has no hash in {buildroot}/board/raspberrypi/patches/linux")
    return problems


def check_package(image, buildroot):
    """Buildroot's own check of style, on the files that are of its kinds."""
    files = [image / "Config.in", image / "external.mk", *sorted((image / "package").rglob("*.*")), *sorted((image / "configs").iterdir())]
    checked = subprocess.run([buildroot / "utils/check-package", "--br2-external", *files], capture_output=True, text=True)
    return [f"check-package: {line}" for line in checked.stdout.splitlines()] if checked.returncode else []
