//! What is plugged in: stick, keyboard and mouse are refused by the USB policy, a reader and a hub are let in; where the
//! policy does not keep a keyboard out, no combination of keys leaves the kiosk.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::json;

use super::{
    super::stand::{FOLLOW_WITHIN, Stand},
    Story,
    crashes::{UNITS, pid},
    evdev::{self, Key},
};

/// The kernel, udev and the policy have done with a device by then.
const SETTLED_WITHIN: Duration = Duration::from_secs(240);
/// The rules of the USB policy and of input devices, and the file that stands in their place.
const RULES: &str = "/usr/lib/udev/rules.d/75-eimza-kiosk.rules";
const INSTEAD: &str = "/run/udev/rules.d/75-eimza-kiosk.rules";
/// What the keyboard sent, as the kernel's input layer has it.
const HEARD: &str = "/run/kiosk-check-keys";
/// Combinations that leave a usual system: QEMU's names of the keys, the kernel's numbers (`input-event-codes.h`).
const WAYS_OUT: [(&str, &[(&str, Key)]); 7] = [
    ("Ctrl+Alt+Backspace", &[("ctrl", 29), ("alt", 56), ("backspace", 14)]),
    ("Ctrl+Alt+Del", &[("ctrl", 29), ("alt", 56), ("delete", 111)]),
    ("Ctrl+Alt+F2", &[("ctrl", 29), ("alt", 56), ("f2", 60)]),
    ("Alt+SysRq+B", &[("alt", 56), ("sysrq", 99), ("b", 48)]),
    ("Alt+F4", &[("alt", 56), ("f4", 62)]),
    ("Esc", &[("esc", 1)]),
    ("Power", &[("power", 116)]),
];
/// Writes SysRq's help to the kernel's log where SysRq is on, and then takes all keys but the first for itself.
const SYSRQ_HELP: [&str; 3] = ["alt", "sysrq", "h"];

/// Everything is plugged in under the policy; then the keyboard is let in, and nothing it sends does harm.
pub(super) fn refused(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    let before = seen(stand, story)?;
    let machine = stand.machine();
    machine.monitor.ask(
        "blockdev-add",
        json!({ "driver": "null-co", "node-name": "stick", "size": 64 << 20, "read-zeroes": true }),
    )?;
    machine.plug(json!({ "driver": "usb-storage", "id": "stick0", "bus": "xhci.0", "drive": "stick" }))?;
    machine.plug(json!({ "driver": "usb-kbd", "id": "keyboard0", "bus": "xhci.0" }))?;
    machine.plug(json!({ "driver": "usb-hub", "id": "hub0", "bus": "xhci.0", "port": "4" }))?;
    // Whether the hub works is seen by what is behind it.
    machine.plug(json!({ "driver": "usb-mouse", "id": "mouse0", "bus": "xhci.0", "port": "4.1" }))?;
    // 1-4.1 is the last that comes; a verdict is there when its helper has ended.
    let listing = "for d in /sys/bus/usb/devices/*-*; do [ -f $d/product ] && echo $(cat $d/authorized $d/product); done";
    let settle = format!(
        "for i in $(seq 120); do [ $({listing} | wc -l) -ge 5 ] && break; sleep 1; done; udevadm settle -t 60; {listing}"
    );
    let listed = story.run_within(stand, &settle, SETTLED_WITHIN)?.output;
    let lines: Vec<&str> = listed.lines().collect();
    let verdict = |name: &str| {
        let line = lines.iter().find(|line| line.contains(name));
        line.map(|line| line.starts_with("1 ")).with_context(|| format!("no {name} among {listed}"))
    };
    for (name, let_in) in
        [("Keyboard", false), ("Mouse", false), ("HARDDRIVE", false), ("CCID", true), ("Hub", true)]
    {
        let found = verdict(name)?;
        ensure!(found == let_in, "{name}: let in is {found}, expected {let_in}: {listed}");
    }
    let after = seen(stand, story)?;
    ensure!(before == after, "something came of it: {after}, before {before}");

    let tried = with_a_keyboard(stand, story);
    let back = story.must(stand, &format!("rm -f {INSTEAD} {HEARD}; udevadm control --reload"));
    tried?;
    back?;
    for id in ["mouse0", "hub0", "keyboard0", "stick0"] {
        stand.machine().unplug(id)?;
    }
    stand.machine().monitor.ask("blockdev-del", json!({ "node-name": "stick" }))?;
    Ok(())
}

/// The keyboard is one for the kernel; first the rule that gives the screen no keys stands alone, then not even that.
fn with_a_keyboard(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    story.tell("== the USB policy off, the keyboard let in; the screen still opens nothing that has keys");
    let_in(stand, story, &format!("grep -v usb-policy {RULES}"))?;
    let sysrq = story.must(stand, "cat /proc/sys/kernel/sysrq")?;
    ensure!(sysrq.trim() == "0", "SysRq: found {sysrq:?}, expected 0, as the image sets it");
    // Keys reach the kernel's own combinations: allowed for a moment, SysRq answers.
    story.must(stand, "echo 1 > /proc/sys/kernel/sysrq; dmesg -n 1")?;
    let pressed = press(stand, story, "Alt+SysRq+H, SysRq being on", SYSRQ_HELP, &[56]);
    let answered = story.must(stand, "dmesg | grep -i 'sysrq: HELP'");
    story.must(stand, "/usr/lib/systemd/systemd-sysctl; [ $(cat /proc/sys/kernel/sysrq) = 0 ]")?;
    pressed?;
    answered.context("SysRq does not answer, so nothing was tried")?;
    let before = identity(stand, story)?;
    for (name, keys) in WAYS_OUT {
        press(stand, story, name, keys.iter().map(|(key, _)| *key), &heard(keys))?;
        let after = identity(stand, story)?;
        ensure!(before == after, "{name}: found {after:?}, expected {before:?}");
        stand.agree(FOLLOW_WITHIN).with_context(|| format!("the attract page after {name}"))?;
    }

    story.tell("== no rule at all: the screen hears the keyboard, so what was tried above could have failed");
    let_in(stand, story, "true")?;
    let screen = pid(stand, story, "kiosk-ui")?;
    let (name, keys) = WAYS_OUT[0];
    press(stand, story, name, keys.iter().map(|(key, _)| *key), &heard(keys))?;
    let ended = format!(
        "for i in $(seq 60); do p=$(systemctl show -P MainPID kiosk-ui.service); \
         [ $p != {screen} ] && break; sleep 1; done; [ $p != {screen} ]"
    );
    story.must(stand, &ended).context("the screen does not hear the keyboard, so nothing was tried")?;
    stand.attract(FOLLOW_WITHIN).map(|_| ())
}

/// Puts what a command prints in the place of the rules, and lets the keyboard in anew, its interfaces too: that the
/// host controller withholds them is the policy's doing.
fn let_in(stand: &Stand, story: &mut Story, rules: &str) -> anyhow::Result<()> {
    let script = format!(
        "mkdir -p /run/udev/rules.d; {rules} > {INSTEAD}; udevadm control --reload; \
         k=$(dirname $(grep -l Keyboard /sys/bus/usb/devices/*/product)); echo 0 > $k/authorized; udevadm settle; \
         echo 1 > $k/authorized; \
         for i in $k/*:*; do echo 1 > $i/authorized; basename $i > /sys/bus/usb/drivers_probe 2>&1; done; \
         for i in $(seq 60); do ls -d $k/*:*/*/input/input*/event* && break; sleep 1; done; udevadm settle; \
         e=$(basename $k/*:*/*/input/input*/event*); ls -l /dev/input/$e; udevadm info -q property /dev/input/$e | grep -e IGNORE -e KEY; \
         (cat /dev/input/$e > {HEARD} 2>&1 &); grep -B1 -A4 -i 'usb keyboard' /proc/bus/input/devices"
    );
    story.must(stand, &script).map(|_| ()).context("the keyboard is none for the kernel")
}

/// Presses keys together; these must be seen in the kernel's input layer.
fn press<'a>(
    stand: &Stand,
    story: &mut Story,
    name: &str,
    keys: impl IntoIterator<Item = &'a str>,
    must_be_heard: &[Key],
) -> anyhow::Result<()> {
    let heard = || -> anyhow::Result<Vec<Key>> {
        let dump = stand.agent().run(&format!("od -An -v -t u2 -w24 {HEARD}"), super::COMMAND_WITHIN)?;
        Ok(evdev::pressed(&dump.output))
    };
    let before = heard()?.len();
    let keys: Vec<_> = keys.into_iter().map(|key| json!({ "type": "qcode", "data": key })).collect();
    stand.machine().monitor.ask("send-key", json!({ "keys": keys, "hold-time": 500 }))?;
    // What comes of it has its time to come.
    stand.machine().monitor.rest(Duration::from_secs(4));
    let all = heard()?;
    let told = all.get(before..).unwrap_or_default();
    story.tell(format!("{name} was pressed; the kernel heard the keys {told:?}"));
    let missing = must_be_heard.iter().find(|key| !told.contains(key));
    ensure!(missing.is_none(), "{name}: the kernel heard {told:?}, not {missing:?}");
    Ok(())
}

fn heard(keys: &[(&str, Key)]) -> Vec<Key> {
    keys.iter().map(|(_, key)| *key).collect()
}

/// Which start of the system this is, which console stands, and which processes serve.
fn identity(stand: &Stand, story: &mut Story) -> anyhow::Result<String> {
    let units = UNITS.map(|unit| format!("{unit}.service")).join(" ");
    story.must(
        stand,
        &format!(
            "cat /proc/sys/kernel/random/boot_id /sys/class/tty/tty0/active; systemctl show -P MainPID {units}; \
             systemctl list-jobs --no-legend"
        ),
    )
}

/// Disks and input devices, by name.
fn seen(stand: &Stand, story: &mut Story) -> anyhow::Result<String> {
    story.must(stand, "ls /sys/block | sort; cat /sys/class/input/event*/device/name | sort")
}
