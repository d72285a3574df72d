"""The sources as Buildroot gets them: complete, so that no crate is asked of a network."""

import os
import subprocess
import tempfile
from pathlib import Path

from .package import PROGRAMS

# What belongs to tests and never to a program of the appliance.
FOREIGN = ("i-slint-backend-testing", "i-slint-backend-winit", "testbench", "tempfile", "proptest", "rcgen")


def check(image):
    """scripts/export-source leaves all crates; each program resolves from them alone, and none has a part of the tests in it."""
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        try:
            subprocess.run([image / "scripts/export-source", source], check=True, capture_output=True, text=True)
            for program, (package, features) in PROGRAMS.items():
                tree = subprocess.run(
                    ["cargo", "tree", "--offline", "--locked", "--no-default-features", "-p", package, "--features", features,
                     "--edges", "normal", "--target", "aarch64-unknown-linux-gnu", "--prefix", "none", "--format", "{p}"],
                    check=True, capture_output=True, text=True, cwd=source, env=os.environ | {"CARGO_HOME": str(Path(folder) / "home")})
                crates = {line.split()[0] for line in tree.stdout.splitlines() if line}
                problems += [f"{program}: has {crate} in it, expected no part of the tests" for crate in FOREIGN if crate in crates]
        except subprocess.CalledProcessError as error:
            problems.append(f"export-source: {error.stderr.strip().splitlines()[-1]}")
    return problems
