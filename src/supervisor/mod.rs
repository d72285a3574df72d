//! The loop of `kioskd`: one inbox for everything that happens, the session decides, adapters act.
//!
//! It translates and holds no opinion: what an event means and what comes of it is in [`crate::session`].

mod clock;
mod gate;
mod health;
mod help;
mod inbox;
mod indicators;
mod inputs;
mod marks;
mod metrics;
mod out_of_service;
mod paper;
mod portal;
mod readable;
mod screen;
mod signals;
mod signer;
mod story;
#[cfg(test)]
mod tests;
mod watchdog;
mod word;

use std::{
    io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::mpsc, task::JoinHandle};

pub use out_of_service::tell_screen;

use crate::{
    card::{self, monitor::Monitor},
    config::Config,
    link::{
        intent::{Intent, Touch},
        listen,
        view::View,
    },
    process,
    session::{Effect, Event, Now, Output, Recovery, ScreenEvent, Session, Settings},
    system::System,
    wall_clock::WallClock,
};
use clock::Clock;
use gate::Gate;
use health::Health;
use help::Calls;
use inbox::{Connection, Inbox, Message, inbox};
use indicators::{Indicators, Order};
use marks::{HousingMark, Marks};
use metrics::Counters;
use paper::Papers;
use portal::Portal;
use screen::Screen;
use signals::Signals;
use signer::Question;
use watchdog::Watchdog;

/// Lamp and buzzer are switched off within this time at the end.
const OFF_WITHIN: Duration = Duration::from_secs(1);
/// For the printer to hear that a job is called off; the unit waits longer.
const CALLED_OFF_WITHIN: Duration = Duration::from_secs(5);

/// Why `kioskd` cannot serve, or can no longer.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    /// Nobody could reach the kiosk's screen link.
    #[error("the screen's socket cannot be served: {0}")]
    Screen(io::Error),
    /// Visits and updates could not be kept apart.
    #[error("links.visit_lock: {0}")]
    Gate(io::Error),
    /// A crash could not be told from an orderly end.
    #[error("links.submission_flag: the folder takes no file: {0}")]
    Marks(io::Error),
    /// No thread for the card monitor.
    #[error("the card monitor cannot be started: {0}")]
    Monitor(io::Error),
    /// No timer that follows the wall clock.
    #[error("the clock cannot be watched: {0}")]
    Clock(io::Error),
    /// No signals.
    #[error("signals cannot be heard: {0}")]
    Signals(io::Error),
    /// A task that has to live as long as the loop is gone.
    #[error("the task of the {0} ended")]
    TaskEnded(&'static str),
}

/// Serves until SIGTERM or SIGINT; then everything of a visitor is wiped and the end is marked as orderly.
///
/// `settings` makes the session's settings from how the process before ended.
///
/// # Errors
/// [`SupervisorError`]; the process is to be restarted.
pub async fn run(
    config: &Config,
    settings: impl FnOnce(Recovery) -> Settings,
) -> Result<(), SupervisorError> {
    let mut signals = Signals::new().map_err(SupervisorError::Signals)?;
    let demanded = WallClock::new(config.rules.clock_not_before, &config.clock, Path::new("/"));
    let mut clock = Clock::new(demanded).map_err(SupervisorError::Clock)?;
    let listener = screen::bind(&config.links).map_err(SupervisorError::Screen)?;
    let system = config.links.system.as_deref().map(System::read).unwrap_or_default();
    let setback = system.setback();
    let counters = Counters::new(system, config.links.metrics.clone());
    let health = Health::new(config.links.health.clone());
    let (marks, recovery) = Marks::begin(&config.links.submission_flag).map_err(SupervisorError::Marks)?;
    let housing = HousingMark::of(&config.peripherals).map_err(SupervisorError::Marks)?;
    if recovery != Recovery::None {
        log::warn!(RECOVERY = format!("{recovery:?}"); "the process before did not end in order");
    }

    let (inbox, mut messages) = inbox();
    let gate =
        Gate::open(config.links.visit_lock.as_deref(), inbox.clone()).map_err(SupervisorError::Gate)?;
    let (questions, asked) = mpsc::unbounded_channel();
    let (orders, ordered) = mpsc::unbounded_channel();
    let mut accepting =
        tokio::spawn(screen::accept(listener, listen::allowed_uid(config.links.screen_uid), inbox.clone()));
    let mut signing =
        tokio::spawn(signer::run(config.links.signer.clone(), config.links.signer_uid, asked, inbox.clone()));
    // Dropped at the end, and nothing is heard any more.
    let _listening = inputs::listen(&config.peripherals, &inbox);
    let indicators = Indicators::open(&config.peripherals);
    let calls = Calls::new(config, indicators.calls_staff(), orders.clone(), inbox.clone());
    let indicating = tokio::spawn(indicators.run(ordered));
    let cards = inbox.clone();
    let monitor = Monitor::start(move |event| cards.put_from_thread(Message::Event(Event::Card(event))))
        .map_err(SupervisorError::Monitor)?;

    let mut watchdog = Watchdog::new();
    let portal = Portal::new(config.portal.clone(), inbox.clone());
    let papers = Papers::new(config.links.paper.clone(), config.printer.clone(), inbox.clone());
    let session = session(settings(recovery), &housing);
    let files = Files { marks, housing, gate, health, counters };
    let mut turn = Turn::new(session, files, portal, Asides { papers, questions, orders, calls }, inbox);
    turn.happen(Event::ClockSet(clock.is_set()));
    turn.happen(Event::Setback(setback));
    watchdog::ready();

    let end = loop {
        let wake = turn.act();
        tokio::select! {
            biased;
            name = signals.come() => {
                log::info!("{name}: the kiosk goes down in order");
                break Ok(());
            }
            () = watchdog.due() => watchdog.keep_alive(monitor.turns()),
            () = turn.files.health.due() => turn.files.health.again(),
            () = clock.changed() => turn.happen(Event::ClockSet(clock.is_set())),
            // The inbox has a sender here, so it never ends. Deadlines that pass meanwhile are seen with each.
            Some(message) = messages.recv() => turn.take(message),
            () = until(wake) => turn.happen(Event::Wake),
            ended = &mut accepting => {
                log::error!("no screen can be let in: {ended:?}");
                break Err(SupervisorError::TaskEnded("screen's socket"));
            }
            ended = &mut signing => {
                log::error!("the signer's link: {ended:?}");
                break Err(SupervisorError::TaskEnded("signer's link"));
            }
        }
    };
    watchdog::stopping();
    accepting.abort();
    // From here on nobody waits for room in the inbox, the monitor's thread least of all.
    drop(messages);
    let (marks, printing) = turn.leave();
    drop(monitor);
    wait_for_dark(indicating).await;
    if let Some(printing) = printing
        && tokio::time::timeout(CALLED_OFF_WITHIN, printing).await.is_err()
    {
        log::warn!("a job could not be called off in time");
    }
    // Closing the link is what makes the signer forget everything; its task does so as questions end.
    if !signing.is_finished() {
        signing.abort();
    }
    if end.is_ok()
        && let Err(error) = marks.end()
    {
        log::error!("the orderly end cannot be marked: {error}");
    }
    end
}

/// What the loop turns: the session, and everything it acts through.
struct Turn {
    session: Session,
    start: Instant,
    screen: Option<Screen>,
    connections: u64,
    files: Files,
    portal: Portal,
    asides: Asides,
    inbox: Inbox,
}

/// Whom the loop tells what it does not wait for.
struct Asides {
    papers: Papers,
    questions: mpsc::UnboundedSender<Question>,
    orders: mpsc::UnboundedSender<Order>,
    calls: Calls,
}

/// What the loop says by files, and to whom it does not speak otherwise.
struct Files {
    marks: Marks,
    housing: HousingMark,
    gate: Gate,
    health: Health,
    counters: Counters,
}

impl Turn {
    fn new(session: Session, files: Files, portal: Portal, asides: Asides, inbox: Inbox) -> Self {
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

    fn happen(&mut self, event: Event) {
        if let Event::Signed { visit, result: Err(fault), .. } = &event {
            log::info!(VISIT = visit.0, FAULT = fault.to_string(); "the signer did not do it");
        }
        let now = self.now();
        self.session.handle(event, now);
    }

    fn take(&mut self, message: Message) {
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
    fn act(&mut self) -> Option<Instant> {
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
            Effect::SubmissionInFlight(is) => {
                if let Err(error) = self.files.marks.submission_in_flight(is) {
                    log::error!("the submission in flight cannot be marked: {error}");
                }
            }
            Effect::Log(transition) => {
                story::tell(&transition);
                self.files.counters.hear(&transition, self.start.elapsed());
            }
        }
    }

    /// Drops everything but the marks, and what calls off at the printer.
    fn leave(mut self) -> (Marks, Option<JoinHandle<()>>) {
        let printing = self.asides.papers.close();
        (self.files.marks, printing)
    }
}

/// The session of a kiosk whose housing may have been opened before it started.
fn session(settings: Settings, housing: &HousingMark) -> Session {
    Session::new(Settings { tampered: housing.is_raised(), ..settings })
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

async fn wait_for_dark(indicating: JoinHandle<()>) {
    if tokio::time::timeout(OFF_WITHIN, indicating).await.is_err() {
        log::warn!("lamp and buzzer were not switched off in time");
    }
}
