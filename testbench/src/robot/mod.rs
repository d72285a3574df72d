//! The robot visitor: sees what the screen shows by accessible labels and acts like a person.
//!
//! It knows the pages as a visitor does; it knows nothing of sockets between the processes, of the portal's
//! protocol or of the session's policy.

mod fill;
mod pages;
mod record;
mod screen;
mod visit;
mod words;

pub use record::{Record, Seen};
pub use screen::{Control, Screen, ScreenError, State};
pub use visit::{Ending, Errand, OnPage, STEP, Visit, same};
pub use words::Words;
