//! Broken configurations end the process with a status and a line that says what to change.

use std::{
    fs,
    io::Read,
    os::unix::{fs::MetadataExt, net::UnixStream},
};

use eimza_kiosk::link::signer::{Reply, Request};

use crate::harness::{Home, Signer, connect};

fn ends_with(change: impl FnOnce(String) -> String, words: &[&str]) {
    let home = Home::new(change);
    let (status, log) = home.run_to_the_end();
    assert_eq!(status.code(), Some(2), "{log}");
    for word in words {
        assert!(log.contains(word), "{word:?} is not in {log}");
    }
}

#[test]
fn a_module_that_is_not_there_is_named() {
    let missing = |config: String| config.replace("libsofthsm2.so", "libnone.so");
    ends_with(missing, &["token.module", "libnone.so", "a PKCS#11 module"]);
}

#[test]
fn a_library_that_is_no_module_is_named() {
    let other = |config: String| config.replace("/usr/lib/softhsm/libsofthsm2.so", "libc.so.6");
    ends_with(other, &["token.module", "libc.so.6"]);
}

#[test]
fn an_unknown_key_is_named_with_its_file() {
    ends_with(|config| config.replace("label =", "labell ="), &["kiosk.toml", "labell"]);
}

#[test]
fn a_socket_that_cannot_be_bound_is_named() {
    ends_with(|config| config.replace("pin = \"pin\"", "pin = \"no/such/folder\""), &["links.pin"]);
}

#[test]
fn a_kioskd_of_another_uid_is_turned_away() {
    let home = Home::new(|config| config.replace("[token]", "supervisor_uid = 54321\n[token]"));
    let mut process = home.spawn();
    home.await_ready();
    let mut link: UnixStream = connect(&home.path("signer"));
    assert_eq!(link.read(&mut [0]).unwrap(), 0, "turned away");
    process.kill().unwrap();
    process.wait().unwrap();
}

#[test]
fn it_leaves_no_core_and_its_memory_belongs_to_root_in_every_image() {
    let mut signer = Signer::start();
    for _ in 0..2 {
        let process = format!("/proc/{}", signer.process_id());
        let limits = fs::read_to_string(format!("{process}/limits")).unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().nth(5), Some("0"), "{core}");
        assert_eq!(fs::metadata(format!("{process}/mem")).unwrap().uid(), 0);
        assert_eq!(signer.ask(Request::EndVisit), Ok(Reply::Done));
        signer.await_new_image();
    }
}
