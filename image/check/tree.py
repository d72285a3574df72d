"""The files of this Buildroot external tree: what a configuration says, which paths it names, and what no configuration may say.

Knows nothing of Kconfig or of Buildroot's own files.
"""

import os
import re
from pathlib import Path

EXTERNAL = "$(BR2_EXTERNAL_EIMZA_KIOSK_PATH)"
BOARDS = ("raspberrypi4-64", "raspberrypi5", "qemu_aarch64_virt")
SHARED = "# Everything from here on is the same on every board"

# Logins, shells over the network and writable roots: what an image for the public never has.
FORBIDDEN = re.compile(
    r"BR2_(TARGET_GENERIC_GETTY|TARGET_ENABLE_ROOT_LOGIN|TARGET_GENERIC_ROOT_PASSWD|TARGET_GENERIC_REMOUNT_ROOTFS_RW"
    r"|ROOTFS_USERS_TABLES|PACKAGE_(OPENSSH|DROPBEAR|TINYSSH|.*TELNET.*|VSFTPD|GDB|STRACE|SUDO|SYSTEMD_JOURNAL_REMOTE)\b)"
)


def defconfig_of(board):
    """The configuration's name without `_defconfig`, as Buildroot wants no dash in it."""
    return "eimza_kiosk_" + board.replace("-", "_")


def settings(path):
    """(symbol, value) of each line; value is None for `# X is not set`. Lines that say neither are returned as problems."""
    found, problems = [], []
    for number, line in enumerate(Path(path).read_text().splitlines(), 1):
        given = re.fullmatch(r"((?:BR2|CONFIG)_\w+)=(.*)", line)
        unset = re.fullmatch(r"# ((?:BR2|CONFIG)_\w+) is not set", line)
        if given:
            found.append((given[1], given[2]))
        elif unset:
            found.append((unset[1], None))
        elif line and not line.startswith("# "):
            problems.append(f"{path}:{number}: found '{line}', expected SYMBOL=VALUE, '# SYMBOL is not set' or a comment")
    names = [name for name, _ in found]
    problems += [f"{path}: {name} is set twice" for name in sorted(set(names)) if names.count(name) > 1]
    return found, problems


def check_description(image):
    """external.desc, Config.in and external.mk are what Buildroot's manual asks for."""
    problems = []
    lines = (image / "external.desc").read_text().splitlines()
    if lines[:1] != ["name: EIMZA_KIOSK"] or not lines[1].startswith("desc: "):
        problems.append(f"external.desc: found {lines}, expected 'name: EIMZA_KIOSK' and 'desc: …'")
    packages = sorted(p.name for p in (image / "package").iterdir())
    sourced = re.findall(r'source "\$BR2_EXTERNAL_EIMZA_KIOSK_PATH/package/([\w-]+)/Config\.in"', (image / "Config.in").read_text())
    if sourced != packages:
        problems.append(f"Config.in: found {sourced} sourced, expected {packages}")
    for package in packages:
        for name in ("Config.in", f"{package}.mk", f"{package}.hash"):
            if not (image / "package" / package / name).is_file():
                problems.append(f"package/{package}/{name}: not there")
    expected = sorted(defconfig_of(board) + "_defconfig" for board in BOARDS)
    found = sorted(p.name for p in (image / "configs").iterdir())
    if found != expected:
        problems.append(f"configs: found {found}, expected {expected}")
    return problems


def check_configurations(image):
    """Every line can be read, the boards share what they should, and nobody can log in."""
    problems, shared = [], {}
    for board in BOARDS:
        path = image / "configs" / f"{defconfig_of(board)}_defconfig"
        text = path.read_text()
        found, bad = settings(path)
        problems += bad
        head, mark, tail = text.partition(SHARED)
        if not mark:
            problems.append(f"{path.name}: found no line that begins '{SHARED}'")
        shared[board] = tail
        problems += [f"{path.name}: found {name}={value}, expected no login, no shell and no writable root"
                     for name, value in found if value not in (None, '""') and FORBIDDEN.match(name)]
        for name in ("BR2_TARGET_GENERIC_GETTY", "BR2_TARGET_ENABLE_ROOT_LOGIN", "BR2_TARGET_GENERIC_REMOUNT_ROOTFS_RW"):
            if (name, None) not in found:
                problems.append(f"{path.name}: found no '# {name} is not set'; its default is y")
        if ("BR2_ROOTFS_POST_SCRIPT_ARGS", f'"{board}"') not in found:
            problems.append(f"{path.name}: BR2_ROOTFS_POST_SCRIPT_ARGS does not name its board, {board}")
    for board in BOARDS[1:]:
        if shared[board] != shared[BOARDS[0]]:
            problems.append(f"configs: the shared part of {board} differs from that of {BOARDS[0]}")
    return problems


def named_paths(image):
    """(where it is named, path, whether it has to be executable) of every path of this tree that its files name."""
    for board in BOARDS:
        path = image / "configs" / f"{defconfig_of(board)}_defconfig"
        for name, value in settings(path)[0]:
            for word in (value or "").strip('"').split():
                if word.startswith(EXTERNAL + "/"):
                    yield path.name, word[len(EXTERNAL) + 1:], name.endswith("_SCRIPT")
    for script in sorted((image / "scripts").iterdir()):
        for word in re.findall(r'"?\$image"?/([\w./-]*\w)', script.read_text()):
            yield f"scripts/{script.name}", word, False
    for config in sorted((image / "genimage").iterdir()):
        for word in re.findall(r'include\("([\w.-]+)"\)', config.read_text()):
            yield f"genimage/{config.name}", f"genimage/{word}", False


def buildroot_paths(image):
    """(configuration, path) of every path inside Buildroot that a configuration names."""
    for board in BOARDS:
        path = image / "configs" / f"{defconfig_of(board)}_defconfig"
        for name, value in settings(path)[0]:
            if name.endswith(("_DIR", "_FILE", "_FILES", "_SCRIPT")):
                for word in (value or "").strip('"').split():
                    if not word.startswith("$("):
                        yield path.name, word


def check_paths(image):
    """Every path of this tree that is named exists, and scripts can be run. Kconfig looks at none of them."""
    problems = []
    for where, path, executable in named_paths(image):
        if not (image / path).exists():
            problems.append(f"{where}: names {path}, which is not there")
        elif executable and not os.access(image / path, os.X_OK):
            problems.append(f"{where}: names {path}, which is not executable")
    return problems
