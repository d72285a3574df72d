//! The agent in the guest: runs commands there as root, for checks and measurements. No product image has it.
//!
//! It knows QEMU's guest agent protocol and nothing of what is run.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// Between two looks at a command that runs.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// An agent that is there answers within this time, also under load.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The way to the agent. Each command is a conversation of its own, so that a guest that was started anew meanwhile
/// makes no difference.
#[derive(Debug, Clone)]
pub struct Agent {
    socket: PathBuf,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Its exit status; 128 and the number of the signal that ended it.
    pub status: i64,
    /// What it wrote to its standard output, and after it what it wrote to its standard error.
    pub output: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The line is gone or silent.
    #[error("the guest's agent: {0}")]
    Gone(#[from] io::Error),
    /// The agent says no.
    #[error("the guest's agent refuses {command}: {why}")]
    Refused {
        /// What was asked.
        command: &'static str,
        /// Its words.
        why: String,
    },
    /// The answer is none.
    #[error("the guest's agent answers what cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The command runs on.
    #[error("in the guest, {script:?} did not end within {within:?}")]
    RunsOn {
        /// What was run.
        script: String,
        /// How long.
        within: Duration,
    },
}

impl Agent {
    /// The agent behind this socket.
    #[must_use]
    pub fn at(socket: &Path) -> Self {
        Self { socket: socket.to_owned() }
    }

    /// Waits until the agent answers.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn wait(&self, within: Duration) -> Result<(), AgentError> {
        let deadline = Instant::now() + within;
        loop {
            match self.converse() {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => pause(LOOK_EVERY),
            }
        }
    }

    /// Runs a script by the guest's shell and returns its output, whatever its status.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn run(&self, script: &str, within: Duration) -> Result<Done, AgentError> {
        let deadline = Instant::now() + within;
        let mut talk = self.converse()?;
        let started = talk
            .ask("guest-exec", json!({ "path": "/bin/sh", "arg": ["-c", script], "capture-output": true }))?;
        loop {
            let state = talk.ask("guest-exec-status", json!({ "pid": started["pid"] }))?;
            if state["exited"] == true {
                return Ok(Done::of(&state));
            }
            if Instant::now() > deadline {
                return Err(AgentError::RunsOn { script: script.to_owned(), within });
            }
            pause(LOOK_EVERY);
        }
    }

    /// Starts a script and does not wait for it: one that ends the guest never answers.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn start(&self, script: &str) -> Result<(), AgentError> {
        let arguments = json!({ "path": "/bin/sh", "arg": ["-c", script] });
        self.converse()?.ask("guest-exec", arguments).map(|_| ())
    }

    fn converse(&self) -> Result<Talk, AgentError> {
        let stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        let mut talk = Talk(BufReader::new(stream));
        talk.begin()?;
        Ok(talk)
    }
}

impl Done {
    fn of(state: &Value) -> Self {
        let text = |key: &str| {
            let bytes = STANDARD.decode(state[key].as_str().unwrap_or_default()).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let status = state["exitcode"].as_i64();
        Self {
            status: status.unwrap_or_else(|| 128 + state["signal"].as_i64().unwrap_or_default()),
            output: text("out-data") + &text("err-data"),
        }
    }
}

struct Talk(BufReader<UnixStream>);

impl Talk {
    /// Throws away what was said to others before (`guest-sync-delimited`: 0xFF begins a new conversation).
    fn begin(&mut self) -> Result<(), AgentError> {
        let id = rand::random::<u32>();
        let said = json!({ "execute": "guest-sync-delimited", "arguments": { "id": id } });
        self.0.get_mut().write_all(&[&[0xFF], format!("{said}\n").as_bytes()].concat())?;
        loop {
            let mut before = Vec::new();
            if self.0.read_until(0xFF, &mut before)? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            let answer = self.line()?;
            if answer["return"] == json!(id) {
                return Ok(());
            }
        }
    }

    fn ask(&mut self, command: &'static str, arguments: Value) -> Result<Value, AgentError> {
        let said = json!({ "execute": command, "arguments": arguments });
        self.0.get_mut().write_all(format!("{said}\n").as_bytes())?;
        let mut answer = self.line()?;
        match answer.get("error") {
            None => Ok(answer["return"].take()),
            Some(error) => Err(AgentError::Refused {
                command,
                why: error["desc"].as_str().unwrap_or_default().to_owned(),
            }),
        }
    }

    fn line(&mut self) -> Result<Value, AgentError> {
        let mut line = String::new();
        if self.0.by_ref().take(64 << 20).read_line(&mut line)? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

/// The agent tells nothing by itself; it has to be asked again.
fn pause(time: Duration) {
    let time = rustix::event::Timespec { tv_sec: 0, tv_nsec: i64::from(time.subsec_nanos()) };
    let _ = rustix::event::poll(&mut [], Some(&time));
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        os::unix::net::UnixListener,
        time::Duration,
    };

    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde_json::{Value, json};

    use super::{Agent, AgentError, Done};

    /// An agent whose command runs for so many looks and then ends like that.
    fn agent(looks: usize, end: Value) -> (tempfile::TempDir, Agent) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent");
        let listener = UnixListener::bind(&path).unwrap();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut writer = stream.try_clone().unwrap();
            let mut asked = 0;
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                let line: Vec<u8> = line.into_iter().filter(|byte| *byte != 0xFF).collect();
                let said: Value = serde_json::from_slice(&line).unwrap();
                let answer = match said["execute"].as_str().unwrap() {
                    "guest-sync-delimited" => {
                        // What another conversation left behind.
                        writer.write_all(b"{\"return\": {\"pid\": 1}}\n\xFF").unwrap();
                        said["arguments"]["id"].clone()
                    }
                    "guest-exec" => json!({ "pid": 7 }),
                    _ if asked < looks => {
                        asked += 1;
                        json!({ "exited": false })
                    }
                    _ => end.clone(),
                };
                writer.write_all(format!("{}\n", json!({ "return": answer })).as_bytes()).unwrap();
            }
        });
        (folder, Agent::at(&path))
    }

    #[test]
    fn a_command_is_waited_for_and_its_output_and_status_come_back() {
        let end = json!({ "exited": true, "exitcode": 3, "out-data": STANDARD.encode("bir\n"),
            "err-data": STANDARD.encode("iki\n") });
        let (_folder, agent) = agent(1, end);
        let done = agent.run("echo bir", Duration::from_secs(20)).unwrap();
        assert_eq!(done, Done { status: 3, output: "bir\niki\n".to_owned() });
    }

    #[test]
    fn a_command_that_does_not_end_is_named() {
        let (_folder, agent) = agent(usize::MAX, Value::Null);
        let error = agent.run("tail -f /dev/null", Duration::ZERO).unwrap_err();
        assert!(matches!(error, AgentError::RunsOn { .. }) && error.to_string().contains("tail"), "{error}");
    }

    #[test]
    fn where_nobody_listens_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let error = Agent::at(&folder.path().join("none")).wait(Duration::ZERO).unwrap_err();
        assert!(matches!(error, AgentError::Gone(_)), "{error}");
    }
}
