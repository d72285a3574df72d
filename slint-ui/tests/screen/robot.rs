//! The headless screen as a process, between a `kioskd` and a signer played over the real links.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use eimza_kiosk::{
    link::{
        codec,
        intent::{Intent, Touch},
        pin::{self, PinFrame, Verdict},
        signer::{RequestId, TriesLeft},
        view::{Dialogue, Overlay, Page, Service, SmsPurpose, View},
    },
    portal::SigningText,
    session::fault::Cause,
};
use kiosk_ui::headless::{gallery::Manner, samples};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::inotify,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const REQUEST: RequestId = RequestId([8; 16]);
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const CONFIGURATION: &str = "
    [office]
    name = \"Deneme\"
    help_phone = \"0\"
    help_email = \"a@b.invalid\"
    [portal]
    profile = \"none.toml\"
    ca_roots = [\"none.pem\"]
    [links]
    screen = \"screen.sock\"
    signer = \"signer.sock\"
    pin = \"pin.sock\"
    submission_flag = \"flag\"
    [token]
    module = \"none.so\"
";

pub(crate) struct Kiosk {
    process: Child,
    robot: BufReader<UnixStream>,
    screen: UnixListener,
    pub(crate) pin: UnixListener,
    folder: tempfile::TempDir,
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Kiosk {
    fn start() -> (Self, UnixStream) {
        Self::linked(CONFIGURATION)
    }

    /// Starts the screen with a configuration and takes its link.
    pub(crate) fn linked(configuration: &str) -> (Self, UnixStream) {
        let kiosk = Self::configured(configuration);
        let (link, _) = kiosk.screen.accept().unwrap();
        link.set_read_timeout(Some(PATIENCE)).unwrap();
        (kiosk, link)
    }

    /// Starts the screen with a configuration and waits for its robot socket.
    fn configured(configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("kiosk.toml"), configuration).unwrap();
        let screen = UnixListener::bind(at("screen.sock")).unwrap();
        let pin = UnixListener::bind(at("pin.sock")).unwrap();
        let watcher = inotify::init(inotify::CreateFlags::CLOEXEC).unwrap();
        inotify::add_watch(&watcher, folder.path(), inotify::WatchFlags::CREATE).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_kiosk-ui-headless"))
            .arg("--config")
            .arg(at("kiosk.toml"))
            .arg("--robot")
            .arg(at("robot.sock"))
            .args(["--size", "800x480"])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let patience = Timespec::try_from(PATIENCE).unwrap();
        let robot = loop {
            if let Ok(robot) = UnixStream::connect(at("robot.sock")) {
                break robot;
            }
            let news = poll(&mut [PollFd::new(&watcher, PollFlags::IN)], Some(&patience)).unwrap();
            assert!(news > 0 && process.try_wait().unwrap().is_none(), "the screen does not start");
        };
        robot.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { process, robot: BufReader::new(robot), screen, pin, folder }
    }

    pub(crate) fn ask(&mut self, command: &Value) -> Value {
        self.robot.get_mut().write_all(format!("{command}\n").as_bytes()).unwrap();
        let mut line = String::new();
        self.robot.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Whether something on the screen says so.
    pub(crate) fn reads(&mut self, words: &str) -> bool {
        self.ask(&json!({ "do": "controls" })).to_string().contains(words)
    }

    pub(crate) fn tap(&mut self, label: &str) {
        let answer = self.ask(&json!({ "do": "tap", "label": label }));
        let [stroke] = answer["strokes"].as_array().map_or(&[][..], Vec::as_slice) else {
            panic!("{label}: {answer}")
        };
        assert!(
            stroke["from"].is_array() && stroke["from"] == stroke["to"],
            "{label}: a finger that stays where it is"
        );
    }

    /// Reads the texts to their end.
    pub(crate) fn read_to_end(&mut self) {
        let answer = self.ask(&json!({ "do": "scroll-end" }));
        let strokes = answer["strokes"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let up = |stroke: &Value| stroke["from"][1].as_f64() > stroke["to"][1].as_f64();
        assert!(strokes.iter().all(up), "{answer}");
    }

    /// Waits until the state has this value.
    pub(crate) fn until(&mut self, key: &str, value: impl Into<Value>) -> Value {
        let value = value.into();
        let mut state = self.ask(&json!({ "do": "state" }));
        for _ in 0..100 {
            if state.get(key).unwrap_or(&Value::Null) == &value {
                return state;
            }
            state = self.ask(&json!({ "do": "wait", "unlike": state, "timeout_ms": 5000 }));
        }
        panic!("{key} is not {value}: {state}");
    }
}

/// A view in whose frame nothing is out of the ordinary.
pub(crate) fn view(serial: u64, page: Page) -> View {
    View { page, ..samples::all().remove(0).view(serial, Manner::default()) }
}

pub(crate) fn send(link: &mut UnixStream, view: &View) {
    codec::write(link, view).unwrap();
}

/// The next touch that says more than that somebody is there.
pub(crate) fn touch(link: &mut UnixStream) -> Touch {
    loop {
        let touch: Touch = codec::read(link).unwrap();
        if !matches!(touch.intent, Intent::Present | Intent::Drawn) {
            return touch;
        }
    }
}

pub(crate) fn texts() -> Vec<SigningText> {
    let long = (0..60).map(|n| format!("{n}. satır\n")).collect::<String>();
    vec![SigningText(long.into()), SigningText("FORM-001-042\n".repeat(40).into())]
}

pub(crate) fn pin_page(serial: u64) -> View {
    let dialogue = Dialogue { request: REQUEST, texts: texts() };
    view(serial, Page::Pin { dialogue, tries: TriesLeft::Known(3), wrong: false })
}

fn receive(signer: &UnixListener) -> PinFrame {
    let (mut stream, _) = signer.accept().unwrap();
    let frame = pin::receive(&mut stream).unwrap();
    pin::answer(&mut stream, Verdict::Accepted).unwrap();
    frame
}

#[test]
fn a_contract_is_read_to_its_end_and_its_pin_goes_to_the_signer_with_what_was_shown() {
    let (mut kiosk, mut link) = Kiosk::start();
    send(&mut link, &view(1, Page::Contract { texts: texts(), comparison: Vec::new() }));
    kiosk.until("page", "contract");
    let refused = kiosk.ask(&json!({ "do": "tap", "label": "Okudum, PIN'e geç" }));
    assert!(refused["error"].as_str().is_some_and(|it| it.contains("disabled")), "{refused}");
    kiosk.read_to_end();
    kiosk.tap("Okudum, PIN'e geç");
    assert_eq!(touch(&mut link), Touch { serial: 1, intent: Intent::ContractRead });

    send(&mut link, &pin_page(2));
    kiosk.until("page", "pin");
    for digit in ["4", "0", "8", "1", "5", "2"] {
        kiosk.tap(digit);
    }
    let shown = kiosk.ask(&json!({ "do": "controls" })).to_string();
    assert!(!shown.contains("408152"), "the PIN can be read on the screen");
    kiosk.tap("Tamam");
    let frame = receive(&kiosk.pin);
    assert_eq!(frame.pin.expose(), b"408152");
    assert_eq!(frame.request, REQUEST);
    assert!(!frame.accept_last_try);
    let digests: Vec<[u8; 32]> = texts().iter().map(|it| Sha256::digest(&it.0).into()).collect();
    assert_eq!(frame.digests, digests);
    assert_eq!(touch(&mut link), Touch { serial: 2, intent: Intent::PinSent(REQUEST) });
}

#[test]
fn a_pin_page_whose_texts_were_not_on_this_screen_shows_them_first() {
    let (mut kiosk, mut link) = Kiosk::start();
    send(&mut link, &pin_page(1));
    kiosk.until("page", "pin");
    let refused = kiosk.ask(&json!({ "do": "tap", "label": "4" }));
    assert!(refused.get("error").is_some(), "there is a PIN pad before the texts were read");
    kiosk.read_to_end();
    kiosk.tap("Okudum, PIN'e geç");
    kiosk.tap("4");
    let controls = kiosk.ask(&json!({ "do": "controls" }));
    let band = "Güvenli PIN girişi: PIN yalnızca kartınıza gider.";
    assert!(controls.to_string().contains(band), "the PIN page's own frame is missing");
}

#[test]
fn a_page_of_six_digits_that_is_not_the_pin_page_has_no_frame_of_one_and_sends_nothing_to_the_signer() {
    let (mut kiosk, mut link) = Kiosk::start();
    send(
        &mut link,
        &view(1, Page::SmsCode { wrong: false, late: false, digits: 6, purpose: SmsPurpose::Application }),
    );
    kiosk.until("page", "sms-code");
    assert!(!kiosk.ask(&json!({ "do": "controls" })).to_string().contains("Güvenli PIN girişi"));
    for digit in ["1", "2", "3", "4", "5", "6"] {
        kiosk.tap(digit);
    }
    kiosk.pin.set_nonblocking(true).unwrap();
    kiosk.tap("Onayla");
    assert_eq!(touch(&mut link), Touch { serial: 1, intent: Intent::SmsCode("123456".into()) });
    assert!(kiosk.pin.accept().is_err(), "something went to the signer");
}

#[test]
fn when_kioskd_vanishes_the_screen_forgets_and_comes_back_by_itself() {
    let (mut kiosk, mut link) = Kiosk::start();
    send(&mut link, &view(1, Page::SmsSend { phone: "535 DENEME 42".into(), correctable: true }));
    kiosk.until("page", "sms-send");
    assert!(kiosk.ask(&json!({ "do": "controls" })).to_string().contains("535 DENEME 42"));
    drop(link);
    kiosk.until("page", "waiting");
    let controls = kiosk.ask(&json!({ "do": "controls" })).to_string();
    assert!(!controls.contains("535 DENEME 42"), "{controls}");
    let (mut link, _) = kiosk.screen.accept().unwrap();
    send(&mut link, &view(7, Page::Attract { services: Vec::new() }));
    let state = kiosk.until("page", "attract");
    assert_eq!(state["serial"], 7);
}

#[test]
fn a_screen_that_can_read_no_links_in_its_configuration_says_out_of_service_and_whom_to_call() {
    let mut kiosk = Kiosk::configured(
        "[office]\nname = \"Deneme\"\nhelp_phone = \"444 0 000\"\nhelp_email = \"a@b.invalid\"\n[links]\n",
    );
    let state = kiosk.until("page", "out-of-service");
    assert_eq!(state["cause"], "configuration");
    let controls = kiosk.ask(&json!({ "do": "controls" })).to_string();
    assert!(
        controls.contains("Kioskun ayarları eksik veya hatalı.") && controls.contains("444 0 000"),
        "{controls}"
    );
}

#[test]
fn the_last_word_of_kioskd_that_the_kiosk_is_out_of_service_stands_when_it_is_gone() {
    let (mut kiosk, mut link) = Kiosk::start();
    send(&mut link, &view(1, Page::OutOfService { cause: Cause::Configuration }));
    kiosk.until("page", "out-of-service");
    drop(link);
    let state = kiosk.until("connected", false);
    assert_eq!((&state["page"], &state["cause"]), (&"out-of-service".into(), &"configuration".into()));
}

#[test]
fn a_question_over_the_page_is_all_that_can_be_touched() {
    let (mut kiosk, mut link) = Kiosk::start();
    let mut asked = view(1, Page::Notice { service: Service::Renewal });
    asked.overlay = Some(Overlay::StillThere { left_ms: 20_000 });
    send(&mut link, &asked);
    kiosk.until("overlay", "still-there");
    let refused = kiosk.ask(&json!({ "do": "tap", "label": "Devam et" }));
    assert!(refused.get("error").is_some());
    kiosk.tap("Buradayım");
    assert_eq!(touch(&mut link), Touch { serial: 1, intent: Intent::Stay });
    let picture = kiosk.folder.path().join("page.png");
    assert_eq!(kiosk.ask(&json!({ "do": "shot", "path": picture })), json!({ "ok": true }));
    assert_eq!(size(&picture), (800, 480));
}

fn size(picture: &Path) -> (u32, u32) {
    let file = BufReader::new(std::fs::File::open(picture).unwrap());
    let reader = png::Decoder::new(file).read_info().unwrap();
    (reader.info().width, reader.info().height)
}
