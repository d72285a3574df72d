//! The whole policy under virtual time: each page and each fault as a sentence, and the invariants against
//! whatever may happen.

mod anything;
mod assisted;
mod card_away;
mod card_check;
mod cards;
mod change_pin;
mod details;
mod faults;
mod hardware;
mod help;
mod kiosk;
mod new_card_pin;
mod on_paper;
mod outcome;
mod prefill;
mod renewal;
mod signing;
mod unblock;
mod watch;
mod world;

pub(in crate::session) use world::settings;
