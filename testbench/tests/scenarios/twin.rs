//! A second kiosk goes through a visit with the robot's: it is touched at the same places and must show the same.
//!
//! This is how the appliance is tried in a virtual machine; here the second kiosk is one more on this machine.

use std::time::Duration;

use eimza_kiosk::link::view::Service;
use tempfile::TempDir;
use testbench::{
    card::Card,
    demo::{arguments::Token, bench::Bench},
    robot::{Apart, Ending, Errand, Leeway, Mirror, Other, Picture, Record, Screen, ScreenError, Visit},
};

use super::stage::Stage;

/// Two kiosks with portals of these seeds and one visitor.
struct Pair {
    first: Stage,
    second: Bench,
    /// The second's screen, until it follows the first's.
    glass: Option<Screen>,
    cards: [Card; 2],
    folders: [TempDir; 2],
}

impl Pair {
    fn set(seeds: [u64; 2]) -> Self {
        let [first, second] = seeds.map(|seed| {
            Stage::set_as(&[], |plan| {
                plan.token = Token::Akis;
                plan.portal_seed = Some(seed);
                // As much time as two kiosks and the comparing take.
                plan.rules.extend([("idle_s", 600), ("take_card_s", 120)]);
            })
        });
        let cards = [&first, &second].map(|stage| {
            let visitor = &stage.bench.plan.visitors[0];
            stage.bench.card(visitor, None).expect("a card")
        });
        let (glass, second, folders) = second.apart();
        Self { first, second, glass: Some(glass), cards, folders }
    }

    /// The visit on the first, followed by the second within this time.
    fn visit(&mut self, within: Duration) -> anyhow::Result<(Ending, Vec<String>)> {
        let Self { first, second, glass, cards, folders } = self;
        let glass = glass.take().expect("one visit");
        first.screen.mirror(Mirror::new(glass, within, Leeway::NONE, &folders[0].path().join("screens"))?);
        let errand = Errand {
            visitor: &first.bench.plan.visitors[0],
            card: Some(&cards[0]),
            printer: None,
            slot: &first.bench.slot,
            portal: &first.bench.portal,
            keys: None,
            wrong_pin_first: false,
            helper: None,
            service: Service::Renewal,
            other: Some(Other { card: &cards[1], slot: &second.slot }),
        };
        let mut record = Record::new(first.out.path())?;
        Visit::new(errand, "tr", &mut first.screen, &mut record, Box::new(|_, _| Ok(())))?.run()
    }
}

/// Where it was noticed, if it was by the pictures.
fn apart(outcome: anyhow::Result<(Ending, Vec<String>)>) -> String {
    let error = outcome.expect_err("they are not alike");
    let by_picture = error.chain().any(|cause| {
        matches!(cause.downcast_ref::<ScreenError>(), Some(ScreenError::Apart(Apart::Pictures { .. })))
    });
    assert!(by_picture, "{error:#}");
    format!("{error:#}")
}

#[test]
fn a_second_kiosk_that_gets_the_same_touches_shows_the_same_and_files_the_same_application() {
    let mut pair = Pair::set([5, 5]);
    let (ending, _) = pair.visit(Duration::from_secs(30)).expect("both go on");
    assert_eq!((ending.page.as_deref(), ending.cause), (Some("result"), None));
    let [first, second] = [&pair.first.bench, &pair.second].map(|bench| bench.portal.applications());
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_eq!(first[0].texts, second[0].texts, "numbers that the portal gave out included");
    assert_ne!(first[0].signatures, second[0].signatures, "each by its own card");
    let pictures = |out: &TempDir| {
        let folder = std::fs::read_dir(out.path().join("screens")).expect("a folder");
        let mut names: Vec<_> = folder.map(|entry| entry.expect("an entry").file_name()).collect();
        names.sort();
        names
    };
    let (all, followed) = (pictures(&pair.first.out), pictures(&pair.folders[0]));
    assert!(followed.iter().all(|name| all.contains(name)), "{followed:?}");
    for page in ["login", "contract", "pin", "result", "take-card"] {
        let wanted = format!("-{page}.png");
        let of = |name: &&std::ffi::OsString| name.to_string_lossy().ends_with(&wanted);
        let name = followed.iter().find(of).unwrap_or_else(|| panic!("{page} in {followed:?}"));
        let picture = Picture::read(&pair.folders[0].path().join("screens").join(name)).expect("a picture");
        assert_eq!(picture.size(), (1280, 800));
    }
}

#[test]
fn a_second_kiosk_on_another_page_is_noticed_before_it_is_touched() {
    let mut pair = Pair::set([5, 5]);
    let other = pair.glass.as_mut().expect("not following yet");
    let before = other.state().expect("a state");
    other.tap("English (dili değiştir)", None).expect("there are two languages");
    let after = other.wait(&before, Duration::from_secs(20)).expect("a state");
    assert_eq!(after.language, "en");
    let told = apart(pair.visit(Duration::from_secs(2)));
    assert!(told.contains("attract") && told.contains("pixels"), "{told}");
    assert!(!pair.second.slot.is_occupied(), "nothing was done to it");
}

#[test]
fn a_second_kiosk_with_another_captcha_is_noticed() {
    let mut pair = Pair::set([5, 6]);
    let told = apart(pair.visit(Duration::from_secs(10)));
    assert!(told.contains("on the page login"), "{told}");
    let folder = pair.folders[0].path().join("screens");
    for name in ["apart-expected.png", "apart-seen.png"] {
        assert!(folder.join(name).exists(), "{name} is kept to be looked at");
    }
}
