//! What is in a reader's slot, and which events lead from one observation to the next.
//!
//! Pure: it knows PC/SC's state bits and its event counter, and no service.

use pcsc::State;

use super::super::{Event, ReaderName};

/// One observation of a slot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Slot {
    card: Card,
    /// PC/SC counts every insertion and removal, modulo 2^16.
    count: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Card {
    #[default]
    None,
    Mute,
    Answers(Vec<u8>),
    /// Nobody knows: the service does not reach the reader.
    Lost,
}

impl Slot {
    /// Reads an observation. A card that is present without an ATR does not answer.
    pub(super) fn seen(state: State, atr: &[u8], count: u32) -> Self {
        let card = if state.intersects(State::UNAVAILABLE | State::UNKNOWN) {
            Card::Lost
        } else if !state.contains(State::PRESENT) {
            Card::None
        } else if state.contains(State::MUTE) || atr.is_empty() {
            Card::Mute
        } else {
            Card::Answers(atr.to_vec())
        };
        Self { card, count }
    }

    /// Whether the service does not reach the reader.
    pub(super) fn is_lost(&self) -> bool {
        self.card == Card::Lost
    }

    /// Takes the new observation over and names what happened in between. A counter that moved between two
    /// observations of a card means that it left and came back, or is another one: both are told as out and in.
    pub(super) fn become_seen(&mut self, seen: Self, reader: &ReaderName) -> Vec<Event> {
        let before = std::mem::replace(self, seen);
        let mut events = Vec::new();
        if before == *self {
            return events;
        }
        if before.card == Card::Lost && self.card == Card::Lost {
            return events;
        }
        match (&before.card, &self.card) {
            // With it its card.
            (_, Card::Lost) => events.push(Event::ReaderOut(reader.clone())),
            (Card::Lost, _) => events.push(Event::ReaderIn(reader.clone())),
            (Card::None, _) => {}
            (Card::Mute | Card::Answers(_), _) => events.push(Event::CardOut(reader.clone())),
        }
        match &self.card {
            Card::None | Card::Lost => {}
            Card::Mute => events.push(Event::CardMute(reader.clone())),
            Card::Answers(atr) => events.push(Event::CardIn { reader: reader.clone(), atr: atr.clone() }),
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use pcsc::State;

    use super::{Event, ReaderName, Slot};

    const ATR: &[u8] = &[0x3B, 0xBA, 0x11];

    fn reader() -> ReaderName {
        ReaderName("Reader 00 00".to_owned())
    }

    fn events(from: Slot, to: Slot) -> Vec<Event> {
        let mut slot = from;
        let told = slot.become_seen(to.clone(), &reader());
        assert_eq!(slot, to);
        told
    }

    fn empty(count: u32) -> Slot {
        Slot::seen(State::EMPTY, &[], count)
    }

    fn card(atr: &[u8], count: u32) -> Slot {
        Slot::seen(State::PRESENT | State::INUSE, atr, count)
    }

    fn card_in(atr: &[u8]) -> Event {
        Event::CardIn { reader: reader(), atr: atr.to_vec() }
    }

    #[test]
    fn a_card_comes_with_its_atr_and_goes() {
        assert_eq!(events(empty(0), card(ATR, 1)), [card_in(ATR)]);
        assert_eq!(events(card(ATR, 1), empty(2)), [Event::CardOut(reader())]);
    }

    #[test]
    fn a_card_swapped_faster_than_the_wait_returns_is_told_as_out_and_in() {
        assert_eq!(events(card(ATR, 1), card(ATR, 3)), [Event::CardOut(reader()), card_in(ATR)]);
        let other = [0x3B, 0x00];
        assert_eq!(events(card(ATR, 1), card(&other, 1)), [Event::CardOut(reader()), card_in(&other)]);
    }

    #[test]
    fn another_program_using_the_card_is_no_event_of_the_slot() {
        let unused = Slot::seen(State::PRESENT, ATR, 1);
        let locked = Slot::seen(State::PRESENT | State::EXCLUSIVE, ATR, 1);
        assert_eq!(events(unused, locked), []);
    }

    #[test]
    fn a_card_that_does_not_answer_is_told_as_mute() {
        let mute = Slot::seen(State::PRESENT | State::MUTE, &[], 1);
        assert_eq!(events(empty(0), mute.clone()), [Event::CardMute(reader())]);
        assert_eq!(events(empty(0), Slot::seen(State::PRESENT, &[], 1)), [Event::CardMute(reader())]);
        assert_eq!(events(mute, card(ATR, 3)), [Event::CardOut(reader()), card_in(ATR)]);
    }

    #[test]
    fn a_card_that_came_and_went_between_two_looks_leaves_nothing_to_tell() {
        assert_eq!(events(empty(1), empty(3)), []);
    }

    #[test]
    fn a_reader_in_a_bad_state_is_gone_and_its_card_with_it() {
        let lost = Slot::seen(State::UNAVAILABLE, &[], 0);
        assert_eq!(events(card(ATR, 1), lost.clone()), [Event::ReaderOut(reader())]);
        assert_eq!(events(lost.clone(), card(ATR, 1)), [Event::ReaderIn(reader()), card_in(ATR)]);
        assert_eq!(events(lost, Slot::seen(State::UNAVAILABLE | State::UNKNOWN, &[], 7)), []);
    }
}
