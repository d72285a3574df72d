//! The connection to `kioskd`: views come in, touches go out.
//!
//! It connects again for as long as the program runs. It does not know what is in a view; while there is no
//! connection the screen is told so and forgets everything.

use std::{
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use eimza_kiosk::link::{codec, intent::Touch, listen::require_listener, view::View};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::inotify,
};

const FIRST_RETRY: Duration = Duration::from_millis(100);
const LONGEST_RETRY: Duration = Duration::from_secs(3);
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);

/// What the screen hears.
pub enum News {
    /// A connection stands; a view follows.
    Connected,
    /// What to show.
    View(Box<View>),
    /// `kioskd` is gone.
    Lost,
}

/// Where touches go while there is a connection.
#[derive(Clone, Default)]
pub struct Outbox(Arc<Mutex<Option<UnixStream>>>);

impl Outbox {
    /// Sends a touch, or drops it when nobody is there to hear it.
    pub fn send(&self, touch: &Touch) {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(socket) = stream.as_mut() else { return };
        if let Err(error) = codec::write(socket, touch) {
            log::warn!("a touch could not be sent: {error}");
            *stream = None;
        }
    }

    fn set(&self, socket: Option<UnixStream>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = socket;
    }
}

/// Starts the thread that keeps the connection and tells `hear` what comes over it.
///
/// # Errors
/// When no thread can be started.
pub fn start(
    socket: PathBuf,
    supervisor_uid: Option<u32>,
    outbox: Outbox,
    hear: impl Fn(News) + Send + 'static,
) -> std::io::Result<()> {
    let keep = move || keep(&socket, supervisor_uid, &outbox, &hear);
    std::thread::Builder::new().name("link".into()).spawn(keep)?;
    Ok(())
}

fn keep(socket: &Path, supervisor_uid: Option<u32>, outbox: &Outbox, hear: &dyn Fn(News)) -> ! {
    let mut retry = FIRST_RETRY;
    loop {
        let connected = UnixStream::connect(socket)
            .and_then(|stream| require_listener(&stream, supervisor_uid).map(|()| stream));
        match connected {
            Ok(stream) => {
                retry = FIRST_RETRY;
                log::info!("connected to kioskd");
                serve(stream, outbox, hear);
                outbox.set(None);
                hear(News::Lost);
                log::info!("kioskd is gone");
            }
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                log::warn!("kioskd is not heard: {error}");
            }
            Err(error) => log::debug!("kioskd does not listen yet: {error}"),
        }
        await_socket(socket, retry);
        retry = (retry * 2).min(LONGEST_RETRY);
    }
}

fn serve(mut stream: UnixStream, outbox: &Outbox, hear: &dyn Fn(News)) {
    let writer = stream.try_clone().and_then(|writer| {
        writer.set_write_timeout(Some(WRITE_TIMEOUT))?;
        Ok(writer)
    });
    let Ok(writer) = writer else { return };
    outbox.set(Some(writer));
    hear(News::Connected);
    loop {
        match codec::read::<View>(&mut stream) {
            Ok(view) => hear(News::View(Box::new(view))),
            Err(codec::CodecError::Closed) => return,
            Err(error) => {
                log::warn!("the link to kioskd ends: {error}");
                return;
            }
        }
    }
}

/// Waits until something changes beside the socket, at most `longest`.
fn await_socket(socket: &Path, longest: Duration) {
    let watch = || -> rustix::io::Result<()> {
        let folder = socket.parent().unwrap_or(Path::new("/"));
        let watcher = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
        inotify::add_watch(
            &watcher,
            folder,
            inotify::WatchFlags::CREATE | inotify::WatchFlags::MOVED_TO | inotify::WatchFlags::ATTRIB,
        )?;
        wait(&mut [PollFd::new(&watcher, PollFlags::IN)], longest)
    };
    if watch().is_err() {
        // The folder is not there yet: time alone decides.
        let _ = wait(&mut [], longest);
    }
}

fn wait(on: &mut [PollFd<'_>], longest: Duration) -> rustix::io::Result<()> {
    let longest = Timespec::try_from(longest).unwrap_or(Timespec { tv_sec: 1, tv_nsec: 0 });
    poll(on, Some(&longest)).map(|_| ())
}
