//! The whole policy under virtual time: each page and each fault as a sentence, and the invariants against
//! whatever may happen.

mod anything;
mod card_away;
mod card_check;
mod cards;
mod change_pin;
mod details;
mod faults;
mod hardware;
mod kiosk;
mod on_paper;
mod outcome;
mod prefill;
mod renewal;
mod signing;
mod watch;
mod world;
