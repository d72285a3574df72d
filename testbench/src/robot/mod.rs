//! The robot visitor: sees what the screen shows by accessible labels and acts like a person.
//!
//! It knows the pages as a visitor does; it knows nothing of sockets between the processes, of the portal's
//! protocol or of the session's policy.

mod fill;
mod helping;
mod mirror;
mod online;
mod pages;
mod picture;
mod record;
mod screen;
mod visit;
mod words;

pub use mirror::{Apart, Glass, Mirror};
pub use online::Login;
pub use picture::{Area, Difference, Leeway, Picture};
pub use record::{Record, Seen};
pub use screen::{Control, Place, Screen, ScreenError, State, Stroke};
pub use visit::{Ending, Errand, Hand, OnPage, Other, STEP, Said, Shown, Visit, same};
pub use words::Words;
