//! What is plugged in: a stick and a keyboard are refused by the USB policy; where the policy lets a keyboard in, no
//! combination of keys leaves the kiosk.

use std::time::Duration;

use anyhow::ensure;
use serde_json::json;

use super::{
    super::stand::Stand,
    Story,
    crashes::{UNITS, pid},
};

/// The kernel and udev have done with a device by then.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);
/// The USB policy's rules.
const RULES: &str = "/usr/lib/udev/rules.d/75-eimza-kiosk.rules";
/// Combinations that leave a usual system, as QEMU names keys.
const WAYS_OUT: [(&str, &[&str]); 7] = [
    ("Ctrl+Alt+Backspace", &["ctrl", "alt", "backspace"]),
    ("Ctrl+Alt+Del", &["ctrl", "alt", "delete"]),
    ("Ctrl+Alt+F2", &["ctrl", "alt", "f2"]),
    ("Alt+SysRq+B", &["alt", "sysrq", "b"]),
    ("Alt+F4", &["alt", "f4"]),
    ("Esc", &["esc"]),
    ("Power", &["power"]),
];

/// Stick and keyboard are refused; then the keyboard is let in, and nothing it sends does harm.
pub(super) fn refused(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    let before = seen(stand, story)?;
    let machine = stand.machine();
    machine.monitor.ask(
        "blockdev-add",
        json!({ "driver": "null-co", "node-name": "stick", "size": 64 << 20, "read-zeroes": true }),
    )?;
    machine.plug(json!({ "driver": "usb-storage", "id": "stick0", "bus": "xhci.0", "drive": "stick" }))?;
    machine.plug(json!({ "driver": "usb-kbd", "id": "keyboard0", "bus": "xhci.0" }))?;
    let settle = "for i in $(seq 60); do n=$(ls -d /sys/bus/usb/devices/*-* | grep -vc :); \
        [ $n -ge 3 ] && break; sleep 1; done; udevadm settle; ls -d /sys/bus/usb/devices/*-*";
    story.run_within(stand, settle, SETTLED_WITHIN * 3)?;
    let listed = story.must(
        stand,
        "for d in /sys/bus/usb/devices/*-*; do [ -f $d/product ] && echo $(cat $d/authorized $d/product); done",
    )?;
    let lines: Vec<&str> = listed.lines().collect();
    let refused = |name: &str| lines.iter().any(|line| line.starts_with("0 ") && line.contains(name));
    ensure!(refused("Keyboard"), "the keyboard is not refused: {listed}");
    ensure!(refused("MSD") || refused("HARDDRIVE"), "the stick is not refused: {listed}");
    ensure!(lines.iter().any(|line| line.starts_with("1 ") && line.contains("CCID")), "no reader: {listed}");
    let after = seen(stand, story)?;
    ensure!(before == after, "something came of it: {after}, before {before}");

    story.tell("== the policy off, its rules included, and the keyboard let in");
    story.must(
        stand,
        &format!(
            "mount --bind /dev/null {RULES}; udevadm control --reload; \
             for d in /sys/bus/usb/devices/*-*; do grep -q Keyboard $d/product 2>/dev/null && echo 1 > $d/authorized; done; \
             for i in $(seq 60); do grep -qi keyboard /proc/bus/input/devices && break; sleep 1; done; \
             udevadm settle; grep -A4 -i keyboard /proc/bus/input/devices"
        ),
    )?;
    let tried = keys(stand, story);
    story.must(stand, &format!("umount {RULES}; udevadm control --reload"))?;
    tried?;
    for id in ["keyboard0", "stick0"] {
        stand.machine().unplug(id)?;
    }
    stand.machine().monitor.ask("blockdev-del", json!({ "node-name": "stick" }))?;
    Ok(())
}

/// Every combination reaches the guest, and everything runs on as before.
fn keys(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    let identity = |stand: &Stand, story: &mut Story| -> anyhow::Result<Vec<String>> {
        let mut identity =
            vec![story.must(stand, "cat /proc/sys/kernel/random/boot_id /sys/class/tty/tty0/active")?];
        for unit in UNITS {
            identity.push(pid(stand, story, unit)?);
        }
        Ok(identity)
    };
    let before = identity(stand, story)?;
    stand.agent().start(
        "e=$(grep -l -i keyboard /sys/class/input/event*/device/name | head -n1 | cut -d/ -f5); \
         timeout 600 cat /dev/input/$e > /run/kiosk-check-keys",
    )?;
    for (name, keys) in WAYS_OUT {
        let keys: Vec<_> = keys.iter().map(|key| json!({ "type": "qcode", "data": key })).collect();
        stand.machine().monitor.ask("send-key", json!({ "keys": keys, "hold-time": 300 }))?;
        stand.machine().monitor.rest(Duration::from_secs(5));
        story.tell(format!("{name} was pressed"));
    }
    let bytes = story.must(stand, "wc -c < /run/kiosk-check-keys; rm /run/kiosk-check-keys")?;
    ensure!(bytes.trim() != "0", "no key reached the guest, so nothing was tried");
    let after = identity(stand, story)?;
    ensure!(before == after, "something was started anew: {after:?}, before {before:?}");
    Ok(())
}

/// Disks and input devices, by name.
fn seen(stand: &Stand, story: &mut Story) -> anyhow::Result<String> {
    story.must(stand, "ls /sys/block | sort; cat /sys/class/input/event*/device/name | sort")
}
