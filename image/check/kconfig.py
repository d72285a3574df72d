"""The configurations as a Kconfig parser sees them: our Config.in, and what `symbols-2026.08` knows of Buildroot.

What Buildroot itself would make of them only its own sources can tell: see `buildroot`.
"""

import os
import re
import tempfile
from pathlib import Path

from . import tree

SYMBOLS = "symbols-2026.08"


def parse(image):
    """Our Config.in and the list of symbols, parsed; raises kconfiglib.KconfigError for what is no Kconfig."""
    import kconfiglib

    # Buildroot's symbols begin with BR2_ as they are; nothing is put before them in a configuration.
    os.environ.update(CONFIG_="", BR2_EXTERNAL_EIMZA_KIOSK_PATH=str(image))
    with tempfile.NamedTemporaryFile("w", suffix=".in") as top:
        top.write(f'mainmenu "kiosk"\nsource "{image / SYMBOLS}"\nsource "{image / "Config.in"}"\n')
        top.flush()
        return kconfiglib.Kconfig(top.name, warn_to_stderr=False)


def check(image):
    """(problems, symbols nobody could confirm): every symbol is declared and keeps the value it is given."""
    import kconfiglib

    problems = []
    try:
        kconfig = parse(image)
    except kconfiglib.KconfigError as error:
        return [f"Kconfig: {error}"], []
    problems += [f"Kconfig: {warning}" for warning in kconfig.warnings]
    for symbol in kconfig.unique_defined_syms:
        for node in symbol.nodes:
            for dependency in kconfiglib.expr_items(node.dep) | {selected for selected, _ in symbol.selects}:
                if not isinstance(dependency, kconfiglib.Choice) and not dependency.nodes and not dependency.is_constant:
                    problems.append(f"{symbol.name}: depends on or selects {dependency.name}, which is declared nowhere")
    for board in tree.BOARDS:
        problems += survivors(kconfig, image / "configs" / f"{tree.defconfig_of(board)}_defconfig")
    return sorted(set(problems)), unconfirmed(image)


def survivors(kconfig, path):
    """What `make NAME_defconfig` would drop: values that are not there any more after dependencies were looked at."""
    import kconfiglib

    kconfig.load_config(str(path), replace=True)
    problems = []
    for name, value in tree.settings(path)[0]:
        symbol = kconfig.syms.get(name)
        if symbol is None or not symbol.nodes:
            problems.append(f"{path.name}: {name} is declared neither in our Config.in nor in {SYMBOLS}")
            continue
        wanted = "n" if value is None else value.strip('"')
        if symbol.str_value != wanted:
            problems.append(f"{path.name}: {name} is {symbol.str_value or 'empty'}, expected {wanted}; it depends on "
                            f"{kconfiglib.expr_str(symbol.direct_dep)}")
    return problems


def unconfirmed(image):
    """(symbol, why) of each that was read nowhere; raises ValueError where a symbol has no line that says where it was read."""
    found, last = [], ""
    for number, line in enumerate((image / SYMBOLS).read_text().splitlines(), 1):
        if line.startswith("config "):
            if not re.match(r"# (buildroot|fork|copy|2026\.08|unconfirmed:)", last):
                raise ValueError(f"{SYMBOLS}:{number}: found '{last}' above {line}, expected where it was read")
            if last.startswith("# unconfirmed: "):
                found.append((line.split()[1], last[len("# unconfirmed: "):]))
        last = line
    return found


def sources(image):
    """(kind of source, how many symbols were read there), as `symbols-2026.08` calls them."""
    found, last = {}, ""
    for line in (image / SYMBOLS).read_text().splitlines():
        if line.startswith("config "):
            kind = last[2:].split(" ")[0].rstrip(":;")
            found[kind] = found.get(kind, 0) + 1
        last = line
    found.pop("unconfirmed", None)
    return sorted(found.items())
