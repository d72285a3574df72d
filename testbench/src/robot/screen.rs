//! The robot's eyes and finger: a client of `kiosk-ui-headless`'s socket, one JSON line per command.
//!
//! It knows controls by label, role and value as an assistive device would, and nothing of views or
//! intents.

use std::{
    io::{self, BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    mirror::{Apart, Mirror},
    picture::Picture,
};

/// Longer than any `wait` that is asked for: a screen that says nothing so long hangs.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// What is on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct State {
    /// Name of the page, in kebab-case.
    pub page: String,
    /// Serial of the view.
    pub serial: u64,
    /// Whether `kioskd` is connected.
    pub connected: bool,
    /// `tr` or `en`.
    pub language: String,
    /// What is laid over the page.
    #[serde(default)]
    pub overlay: Option<String>,
    /// The cause the page names, in kebab-case.
    #[serde(default)]
    pub cause: Option<String>,
}

/// Something with an accessible label.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Control {
    /// What an assistive device reads out.
    pub label: String,
    /// `button`, `text-input`, …
    pub role: String,
    /// What is in it.
    #[serde(default)]
    pub value: String,
    /// It takes a tap.
    pub enabled: bool,
    /// Left edge, pixels.
    pub x: f32,
    /// Upper edge, pixels.
    pub y: f32,
    /// Width, pixels.
    pub w: f32,
    /// Height, pixels.
    pub h: f32,
}

/// Pixels from the left and from the top.
pub type Place = (f32, f32);

/// A finger that was put down, moved straight, and lifted; a tap where it was not moved.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Stroke {
    /// Where it was put down.
    pub from: Place,
    /// Where it was lifted.
    pub to: Place,
}

/// Why the screen did not do it.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// The screen's process is gone.
    #[error("the screen is gone: {0}")]
    Gone(#[from] io::Error),
    /// The screen answered with an error.
    #[error("the screen refuses {command}: {why}")]
    Refused {
        /// The command.
        command: String,
        /// Its words.
        why: String,
    },
    /// An answer that is not of the protocol.
    #[error("the screen's answer to {command} cannot be read: {source}")]
    Unreadable {
        /// The command.
        command: String,
        /// Why.
        source: serde_json::Error,
    },
    /// Another screen that is to follow this one does not.
    #[error(transparent)]
    Apart(#[from] Apart),
}

/// A connection to the screen.
pub struct Screen {
    socket: PathBuf,
    wire: BufReader<UnixStream>,
    mirror: Option<Mirror>,
}

#[derive(Serialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
enum Command<'a> {
    State,
    Controls,
    Tap {
        label: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        role: Option<&'a str>,
    },
    Hold {
        label: &'a str,
    },
    Lift,
    Shot {
        path: &'a Path,
    },
    Wait {
        unlike: Unlike,
        timeout_ms: u128,
    },
    ScrollEnd,
    Stroke {
        from: Place,
        to: Place,
    },
}

#[derive(Serialize)]
struct Unlike {
    serial: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    overlay: Option<String>,
}

#[derive(Deserialize)]
struct Done {}

#[derive(Deserialize)]
struct Touched {
    strokes: Vec<Stroke>,
}

#[derive(Deserialize)]
struct Controls {
    controls: Vec<Control>,
}

impl Screen {
    /// Connects as soon as the screen listens.
    ///
    /// # Errors
    /// When it does not within the time.
    pub fn connect(socket: &Path, within: Duration) -> Result<Self, ScreenError> {
        let deadline = Instant::now() + within;
        let stream = loop {
            let appeared = Appearance::watch(socket)?;
            match UnixStream::connect(socket) {
                Ok(stream) => break stream,
                Err(error) if Instant::now() >= deadline => return Err(error.into()),
                Err(_) => appeared.wait()?,
            }
        };
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        Ok(Self { socket: socket.to_owned(), wire: BufReader::new(stream), mirror: None })
    }

    /// The same screen after its process was started again.
    ///
    /// # Errors
    /// When it does not come back within the time.
    pub fn reconnect(&mut self, within: Duration) -> Result<(), ScreenError> {
        self.wire = Self::connect(&self.socket, within)?.wire;
        Ok(())
    }

    /// From now on another screen repeats every touch of this one, and must show the same before each.
    pub fn mirror(&mut self, mirror: Mirror) {
        self.mirror = Some(mirror);
    }

    /// The screen that follows this one, if any.
    pub fn mirrored(&mut self) -> Option<&mut Mirror> {
        self.mirror.as_mut()
    }

    /// Waits until the screen that follows this one, if any, shows the same.
    ///
    /// # Errors
    /// When it does not within its time.
    pub fn agree(&mut self) -> Result<(), ScreenError> {
        let Some(mut mirror) = self.mirror.take() else { return Ok(()) };
        let agreed = mirror.agree(self);
        self.mirror = Some(mirror);
        agreed
    }

    /// Waits until the screen that follows this one shows another page than this one, and than when both agreed last;
    /// returns its picture.
    ///
    /// # Errors
    /// When it does not within the time, or none follows.
    pub fn differs(&mut self, within: Duration) -> Result<Picture, ScreenError> {
        let Some(mut mirror) = self.mirror.take() else {
            return Err(io::Error::other("no other screen follows this one").into());
        };
        let seen = mirror.differs(self, within);
        self.mirror = Some(mirror);
        seen
    }

    /// What is on the screen now.
    ///
    /// # Errors
    /// When the screen is gone or does not understand.
    pub fn state(&mut self) -> Result<State, ScreenError> {
        self.ask(&Command::State)
    }

    /// Everything with a label, in the order of the screen's own tree.
    ///
    /// # Errors
    /// When the screen is gone or does not understand.
    pub fn controls(&mut self) -> Result<Vec<Control>, ScreenError> {
        Ok(self.ask::<Controls>(&Command::Controls)?.controls)
    }

    /// Taps the middle of a control.
    ///
    /// # Errors
    /// When there is none of that label and role that takes a tap.
    pub fn tap(&mut self, label: &str, role: Option<&str>) -> Result<(), ScreenError> {
        self.touch(&Command::Tap { label, role })
    }

    /// Puts a finger on a button, where it stays until [`Self::lift`]. No screen that follows this one repeats it.
    ///
    /// # Errors
    /// When there is no such button.
    pub fn hold(&mut self, label: &str) -> Result<(), ScreenError> {
        self.ask::<Done>(&Command::Hold { label }).map(|_| ())
    }

    /// Lifts the finger that was put down.
    ///
    /// # Errors
    /// When the screen is gone or does not understand.
    pub fn lift(&mut self) -> Result<(), ScreenError> {
        self.ask::<Done>(&Command::Lift).map(|_| ())
    }

    /// Moves a finger over the glass, whatever is there.
    ///
    /// # Errors
    /// When the screen is gone or does not understand.
    pub fn stroke(&mut self, Stroke { from, to }: Stroke) -> Result<(), ScreenError> {
        self.touch(&Command::Stroke { from, to })
    }

    /// Writes a picture of the screen.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn shot(&mut self, path: &Path) -> Result<(), ScreenError> {
        self.ask::<Done>(&Command::Shot { path }).map(|_| ())
    }

    /// The same for the record: where another screen follows this one, its picture is kept too, under the same
    /// name, once it shows the same.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn record(&mut self, path: &Path) -> Result<(), ScreenError> {
        if let Some(mirror) = &mut self.mirror {
            mirror.keep_next(path);
        }
        self.shot(path)
    }

    /// Waits until the screen shows something else than this, or the time is over.
    ///
    /// # Errors
    /// When the screen is gone or does not understand.
    pub fn wait(&mut self, than: &State, within: Duration) -> Result<State, ScreenError> {
        let unlike = Unlike { serial: than.serial, overlay: than.overlay.clone() };
        self.ask(&Command::Wait { unlike, timeout_ms: within.min(ANSWER_WITHIN / 2).as_millis() })
    }

    /// Scrolls the contract to its end, as a finger does.
    ///
    /// # Errors
    /// When there is nothing to scroll.
    pub fn scroll_end(&mut self) -> Result<(), ScreenError> {
        self.touch(&Command::ScrollEnd)
    }

    fn touch(&mut self, command: &Command<'_>) -> Result<(), ScreenError> {
        self.agree()?;
        let touched: Touched = self.ask(command)?;
        match &mut self.mirror {
            Some(mirror) => Ok(mirror.follow(&touched.strokes)?),
            None => Ok(()),
        }
    }

    fn ask<T: DeserializeOwned>(&mut self, command: &Command<'_>) -> Result<T, ScreenError> {
        let said = serde_json::to_string(command).expect("a command has no map with other keys than strings");
        let stream = self.wire.get_mut();
        stream.write_all(format!("{said}\n").as_bytes())?;
        let mut line = String::new();
        if self.wire.read_line(&mut line)? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        let unreadable = |source| ScreenError::Unreadable { command: said.clone(), source };
        let answer: serde_json::Value = serde_json::from_str(&line).map_err(unreadable)?;
        if let Some(why) = answer.get("error").and_then(serde_json::Value::as_str) {
            return Err(ScreenError::Refused { command: said, why: why.to_owned() });
        }
        serde_json::from_value(answer).map_err(unreadable)
    }
}

/// Hears a file appear in its folder.
struct Appearance(rustix::fd::OwnedFd);

impl Appearance {
    fn watch(file: &Path) -> io::Result<Self> {
        use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
        let inotify = init(CreateFlags::CLOEXEC)?;
        add_watch(&inotify, file.parent().unwrap_or(Path::new(".")), WatchFlags::CREATE)?;
        Ok(Self(inotify))
    }

    /// At most a moment: a socket file appears when it is bound, and takes connections only a little later.
    fn wait(&self) -> io::Result<()> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let moment = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
        poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&moment))?;
        Ok(())
    }
}
