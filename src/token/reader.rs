//! What PC/SC says about a reader, for when the backend does not say.
//!
//! It looks at the reader's state and never connects to a card.

use std::{
    ffi::CString,
    time::{Duration, Instant},
};

use pcsc::{Context, ReaderState, Scope, State};

use crate::{card::ReaderName, link::signer::Fault};

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

/// The answer to reset of the card in a reader; `None` where there is none that answers.
pub(super) fn atr(reader: &ReaderName) -> Option<Vec<u8>> {
    let (_, state) = states(reader)?;
    (seen(state.current_state()) != Seen::Mute && !state.atr().is_empty()).then(|| state.atr().to_vec())
}

/// Why there is no card to speak to in a reader; `None` when there is one.
pub(super) fn why_none(reader: &ReaderName) -> Option<Fault> {
    match look(reader) {
        Seen::Card => None,
        Seen::Busy => Some(Fault::ReaderBusy),
        Seen::Mute => Some(Fault::CardMute),
        Seen::Empty | Seen::Unknown => Some(Fault::NoCard),
    }
}

/// The reader's state as it is, and what may tell how it changes.
fn states(reader: &ReaderName) -> Option<(Context, ReaderState)> {
    let name = CString::new(reader.0.as_str()).ok()?;
    let context = Context::establish(Scope::User).ok()?;
    let mut states = [ReaderState::new(name, State::UNAWARE)];
    context.get_status_change(Duration::ZERO, &mut states).ok()?;
    let [mut state] = states;
    state.sync_current_state();
    Some((context, state))
}

fn watch(reader: &ReaderName, patience: Duration) -> Seen {
    let until = Instant::now() + patience;
    let Some((context, state)) = states(reader) else { return Seen::Unknown };
    let mut states = [state];
    loop {
        let now = seen(states[0].current_state());
        let left = until.saturating_duration_since(Instant::now());
        if now != Seen::Card || left.is_zero() {
            return now;
        }
        match context.get_status_change(left, &mut states) {
            Ok(()) => states[0].sync_current_state(),
            Err(pcsc::Error::Timeout) => return now,
            Err(pcsc::Error::UnknownReader | pcsc::Error::ReaderUnavailable) => return Seen::Empty,
            Err(_) => return Seen::Unknown,
        }
    }
}

/// What a reader's state says is in it.
pub(super) fn seen(state: State) -> Seen {
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
