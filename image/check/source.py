"""The sources as Buildroot gets them: complete, so that no crate is asked of a network, and with nothing of the tests in a program."""

import os
import subprocess
import tempfile
from pathlib import Path

from .package import PROGRAMS

# What belongs to tests and never to a program of the appliance.
FOREIGN = ("i-slint-backend-testing", "i-slint-backend-winit", "testbench", "tempfile", "proptest", "rcgen")


def check(image):
    """Each program resolves from Cargo.lock, and none has a part of the tests in it."""
    return resolve(image.parent, [], os.environ)


def check_exported(image):
    """scripts/export-source leaves all crates: the programs resolve from them alone. Copies most of a gigabyte."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        exported = subprocess.run([image / "scripts/export-source", source], capture_output=True, text=True)
        if exported.returncode:
            return [f"export-source: {exported.stderr.strip()}"]
        return resolve(source, ["--offline"], os.environ | {"CARGO_HOME": str(Path(folder) / "home")})


def resolve(source, flags, environment):
    """What each program is made of, by `cargo tree` in `source`."""
    problems = []
    for program, (package, features) in PROGRAMS.items():
        made = subprocess.run(
            ["cargo", "tree", *flags, "--locked", "--no-default-features", "-p", package, "--features", features, "--edges", "normal",
             "--target", "aarch64-unknown-linux-gnu", "--prefix", "none", "--format", "{p}"],
            capture_output=True, text=True, cwd=source, env=environment)
        if made.returncode:
            problems.append(f"{program}: cargo says {made.stderr.strip()}")
        crates = {line.split()[0] for line in made.stdout.splitlines() if line}
        problems += [f"{program}: has {crate} in it, expected no part of the tests" for crate in FOREIGN if crate in crates]
    return problems
