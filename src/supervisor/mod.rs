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
mod turn;
mod watchdog;
mod word;

use std::{
    io,
    path::Path,
    time::{Duration, Instant},
};

use tokio::{sync::mpsc, task::JoinHandle};

pub use out_of_service::tell_screen;

use crate::{
    card::monitor::Monitor,
    config::Config,
    link::listen,
    session::{Event, Recovery, Session, Settings},
    system::System,
    wall_clock::WallClock,
};
use clock::Clock;
use gate::Gate;
use health::Health;
use help::Calls;
use inbox::{Message, inbox};
use indicators::Indicators;
use marks::{HousingMark, Marks};
use metrics::Counters;
use paper::Papers;
use portal::Portal;
use signals::Signals;
use turn::{Asides, Files, Turn};
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
