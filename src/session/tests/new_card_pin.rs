//! Yeni kartın PIN'i: the portal's online pages entered, and a PIN that is on the screen and nowhere else.

use std::time::Duration;

use super::{
    cards::{self, TestCard},
    world::{PIN_LIFE, World},
};
use crate::{
    link::{
        challenge::OwnText,
        intent::Intent,
        signer::{Fault as SignerFault, Request, TriesLeft},
        view::{FieldError, Input, LoginKind, Page as Shown, Service},
    },
    portal::{Action, Fault, FieldId, OnlineLogin, OnlineService, Page, Quote, RefusedSignature},
    redact::PortalSecret,
    session::{
        Event, ScreenEvent,
        fault::{Advice, Cause},
    },
};

fn good() -> TestCard {
    cards::card(vec![cards::qualified("DENEME OGRENEN")])
}

/// Somebody wants to know the new card's PIN, and logs in this way.
fn came(card: TestCard, way: OnlineLogin) -> World {
    let mut world = World::came_for(Service::NewPin, card);
    world.way_in = way;
    world
}

fn trouble(world: &World) -> Option<Cause> {
    if let Shown::Trouble { cause, .. } = world.view().page { Some(cause) } else { None }
}

fn pin(world: &World) -> Option<(PortalSecret, String)> {
    if let Shown::NewCardPin { pin, usable_from } = world.view().page {
        Some((pin, usable_from))
    } else {
        None
    }
}

fn learns(world: &World) {
    let wanted = (PortalSecret::new(format!("PIN-{}", world.mark())), "01.01.2027 00:00:00".to_owned());
    assert_eq!(pin(world), Some(wanted), "{:?}", world.view().page);
}

#[test]
fn with_the_old_signature_the_challenge_is_read_signed_and_leads_to_the_pin() {
    let mut world = came(good(), OnlineLogin::Signature);
    assert_eq!(world.view().page, Shown::Notice { service: Service::NewPin });
    assert!(!world.view().frame.back && world.view().frame.step.is_none());
    world.walk_to("login-way");
    let both = vec![OnlineLogin::Signature, OnlineLogin::Password];
    assert_eq!(world.view().page, Shown::LoginWay { offered: both });
    world.walk_to("contract");
    let Shown::Contract { texts, comparison } = world.view().page else { unreachable!() };
    assert!(comparison.is_empty());
    assert!(String::from_utf8_lossy(&texts[0].0).contains(&world.mark()), "the portal's own challenge");
    world.walk_to("new-card-pin");
    learns(&world);
    let own = |it: &&Request| {
        matches!(it, Request::PrepareOwn { text: OwnText::Login { .. }, .. } | Request::Prepare { .. })
    };
    assert_eq!(world.requests().filter(own).count(), 2, "once for its text, once for its PIN");
    assert_eq!(world.count(|it| matches!(it, Action::LoginSigned { .. })), 1);
    assert_eq!(world.count(|it| matches!(it, Action::LoginOnline(_) | Action::SubmitSignatures { .. })), 0);
}

#[test]
fn with_the_security_word_there_is_an_sms_and_no_pin_is_asked_for() {
    let mut world = came(good(), OnlineLogin::Password);
    world.walk_to("login");
    let Shown::Login { kind, fields, suggested_word, .. } = world.view().page else { unreachable!() };
    assert_eq!((kind, suggested_word), (LoginKind::Online, None));
    let about: Vec<_> = fields.iter().map(|field| (field.id, field.input == Input::ReadOnly)).collect();
    let (captcha, word) = ((FieldId::Captcha, false), (FieldId::SecurityWord, false));
    assert_eq!(about, [captcha, (FieldId::NationalId, true), word], "the card says who it is");
    world.walk_to("sms-send");
    assert!(matches!(world.view().page, Shown::SmsSend { correctable: false, .. }));
    world.touch(Intent::WrongNumber);
    assert_eq!(world.page(), "sms-send", "the number is the portal's");
    world.walk_to("new-card-pin");
    learns(&world);
    assert_eq!(world.requests().filter(|it| matches!(it, Request::Collect(_))).count(), 0);
}

#[test]
fn the_pin_leaves_the_screen_with_the_person_with_the_card_and_with_its_time() {
    let shown = || {
        let mut world = came(good(), OnlineLogin::Password);
        world.walk_to("new-card-pin");
        world
    };
    let mut world = shown();
    world.touch(Intent::Next);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: None });
    world.card_out();
    assert_eq!(world.page(), "thank-you");
    let mut world = shown();
    world.card_out();
    assert_eq!(world.page(), "card-pulled");
    world.card_in(0);
    while world.answer() {}
    assert_eq!(pin(&world), None, "another card");
    world.card_out();
    world.card_in(usize::MAX);
    while world.answer() {}
    learns(&world);
    // Somebody is there all the time.
    for _ in 0..PIN_LIFE {
        world.send(Event::Screen(ScreenEvent::Touch(crate::link::intent::Touch {
            serial: world.view().serial,
            intent: Intent::Present,
        })));
        world.pass(1);
    }
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: None });
    let mut world = shown();
    world.pass(60);
    assert!(world.view().overlay.is_some(), "it is asked first");
    world.pass(20);
    assert_eq!(world.view().page, Shown::TakeCard { alarm: false, cause: None });
}

#[test]
fn a_card_that_cannot_sign_today_or_is_locked_is_logged_in_with_the_word_alone() {
    let locked = TestCard { tries: TriesLeft::Locked, ..good() };
    let none_left = TestCard { tries: TriesLeft::Known(0), ..good() };
    for card in [2025, 2027]
        .map(|year| cards::card(vec![cards::of_year(year)]))
        .into_iter()
        .chain([locked, none_left])
    {
        let mut world = came(card, OnlineLogin::Signature);
        world.walk_to("login");
        assert!(!world.log.iter().any(|it| it.to == "login-way"), "there is nothing to choose");
        world.walk_to("new-card-pin");
    }
    // Far from its end it cannot be renewed, and signs as well as ever.
    let mut world = came(cards::card(vec![cards::old("DENEME UZUN")]), OnlineLogin::Signature);
    world.walk_to("contract");
}

#[test]
fn a_way_that_the_portal_does_not_offer_is_not_offered_here_and_an_only_one_is_gone_without_asking() {
    let offer = |card, offered| {
        let mut world = came(card, OnlineLogin::Signature);
        world.walk_into("opening-online");
        world.portal_says(Ok(Page::OnlineEntry { offered }));
        world
    };
    let world = offer(good(), vec![OnlineLogin::Signature]);
    assert_eq!(world.asks_portal(), Some(&Action::ChooseOnlineLogin(OnlineLogin::Signature)));
    let world = offer(good(), vec![OnlineLogin::Password]);
    assert_eq!(world.asks_portal(), Some(&Action::ChooseOnlineLogin(OnlineLogin::Password)));
    let expired = || cards::card(vec![cards::of_year(2025)]);
    assert_eq!(trouble(&offer(expired(), vec![OnlineLogin::Signature])), Some(Cause::ServiceNotOffered));
    assert_eq!(trouble(&offer(good(), Vec::new())), Some(Cause::PortalChanged));
    let mut world = came(good(), OnlineLogin::Signature);
    world.walk_into("choosing-service");
    world.portal_says(Ok(Page::UnblockCode { code: world.code(), remaining: Duration::from_secs(9) }));
    assert_eq!(trouble(&world), Some(Cause::PortalChanged), "nobody came for that");
    let mut world = came(good(), OnlineLogin::Signature);
    world.walk_into("handing-in-login");
    world.portal_says(Ok(Page::OnlineServices { offered: vec![OnlineService::Unblock] }));
    assert_eq!(trouble(&world), Some(Cause::ServiceNotOffered));
}

#[test]
fn a_weak_word_logs_in_as_long_as_it_is_the_portals_and_a_blank_one_goes_nowhere() {
    let mut world = came(good(), OnlineLogin::Password);
    world.walk_to("login");
    world.touch(Intent::Fill { field: FieldId::Captcha, value: "abc".into() });
    world.touch(Intent::Next);
    let Shown::Login { fields, .. } = world.view().page else { unreachable!() };
    assert_eq!(fields[2].error, Some(FieldError::Missing));
    world.touch(Intent::Fill { field: FieldId::SecurityWord, value: "Odunpazarı+26".into() });
    world.touch(Intent::Next);
    let Some(Action::LoginOnline(values)) = world.asks_portal() else { panic!("{}", world.page()) };
    assert_eq!(values[2], (FieldId::SecurityWord, "Odunpazarı+26".into()));
}

#[test]
fn a_wrong_word_is_said_in_the_portals_words_and_after_three_whom_to_ask() {
    let mut world = came(good(), OnlineLogin::Password);
    for round in 0..3 {
        world.walk_into("logging-in-online");
        world.portal_says(Ok(world.online_login(false, Some(Quote("Girişiniz doğrulanamadı".into())))));
        if round < 2 {
            let Shown::Login { refusal, fields, .. } = world.view().page else { panic!() };
            assert!(refusal.is_some());
            assert!(!fields[2].value.is_blank() && fields[0].value.is_blank(), "only the picture is new");
        }
    }
    assert_eq!(trouble(&world), Some(Cause::WordRefused));
    // Another picture asks for the same page.
    world.touch(Intent::Next);
    world.walk_to("login");
    world.touch(Intent::NewCaptcha);
    while world.answer() {}
    assert_eq!(world.page(), "login");
}

#[test]
fn whoever_forgot_the_word_chooses_another_and_logs_in_with_it() {
    let mut world = came(good(), OnlineLogin::Password);
    world.forgot = true;
    world.walk_into("word-reset");
    let Shown::Login { kind: LoginKind::NewWord, fields, .. } = world.view().page else { panic!() };
    assert_eq!(fields.len(), 4);
    let fill = |world: &mut World, word: &str, again: &str| {
        world.touch(Intent::Fill { field: FieldId::Captcha, value: "abc".into() });
        world.touch(Intent::Fill { field: FieldId::SecurityWord, value: word.into() });
        world.touch(Intent::Fill { field: FieldId::SecurityWordRepeat, value: again.into() });
        world.touch(Intent::Next);
    };
    let wrong = |world: &World| {
        let Shown::Login { fields, .. } = world.view().page else { panic!() };
        fields.iter().find_map(|field| field.error.clone())
    };
    fill(&mut world, "Odunpazarı+26", "Odunpazarı+26");
    assert_eq!(wrong(&world), Some(FieldError::WeakWord), "a new one is a good one");
    fill(&mut world, "Zeytin-41-Köprü", "Zeytin-41");
    assert_eq!(wrong(&world), Some(FieldError::Repeat));
    world.touch(Intent::NewCaptcha);
    while world.answer() {}
    assert!(matches!(world.view().page, Shown::Login { kind: LoginKind::NewWord, .. }));
    // The kiosk's own suggestion, once it is there.
    let word = format!("Öneri-{}-77", world.mark());
    let visit = world.visit.expect("somebody is there");
    world.send(Event::SuggestedWord { visit, word: word.as_str().into() });
    let Shown::Login { suggested_word, .. } = world.view().page else { panic!() };
    assert_eq!(suggested_word, Some(word.as_str().into()));
    world.touch(Intent::TakeSuggestedWord);
    world.walk_into("word-set");
    world.touch(Intent::Next);
    world.walk_to("login");
    let Shown::Login { kind, fields, .. } = world.view().page else { panic!() };
    assert_eq!((kind, &fields[2].value), (LoginKind::Online, &word.as_str().into()), "it is typed already");
    world.walk_to("new-card-pin");
}

#[test]
fn faults_of_the_portal_are_told_as_what_they_are_and_lead_back_to_its_first_page() {
    for (state, way, fault, cause) in [
        ("opening-online", OnlineLogin::Password, Fault::Unreachable, Cause::PortalUnreachable),
        ("choosing-login", OnlineLogin::Password, Fault::Timeout, Cause::PortalTimeout),
        ("logging-in-online", OnlineLogin::Password, Fault::SessionEnded, Cause::PortalSession),
        ("sending-sms", OnlineLogin::Password, Fault::Status(500), Cause::PortalError),
        ("submitting-sms", OnlineLogin::Password, Fault::SmsExpired, Cause::SmsExpired),
        (
            "handing-in-login",
            OnlineLogin::Signature,
            Fault::SignatureRefused(RefusedSignature::WrongPerson),
            Cause::SignatureRefused,
        ),
        ("choosing-service", OnlineLogin::Signature, Fault::Interrupted, Cause::PortalUnreachable),
    ] {
        let mut world = came(good(), way);
        world.walk_into(state);
        world.portal_says(Err(fault));
        assert_eq!(trouble(&world), Some(cause), "{state}");
        world.touch(Intent::Next);
        if trouble(&world).is_none() {
            world.walk_into("new-card-pin");
        }
    }
}

#[test]
fn a_challenge_that_ran_out_is_called_that_and_another_one_is_fetched() {
    let mut world = came(good(), OnlineLogin::Signature);
    world.walk_to("contract");
    world.pass(292);
    assert_eq!(trouble(&world), Some(Cause::CodeExpired));
    let Shown::Trouble { advice, .. } = world.view().page else { unreachable!() };
    assert_eq!(advice, [Advice::StartOver, Advice::Finish]);
    world.touch(Intent::Next);
    world.walk_to("new-card-pin");
}

#[test]
fn a_wrong_pin_at_the_login_is_asked_again_and_a_card_put_back_goes_on() {
    let mut world = came(good(), OnlineLogin::Signature);
    world.wrong_pins = 1;
    world.walk_to("pin");
    world.walk();
    while world.answer() {}
    assert!(matches!(world.view().page, Shown::Pin { wrong: true, tries: TriesLeft::Known(2), .. }));
    world.card_out();
    assert_eq!(world.page(), "card-pulled");
    world.card_in(usize::MAX);
    world.walk_to("new-card-pin");
    assert_eq!(world.count(|it| matches!(it, Action::OpenOnline)), 1);
}

#[test]
fn a_pin_that_locks_at_the_login_leaves_the_word_to_log_in_with() {
    let mut world = came(good(), OnlineLogin::Signature);
    world.walk_into("signing");
    world.signer_says(Err(SignerFault::WrongPin { tries: TriesLeft::Locked }));
    assert_eq!(trouble(&world), Some(Cause::PinLocked));
    let Shown::Trouble { advice, .. } = world.view().page else { unreachable!() };
    assert_eq!(advice, [Advice::UnblockHere, Advice::StartOver, Advice::CallCentre, Advice::Finish]);
    world.touch(Intent::Advice(Advice::StartOver));
    world.walk_to("login");
    assert_eq!(world.log.iter().filter(|it| it.to == "login-way").count(), 1, "the word alone is left");
    world.walk_to("new-card-pin");
}

#[test]
fn with_the_new_card_itself_nobody_signs_to_learn_its_pin() {
    let mut world = World::came_for(Service::NewPin, cards::card(vec![cards::long("DENEME YENİ KART")]));
    world.walk_to("new-card-pin");
    assert!(!world.log.iter().any(|it| it.to == "login-way"), "there is nothing to choose");
    assert_eq!(world.requests().filter(|it| matches!(it, Request::PrepareOwn { .. })).count(), 0);
}
