//! What stands on the screen when it is not the page that `kioskd` sent.

use std::time::Duration;

use eimza_kiosk::{
    link::{
        intent::Intent,
        view::{Busy, Page, Service},
    },
    portal::SigningText,
};
use i_slint_backend_testing::mock_elapsed_time;
use kiosk_ui::{
    headless::{controls::controls, gallery, open, platform},
    screen::alone::BELIEVED_FOR,
};

use super::{
    listening::{finger, listening, middle, tap},
    robot::view,
};

#[test]
fn a_screen_whose_kioskd_stays_away_says_out_of_service_until_it_speaks() {
    platform(false).unwrap();
    let screen = gallery::blind().unwrap();
    open(&screen, (1280, 800)).unwrap();
    let almost = BELIEVED_FOR - Duration::from_secs(1);
    mock_elapsed_time(almost);
    assert_eq!(screen.standing().1, "waiting");
    screen.show(view(1, Page::Attract { services: Vec::new() }));
    mock_elapsed_time(BELIEVED_FOR * 2);
    assert_eq!(screen.standing().1, "attract");
    screen.lost();
    mock_elapsed_time(almost);
    assert_eq!(screen.standing().1, "waiting");
    mock_elapsed_time(Duration::from_secs(2));
    assert_eq!((screen.standing().1, screen.cause().as_deref()), ("out-of-service", Some("supervisor-down")));
    screen.show(view(2, Page::Attract { services: Vec::new() }));
    assert_eq!(screen.standing().1, "attract");
}

#[test]
fn while_the_card_is_at_work_nobody_is_told_to_take_it_out() {
    platform(false).unwrap();
    let screen = gallery::blind().unwrap();
    open(&screen, (1280, 800)).unwrap();
    let pages = [
        (Page::Signing, true),
        (Page::Busy { what: Busy::SettingPin }, true),
        (Page::Busy { what: Busy::Sending }, false),
        (Page::ThankYou, false),
    ];
    for (serial, (page, at_work)) in (1..).zip(pages) {
        let shown = format!("{page:?}");
        screen.show(view(serial, page));
        screen.lost();
        let says = |words: &str| controls(&screen).iter().any(|it| it.label.contains(words));
        assert_eq!((says("şimdi çıkarmayın"), says("çıkarabilirsiniz")), (at_work, !at_work), "{shown}");
    }
}

#[test]
fn a_text_that_may_not_be_shown_is_named_as_what_stands() {
    platform(false).unwrap();
    let screen = gallery::blind().unwrap();
    open(&screen, (1280, 800)).unwrap();
    let contract =
        |text: &str| Page::Contract { texts: vec![SigningText(text.into())], comparison: Vec::new() };
    screen.show(view(1, contract("AD: \u{202E}EMENED")));
    assert_eq!((screen.standing().1, screen.cause().as_deref()), ("unreadable", Some("text-unreadable")));
    screen.show(view(2, contract("AD: DENEME")));
    assert_eq!((screen.standing().1, screen.cause()), ("contract", None));
}

#[test]
fn the_services_stay_as_long_as_somebody_touches_the_glass_and_not_much_longer() {
    let (screen, told) = listening((1280, 800));
    let services = vec![Service::CardCheck, Service::ChangePin, Service::WetInk];
    screen.show(view(1, Page::Attract { services }));
    let place = |label: &str| {
        let all = controls(&screen);
        all.iter().find(|it| it.label == label && it.role == "button").map(middle)
    };
    tap(&screen, place("Diğer işlemler").unwrap());
    // Whoever reads slowly changes the text first.
    for button in ["Yazı boyu", "Yüksek karşıtlık", "Yazı boyu"] {
        let place = place(button).unwrap();
        mock_elapsed_time(Duration::from_secs(20));
        tap(&screen, place);
    }
    mock_elapsed_time(Duration::from_secs(20));
    // So does a finger that does not leave at once.
    let service = place("Kart kontrolü").expect("the services stand");
    mock_elapsed_time(Duration::from_secs(9));
    finger(&screen, service, true);
    mock_elapsed_time(Duration::from_secs(2));
    finger(&screen, service, false);
    assert!(told.borrow().contains(&Intent::Service(Service::CardCheck)));
    mock_elapsed_time(Duration::from_secs(31));
    assert_eq!(place("Kart kontrolü"), None, "nobody was there for half a minute");
}
