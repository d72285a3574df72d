//! The portal driver against the portal simulator, over real TLS: both institutions from the first page to
//! the receipt, the online pages to the new card's PIN and to the PUK, and every fault of the portal.

mod faults;
mod online;
mod online_faults;
mod online_visit;
mod paper;
mod steps;
mod visit;
