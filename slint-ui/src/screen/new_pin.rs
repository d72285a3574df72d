//! Another PIN, on the window: which is asked for, why one is not taken, all of it on its way; and the new card's, under
//! a finger.
//!
//! What may leave is decided by [`Entry`]; this draws it and carries it out.

use eimza_kiosk::link::{
    new_pin::Weakness,
    pin::Verdict,
    signer::RequestId,
    view::{NewPinKind, Page},
};
use slint::Global as _;

use super::{Screen, on_screen};
use crate::{
    dialogue::Dialogue,
    new_pin::{Entry, Parcel, Step, Typed},
    ui::{NewPinStep, PinProblem, Shown},
};

impl Screen {
    /// A finger is on the button that shows the new card's PIN, or is not any more.
    pub(super) fn reveal(&self, held: bool) {
        let view = self.view.borrow();
        let pin = match view.as_ref().filter(|view| held && view.overlay.is_none()).map(|view| &view.page) {
            Some(Page::NewCardPin { pin, .. }) => pin.expose(),
            _ => "",
        };
        self.revealed.set(!pin.is_empty());
        Shown::get(&self.window).set_new_card_pin(pin.into());
    }

    /// The page stands for this request: nothing is typed yet, unless it stood there already.
    pub(super) fn show_new_pin(&self, request: RequestId, kind: NewPinKind) {
        let shown = Shown::get(&self.window);
        let stands = self.new_pin.borrow().as_ref().is_some_and(|entry| entry.request() == request);
        if !stands && !shown.get_pin_sending() {
            self.begin_new_pin(request, kind);
        }
        self.draw_new_pin();
    }

    fn begin_new_pin(&self, request: RequestId, kind: NewPinKind) {
        match Entry::new(request, kind) {
            Ok(entry) => *self.new_pin.borrow_mut() = Some(entry),
            Err(error) => {
                log::error!("no memory can be locked for a PIN: {error}");
                Shown::get(&self.window).set_pin_problem(PinProblem::NoMemory);
            }
        }
    }

    fn draw_new_pin(&self) {
        let shown = Shown::get(&self.window);
        let entry = self.new_pin.borrow();
        shown.set_pin_length(entry.as_ref().map_or(0, |it| i32::try_from(it.length()).unwrap_or(0)));
        if let Some(entry) = &*entry {
            shown.set_new_pin_step(match entry.step() {
                Step::Old => NewPinStep::Old,
                Step::New => NewPinStep::New,
                Step::Repeat => NewPinStep::Repeat,
            });
        }
    }

    pub(super) fn pin_digit(&self, digit: u8) {
        if !self.type_new_pin(|entry| entry.digit(digit)) {
            self.pin(|dialogue| dialogue.digit(digit));
        }
    }

    pub(super) fn pin_delete(&self) {
        if !self.type_new_pin(Entry::delete) {
            self.pin(Dialogue::delete);
        }
    }

    pub(super) fn pin_confirm(&self) {
        if self.new_pin.borrow().is_none() {
            return self.send_pin();
        }
        self.present();
        self.new_pin_done();
        (self.wires.changed)(self);
    }

    pub(super) fn new_pin_back(&self) {
        self.type_new_pin(Entry::back);
        (self.wires.changed)(self);
    }

    /// Whether there is one to be typed.
    fn type_new_pin(&self, change: impl FnOnce(&mut Entry)) -> bool {
        let there = self.new_pin.borrow_mut().as_mut().map(change).is_some();
        if there {
            self.present();
            Shown::get(&self.window).set_pin_problem(PinProblem::None);
            self.draw_new_pin();
        }
        there
    }

    fn new_pin_done(&self) {
        let Some(entry) = self.new_pin.borrow_mut().take() else { return };
        let accept_last_try = self.dialogue.borrow().has_accepted(entry.request());
        let (entry, typed) = entry.done(accept_last_try);
        *self.new_pin.borrow_mut() = entry;
        self.draw_new_pin();
        let problem = match typed {
            Typed::GoesOn => PinProblem::None,
            Typed::Weak(Weakness::AllEqual) => PinProblem::WeakEqual,
            Typed::Weak(Weakness::Run) => PinProblem::WeakRun,
            Typed::Weak(Weakness::Year) => PinProblem::WeakYear,
            Typed::Weak(Weakness::SameAsOld) => PinProblem::WeakSame,
            Typed::Differs => PinProblem::Differs,
            Typed::All(parcel) => return self.send_new_pin(parcel),
        };
        Shown::get(&self.window).set_pin_problem(problem);
    }

    fn send_new_pin(&self, parcel: Parcel) {
        // A yes is for one PIN.
        self.dialogue.borrow_mut().forget_last_try();
        let shown = Shown::get(&self.window);
        shown.set_pin_problem(PinProblem::None);
        shown.set_pin_sending(true);
        let request = parcel.request();
        let (socket, uid) = (self.wires.pin_socket.clone(), self.wires.signer_uid);
        let sent = std::thread::Builder::new().name("pin".into()).spawn(move || {
            let verdict = parcel.send(&socket, uid);
            if let Err(error) = &verdict {
                log::warn!("the signer did not take the new PIN: {error}");
            }
            on_screen(move |screen| screen.verdict(request, verdict.ok()));
        });
        if sent.is_err() {
            self.verdict(request, None);
        }
    }

    /// The signer took none of it: all three are typed again.
    pub(super) fn new_pin_refused(&self, request: RequestId, verdict: Option<Verdict>) {
        let kind = match self.view.borrow().as_ref().map(|view| &view.page) {
            Some(Page::NewPin { kind, .. }) => *kind,
            _ => return,
        };
        self.begin_new_pin(request, kind);
        self.draw_new_pin();
        log::info!("a new PIN was not taken: {verdict:?}");
        (self.wires.changed)(self);
    }
}
