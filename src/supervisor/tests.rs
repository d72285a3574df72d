//! What the loop does of an effect that has to be done before anything else is.

use std::{fs, path::Path};

use tokio::sync::mpsc;

use super::{HousingMark, Marks, Portal, Turn, inbox, session};
use crate::{
    config::Config,
    link::view::{Help, Page},
    session::{Event, Settings, fault::Cause},
};

/// A loop that turns by hand, on a configuration with a tamper switch, and the folder of its files.
fn turn(test: impl FnOnce(&mut Turn, &Path)) {
    turn_in(tempfile::tempdir().unwrap().path(), test);
}

fn turn_in(folder: &Path, test: impl FnOnce(&mut Turn, &Path)) {
    let file = |name: &str| folder.join(name);
    let root = rcgen::generate_simple_self_signed(vec!["root.invalid".to_owned()]).unwrap();
    fs::write(file("roots.pem"), root.cert.pem()).unwrap();
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/meb.toml");
    let text = format!(
        "[office]\nname = \"DENEME\"\nhelp_phone = \"000\"\nhelp_email = \"a@example.invalid\"\n\
         [portal]\nprofile = {profile:?}\nca_roots = [\"roots.pem\"]\n\
         [links]\nscreen = \"screen\"\nsigner = \"signer\"\npin = \"pin\"\nsubmission_flag = \"in-flight\"\n\
         [token]\n[peripherals]\ntamper = {{ chip = \"c\", offset = 1 }}\n\
         service_key = {{ chip = \"c\", offset = 2 }}\ntamper_flag = \"opened\"\n"
    );
    fs::write(file("kiosk.toml"), text).unwrap();
    let config = Config::load(&file("kiosk.toml")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (inbox, _messages) = inbox();
        let (marks, recovery) = Marks::begin(&config.links.submission_flag).unwrap();
        let housing = HousingMark::of(&config.peripherals).unwrap();
        let settings = Settings {
            office: config.office.name.clone(),
            help: Help { phone: String::new(), email: String::new() },
            word_hint: None,
            defaults: Default::default(),
            rules: config.rules.clone(),
            contract_labels: Vec::new(),
            sms_digits: 6,
            portal_s: 60,
            pin_pad: false,
            recovery,
            tampered: false,
        };
        let portal = Portal::new(config.portal.clone(), inbox.clone());
        let ((questions, _asked), (orders, _ordered)) =
            (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let session = session(settings, &housing);
        test(&mut Turn::new(session, marks, housing, portal, questions, orders, inbox), folder);
    });
}

#[test]
fn an_opened_housing_is_on_the_disk_when_the_loop_has_turned() {
    turn(|turn, folder| {
        let opened = folder.join("opened");
        turn.happen(Event::Tamper(false));
        turn.act();
        assert!(!opened.exists(), "closed all the time");
        turn.happen(Event::Tamper(true));
        turn.act();
        assert_eq!(fs::read(&opened).unwrap(), b"", "raised, and nothing is in it");
        turn.happen(Event::Tamper(false));
        turn.act();
        assert!(opened.exists(), "closing it is not looking after it");
    });
}

#[test]
fn a_flag_that_cannot_be_raised_is_refused_at_the_start() {
    turn(|_, folder| {
        let mut peripherals = Config::load(&folder.join("kiosk.toml")).unwrap().peripherals;
        peripherals.tamper_flag = Some(folder.join("not-there/opened"));
        assert!(HousingMark::of(&peripherals).is_err());
        peripherals.tamper = None;
        assert!(HousingMark::of(&peripherals).is_ok(), "no switch, no flag");
    });
}

#[test]
fn a_housing_that_was_opened_is_so_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    turn_in(folder.path(), |turn, _| {
        assert_eq!(turn.view().page, Page::Starting);
        turn.happen(Event::Tamper(true));
        turn.act();
    });
    turn_in(folder.path(), |turn, _| {
        turn.happen(Event::Tamper(false));
        turn.act();
        assert_eq!(turn.view().page, Page::OutOfService { cause: Cause::Tampered });
    });
}
