"""Runs every check there is and says what could not be: see `scripts/build-image --check`."""

import argparse
import sys
from pathlib import Path

from . import buildroot, disk, installed, kconfig, kernel, package, source, tree


def main():
    """0 when every check passed, 1 otherwise."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--buildroot", type=Path)
    given = arguments.parse_args()
    image = Path(__file__).resolve().parent.parent

    def say(text):
        print(f"   {text}")

    symbols, unconfirmed = kconfig.check(image)
    checks = {
        "description, packages, configurations are there": tree.check_description(image),
        "boards share what they should, nobody can log in": tree.check_configurations(image),
        "paths": tree.check_paths(image),
        "symbols (symbols-2026.08)": symbols,
        "package: programs, features, users, licences, hashes": package.check(image),
        "kernel fragments and command line": kernel.check(image),
        "A/B of the Raspberry Pi": kernel.check_tryboot(image),
    }
    for name, check in {
        "what is installed, and what is not": lambda: installed.check(image, say),
        "cards, by genimage": lambda: disk.check(image, say),
        "programs: nothing of the tests is in them": lambda: source.check(image),
    }.items():
        checks[name] = check()
    if given.buildroot:
        checks["sources: every crate is there"] = source.check_exported(image)
        checks["Buildroot: defconfigs, paths, check-package"] = buildroot.check(image, given.buildroot)

    for name, problems in checks.items():
        print(f"{'FAIL' if problems else ' ok '} {name}")
        for problem in problems:
            print(f"     {problem}")
    if not given.buildroot:
        print("Not checked, for want of Buildroot 2026.08 (--buildroot DIR): that its own parser keeps every symbol, that the paths\n"
              f"inside it exist ({', '.join(sorted({path for _, path in tree.buildroot_paths(image)}))}), check-package; nor that the crates are\n"
              "vendored in full, which takes a minute.")
        stated = kconfig.sources(image)
        print("Symbols were read in " + ", ".join(f"{where} ({count})" for where, count in stated) + f"; unconfirmed {len(unconfirmed)}.")
        for symbol, why in unconfirmed:
            print(f"Not confirmed: {symbol}: {why}")
    return 1 if any(checks.values()) else 0


sys.exit(main())
