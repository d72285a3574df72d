//! Whoever helps: their card first, then the other person's, and what goes wrong between the two.

use super::{
    pages::another_pin,
    visit::{Hand, Visit},
};
use crate::{faults::CardFault, helper::HelperFault};

/// How far help has come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Help {
    /// The other person's card is the one that goes in now.
    handed_over: bool,
    pins_typed: usize,
    /// What goes wrong only once has.
    happened: bool,
}

impl<'a> Visit<'a> {
    /// Whoever helps, as long as it is their card that is wanted.
    pub(super) fn helper(&self) -> Option<Hand<'a>> {
        self.errand.helper.filter(|_| !self.help.handed_over)
    }

    /// The PIN that whoever helps types now.
    pub(super) fn helpers_pin(&mut self) -> Option<String> {
        let Hand { pin, fault, .. } = self.helper()?;
        let first = self.help.pins_typed == 0;
        self.help.pins_typed += 1;
        let wrong = first && fault == Some(HelperFault::Card(CardFault::WrongPin));
        Some(if wrong { another_pin(pin) } else { pin.to_owned() })
    }

    /// One card out, the other one in.
    pub(super) fn hand_over(&mut self) -> anyhow::Result<()> {
        if self.errand.slot.is_occupied() {
            self.screen.agree()?;
            self.errand.remove();
            return Ok(());
        }
        let own_again =
            self.helper().filter(|it| it.fault == Some(HelperFault::OwnCard) && !self.help.happened);
        self.screen.agree()?;
        if let Some(helper) = own_again {
            self.help.happened = true;
            self.errand.slot.insert(helper.card)?;
            return Ok(());
        }
        self.help.handed_over = true;
        if let Some(fault) = self.errand.helper.and_then(|helper| helper.then) {
            fault.arm(self.errand.slot);
        }
        Ok(self.errand.insert()?)
    }

    /// Whether the helper's card is put in here in the place of the person's.
    pub(super) fn swaps(&self) -> bool {
        let swaps = |it: Hand<'_>| it.fault == Some(HelperFault::SwappedBack);
        self.errand.helper.is_some_and(swaps) && !self.help.happened
    }

    pub(super) fn swap(&mut self) -> anyhow::Result<()> {
        self.help.happened = true;
        self.screen.agree()?;
        self.errand.remove();
        let Some(helper) = self.errand.helper else { return Ok(()) };
        Ok(self.errand.slot.insert(helper.card)?)
    }

    /// The person's card, also where the helper's is in and the screen has said so. Whoever helps and loses the own card has left.
    pub(super) fn put_back(&mut self) -> anyhow::Result<()> {
        if self.helper().is_some() {
            return Ok(());
        }
        if !self.errand.slot.is_occupied() {
            self.screen.agree()?;
            return Ok(self.errand.insert()?);
        }
        let other = self.words.say("Bu, işleme başladığınız kart değil.")?;
        if self.errand.helper.is_some() && self.screen.controls()?.iter().any(|it| it.label == other) {
            self.screen.agree()?;
            self.errand.remove();
        }
        Ok(())
    }
}
