//! The whole policy of the kiosk, pure: events in, effects and a view out.
//!
//! Nothing here reads a clock, a file, a socket or a random source. The seam is [`Event`] and [`Effect`];
//! [`Session::handle`] is the single mutation.
//!
//! Between visits the kiosk is in a `machine::State`; a visit is in a `stage::Stage`, which carries what is
//! valid there and nothing else; `step` says what comes after a stage, `view` what is shown of it.

mod effect;
mod event;
pub mod fault;

#[cfg(feature = "supervisor")]
mod answers;
#[cfg(feature = "supervisor")]
mod between;
#[cfg(feature = "supervisor")]
mod chance;
#[cfg(feature = "supervisor")]
mod clock;
#[cfg(feature = "supervisor")]
mod compare;
#[cfg(feature = "supervisor")]
mod deadlines;
#[cfg(feature = "supervisor")]
mod desk;
#[cfg(feature = "supervisor")]
mod hand_over;
#[cfg(feature = "supervisor")]
mod hardware;
#[cfg(feature = "supervisor")]
mod hear;
#[cfg(feature = "supervisor")]
mod help;
#[cfg(feature = "supervisor")]
mod machine;
#[cfg(feature = "supervisor")]
mod readers;
#[cfg(feature = "supervisor")]
mod recovering;
#[cfg(feature = "supervisor")]
mod settings;
#[cfg(feature = "supervisor")]
mod sheet;
#[cfg(feature = "supervisor")]
mod stage;
#[cfg(feature = "supervisor")]
mod step;
#[cfg(feature = "supervisor")]
mod turkish;
#[cfg(feature = "supervisor")]
mod validate;
#[cfg(feature = "supervisor")]
mod view;
#[cfg(feature = "supervisor")]
mod visit;

#[cfg(all(test, feature = "supervisor"))]
mod tests;

#[cfg(feature = "supervisor")]
pub use chance::Chance;
pub use effect::{Backlight, Effect, InFlight, Lamp, Sound, StaffCall, Transition};
pub use event::{Event, Now, OpId, ScreenEvent, SignerEvent, VisitId};
#[cfg(feature = "supervisor")]
pub use machine::{Output, Session};
#[cfg(feature = "supervisor")]
pub use settings::{Printing, Recovery, Settings};
