"""What systemd/install and scripts/post-build leave in a root file system, seen by running both."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from .package import PROGRAMS

# Units of the base system, as far as presets look at them.
BASE = {
    "getty@.service": "WantedBy=getty.target", "rauc.service": "WantedBy=multi-user.target", "pcscd.socket": "WantedBy=sockets.target",
    "systemd-networkd.service": "WantedBy=multi-user.target", "systemd-resolved.service": "WantedBy=multi-user.target",
    "systemd-timesyncd.service": "WantedBy=sysinit.target", "reboot.target": "Alias=ctrl-alt-del.target", "multi-user.target": "",
}


def decoys(repository):
    """Every program of the workspace, so that one too many can be installed."""
    folders = ("src/bin", "paper/src/bin", "slint-ui/src/bin", "testbench/src/bin")
    return {path.stem for folder in folders for path in (repository / folder).glob("*.rs")}


def install(image, folder, shadow="root:*:::::::\n"):
    """A root file system as post-build leaves it; raises subprocess.CalledProcessError."""
    root, programs, keys = folder / "root", folder / "programs", folder / "keys"
    for path in (root / "etc", root / "usr/lib/systemd/system", programs, keys):
        path.mkdir(parents=True)
    for name in decoys(image.parent):
        (programs / name).write_text("placeholder")
    for name in ("update-ca.pem", "provision-ca.pem"):
        (keys / name).write_text(f"placeholder of {name}")
    (root / "etc/shadow").write_text(shadow)
    (root / "usr/lib/os-release").write_text("NAME=Buildroot\nIMAGE_VERSION=of a build before\n")
    (root / "etc/nsswitch.conf").write_text("hosts: resolve [!UNAVAIL=return] files dns\n")
    for name, lines in BASE.items():
        (root / "usr/lib/systemd/system" / name).write_text(f"[Unit]\nRequires=systemd-{Path(name).stem}.service\n[Install]\n{lines}\n")
    run(image.parent / "systemd/install", root, programs)
    run(image / "scripts/post-build", root, "raspberrypi5",
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "KIOSK_KEYS": str(keys), "KIOSK_VERSION": "1.2.3"})
    return root


def run(*command, env=None):
    """Runs a script; raises subprocess.CalledProcessError, which keeps what it said."""
    return subprocess.run(command, check=True, capture_output=True, text=True, env=env)


def links(root):
    """Where each link under etc/systemd/system leads: what starts, what is masked, what stands for something else."""
    folder = root / "etc/systemd/system"
    return {str(path.relative_to(folder)): path.readlink().name for path in folder.rglob("*") if path.is_symlink()}


def check(image, say):
    """The five programs and no other; nobody gets a prompt; what starts is what systemd/install says, after presets too."""
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            root = install(image, Path(folder))
        except subprocess.CalledProcessError as error:
            return [f"{error.cmd[0]} says {error.stderr.strip()}"]
        found = {path.name for path in (root / "usr/bin").iterdir()}
        if found != set(PROGRAMS):
            problems.append(f"systemd/install: puts {sorted(found)} into usr/bin, expected {sorted(PROGRAMS)}")
        for path in root.rglob("*"):
            if path.is_file() and path.name in decoys(image.parent) - set(PROGRAMS):
                problems.append(f"systemd/install: puts {path.relative_to(root)} into the image")
        for name in ("etc/rauc/keyring.pem", "etc/eimza-kiosk/trust/provision-ca.pem", "usr/share/eimza-kiosk/machine.toml",
                     "usr/lib/eimza-kiosk/rauc-boot"):
            if not (root / name).is_file():
                problems.append(f"{name}: not in the image")
        for path in (image.parent / "systemd/units").glob("*.mount"):
            where = re.search("^Where=(.*)$", path.read_text(), re.M)[1]
            if not (root / where[1:]).is_dir():
                problems.append(f"{where}: not in the image, {path.name} mounts something there")
        if "compatible=eimza-kiosk-raspberrypi5\n" not in (root / "etc/rauc/system.conf").read_text():
            problems.append("etc/rauc/system.conf: is not the one of the board")
        if re.findall("^IMAGE_VERSION=(.*)$", (root / "usr/lib/os-release").read_text(), re.M) != ["1.2.3"]:
            problems.append("usr/lib/os-release: does not say the version updates are compared with")
        if re.findall("^hosts: *(.*)$", (root / "etc/nsswitch.conf").read_text(), re.M) != ["files"]:
            problems.append("etc/nsswitch.conf: programs ask name servers themselves, expected the hosts file alone")
        before = links(root)
        problems += [f"{unit}: is not masked" for unit in ("getty@.service", "serial-getty@.service", "debug-shell.service")
                     if before.get(unit) != "null"]
        for name in ("emergency.target", "rescue.target"):
            path = root / "etc/systemd/system" / name
            if not path.is_file() or "systemd-reboot.service" not in path.read_text():
                problems.append(f"{name}: does not start the system anew, expected no shell")
        problems += check_numbers(root, image.parent)
        if shutil.which("systemctl"):
            try:
                run("systemctl", f"--root={root}", "preset-all")
            except subprocess.CalledProcessError as error:
                problems += [f"presets: {line}" for line in error.stderr.splitlines() if "Failed" in line]
            # Presets may link a unit that is wished for from a second place; nothing may be lost, and no other unit be linked.
            after = links(root)
            problems += [f"presets: {name} leads to {after.get(name, 'nothing')} after preset-all, expected {leads}"
                         for name, leads in before.items() if after.get(name) != leads]
            problems += [f"presets: {name} is linked after preset-all, expected only what systemd/install links"
                         for name, leads in after.items() if leads not in before.values()]
        else:
            say("systemctl was not found: what Buildroot's preset-all leaves was not looked at")
    return problems


def check_numbers(root, repository):
    """machine.toml knows the users by the numbers they have."""
    machine = (root / "usr/share/eimza-kiosk/machine.toml").read_text()
    sysusers = (repository / "systemd/sysusers.d/eimza-kiosk.conf").read_text()
    problems = []
    for field, user in (("supervisor_uid", "kioskd"), ("signer_uid", "kiosk-token"), ("screen_uid", "kiosk-ui")):
        said = re.search(rf"^{field} = (\d+)$", machine, re.M)
        has = re.search(rf"^u {user} +(\d+)", sysusers, re.M)
        if not said or not has or said[1] != has[1]:
            problems.append(f"machine.toml: {field} is {said and said[1]}, {user} has {has and has[1]}")
    return problems
