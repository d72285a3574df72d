//! What is known of readers and the cards in them, from the monitor's reports.
//!
//! It knows nothing of visits.

use std::collections::BTreeMap;

use super::fault::Cause;
use crate::card::{Event, ReaderName};

/// The PC/SC service and its readers.
#[derive(Debug, Default)]
pub(super) struct Readers {
    service: bool,
    slots: BTreeMap<ReaderName, Slot>,
}

/// What is in a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    Empty,
    /// A card, by its answer to reset.
    Card(Vec<u8>),
    /// A card that does not answer.
    Mute,
}

impl Readers {
    pub(super) fn hear(&mut self, event: &Event) {
        match event {
            Event::ServiceUp => self.service = true,
            Event::ServiceDown => {
                self.service = false;
                self.slots.clear();
            }
            Event::ReaderIn(reader) => {
                self.service = true;
                self.slots.entry(reader.clone()).or_insert(Slot::Empty);
            }
            Event::ReaderOut(reader) => {
                self.slots.remove(reader);
            }
            Event::CardIn { reader, atr } => {
                self.service = true;
                self.slots.insert(reader.clone(), Slot::Card(atr.clone()));
            }
            Event::CardMute(reader) => {
                self.service = true;
                self.slots.insert(reader.clone(), Slot::Mute);
            }
            Event::CardOut(reader) => {
                self.slots.insert(reader.clone(), Slot::Empty);
            }
        }
    }

    /// Whether the PC/SC service answers.
    pub(super) fn is_served(&self) -> bool {
        self.service
    }

    /// Why no card can be read, if none can.
    pub(super) fn ailment(&self) -> Option<Cause> {
        match (self.service, self.slots.is_empty()) {
            (false, _) => Some(Cause::ReaderService),
            (true, true) => Some(Cause::NoReader),
            (true, false) => None,
        }
    }

    /// The first reader with something in it.
    pub(super) fn occupied(&self) -> Option<(&ReaderName, &Slot)> {
        self.slots.iter().find(|(_, slot)| **slot != Slot::Empty)
    }

    /// Whether something is in that reader.
    pub(super) fn holds(&self, reader: &ReaderName) -> bool {
        self.slots.get(reader).is_some_and(|slot| *slot != Slot::Empty)
    }
}
