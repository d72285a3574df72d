//! Where a private pcscd can be reached over the network: nowhere, if the machine allows networks of one's own.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::bench::Bench;

/// The state LISTEN, as /proc/net/tcp writes it.
const LISTEN: &str = "0A";
/// What a network and files of its own allow.
const TRIAL: &str = "mount -t tmpfs none /run && ip link set lo up";

#[test]
fn vpcd_listens_in_no_network_that_others_are_in() {
    let bench = Bench::new(None);
    bench.insert();
    if !bench.pcscd.is_apart() {
        let allowed = ["--net", "--map-root-user"].map(|flag| {
            let trial = Command::new("unshare").args([flag, "--mount", "--net", "sh", "-c", TRIAL]).output();
            trial.is_ok_and(|trial| trial.status.success())
        });
        assert_eq!(allowed, [false, false], "it has no network of its own though it could");
        return;
    }
    let pcscds = below_this_process("pcscd");
    // Both readers' ports, and sure to be there in one pcscd: others belong to tests that start or end.
    assert!(pcscds.iter().any(|pcscd| listeners(pcscd, pcscd) == 2), "no pcscd listens: {pcscds:?}");
    for pcscd in pcscds {
        assert_eq!(listeners(&pcscd, Path::new("/proc/self")), 0, "{}", pcscd.display());
    }
}

/// Processes of that name that this one started, or those it started.
fn below_this_process(name: &str) -> Vec<PathBuf> {
    let mut parents = vec![std::process::id().to_string()];
    let mut found = Vec::new();
    while let Some(parent) = parents.pop() {
        for task in fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            for child in children.split_whitespace() {
                parents.push(child.to_owned());
                let process = PathBuf::from("/proc").join(child);
                if fs::read_to_string(process.join("comm")).is_ok_and(|comm| comm.trim_end() == name) {
                    found.push(process);
                }
            }
        }
    }
    found
}

/// On how many TCP addresses a process listens in the network that another process is in.
fn listeners(process: &Path, other: &Path) -> usize {
    let sockets = fs::read_dir(process.join("fd"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|descriptor| fs::read_link(descriptor.path()).ok())
        .filter_map(|target| Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect::<HashSet<_>>();
    let listens = |row: &&str| {
        let fields = row.split_whitespace().collect::<Vec<_>>();
        matches!(fields.as_slice(), [_, _, _, LISTEN, _, _, _, _, _, socket, ..] if sockets.contains(*socket))
    };
    ["net/tcp", "net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(other.join(table)).ok())
        .map(|table| table.lines().filter(listens).count())
        .sum()
}
