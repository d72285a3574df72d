//! RAUC's service on a bus of its own: what `kiosk-appliance update check` asks it, by the same call.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use crate::bundles::Workshop;

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn raucs_service_says_what_a_bundle_is_and_nothing_of_one_it_does_not_believe() {
    let workshop = Workshop::new();
    let (good, other) = (workshop.bundle("update"), workshop.bundle("provision"));
    let conf = fs::read_to_string(workshop.file("system.conf")).unwrap();
    let keyring = workshop.file("keys/update-ca.pem").display().to_string();
    let here = conf
        .replace("/etc/rauc/keyring.pem", &keyring)
        .replace("/data/update", &workshop.file("").display().to_string());
    fs::write(workshop.file("system.conf"), here).unwrap();

    let mut bus = Command::new("dbus-daemon")
        .args(["--session", "--nofork", "--print-address=1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut address = String::new();
    BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let (_bus, address) = (Running(bus), address.trim().to_owned());
    let _rauc = Running(
        Command::new("rauc")
            .arg("--conf")
            .arg(workshop.file("system.conf"))
            .args(["--override-boot-slot=A", "service"])
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .env("DBUS_STARTER_BUS_TYPE", "session")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let on_the_bus = |words: &[&str]| {
        Command::new("busctl").arg(format!("--address={address}")).args(words).output().unwrap()
    };
    // The bus tells when the service's name has an owner.
    let waited = Command::new("gdbus")
        .args(["wait", "--session", "--timeout", "20", "de.pengutronix.rauc"])
        .env("DBUS_SESSION_BUS_ADDRESS", &address)
        .status()
        .unwrap();
    assert!(waited.success(), "the service does not come");
    let info = |bundle: &std::path::Path| {
        let (to, interface) = ("de.pengutronix.rauc", "de.pengutronix.rauc.Installer");
        let bundle = bundle.display().to_string();
        on_the_bus(&["--json=short", "call", to, "/", interface, "Info", "s", &bundle])
    };
    let told = String::from_utf8(info(&good).stdout).unwrap();
    assert_eq!(told.trim(), "{\"type\":\"ss\",\"data\":[\"eimza-kiosk-raspberrypi5\",\"2.0.1\"]}");
    assert!(!info(&other).status.success());
}
