//! What the loop does of an effect that has to be done before anything else is.

use std::{fs, path::Path};

use tokio::sync::mpsc;

use super::{
    Asides, Calls, Counters, Files, Gate, Health, HousingMark, Marks, Message, Papers, Portal, Turn,
};
use crate::{
    card::{self, ReaderName},
    config::Config,
    link::{
        intent::{Intent, Touch},
        view::{Help, Page, Service},
    },
    session::{Chance, Event, Printing, Settings, SignerEvent, fault::Cause},
    supervisor::{inbox::inbox, session},
    system::System,
    visit_lock::VisitLock,
};

/// A loop that turns by hand, on a configuration with a tamper switch, and the folder of its files.
fn turn(test: impl FnOnce(&mut Turn, &Path, &mut mpsc::Receiver<Message>)) {
    turn_in(tempfile::tempdir().unwrap().path(), test);
}

fn turn_in(folder: &Path, test: impl FnOnce(&mut Turn, &Path, &mut mpsc::Receiver<Message>)) {
    let file = |name: &str| folder.join(name);
    let root = rcgen::generate_simple_self_signed(vec!["root.invalid".to_owned()]).unwrap();
    fs::write(file("roots.pem"), root.cert.pem()).unwrap();
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/meb.toml");
    let text = format!(
        "[office]\nname = \"DENEME\"\nhelp_phone = \"000\"\nhelp_email = \"a@example.invalid\"\n\
         [portal]\nprofile = {profile:?}\nca_roots = [\"roots.pem\"]\n\
         [links]\nscreen = \"screen\"\nsigner = \"signer\"\npin = \"pin\"\nsubmission_flag = \"in-flight\"\nvisit_lock = \"visit.lock\"\n\
         [token]\n[peripherals]\ntamper = {{ chip = \"c\", offset = 1 }}\n\
         service_key = {{ chip = \"c\", offset = 2 }}\ntamper_flag = \"opened\"\n"
    );
    fs::write(file("kiosk.toml"), text).unwrap();
    let config = Config::load(&file("kiosk.toml")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    fs::write(file("visit.lock"), "").unwrap();
    let (inbox, mut messages) = inbox();
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
        printing: Some(Printing { deliver_to: String::new(), taken_apart_s: 45, wait_s: 180 }),
        online: false,
        staff: Default::default(),
        calls_staff: false,
        chance: Chance::new([0; 32]),
        recovery,
        tampered: false,
    };
    let portal = Portal::new(config.portal.clone(), inbox.clone());
    let papers = Papers::new(None, None, inbox.clone());
    let ((questions, _asked), (orders, _ordered)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
    let session = session(settings, &housing);
    let gate = Gate::open(config.links.visit_lock.as_deref(), inbox.clone()).unwrap();
    let mut turn = Turn::new(
        session,
        Files {
            marks,
            housing,
            gate,
            health: Health::new(None),
            counters: Counters::new(System::default(), None),
        },
        portal,
        Asides {
            papers,
            questions,
            orders: orders.clone(),
            calls: Calls::new(&config, false, orders, inbox.clone()),
        },
        inbox,
    );
    test(&mut turn, folder, &mut messages);
}

#[test]
fn an_opened_housing_is_on_the_disk_when_the_loop_has_turned() {
    turn(|turn, folder, _| {
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
    turn(|_, folder, _| {
        let mut peripherals = Config::load(&folder.join("kiosk.toml")).unwrap().peripherals;
        peripherals.tamper_flag = Some(folder.join("not-there/opened"));
        assert!(HousingMark::of(&peripherals).is_err());
        peripherals.tamper = None;
        assert!(HousingMark::of(&peripherals).is_ok(), "no switch, no flag");
    });
}

fn card(event: card::Event) -> Message {
    Message::Event(Event::Card(event))
}

/// A kiosk that would serve somebody; a card that comes, and goes.
fn ready(turn: &mut Turn) -> (Message, Message) {
    let reader = ReaderName("Okuyucu 00".into());
    turn.happen(Event::ClockSet(true));
    turn.take(card(card::Event::ReaderIn(reader.clone())));
    turn.happen(Event::Signer(SignerEvent::Connected));
    turn.act();
    assert!(matches!(turn.view().page, Page::Attract { .. }));
    (
        card(card::Event::CardIn { reader: reader.clone(), atr: vec![0x3b] }),
        card(card::Event::CardOut(reader)),
    )
}

#[test]
fn an_update_cannot_begin_while_somebody_is_served() {
    turn(|turn, folder, _| {
        let lock = folder.join("visit.lock");
        let free = || VisitLock::try_take(&lock).unwrap().is_some();
        let (comes, goes) = ready(turn);
        assert!(free());
        turn.take(comes);
        assert!(!free(), "before anything is done for the card");
        turn.act();
        assert_eq!(turn.view().page, Page::ReadingCard);
        assert!(!free());
        turn.take(goes);
        turn.act();
        assert_eq!(free(), turn.session.is_at_rest());
    });
}

#[test]
fn nor_while_somebody_without_a_card_is() {
    turn(|turn, folder, _| {
        let lock = folder.join("visit.lock");
        ready(turn);
        for intent in [Intent::Service(Service::WetInk), Intent::NoCard] {
            let serial = turn.view().serial;
            turn.touched(Touch { serial, intent });
        }
        turn.act();
        assert_eq!(turn.view().page, Page::Notice { service: Service::WetInk });
        assert!(VisitLock::try_take(&lock).unwrap().is_none());
    });
}

#[test]
fn a_card_that_is_taken_again_from_a_kiosk_out_of_service_lets_an_update_begin() {
    turn(|turn, folder, _| {
        let lock = folder.join("visit.lock");
        let (comes, goes) = ready(turn);
        turn.happen(Event::ClockSet(false));
        turn.take(comes);
        turn.act();
        assert!(VisitLock::try_take(&lock).unwrap().is_none());
        turn.take(goes);
        turn.act();
        assert!(VisitLock::try_take(&lock).unwrap().is_some());
    });
}

#[test]
fn nobody_is_served_while_an_update_is_written_and_whoever_waited_is_when_it_is_over() {
    turn(|turn, folder, messages| {
        let lock = folder.join("visit.lock");
        let (comes, _) = ready(turn);
        let updater = VisitLock::try_take(&lock).unwrap().unwrap();
        turn.take(comes);
        turn.act();
        assert_eq!(turn.view().page, Page::OutOfService { cause: Cause::Updating });
        drop(updater);
        let over = messages.blocking_recv().unwrap();
        assert!(matches!(over, Message::UpdateOver(_)));
        assert!(VisitLock::try_take(&lock).unwrap().is_none(), "it went from hand to hand");
        turn.take(over);
        turn.act();
        assert_eq!(turn.view().page, Page::ReadingCard);
    });
}

#[test]
fn a_housing_that_was_opened_is_so_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    turn_in(folder.path(), |turn, _, _| {
        assert_eq!(turn.view().page, Page::Starting);
        turn.happen(Event::Tamper(true));
        turn.act();
    });
    turn_in(folder.path(), |turn, _, _| {
        turn.happen(Event::Tamper(false));
        turn.act();
        assert_eq!(turn.view().page, Page::OutOfService { cause: Cause::Tampered });
    });
}
