//! The kiosk's own sensors and switches: their part of the watch's books, and what each leads to.

use std::time::Duration;

use super::world::World;
use crate::{
    config::Rules,
    link::{
        intent::Intent,
        view::{Overlay, Page as Shown, View},
    },
    session::{Backlight, Effect, Event, Lamp, Now, Recovery, Sound, fault::Cause},
};

/// What the watch knows of them by itself.
#[derive(Debug, Default)]
pub(super) struct Hardware {
    opened: bool,
    is_open: bool,
    /// The key, once it was seen turned back: since when it is turned.
    key: Option<Option<Duration>>,
    /// Since when the question stands whether anybody is there.
    asked: Option<Duration>,
    attract: bool,
}

impl Hardware {
    pub(super) fn opened() -> Self {
        Self { opened: true, ..Self::default() }
    }

    pub(super) fn is_opened(&self) -> bool {
        self.opened
    }

    pub(super) fn event(&mut self, event: &Event, now: Now) {
        if let Event::Tamper(open) = event {
            self.is_open = *open;
            self.opened |= *open;
        } else if let Event::ServiceKey(turned) = event {
            self.key = match (turned, self.key) {
                (false, _) => Some(None),
                (true, Some(None)) => Some(Some(now.mono)),
                (true, held) => held,
            };
        }
    }

    pub(super) fn effect(&mut self, effect: &Effect, now: Now) {
        if let Effect::Tampered(raised) = effect {
            let held = self.key.flatten().is_some_and(|since| now.mono >= since + Duration::from_secs(5));
            assert!(!raised || self.opened, "a housing nobody opened");
            assert!(*raised || (held && !self.is_open), "an opened housing closed without staff");
            self.opened = *raised;
        } else if let Effect::Backlight(light) = effect {
            assert!(*light == Backlight::On || self.attract, "dark on another page than the first");
        }
    }

    /// A visit ends because nobody is there.
    pub(super) fn abandoned(&self, now: Now) {
        let warned = Duration::from_secs(Rules::default().still_there_s);
        let since = self.asked.expect("wiped without a warning");
        assert!(now.mono >= since + warned, "wiped before the warning was over");
    }

    /// `marked`: something of a visitor is on the page.
    pub(super) fn view(&mut self, view: &View, marked: bool, now: Now) {
        assert!(!self.opened || !marked, "something of the visitor's on {:?}, the housing open", view.page);
        self.attract = matches!(view.page, Shown::Attract { .. });
        assert!(!self.opened || !self.attract, "visitors invited while the housing is open");
        self.asked = match view.overlay {
            Some(Overlay::StillThere { .. }) => self.asked.or(Some(now.mono)),
            Some(Overlay::CancelConfirm | Overlay::Help { .. }) | None => None,
        };
    }
}

fn lights(world: &World) -> Vec<Backlight> {
    world
        .effects
        .iter()
        .filter_map(|e| if let Effect::Backlight(light) = e { Some(*light) } else { None })
        .collect()
}

fn cause(world: &World) -> Option<Cause> {
    if let Shown::OutOfService { cause } = world.view().page { Some(cause) } else { None }
}

fn turn_key(world: &mut World, seconds: u64) {
    world.send(Event::ServiceKey(false));
    world.send(Event::ServiceKey(true));
    world.pass(seconds);
    world.send(Event::ServiceKey(false));
}

#[test]
fn a_visit_left_alone_is_asked_about_sooner_and_wiped_only_after_the_question() {
    let mut world = World::ready();
    world.send(Event::Presence(true));
    world.walk_to("review");
    world.send(Event::Presence(false));
    world.pass(9);
    assert_eq!(world.view().overlay, None);
    world.pass(1);
    assert!(matches!(world.view().overlay, Some(Overlay::StillThere { left_ms: 20_000 })));
    // Somebody is there again, but who? Only a touch is an answer.
    world.send(Event::Presence(true));
    assert!(world.view().overlay.is_some());
    world.pass(19);
    assert_eq!(world.page(), "review");
    world.pass(1);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::Abandoned) });
}

#[test]
fn whoever_comes_back_in_time_or_is_not_seen_goes_on() {
    let mut world = World::ready();
    world.walk_to("review");
    world.send(Event::Presence(false));
    world.pass(9);
    world.send(Event::Presence(true));
    world.pass(50);
    assert_eq!(world.view().overlay, None);
    world.send(Event::Presence(false));
    for _ in 0..5 {
        world.pass(9);
        world.touch(Intent::Present);
        assert_eq!(world.view().overlay, None, "a touch is more than a sensor");
    }
    world.pass(10);
    world.touch(Intent::Stay);
    assert_eq!(world.page(), "review");
}

#[test]
fn who_waits_for_the_sms_elsewhere_is_not_hurried() {
    let mut world = World::ready();
    world.walk_to("sms-code");
    world.send(Event::Presence(false));
    world.pass(200);
    assert_eq!((world.page().as_str(), world.view().overlay), ("sms-code", None));
}

#[test]
fn a_result_left_alone_does_not_stay_to_be_read() {
    let mut world = World::ready();
    world.walk_to("result");
    world.card_out();
    world.send(Event::Presence(false));
    world.pass(10);
    assert!(world.view().overlay.is_some());
    world.pass(20);
    assert_eq!(world.page(), "thank-you");
}

#[test]
fn the_screen_goes_dark_when_nobody_is_there_and_wakes_for_a_person_a_finger_or_a_card() {
    let mut world = World::ready();
    world.pass(300);
    assert_eq!(lights(&world), [Backlight::On], "without a sensor somebody may be there");
    let ways: [fn(&mut World); 3] = [
        |world| world.send(Event::Presence(true)),
        |world| world.touch(Intent::Present),
        |world| world.card_in(0),
    ];
    for wake in ways {
        world.effects.clear();
        world.send(Event::Presence(false));
        world.pass(30);
        assert_eq!(lights(&world), [Backlight::Off]);
        wake(&mut world);
        assert_eq!(lights(&world), [Backlight::Off, Backlight::On]);
    }
    // On another page it stays lit, whoever is there.
    world.walk_to("eligibility");
    world.effects.clear();
    world.pass(300);
    world.card_out();
    assert!(lights(&world).is_empty());
}

#[test]
fn an_opened_housing_wipes_the_visit_and_stays_out_of_service_until_staff_has_looked() {
    let mut world = World::ready();
    world.walk_to("pin");
    world.send(Event::Tamper(true));
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::Tampered) });
    assert!(world.effects.contains(&Effect::ClosePortal));
    assert!(world.effects.contains(&Effect::Tampered(true)));
    world.card_out();
    assert_eq!(cause(&world), Some(Cause::Tampered));
    // Closing it again is not looking after it.
    turn_key(&mut world, 10);
    assert_eq!(cause(&world), Some(Cause::Tampered), "still open");
    world.send(Event::Tamper(false));
    world.pass(600);
    turn_key(&mut world, 4);
    assert_eq!(cause(&world), Some(Cause::Tampered), "not held");
    turn_key(&mut world, 5);
    assert_eq!(world.page(), "attract");
    assert_eq!(world.effects.iter().filter(|effect| **effect == Effect::Tampered(false)).count(), 1);
}

#[test]
fn an_opened_housing_is_remembered_over_a_restart_and_a_key_stuck_from_the_start_does_not_count() {
    for recovery in [Recovery::None, Recovery::Restarted] {
        let mut world = World::tampered(recovery);
        world.send(Event::ServiceKey(true));
        world.come_up();
        world.pass(60);
        assert_eq!(cause(&world), Some(Cause::Tampered));
        turn_key(&mut world, 5);
        assert_eq!(world.page(), "attract");
    }
}

#[test]
fn the_key_does_nothing_while_the_kiosk_is_well() {
    let mut world = World::ready();
    world.walk_to("review");
    world.effects.clear();
    turn_key(&mut world, 10);
    assert_eq!((world.page().as_str(), world.effects.len()), ("review", 0));
}

#[test]
fn an_application_on_its_way_when_the_housing_is_opened_is_said_to_be_unknown() {
    let mut world = World::ready();
    world.walk_into("handing-in");
    world.send(Event::Tamper(true));
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::OutcomeUnknown) });
    world.card_out();
    world.pass(30);
    assert_eq!(cause(&world), Some(Cause::Tampered));
}

#[test]
fn a_button_clicks_and_neither_typing_nor_a_page_that_is_gone_nor_an_alarm_does() {
    let clicks = |world: &World| world.effects.iter().filter(|e| **e == Effect::Sound(Sound::Click)).count();
    let mut world = World::ready();
    world.walk_to("eligibility");
    world.effects.clear();
    world.touch(Intent::Present);
    assert_eq!(clicks(&world), 0);
    world.touch(Intent::Next);
    assert_eq!(clicks(&world), 1);
    world.touch(Intent::Cancel);
    world.touch(Intent::ConfirmCancel);
    assert_eq!((world.page().as_str(), clicks(&world)), ("take-card", 3));
    world.pass(15);
    world.touch(Intent::Next);
    assert_eq!(clicks(&world), 3);
    assert!(world.effects.iter().rev().any(|effect| *effect == Effect::Sound(Sound::Alarm)));
}

#[test]
fn the_lamp_calls_to_the_card_where_the_page_does() {
    let mut world = World::ready();
    world.send(Event::Card(crate::card::Event::CardMute(World::name())));
    assert_eq!(world.page(), "trouble");
    let lamp =
        world.effects.iter().rev().find_map(|e| if let Effect::Lamp(lamp) = e { Some(*lamp) } else { None });
    assert_eq!(lamp, Some(Lamp::Attention));
}
