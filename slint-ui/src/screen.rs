//! The window with the view that stands on it: views come in, touches go out.
//!
//! What a touch means is decided by `kioskd`. When `kioskd` is gone everything shown and typed is forgotten.

mod acts;
pub mod alone;
mod new_pin;
mod signing;

use std::{
    cell::{Cell, RefCell},
    path::PathBuf,
    rc::{Rc, Weak},
    time::{Duration, Instant},
};

use eimza_kiosk::{
    link::{
        intent::{Intent, Touch},
        view::{Busy, Finding, Overlay, Page, View},
    },
    redact::Personal,
    session::fault::Cause,
};
use slint::{Global as _, PlatformError, Timer, TimerMode};

use alone::Alone;

use crate::{
    bind::{self, Lists},
    dialogue::Dialogue,
    line::{self, Line, Takes},
    names,
    new_pin::Entry,
    ui::{Frame, InputName, KioskWindow, Local, PageName, Shown},
};

const TICK: Duration = Duration::from_millis(200);
const PRESENT_EVERY: Duration = Duration::from_secs(1);

thread_local! {
    static SCREEN: RefCell<Weak<Screen>> = const { RefCell::new(Weak::new()) };
}

/// Runs something on the screen from another thread, in the event loop.
pub fn on_screen(what: impl FnOnce(&Rc<Screen>) + Send + 'static) {
    let run = move || {
        if let Some(screen) = SCREEN.with_borrow(Weak::upgrade) {
            what(&screen);
        }
    };
    if slint::invoke_from_event_loop(run).is_err() {
        log::debug!("the event loop is over");
    }
}

/// Keys for a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// The screen's.
    Screen,
    /// The signer's own keypad.
    Keypad,
    /// The card reader's.
    Reader,
}

/// Where the screen's words go.
pub struct Wires {
    /// Touches, to `kioskd`.
    pub touch: Box<dyn Fn(&Touch)>,
    /// The signer's PIN socket.
    pub pin_socket: PathBuf,
    /// On which keys the PIN is typed, as long as the signer says that it has them.
    pub keys: Keys,
    /// Whose process has to listen there; see [`eimza_kiosk::link::listen::require_listener`].
    pub signer_uid: Option<u32>,
    /// Told after every change of what is shown.
    pub changed: Box<dyn Fn(&Screen)>,
}

/// A deadline as the screen counts it down.
#[derive(Clone, Copy)]
struct Countdown {
    until: Instant,
    total: Duration,
}

/// The screen.
pub struct Screen {
    window: KioskWindow,
    lists: Lists,
    wires: Wires,
    view: RefCell<Option<View>>,
    connected: Cell<bool>,
    dialogue: RefCell<Dialogue>,
    new_pin: RefCell<Option<Entry>>,
    line: RefCell<Option<Line>>,
    ring: Cell<Option<Countdown>>,
    overlay: Cell<Option<Instant>>,
    present: Cell<Option<Instant>>,
    went_on: Cell<bool>,
    /// The new card's PIN is drawn: a finger is on its button.
    revealed: Cell<bool>,
    /// The signer said that its keys do not work.
    no_keypad: Cell<bool>,
    alone: Alone,
    ticks: Timer,
}

impl Screen {
    /// A window that shows "one moment" until `kioskd` says more.
    ///
    /// # Errors
    /// When there is no window to be had.
    pub fn new(wires: Wires) -> Result<Rc<Self>, PlatformError> {
        let window = KioskWindow::new()?;
        let lists = Lists::new(&window);
        bind::speak(&window, false);
        let screen = Rc::new(Self {
            window,
            lists,
            wires,
            view: RefCell::default(),
            connected: Cell::default(),
            dialogue: RefCell::default(),
            new_pin: RefCell::default(),
            line: RefCell::default(),
            ring: Cell::default(),
            overlay: Cell::default(),
            present: Cell::default(),
            went_on: Cell::default(),
            revealed: Cell::default(),
            no_keypad: Cell::default(),
            alone: Alone::default(),
            ticks: Timer::default(),
        });
        SCREEN.set(Rc::downgrade(&screen));
        acts::listen(&screen);
        let weak = Rc::downgrade(&screen);
        screen.ticks.start(TimerMode::Repeated, TICK, move || {
            if let Some(screen) = weak.upgrade() {
                screen.tick();
            }
        });
        screen.wait_for_kioskd();
        Ok(screen)
    }

    /// The window.
    #[must_use]
    pub fn window(&self) -> &KioskWindow {
        &self.window
    }

    /// Whether `kioskd` has said what to show since it answers.
    #[must_use]
    pub fn has_view(&self) -> bool {
        self.view.borrow().is_some()
    }

    /// `kioskd` answers.
    pub fn connected(&self) {
        self.connected.set(true);
        (self.wires.changed)(self);
    }

    /// `kioskd` is gone: everything is forgotten, but for its last word that the kiosk is out of service.
    pub fn lost(&self) {
        self.connected.set(false);
        self.no_keypad.set(false);
        self.revealed.set(false);
        let last = self.view.take();
        let at_work = last
            .as_ref()
            .is_some_and(|view| matches!(view.page, Page::Signing | Page::Busy { what: Busy::SettingPin }));
        *self.dialogue.borrow_mut() = Dialogue::default();
        *self.new_pin.borrow_mut() = None;
        *self.line.borrow_mut() = None;
        self.lists.blank(&self.window);
        Shown::get(&self.window).set_card_at_work(at_work);
        let frame = Frame::get(&self.window);
        frame.set_ring(false);
        frame.set_step(0);
        frame.set_back(false);
        frame.set_cancel(false);
        frame.set_assisted(false);
        // Nobody hears it.
        frame.set_calls(false);
        frame.set_help_reference("".into());
        frame.set_overlay(crate::ui::OverlayName::None);
        self.ring.set(None);
        self.overlay.set(None);
        match last.map(|view| view.page) {
            Some(Page::OutOfService { cause }) => self.out_of_service(names::cause(cause)),
            _ => self.wait_for_kioskd(),
        }
        (self.wires.changed)(self);
    }

    /// Shows a view.
    pub fn show(&self, view: View) {
        self.alone.forget();
        let same_page = self.view.borrow().as_ref().is_some_and(|old| {
            old.serial == view.serial
                && std::mem::discriminant(&old.page) == std::mem::discriminant(&view.page)
        });
        let (name, _) = names::page(&view.page);
        if !same_page {
            // The page goes first, so that nothing of it is drawn with the values of the next.
            bind::stand(&self.window, PageName::Waiting);
            self.lists.blank(&self.window);
            *self.line.borrow_mut() = None;
            self.went_on.set(false);
        }
        self.forget_what_is_over(&view.page);
        // What is said of another page, or over this one, takes away what a finger holds; it has to be put down again.
        let holds = same_page && view.overlay.is_none() && self.revealed.get();
        if !holds {
            self.reveal(false);
        }
        bind::frame(&self.window, &view);
        self.lists.page(&self.window, &view.page);
        let name = self.show_dialogue(&view.page).unwrap_or(name);
        self.countdowns(&view);
        if self.went_on.replace(false) {
            self.look_at_first_fault();
        }
        *self.view.borrow_mut() = Some(view);
        self.reveal(holds);
        bind::stand(&self.window, name);
        self.tick();
        (self.wires.changed)(self);
    }

    /// Serial and name of the page that stands, the name of the overlay, and whether `kioskd` is there.
    #[must_use]
    pub fn standing(&self) -> (Option<u64>, &'static str, Option<&'static str>, bool) {
        let view = self.view.borrow();
        let Some(view) = view.as_ref() else {
            return (None, self.alone.page(), None, self.connected.get());
        };
        let overlay = view.overlay.map(|it| match it {
            Overlay::StillThere { .. } => "still-there",
            Overlay::CancelConfirm => "cancel-confirm",
            Overlay::Help { .. } => "help",
        });
        // Texts that may not be shown: another page stands than the one that was sent.
        let page = if self.refused_text() { "unreadable" } else { names::page(&view.page).1 };
        (Some(view.serial), page, overlay, self.connected.get())
    }

    /// The cause the page names, in kebab-case.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        let view = self.view.borrow();
        let Some(view) = view.as_ref() else { return self.alone.cause() };
        if self.refused_text() {
            return Some(names::kebab(&format!("{:?}", Cause::TextUnreadable)));
        }
        let cause = match &view.page {
            Page::OutOfService { cause } | Page::Trouble { cause, .. } => Some(*cause),
            Page::Eligibility { verdict, .. } => verdict.err(),
            Page::TakeCard { cause, .. } => *cause,
            Page::CardCheck { findings, .. } => findings.iter().find_map(Finding::cause),
            Page::Starting
            | Page::Attract { .. }
            | Page::InsertCard { .. }
            | Page::HandOver { .. }
            | Page::ReadingCard
            | Page::Notice { .. }
            | Page::LoginWay { .. }
            | Page::WordSet
            | Page::NewCardPin { .. }
            | Page::Login { .. }
            | Page::Form { .. }
            | Page::Review { .. }
            | Page::SmsSend { .. }
            | Page::SmsCode { .. }
            | Page::Method { .. }
            | Page::Paper { .. }
            | Page::Printing { .. }
            | Page::Printed { .. }
            | Page::Contract { .. }
            | Page::Certificate { .. }
            | Page::LastTry { .. }
            | Page::Pin { .. }
            | Page::NewPin { .. }
            | Page::PinSet { .. }
            | Page::Signing
            | Page::Busy { .. }
            | Page::Result { .. }
            | Page::CardPulled { .. }
            | Page::ThankYou => None,
        }?;
        Some(names::kebab(&format!("{cause:?}")))
    }

    fn refused_text(&self) -> bool {
        Frame::get(&self.window).get_page() == PageName::Unreadable
    }

    fn countdowns(&self, view: &View) {
        let now = Instant::now();
        self.ring.set(view.frame.ring.map(|ring| Countdown {
            until: now + Duration::from_millis(ring.left_ms),
            total: Duration::from_millis(ring.total_ms.max(1)),
        }));
        self.overlay.set(match view.overlay {
            Some(Overlay::StillThere { left_ms }) => Some(now + Duration::from_millis(left_ms)),
            Some(Overlay::CancelConfirm | Overlay::Help { .. }) | None => None,
        });
    }

    fn tick(&self) {
        let now = Instant::now();
        let frame = Frame::get(&self.window);
        let seconds = |left: Duration| i32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(i32::MAX);
        if let Some(ring) = self.ring.get() {
            let left = ring.until.saturating_duration_since(now);
            if frame.get_ring_left() != seconds(left) {
                frame.set_ring_left(seconds(left));
                frame.set_ring_share(left.as_secs_f32() / ring.total.as_secs_f32());
            }
        }
        if let Some(until) = self.overlay.get() {
            let left = seconds(until.saturating_duration_since(now));
            if frame.get_overlay_left() != left {
                frame.set_overlay_left(left);
            }
        }
    }

    fn look_at_first_fault(&self) {
        if let Some(wrong) = self.lists.first_wrong() {
            let local = Local::get(&self.window);
            local.set_look_at(wrong);
            local.set_look_again(local.get_look_again() + 1);
        }
    }

    fn touch(&self, intent: Intent) {
        let Some(serial) = self.view.borrow().as_ref().map(|view| view.serial) else { return };
        self.present.set(Some(Instant::now()));
        (self.wires.touch)(&Touch { serial, intent });
    }

    fn present(&self) {
        let due = self.present.get().is_none_or(|last| last.elapsed() >= PRESENT_EVERY);
        if due {
            self.touch(Intent::Present);
        }
    }

    fn next(&self) {
        self.went_on.set(true);
        self.touch(Intent::Next);
    }

    fn fill(&self, field: crate::ui::FieldName, value: &str) {
        if let Some(field) = names::field_back(field) {
            self.touch(Intent::Fill { field, value: Personal::new(value) });
        }
    }

    fn open_field(&self, index: i32) {
        let Some(field) = self.lists.field(index) else { return };
        let takes = if field.input == InputName::Date { Takes::Date } else { Takes::Text };
        let longest = usize::try_from(field.max_length).unwrap_or(0);
        *self.line.borrow_mut() = Some(Line::new(&field.value, takes, longest));
        self.draw_line();
        let local = Local::get(&self.window);
        local.set_choice_page(0);
        local.set_editing(index);
    }

    fn key(&self, key: &str) {
        if let Some(line) = &mut *self.line.borrow_mut() {
            line.press(key);
        }
        self.draw_line();
    }

    fn draw_line(&self) {
        let line = self.line.borrow();
        let (before, after) = line.as_ref().map_or(("", ""), |line| (line.before(), line.after()));
        let local = Local::get(&self.window);
        local.set_before(line::drawn(before));
        local.set_after(line::drawn(after));
    }

    fn leave_field(&self) {
        let local = Local::get(&self.window);
        let field = self.lists.field(local.get_editing());
        if let (Some(field), Some(line)) = (field, self.line.take()) {
            self.fill(field.id, line.text());
        }
        local.set_editing(-1);
        self.draw_line();
    }
}
