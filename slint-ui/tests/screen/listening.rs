//! A screen whose touches are kept instead of sent.

use std::{cell::RefCell, rc::Rc};

use eimza_kiosk::link::intent::Intent;
use kiosk_ui::{
    headless::{open, platform},
    screen::{Keys, Screen, Wires},
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
