//! What the robot saw: each page with its time and its picture, and how long each step took.
//!
//! It writes pictures and keeps names and times; it judges nothing and keeps no value of the visitor.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde::Serialize;

use super::screen::{Screen, ScreenError, State};

/// One page as it stood on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Counts from 1.
    pub number: usize,
    /// Name of the page, in kebab-case.
    pub page: String,
    /// What was laid over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlay: Option<String>,
    /// The cause it named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// RFC 3339, wall clock.
    pub at: String,
    /// Milliseconds since the record began.
    pub after_ms: u64,
    /// Milliseconds it stood.
    pub stayed_ms: u64,
    /// Its picture, from the folder of the record.
    pub picture: PathBuf,
}

/// All pages of a run in order.
#[derive(Debug)]
pub struct Record {
    folder: PathBuf,
    began: Instant,
    seen: Vec<Seen>,
    last: Option<(u64, bool)>,
}

impl Record {
    /// Pictures go to `folder/screens/NN-page.png`.
    ///
    /// # Errors
    /// When that folder cannot be made.
    pub fn new(folder: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder.join("screens"))?;
        Ok(Self { folder: folder.to_owned(), began: Instant::now(), seen: Vec::new(), last: None })
    }

    /// Takes note of what is on the screen, with a picture when it is another page than the last.
    ///
    /// # Errors
    /// When the picture cannot be taken.
    pub fn note(&mut self, state: &State, screen: &mut Screen) -> Result<(), ScreenError> {
        let now = (state.serial, state.overlay.is_some());
        if self.last == Some(now) && self.seen.last().is_some_and(|seen| seen.page == state.page) {
            return Ok(());
        }
        self.last = Some(now);
        let after_ms = self.now_ms();
        self.end_last(after_ms);
        let number = self.seen.len() + 1;
        let name = state.overlay.as_deref().unwrap_or(&state.page);
        let picture = Path::new("screens").join(format!("{number:02}-{name}.png"));
        screen.record(&self.folder.join(&picture))?;
        self.seen.push(Seen {
            number,
            page: state.page.clone(),
            overlay: state.overlay.clone(),
            cause: state.cause.clone(),
            at: Timestamp::now().to_string(),
            after_ms,
            stayed_ms: 0,
            picture,
        });
        Ok(())
    }

    /// Another picture of the page that stands now, e.g. with everything filled in.
    ///
    /// # Errors
    /// When the picture cannot be taken.
    pub fn picture(&self, of: &str, screen: &mut Screen) -> Result<(), ScreenError> {
        let number = self.seen.len();
        screen.record(&self.folder.join("screens").join(format!("{number:02}-{of}.png")))
    }

    /// The pages seen since this many.
    #[must_use]
    pub fn since(&self, count: usize) -> &[Seen] {
        &self.seen[count.min(self.seen.len())..]
    }

    /// How many pages were seen.
    #[must_use]
    pub fn count(&self) -> usize {
        self.seen.len()
    }

    /// All pages, the last one's stay included, and the milliseconds spent in each step.
    #[must_use]
    pub fn close(mut self) -> (Vec<Seen>, BTreeMap<&'static str, u64>) {
        let now = self.now_ms();
        self.end_last(now);
        let mut steps = BTreeMap::new();
        for seen in &self.seen {
            *steps.entry(step(&seen.page)).or_insert(0) += seen.stayed_ms;
        }
        (self.seen, steps)
    }

    /// Time since the record began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn end_last(&mut self, now: u64) {
        if let Some(last) = self.seen.last_mut() {
            last.stayed_ms = now - last.after_ms;
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The step of the renewal a page belongs to, as the step line names it.
fn step(page: &str) -> &'static str {
    match page {
        "attract" | "starting" | "out-of-service" | "thank-you" => "between-visits",
        "reading-card" | "eligibility" | "notice" | "insert-card" | "card-check" => "card",
        "login" | "form" | "review" => "details",
        "sms-send" | "sms-code" => "phone",
        "method" | "contract" | "certificate" => "contract",
        "pin" | "new-pin" | "last-try" | "signing" | "card-pulled" => "pin",
        "result" | "pin-set" | "take-card" | "trouble" => "result",
        _ => "waiting",
    }
}
