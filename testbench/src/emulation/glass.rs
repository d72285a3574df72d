//! The guest's screen as a finger and an eye have it: pictures of the display, touches of the touchscreen.
//!
//! It knows QEMU's events of a finger and nothing of pages.

use std::{path::PathBuf, time::Duration};

use serde_json::{Value, json};

use super::qmp::{Qmp, QmpError};
use crate::robot::{Glass, Picture, Place, Stroke};

/// A touchscreen's axes go from 0 to this.
const AXIS: f32 = 32_767.0;
/// Steps of a finger that moves.
const STEPS: u8 = 10;

/// The guest's screen.
pub struct GuestGlass {
    monitor: Qmp,
    size: (u32, u32),
    hold: Duration,
    file: PathBuf,
    /// A finger's number; no two are alike.
    finger: i64,
}

impl GuestGlass {
    /// The screen of this size; pictures go through the file, and a finger stays on the glass for so long.
    #[must_use]
    pub fn new(monitor: Qmp, size: (u32, u32), hold: Duration, file: PathBuf) -> Self {
        Self { monitor, size, hold, file, finger: 0 }
    }

    /// One event of the finger: the device's own form, in which a position comes as two axes.
    fn send(&self, kind: &str, at: Option<Place>) -> Result<(), QmpError> {
        let mtt = |kind: &str, axis: &str, value: i64, finger: i64| {
            json!({ "type": "mtt", "data":
                { "type": kind, "slot": 0, "tracking-id": finger, "axis": axis, "value": value } })
        };
        let button = |down: bool| json!({ "type": "btn", "data": { "down": down, "button": "touch" } });
        let events: Vec<Value> = match at {
            None => vec![mtt("end", "x", 0, -1), button(false)],
            Some((x, y)) => {
                let on = |at: f32, side: u32| (at / side as f32 * AXIS).round() as i64;
                vec![
                    mtt(kind, "x", 0, self.finger),
                    button(true),
                    mtt("data", "x", on(x, self.size.0), self.finger),
                    mtt("data", "y", on(y, self.size.1), self.finger),
                ]
            }
        };
        self.monitor.ask("input-send-event", json!({ "events": events })).map(|_| ())
    }
}

impl Glass for GuestGlass {
    fn picture(&mut self) -> anyhow::Result<Picture> {
        match self.monitor.screendump(&self.file) {
            Ok(()) => Ok(Picture::read(&self.file)?),
            // A machine that starts has no picture for a while.
            Err(QmpError::Refused { .. }) => Ok(Picture::none()),
            Err(error) => Err(error.into()),
        }
    }

    fn stroke(&mut self, Stroke { from, to }: Stroke) -> anyhow::Result<()> {
        self.finger = (self.finger + 1) % 10_000;
        self.send("begin", Some(from))?;
        if from != to {
            for step in 1..=STEPS {
                self.monitor.rest(self.hold / u32::from(STEPS));
                let part = f32::from(step) / f32::from(STEPS);
                let place = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
                self.send("update", Some(place))?;
            }
        }
        self.monitor.rest(self.hold);
        Ok(self.send("end", None)?)
    }

    fn rest(&mut self, time: Duration) {
        self.monitor.rest(time);
    }
}
