//! QEMU's monitor: asks it for something and hears what happens to the machine, as JSON lines on a socket.
//!
//! It knows the protocol and the few commands the bench needs; what the machine is for is not its affair.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// QEMU answers at once; it may be held up by whatever else the host does.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// The monitor; clones are the same one.
#[derive(Clone)]
pub struct Qmp(Arc<Mutex<Wire>>);

/// Why the monitor did not do it.
#[derive(Debug, thiserror::Error)]
pub enum QmpError {
    /// QEMU is gone, or silent.
    #[error("QEMU's monitor, at {command}: {source}")]
    Gone {
        /// What was asked.
        command: String,
        /// Why.
        source: io::Error,
    },
    /// QEMU says no.
    #[error("QEMU refuses {command}: {why}")]
    Refused {
        /// What was asked.
        command: String,
        /// Its words.
        why: String,
    },
    /// Something did not happen in time.
    #[error("QEMU told no {event} within {within:?}")]
    Silent {
        /// What was waited for.
        event: String,
        /// How long.
        within: Duration,
    },
}

/// Something that happened to the machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// QEMU's name for it, e.g. `RESET`.
    pub name: String,
    /// What else it says.
    pub data: Value,
}

struct Wire {
    stream: BufReader<UnixStream>,
    /// A line that has come in part.
    line: Vec<u8>,
    events: VecDeque<Event>,
    asked: u64,
}

impl Qmp {
    /// Greets the monitor behind a connection.
    ///
    /// # Errors
    /// When it is none.
    pub fn greet(stream: UnixStream) -> Result<Self, QmpError> {
        let wire =
            Wire { stream: BufReader::new(stream), line: Vec::new(), events: VecDeque::new(), asked: 0 };
        let monitor = Self(Arc::new(Mutex::new(wire)));
        monitor.ask("qmp_capabilities", json!({}))?;
        Ok(monitor)
    }

    /// Has a command carried out, and returns what it returns.
    ///
    /// # Errors
    /// [`QmpError`].
    pub fn ask(&self, command: &str, arguments: Value) -> Result<Value, QmpError> {
        let gone = |source| QmpError::Gone { command: command.to_owned(), source };
        let mut wire = self.lock();
        wire.asked += 1;
        let id = wire.asked;
        let said = json!({ "execute": command, "arguments": arguments, "id": id });
        wire.stream.get_mut().write_all(format!("{said}\n").as_bytes()).map_err(gone)?;
        let deadline = Instant::now() + ANSWER_WITHIN;
        loop {
            let Some(mut answer) = wire.next(deadline).map_err(gone)? else {
                return Err(gone(io::ErrorKind::TimedOut.into()));
            };
            if answer.get("id") != Some(&json!(id)) {
                continue;
            }
            return match answer.get("error") {
                None => Ok(answer["return"].take()),
                Some(error) => Err(QmpError::Refused {
                    command: command.to_owned(),
                    why: error["desc"].as_str().unwrap_or_default().to_owned(),
                }),
            };
        }
    }

    /// Waits for an event with this name since the last call, and drops those before it.
    ///
    /// # Errors
    /// [`QmpError::Silent`] when it does not come in time.
    pub fn wait_for(&self, event: &str, within: Duration) -> Result<Event, QmpError> {
        let gone = |source| QmpError::Gone { command: format!("waiting for {event}"), source };
        let deadline = Instant::now() + within;
        let mut wire = self.lock();
        loop {
            while let Some(next) = wire.events.pop_front() {
                if next.name == event {
                    return Ok(next);
                }
            }
            if wire.next(deadline).map_err(gone)?.is_none() && wire.events.is_empty() {
                return Err(QmpError::Silent { event: event.to_owned(), within });
            }
        }
    }

    /// Forgets what has happened so far.
    pub fn forget(&self) {
        self.lock().events.clear();
    }

    /// Lets the machine be for a while; what it tells meanwhile is kept.
    pub fn rest(&self, time: Duration) {
        let deadline = Instant::now() + time;
        let mut wire = self.lock();
        while Instant::now() < deadline && wire.next(deadline).is_ok() {}
    }

    /// Writes what is on the machine's screen as PPM.
    ///
    /// # Errors
    /// [`QmpError`].
    pub fn screendump(&self, file: &Path) -> Result<(), QmpError> {
        self.ask("screendump", json!({ "filename": file, "format": "ppm" })).map(|_| ())
    }

    fn lock(&self) -> MutexGuard<'_, Wire> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wire {
    /// The next line, an event being put aside and told as null; `None` is that there is nothing until then.
    fn next(&mut self, deadline: Instant) -> io::Result<Option<Value>> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.stream.get_ref().set_read_timeout(Some(left))?;
            match self.stream.read_until(b'\n', &mut self.line) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) if self.line.ends_with(b"\n") => {}
                Ok(_) => continue,
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    return Ok(None);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            let mut said: Value = serde_json::from_slice(&std::mem::take(&mut self.line))?;
            match said.get("event").and_then(Value::as_str).map(str::to_owned) {
                None => return Ok(Some(said)),
                Some(name) => {
                    self.events.push_back(Event { name, data: said["data"].take() });
                    // Who waits for an event looks after each.
                    return Ok(Some(Value::Null));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        os::unix::net::UnixStream,
        time::Duration,
    };

    use serde_json::{Value, json};

    use super::{Qmp, QmpError};

    /// A monitor that answers each command by these lines, `ID` being its number.
    fn monitor(answers: &'static [&'static str]) -> Qmp {
        let (ours, theirs) = UnixStream::pair().unwrap();
        std::thread::spawn(move || {
            let mut stream = theirs.try_clone().unwrap();
            stream.write_all(b"{\"QMP\": {}}\n").unwrap();
            let mut lines = BufReader::new(theirs).lines();
            for answer in ["{\"return\": {}, \"id\": ID}"].iter().chain(answers) {
                let asked: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
                let answer = answer.replace("ID", &asked["id"].to_string());
                stream.write_all(format!("{answer}\n").as_bytes()).unwrap();
            }
            // Stays until the other end goes.
            lines.next();
        });
        Qmp::greet(ours).unwrap()
    }

    #[test]
    fn an_answer_is_found_among_events_and_those_are_kept() {
        let monitor = monitor(&[
            "{\"event\": \"RESET\", \"data\": {\"guest\": true}}\n{\"return\": {\"status\": \"running\"}, \"id\": ID}",
        ]);
        let status = monitor.ask("query-status", json!({})).unwrap();
        assert_eq!(status["status"], "running");
        let event = monitor.wait_for("RESET", Duration::from_secs(10)).unwrap();
        assert_eq!(event.data["guest"], true);
        let silent = monitor.wait_for("RESET", Duration::from_millis(10)).unwrap_err();
        assert!(matches!(silent, QmpError::Silent { .. }), "{silent}");
    }

    #[test]
    fn a_refusal_is_told_in_the_monitors_words() {
        let monitor =
            monitor(&["{\"error\": {\"class\": \"GenericError\", \"desc\": \"no such\"}, \"id\": ID}"]);
        let refused = monitor.ask("device_add", json!({ "driver": "none" })).unwrap_err();
        assert_eq!(refused.to_string(), "QEMU refuses device_add: no such");
    }

    #[test]
    fn a_machine_that_is_gone_is_said_to_be_gone() {
        let monitor = monitor(&["{\"return\": {}, \"id\": ID}"]);
        monitor.ask("stop", json!({})).unwrap();
        let gone = monitor.ask("cont", json!({})).unwrap_err();
        assert!(matches!(gone, QmpError::Gone { .. }), "{gone}");
    }
}
