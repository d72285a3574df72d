//! Tells the visit's story to the journal: one record per change of state.
//!
//! Only names of states and causes and the number of the visit are in it; it knows nothing else.

use log::{Level, Record, kv::Value};

use crate::session::{Transition, fault::Cause};

/// Logs a transition with the fields `VISIT`, `FROM`, `TO` and `CAUSE`, and `ASSISTED` where staff helps; a warning where staff should act.
pub(super) fn tell(transition: &Transition) {
    let Transition { visit, from, to, cause, staff, assisted } = *transition;
    let cause = cause.map(name);
    let mut fields = vec![("FROM", Value::from(from)), ("TO", Value::from(to))];
    fields.extend(visit.map(|visit| ("VISIT", Value::from(visit.0))));
    fields.extend(cause.as_deref().map(|cause| ("CAUSE", Value::from(cause))));
    fields.extend(assisted.then_some(("ASSISTED", Value::from(true))));
    log::logger().log(
        &Record::builder()
            .level(if staff { Level::Warn } else { Level::Info })
            .target(module_path!())
            .module_path_static(Some(module_path!()))
            .args(format_args!("{from} -> {to}"))
            .key_values(&fields.as_slice())
            .build(),
    );
}

/// The cause's name in a configuration or a log: `card-pulled`.
pub(super) fn name(cause: Cause) -> String {
    serde_json::to_value(cause)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_else(|| format!("{cause:?}"))
}

#[cfg(test)]
mod tests {
    use super::{Cause, name};

    #[test]
    fn a_cause_is_named_in_the_words_of_the_documentation() {
        assert_eq!(name(Cause::CardPulled), "card-pulled");
    }
}
