//! Another PIN for the emulated card, through the real signer: changed by whoever knows it, opened with the PUK.

use eimza_kiosk::{
    card::certificate::Certificate,
    link::{
        new_pin,
        pin::{Pin, Verdict},
        signer::{Fault, Reply, Request, RequestId, TriesLeft},
    },
    redact::PortalSecret,
};
use testbench::{
    card::{Event, Pull},
    demo::remains,
};

use crate::bench::{Bench, FORM, UNDERTAKING, Way, connect};

on_every_way! {
    whoever_knows_the_pin_changes_it_and_signs_with_the_new_one_alone
    a_wrong_old_pin_costs_one_try_changes_nothing_and_locks_in_the_end
    a_locked_pin_is_opened_with_the_puk_and_signs_with_the_new_one
    a_wrong_puk_costs_tries_of_its_own_until_it_locks_and_is_never_a_wrong_pin
    a_card_pulled_while_it_takes_the_new_pin_leaves_either_and_nobody_claims_to_know
    neither_a_pin_nor_the_puk_stays_in_the_signers_memory
}

const NEW: &str = "735194";
/// Tries of the card's PUK.
const PUK_TRIES: u8 = 10;
/// Commands that weigh a PIN or a PUK.
const WEIGH: [&str; 3] = ["VERIFY", "CHANGE REFERENCE DATA", "RESET RETRY COUNTER"];

fn typed(digits: &str) -> Pin {
    Pin::of_digits(digits.as_bytes()).unwrap()
}

impl Bench {
    fn announce_change(&mut self) -> Result<Reply, Fault> {
        let certificate = Certificate::parse(&self.certificates()[0]).unwrap().fingerprint();
        self.ask(Request::PrepareChange { certificate, life_ms: 120_000 })
    }

    fn announce_unblock(&mut self, puk: &str) -> Result<Reply, Fault> {
        let certificate = Certificate::parse(&self.certificates()[0]).unwrap().fingerprint();
        let puk = PortalSecret::new(puk);
        self.ask(Request::PrepareUnblock { certificate, puk, life_ms: 120_000 })
    }

    fn type_new(&self, request: RequestId, old: Option<&str>) -> Verdict {
        let (old, new) = (old.map(typed), typed(NEW));
        new_pin::send(&mut connect(&self.path("pin")), request, true, old.as_ref(), &new).unwrap()
    }

    fn change(&mut self, old: &str) -> Result<Reply, Fault> {
        let request = name(self.announce_change()?);
        assert_eq!(self.type_new(request, Some(old)), Verdict::Accepted);
        self.ask(Request::Collect(request))
    }

    fn unblock(&mut self, puk: &str) -> Result<Reply, Fault> {
        let request = name(self.announce_unblock(puk)?);
        assert_eq!(self.type_new(request, None), Verdict::Accepted);
        self.ask(Request::Collect(request))
    }

    /// A PUK that is announced and given up.
    fn unblock_in_vain(&mut self, puk: &str) {
        let request = name(self.announce_unblock(puk).unwrap());
        assert_eq!(self.ask(Request::Abandon(request)), Ok(Reply::Done));
    }

    /// The commands so far that weighed something.
    fn weighed(&self) -> Vec<&'static str> {
        let weighed = |event| match event {
            Event::Answered { command, .. } => WEIGH.into_iter().find(|known| *known == command),
            Event::Inserted | Event::Removed | Event::Powered | Event::Off | Event::Silent => None,
        };
        self.slot().events().into_iter().filter_map(weighed).collect()
    }

    fn signs_with(&mut self, pin: &str) -> bool {
        let signed = self.sign_with(pin);
        if let Err(Fault::WrongPin { .. }) = signed {
            return false;
        }
        self.opened(signed) == [FORM, UNDERTAKING]
    }
}

fn name(reply: Reply) -> RequestId {
    let Reply::Prepared { request, .. } = reply else { panic!("{reply:?}") };
    request
}

fn whoever_knows_the_pin_changes_it_and_signs_with_the_new_one_alone(way: Way) {
    let mut bench = Bench::new(way, None);
    let pin = bench.visitor.pin.clone();
    assert_eq!(bench.change(&pin), Ok(Reply::Done), "{}", bench.log());
    assert_eq!(bench.weighed(), ["CHANGE REFERENCE DATA"]);
    assert!(bench.signs_with(NEW));
    assert!(!bench.signs_with(&pin));
    assert!(!bench.log().contains(NEW));
}

fn a_wrong_old_pin_costs_one_try_changes_nothing_and_locks_in_the_end(way: Way) {
    let mut bench = Bench::new(way, None);
    let (pin, wrong) = (bench.visitor.pin.clone(), bench.wrong_pin());
    assert!(matches!(bench.change(&wrong), Err(Fault::WrongPin { .. })));
    assert_eq!((bench.weighed().len(), bench.card.tries()), (1, 2));
    assert!(bench.signs_with(&pin), "and the right one fills the counter");
    for left in [2, 1] {
        assert!(matches!(bench.change(&wrong), Err(Fault::WrongPin { .. })));
        assert_eq!(bench.card.tries(), left);
    }
    assert_eq!(bench.change(&wrong), Err(Fault::PinLocked));
    assert_eq!(bench.change(&pin), Err(Fault::PinLocked));
    assert!(bench.card.tries() == 0 && !bench.log().contains(NEW));
}

fn a_locked_pin_is_opened_with_the_puk_and_signs_with_the_new_one(way: Way) {
    let mut bench = Bench::new(way, None);
    let (pin, puk) = (bench.visitor.pin.clone(), bench.visitor.puk.clone());
    bench.card.set_tries(0);
    let opened = bench.unblock(&puk);
    let Some(weighed) = opening(way) else {
        assert_eq!(opened, Err(Fault::NotSupported));
        assert!(bench.weighed().is_empty() && bench.card.tries() == 0, "nothing was spent");
        return;
    };
    assert_eq!(opened, Ok(Reply::Done), "{}", bench.log());
    assert_eq!(bench.weighed(), weighed);
    assert_eq!(bench.card.tries(), 3);
    assert!(bench.signs_with(NEW));
    assert!(!bench.signs_with(&pin));
}

/// The commands that open a PIN, one of which weighs the PUK. `None` where it cannot be opened: OpenSC 0.23 knows no such
/// command of an AKİS card's.
fn opening(way: Way) -> Option<&'static [&'static str]> {
    match way {
        Way::AkisV2 => Some(&["VERIFY", "RESET RETRY COUNTER"]),
        Way::Akis | Way::AkisT0 | Way::AkisAtReader => Some(&["RESET RETRY COUNTER"]),
        Way::Pkcs11 | Way::Pkcs11AtReader => None,
    }
}

fn a_wrong_puk_costs_tries_of_its_own_until_it_locks_and_is_never_a_wrong_pin(way: Way) {
    let mut bench = Bench::new(way, None);
    let puk = bench.visitor.puk.clone();
    let wrong: String = puk.chars().rev().collect();
    assert_ne!(wrong, puk);
    bench.card.set_tries(0);
    if opening(way).is_none() {
        assert_eq!(bench.unblock(&wrong), Err(Fault::NotSupported));
        assert!(bench.weighed().is_empty());
        return;
    }
    for left in (1..PUK_TRIES).rev() {
        let tries = TriesLeft::Known(left);
        assert_eq!(bench.unblock(&wrong), Err(Fault::WrongPuk { tries }));
        assert_eq!(bench.weighed().len(), usize::from(PUK_TRIES - left), "one PUK, one try");
    }
    assert_eq!(bench.unblock(&wrong), Err(Fault::PukLocked));
    assert_eq!(bench.unblock(&puk), Err(Fault::PukLocked));
    assert_eq!(bench.card.tries(), 0);
}

fn a_card_pulled_while_it_takes_the_new_pin_leaves_either_and_nobody_claims_to_know(way: Way) {
    for (pull, holds_new) in [(Pull::AtReplace, false), (Pull::AfterReplace, true)] {
        let mut bench = Bench::new(way, None);
        let pin = bench.visitor.pin.clone();
        bench.slot().arm(pull);
        assert_eq!(bench.change(&pin), Err(Fault::ChangeUnknown), "{pull:?}");
        assert_eq!(bench.ask(Request::CardOut), Ok(Reply::Done));
        bench.insert();
        assert!(bench.signs_with(if holds_new { NEW } else { &pin }), "{pull:?}");
    }
}

fn neither_a_pin_nor_the_puk_stays_in_the_signers_memory(way: Way) {
    let mut bench = Bench::new(way, None);
    let (pin, puk) = (bench.visitor.pin.clone(), bench.visitor.puk.clone());
    let remains = |bench: &Bench| {
        let finds = remains::in_memory(
            bench.process_id(),
            &[("pin", pin.as_str()), ("new pin", NEW), ("puk", puk.as_str())],
        );
        let mut names: Vec<String> = finds.unwrap().into_iter().map(|find| find.what).collect();
        names.dedup();
        names
    };
    let request = name(bench.announce_unblock(&puk).unwrap());
    assert_eq!(remains(&bench), ["puk"], "the scan finds what has to be there");
    assert_eq!(bench.type_new(request, None), Verdict::Accepted);
    let opened = bench.ask(Request::Collect(request));
    assert!(matches!(opened, Ok(Reply::Done) | Err(Fault::NotSupported)), "{opened:?}");
    assert!(remains(&bench).is_empty(), "after a PIN was opened: {:?}", remains(&bench));

    bench.unblock_in_vain(&puk);
    assert!(remains(&bench).is_empty(), "after a request was given up: {:?}", remains(&bench));

    let now = if opened.is_ok() { NEW } else { &pin };
    let other = if opened.is_ok() { &pin } else { NEW };
    let request = name(bench.announce_change().unwrap());
    let mut socket = connect(&bench.path("pin"));
    let verdict = new_pin::send(&mut socket, request, true, Some(&typed(now)), &typed(other)).unwrap();
    assert_eq!(verdict, Verdict::Accepted);
    assert_eq!(bench.ask(Request::Collect(request)), Ok(Reply::Done));
    // What a module copied of a PIN goes with the process image, at the end of the visit.
    if way != Way::Pkcs11 {
        assert!(remains(&bench).is_empty(), "after a PIN was changed: {:?}", remains(&bench));
    }
    assert_eq!(bench.ask(Request::EndVisit), Ok(Reply::Done));
    bench.await_new_image();
    assert!(remains(&bench).is_empty(), "after the visit: {:?}", remains(&bench));
    for secret in [NEW, &pin, &puk] {
        assert!(!bench.log().contains(secret));
    }
}
