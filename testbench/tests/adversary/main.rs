//! A `kioskd` that somebody else has written, against the real signer and the real screen.
//!
//! What the signer refuses whoever asks is tried in `tests/signer`; here the two that a broken `kioskd` has to
//! deceive are both there: the screen that takes the PIN and the signer that spends it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "../signer/bench.rs"]
#[expect(dead_code, reason = "the signer's own tests need more of it")]
mod bench;
mod false_pages;
mod false_texts;
mod impostors;
mod kiosk;
mod pages;
mod strangers;
#[path = "../signer/way.rs"]
#[expect(dead_code, reason = "the signer's own tests need more of it")]
mod way;
