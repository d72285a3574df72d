//! The real screen, and in `kioskd`'s place whoever writes the test.

use std::{
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    time::{Duration, Instant},
};

use eimza_kiosk::{
    link::{
        codec,
        intent::{Intent, Touch},
        signer::{RequestId, TriesLeft},
        view::{Contrast, Dialogue, Frame, Help, Language, Page, Step, TextSize, View},
    },
    portal::SigningText,
};
use testbench::{
    launcher::{Launcher, Program},
    programs,
    robot::{Control, Screen},
};

/// Far longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// What the band of the PIN page says.
pub(crate) const SECURE: &str = "Güvenli PIN girişi: PIN yalnızca kartınıza gider.";
/// The way from the texts to the PIN.
pub(crate) const READ: &str = "Okudum, PIN'e geç";
/// The page that stands instead of the PIN's until the texts were read.
pub(crate) const READ_FIRST: &str = "PIN'den önce metni yeniden okuyun.";

/// The screen, with the false `kioskd`'s end of its link.
pub(crate) struct Kiosk {
    pub(crate) screen: Screen,
    pub(crate) words: String,
    link: UnixStream,
    serial: u64,
    launcher: Launcher,
}

impl Kiosk {
    /// A screen with the configuration in this folder.
    pub(crate) fn start(folder: &Path) -> Self {
        let listener = UnixListener::bind(folder.join("screen")).unwrap();
        let mut launcher = Launcher::new(&folder.join("logs")).unwrap();
        let robot = folder.join("robot");
        launcher
            .start(Program {
                name: "kiosk-ui",
                path: programs::built().join("kiosk-ui-headless"),
                arguments: vec![
                    "--config".into(),
                    folder.join("kiosk.toml").into(),
                    "--robot".into(),
                    robot.clone().into(),
                ],
                environment: Vec::new(),
            })
            .unwrap();
        let (link, _) = listener.accept().unwrap();
        link.set_read_timeout(Some(PATIENCE)).unwrap();
        let screen = Screen::connect(&robot, PATIENCE).unwrap();
        Self { screen, words: "Deneme".to_owned(), link, serial: 0, launcher }
    }

    /// What the kernel lets the screen's process do.
    pub(crate) fn limits(&self) -> String {
        let pid = self.launcher.pid("kiosk-ui").unwrap();
        std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap()
    }

    /// Has the screen show a page, and waits until it stands.
    pub(crate) fn show(&mut self, page: Page) {
        self.serial += 1;
        let view = View {
            serial: self.serial,
            page,
            overlay: None,
            frame: Frame {
                office: self.words.clone(),
                step: Some(Step::Pin),
                ring: None,
                back: true,
                cancel: true,
                language: Language::Turkish,
                text_size: TextSize::Normal,
                contrast: Contrast::Normal,
                help: Help { phone: self.words.clone(), email: self.words.clone() },
                setback: None,
                assisted: true,
            },
        };
        codec::write(&mut self.link, &view).unwrap();
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.screen.state().unwrap();
        while state.serial != self.serial {
            assert!(Instant::now() < deadline, "the page does not come: {state:?}");
            state = self.screen.wait(&state, PATIENCE).unwrap();
        }
    }

    /// The next intent of a person, other than "somebody is there".
    pub(crate) fn intent(&mut self) -> Intent {
        loop {
            let touch: Touch = codec::read(&mut self.link).unwrap();
            if !matches!(touch.intent, Intent::Present | Intent::Drawn) {
                return touch.intent;
            }
        }
    }

    pub(crate) fn tap(&mut self, label: &str) {
        self.screen.tap(label, Some("button")).unwrap();
    }

    /// Reads to the end and says so.
    pub(crate) fn read(&mut self) {
        self.screen.scroll_end().unwrap();
        self.tap(READ);
    }

    /// Types digits and confirms them.
    pub(crate) fn type_and(&mut self, digits: &str, confirm: &str) {
        for digit in digits.chars() {
            self.tap(&digit.to_string());
        }
        self.tap(confirm);
    }

    /// The control with this label, as soon as it is there and takes a touch if it is for one.
    pub(crate) fn await_control(&mut self, label: &str) -> Control {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let controls = self.screen.controls().unwrap();
            if let Some(found) = controls.iter().find(|it| it.label == label && it.enabled) {
                return found.clone();
            }
            assert!(Instant::now() < deadline, "{label:?} does not come: {controls:#?}");
        }
    }

    /// Whether there is a control with this label now.
    pub(crate) fn has(&mut self, label: &str) -> bool {
        self.screen.controls().unwrap().iter().any(|it| it.label == label)
    }

    /// The PIN page stands, and a PIN can be typed.
    pub(crate) fn takes_a_pin(&mut self) -> bool {
        self.has(SECURE) && self.has("7")
    }
}

pub(crate) fn texts(texts: &[&str]) -> Vec<SigningText> {
    texts.iter().map(|text| SigningText(text.as_bytes().to_vec())).collect()
}

pub(crate) fn pin_page(request: RequestId, shown: &[&str], tries: TriesLeft) -> Page {
    Page::Pin { dialogue: Dialogue { request, texts: texts(shown) }, tries, wrong: false }
}
