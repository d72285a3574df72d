//! The window with the view that stands on it: views come in, touches go out.
//!
//! What a touch means is decided by `kioskd`. When `kioskd` is gone everything shown and typed is forgotten.

use std::{
    cell::{Cell, RefCell},
    path::PathBuf,
    rc::{Rc, Weak},
    time::{Duration, Instant},
};

use eimza_kiosk::{
    link::{
        intent::{Intent, Touch},
        pin::Verdict,
        view::{Contrast, Language, Overlay, Page, TextSize, View},
    },
    redact::Personal,
};
use slint::{Global as _, PlatformError, Timer, TimerMode};

use crate::{
    bind::{self, Lists},
    dialogue::Dialogue,
    line::{self, Line, Takes},
    names,
    texts::{self, Texts},
    ui::{Act, CauseName, Frame, InputName, KioskWindow, Local, PageName, PinProblem, Shown},
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

/// Where the screen's words go.
pub struct Wires {
    /// Touches, to `kioskd`.
    pub touch: Box<dyn Fn(&Touch)>,
    /// The signer's PIN socket.
    pub pin_socket: PathBuf,
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
    line: RefCell<Option<Line>>,
    ring: Cell<Option<Countdown>>,
    overlay: Cell<Option<Instant>>,
    present: Cell<Option<Instant>>,
    went_on: Cell<bool>,
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
            line: RefCell::default(),
            ring: Cell::default(),
            overlay: Cell::default(),
            present: Cell::default(),
            went_on: Cell::default(),
            ticks: Timer::default(),
        });
        SCREEN.set(Rc::downgrade(&screen));
        listen(&screen);
        let weak = Rc::downgrade(&screen);
        screen.ticks.start(TimerMode::Repeated, TICK, move || {
            if let Some(screen) = weak.upgrade() {
                screen.tick();
            }
        });
        Ok(screen)
    }

    /// The window.
    #[must_use]
    pub fn window(&self) -> &KioskWindow {
        &self.window
    }

    /// `kioskd` answers.
    pub fn connected(&self) {
        self.connected.set(true);
        (self.wires.changed)(self);
    }

    /// `kioskd` is gone: everything is forgotten.
    pub fn lost(&self) {
        self.connected.set(false);
        *self.view.borrow_mut() = None;
        *self.dialogue.borrow_mut() = Dialogue::default();
        *self.line.borrow_mut() = None;
        self.lists.blank(&self.window);
        let frame = Frame::get(&self.window);
        frame.set_ring(false);
        frame.set_step(0);
        frame.set_back(false);
        frame.set_cancel(false);
        frame.set_overlay(crate::ui::OverlayName::None);
        self.ring.set(None);
        self.overlay.set(None);
        bind::stand(&self.window, PageName::Waiting);
        (self.wires.changed)(self);
    }

    /// Shows a view.
    pub fn show(&self, view: View) {
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
        bind::frame(&self.window, &view);
        self.lists.page(&self.window, &view.page);
        let name = self.show_dialogue(&view.page).unwrap_or(name);
        self.countdowns(&view);
        if self.went_on.replace(false) {
            self.look_at_first_fault();
        }
        *self.view.borrow_mut() = Some(view);
        bind::stand(&self.window, name);
        self.tick();
        (self.wires.changed)(self);
    }

    /// Serial and name of the page that stands, the name of the overlay, and whether `kioskd` is there.
    #[must_use]
    pub fn standing(&self) -> (Option<u64>, &'static str, Option<&'static str>, bool) {
        let view = self.view.borrow();
        let Some(view) = view.as_ref() else { return (None, "waiting", None, self.connected.get()) };
        let overlay = view.overlay.map(|it| match it {
            Overlay::StillThere { .. } => "still-there",
            Overlay::CancelConfirm => "cancel-confirm",
        });
        (Some(view.serial), names::page(&view.page).1, overlay, self.connected.get())
    }

    /// The cause the page names, in kebab-case.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        let view = self.view.borrow();
        let cause = match &view.as_ref()?.page {
            Page::OutOfService { cause } | Page::Trouble { cause, .. } => Some(*cause),
            Page::Eligibility { verdict, .. } => verdict.err(),
            Page::TakeCard { cause, .. } => *cause,
            Page::Starting
            | Page::Attract
            | Page::ReadingCard
            | Page::Notice
            | Page::Login { .. }
            | Page::Form { .. }
            | Page::Review { .. }
            | Page::SmsSend { .. }
            | Page::SmsCode { .. }
            | Page::Method { .. }
            | Page::Contract { .. }
            | Page::Certificate { .. }
            | Page::LastTry { .. }
            | Page::Pin { .. }
            | Page::Signing
            | Page::Busy { .. }
            | Page::Result { .. }
            | Page::CardPulled { .. }
            | Page::ThankYou => None,
        }?;
        Some(names::kebab(&format!("{cause:?}")))
    }

    fn forget_what_is_over(&self, page: &Page) {
        let mut dialogue = self.dialogue.borrow_mut();
        match page {
            Page::Pin { .. } | Page::LastTry { .. } => {}
            Page::Contract { .. }
            | Page::Certificate { .. }
            | Page::Signing
            | Page::Busy { .. }
            | Page::CardPulled { .. }
            | Page::Trouble { .. } => {
                dialogue.forget_pin();
                dialogue.forget_last_try();
            }
            Page::Starting
            | Page::OutOfService { .. }
            | Page::Attract
            | Page::ReadingCard
            | Page::Eligibility { .. }
            | Page::Notice
            | Page::Login { .. }
            | Page::Form { .. }
            | Page::Review { .. }
            | Page::SmsSend { .. }
            | Page::SmsCode { .. }
            | Page::Method { .. }
            | Page::Result { .. }
            | Page::TakeCard { .. }
            | Page::ThankYou => *dialogue = Dialogue::default(),
        }
    }

    /// Texts and PIN of the page; names another page where this one may not stand yet.
    fn show_dialogue(&self, page: &Page) -> Option<PageName> {
        let (request, prepared) = match page {
            Page::Contract { texts, comparison } => (None, texts::prepare(texts, comparison)),
            Page::LastTry { dialogue } | Page::Pin { dialogue, .. } => {
                (Some(dialogue.request), texts::prepare(&dialogue.texts, &[]))
            }
            Page::Starting
            | Page::OutOfService { .. }
            | Page::Attract
            | Page::ReadingCard
            | Page::Eligibility { .. }
            | Page::Notice
            | Page::Login { .. }
            | Page::Form { .. }
            | Page::Review { .. }
            | Page::SmsSend { .. }
            | Page::SmsCode { .. }
            | Page::Method { .. }
            | Page::Certificate { .. }
            | Page::Signing
            | Page::Busy { .. }
            | Page::Result { .. }
            | Page::CardPulled { .. }
            | Page::Trouble { .. }
            | Page::TakeCard { .. }
            | Page::ThankYou => return None,
        };
        let Ok(prepared) = prepared else {
            Shown::get(&self.window).set_cause(CauseName::TextUnreadable);
            return Some(PageName::Unreadable);
        };
        let mut dialogue = self.dialogue.borrow_mut();
        match request {
            None => self.show_texts(&mut dialogue, prepared),
            Some(request) => {
                if !dialogue.shows(&prepared) || !dialogue.agreed() {
                    self.show_texts(&mut dialogue, prepared);
                }
                if !dialogue.agreed() {
                    Local::get(&self.window).set_reading_first(true);
                }
                if matches!(page, Page::Pin { .. }) && dialogue.await_pin(request).is_err() {
                    log::error!("no memory can be locked for a PIN");
                    Shown::get(&self.window).set_pin_problem(PinProblem::NoMemory);
                }
            }
        }
        let shown = Shown::get(&self.window);
        shown.set_read_to_end(dialogue.read_to_end());
        shown.set_pin_length(i32::try_from(dialogue.length()).unwrap_or(0));
        None
    }

    fn show_texts(&self, dialogue: &mut Dialogue, prepared: Texts) {
        let on_screen = Shown::get(&self.window).get_texts() > 0;
        if !(on_screen && dialogue.shows(&prepared)) {
            self.lists.texts(&self.window, &prepared);
            dialogue.show(prepared);
        }
    }

    fn countdowns(&self, view: &View) {
        let now = Instant::now();
        self.ring.set(view.frame.ring.map(|ring| Countdown {
            until: now + Duration::from_millis(ring.left_ms),
            total: Duration::from_millis(ring.total_ms.max(1)),
        }));
        self.overlay.set(match view.overlay {
            Some(Overlay::StillThere { left_ms }) => Some(now + Duration::from_millis(left_ms)),
            Some(Overlay::CancelConfirm) | None => None,
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

    fn seen(&self, stretch: i32) {
        let mut dialogue = self.dialogue.borrow_mut();
        if usize::try_from(stretch).is_ok_and(|it| dialogue.saw(it)) {
            Shown::get(&self.window).set_read_to_end(dialogue.read_to_end());
        }
    }

    fn contract_read(&self) {
        if !self.dialogue.borrow_mut().agree() {
            return;
        }
        if Local::get(&self.window).get_reading_first() {
            Local::get(&self.window).set_reading_first(false);
            self.present();
        } else {
            self.touch(Intent::ContractRead);
        }
        (self.wires.changed)(self);
    }

    fn accept_last_try(&self) {
        let request = match self.view.borrow().as_ref().map(|view| &view.page) {
            Some(Page::LastTry { dialogue }) => dialogue.request,
            _ => return,
        };
        self.dialogue.borrow_mut().accept_last_try(request);
        self.touch(Intent::AcceptLastTry);
    }

    fn pin(&self, change: impl FnOnce(&mut Dialogue)) {
        self.present();
        let mut dialogue = self.dialogue.borrow_mut();
        change(&mut dialogue);
        let shown = Shown::get(&self.window);
        shown.set_pin_problem(PinProblem::None);
        shown.set_pin_length(i32::try_from(dialogue.length()).unwrap_or(0));
    }

    fn send_pin(&self) {
        let Some(parcel) = self.dialogue.borrow_mut().parcel() else { return };
        let shown = Shown::get(&self.window);
        shown.set_pin_sending(true);
        shown.set_pin_length(0);
        let socket = self.wires.pin_socket.clone();
        let sent = std::thread::Builder::new().name("pin".into()).spawn(move || {
            let request = parcel.request();
            let verdict = parcel.send(&socket);
            if let Err(error) = &verdict {
                log::warn!("the signer did not take the PIN: {error}");
            }
            on_screen(move |screen| screen.verdict(request, verdict.ok()));
        });
        if sent.is_err() {
            shown.set_pin_sending(false);
            shown.set_pin_problem(PinProblem::NotSent);
        }
    }

    fn verdict(&self, request: eimza_kiosk::link::signer::RequestId, verdict: Option<Verdict>) {
        let on_page = matches!(self.view.borrow().as_ref().map(|view| &view.page),
            Some(Page::Pin { dialogue, .. }) if dialogue.request == request);
        if !on_page {
            return;
        }
        let problem = match verdict {
            Some(Verdict::Accepted) => {
                self.touch(Intent::PinSent(request));
                return;
            }
            Some(Verdict::OtherTextShown) => PinProblem::OtherText,
            Some(Verdict::LastTryNotAccepted) => PinProblem::LastTry,
            Some(Verdict::NoSuchRequest | Verdict::Malformed) | None => PinProblem::NotSent,
        };
        let shown = Shown::get(&self.window);
        shown.set_pin_sending(false);
        shown.set_pin_problem(problem);
        if self.dialogue.borrow_mut().await_pin(request).is_err() {
            shown.set_pin_problem(PinProblem::NoMemory);
        }
    }
}

/// Joins what the pages report to what is done about it.
fn listen(screen: &Rc<Screen>) {
    let act = Act::get(&screen.window);
    /// `on!(name(arguments) => |screen| body)` without keeping the screen alive.
    macro_rules! on {
        ($set:ident($($argument:ident),*) => |$screen:ident| $body:expr) => {
            let weak = Rc::downgrade(screen);
            act.$set(move |$($argument),*| {
                if let Some($screen) = weak.upgrade() { $body }
            });
        };
    }
    on!(on_touched() => |it| it.present());
    on!(on_next() => |it| it.next());
    on!(on_back() => |it| it.touch(Intent::Back));
    on!(on_cancel() => |it| it.touch(Intent::Cancel));
    on!(on_confirm_cancel() => |it| it.touch(Intent::ConfirmCancel));
    on!(on_stay() => |it| it.touch(Intent::Stay));
    on!(on_language(english) => |it| {
        it.touch(Intent::Language(if english { Language::English } else { Language::Turkish }));
    });
    on!(on_text_size(size) => |it| it.touch(Intent::TextSize(match size {
        2 => TextSize::Largest,
        1 => TextSize::Large,
        _ => TextSize::Normal,
    })));
    on!(on_contrast(high) => |it| {
        it.touch(Intent::Contrast(if high { Contrast::High } else { Contrast::Normal }));
    });
    on!(on_fill(field, value) => |it| it.fill(field, &value));
    on!(on_new_captcha() => |it| it.touch(Intent::NewCaptcha));
    on!(on_take_word() => |it| it.touch(Intent::TakeSuggestedWord));
    on!(on_edit(section) => |it| {
        if let Some(section) = names::section_back(section) { it.touch(Intent::Edit(section)); }
    });
    on!(on_wrong_number() => |it| it.touch(Intent::WrongNumber));
    on!(on_sms_code(code) => |it| {
        Local::get(&it.window).set_code("".into());
        it.touch(Intent::SmsCode(code.as_str().into()));
    });
    on!(on_method(method) => |it| {
        if let Some(method) = names::method_back(method) { it.touch(Intent::Method(method)); }
    });
    on!(on_seen(stretch) => |it| it.seen(stretch));
    on!(on_contract_read() => |it| it.contract_read());
    on!(on_certificate(index) => |it| {
        if let Ok(index) = u8::try_from(index) { it.touch(Intent::Certificate(index)); }
    });
    on!(on_accept_last_try() => |it| it.accept_last_try());
    on!(on_advice(advice) => |it| {
        if let Some(advice) = names::advice_back(advice) { it.touch(Intent::Advice(advice)); }
    });
    on!(on_pin_digit(digit) => |it| {
        if let Ok(digit) = u8::try_from(digit) { it.pin(|dialogue| dialogue.digit(digit)); }
    });
    on!(on_pin_delete() => |it| it.pin(Dialogue::delete));
    on!(on_pin_confirm() => |it| it.send_pin());
    on!(on_open_field(index) => |it| it.open_field(index));
    on!(on_leave_field() => |it| it.leave_field());
    on!(on_key(key) => |it| it.key(&key));
    act.on_digit_at(|text, place| {
        let digit = usize::try_from(place).ok().and_then(|place| text.chars().nth(place));
        digit.map_or_else(Default::default, Into::into)
    });
    act.on_arranged(|answers, columns| bind::arranged(&answers, usize::try_from(columns).unwrap_or(1)));
    act.on_shorter(|text| {
        let mut shorter = text.to_string();
        shorter.pop();
        shorter.into()
    });
}
