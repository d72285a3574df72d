//! The driver gives PINs new digits, over PC/SC, on each card the bench has.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{
    sync::{LazyLock, MutexGuard},
    time::{Duration, Instant},
};

use eimza_kiosk::{
    card::ReaderName,
    link::{
        pin::Pin,
        signer::{Fault, Fingerprint},
    },
    token::akis::{Driver, NotReplaced},
};
use pcsc::{Context, ReaderState, Scope, State};
use sha2::{Digest, Sha256};
use testbench::{
    card::{Card, Event, Model, Quirk},
    pcscd::{self, Pcscd, READERS},
    pki::{Holder, KeyKind, Pki, Variant},
    visitor::Visitor,
};

const PATIENCE: Duration = Duration::from_secs(20);
const NEW: &str = "735194";

static PKI: LazyLock<Pki> = LazyLock::new(|| Pki::generate(jiff::Timestamp::now().as_second()).unwrap());

/// A card in the reader, and the driver.
struct Desk {
    pcscd: MutexGuard<'static, Pcscd>,
    visitor: Visitor,
    card: Card,
    certificate: Fingerprint,
    driver: Driver,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.driver.close();
        self.pcscd.slot(0).remove();
        await_card(false);
    }
}

impl Desk {
    fn new(model: Model, quirk: Option<Quirk>) -> Self {
        let pcscd = pcscd::of_process();
        let visitor = Visitor::generate(7);
        let holder = Holder { name: &visitor.full_name(), national_id: &visitor.national_id };
        let credential = PKI.issue(holder, Variant::Valid, KeyKind::Rsa2048).unwrap();
        let certificate = Fingerprint(Sha256::digest(&credential.certificate).into());
        let card = Card::of(model, &visitor, &[credential], &[PKI.issuer_der().to_vec()]);
        let card = match quirk {
            Some(quirk) => card.with(quirk),
            None => card,
        };
        pcscd.slot(0).insert(&card).unwrap();
        await_card(true);
        let driver = Driver::open(PATIENCE, |fault| panic!("{fault}")).unwrap();
        Self { pcscd, visitor, card, certificate, driver }
    }

    fn change(&mut self, old: &str, new: &str) -> Result<(), NotReplaced> {
        self.driver.change_pin(&reader(), self.certificate, typed(old), typed(new))
    }

    fn unblock(&mut self, puk: &str, new: &str) -> Result<(), NotReplaced> {
        self.driver.unblock(&reader(), self.certificate, typed(puk), typed(new))
    }

    fn pin(&self) -> String {
        self.visitor.pin.clone()
    }

    fn puk(&self) -> String {
        self.visitor.puk.clone()
    }

    fn wrong(&self) -> String {
        self.visitor.pin.chars().rev().collect()
    }

    /// What the card says to these digits, asked without the driver.
    fn says_to(&self, model: Model, digits: &str) -> u16 {
        let reference = if model == Model::V2 { 0x01 } else { 0x80 };
        let length = u8::try_from(digits.len()).unwrap();
        let answer =
            self.card.transmit(&[&[0x00, 0x20, 0x00, reference, length], digits.as_bytes()].concat());
        u16::from_be_bytes(*answer.last_chunk().unwrap())
    }

    /// Names of the commands of a visit that spend tries.
    fn spent(&self) -> Vec<&'static str> {
        let spend = |event: Event| match event {
            Event::Answered { command, .. }
                if ["VERIFY", "CHANGE REFERENCE DATA", "RESET RETRY COUNTER"].contains(&command) =>
            {
                Some(command)
            }
            Event::Answered { .. }
            | Event::Inserted
            | Event::Removed
            | Event::Powered
            | Event::Off
            | Event::Silent => None,
        };
        let events = self.pcscd.slot(0).events();
        let since = events.iter().rposition(|event| *event == Event::Inserted).unwrap();
        events[since..].iter().copied().filter_map(spend).collect()
    }
}

fn reader() -> ReaderName {
    ReaderName(READERS[0].to_owned())
}

fn typed(digits: &str) -> Pin {
    let mut pin = Pin::new().unwrap();
    for digit in digits.bytes() {
        assert!(pin.push(digit - b'0'));
    }
    pin
}

fn await_card(there: bool) {
    let context = Context::establish(Scope::User).unwrap();
    let mut states = [ReaderState::new(std::ffi::CString::new(READERS[0]).unwrap(), State::UNAWARE)];
    let until = Instant::now() + PATIENCE;
    loop {
        context.get_status_change(until - Instant::now(), &mut states).unwrap();
        if states[0].event_state().contains(State::PRESENT) == there {
            return;
        }
        states[0].sync_current_state();
    }
}

/// Each named function is a test per card.
macro_rules! on_every_card {
    ($($name:ident)*) => {
        mod v1_0 {
            $(#[test] fn $name() { super::$name(super::Model::V1_0); })*
        }
        mod v1_0_over_t0 {
            $(#[test] fn $name() { super::$name(super::Model::V1_0OverT0); })*
        }
        mod v2 {
            $(#[test] fn $name() { super::$name(super::Model::V2); })*
        }
    };
}

on_every_card! {
    whoever_knows_the_pin_gives_it_new_digits_and_leaves_the_card_logged_out
    a_wrong_pin_costs_one_try_and_changes_nothing
    the_puk_opens_a_locked_pin_with_new_digits
    a_wrong_puk_costs_one_of_its_own_tries_and_opens_nothing
    digits_that_cannot_be_a_pin_are_not_sent
    a_card_that_is_pulled_has_kept_its_pin
    a_card_that_gives_the_pin_another_name_is_asked_nothing
}

fn whoever_knows_the_pin_gives_it_new_digits_and_leaves_the_card_logged_out(model: Model) {
    let mut desk = Desk::new(model, None);
    assert_eq!(desk.change(&desk.pin(), NEW), Ok(()));
    assert_eq!(desk.spent(), ["CHANGE REFERENCE DATA"]);
    assert_eq!(desk.pcscd.slot(0).events().last(), Some(&Event::Powered), "reset at the end");
    assert_eq!(desk.says_to(model, &desk.pin()), 0x63C2);
    assert_eq!(desk.says_to(model, NEW), 0x9000);
    desk.card.power();
    // The driver goes on with the same card.
    assert_eq!(desk.change(NEW, &desk.pin()), Ok(()));
}

fn a_wrong_pin_costs_one_try_and_changes_nothing(model: Model) {
    let mut desk = Desk::new(model, None);
    let wrong = desk.wrong();
    assert_eq!(desk.change(&wrong, NEW), Err(NotReplaced::Wrong(Some(2))));
    assert_eq!(desk.spent(), ["CHANGE REFERENCE DATA"]);
    assert_eq!(desk.card.tries(), 2);
    assert_eq!(desk.change(&wrong, NEW), Err(NotReplaced::Wrong(Some(1))));
    assert_eq!(desk.change(&wrong, NEW), Err(NotReplaced::Wrong(Some(0))), "locked");
    assert_eq!(desk.change(&desk.pin(), NEW), Err(NotReplaced::Wrong(Some(0))));
}

fn the_puk_opens_a_locked_pin_with_new_digits(model: Model) {
    let mut desk = Desk::new(model, None);
    desk.card.set_tries(0);
    assert_eq!(desk.unblock(&desk.puk(), NEW), Ok(()));
    assert_eq!(desk.card.tries(), 3);
    assert_eq!(desk.says_to(model, NEW), 0x9000);
}

fn a_wrong_puk_costs_one_of_its_own_tries_and_opens_nothing(model: Model) {
    let mut desk = Desk::new(model, None);
    desk.card.set_tries(0);
    assert_eq!(desk.unblock("99999999", NEW), Err(NotReplaced::Wrong(Some(9))));
    assert_eq!(desk.spent().len(), 1, "nothing follows a PUK that is wrong");
    assert_eq!(desk.card.tries(), 0);
    assert_eq!(desk.unblock(&desk.puk(), NEW), Ok(()));
}

fn digits_that_cannot_be_a_pin_are_not_sent(model: Model) {
    let mut desk = Desk::new(model, None);
    for (old, new) in [("", NEW), ("12345", NEW), (&*desk.pin(), ""), (&*desk.pin(), "12345")] {
        assert_eq!(desk.change(old, new), Err(NotReplaced::Unfit));
        assert_eq!(desk.unblock(old, new), Err(NotReplaced::Unfit));
    }
    assert!(desk.spent().is_empty());
}

fn a_card_that_is_pulled_has_kept_its_pin(model: Model) {
    let mut desk = Desk::new(model, None);
    assert_eq!(desk.change(&desk.wrong(), NEW), Err(NotReplaced::Wrong(Some(2))));
    desk.pcscd.slot(0).remove();
    await_card(false);
    let gone = desk.change(&desk.pin(), NEW);
    assert!(matches!(gone, Err(NotReplaced::Fault(Fault::NoCard | Fault::CardPulled))), "{gone:?}");
    desk.pcscd.slot(0).insert(&desk.card).unwrap();
    await_card(true);
    assert_eq!(desk.change(&desk.pin(), NEW), Ok(()));
}

#[test]
fn on_another_card_than_the_one_that_was_asked_about_nothing_is_changed() {
    let mut desk = Desk::new(Model::V1_0, None);
    desk.certificate = Fingerprint([9; 32]);
    for refused in [desk.change(&desk.pin(), NEW), desk.unblock(&desk.puk(), NEW)] {
        assert_eq!(refused, Err(NotReplaced::Fault(Fault::OtherCard)));
    }
    assert!(desk.spent().is_empty());
}

#[test]
fn a_puk_the_cards_directory_does_not_list_is_not_sent_where_it_has_a_name_of_its_own() {
    let mut desk = Desk::new(Model::V2, Some(Quirk::PukNotListed));
    desk.card.set_tries(0);
    assert_eq!(desk.unblock(&desk.puk(), NEW), Err(NotReplaced::Fault(Fault::UnknownCard)));
    assert!(desk.spent().is_empty());
}

fn a_card_that_gives_the_pin_another_name_is_asked_nothing(model: Model) {
    let mut desk = Desk::new(model, Some(Quirk::PinCalledOtherwise));
    for refused in [desk.change(&desk.pin(), NEW), desk.unblock(&desk.puk(), NEW)] {
        assert_eq!(refused, Err(NotReplaced::Fault(Fault::UnknownCard)));
    }
    assert!(desk.spent().is_empty());
    assert_eq!(desk.card.tries(), 3);
}
