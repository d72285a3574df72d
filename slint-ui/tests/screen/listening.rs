//! A screen whose touches are kept instead of sent, and a finger for it.

use std::{cell::RefCell, rc::Rc};

use eimza_kiosk::link::intent::Intent;
use kiosk_ui::{
    headless::{controls::Control, open, platform},
    screen::{Keys, Screen, Wires},
};
use slint::{
    ComponentHandle as _, LogicalPosition,
    platform::{PointerEventButton, WindowEvent},
};

/// The screen of this size, and what it was told by touches.
pub(crate) fn listening(size: (u32, u32)) -> (Rc<Screen>, Rc<RefCell<Vec<Intent>>>) {
    platform(false).unwrap();
    let told = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&told);
    let screen = Screen::new(Wires {
        touch: Box::new(move |touch| heard.borrow_mut().push(touch.intent.clone())),
        pin_socket: "/nonexistent".into(),
        keys: Keys::Screen,
        signer_uid: None,
        changed: Box::new(|_| {}),
    });
    let screen = screen.unwrap();
    open(&screen, size).unwrap();
    (screen, told)
}

/// A finger is put down there, or lifted.
pub(crate) fn finger(screen: &Screen, (x, y): (f32, f32), down: bool) {
    let (position, button) = (LogicalPosition::new(x, y), PointerEventButton::Left);
    screen.window().window().dispatch_event(if down {
        WindowEvent::PointerPressed { position, button }
    } else {
        WindowEvent::PointerReleased { position, button }
    });
}

pub(crate) fn tap(screen: &Screen, place: (f32, f32)) {
    finger(screen, place, true);
    finger(screen, place, false);
}

pub(crate) fn middle(control: &Control) -> (f32, f32) {
    (control.x + control.w / 2.0, control.y + control.h / 2.0)
}
