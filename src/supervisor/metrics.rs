//! Counters of the kiosk, as text for Prometheus: visits by outcome, how long steps take, faults by cause.
//!
//! They are made of [`Transition`]s alone, which hold names of states and causes and nothing of anybody. Pure, but for the file
//! they are written to; nothing is served. They begin anew with the process, as Prometheus expects of counters.

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf, time::Duration};

use super::story;
use crate::{
    durable,
    session::{Transition, VisitId},
    system::System,
};

/// Upper bounds of the classes of durations, in seconds.
const BOUNDS: [u64; 10] = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600];

/// States around a visit: who comes to one of them has left it.
const AROUND: [&str; 9] = [
    "starting",
    "recovering",
    "out-of-service",
    "attract",
    "insert-card",
    "hand-over",
    "take-card",
    "outcome-unknown",
    "thank-you",
];

/// What was counted since the start.
#[derive(Debug)]
pub(super) struct Metrics {
    system: System,
    visit: Option<Open>,
    /// By outcome, and whether staff helped.
    visits: BTreeMap<(String, bool), u64>,
    steps: BTreeMap<&'static str, Durations>,
    faults: BTreeMap<String, u64>,
}

/// A visit that goes on.
#[derive(Debug)]
struct Open {
    id: VisitId,
    /// Since when its present step lasts.
    since: Duration,
    received: bool,
    /// What was done for whoever came for something else, and no renewal begun since.
    served: Option<&'static str>,
}

/// How often something took how long.
#[derive(Debug, Default)]
struct Durations {
    /// Of each class, not of those below it.
    classes: [u64; BOUNDS.len() + 1],
    total: Duration,
}

impl Metrics {
    pub(super) fn new(system: System) -> Self {
        Self { system, visit: None, visits: BTreeMap::new(), steps: BTreeMap::new(), faults: BTreeMap::new() }
    }

    /// Counts what a change of state says; `now` is monotonic.
    pub(super) fn hear(&mut self, transition: &Transition, now: Duration) {
        let Transition { visit, from, to, cause, staff: _, assisted } = *transition;
        let ends = AROUND.contains(&to);
        // A fault that a page of trouble has told ends the visit under the same name.
        if let Some(cause) = cause
            && (to == "trouble"
                || to == "out-of-service"
                || (ends && from != "trouble" && !AROUND.contains(&from)))
        {
            *self.faults.entry(story::name(cause)).or_default() += 1;
        }
        let Some(id) = visit else { return };
        let mut open = match self.visit.take().filter(|open| open.id == id) {
            Some(open) => {
                self.steps.entry(from).or_default().add(now.saturating_sub(open.since));
                Open { since: now, ..open }
            }
            // What follows a visit bears its number too.
            None if AROUND.contains(&from) && ends => return,
            None => Open { id, since: now, received: false, served: None },
        };
        open.received |= to == "result";
        open.served = match to {
            "card-check" => Some("checked"),
            "pin-set" => Some("pin-changed"),
            "printed" => Some("printed"),
            "pin-opened" => Some("pin-unblocked"),
            "new-card-pin" => Some("pin-learned"),
            "hand-over" if from == "signing" => Some("helper-known"),
            "eligibility" => None,
            _ => open.served,
        };
        if !ends {
            self.visit = Some(open);
            return;
        }
        let outcome = match (open.received, cause) {
            (true, _) => "received".to_owned(),
            (false, Some(cause)) => story::name(cause),
            (false, None) => open.served.unwrap_or("left").to_owned(),
        };
        *self.visits.entry((outcome, assisted)).or_default() += 1;
    }

    /// In the text format of Prometheus, version 0.0.4.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut family = |name: &str, kind: &str, help: &str, samples: &[String]| {
            // Writing to a String does not fail.
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
            text.extend(samples.iter().map(String::as_str));
        };
        let System { slot, version, update: _ } = &self.system;
        let info = format!(
            "eimza_kiosk_info{{slot=\"{}\",version=\"{}\"}} 1\n",
            escaped(slot.as_deref().unwrap_or_default()),
            escaped(version.as_deref().unwrap_or_default())
        );
        family("eimza_kiosk_info", "gauge", "The running system and its version.", &[info]);
        let counted = |name: &str, label: &str, counts: &BTreeMap<String, u64>| -> Vec<String> {
            counts
                .iter()
                .map(|(value, count)| format!("{name}{{{label}=\"{}\"}} {count}\n", escaped(value)))
                .collect()
        };
        let name = "eimza_kiosk_visits_total";
        let visits: Vec<String> = self
            .visits
            .iter()
            .map(|((outcome, assisted), count)| {
                let assisted = if *assisted { ",assisted=\"true\"" } else { "" };
                format!("{name}{{outcome=\"{}\"{assisted}}} {count}\n", escaped(outcome))
            })
            .collect();
        family(name, "counter", "Visits that ended, by outcome.", &visits);
        let name = "eimza_kiosk_faults_total";
        family(
            name,
            "counter",
            "Faults of readers, portal and kiosk, by cause.",
            &counted(name, "cause", &self.faults),
        );
        let name = "eimza_kiosk_step_seconds";
        let steps: Vec<String> =
            self.steps.iter().map(|(step, durations)| durations.text(name, step)).collect();
        family(name, "histogram", "How long the steps of visits took.", &steps);
        text
    }
}

impl Durations {
    fn add(&mut self, took: Duration) {
        let class =
            BOUNDS.iter().position(|bound| took <= Duration::from_secs(*bound)).unwrap_or(BOUNDS.len());
        self.classes[class] += 1;
        self.total += took;
    }

    /// Each class of Prometheus holds those below it.
    fn text(&self, name: &str, step: &str) -> String {
        let mut text = String::new();
        let mut count = 0;
        let bounds = BOUNDS.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
        for (bound, class) in bounds.zip(self.classes) {
            count += class;
            let _ = writeln!(text, "{name}_bucket{{step=\"{step}\",le=\"{bound}\"}} {count}");
        }
        let _ = writeln!(text, "{name}_sum{{step=\"{step}\"}} {:.3}", self.total.as_secs_f64());
        let _ = writeln!(text, "{name}_count{{step=\"{step}\"}} {count}");
        text
    }
}

/// A label's value: backslash, quote and end of line are written with a backslash.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// The counters, and where they are written whenever they change.
#[derive(Debug)]
pub(super) struct Counters {
    metrics: Metrics,
    file: Option<PathBuf>,
    changed: bool,
}

impl Counters {
    pub(super) fn new(system: System, file: Option<PathBuf>) -> Self {
        Self { metrics: Metrics::new(system), file, changed: true }
    }

    pub(super) fn hear(&mut self, transition: &Transition, now: Duration) {
        self.metrics.hear(transition, now);
        self.changed = true;
    }

    /// Writes them down, if they changed.
    pub(super) fn write(&mut self) {
        if !std::mem::take(&mut self.changed) {
            return;
        }
        if let Some(file) = &self.file
            && let Err(error) = durable::replace(file, self.metrics.text().as_bytes())
        {
            log::error!("{}: {error}", file.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BOUNDS, Duration, Metrics, System, Transition, VisitId};
    use crate::session::fault::Cause;

    /// Seconds, the number of the visit, and a change of state.
    type Step = (u64, Option<u64>, &'static str, &'static str, Option<Cause>);

    fn metrics(steps: &[Step]) -> Metrics {
        let version = Some("1.4\"\\".to_owned());
        let mut metrics = Metrics::new(System { slot: Some("A".into()), version, update: None });
        for (at, visit, from, to, cause) in steps {
            let visit = visit.map(VisitId);
            let assisted = visit == Some(VisitId(6));
            let transition = Transition { visit, from, to, cause: *cause, staff: false, assisted };
            metrics.hear(&transition, Duration::from_secs(*at));
        }
        metrics
    }

    #[test]
    fn a_visit_counts_once_by_its_outcome_and_each_step_by_its_time() {
        let text = metrics(&[
            (0, None, "starting", "attract", None),
            (10, Some(1), "attract", "reading-card", None),
            (12, Some(1), "reading-card", "login", None),
            (52, Some(1), "login", "result", None),
            (60, Some(1), "result", "take-card", None),
            (65, Some(1), "take-card", "thank-you", None),
            (70, None, "thank-you", "attract", None),
            (80, Some(2), "attract", "reading-card", None),
            (81, Some(2), "reading-card", "trouble", Some(Cause::CardMute)),
            (90, Some(2), "trouble", "take-card", Some(Cause::CardMute)),
            (95, Some(2), "take-card", "attract", Some(Cause::CardMute)),
            (100, Some(3), "attract", "reading-card", None),
            (101, Some(3), "reading-card", "attract", None),
            (101, None, "attract", "insert-card", None),
            (101, Some(4), "insert-card", "reading-card", None),
            (101, Some(4), "reading-card", "card-check", None),
            (101, Some(4), "card-check", "take-card", None),
            (101, None, "attract", "insert-card", None),
            (101, Some(5), "insert-card", "reading-card", None),
            (101, Some(5), "setting-pin", "pin-set", None),
            (101, Some(5), "pin-set", "take-card", None),
            (101, Some(7), "insert-card", "reading-card", None),
            (101, Some(7), "pin", "signing", None),
            (101, Some(7), "signing", "hand-over", None),
            (101, Some(6), "hand-over", "reading-card", None),
            (101, Some(6), "asking-outcome", "result", None),
            (101, Some(6), "result", "take-card", None),
            (102, None, "attract", "out-of-service", Some(Cause::NoReader)),
        ])
        .text();
        for line in [
            "eimza_kiosk_visits_total{outcome=\"received\"} 1\n",
            "eimza_kiosk_visits_total{outcome=\"card-mute\"} 1\n",
            "eimza_kiosk_visits_total{outcome=\"left\"} 1\n",
            "eimza_kiosk_visits_total{outcome=\"checked\"} 1\n",
            "eimza_kiosk_visits_total{outcome=\"pin-changed\"} 1\n",
            "eimza_kiosk_visits_total{outcome=\"helper-known\"} 1\n",
            "eimza_kiosk_visits_total{outcome=\"received\",assisted=\"true\"} 1\n",
            "eimza_kiosk_faults_total{cause=\"card-mute\"} 1\n",
            "eimza_kiosk_faults_total{cause=\"no-reader\"} 1\n",
            "eimza_kiosk_step_seconds_bucket{step=\"login\",le=\"30\"} 0\n",
            "eimza_kiosk_step_seconds_bucket{step=\"login\",le=\"60\"} 1\n",
            "eimza_kiosk_step_seconds_bucket{step=\"login\",le=\"+Inf\"} 1\n",
            "eimza_kiosk_step_seconds_sum{step=\"login\"} 40.000\n",
            "eimza_kiosk_step_seconds_count{step=\"reading-card\"} 4\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert_eq!(text.matches("visits_total{").count(), 7, "{text}");
        assert!(!text.contains("take-card") && !text.contains("step=\"attract\""), "{text}");
    }

    type Labels<'a> = Vec<(&'a str, String)>;

    /// A line as Prometheus reads it: name, labels, value.
    fn sample(line: &str) -> Option<(&str, Labels<'_>, f64)> {
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        let (name, rest) = line.split_once('{')?;
        let (labels, value) = rest.rsplit_once("} ")?;
        let mut read = Vec::new();
        let mut rest = labels;
        while !rest.is_empty() {
            let (label, after) = rest.split_once("=\"")?;
            let mut value = String::new();
            let mut letters = after.char_indices();
            let end = loop {
                match letters.next()? {
                    (at, '"') => break at,
                    (_, '\\') => match letters.next()?.1 {
                        'n' => value.push('\n'),
                        letter @ ('\\' | '"') => value.push(letter),
                        _ => return None,
                    },
                    (_, letter) => value.push(letter),
                }
            };
            read.push((label, value));
            rest = &after[end + 1..];
            rest = rest.strip_prefix(',').unwrap_or(rest);
        }
        let sound = is_name(name) && read.iter().all(|(label, _)| is_name(label));
        sound.then_some((name, read, value.parse().ok()?))
    }

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let text = metrics(&[
            (1, Some(1), "attract", "reading-card", None),
            (3, Some(1), "reading-card", "login", None),
            (2000, Some(1), "login", "take-card", Some(Cause::Abandoned)),
        ])
        .text();
        assert!(text.ends_with('\n'));
        let (mut typed, mut last_bucket) = (Vec::new(), 0.0);
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert!(["gauge", "counter", "histogram"].contains(&kind), "{line}");
                assert!(!typed.contains(&name), "each family stands together");
                typed.push(name);
            } else if let Some(rest) = line.strip_prefix("# HELP ") {
                assert!(rest.contains(' '), "{line}");
            } else {
                let (name, labels, value) = sample(line).unwrap_or_else(|| panic!("{line}"));
                assert!(name.starts_with(typed.last().unwrap()), "{line}");
                assert!(value >= 0.0, "{line}");
                if name.ends_with("_bucket") {
                    let (label, bound) = &labels[1];
                    assert_eq!(*label, "le");
                    last_bucket = if bound == "1" { value } else { value.max(last_bucket) };
                    assert_eq!(value, last_bucket, "a class holds those below it: {line}");
                }
            }
        }
        let (_, labels, _) = sample(text.lines().nth(2).unwrap()).unwrap();
        assert_eq!(labels, [("slot", "A".to_owned()), ("version", "1.4\"\\".to_owned())]);
        assert_eq!(text.matches("_bucket{step=\"login\"").count(), BOUNDS.len() + 1);
        assert!(
            text.contains("le=\"600\"} 0\n") && text.contains("_sum{step=\"login\"} 1997.000\n"),
            "{text}"
        );
    }
}
