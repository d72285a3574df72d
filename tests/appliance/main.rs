//! What is around the three programs: updates of the system, made by the repository's scripts and judged by RAUC itself.

#![allow(clippy::unwrap_used, reason = "a test's helpers may fail as the test may")]

mod bundles;
mod service;
