"""The package eimza-kiosk as make sees it: which programs it builds, with which features, and for whom.

Buildroot's own macros are replaced by stand-ins that print; what they do with the package only Buildroot itself can tell.
"""

import hashlib
import re
import subprocess
import tempfile
from pathlib import Path

PROGRAMS = {
    "kioskd": ("eimza-kiosk", "supervisor"),
    "kiosk-token": ("eimza-kiosk", "signer"),
    "kiosk-appliance": ("eimza-kiosk", "appliance"),
    "kiosk-paper": ("kiosk-paper", ""),
    "kiosk-ui": ("kiosk-ui", "linuxkms"),
}

HARNESS = """
BR2_EXTERNAL_EIMZA_KIOSK_PATH = {image}
BASE_DIR = /base
TARGET_DIR = /target
RUSTC_TARGET_NAME = aarch64-unknown-linux-gnu
TARGET_MAKE_ENV = TARGET_MAKE_ENV=y
TARGET_CONFIGURE_OPTS = TARGET_CONFIGURE_OPTS=y
PKG_CARGO_ENV = PKG_CARGO_ENV=y
cargo-package =
include {image}/external.mk
/build: ; @: $(foreach step,BUILD INSTALL_TARGET,$(info == $(step))$(info $(EIMZA_KIOSK_$(step)_CMDS)))
/users: ; @: $(info $(EIMZA_KIOSK_USERS))
{folder}/.stamp_rsynced: ; $(foreach hook,$(EIMZA_KIOSK_POST_RSYNC_HOOKS),$(call $(hook)))
/fields: ; @: $(info $(EIMZA_KIOSK_SITE_METHOD)|$(EIMZA_KIOSK_LICENSE)|$(EIMZA_KIOSK_LICENSE_FILES)|$(EIMZA_KIOSK_VERSION))
.PHONY: /build /users /fields {folder}/.stamp_rsynced
"""


def expand(image, goal, folder="/folder"):
    """What make says of `goal`, the package being built in `folder`; raises subprocess.CalledProcessError where it fails."""
    with tempfile.NamedTemporaryFile("w", suffix=".mk") as harness:
        harness.write(HARNESS.format(image=image, folder=folder))
        harness.flush()
        return subprocess.run(["make", "--no-print-directory", "--warn-undefined-variables", "-f", harness.name, goal], check=True,
                              capture_output=True, text=True)


def check(image):
    """The package builds and installs the five programs and no other, says its licences, and makes the users of the units."""
    try:
        outputs = {goal: expand(image, goal) for goal in ("/build", "/users", "/fields")}
    except subprocess.CalledProcessError as error:
        return [f"package/eimza-kiosk: make says {error.stderr.strip()}"]
    problems = [f"package/eimza-kiosk: make says {line}" for run in outputs.values() for line in run.stderr.splitlines()]
    repository = image.parent
    problems += check_build(outputs["/build"].stdout)
    problems += check_users(outputs["/users"].stdout, repository / "systemd" / "sysusers.d" / "eimza-kiosk.conf")
    problems += check_hook(image)
    problems += check_fields(image, outputs["/fields"].stdout.strip().split("|"))
    return problems


def check_build(text):
    """One cargo call a program, each with the features of its process only, and installed by systemd/install alone."""
    build, _, install = text.partition("== INSTALL_TARGET")
    calls = re.findall(r"cargo build ([^\n]*(?:\\\n[^\n]*)*)", build)
    found = {}
    for call in calls:
        words = call.replace("\\\n", " ").split()
        for flag in ("--offline", "--locked", "--release", "--no-default-features"):
            if flag not in words:
                return [f"package/eimza-kiosk: found 'cargo build {' '.join(words)}', expected {flag} in it"]
        features = words[words.index("--features") + 1] if "--features" in words else ""
        found[words[words.index("--bin") + 1]] = (words[words.index("-p") + 1], features)
    problems = []
    if found != PROGRAMS or len(calls) != len(PROGRAMS):
        problems.append(f"package/eimza-kiosk: builds {found}, expected {PROGRAMS}")
    if len(re.findall(r"cd \S* && ", build)) != len(PROGRAMS):
        problems.append("package/eimza-kiosk: a program is not built in the package's folder, where cargo finds the crates")
    wanted = "/systemd/install /target /target/aarch64-unknown-linux-gnu/release"
    if install.strip() != wanted:
        problems.append(f"package/eimza-kiosk: installs by '{install.strip()}', expected '{wanted}' and nothing else")
    return problems


def check_hook(image):
    """Without its crates the package is not built, and it says how it is."""
    problems = []
    for vendored in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            if vendored:
                for name in ("vendor", ".cargo"):
                    (Path(folder) / name).mkdir()
                (Path(folder) / ".cargo/config.toml").touch()
            try:
                expand(image, f"{folder}/.stamp_rsynced", folder)
                if not vendored:
                    problems.append("package/eimza-kiosk: sources without crates are taken, expected scripts/build-image to be asked for")
            except subprocess.CalledProcessError as error:
                if vendored or "scripts/build-image" not in error.stderr:
                    problems.append(f"package/eimza-kiosk: its hook says {error.stderr.strip()}")
    return problems


def check_users(table, sysusers):
    """Buildroot's table and sysusers.d name the same users and groups with the same numbers."""
    ours, theirs = {}, {}
    for line in table.strip().splitlines():
        user, uid, group, gid, password, home, shell, groups = line.split()[:8]
        if user != "-":
            if (password, home, shell) != ("*", "-", "-"):
                return [f"package/eimza-kiosk: {user} has password {password}, home {home}, shell {shell}; expected * - -"]
            ours[user] = ("u", uid, set() if groups == "-" else set(groups.split(",")))
            if (group, gid) != (user, uid):
                return [f"package/eimza-kiosk: {user} ({uid}) is of group {group} ({gid}), expected its own"]
        else:
            ours[group] = ("g", gid, set())
    for line in sysusers.read_text().splitlines():
        words = line.split()
        if words and words[0] in "ug":
            theirs[words[1]] = (words[0], words[2], set())
        elif words and words[0] == "m":
            theirs[words[1]][2].add(words[2])
    return [] if ours == theirs else [f"package/eimza-kiosk: its users are {ours}, those of {sysusers.name} {theirs}"]


def check_fields(image, fields):
    """A local site, the workspace's version, the licence of each program, and the hash of each licence."""
    method, licence, files, version = fields
    repository, problems = image.parent, []
    if method != "local":
        problems.append(f"package/eimza-kiosk: its site method is {method}, expected local")
    workspace = re.search(r'^version = "([^"]+)"', (repository / "Cargo.toml").read_text(), re.M)[1]
    if version != workspace:
        problems.append(f"package/eimza-kiosk: its version is {version}, that of Cargo.toml {workspace}")
    for program in PROGRAMS:
        if program not in licence:
            problems.append(f"package/eimza-kiosk: its licence, '{licence}', does not say that of {program}")
    listed = dict(reversed(line.split()[1:]) for line in
                  (image / "package/eimza-kiosk/eimza-kiosk.hash").read_text().splitlines() if line.startswith("sha256  "))
    for name in files.split():
        path = repository / name
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no such file"
        if listed.pop(name, None) != found:
            problems.append(f"package/eimza-kiosk: the hash of {name} is {found}, eimza-kiosk.hash says otherwise")
    problems += [f"eimza-kiosk.hash: {name} is no licence file of the package" for name in listed]
    return problems
