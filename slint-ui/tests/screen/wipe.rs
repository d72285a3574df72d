//! Nothing a visitor saw or typed stays in the memory of the screen when `kioskd` is gone or the visit over.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    os::unix::fs::FileExt as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

use eimza_kiosk::{
    link::{
        paper::{Grey, SCREEN_SIZE},
        signer::{RequestId, TriesLeft},
        view::{Dialogue, FieldView, Input, NewPinKind, Page, Section, Source},
    },
    portal::{FieldId, SigningText},
    redact::PortalSecret,
};
use kiosk_ui::{
    headless::{gallery, open, platform, shot},
    screen::Screen,
    ui::Act,
};
use slint::Global as _;

use super::robot::view;

/// One at a time: what one test has typed, and what its scan has read, is in the memory that another one scans.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the needle stands in writable memory of this process; `sealed` is the needle, each byte xor 0x5A.
fn found(sealed: &[u8]) -> Vec<String> {
    let memory = File::open("/proc/self/mem").unwrap();
    let maps: Vec<String> =
        BufReader::new(File::open("/proc/self/maps").unwrap()).lines().map(Result::unwrap).collect();
    let mut chunk = vec![0; 1 << 16];
    // The scan does not look at what it has itself read.
    let own = chunk.as_ptr() as u64..chunk.as_ptr() as u64 + chunk.len() as u64;
    let mut places = Vec::new();
    for map in maps.iter().filter(|it| it.contains(" rw")) {
        let (from, to) = map.split(' ').next().unwrap().split_once('-').unwrap();
        let (from, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        for (from, to) in [(from, to.min(own.start)), (from.max(own.end), to)] {
            let found = found_between(&memory, from, to, sealed, &mut chunk);
            places.extend(found.into_iter().map(|around| format!("{map}: {around}")));
        }
    }
    places
}

/// What stands around each place between two addresses.
fn found_between(memory: &File, mut from: u64, to: u64, sealed: &[u8], chunk: &mut [u8]) -> Vec<String> {
    let matches = |window: &[u8]| window.iter().zip(sealed).all(|(found, byte)| *found == *byte ^ 0x5A);
    let mut places = Vec::new();
    while from + sealed.len() as u64 <= to {
        let wanted = chunk.len().min(usize::try_from(to - from).unwrap());
        let Ok(read) = memory.read_at(&mut chunk[..wanted], from) else { break };
        if read < sealed.len() {
            break;
        }
        let here = chunk[..read].windows(sealed.len()).enumerate().filter(|(_, it)| matches(it));
        places.extend(here.map(|(at, _)| {
            // Without the needle: what is found is in memory while the scan goes on.
            let (before, after) = (&chunk[at.saturating_sub(64)..at], &chunk[at + sealed.len()..read]);
            let after = &after[..after.len().min(64)];
            format!("{:x} {}[...]{}", from + at as u64, before.escape_ascii(), after.escape_ascii())
        }));
        from += (read - sealed.len() + 1) as u64;
    }
    chunk.fill(0);
    places
}

fn sealed(word: &str) -> Vec<u8> {
    word.bytes().map(|byte| byte ^ 0x5A).collect()
}

fn draw(screen: &Screen) {
    let folder = tempfile::tempdir().unwrap();
    shot(screen, &folder.path().join("page.png")).unwrap();
}

#[test]
fn what_was_shown_and_typed_is_gone_from_memory_when_the_visit_is_over() {
    let _alone = alone();
    platform(false).unwrap();
    let screen = gallery::blind().unwrap();
    open(&screen, (1280, 800)).unwrap();
    let needle = sealed("Qvxzwkyplt");
    // Built here and dropped with the view, so that this test keeps no copy of its own.
    let word = || needle.iter().map(|byte| char::from(*byte ^ 0x5A)).collect::<String>();
    let field = FieldView {
        id: FieldId::Unit,
        input: Input::Text { max_length: 60 },
        value: word().into(),
        source: Source::Person,
        required: true,
        error: None,
        warning: None,
    };
    let form = Page::Form {
        section: Section::Institution,
        fields: vec![field],
        suggested_word: None,
        word_hint: None,
    };
    screen.show(view(1, form));
    draw(&screen);
    assert!(!found(&needle).is_empty(), "the scan finds nothing, so it proves nothing");

    // Typed once more, key by key.
    let act = Act::get(screen.window());
    act.invoke_open_field(0);
    draw(&screen);
    for key in word().chars() {
        act.invoke_key(key.to_string().into());
    }
    draw(&screen);

    let text = SigningText(format!("AD: {}", word()).into_bytes());
    let dialogue = Dialogue { request: RequestId([3; 16]), texts: vec![text] };
    screen.show(view(2, Page::Pin { dialogue, tries: TriesLeft::Unknown, wrong: false }));
    draw(&screen);

    screen.show(view(3, Page::ThankYou));
    draw(&screen);
    assert_eq!(found(&needle), [""; 0], "something of the visitor is still in memory");
}

#[test]
fn a_pin_on_its_way_leaves_no_copy_behind() {
    let _alone = alone();
    platform(false).unwrap();
    let screen = gallery::blind().unwrap();
    open(&screen, (1280, 800)).unwrap();
    let needle = sealed("7390518264073915");
    let text = SigningText(b"AD: DENEME".to_vec());
    let dialogue = Dialogue { request: RequestId([4; 16]), texts: vec![text] };
    screen.show(view(1, Page::Pin { dialogue, tries: TriesLeft::Known(3), wrong: false }));
    let act = Act::get(screen.window());
    act.invoke_seen(1);
    act.invoke_contract_read();
    for byte in &needle {
        act.invoke_pin_digit(i32::from(*byte ^ 0x5A) - i32::from(b'0'));
        draw(&screen);
    }
    assert_eq!(found(&needle).len(), 1, "the PIN is in its locked page and nowhere else");
    screen.lost();
    assert_eq!(found(&needle), [""; 0]);
}

#[test]
fn of_three_pins_each_is_where_it_was_typed_and_nowhere_once_it_is_not_wanted() {
    let _alone = alone();
    platform(false).unwrap();
    let screen = gallery::blind().unwrap();
    open(&screen, (1280, 800)).unwrap();
    let (old, new) = (sealed("7390518264073915"), sealed("618305"));
    let page = |serial, request| {
        let (request, kind) = (RequestId([request; 16]), NewPinKind::Change);
        view(serial, Page::NewPin { request, kind, tries: TriesLeft::Known(3), wrong: false })
    };
    let act = Act::get(screen.window());
    let typed = |pin: &[u8]| {
        for byte in pin {
            act.invoke_pin_digit(i32::from(*byte ^ 0x5A) - i32::from(b'0'));
            draw(&screen);
        }
    };
    let places = || (found(&old).len(), found(&new).len());
    screen.show(page(1, 5));
    typed(&old);
    act.invoke_pin_confirm();
    typed(&new);
    assert_eq!(places(), (1, 1), "each in its locked page");
    act.invoke_pin_confirm();
    typed(&new);
    assert_eq!(places(), (1, 2));
    act.invoke_pin_back();
    assert_eq!(places(), (1, 0), "one step back both new ones are gone");
    act.invoke_pin_back();
    assert_eq!(places(), (0, 0));
    typed(&old);
    act.invoke_pin_confirm();
    typed(&new);
    screen.show(page(2, 6));
    draw(&screen);
    assert_eq!(places(), (0, 0), "another request begins with none");
    typed(&old);
    screen.show(view(3, Page::PinSet { kind: NewPinKind::Change }));
    assert_eq!(places(), (0, 0));
    screen.show(page(4, 7));
    typed(&old);
    screen.lost();
    assert_eq!(places(), (0, 0));
}

#[test]
fn the_new_cards_pin_is_drawn_under_a_finger_alone_and_is_nowhere_when_its_page_is_over() {
    let _alone = alone();
    platform(false).unwrap();
    let screen = gallery::blind().unwrap();
    open(&screen, (1280, 800)).unwrap();
    let needle = sealed("7390518264073915");
    // Built here and dropped with the view, so that this test keeps no copy of its own.
    let page = |serial| {
        let pin = needle.iter().map(|byte| char::from(*byte ^ 0x5A)).collect::<String>();
        view(serial, Page::NewCardPin { pin: PortalSecret::new(pin), usable_from: "02.01.2027".into() })
    };
    let act = Act::get(screen.window());
    screen.show(page(1));
    draw(&screen);
    assert_eq!(found(&needle).len(), 1, "in the view, and in nothing that is drawn");
    act.invoke_reveal(true);
    draw(&screen);
    assert!(found(&needle).len() > 1, "drawn");
    act.invoke_reveal(false);
    draw(&screen);
    assert_eq!(found(&needle).len(), 1);
    act.invoke_reveal(true);
    draw(&screen);
    screen.show(view(2, Page::ThankYou));
    draw(&screen);
    assert_eq!(found(&needle), [""; 0]);
    screen.show(page(3));
    act.invoke_reveal(true);
    draw(&screen);
    screen.lost();
    assert_eq!(found(&needle), [""; 0]);
}

#[test]
fn a_page_of_a_document_is_gone_when_the_next_one_stands_and_the_last_with_the_visit() {
    let _alone = alone();
    platform(false).unwrap();
    let screen = gallery::blind().unwrap();
    open(&screen, (1280, 800)).unwrap();
    let needles = [sealed("Mzqkwvxplt"), sealed("Bjhygfdrcu")];
    // Each grey stands three times in a picture.
    let drawn = |needle: &[u8]| needle.iter().flat_map(|byte| [*byte; 3]).collect::<Vec<u8>>();
    let page = |serial, which: usize| {
        let (width, height) = (usize::from(SCREEN_SIZE.0), usize::from(SCREEN_SIZE.1));
        let mut pixels = vec![255; width * height];
        for (at, byte) in needles[which].iter().enumerate() {
            pixels[width * 40 + 100 + at] = *byte ^ 0x5A;
        }
        let page = Grey::new(SCREEN_SIZE, pixels).unwrap();
        view(serial, Page::Paper { page, number: u8::try_from(which + 1).unwrap(), of: 2 })
    };
    let places = |which: usize| (found(&needles[which]).len(), found(&drawn(&needles[which])).len());
    screen.show(page(1, 0));
    draw(&screen);
    assert!(places(0).1 > 0, "the scan finds nothing, so it proves nothing");
    screen.show(page(2, 1));
    draw(&screen);
    assert_eq!(places(0), (0, 0), "the page before");
    screen.show(view(3, Page::ThankYou));
    draw(&screen);
    assert_eq!(places(1), (0, 0));
}
