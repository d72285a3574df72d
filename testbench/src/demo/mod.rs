//! One bench on one machine: the kiosk's real processes with everything around them that a renewal needs.
//!
//! | module | owns |
//! |---|---|
//! | [`arguments`] | the command line |
//! | [`mod@bench`] | putting it together, starting and stopping it |
//! | [`outside`] | authorities, persons, the portal |
//! | [`configuration`] | what the kiosk is told |
//! | [`auto`] | a run by the robot, judged by `faults.toml` |
//! | [`assisted`] | what came of help, judged |
//! | [`check`] | what a card check said, judged |
//! | `paper`, `ink` | what was printed, and what was read of it before, judged |
//! | [`online`] | what came of the online pages, judged |
//! | [`verdict`] | what a visit left behind, judged |
//! | [`by_hand`] | a run in a window |
//! | [`remains`] | what is left of a visitor in logs and memory |

pub mod arguments;
pub mod assisted;
pub mod auto;
pub mod bench;
pub mod by_hand;
pub mod change;
pub mod check;
pub mod configuration;
mod ink;
pub mod online;
pub mod outside;
mod paper;
pub mod remains;
pub mod verdict;
