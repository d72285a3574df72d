//! The renewal kiosk's test bench: everything around the kiosk that a renewal needs, real enough to judge it.

pub mod card;
pub mod demo;
pub mod emulation;
pub mod faults;
pub mod helper;
pub mod launcher;
pub mod opensc;
pub mod pcscd;
pub mod pki;
pub mod portal;
pub mod printer;
pub mod programs;
pub mod robot;
pub mod soak;
pub mod terminal;
pub mod visitor;
