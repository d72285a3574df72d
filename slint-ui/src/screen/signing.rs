//! The screen's side of the signing dialogue, on the window: texts read to their end, the PIN on its way.
//!
//! What may leave, and for what, is decided by [`Dialogue`]; this draws it and carries it out.

use eimza_kiosk::link::{intent::Intent, keypad::Heard, pin::Verdict, signer::RequestId, view::Page};
use slint::Global as _;

use super::{Keys, Screen, on_screen};
use crate::{
    dialogue::Dialogue,
    keypad::Asked,
    texts::{self, Texts},
    ui::{CauseName, Local, PageName, PinProblem, Shown},
};

impl Screen {
    pub(super) fn forget_what_is_over(&self, page: &Page) {
        let mut dialogue = self.dialogue.borrow_mut();
        if !matches!(page, Page::NewPin { .. }) {
            *self.new_pin.borrow_mut() = None;
        }
        match page {
            Page::Pin { .. } | Page::LastTry { .. } => {}
            Page::NewPin { .. } => dialogue.forget_pin(),
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
            | Page::Attract { .. }
            | Page::InsertCard { .. }
            | Page::HandOver { .. }
            | Page::CardCheck { .. }
            | Page::ReadingCard
            | Page::Eligibility { .. }
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
            | Page::Result { .. }
            | Page::PinSet { .. }
            | Page::TakeCard { .. }
            | Page::ThankYou => {
                *dialogue = Dialogue::default();
                if self.wires.keys == Keys::Reader {
                    // Whoever did not type there is not the next one, and the next reader may be another.
                    self.no_keypad.set(false);
                }
            }
        }
    }

    /// Texts and PIN of the page; names another page where this one may not stand yet.
    pub(super) fn show_dialogue(&self, page: &Page) -> Option<PageName> {
        let (request, prepared) = match page {
            Page::NewPin { request, kind, .. } => {
                self.show_new_pin(*request, *kind);
                return None;
            }
            // It asks a question, and there is nothing to be read.
            Page::LastTry { dialogue } if dialogue.texts.is_empty() => return None,
            Page::Contract { texts, comparison } => (None, texts::prepare(texts, comparison)),
            Page::LastTry { dialogue } | Page::Pin { dialogue, .. } => {
                (Some(dialogue.request), texts::prepare(&dialogue.texts, &[]))
            }
            Page::Starting
            | Page::OutOfService { .. }
            | Page::Attract { .. }
            | Page::InsertCard { .. }
            | Page::HandOver { .. }
            | Page::CardCheck { .. }
            | Page::ReadingCard
            | Page::Eligibility { .. }
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
            | Page::Certificate { .. }
            | Page::Signing
            | Page::Busy { .. }
            | Page::Result { .. }
            | Page::PinSet { .. }
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
                if matches!(page, Page::Pin { .. }) {
                    self.ask_keypad(&mut dialogue);
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

    pub(super) fn seen(&self, stretch: i32) {
        let mut dialogue = self.dialogue.borrow_mut();
        if usize::try_from(stretch).is_ok_and(|it| dialogue.saw(it)) {
            Shown::get(&self.window).set_read_to_end(dialogue.read_to_end());
        }
    }

    pub(super) fn contract_read(&self) {
        if !self.dialogue.borrow_mut().agree() {
            return;
        }
        if Local::get(&self.window).get_reading_first() {
            Local::get(&self.window).set_reading_first(false);
            self.ask_keypad(&mut self.dialogue.borrow_mut());
            self.present();
        } else {
            self.touch(Intent::ContractRead);
        }
        (self.wires.changed)(self);
    }

    pub(super) fn accept_last_try(&self) {
        let request = match self.view.borrow().as_ref().map(|view| &view.page) {
            Some(Page::LastTry { dialogue }) => dialogue.request,
            _ => return,
        };
        self.dialogue.borrow_mut().accept_last_try(request);
        self.touch(Intent::AcceptLastTry);
    }

    pub(super) fn pin(&self, change: impl FnOnce(&mut Dialogue)) {
        self.present();
        let mut dialogue = self.dialogue.borrow_mut();
        change(&mut dialogue);
        let shown = Shown::get(&self.window);
        shown.set_pin_problem(PinProblem::None);
        shown.set_pin_length(i32::try_from(dialogue.length()).unwrap_or(0));
    }

    pub(super) fn send_pin(&self) {
        let Some(parcel) = self.dialogue.borrow_mut().parcel() else { return };
        let shown = Shown::get(&self.window);
        shown.set_pin_sending(true);
        shown.set_pin_length(0);
        let (socket, uid) = (self.wires.pin_socket.clone(), self.wires.signer_uid);
        let sent = std::thread::Builder::new().name("pin".into()).spawn(move || {
            let request = parcel.request();
            let verdict = parcel.send(&socket, uid);
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

    fn is_on_pin_page(&self, request: RequestId) -> bool {
        match self.view.borrow().as_ref().map(|view| &view.page) {
            Some(Page::Pin { dialogue, .. }) => dialogue.request == request,
            Some(Page::NewPin { request: asked, .. }) => *asked == request,
            _ => false,
        }
    }

    /// Has the PIN typed on the signer's keys, or through it on the reader's, where it has any and the texts were read.
    fn ask_keypad(&self, dialogue: &mut Dialogue) {
        let keypad = self.wires.keys != Keys::Screen && !self.no_keypad.get();
        Shown::get(&self.window).set_keypad(keypad);
        Shown::get(&self.window).set_reader_keys(self.wires.keys == Keys::Reader);
        let Some(question) = dialogue.question().filter(|_| keypad) else { return };
        let request = question.request;
        let (socket, uid) = (self.wires.pin_socket.clone(), self.wires.signer_uid);
        let asked = Asked::start(socket, uid, question, move |heard| {
            on_screen(move |screen| screen.keypad_says(request, heard.ok()));
        });
        match asked {
            Ok(asked) => dialogue.ask(asked),
            Err(error) => {
                log::error!("the keypad cannot be asked: {error}");
                self.type_here(dialogue);
            }
        }
    }

    /// The screen's own keys, for the rest of the visit.
    fn type_here(&self, dialogue: &mut Dialogue) {
        self.no_keypad.set(true);
        dialogue.type_here();
        let shown = Shown::get(&self.window);
        shown.set_keypad(false);
        shown.set_pin_length(0);
    }

    fn keypad_says(&self, request: RequestId, heard: Option<Heard>) {
        if !self.is_on_pin_page(request) {
            return;
        }
        let shown = Shown::get(&self.window);
        match heard {
            Some(Heard::Dots(count)) => {
                self.dialogue.borrow_mut().count(count);
                shown.set_pin_length(count.into());
                if count > 0 {
                    shown.set_pin_problem(PinProblem::None);
                    self.present();
                }
            }
            Some(Heard::Verdict(Verdict::NoKeypad)) => {
                log::info!("the signer has no keys that work: the PIN is typed on the screen");
                self.type_here(&mut self.dialogue.borrow_mut());
            }
            Some(Heard::Verdict(verdict)) => {
                self.dialogue.borrow_mut().answered();
                shown.set_pin_sending(verdict == Verdict::Accepted);
                shown.set_pin_length(0);
                self.verdict(request, Some(verdict));
            }
            // What became of the question nobody knows; the page has to have keys all the same.
            None => {
                self.type_here(&mut self.dialogue.borrow_mut());
                self.verdict(request, None);
            }
        }
        (self.wires.changed)(self);
    }

    pub(super) fn verdict(&self, request: RequestId, verdict: Option<Verdict>) {
        if !self.is_on_pin_page(request) {
            return;
        }
        let problem = match verdict {
            Some(Verdict::Accepted) => {
                self.touch(Intent::PinSent(request));
                return;
            }
            Some(Verdict::OtherTextShown) => PinProblem::OtherText,
            Some(Verdict::LastTryNotAccepted) => PinProblem::LastTry,
            Some(Verdict::NoSuchRequest | Verdict::Malformed | Verdict::NoKeypad | Verdict::WeakPin)
            | None => PinProblem::NotSent,
        };
        let shown = Shown::get(&self.window);
        shown.set_pin_sending(false);
        shown.set_pin_problem(problem);
        if matches!(self.view.borrow().as_ref().map(|view| &view.page), Some(Page::NewPin { .. })) {
            return self.new_pin_refused(request, verdict);
        }
        if self.dialogue.borrow_mut().await_pin(request).is_err() {
            shown.set_pin_problem(PinProblem::NoMemory);
        }
    }
}
