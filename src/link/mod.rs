//! What the three processes say to each other, and how it is framed.
//!
//! [`view`] and [`intent`] travel between `kioskd` and `kiosk-ui`, [`signer`] between `kioskd` and
//! `kiosk-token`, and [`pin`], [`new_pin`] or [`keypad`] between `kiosk-ui` and `kiosk-token`,
//! outside serde; [`paper`] between `kioskd` and `kiosk-paper`. [`text`] says what may be shown and signed, [`challenge`] which texts are the signer's own. Nothing here
//! decides.

pub mod arrival;
pub mod challenge;
pub mod codec;
pub mod intent;
pub mod keypad;
pub mod listen;
pub mod new_pin;
pub mod paper;
pub mod pin;
pub mod signer;
pub mod text;
pub mod view;
