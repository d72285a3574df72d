//! What PC/SC says about a reader, for when the module does not say.
//!
//! It looks at the reader's state and never connects to a card.

use std::{
    ffi::CString,
    time::{Duration, Instant},
};

use pcsc::{Context, ReaderState, Scope, State};

use crate::card::ReaderName;

/// What is in a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// A card that answers.
    Card,
    /// A card held exclusively by another program.
    Busy,
    /// A card that does not answer.
    Mute,
    /// No card, or no such reader any more.
    Empty,
    /// There is no PC/SC service, or it never knew this reader.
    Unknown,
}

/// What is in the reader now.
pub(super) fn look(reader: &ReaderName) -> Seen {
    watch(reader, Duration::ZERO)
}

/// Waits at most `patience` for a card to go; what is in the reader then. A pull is noticed by PC/SC only
/// some hundred milliseconds after the command that failed by it.
pub(super) fn wait_for_removal(reader: &ReaderName, patience: Duration) -> Seen {
    watch(reader, patience)
}

fn watch(reader: &ReaderName, patience: Duration) -> Seen {
    let until = Instant::now() + patience;
    let Ok(name) = CString::new(reader.0.as_str()) else { return Seen::Unknown };
    let Ok(context) = Context::establish(Scope::User) else { return Seen::Unknown };
    let mut states = [ReaderState::new(name, State::UNAWARE)];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let first = states[0].current_state() == State::UNAWARE;
        match context.get_status_change(left, &mut states) {
            Ok(()) => states[0].sync_current_state(),
            Err(pcsc::Error::Timeout) if !first => return seen(states[0].current_state()),
            Err(pcsc::Error::UnknownReader | pcsc::Error::ReaderUnavailable) if !first => {
                return Seen::Empty;
            }
            Err(_) => return Seen::Unknown,
        }
        let now = seen(states[0].current_state());
        if now != Seen::Card || until <= Instant::now() {
            return now;
        }
    }
}

fn seen(state: State) -> Seen {
    if state.intersects(State::UNKNOWN | State::UNAVAILABLE) {
        Seen::Unknown
    } else if state.contains(State::MUTE) {
        Seen::Mute
    } else if state.contains(State::EXCLUSIVE) {
        Seen::Busy
    } else if state.contains(State::PRESENT) {
        Seen::Card
    } else {
        Seen::Empty
    }
}

#[cfg(test)]
mod tests {
    use pcsc::State;

    use super::{Seen, seen};

    #[test]
    fn a_readers_state_is_read_worst_first() {
        assert_eq!(seen(State::PRESENT | State::INUSE), Seen::Card);
        assert_eq!(seen(State::PRESENT | State::MUTE), Seen::Mute);
        assert_eq!(seen(State::PRESENT | State::EXCLUSIVE | State::INUSE), Seen::Busy);
        assert_eq!(seen(State::EMPTY), Seen::Empty);
        assert_eq!(seen(State::UNKNOWN), Seen::Unknown);
    }
}
