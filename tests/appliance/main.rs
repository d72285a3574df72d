//! What is around the three programs: updates of the system, made by the repository's scripts and judged by RAUC itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod bundles;
mod service;
