//! The office's printer: what is printed goes to it from memory by IPP, and nothing is kept anywhere.
//!
//! `pwg` makes of grey pages what a printer takes, `ipp` says what is asked of it and what it answers (both pure), and
//! `client` sends. Whether and when something is printed is decided in [`crate::session`].

#[cfg(all(test, feature = "supervisor"))]
pub(crate) mod bench;
#[cfg(feature = "supervisor")]
mod client;
#[cfg(feature = "supervisor")]
mod ipp;
#[cfg(feature = "supervisor")]
mod pwg;

#[cfg(feature = "supervisor")]
pub use client::Client;

/// How far the printer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It has the sheets and prints.
    Printing,
    /// It waits for paper.
    OutOfPaper,
    /// Every sheet is out.
    Done,
}

/// Why the printer did not print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No connection, or none it can be trusted over.
    #[error("the printer cannot be reached")]
    Unreachable,
    /// It takes no grey A4 pages of 300 dots an inch in `image/pwg-raster`.
    #[error("the printer does not take what this kiosk prints")]
    Unfit,
    /// It refused the job, or gave it up.
    #[error("the printer did not print it")]
    Failed,
}
