//! The one thread that touches the card's backend.
//!
//! It does jobs in the order they come and holds no opinion about them.

use std::{io, sync::mpsc::Receiver, thread};

use super::{
    backend::Backend,
    desk::{Job, Outcome, SignJob},
    module::ModuleError,
    watch::Watch,
};
use crate::config;

/// Starts the thread: it opens the backend, says through `loaded` what came of it, then does the jobs that
/// come; `done` gets each outcome.
pub(super) fn start(
    config: config::Token,
    anew: bool,
    watch: Watch,
    jobs: Receiver<Job>,
    loaded: impl FnOnce(Result<(), ModuleError>) + Send + 'static,
    done: impl Fn(Outcome) + Send + 'static,
) -> io::Result<()> {
    let work = move || match Backend::open(&config, watch, anew) {
        Ok(backend) => {
            loaded(Ok(()));
            work(backend, &jobs, done);
        }
        Err(error) => loaded(Err(error)),
    };
    thread::Builder::new().name("module".to_owned()).spawn(work)?;
    Ok(())
}

fn work(mut backend: Backend, jobs: &Receiver<Job>, done: impl Fn(Outcome)) {
    for job in jobs {
        done(match job {
            Job::Read(reader) => Outcome::Read(backend.read(&reader)),
            Job::Check(reader, certificate) => Outcome::Checked(backend.check(&reader, certificate)),
            Job::Sign(job) => {
                let SignJob { reader, certificate, drafts, pin, unwanted } = *job;
                Outcome::Signed(backend.sign(&reader, certificate, drafts, pin, &unwanted))
            }
            Job::Settle => Outcome::Idle,
            Job::Close => {
                backend.close();
                Outcome::Idle
            }
        });
    }
}
