"""The kernel's fragments and command line, as texts. Whether a kernel takes them, its own configuration has to tell (README)."""

import re

from . import tree

# Without one of these, what the appliance says of itself is not so.
FRAGMENT = {
    "CONFIG_EROFS_FS": "y", "CONFIG_EXT4_FS": "y", "CONFIG_SQUASHFS": "y", "CONFIG_BLK_DEV_LOOP": "y", "CONFIG_DM_VERITY": "y",
    "CONFIG_USB_DEFAULT_AUTHORIZATION_MODE": "0", "CONFIG_HID_MULTITOUCH": "y", "CONFIG_GPIO_CDEV": "y", "CONFIG_WATCHDOG": "y",
    "CONFIG_PANIC_ON_OOPS": "y", "CONFIG_RTC_HCTOSYS": "y", "CONFIG_NF_TABLES": "y", "CONFIG_SECCOMP_FILTER": "y", "CONFIG_CGROUP_BPF": "y",
    "CONFIG_MAGIC_SYSRQ": None, "CONFIG_SWAP": None, "CONFIG_KEXEC": None,
}
CMDLINE = ("ro", "rootfstype=erofs", "rootwait", "quiet", "panic=5", "usbcore.authorized_default=0", "systemd.getty_auto=0")


def check(image):
    """Every fragment can be read, none undoes another of its board, and the command line says what the image relies on."""
    problems = []
    for board in tree.BOARDS:
        given = {}
        found, _ = tree.settings(image / "configs" / f"{tree.defconfig_of(board)}_defconfig")
        for word in dict(found)["BR2_LINUX_KERNEL_CONFIG_FRAGMENT_FILES"].strip('"').split():
            path = image / word[len(tree.EXTERNAL) + 1:]
            lines, bad = tree.settings(path)
            problems += bad
            for name, value in lines:
                if not re.fullmatch(r'CONFIG_[A-Z0-9_]+', name) or not re.fullmatch(r'[ynm]|-?\d+|0x[0-9a-f]+|"[^"]*"', value or "n"):
                    problems.append(f"{path}: found {name}={value}, expected CONFIG_NAME and y, m, n, a number or a string")
                if name in given:
                    problems.append(f"{path}: sets {name}, which another fragment of {board} sets too")
                given[name] = value
        problems += [f"{board}: found {name}={given.get(name, 'nothing')}, expected {'not set' if value is None else value}"
                     for name, value in FRAGMENT.items() if name not in given or given[name] != value]
    words = (image / "board/common/cmdline").read_text().split()
    problems += [f"board/common/cmdline: found no {word}" for word in CMDLINE if word not in words]
    problems += [f"board/common/cmdline: found {word}, which opens a console" for word in words if word.startswith(("console=", "init="))]
    return problems


def check_tryboot(image):
    """autoboot.txt, config.txt and the partitions of the card speak of the same two systems."""
    problems, names = [], partitions(image / "genimage/raspberrypi-card.cfg")
    auto = (image / "board/raspberrypi/autoboot.txt").read_text()
    numbers = re.findall(r"^boot_partition=(\d+)$", auto, re.M)
    if [names[int(number) - 1] for number in numbers] != ["boot-a", "boot-b"] or "tryboot_a_b=1" not in auto.split():
        problems.append(f"autoboot.txt: leads to the partitions {numbers} of {names}, expected boot-a and, when tried, boot-b")
    for board in ("raspberrypi4-64", "raspberrypi5"):
        text = (image / "board" / board / "config.txt").read_text()
        chosen = re.findall(r"^\[boot_partition=(\d+)\]\ncmdline=cmdline-([ab])\.txt$", text, re.M)
        if [(names[int(number) - 1], slot) for number, slot in chosen] != [("boot-a", "a"), ("boot-b", "b")]:
            problems.append(f"{board}/config.txt: found {chosen}, expected the command line of a for boot-a, of b for boot-b")
        if "[all]" not in text.splitlines() or text.index("[all]") < text.rindex("[boot_partition="):
            problems.append(f"{board}/config.txt: found no [all] after the last [boot_partition=…]: what follows would be for B alone")
        if not re.search(r"^kernel_watchdog_timeout=\d+$", text, re.M):
            problems.append(f"{board}/config.txt: starts no watchdog before the kernel")
    return problems


def partitions(config):
    """The names of the partitions, in their order."""
    return re.findall(r"^\tpartition ([\w-]+) \{", config.read_text(), re.M)
