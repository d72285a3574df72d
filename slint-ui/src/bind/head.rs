//! Head, foot, question and manner of the whole screen.

use eimza_kiosk::link::view::{self, Language, TextSize, View};
use slint::{ComponentHandle as _, Global as _};

use crate::{
    names,
    ui::{Frame, KioskWindow, OverlayName, Theme},
};

/// Everything around the page.
pub fn frame(window: &KioskWindow, view: &View) {
    let frame = Frame::get(window);
    let from = &view.frame;
    frame.set_office((&from.office).into());
    frame.set_step(names::step(from.step));
    frame.set_ring(from.ring.is_some());
    if let Some(ring) = from.ring {
        frame.set_ring_of(names::deadline(ring.of));
    }
    frame.set_back(from.back);
    frame.set_cancel(from.cancel);
    frame.set_assisted(from.assisted);
    frame.set_help_phone((&from.help.phone).into());
    frame.set_help_email((&from.help.email).into());
    frame.set_setback(names::setback(from.setback));
    frame.set_calls(true);
    frame.set_overlay(match view.overlay {
        None => OverlayName::None,
        Some(view::Overlay::StillThere { .. }) => OverlayName::StillThere,
        Some(view::Overlay::CancelConfirm) => OverlayName::CancelConfirm,
        Some(view::Overlay::Help { reference, call }) => {
            frame.set_call(names::call(call));
            frame.set_help_reference(reference.to_string().into());
            OverlayName::Help
        }
    });
    let english = from.language == Language::English;
    if frame.get_english() != english {
        speak(window, english);
    }
    let theme = window.global::<Theme>();
    theme.set_text_size(match from.text_size {
        TextSize::Normal => 0,
        TextSize::Large => 1,
        TextSize::Largest => 2,
    });
    theme.set_high_contrast(from.contrast == view::Contrast::High);
}

/// Changes the language; Turkish is the source text.
pub fn speak(window: &KioskWindow, english: bool) {
    Frame::get(window).set_english(english);
    if slint::select_bundled_translation(if english { "en" } else { "" }).is_err() {
        log::warn!("the translation is not there");
    }
}
