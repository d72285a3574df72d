//! RAUC's service on a bus of its own: what `kiosk-appliance update` asks it, by the same calls.
//!
//! An appliance wants RAUC 1.14, which Debian 12 has not: `KIOSK_RAUC` names another program than the `rauc` of the machine. An
//! older one has to refuse whatever it is asked to install.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
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

/// RAUC's service with the configuration of a board that runs system A, and its bus.
struct Service {
    workshop: Workshop,
    program: String,
    address: String,
    _running: [Running; 2],
}

impl Service {
    fn start() -> Self {
        let workshop = Workshop::new();
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
        let address = address.trim().to_owned();
        let program = std::env::var("KIOSK_RAUC").unwrap_or_else(|_| "rauc".to_owned());
        let rauc = Command::new(&program)
            .arg("--conf")
            .arg(workshop.file("system.conf"))
            .args(["--override-boot-slot=A", "service"])
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .env("DBUS_STARTER_BUS_TYPE", "session")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let running = [Running(bus), Running(rauc)];
        // The bus tells when the service's name has an owner.
        let waited = Command::new("gdbus")
            .args(["wait", "--session", "--timeout", "20", "de.pengutronix.rauc"])
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .status()
            .unwrap();
        assert!(waited.success(), "the service does not come");
        Self { workshop, program, address, _running: running }
    }

    /// Whether it can be told which bundle it is to install.
    fn binds(&self) -> bool {
        let told = Command::new(&self.program).arg("--version").output().unwrap().stdout;
        let told = String::from_utf8(told).unwrap();
        let numbers: Vec<u32> = told
            .trim()
            .trim_start_matches("rauc ")
            .split('.')
            .map(|number| number.parse().unwrap())
            .collect();
        numbers >= vec![1, 14]
    }

    fn asked(&self, words: &[&str]) -> Output {
        Command::new("busctl")
            .arg(format!("--address={}", self.address))
            .arg("--json=short")
            .args(words)
            .output()
            .unwrap()
    }

    fn inspect(&self, bundle: &Path) -> Output {
        let bundle = bundle.display().to_string();
        self.asked(&["call", TO, "/", INTERFACE, "InspectBundle", "sa{sv}", &bundle, "0"])
    }

    fn install(&self, bundle: &Path, hash: &str) -> String {
        let ran = Command::new(&self.program)
            .arg("--conf")
            .arg(self.workshop.file("system.conf"))
            .args(["install", &format!("--require-manifest-hash={hash}")])
            .arg(bundle)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("DBUS_STARTER_BUS_TYPE", "session")
            .output()
            .unwrap();
        assert!(!ran.status.success(), "there is nothing here to install into");
        String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap()
    }
}

const TO: &str = "de.pengutronix.rauc";
const INTERFACE: &str = "de.pengutronix.rauc.Installer";

#[test]
fn raucs_service_says_what_a_bundle_is_and_installs_that_one_or_none() {
    let service = Service::start();
    let good = service.workshop.bundle("update");
    let idle = service.asked(&["get-property", TO, "/", INTERFACE, "Operation"]).stdout;
    assert_eq!(String::from_utf8(idle).unwrap().trim(), "{\"type\":\"s\",\"data\":\"idle\"}");
    if !service.binds() {
        assert!(service.install(&good, "00").contains("Unknown option --require-manifest-hash"));
        return;
    }
    assert!(!service.inspect(&service.workshop.bundle("provision")).status.success());
    let told: serde_json::Value = serde_json::from_slice(&service.inspect(&good).stdout).unwrap();
    let word = |place| told.pointer(place).and_then(serde_json::Value::as_str).unwrap();
    assert_eq!(word("/data/0/update/data/data/compatible/data"), "eimza-kiosk-raspberrypi5");
    assert_eq!(word("/data/0/update/data/data/version/data"), "2.0.1");
    let hash = word("/data/0/manifest-hash/data");
    let said = service.install(&good, hash);
    assert!(said.contains("Checking manifest contents done"), "{said}");
    // Another one, signed as well, in the same place: as a server may do between two requests.
    service.workshop.bundle("update");
    let said = service.install(&good, hash);
    assert!(said.contains("\nLastError: Refusing to install bundle with unexpected hash"), "{said}");
}
