//! A renewal that goes well, page by page, and what the person meets on the way.

use super::world::{SMS_LIFE, World};
use crate::{
    link::{
        intent::{Intent, Touch},
        view::{Language, Overlay, Page as Shown, SmsPurpose},
    },
    portal::{Action, Method, Page},
    session::{Effect, Event, Lamp, ScreenEvent, Sound, fault::Cause},
};

#[test]
fn a_renewal_goes_from_card_to_receipt_through_every_page() {
    let mut world = World::ready();
    for page in
        ["eligibility", "notice", "login", "form", "review", "sms-send", "sms-code", "method", "contract"]
    {
        world.walk_to(page);
    }
    world.walk_to("pin");
    world.walk_into("signing");
    for page in ["result", "take-card", "thank-you", "attract"] {
        world.walk_to(page);
    }
    assert_eq!(world.submissions(), 1);
    let sounds: Vec<Sound> = world
        .effects
        .iter()
        .filter_map(|effect| if let Effect::Sound(sound) = effect { Some(*sound) } else { None })
        .collect();
    let (clicks, said): (Vec<_>, Vec<_>) = sounds.into_iter().partition(|sound| *sound == Sound::Click);
    assert_eq!(said, [Sound::Success, Sound::TakeCard, Sound::Silence]);
    assert!(!clicks.is_empty(), "buttons were touched");
}

#[test]
fn the_lamp_invites_holds_and_calls() {
    let mut world = World::ready();
    world.walk_to("take-card");
    world.card_out();
    let lamps: Vec<Lamp> = world
        .effects
        .iter()
        .filter_map(|effect| if let Effect::Lamp(lamp) = effect { Some(*lamp) } else { None })
        .collect();
    assert_eq!(lamps, [Lamp::Off, Lamp::Invite, Lamp::Steady, Lamp::Attention, Lamp::Invite]);
}

#[test]
fn nothing_is_asked_of_the_portal_before_the_consent() {
    let mut world = World::ready();
    world.walk_to("notice");
    assert_eq!(world.actions().count(), 0);
    world.touch(Intent::Back);
    assert_eq!(world.page(), "eligibility");
    world.walk_to("notice");
    world.touch(Intent::Next);
    assert_eq!(world.asks_portal(), Some(&Action::Open));
}

#[test]
fn an_sms_is_late_after_three_minutes_and_expired_at_its_end() {
    let mut world = World::ready();
    world.walk_to("sms-code");
    world.pass(179);
    assert!(matches!(
        world.view().page,
        Shown::SmsCode { late: false, wrong: false, digits: 6, purpose: SmsPurpose::Application }
    ));
    world.pass(1);
    assert!(matches!(world.view().page, Shown::SmsCode { late: true, .. }));
    assert_eq!(world.view().overlay, None, "nobody is asked away while the SMS may come");
    world.pass(SMS_LIFE - 180);
    assert!(matches!(world.view().page, Shown::Trouble { cause: Cause::SmsExpired, .. }));
    world.touch(Intent::Next);
    assert_eq!(world.asks_portal(), Some(&Action::Open));
}

#[test]
fn the_screen_hears_when_the_sms_becomes_late() {
    let mut world = World::ready();
    world.walk_to("sms-code");
    let start = world.now.mono;
    world.wait(std::time::Duration::from_secs(1000));
    assert_eq!((world.now.mono - start).as_secs(), 180);
    assert!(matches!(world.view().page, Shown::SmsCode { late: true, .. }));
}

#[test]
fn a_wrong_sms_code_is_said_and_does_not_lengthen_its_life() {
    let mut world = World::ready();
    world.walk_to("sms-code");
    world.pass(100);
    let wrong = || Ok(Page::SmsCode { remaining: std::time::Duration::from_secs(SMS_LIFE), wrong: true });
    for _ in 0..4 {
        world.touch(Intent::SmsCode("000000".into()));
        world.portal_says(wrong());
        assert!(matches!(world.view().page, Shown::SmsCode { wrong: true, .. }));
    }
    assert_eq!(world.view().frame.ring.expect("counts").left_ms, (SMS_LIFE - 100) * 1000);
    world.touch(Intent::SmsCode("000000".into()));
    world.portal_says(wrong());
    assert!(matches!(world.view().page, Shown::Trouble { cause: Cause::SmsWrong, .. }));
}

#[test]
fn a_code_that_is_no_six_digits_is_not_sent() {
    let mut world = World::ready();
    world.walk_to("sms-code");
    for code in ["12345", "1234567", "12345a", "١٢٣٤٥٦"] {
        world.touch(Intent::SmsCode(code.into()));
        assert_eq!(world.page(), "sms-code", "{code}");
    }
}

#[test]
fn wet_ink_is_explained_and_left_again() {
    let mut world = World::ready();
    world.walk_to("method");
    world.touch(Intent::Method(Method::WetInk));
    assert!(matches!(world.view().page, Shown::Trouble { cause: Cause::WetInk, .. }));
    world.touch(Intent::Next);
    assert_eq!(world.page(), "method");
}

#[test]
fn the_result_says_where_the_card_goes_and_from_when_it_works() {
    let mut world = World::ready();
    world.walk_to("result");
    let Shown::Result { delivery_address, usable_from, security_word, pin_here } = world.view().page else {
        panic!("the result")
    };
    assert_eq!(usable_from, "01.01.2027 03:00:00");
    let address = format!("Deneme {}, 26100 ODUNPAZARI / ESKİŞEHİR", world.mark());
    assert_eq!(delivery_address.expose(), address);
    assert!(security_word.expose().starts_with("Sözcük-"));
    assert!(pin_here, "this kiosk has that service");
    let mut world = World::without_online();
    world.walk_to("result");
    assert!(matches!(world.view().page, Shown::Result { pin_here: false, .. }));
}

#[test]
fn a_card_with_two_certificates_asks_which() {
    let mut world = World::ready();
    world.card_in(1);
    world.walk_to("certificate");
    let Shown::Certificate { choices } = world.view().page else { panic!("the certificates") };
    assert_eq!(choices.len(), 2);
    world.touch(Intent::Certificate(2));
    assert_eq!(world.page(), "certificate", "there is no third");
    world.touch(Intent::Back);
    assert_eq!(world.page(), "contract");
    world.walk_to("result");
}

#[test]
fn language_belongs_to_the_visit_and_goes_with_it() {
    let mut world = World::ready();
    world.touch(Intent::Language(Language::English));
    world.walk_to("take-card");
    assert_eq!(world.view().frame.language, Language::English);
    world.walk_to("attract");
    assert_eq!(world.view().frame.language, Language::Turkish);
    // Chosen by somebody who went away.
    world.touch(Intent::Language(Language::English));
    world.pass(60);
    assert_eq!(world.view().frame.language, Language::Turkish);
}

#[test]
fn what_was_touched_on_a_page_that_is_gone_does_not_count() {
    let mut world = World::ready();
    world.walk_to("eligibility");
    let serial = world.view().serial;
    world.touch(Intent::Next);
    assert_eq!(world.page(), "notice");
    for intent in [Intent::Next, Intent::Cancel, Intent::Back] {
        world.send(Event::Screen(ScreenEvent::Touch(Touch { serial, intent })));
        assert_eq!((world.page().as_str(), world.view().overlay), ("notice", None));
    }
    let intent = Intent::Language(Language::English);
    world.send(Event::Screen(ScreenEvent::Touch(Touch { serial, intent })));
    assert_eq!(world.view().frame.language, Language::English);
}

#[test]
fn cancel_asks_first_and_then_wipes() {
    let mut world = World::ready();
    world.walk_to("review");
    world.touch(Intent::ConfirmCancel);
    assert_eq!(world.page(), "review", "nobody asked yet");
    world.touch(Intent::Cancel);
    assert_eq!(world.view().overlay, Some(Overlay::CancelConfirm));
    world.touch(Intent::Next);
    assert_eq!(world.page(), "review", "under a question nothing else is meant");
    world.touch(Intent::Stay);
    assert_eq!(world.view().overlay, None);
    world.touch(Intent::Cancel);
    world.touch(Intent::ConfirmCancel);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::Cancelled) });
    assert!(world.effects.contains(&Effect::ClosePortal));
    assert!(world.requests().any(|request| *request == crate::link::signer::Request::EndVisit));
    world.pass(15);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: true, cause: Some(Cause::Cancelled) });
    assert!(world.effects.contains(&Effect::Sound(Sound::Alarm)));
    world.card_out();
    assert_eq!(world.page(), "attract");
}

#[test]
fn nobody_there_is_asked_about_and_then_wiped() {
    let mut world = World::ready();
    world.walk_to("review");
    world.pass(59);
    assert_eq!(world.view().overlay, None);
    world.pass(1);
    assert_eq!(world.view().overlay, Some(Overlay::StillThere { left_ms: 20_000 }));
    world.touch(Intent::Stay);
    world.pass(60);
    world.pass(19);
    assert_eq!(world.view().overlay, Some(Overlay::StillThere { left_ms: 1_000 }));
    world.pass(1);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: Some(Cause::Abandoned) });
}

#[test]
fn reading_the_contract_takes_as_long_as_the_code_lives() {
    let mut world = World::ready();
    world.walk_to("contract");
    world.pass(super::world::CODE_LIFE - 1);
    assert_eq!((world.page().as_str(), world.view().overlay), ("contract", None));
    world.pass(1);
    assert!(matches!(world.view().page, Shown::Trouble { cause: Cause::CodeExpired, .. }));
    // The page stays to be read, then it is asked about, then wiped.
    world.pass(60);
    assert!(matches!(world.view().overlay, Some(Overlay::StillThere { .. })));
    world.pass(20);
    assert_eq!(world.page(), "take-card");
}
