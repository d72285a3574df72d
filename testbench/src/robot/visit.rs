//! One visit of the robot: from the attract page through everything the screen asks, back to it.
//!
//! It knows pages by name and moves on when the screen does; what is done on a page is in [`super::pages`].

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use eimza_kiosk::link::view::Service;
use serde::Serialize;

use super::{
    helping::Help,
    online::Login,
    record::Record,
    screen::{Screen, ScreenError, State},
    words::Words,
};
use crate::{
    card::{Card, Slot, fault::CardFault},
    helper::HelperFault,
    pcscd::Keys,
    portal::Simulator,
    printer::Printer,
    visitor::Visitor,
};

/// A page that asks nothing of the person must go on within this time.
pub const STEP: Duration = Duration::from_secs(60);
/// A visit with every question and a fault shows fewer than half as many.
const MOST_PAGES: usize = 150;
/// A screen that was killed must be back within this time.
const SCREEN_BACK: Duration = Duration::from_secs(20);

/// What the visitor brings along and can reach.
#[derive(Clone, Copy)]
pub struct Errand<'a> {
    /// Who comes.
    pub visitor: &'a Visitor,
    /// The visitor's card; without one, the service is begun without.
    pub card: Option<&'a Card>,
    /// Where it goes.
    pub slot: &'a Slot,
    /// Where the captcha and the telephone are.
    pub portal: &'a Simulator,
    /// The reader's keys, where the PIN is typed on those.
    pub keys: Option<&'a Keys>,
    /// The printer, which the visitor puts paper into.
    pub printer: Option<&'a Printer>,
    /// The first PIN typed is another one.
    pub wrong_pin_first: bool,
    /// What the visitor comes for; the button of another service than the renewal is tapped first.
    pub service: Service,
    /// Who helps, where somebody does.
    pub helper: Option<Hand<'a>>,
    /// The same card once more, for a kiosk that follows this one.
    pub other: Option<Other<'a>>,
}

/// Whoever helps: the card, its PIN, and what goes wrong.
#[derive(Clone, Copy)]
pub struct Hand<'a> {
    /// The card.
    pub card: &'a Card,
    /// Its PIN.
    pub pin: &'a str,
    /// What goes wrong.
    pub fault: Option<HelperFault>,
    /// What is wrong with the other person's card, from when it is put in.
    pub then: Option<CardFault>,
}

/// A card that goes in and out together with the visitor's.
#[derive(Clone, Copy)]
pub struct Other<'a> {
    /// The card.
    pub card: &'a Card,
    /// Where it goes.
    pub slot: &'a Slot,
}

impl Errand<'_> {
    pub(super) fn insert(&self) -> std::io::Result<()> {
        if let Some(card) = self.card {
            self.slot.insert(card)?;
        }
        match self.other {
            Some(other) => other.slot.insert(other.card),
            None => Ok(()),
        }
    }

    pub(super) fn remove(&self) {
        self.slot.remove();
        if let Some(other) = self.other {
            other.slot.remove();
        }
    }
}

/// An answer of the card check, in the language of the visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// What it is about.
    pub about: String,
    /// The word of its colour.
    pub light: String,
    /// What was found.
    pub found: String,
}

/// What a visit showed.
#[derive(Debug)]
pub struct Shown {
    /// How it ended.
    pub ending: Ending,
    /// The lines of the contract as the robot read them.
    pub contract: Vec<String>,
    /// What the card check said.
    pub answers: Vec<Said>,
    /// What the last page said.
    pub said: Vec<String>,
    /// The new card's PIN, where it was learned.
    pub learned: Option<String>,
}

/// Called with every new page, and the screen it is on, before anything is done on it.
pub type OnPage<'a> = Box<dyn FnMut(&mut Screen, &State) -> anyhow::Result<()> + 'a>;

/// How the visit ended, as the screen said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The page before the card was asked for; `None` when the kiosk sent the person away without one.
    pub page: Option<String>,
    /// The cause it named.
    pub cause: Option<String>,
}

/// A visit under way.
pub struct Visit<'a> {
    pub(super) errand: Errand<'a>,
    pub(super) screen: &'a mut Screen,
    pub(super) record: &'a mut Record,
    pub(super) words: Words,
    pub(super) language: String,
    on_page: OnPage<'a>,
    /// Messages that were on the telephone before the visit.
    pub(super) messages_before: usize,
    pub(super) codes_typed: usize,
    pub(super) pins_typed: usize,
    /// How far help has come, where there is any.
    pub(super) help: Help,
    pub(super) ending: Option<Ending>,
    /// The lines of the contract, as they were read last.
    pub(super) contract: Vec<String>,
    /// Serial of the view they were read from.
    pub(super) contract_serial: Option<u64>,
    /// What the card check said: what about, its colour's word, what was found.
    pub(super) answers: Vec<Said>,
    /// What stood on the page that the visit ended on.
    pub(super) said: Vec<String>,
    pub(super) login: Login,
    /// Another security word is being chosen, or was.
    pub(super) chose_word: bool,
    /// The new card's PIN.
    pub(super) learned: Option<String>,
    card_was_in: bool,
}

impl<'a> Visit<'a> {
    /// A visit in this language (`tr` or `en`).
    ///
    /// # Errors
    /// When there is no such language.
    pub fn new(
        errand: Errand<'a>,
        language: &str,
        screen: &'a mut Screen,
        record: &'a mut Record,
        on_page: OnPage<'a>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            messages_before: errand.portal.outbox().count(),
            errand,
            screen,
            record,
            words: Words::of(language)?,
            language: language.to_owned(),
            on_page,
            codes_typed: 0,
            pins_typed: 0,
            help: Help::default(),
            ending: None,
            contract: Vec::new(),
            contract_serial: None,
            answers: Vec::new(),
            said: Vec::new(),
            login: Login::default(),
            chose_word: false,
            learned: None,
            card_was_in: false,
        })
    }

    /// Makes the visit, until the attract page stands again; with the lines of the contract that were read.
    ///
    /// # Errors
    /// As [`Self::make`].
    pub fn run(self) -> anyhow::Result<(Ending, Vec<String>)> {
        let Shown { ending, contract, answers: _, said: _, learned: _ } = self.make()?;
        Ok((ending, contract))
    }

    /// Makes the visit, until the attract page stands again.
    ///
    /// # Errors
    /// When the screen stays where it should go on, or lacks what the visitor needs; the page is named.
    pub fn make(mut self) -> anyhow::Result<Shown> {
        let mut state = self.look()?;
        let mut noted: Option<State> = None;
        loop {
            if self.record.count() > MOST_PAGES {
                bail!("the visit goes in circles: {MOST_PAGES} pages, the last one {}", state.page);
            }
            self.note(&state)?;
            if noted.as_ref().is_none_or(|noted| !is_same_page(noted, &state) || noted.serial != state.serial)
            {
                (self.on_page)(self.screen, &state)?;
                // The same page may have come back meanwhile, as another view; what another one asks is not done here.
                let now = self.look()?;
                let turned = !is_same_page(&now, &state);
                let before = std::mem::replace(&mut state, now);
                noted = Some(if turned { before } else { state.clone() });
                if turned {
                    continue;
                }
            }
            // Who has no card has begun when something else than the choice was there.
            self.card_was_in |= self.errand.card.is_none()
                && !["attract", "insert-card", "waiting", "starting"].contains(&state.page.as_str());
            if state.page == "attract" && self.card_was_in && !self.errand.slot.is_occupied() {
                self.screen.agree()?;
                let ending = self.ending.unwrap_or(Ending { page: None, cause: None });
                let Self { contract, answers, said, learned, .. } = self;
                return Ok(Shown { ending, contract, answers, said, learned });
            }
            let acted = self.act(&state);
            let now = self.look()?;
            self.card_was_in |= self.errand.slot.is_occupied();
            match acted {
                Ok(()) => {}
                // The page may go on by itself while a finger is on its way.
                Err(_) if !same(&now, &state) => {}
                Err(error) => return Err(error).with_context(|| format!("on the page {}", state.page)),
            }
            state = if same(&now, &state) { self.next(&now)? } else { now };
        }
    }

    /// Does what the page asks for, once, and whatever happens to the page meanwhile; whether anything came of it.
    ///
    /// # Errors
    /// When the screen does not come back.
    pub fn act_once(&mut self) -> anyhow::Result<bool> {
        let before = self.look()?;
        let acted = self.act(&before);
        Ok(acted.is_ok() || !same(&self.look()?, &before))
    }

    /// Waits for a change of the screen, at most so long.
    ///
    /// # Errors
    /// When the screen does not come back.
    pub fn wait(&mut self, than: &State, longest: Duration) -> anyhow::Result<()> {
        match self.screen.wait(than, longest) {
            Ok(_) => Ok(()),
            Err(ScreenError::Gone(_)) => self.look().map(|_| ()),
            Err(error) => Err(error.into()),
        }
    }

    /// How many PINs were typed.
    #[must_use]
    pub fn pins_typed(&self) -> usize {
        self.pins_typed
    }

    /// Waits until the screen shows another page or overlay than this.
    pub(super) fn next(&mut self, than: &State) -> anyhow::Result<State> {
        let deadline = Instant::now() + STEP;
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            match self.screen.wait(than, left) {
                Ok(state) if !same(&state, than) => return Ok(state),
                Ok(_) => {}
                Err(ScreenError::Gone(_)) => return self.look(),
                Err(error) => return Err(error.into()),
            }
        }
        bail!("the page {} did not go on within {STEP:?}", than.page)
    }

    /// What is on the screen; one that was killed is waited for.
    ///
    /// # Errors
    /// When it does not come back.
    pub fn look(&mut self) -> anyhow::Result<State> {
        loop {
            match self.screen.state() {
                Ok(state) => return Ok(state),
                Err(ScreenError::Gone(_)) => self.screen.reconnect(SCREEN_BACK)?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn note(&mut self, state: &State) -> anyhow::Result<()> {
        match self.record.note(state, self.screen) {
            Ok(()) | Err(ScreenError::Gone(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn is_same_page(one: &State, other: &State) -> bool {
    one.page == other.page && one.overlay == other.overlay
}

/// Whether nothing has changed that a visitor would notice.
#[must_use]
pub fn same(one: &State, other: &State) -> bool {
    one.serial == other.serial
        && one.page == other.page
        && one.overlay == other.overlay
        && one.language == other.language
        && one.connected == other.connected
}
