//! The one ring of the frame: the nearest deadline, and what is left of it.

use std::time::Duration;

use super::super::{
    Now, Settings,
    desk::Desk,
    stage::Stage,
    visit::{Overlay, Visit},
};
use crate::link::view::{Deadline, Ring};

pub(super) fn left(by: Duration, now: Now) -> u64 {
    u64::try_from(by.saturating_sub(now.mono).as_millis()).unwrap_or(u64::MAX)
}

/// The nearest deadline the person should see.
pub(super) fn ring(visit: &Visit, stage: &Stage, desk: &Desk, now: Now) -> Option<Ring> {
    let settings = &desk.settings;
    let rules = &settings.rules;
    let card = visit
        .card_back_by(stage)
        .map(|by| (by, settings.wait(rules.card_back_s, visit.assisted), Deadline::CardBack));
    let page = matches!(stage, Stage::Result { .. }).then(|| {
        (visit.result_until(settings), settings.wait(rules.result_s, visit.assisted), Deadline::Page)
    });
    let idle = visit.idle_at(stage, settings, desk.absence()).map(|at| {
        let (by, total) = match visit.overlay {
            Overlay::StillThere { since } => {
                let total = Settings::seconds(rules.still_there_s);
                (since + total, total)
            }
            Overlay::None | Overlay::CancelConfirm => (at, visit.idle(settings)),
        };
        (by, total, Deadline::Idle)
    });
    let portal = stage.visible_deadline();
    let nearest = [portal, card, page, idle].into_iter().flatten().min_by_key(|(by, _, _)| *by)?;
    let (by, total, of) = nearest;
    Some(shown_ring(by, total, of, now))
}

pub(super) fn shown_ring(by: Duration, total: Duration, of: Deadline, now: Now) -> Ring {
    let total_ms = u64::try_from(total.as_millis()).unwrap_or(u64::MAX);
    Ring { left_ms: left(by, now).min(total_ms), total_ms, of }
}
