//! What the screen keeps to, on the real pages with real pixels.

mod contrast;
mod dialogue;
mod geometry;
mod line;
mod robot;
mod texts;
mod translations;
mod wipe;

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);
