//! What is touched and typed on a page before it is looked at.

use slint::Global as _;

use crate::{
    screen::Screen,
    ui::{Act, Local},
};

pub(super) fn last_fields(screen: &Screen) {
    Local::get(screen.window()).set_field_page(9);
}

pub(super) fn edit_field(screen: &Screen, index: i32, typed: &str) {
    let act = Act::get(screen.window());
    act.invoke_open_field(index);
    for _ in 0..200 {
        act.invoke_key("\u{8}".into());
    }
    act.invoke_key(typed.into());
}

/// As if a finger had gone through the texts.
pub(super) fn read(screen: &Screen) {
    for stretch in 0..64 {
        Act::get(screen.window()).invoke_seen(stretch);
    }
    Act::get(screen.window()).invoke_contract_read();
}

pub(super) fn type_pin(screen: &Screen) {
    read(screen);
    for digit in [0, 0, 0] {
        Act::get(screen.window()).invoke_pin_digit(digit);
    }
}

/// These PINs, "Tamam" between them.
pub(super) fn type_digits(screen: &Screen, pins: &[&[i32]]) {
    let act = Act::get(screen.window());
    for (index, pin) in pins.iter().enumerate() {
        if index > 0 {
            act.invoke_pin_confirm();
        }
        pin.iter().for_each(|digit| act.invoke_pin_digit(*digit));
    }
}
