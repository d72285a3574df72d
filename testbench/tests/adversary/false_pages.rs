//! Pages that would have a PIN: words that ask for one, pages of six digits, a PIN page before its time.

use std::{collections::BTreeSet, fs, os::unix::net::UnixListener, path::Path};

use eimza_kiosk::link::{
    intent::Intent,
    pin::{self, PinFrame, Verdict},
    signer::{RequestId, TriesLeft},
    view::{Page, SmsPurpose},
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use testbench::robot::Control;

use crate::{
    kiosk::{Kiosk, READ, READ_FIRST, SECURE, pin_page},
    pages,
};

const DEMAND: &str = "PIN kodunuzu girin";
const REQUEST: RequestId = RequestId([7; 16]);
const DIGITS: &str = "904713";

/// A screen whose signer is the test.
struct Scene {
    kiosk: Kiosk,
    signer: UnixListener,
    folder: TempDir,
}

impl Scene {
    fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("kiosk.toml"), CONFIG).unwrap();
        let signer = UnixListener::bind(folder.path().join("pin")).unwrap();
        let kiosk = Kiosk::start(folder.path());
        Self { kiosk, signer, folder }
    }

    /// Whether nobody has knocked at the PIN socket.
    fn untouched(&self) -> bool {
        self.signer.set_nonblocking(true).unwrap();
        let knocked = self.signer.accept();
        self.signer.set_nonblocking(false).unwrap();
        knocked.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// The first frame that ever came.
    fn frame(&self) -> PinFrame {
        let (mut socket, _) = self.signer.accept().unwrap();
        let frame = pin::receive(&mut socket).unwrap();
        pin::answer(&mut socket, Verdict::Accepted).unwrap();
        frame
    }

    fn framed_as(&mut self, colour: Option<[u8; 4]>) -> ([u8; 4], bool) {
        let file = self.folder.path().join("shot.png");
        self.kiosk.screen.shot(&file).unwrap();
        framed(&file, colour)
    }
}

/// The colour of the screen's left edge, and whether left, right and lower edge are all of `colour`, else of it.
fn framed(file: &Path, colour: Option<[u8; 4]>) -> ([u8; 4], bool) {
    let decoder = png::Decoder::new(std::io::BufReader::new(fs::File::open(file).unwrap()));
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let (width, height) = {
        let frame = reader.next_frame(&mut pixels).unwrap();
        (frame.width as usize, frame.height as usize)
    };
    let at = |x: usize, y: usize| -> [u8; 4] { pixels[(y * width + x) * 4..][..4].try_into().unwrap() };
    let edge = at(1, height / 2);
    let wanted = colour.unwrap_or(edge);
    let sides = (height / 3..height - 1).all(|y| at(1, y) == wanted && at(width - 2, y) == wanted);
    (edge, sides && (0..width).all(|x| at(x, height - 2) == wanted))
}

fn said(controls: Vec<Control>, words: &str) -> Vec<(String, String, String)> {
    controls
        .into_iter()
        .map(|it| (it.role, it.label.replace(words, "…"), it.value.replace(words, "…")))
        .collect()
}

#[test]
fn words_that_ask_for_a_pin_stand_only_where_values_and_quotations_do() {
    let mut scene = Scene::set();
    let harmless = "Deneme";
    let mut places = BTreeSet::new();
    for (page, same) in pages::carrying(DEMAND).into_iter().zip(pages::carrying(harmless)) {
        let name = scene.kiosk.screen.state().unwrap().page;
        scene.kiosk.words = harmless.to_owned();
        scene.kiosk.show(same);
        let meant = said(scene.kiosk.screen.controls().unwrap(), harmless);
        scene.kiosk.words = DEMAND.to_owned();
        scene.kiosk.show(page);
        let found = said(scene.kiosk.screen.controls().unwrap(), DEMAND);
        assert_eq!(found, meant, "the page after {name}: words change no title, no label and no control");
        assert!(!scene.kiosk.has(SECURE));
        places
            .extend(found.into_iter().map(|(role, label, _)| (role, label)).filter(|it| it.1.contains('…')));
    }
    let places: Vec<_> = places.iter().map(|(role, label)| format!("{role} {label}")).collect();
    assert_eq!(places, PLACES);
}

#[test]
fn no_page_but_the_pins_own_is_framed_as_it_is() {
    let mut scene = Scene::set();
    scene.kiosk.show(pages::pin());
    scene.kiosk.read();
    assert!(scene.kiosk.takes_a_pin());
    let (colour, framed) = scene.framed_as(None);
    assert!(framed, "the PIN page has its frame");
    for page in pages::carrying(DEMAND) {
        scene.kiosk.show(page);
        let (edge, framed) = scene.framed_as(Some(colour));
        assert!(!framed && edge != colour, "{:?}", scene.kiosk.screen.state());
    }
}

#[test]
fn digits_of_a_page_of_six_digits_go_where_sms_codes_go() {
    let mut scene = Scene::set();
    scene.kiosk.words = DEMAND.to_owned();
    scene.kiosk.show(Page::SmsCode {
        wrong: false,
        late: false,
        digits: 6,
        purpose: SmsPurpose::Application,
    });
    scene.kiosk.type_and("111222", "Onayla");
    assert_eq!(scene.kiosk.intent(), Intent::SmsCode("111222".into()));
    assert!(scene.untouched());
    // The first that ever reaches the signer was typed on the page that says so.
    scene.kiosk.show(pages::pin());
    scene.kiosk.read();
    scene.kiosk.type_and(DIGITS, "Tamam");
    assert_eq!(scene.frame().pin.expose(), DIGITS.as_bytes());
    assert!(scene.untouched());
}

#[test]
fn a_pin_page_out_of_the_blue_has_its_texts_read_first() {
    let mut scene = Scene::set();
    let long: String = (0..200).map(|line| format!("{line}. satır\n")).collect();
    scene.kiosk.show(pin_page(REQUEST, &[&long], TriesLeft::Known(3)));
    assert!(scene.kiosk.has(READ_FIRST) && !scene.kiosk.takes_a_pin());
    assert!(scene.kiosk.screen.tap(READ, None).is_err(), "the end was not on the screen");
    scene.kiosk.read();
    scene.kiosk.type_and("1234", "Sil");
    assert!(scene.kiosk.takes_a_pin());
    // The same request with another text: what was typed is of no use, and that text is to be read.
    scene.kiosk.show(pin_page(REQUEST, &["Başka metin.\n"], TriesLeft::Known(3)));
    assert!(scene.kiosk.has(READ_FIRST) && !scene.kiosk.takes_a_pin());
    scene.kiosk.show(pin_page(REQUEST, &[&long], TriesLeft::Known(1)));
    for _ in 0..6 {
        scene.kiosk.tap("Sil");
    }
    assert!(scene.untouched());
    scene.kiosk.type_and(DIGITS, "Tamam");
    let frame = scene.frame();
    assert_eq!((frame.request, frame.pin.expose()), (REQUEST, DIGITS.as_bytes()));
    assert_eq!(frame.digests, [<[u8; 32]>::from(Sha256::digest(&long))]);
    assert!(!frame.accept_last_try, "nobody said yes to a last try");
    assert!(scene.untouched());
}

#[test]
fn the_process_that_takes_the_pin_leaves_no_core() {
    let scene = Scene::set();
    let limits = scene.kiosk.limits();
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"], "{limits}");
}

/// Role and label of everything that shows words of a view, the words themselves as `…`.
const PLACES: [&str; 15] = [
    // A certificate to choose, by its holder's name.
    "button …",
    // What a card check found of a certificate.
    "other Sertifika: …",
    "other Son geçerlilik: …",
    "other …",
    "other … gününden itibaren yapılabilir.",
    "other … tarihine kadar geçerli (1 gün).",
    "text Formda farklı – Çalıştığınız birim: …",
    "text Görevli için kod: …",
    "text Haklarınız (Kanun madde 11) ve sorularınız için: … · …",
    "text Portal: “…”",
    "text Yardım için: … · …",
    "text Yenileme … gününden itibaren yapılabilir. O gün veya sonra yeniden gelin.",
    "text Önerilen sözcük: …",
    "text “…”",
    "text …",
];

const CONFIG: &str = r#"
[office]
name = "Deneme"
help_phone = "000"
help_email = "deneme@ornek.invalid"
[portal]
profile = "profile.toml"
ca_roots = ["ca.pem"]
[links]
screen = "screen"
signer = "signer"
pin = "pin"
submission_flag = "flag"
[token]
module = "none.so"
"#;
