//! The screen of the kiosk: draws a [`View`](eimza_kiosk::link::view::View), reports an
//! [`Intent`](eimza_kiosk::link::intent::Intent), takes the PIN.
//!
//! It decides nothing and keeps nothing that outlives a view, but for two things nobody else may vouch for:
//! which texts were on this screen to their end, and that the person said yes to a last try here.
//!
//! | module | owns |
//! |---|---|
//! | [`screen`] | the window, the view on it, what was touched |
//! | [`arrange`] | which cell a field or an answer stands in |
//! | [`bind`] | view → properties of the pages |
//! | [`names`] | ids of the link → ids of the pages |
//! | [`texts`] | what may be shown of a text, in which stretches, and its digest |
//! | [`dialogue`] | the screen's side of the signing dialogue: texts seen, the PIN on its way |
//! | [`new_pin`] | three PINs typed one after the other, on their way in one frame |
//! | `pin_socket` | the one way to the signer's PIN socket |
//! | [`mod@line`] | the line being typed into a field |
//! | [`link`] | the connection to `kioskd` |
//! | [`start`], [`alive`] | what both programs do at start; what the service manager is told |
//! | [`headless`] | the robot's screen and the gallery; never part of an image |

pub mod alive;
pub mod arrange;
pub mod bind;
pub mod dialogue;
#[cfg(feature = "headless")]
pub mod headless;
pub mod keypad;
pub mod line;
pub mod link;
pub mod names;
pub mod new_pin;
mod pin_socket;
pub mod screen;
pub mod start;
pub mod texts;

/// What the Slint compiler made of `ui/`.
pub mod ui {
    #![allow(
        missing_docs,
        unreachable_pub,
        clippy::all,
        clippy::todo,
        clippy::unwrap_used,
        clippy::wildcard_enum_match_arm,
        reason = "generated code"
    )]
    slint::include_modules!();
}
