//! The supervisor as a program: `kioskd` itself with real sockets, signals, files and a broken neighbour.

#![cfg(feature = "supervisor")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod configuration;
mod harness;
mod life;
mod screen;
