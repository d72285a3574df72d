//! The run of `emulate --auto`: power on, the reader plugged in, a whole renewal by touch, and what it left behind.
//!
//! It judges as the demo does, and by the pictures besides: a page that looks otherwise in the guest ends the visit.

use std::{collections::BTreeMap, fs, time::Duration};

use anyhow::Context;
use eimza_kiosk::link::view::Service;
use serde::Serialize;

use super::{
    machine::Machine,
    stand::{BOOT_WITHIN, FOLLOW_WITHIN, Plan, Stand},
};
use crate::{
    card::{Card, Slot},
    demo::{remains, verdict},
    faults::{Expectations, Outcome},
    robot::{Ending, Errand, Other, Record, Screen, Seen, State, Visit},
};

/// What a run came to; `result.json`.
#[derive(Debug, Serialize)]
pub struct Report {
    /// How the visit ended.
    pub outcome: Outcome,
    /// Whether everything was as it must be.
    pub as_expected: bool,
    /// What was not.
    pub deviations: Vec<String>,
    /// The page before the card was asked for.
    pub page: Option<String>,
    /// The cause it named.
    pub cause: Option<String>,
    /// Applications the guest's portal holds.
    pub applications: usize,
    /// Milliseconds from power on until the guest showed the attract page.
    pub power_on_to_attract_ms: u64,
    /// Milliseconds the guest took to follow, at most.
    pub slowest_page_ms: u64,
    /// Touches that did not reach the guest and were made once more.
    pub touches_repeated: usize,
    /// Milliseconds of the visit.
    pub visit_ms: u64,
    /// Milliseconds in each step.
    pub steps_ms: BTreeMap<&'static str, u64>,
    /// Every page of the twin in order; those on which it stood until the guest had followed are in `screens` from the
    /// guest and in `twin/screens` from the twin.
    pub pages: Vec<Seen>,
}

/// Makes the run and writes what it came to into the plan's folder.
///
/// # Errors
/// When something cannot be started, or a page does not come.
pub fn run(plan: Plan, say: &mut dyn FnMut(&str)) -> anyhow::Result<Report> {
    let mut stand = Stand::start(plan)?;
    say("The guest is powered on.");
    let boot = first_attract(&mut stand)?;
    say(&format!("{:7.1} s  from power on to the attract page", boot.as_secs_f32()));
    plug_reader_anew(&mut stand, say)?;
    let report = visit(&mut stand, boot)?;
    fs::write(stand.plan.out.join("result.json"), serde_json::to_string_pretty(&report)? + "\n")?;
    Ok(report)
}

/// Waits for the attract page; the time since power on.
///
/// # Errors
/// When it does not come.
pub fn first_attract(stand: &mut Stand) -> anyhow::Result<Duration> {
    stand.attract(BOOT_WITHIN)?;
    let booted = stand.machine().began().elapsed();
    stand.booted = Some(booted);
    Ok(booted)
}

/// The reader is pulled out and plugged in, as a person would: the guest must say so, and serve again.
fn plug_reader_anew(stand: &mut Stand, say: &mut dyn FnMut(&str)) -> anyhow::Result<()> {
    stand.machine().unplug_reader()?;
    let told =
        stand.screen.differs(FOLLOW_WITHIN).context("the guest does not notice that its reader is gone")?;
    told.write(&stand.plan.out.join("screens/00-without-reader.png"))?;
    stand.machine().plug_reader()?;
    let back = stand.attract(FOLLOW_WITHIN)?;
    say(&format!("{:7.1} s  from the reader's being plugged in to the attract page", back.as_secs_f32()));
    Ok(())
}

/// A whole renewal on the twin and in the guest, judged by what the guest's portal received.
///
/// # Errors
/// When a page does not come.
pub fn visit(stand: &mut Stand, boot: Duration) -> anyhow::Result<Report> {
    let out = stand.plan.out.clone();
    let mut record = Record::new(&out.join("twin"))?;
    let (ending, contract) = renew(stand, &mut record, &mut |_, _, _| Ok(()))?;
    let visit = record.elapsed();
    let (pages, steps_ms) = record.close();
    let applications = stand.portal.applications();
    let expectations = Expectations::load()?;
    let mut deviations = verdict::judge(expectations.of(None), &ending, applications.len());
    if let Some(application) = applications.first() {
        verdict::write_application(&out, application)?;
        deviations.extend(verdict::misread(&contract, application));
        for index in 0..application.texts.len() {
            let number = if index == 0 { String::new() } else { format!("-{}", index + 1) };
            match verdict::verified(&out, &number) {
                Ok(text) if text == application.texts[index] => {}
                Ok(_) => deviations.push(format!("application{number}.p7s is of another text")),
                Err(error) => deviations.push(format!("application{number}.p7s: {error:#}")),
            }
        }
    }
    for find in remains::in_logs(&out.join("logs"), &stand.visitor.values())? {
        deviations.push(format!("the visitor's {} is in {}", find.what, find.place));
    }
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let mirror = stand.screen.mirrored();
    let (slowest, repeated) =
        mirror.map_or((Duration::ZERO, 0), |mirror| (mirror.slowest(), mirror.repeated()));
    Ok(Report {
        outcome: verdict::outcome(&ending),
        as_expected: deviations.is_empty(),
        deviations,
        page: ending.page,
        cause: ending.cause,
        applications: applications.len(),
        power_on_to_attract_ms: ms(boot),
        slowest_page_ms: ms(slowest),
        touches_repeated: repeated,
        visit_ms: ms(visit),
        steps_ms,
        pages,
    })
}

/// What else there is while a visit is under way.
pub(super) struct Around<'a> {
    /// The guest.
    pub(super) machine: &'a Machine,
    /// The twin's reader, and the card that goes there.
    pub(super) twin: (&'a Slot, &'a Card),
    /// The guest's reader, in which a card of its own is.
    pub(super) guest: &'a Slot,
}

/// The visit itself: the robot's on the twin, followed by the guest.
///
/// # Errors
/// When a page does not come, or what is called with each new page of the twin fails.
pub(super) fn renew(
    stand: &mut Stand,
    record: &mut Record,
    on_page: &mut dyn FnMut(&Around<'_>, &mut Screen, &State) -> anyhow::Result<()>,
) -> anyhow::Result<(Ending, Vec<String>)> {
    let [card, other] = [stand.twin.card(&stand.visitor, None)?, stand.card()?];
    let errand = Errand {
        visitor: &stand.visitor,
        card: Some(&card),
        printer: None,
        slot: &stand.twin.slot,
        portal: &stand.twin.portal,
        keys: None,
        wrong_pin_first: false,
        service: Service::Renewal,
        helper: None,
        other: Some(Other { card: &other, slot: &stand.slot }),
    };
    let language = stand.plan.language.name();
    let machine = stand.machine.as_ref().expect("a stand has a machine but while its power is cut");
    let around = Around { machine, twin: (&stand.twin.slot, &card), guest: &stand.slot };
    let on_page = Box::new(|screen: &mut Screen, state: &State| on_page(&around, screen, state));
    Visit::new(errand, language, &mut stand.screen, record, on_page)?.run()
}
