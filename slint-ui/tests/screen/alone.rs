//! What stands on the screen when it is not the page that `kioskd` sent.

use std::time::Duration;

use eimza_kiosk::{
    link::view::{Busy, Page, View},
    portal::SigningText,
};
use i_slint_backend_testing::mock_elapsed_time;
use kiosk_ui::{
    headless::{controls::controls, gallery, open, platform, samples},
    screen::alone::BELIEVED_FOR,
};

fn view(serial: u64, page: Page) -> View {
    View { page, ..samples::all().remove(0).view(serial, gallery::Manner::default()) }
}

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
