//! Real bundles in a folder that stands for the appliance's `/`.

use std::{fs, os::unix::fs::MetadataExt};

use tempfile::TempDir;

use super::{InForce, InstallError, Installed, Roots, activate, install, install::Step};
use crate::{
    appliance::stand_ins::lay_image,
    config::Config,
    durable,
    provision::{
        ProvisionError, load,
        making::{bundle, bundle_of, files, key, settings, sign, tar},
    },
};

const NOW: Option<i64> = None;

struct Appliance {
    roots: Roots,
    _folder: TempDir,
}

impl Appliance {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let roots = Roots::under(folder.path());
        lay_image(&roots);
        Self { roots, _folder: folder }
    }

    /// Which bundle a boot puts in force; the configuration is one `kioskd` serves with.
    fn boot(&self) -> (InForce, Option<u64>, Vec<String>) {
        // The volatile folder is empty after a power cut.
        drop(fs::remove_dir_all(&self.roots.run));
        let activated = activate(&self.roots, NOW).unwrap();
        if activated.in_force != InForce::None {
            let (config, _) = load(&self.roots.run.join("kiosk.toml")).unwrap();
            assert_eq!(config.office.name, format!("DENEME Ofisi {}", activated.serial.unwrap()));
        }
        let word = fs::read_to_string(self.roots.run.join("provision.json")).unwrap();
        assert_eq!(word, serde_json::to_string(&activated).unwrap());
        (activated.in_force, activated.serial, activated.problems)
    }

    fn install(&self, serial: u64) -> Result<Installed, InstallError> {
        install(&self.roots, &bundle(serial), NOW)
    }

    /// The same at a time when the clock can be trusted.
    fn boot_at(&self, now: i64) -> Vec<String> {
        activate(&self.roots, Some(now)).unwrap().problems
    }

    fn last(&self) -> String {
        fs::read_to_string(self.roots.last()).unwrap()
    }
}

#[test]
fn a_kiosk_without_settings_says_so() {
    let kiosk = Appliance::new();
    assert_eq!(kiosk.boot(), (InForce::None, None, vec![]));
    let config = kiosk.roots.run.join("kiosk.toml");
    assert!(Config::load(&config).is_err());
    let salvaged = crate::config::Salvaged::from(&config);
    assert!(salvaged.not_set_up && salvaged.links.is_some());
}

#[test]
fn an_installed_bundle_is_in_force_at_every_boot() {
    let kiosk = Appliance::new();
    assert_eq!(kiosk.install(3).unwrap(), Installed::New { serial: 3 });
    assert!(kiosk.last().contains("installed"));
    for _ in 0..2 {
        assert_eq!(kiosk.boot(), (InForce::Current, Some(3), vec![]));
    }
    assert_eq!(kiosk.install(3).unwrap(), Installed::Already { serial: 3 });
    assert!(!kiosk.roots.trial().exists());
}

#[test]
fn an_older_bundle_is_not_installed_over_a_newer_one() {
    let kiosk = Appliance::new();
    kiosk.install(3).unwrap();
    kiosk.install(5).unwrap();
    assert!(matches!(kiosk.install(3), Err(InstallError::Older { found: 3, newest: 5 })));
    let same_number = bundle_of(&format!("{}[rules]\nidle_s = 61\n", settings(5)));
    let refused = install(&kiosk.roots, &same_number, NOW);
    assert!(matches!(refused, Err(InstallError::Older { found: 5, newest: 5 })));
    assert!(kiosk.last().contains("found 5, expected more than 5"), "{}", kiosk.last());
    assert_eq!(kiosk.boot(), (InForce::Current, Some(5), vec![]));
    // A newest one that does not verify any more does not open the door to those before the previous one.
    fs::write(kiosk.roots.current(), "broken").unwrap();
    assert!(matches!(kiosk.install(2), Err(InstallError::Older { found: 2, newest: 3 })));
}

#[test]
fn a_bundle_that_is_not_right_replaces_nothing() {
    let kiosk = Appliance::new();
    kiosk.install(1).unwrap();
    let forged = sign(&tar(&files(&settings(9))), &key("update.pem"), &key("update.key"));
    let unsound = bundle_of(&format!("{}[rules]\nidle_s = 1\n", settings(9)));
    for bundle in [forged, unsound, b"nonsense".to_vec()] {
        assert!(matches!(install(&kiosk.roots, &bundle, NOW), Err(InstallError::Refused(_))));
        assert!(kiosk.last().contains("refused"));
    }
    assert_eq!(kiosk.boot(), (InForce::Current, Some(1), vec![]));
}

#[test]
fn a_current_bundle_that_broke_gives_way_to_the_previous_one_and_it_is_said_why() {
    let kiosk = Appliance::new();
    kiosk.install(1).unwrap();
    kiosk.install(2).unwrap();
    let mut bytes = fs::read(kiosk.roots.current()).unwrap();
    bytes[1000] ^= 1;
    fs::write(kiosk.roots.current(), &bytes).unwrap();
    let (in_force, serial, problems) = kiosk.boot();
    assert_eq!((in_force, serial), (InForce::Previous, Some(1)));
    assert!(problems[0].starts_with("the current bundle: the bundle's signature: "), "{problems:?}");
    // It is not worth the place of the previous one.
    kiosk.install(4).unwrap();
    assert_eq!(kiosk.boot(), (InForce::Current, Some(4), vec![]));
    fs::remove_file(kiosk.roots.current()).unwrap();
    assert_eq!(kiosk.boot().1, Some(1));
    fs::write(kiosk.roots.previous(), "broken").unwrap();
    assert_eq!(kiosk.boot().0, InForce::None);
}

#[test]
fn an_authority_that_is_missing_is_no_kiosk_that_was_never_set_up() {
    let kiosk = Appliance::new();
    kiosk.install(1).unwrap();
    fs::remove_file(&kiosk.roots.trust).unwrap();
    let (in_force, _, problems) = kiosk.boot();
    assert_eq!(in_force, InForce::None);
    assert!(problems[0].contains("provision-ca.pem"), "{problems:?}");
    fs::remove_file(&kiosk.roots.places.machine).unwrap();
    assert!(matches!(activate(&kiosk.roots, NOW), Err(ProvisionError::File { .. })));
}

#[test]
fn wherever_the_power_goes_an_old_or_the_new_bundle_is_in_force() {
    let (one, two) = (bundle(1), bundle(2));
    for kept in [false, true] {
        let steps = Step::all(kept);
        for cut in 0..=steps.len() {
            let kiosk = Appliance::new();
            let before = if kept {
                install(&kiosk.roots, &one, NOW).unwrap();
                (InForce::Current, Some(1))
            } else {
                fs::create_dir_all(&kiosk.roots.data).unwrap();
                (InForce::None, None)
            };
            for step in &steps[..cut] {
                step.take(&kiosk.roots, &two).unwrap();
            }
            let (in_force, serial, problems) = kiosk.boot();
            let expected = if cut == steps.len() { (InForce::Current, Some(2)) } else { before };
            assert_eq!((in_force, serial), expected, "kept {kept}, cut after {cut}");
            assert!(problems.is_empty(), "{problems:?}");
            // And the next installation is not in the way of what the cut left.
            install(&kiosk.roots, &two, NOW).unwrap();
            assert_eq!(kiosk.boot().1, Some(2));
        }
    }
}

#[test]
fn a_bundle_that_was_written_in_part_is_not_looked_at() {
    let kiosk = Appliance::new();
    kiosk.install(1).unwrap();
    fs::write(durable::beside(&kiosk.roots.current()), &bundle(2)[..500]).unwrap();
    fs::write(durable::beside(&kiosk.roots.previous()), b"").unwrap();
    assert_eq!(kiosk.boot(), (InForce::Current, Some(1), vec![]));
    kiosk.install(2).unwrap();
    assert_eq!(kiosk.boot(), (InForce::Current, Some(2), vec![]));
}

#[test]
fn what_staff_lay_on_the_boot_partition_is_installed_once_and_may_stay_there() {
    let kiosk = Appliance::new();
    fs::write(kiosk.roots.on_medium(), bundle(2)).unwrap();
    for _ in 0..2 {
        assert_eq!(kiosk.boot(), (InForce::Current, Some(2), vec![]));
    }
    kiosk.install(3).unwrap();
    assert_eq!(kiosk.boot(), (InForce::Current, Some(3), vec![]), "an old one stays where it is");
    fs::write(kiosk.roots.on_medium(), "nonsense").unwrap();
    let (in_force, serial, problems) = kiosk.boot();
    assert_eq!((in_force, serial), (InForce::Current, Some(3)));
    assert!(problems[0].contains("eimza-kiosk.bundle: the bundle's signature"), "{problems:?}");
    assert!(kiosk.last().contains("refused"));
}

#[test]
fn a_bundle_that_stays_on_the_boot_partition_says_nothing_when_its_signers_certificate_has_ended() {
    let kiosk = Appliance::new();
    let (one, two) = (bundle(1), bundle(2));
    fs::write(kiosk.roots.on_medium(), &one).unwrap();
    let now = jiff::Timestamp::now().as_second();
    assert!(kiosk.boot_at(now).is_empty());
    let written = || (kiosk.last(), fs::metadata(kiosk.roots.last()).unwrap().ino());
    let installed = written();
    let years_later = now + 20 * 365 * 86_400;
    assert!(kiosk.boot_at(years_later).is_empty(), "the one that is in force");
    assert_eq!(written(), installed, "and how it came to be");
    install(&kiosk.roots, &two, None).unwrap();
    let installed = written();
    assert!(kiosk.boot_at(years_later).is_empty(), "one that was overtaken");
    assert_eq!(written(), installed);
    // A new one is judged by the time; what is wrong with it is written down once.
    fs::write(kiosk.roots.on_medium(), bundle(3)).unwrap();
    let problems = kiosk.boot_at(years_later);
    assert!(problems[0].contains("expected one that is valid now"), "{problems:?}");
    let refused = written();
    assert!(refused.0.contains("refused"));
    assert_eq!(kiosk.boot_at(years_later + 86_400), problems);
    assert_eq!(written(), refused);
    assert_eq!(activate(&kiosk.roots, Some(years_later)).unwrap().serial, Some(2));
}

#[test]
fn three_users_can_read_what_is_in_force() {
    let kiosk = Appliance::new();
    kiosk.install(1).unwrap();
    kiosk.boot();
    for name in ["kiosk.toml", "office/ca/root.pem", "provision.json"] {
        let mode = fs::metadata(kiosk.roots.run.join(name)).unwrap().mode();
        assert_eq!(mode & 0o777, 0o644, "{name}");
    }
    assert_eq!(fs::metadata(kiosk.roots.run.join("office/ca")).unwrap().mode() & 0o777, 0o755);
}
