//! The portal driver against the portal simulator, over real TLS: both institutions from the first page to
//! the receipt, and every fault of the portal.

mod faults;
mod paper;
mod steps;
mod visit;
