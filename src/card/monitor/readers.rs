//! The readers there are and what is in them, and which events lead from what PC/SC says to the next.
//!
//! Pure: it takes lists and states in the order PC/SC gave them, and asks nobody.

use std::ffi::{CStr, CString};

use pcsc::State;

use super::{
    super::{Event, ReaderName},
    slot::Slot,
};

/// What is known of readers.
#[derive(Debug, Default)]
pub(super) struct Readers(Vec<(CString, Slot)>);

impl Readers {
    /// Takes a list of the readers over, and names those that came or went.
    pub(super) fn listed(&mut self, names: &[CString]) -> Vec<Event> {
        let gone = self.0.extract_if(.., |(name, _)| !names.contains(name));
        let mut events: Vec<_> =
            gone.filter(|(_, slot)| !slot.is_lost()).map(|(name, _)| Event::ReaderOut(told(&name))).collect();
        for name in names {
            if !self.0.iter().any(|(known, _)| known == name) {
                self.0.push((name.clone(), Slot::default()));
                events.push(Event::ReaderIn(told(name)));
            }
        }
        events
    }

    /// Takes the state of one reader over, and names what happened there.
    pub(super) fn seen(&mut self, reader: &CStr, state: State, atr: &[u8], count: u32) -> Vec<Event> {
        let Some((name, slot)) = self.0.iter_mut().find(|(name, _)| name.as_c_str() == reader) else {
            return Vec::new();
        };
        slot.become_seen(Slot::seen(state, atr, count), &told(name))
    }

    /// Their names.
    pub(super) fn names(&self) -> impl Iterator<Item = &CString> {
        self.0.iter().map(|(name, _)| name)
    }

    /// The service is gone, and all of them with it.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

fn told(name: &CStr) -> ReaderName {
    ReaderName(name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use pcsc::State;

    use super::{Event, ReaderName, Readers};

    const ATR: &[u8] = &[0x3B, 0xBA, 0x11];

    fn names(names: &[&str]) -> Vec<CString> {
        names.iter().map(|name| CString::new(*name).expect("no zero in it")).collect()
    }

    fn reader(name: &str) -> ReaderName {
        ReaderName(name.to_owned())
    }

    fn card_in(name: &str) -> Event {
        Event::CardIn { reader: reader(name), atr: ATR.to_vec() }
    }

    /// Two readers, the first with a card.
    fn two() -> Readers {
        let mut readers = Readers::default();
        let events = readers.listed(&names(&["A", "B"]));
        assert_eq!(events, [Event::ReaderIn(reader("A")), Event::ReaderIn(reader("B"))]);
        assert_eq!(readers.seen(c"A", State::PRESENT | State::CHANGED, ATR, 1), [card_in("A")]);
        assert_eq!(readers.seen(c"B", State::EMPTY | State::CHANGED, &[], 0), []);
        readers
    }

    #[test]
    fn a_reader_that_arrives_is_told_and_so_is_one_that_leaves_with_its_card() {
        let mut readers = two();
        assert_eq!(readers.listed(&names(&["A", "B", "C"])), [Event::ReaderIn(reader("C"))]);
        assert_eq!(readers.seen(c"C", State::PRESENT, ATR, 1), [card_in("C")]);
        assert_eq!(readers.listed(&names(&["B", "C"])), [Event::ReaderOut(reader("A"))]);
        assert_eq!(readers.listed(&names(&["B", "C"])), []);
        assert_eq!(readers.seen(c"A", State::PRESENT, ATR, 2), [], "a late state of a reader that left");
    }

    #[test]
    fn a_reader_that_is_exchanged_for_one_of_the_same_number_is_told_as_both() {
        let mut readers = two();
        let events = readers.listed(&names(&["B", "C"]));
        assert_eq!(events, [Event::ReaderOut(reader("A")), Event::ReaderIn(reader("C"))]);
    }

    /// The states libpcsclite 1.9.9 gives for a reader whose driver fails: UNAVAILABLE without a counter as long as
    /// it does, then the slot as it is, with the counter as before or moved on.
    #[test]
    fn a_reader_on_a_suspended_bus_is_lost_with_its_card_and_back_with_it() {
        for (atr, state, count) in [(ATR, State::PRESENT, 1), (ATR, State::PRESENT, 3)] {
            let mut readers = two();
            let lost = State::UNAVAILABLE | State::CHANGED;
            assert_eq!(readers.seen(c"A", lost, &[], 0), [Event::ReaderOut(reader("A"))]);
            assert_eq!(readers.seen(c"A", State::UNAVAILABLE, &[], 0), [], "told once");
            assert_eq!(readers.listed(&names(&["A", "B"])), [], "it is still listed");
            let back = readers.seen(c"A", state | State::CHANGED, atr, count);
            assert_eq!(back, [Event::ReaderIn(reader("A")), card_in("A")]);
        }
        let mut readers = two();
        assert_eq!(readers.seen(c"B", State::UNAVAILABLE, &[], 0), [Event::ReaderOut(reader("B"))]);
        assert_eq!(readers.seen(c"B", State::EMPTY, &[], 4), [Event::ReaderIn(reader("B"))]);
    }

    #[test]
    fn a_reader_that_was_lost_before_it_left_is_told_once() {
        let mut readers = two();
        let gone = State::UNKNOWN | State::UNAVAILABLE | State::CHANGED;
        assert_eq!(readers.seen(c"A", gone, &[], 0), [Event::ReaderOut(reader("A"))]);
        assert_eq!(readers.listed(&names(&["B"])), []);
        assert_eq!(readers.listed(&names(&["B", "A"])), [Event::ReaderIn(reader("A"))]);
    }

    #[test]
    fn what_happens_in_one_reader_is_not_told_of_the_other() {
        let mut readers = two();
        assert_eq!(readers.seen(c"B", State::PRESENT | State::MUTE, &[], 1), [Event::CardMute(reader("B"))]);
        assert_eq!(readers.seen(c"A", State::PRESENT, ATR, 1), []);
        assert_eq!(readers.seen(c"B", State::EMPTY, &[], 2), [Event::CardOut(reader("B"))]);
    }
}
