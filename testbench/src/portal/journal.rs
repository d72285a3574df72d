//! The one order of events: numbered, to the log file and to whoever listens.
//!
//! It writes what it is given; that nothing personal can be given is seen to by the event's type.

use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::mpsc::{Receiver, Sender, channel},
};

use anyhow::Context;

use super::event::{SimEvent, What};

pub(super) struct Journal {
    number: u64,
    file: Option<File>,
    listeners: Vec<Sender<SimEvent>>,
}

impl Journal {
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let file = path
            .map(|path| File::create(path).with_context(|| format!("{}: cannot be written", path.display())))
            .transpose()?;
        Ok(Self { number: 0, file, listeners: Vec::new() })
    }

    /// Every event from now on.
    pub(super) fn listen(&mut self) -> Receiver<SimEvent> {
        let (sender, receiver) = channel();
        self.listeners.push(sender);
        receiver
    }

    pub(super) fn record(&mut self, what: What) {
        self.number += 1;
        let event = SimEvent { number: self.number, at: format!("{:.3}", jiff::Timestamp::now()), what };
        if let Some(file) = &mut self.file {
            let written = serde_json::to_string(&event)
                .map_err(std::io::Error::other)
                .and_then(|line| writeln!(file, "{line}"));
            if written.is_err() {
                log::warn!("the simulator's log cannot be written any more");
                self.file = None;
            }
        }
        self.listeners.retain(|listener| listener.send(event.clone()).is_ok());
    }
}
