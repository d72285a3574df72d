//! The robot's socket: one JSON line per command, one per answer.
//!
//! Everything goes through real pointer events on the elements an assistive device would find. It knows
//! nothing of views.

use std::{
    cell::Cell,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    rc::Rc,
    sync::{Arc, Condvar, Mutex, PoisonError, mpsc},
    time::{Duration, Instant},
};

use i_slint_backend_testing::ElementHandle;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use slint::{
    ComponentHandle as _, Global as _, LogicalPosition,
    platform::{PointerEventButton, WindowEvent},
};

use super::controls;
use crate::{
    screen::{Screen, on_screen},
    ui::{Frame, Shown},
};

const LONGEST_SCROLL: usize = 2000;

/// What is asked.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
enum Command {
    State,
    Controls,
    Tap {
        label: String,
        #[serde(default)]
        role: Option<String>,
    },
    /// A finger is put down and stays there until it is lifted.
    Hold {
        label: String,
    },
    Lift,
    Shot {
        path: PathBuf,
    },
    Wait {
        #[serde(default)]
        unlike: Value,
        timeout_ms: u64,
    },
    ScrollEnd,
    Stroke {
        from: Place,
        to: Place,
    },
}

/// Logical pixels from the left and from the top.
type Place = (f32, f32);

/// A finger that was put down, moved straight, and lifted; a tap where it was not moved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Stroke {
    from: Place,
    to: Place,
}

/// What is on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct State {
    page: &'static str,
    serial: u64,
    connected: bool,
    language: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    overlay: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// Digits typed on the signer's keys, where it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    dots: Option<i32>,
}

/// The state the robot waits on, kept by the screen.
#[derive(Clone, Default)]
pub struct Watch(Arc<(Mutex<State>, Condvar)>);

impl Watch {
    /// Tells what the screen shows now.
    pub fn update(&self, screen: &Screen) {
        let (serial, page, overlay, connected) = screen.standing();
        let english = Frame::get(screen.window()).get_english();
        let shown = Shown::get(screen.window());
        let state = State {
            page,
            serial: serial.unwrap_or(0),
            connected,
            language: if english { "en" } else { "tr" },
            overlay,
            cause: screen.cause(),
            dots: shown.get_keypad().then(|| shown.get_pin_length()),
        };
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
        self.0.1.notify_all();
    }

    fn now(&self) -> State {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until the state is unlike what it is now, or unlike any of the values given.
    fn wait(&self, unlike: &Value, timeout: Duration) -> State {
        let start = self.now();
        let differs = |state: &State| {
            let now = serde_json::to_value(state).unwrap_or_default();
            *state != start
                || unlike.as_object().is_some_and(|it| it.iter().any(|(key, old)| now.get(key) != Some(old)))
        };
        let guard = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.1.wait_timeout_while(guard, timeout, |state| !differs(state));
        waited.unwrap_or_else(PoisonError::into_inner).0.clone()
    }
}

/// Serves the robot on a socket, in a thread of its own, one connection after the other.
///
/// # Errors
/// When the socket cannot be made.
pub fn serve(socket: &Path, watch: Watch) -> std::io::Result<()> {
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Err(_) | Ok(()) => {}
    }
    let listener = UnixListener::bind(socket)?;
    std::thread::Builder::new().name("robot".into()).spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Err(error) = converse(&stream, &watch) {
                log::warn!("the robot's connection ends: {error}");
            }
        }
    })?;
    Ok(())
}

fn converse(stream: &UnixStream, watch: &Watch) -> std::io::Result<()> {
    let mut writer = stream;
    for line in BufReader::new(stream).lines() {
        let answer = match serde_json::from_str(&line?) {
            Ok(command) => answer(command, watch),
            Err(error) => json!({ "error": error.to_string() }),
        };
        writer.write_all(format!("{answer}\n").as_bytes())?;
    }
    Ok(())
}

fn answer(command: Command, watch: &Watch) -> Value {
    match command {
        Command::State => ask(|screen, reply| {
            let watch = Watch::default();
            watch.update(screen);
            let _ = reply.send(json!(watch.now()));
        }),
        Command::Controls => ask(|screen, reply| {
            let _ = reply.send(json!({ "controls": controls::controls(screen) }));
        }),
        Command::Tap { label, role } => ask(move |screen, reply| tap(screen, &label, role.as_deref(), reply)),
        Command::Hold { label } => ask(move |screen, reply| hold(screen, &label, reply)),
        Command::Lift => ask(|screen, reply| {
            lift(screen);
            let _ = reply.send(json!({ "ok": true }));
        }),
        Command::Shot { path } => ask(move |screen, reply| {
            let _ = reply.send(match super::shot(screen, &path) {
                Ok(()) => json!({ "ok": true }),
                Err(error) => json!({ "error": format!("{}: {error}", path.display()) }),
            });
        }),
        Command::Wait { unlike, timeout_ms } => json!(watch.wait(&unlike, Duration::from_millis(timeout_ms))),
        Command::ScrollEnd => ask(|screen, reply| {
            let screen = screen.clone();
            let task = async move {
                let result = scroll_to_end(&screen).await;
                let _ = reply.send(match result {
                    Ok(strokes) => json!({ "strokes": strokes }),
                    Err(error) => json!({ "error": error }),
                });
            };
            let _ = slint::spawn_local(task);
        }),
        Command::Stroke { from, to } => ask(move |screen, reply| {
            let screen = screen.clone();
            let task = async move {
                let stroke = Stroke { from, to };
                make(&screen, stroke).await;
                let _ = reply.send(json!({ "strokes": [stroke] }));
            };
            let _ = slint::spawn_local(task);
        }),
    }
}

/// Does something in the event loop and waits for its answer.
fn ask(what: impl FnOnce(&Rc<Screen>, mpsc::Sender<Value>) + Send + 'static) -> Value {
    let (reply, answer) = mpsc::channel();
    on_screen(move |screen| what(screen, reply));
    answer.recv().unwrap_or_else(|_| json!({ "error": "the screen is gone" }))
}

/// The middle of what is labelled so, where it takes a touch.
fn place(screen: &Rc<Screen>, label: &str, role: Option<&str>) -> Result<Place, String> {
    let element =
        controls::find(screen, label, role).ok_or_else(|| format!("nothing is labelled {label:?}"))?;
    if let Some(obstacle) = controls::obstacle(screen, &element) {
        return Err(format!("{label:?}: {obstacle}"));
    }
    let (at, size) = (element.absolute_position(), element.size());
    Ok((at.x + size.width / 2.0, at.y + size.height / 2.0))
}

thread_local! {
    /// Where the finger is that was put down.
    static HELD: Cell<Option<Place>> = const { Cell::new(None) };
}

fn hold(screen: &Rc<Screen>, label: &str, reply: mpsc::Sender<Value>) {
    let held = place(screen, label, Some("button")).map(|(x, y)| {
        HELD.set(Some((x, y)));
        let position = LogicalPosition::new(x, y);
        let window = screen.window().window();
        window.dispatch_event(WindowEvent::PointerMoved { position });
        window.dispatch_event(WindowEvent::PointerPressed { position, button: PointerEventButton::Left });
    });
    let _ = reply.send(match held {
        Ok(()) => json!({ "ok": true }),
        Err(error) => json!({ "error": error }),
    });
}

fn lift(screen: &Rc<Screen>) {
    let Some((x, y)) = HELD.take() else { return };
    let (position, window) = (LogicalPosition::new(x, y), screen.window().window());
    window.dispatch_event(WindowEvent::PointerReleased { position, button: PointerEventButton::Left });
    window.dispatch_event(WindowEvent::PointerExited);
}

fn tap(screen: &Rc<Screen>, label: &str, role: Option<&str>, reply: mpsc::Sender<Value>) {
    let _ = reply.send(match place(screen, label, role) {
        Ok(middle) => {
            touch(screen, middle);
            json!({ "strokes": [Stroke { from: middle, to: middle }] })
        }
        Err(error) => json!({ "error": error }),
    });
}

/// Puts a finger down and lifts it: a robot needs no time between the two.
fn touch(screen: &Rc<Screen>, (x, y): Place) {
    let position = LogicalPosition::new(x, y);
    let (window, button) = (screen.window().window(), PointerEventButton::Left);
    window.dispatch_event(WindowEvent::PointerMoved { position });
    window.dispatch_event(WindowEvent::PointerPressed { position, button });
    window.dispatch_event(WindowEvent::PointerReleased { position, button });
    window.dispatch_event(WindowEvent::PointerExited);
}

/// A tap, or a finger that is moved over the glass in a few frames.
async fn make(screen: &Rc<Screen>, stroke: Stroke) {
    let (from, to) = (stroke.from, stroke.to);
    if from == to {
        return touch(screen, from);
    }
    let dispatch = |event| screen.window().window().dispatch_event(event);
    let (button, at) = (PointerEventButton::Left, |(x, y): Place| LogicalPosition::new(x, y));
    dispatch(WindowEvent::PointerPressed { position: at(from), button });
    for step in 0..=8_u8 {
        let part = f32::from(step) / 8.0;
        let place = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
        dispatch(WindowEvent::PointerMoved { position: at(place) });
        frame().await;
    }
    dispatch(WindowEvent::PointerReleased { position: at(to), button });
    frame().await;
}

/// Moves the texts upwards with a finger until the end of the last was on the screen.
async fn scroll_to_end(screen: &Rc<Screen>) -> Result<Vec<Stroke>, String> {
    let window = screen.window();
    let text = ElementHandle::find_by_element_id(window, "Reading::flick").next();
    let text = text.ok_or("there is nothing to scroll")?;
    let (at, size) = (text.absolute_position(), text.size());
    let x = at.x + size.width / 2.0;
    let (low, high) = (at.y + size.height * 0.9, at.y + size.height * 0.1);
    let stroke = Stroke { from: (x, low), to: (x, high) };
    let mut strokes = Vec::new();
    while strokes.len() < LONGEST_SCROLL {
        if Shown::get(window).get_read_to_end() {
            return Ok(strokes);
        }
        make(screen, stroke).await;
        strokes.push(stroke);
    }
    Err("the end was not reached".into())
}

/// One frame of a display that draws sixty a second.
async fn frame() {
    let until = Instant::now() + Duration::from_millis(16);
    std::future::poll_fn(move |context| {
        if Instant::now() >= until {
            return std::task::Poll::Ready(());
        }
        let waker = context.waker().clone();
        slint::Timer::single_shot(Duration::from_millis(16), move || waker.wake());
        std::task::Poll::Pending
    })
    .await;
}
