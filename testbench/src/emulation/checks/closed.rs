//! What is closed: no socket that listens, no file that can be written, no program that does not belong there.

use anyhow::ensure;

use super::{super::stand::Stand, Story};

/// TCP's state "listening" as `/proc/net/tcp` has it.
const LISTENING: &str = "0A";
/// UDP port of a DHCP client: it hears the network that gives it its address.
const DHCP_CLIENT: u16 = 68;

/// ICMPv6, as a raw socket's "port": routers are heard on it, by which the network gives an address.
const ICMP_V6: u16 = 58;

/// Nothing listens on any address.
pub(super) fn sockets(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    let mut open = Vec::new();
    for table in ["tcp", "tcp6", "udp", "udp6", "udplite", "raw", "raw6"] {
        let read = story.must(stand, &format!("cat /proc/net/{table} 2>/dev/null || true"))?;
        open.extend(listening(table, &read));
    }
    ensure!(open.is_empty(), "these listen: {}", open.join(", "));
    Ok(())
}

/// The sockets of a table that take what a stranger sends.
fn listening(table: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().skip(1) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, local, remote, state, ..] = words.as_slice() else { continue };
        let port = local.rsplit(':').next().and_then(|port| u16::from_str_radix(port, 16).ok());
        let nobodys = remote.bytes().all(|byte| byte == b'0' || byte == b':');
        let listens = match table {
            "tcp" | "tcp6" => *state == LISTENING,
            "raw6" => nobodys && port != Some(ICMP_V6),
            _ => nobodys && port != Some(DHCP_CLIENT),
        };
        if listens {
            found.push(format!("{table} {local}"));
        }
    }
    found
}

/// The root file system cannot be written, by root either.
pub(super) fn root(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    let mounted = story.must(stand, "grep ' / ' /proc/mounts")?;
    ensure!(mounted.contains(" erofs ro"), "the root is no read-only EROFS: {mounted}");
    for (what, script) in [
        ("a file was made", "touch /kiosk-check"),
        ("a program was replaced", "echo 1 > /usr/bin/kioskd"),
        ("a setting was changed", "echo 1 > /etc/hostname"),
        ("it was mounted to be written", "mount -o remount,rw / && touch /kiosk-check"),
    ] {
        ensure!(story.run(stand, script)?.status != 0, "{what}");
    }
    // What can be written is in memory, but the data partition, and runs nothing.
    let writable = story.must(
        stand,
        "awk '$4 ~ /^rw/ && $3 ~ /^(ext4|vfat|btrfs|xfs|f2fs|erofs)$/ { print $2, $3, $4 }' /proc/mounts",
    )?;
    for line in writable.lines() {
        ensure!(line.contains("noexec") && line.contains("nosuid"), "programs can be put on {line}");
        ensure!(line.starts_with("/data ") || line.starts_with("/boot"), "{line} outlives a start");
    }
    Ok(())
}

/// What belongs on a bench, and what somebody could log in by.
pub(super) fn absent(stand: &mut Stand, story: &mut Story) -> anyhow::Result<()> {
    let names = [
        "kiosk-ui-headless",
        "demo",
        "soak",
        "emulate",
        "portal-simulator",
        "card-emulator",
        "sshd",
        "agetty",
        "getty",
        "telnetd",
        "opensc-tool",
        "pkcs11-tool",
        "gdb",
        "strace",
    ];
    let wanted = names.map(|name| format!("-name {name}")).join(" -o ");
    let found = story.must(stand, &format!("find / -xdev -type f \\( {wanted} \\)"))?;
    ensure!(found.trim().is_empty(), "there is {}", found.trim());
    let there = story.must(stand, "find / -xdev -type f -name kiosk-ui")?;
    ensure!(there.trim() == "/usr/bin/kiosk-ui", "the search finds nothing that is there either");
    let logins = story.must(stand, "systemctl list-units --all --no-legend '*getty*' 'ssh*' 'console-*'")?;
    let active = logins.lines().find(|line| line.contains(" active "));
    ensure!(active.is_none(), "somebody can log in: {logins}");
    let passwords = story.must(stand, "cut -d: -f2 /etc/shadow | sort -u")?;
    ensure!(
        passwords.lines().all(|word| word.starts_with('!') || word.starts_with('*')),
        "somebody has a password, or needs none"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::listening;

    #[test]
    fn what_listens_is_told_from_what_is_connected() {
        let tcp = "  sl  local_address rem_address   st\n\
             0: 00000000:0016 00000000:0000 0A 0\n   1: 0F02000A:C3F2 0202000A:2774 01 0\n";
        assert_eq!(listening("tcp", tcp), ["tcp 00000000:0016"]);
        let udp = "  sl  local_address rem_address   st\n\
             0: 0F02000A:0044 00000000:0000 07 0\n   1: 00000000:14E9 00000000:0000 07 0\n\
             2: 0F02000A:8D6F 0302000A:0035 01 0\n";
        assert_eq!(listening("udp", udp), ["udp 00000000:14E9"]);
        let raw = "  sl  local_address rem_address   st\n\
             58: 00000000000000000000000000000000:003A 00000000000000000000000000000000:0000 07 0\n\
             1: 00000000000000000000000000000000:0001 00000000000000000000000000000000:0000 07 0\n";
        assert_eq!(listening("raw6", raw), ["raw6 00000000000000000000000000000000:0001"]);
    }
}
