//! The reader's side of the world: which card is in, and what the monitor says of it.

use super::{
    super::cards::{self, TestCard},
    READER, World,
};
use crate::{card, session::Event};

impl World {
    pub(in crate::session::tests) fn name() -> card::ReaderName {
        card::ReaderName(READER.into())
    }

    pub(in crate::session::tests) fn reader_in(&mut self) {
        self.reader = true;
        self.send(Event::Card(card::Event::ReaderIn(Self::name())));
    }

    pub(in crate::session::tests) fn reader_out(&mut self) {
        self.reader = false;
        self.card = None;
        self.send(Event::Card(card::Event::ReaderOut(Self::name())));
    }

    pub(in crate::session::tests) fn test_card(&self) -> Option<&TestCard> {
        self.card.map(|number| match &self.extra_card {
            Some(card) if number == usize::MAX => card,
            Some(_) | None => &cards::GOOD[number],
        })
    }

    pub(in crate::session::tests) fn card_in(&mut self, number: usize) {
        if !self.reader {
            self.reader_in();
        }
        self.card = Some(number);
        let card = self.test_card().expect("just put in");
        let (atr, tries) = (card.atr.clone(), card.tries);
        if self.visit.is_none()
            || ["attract", "insert-card", "hand-over", "thank-you"].contains(&self.page().as_str())
        {
            self.tries = tries;
        }
        self.send(Event::Card(card::Event::CardIn { reader: Self::name(), atr }));
    }

    pub(in crate::session::tests) fn card_out(&mut self) {
        self.card = None;
        self.send(Event::Card(card::Event::CardOut(Self::name())));
    }
}
