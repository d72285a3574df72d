//! What the loop turns: the session hears what happens, its effects are acted on, and what may be shown is shown.
//!
//! It holds what the adapters need between two turns, and waits for nothing.

use std::{sync::Arc, time::Instant};

use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    clock,
    gate::Gate,
    health::Health,
    help::Calls,
    inbox::{Connection, Inbox, Message},
    indicators::Order,
    marks::{HousingMark, Marks},
    metrics::Counters,
    paper::Papers,
    portal::Portal,
    screen::Screen,
    signer::Question,
    story, word,
};
use crate::{
    card,
    link::{
        intent::{Intent, Touch},
        view::View,
    },
    process,
    session::{Effect, Event, Now, Output, ScreenEvent, Session},
};

/// What the loop turns: the session, and everything it acts through.
pub(super) struct Turn {
    pub(super) session: Session,
    pub(super) start: Instant,
    pub(super) screen: Option<Screen>,
    pub(super) connections: u64,
    pub(super) files: Files,
    pub(super) portal: Portal,
    pub(super) asides: Asides,
    pub(super) inbox: Inbox,
}

/// Whom the loop tells what it does not wait for.
pub(super) struct Asides {
    pub(super) papers: Papers,
    pub(super) questions: mpsc::UnboundedSender<Question>,
    pub(super) orders: mpsc::UnboundedSender<Order>,
    pub(super) calls: Calls,
}

/// What the loop says by files, and to whom it does not speak otherwise.
pub(super) struct Files {
    pub(super) marks: Marks,
    pub(super) housing: HousingMark,
    pub(super) gate: Gate,
    pub(super) health: Health,
    pub(super) counters: Counters,
}

impl Turn {
    pub(super) fn new(session: Session, files: Files, portal: Portal, asides: Asides, inbox: Inbox) -> Self {
        let mut turn = Self {
            session,
            start: Instant::now(),
            screen: None,
            connections: 0,
            files,
            portal,
            asides,
            inbox,
        };
        // After a crash somebody may still stand here.
        if !turn.session.is_at_rest() {
            turn.enter();
        }
        turn
    }

    /// Somebody comes; if an update is being written, the session hears of that first.
    fn enter(&mut self) {
        if !self.files.gate.enter() {
            self.happen(Event::Updating(true));
        }
    }

    fn now(&self) -> Now {
        Now { mono: self.start.elapsed(), wall: clock::wall() }
    }

    fn view(&self) -> Arc<View> {
        Arc::new(self.session.view(self.now()))
    }

    pub(super) fn happen(&mut self, event: Event) {
        if let Event::Signed { visit, result: Err(fault), .. } = &event {
            log::info!(VISIT = visit.0, FAULT = fault.to_string(); "the signer did not do it");
        }
        let now = self.now();
        self.session.handle(event, now);
    }

    pub(super) fn take(&mut self, message: Message) {
        match message {
            Message::Event(event) => {
                if let Event::Card(card::Event::CardIn { .. } | card::Event::CardMute(_)) = event {
                    self.enter();
                }
                self.happen(event);
            }
            Message::UpdateOver(lock) => {
                self.files.gate.entered(lock);
                self.happen(Event::Updating(false));
            }
            Message::ScreenCame(socket) => {
                // The newest screen is the one that is served: a former one died, or hangs.
                if self.screen.take().is_some() {
                    self.files.health.drawn(false);
                    self.happen(Event::Screen(ScreenEvent::Lost));
                }
                log::info!("a screen is connected");
                self.happen(Event::Screen(ScreenEvent::Connected));
                self.connections += 1;
                let connection = Connection(self.connections);
                self.screen = Some(Screen::serve(socket, connection, self.view(), self.inbox.clone()));
            }
            Message::Touched(connection, touch) => {
                if self.is_current(connection) {
                    self.touched(touch);
                }
            }
            Message::ScreenLeft(connection) => {
                if self.is_current(connection) {
                    self.screen = None;
                    self.files.health.drawn(false);
                    self.happen(Event::Screen(ScreenEvent::Lost));
                }
            }
        }
    }

    fn touched(&mut self, touch: Touch) {
        if touch.intent == Intent::Drawn {
            self.files.health.drawn(true);
        } else {
            // Whoever has no card comes by a touch.
            if touch.intent == Intent::NoCard {
                self.enter();
            }
            self.happen(Event::Screen(ScreenEvent::Touch(touch)));
        }
    }

    fn is_current(&self, connection: Connection) -> bool {
        self.screen.as_ref().is_some_and(|screen| screen.connection == connection)
    }

    /// Does what the session wants done, shows what may be shown; when the session wants to be woken.
    pub(super) fn act(&mut self) -> Option<Instant> {
        let wake = loop {
            match self.session.poll() {
                Output::Effect(effect) => self.perform(effect),
                Output::Wait(deadline) => break deadline,
            }
        };
        self.files.counters.write();
        self.files.health.tell(self.session.health(self.now()), process::since_boot());
        if self.session.is_at_rest() {
            self.files.gate.leave();
        }
        if let Some(screen) = &self.screen {
            screen.show(&self.view());
        }
        wake.map(|deadline| self.start + deadline)
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Portal { visit, op, action } => self.portal.ask(visit, op, action),
            Effect::CancelPortal => self.portal.cancel(),
            Effect::ClosePortal => self.portal.close(),
            Effect::TakeApart { visit, op, pdf, note } => self.asides.papers.take_apart(visit, op, pdf, note),
            Effect::Print { visit, op, paper } => self.asides.papers.print(visit, op, paper),
            // It goes on calling off beside what comes next.
            Effect::DropPaper => drop(self.asides.papers.close()),
            // Both tasks live as long as the loop, which ends when one of them does.
            Effect::Signer { visit, op, request } => {
                drop(self.asides.questions.send(Question { visit, op, request }))
            }
            Effect::Lamp(lamp) => drop(self.asides.orders.send(Order::Lamp(lamp))),
            Effect::Sound(sound) => drop(self.asides.orders.send(Order::Sound(sound))),
            Effect::Backlight(light) => drop(self.asides.orders.send(Order::Backlight(light))),
            Effect::CallStaff(call) => self.asides.calls.call(call),
            Effect::Tampered(is) => {
                if let Err(error) = self.files.housing.set(is) {
                    log::error!("the opened housing cannot be marked: {error}");
                }
            }
            Effect::SuggestWord { visit } => match word::draw() {
                Ok(word) => self.happen(Event::SuggestedWord { visit, word }),
                Err(error) => log::error!("no security word can be drawn: {error}"),
            },
            Effect::InFlight(what) => {
                if let Err(error) = self.files.marks.in_flight(what) {
                    log::error!("what is in flight cannot be marked: {error}");
                }
            }
            Effect::Log(transition) => {
                story::tell(&transition);
                self.files.counters.hear(&transition, self.start.elapsed());
            }
        }
    }

    /// Drops everything but the marks, and what calls off at the printer.
    pub(super) fn leave(mut self) -> (Marks, Option<JoinHandle<()>>) {
        let printing = self.asides.papers.close();
        (self.files.marks, printing)
    }
}

#[cfg(test)]
mod tests;
