//! What the screen keeps to, on the real pages with real pixels.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod alone;
mod arrange;
mod contrast;
mod dialogue;
mod fingers;
mod geometry;
mod held;
mod help;
mod keypad;
mod line;
mod listening;
mod new_pin;
mod online;
mod paper;
mod robot;
mod said;
mod texts;
mod translations;
mod wipe;

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);
