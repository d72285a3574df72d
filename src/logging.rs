//! Where log records go: the systemd journal with structured fields, else JSON lines on stderr.
//!
//! It knows nothing of what is worth logging. It lets only this project's own records through with their
//! text: a library may put an address, a cookie or a page into its messages, so of a library's warning
//! only its place is kept. The text of a panic is treated the same way.

use std::{
    io::{self, Write},
    panic::PanicHookInfo,
};

use log::{
    Level, LevelFilter, Log, Metadata, Record,
    kv::{self, Key, Value, VisitSource},
};
use systemd_journal_logger::{JournalLog, connected_to_journal};

/// The environment variable that sets the level: `off`, `error`, `warn`, `info`, `debug` or `trace`.
pub const LEVEL_VARIABLE: &str = "KIOSK_LOG";

/// Targets whose messages are known to hold nothing personal, because they are written here.
const OWN_TARGETS: [&str; 3] = ["eimza_kiosk", "kioskd", "kiosk_"];

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// [`LEVEL_VARIABLE`] names no level.
    #[error("{LEVEL_VARIABLE}: found {found:?}, expected off, error, warn, info, debug or trace")]
    Level {
        /// Its value.
        found: String,
    },
    /// The journal was promised by `JOURNAL_STREAM` and does not answer.
    #[error("the journal cannot be reached: {0}")]
    Journal(#[from] io::Error),
    /// Somebody set a logger before.
    #[error("a logger is set already")]
    Twice,
}

/// Sends all records of this process to the journal, or to stderr as JSON lines, under `name`.
///
/// From here on a panic leaves its place in the log and never its text.
///
/// # Errors
/// [`LoggingError`]; nothing was set up then.
pub fn init(name: &'static str) -> Result<(), LoggingError> {
    let journal = connected_to_journal().then(JournalLog::empty).transpose()?;
    begin(name, journal)
}

/// As [`init`], for a program whose standard error leads nowhere: to the journal wherever one answers.
///
/// # Errors
/// [`LoggingError`]; nothing was set up then.
pub fn init_detached(name: &'static str) -> Result<(), LoggingError> {
    begin(name, JournalLog::empty().ok())
}

fn begin(name: &'static str, journal: Option<JournalLog>) -> Result<(), LoggingError> {
    let level = match std::env::var_os(LEVEL_VARIABLE) {
        None => LevelFilter::Info,
        Some(value) => value
            .to_str()
            .and_then(|value| value.parse().ok())
            .ok_or_else(|| LoggingError::Level { found: value.to_string_lossy().into_owned() })?,
    };
    let sink = match journal {
        Some(journal) => Sink::Journal(journal.with_syslog_identifier(name.to_owned())),
        None => Sink::Lines { name },
    };
    log::set_boxed_logger(Box::new(Careful { sink, level })).map_err(|_| LoggingError::Twice)?;
    log::set_max_level(level);
    std::panic::set_hook(Box::new(log_place_of_panic));
    Ok(())
}

fn log_place_of_panic(info: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let place = info.location().map_or_else(String::new, ToString::to_string);
    log::error!(PLACE = place, THREAD = thread.name().unwrap_or("unnamed"); "panic");
}

enum Sink {
    Journal(JournalLog),
    Lines { name: &'static str },
}

struct Careful {
    sink: Sink,
    level: LevelFilter,
}

impl Careful {
    fn write(&self, record: &Record<'_>) {
        match &self.sink {
            Sink::Journal(journal) => journal.log(record),
            Sink::Lines { name } => {
                // A log that cannot be written must not end the process.
                let _ = io::stderr().lock().write_all(line(name, jiff::Timestamp::now(), record).as_bytes());
            }
        }
    }
}

impl Log for Careful {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level()
            <= if is_own(metadata.target()) { self.level } else { self.level.min(LevelFilter::Warn) }
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        if is_own(record.target()) {
            self.write(record);
        } else {
            self.write(&withheld(record).args(format_args!("a library's message, withheld")).build());
        }
    }

    fn flush(&self) {}
}

fn is_own(target: &str) -> bool {
    OWN_TARGETS.iter().any(|own| target.starts_with(own))
}

fn withheld<'a>(record: &Record<'a>) -> log::RecordBuilder<'a> {
    let mut place = Record::builder();
    place
        .level(record.level())
        .target(record.target())
        .module_path(record.module_path())
        .file(record.file())
        .line(record.line());
    place
}

/// One record as a line of JSON: `ts`, `level`, `process`, `target`, `message`, then its own fields.
fn line(name: &str, at: jiff::Timestamp, record: &Record<'_>) -> String {
    let mut fields = Fields(serde_json::Map::new());
    let level = match record.level() {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Info => "info",
        Level::Debug => "debug",
        Level::Trace => "trace",
    };
    for (key, value) in [
        ("ts", format!("{at:.3}")),
        ("level", level.to_owned()),
        ("process", name.to_owned()),
        ("target", record.target().to_owned()),
        ("message", record.args().to_string()),
    ] {
        fields.0.insert(key.to_owned(), value.into());
    }
    // The visitor below never fails.
    let _ = record.key_values().visit(&mut fields);
    let mut line = serde_json::Value::Object(fields.0).to_string();
    line.push('\n');
    line
}

struct Fields(serde_json::Map<String, serde_json::Value>);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        let json = if let Some(number) = value.to_i64() {
            number.into()
        } else if let Some(truth) = value.to_bool() {
            truth.into()
        } else {
            value.to_string().into()
        };
        self.0.insert(key.as_str().to_owned(), json);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use log::{Level, LevelFilter, Log, Metadata, Record};

    use super::{Careful, Sink, line, withheld};

    fn parsed(record: &Record<'_>) -> serde_json::Value {
        let text = line("kioskd", jiff::Timestamp::UNIX_EPOCH, record);
        assert!(text.ends_with('\n') && !text.trim_end().contains('\n'), "one line: {text:?}");
        serde_json::from_str(&text).expect("a line is JSON")
    }

    #[test]
    fn a_record_is_one_line_of_json_with_its_fields() {
        let fields: &[(&str, log::kv::Value<'_>)] = &[("VISIT", 7.into()), ("CAUSE", "card-pulled".into())];
        let got = parsed(
            &Record::builder()
                .level(Level::Info)
                .target("eimza_kiosk::supervisor")
                .args(format_args!("line one\nline two"))
                .key_values(&fields)
                .build(),
        );
        assert_eq!(got["ts"], "1970-01-01T00:00:00.000Z");
        assert_eq!(got["level"], "info");
        assert_eq!(got["process"], "kioskd");
        assert_eq!(got["message"], "line one\nline two");
        assert_eq!(got["VISIT"], 7);
        assert_eq!(got["CAUSE"], "card-pulled");
    }

    #[test]
    fn of_a_librarys_record_only_the_place_is_kept() {
        let fields: &[(&str, log::kv::Value<'_>)] = &[("cookie", "JSESSIONID=1".into())];
        let record = Record::builder()
            .level(Level::Warn)
            .target("html5ever::tree_builder")
            .key_values(&fields)
            .line(Some(12))
            .build();
        let place = withheld(&record).args(format_args!("withheld")).build();
        let got = parsed(&place);
        assert_eq!(got["target"], "html5ever::tree_builder");
        assert_eq!(place.line(), Some(12));
        assert!(got.get("cookie").is_none(), "{got}");
    }

    #[test]
    fn libraries_are_heard_from_warning_on_whatever_the_level_is() {
        let careful = Careful { sink: Sink::Lines { name: "kioskd" }, level: LevelFilter::Trace };
        let enabled =
            |target, level| careful.enabled(&Metadata::builder().target(target).level(level).build());
        assert!(enabled("eimza_kiosk::session", Level::Trace));
        assert!(enabled("kiosk_ui::link", Level::Debug));
        assert!(enabled("reqwest::connect", Level::Warn));
        assert!(!enabled("reqwest::connect", Level::Info));
    }
}
