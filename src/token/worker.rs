//! The one thread that touches the card's backend.
//!
//! It does jobs in the order they come and holds no opinion about them; a reader that takes no PIN is not asked again.

use std::{io, sync::mpsc::Receiver, thread};

use super::{
    backend::Backend,
    desk::{Job, Outcome, ReplaceJob, SignJob},
    found::{Entry, Refusal},
    module::ModuleError,
    pad::Unentered,
    padless::Padless,
    watch::Watch,
};
use crate::{card::ReaderName, config};

/// Starts the thread: it opens the backend, says through `loaded` what came of it, then does the jobs that
/// come; `done` gets each outcome.
pub(super) fn start(
    config: config::Token,
    anew: bool,
    watch: Watch,
    padless: Padless,
    jobs: Receiver<Job>,
    loaded: impl FnOnce(Result<(), ModuleError>) + Send + 'static,
    done: impl Fn(Outcome) + Send + 'static,
) -> io::Result<()> {
    let work = move || match Backend::open(&config, watch, anew) {
        Ok(backend) => {
            loaded(Ok(()));
            work(backend, &padless, &jobs, done);
        }
        Err(error) => loaded(Err(error)),
    };
    thread::Builder::new().name("module".to_owned()).spawn(work)?;
    Ok(())
}

fn work(mut backend: Backend, padless: &Padless, jobs: &Receiver<Job>, done: impl Fn(Outcome)) {
    for job in jobs {
        done(match job {
            Job::Read(reader) => Outcome::Read(backend.read(&reader)),
            Job::Check(reader, certificate) => Outcome::Checked(backend.check(&reader, certificate)),
            Job::Sign(job) => {
                let SignJob { reader, certificate, drafts, entry, unwanted } = *job;
                let sign = |entry| backend.sign(&reader, certificate, drafts, entry, &unwanted);
                Outcome::Signed(match entry {
                    Entry::Typed(_) => sign(entry),
                    Entry::AtReader => at_reader(&reader, padless, || sign(entry)),
                })
            }
            Job::Replace(job) => {
                let ReplaceJob { reader, certificate, how, new } = *job;
                Outcome::Replaced(backend.replace(&reader, certificate, how, new))
            }
            Job::Settle => Outcome::Idle,
            Job::Close => {
                backend.close();
                Outcome::Idle
            }
        });
    }
}

/// Has a PIN typed at a reader that is not known to take none.
fn at_reader<T>(
    reader: &ReaderName,
    padless: &Padless,
    sign: impl FnOnce() -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    if padless.has(reader) {
        return Err(Refusal::Unentered(Unentered::NoPad));
    }
    let result = sign();
    if let Err(Refusal::Unentered(Unentered::NoPad) | Refusal::PadFailed(_)) = result {
        padless.learn(reader);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::{Padless, ReaderName, Refusal, Unentered, at_reader};
    use crate::link::signer::Fault;

    #[test]
    fn a_reader_that_claims_keys_it_has_not_is_asked_once_and_one_nobody_typed_at_again() {
        let reader = ReaderName("reader".to_owned());
        let asked = |padless: &Padless, said: Refusal| {
            let mut asked = false;
            let result = at_reader(&reader, padless, || {
                asked = true;
                Err::<(), _>(said)
            });
            (asked, result.unwrap_err())
        };
        for broken in [Refusal::Unentered(Unentered::NoPad), Refusal::PadFailed(Fault::ModuleFailed)] {
            let padless = Padless::default();
            assert_eq!(asked(&padless, broken), (true, broken));
            assert_eq!(asked(&padless, broken), (false, Refusal::Unentered(Unentered::NoPad)));
        }
        let padless = Padless::default();
        for whole in [
            Refusal::Unentered(Unentered::TimedOut),
            Refusal::Unentered(Unentered::Cancelled),
            Refusal::Unentered(Unentered::Length),
            Refusal::Unentered(Unentered::NotHere),
            Refusal::Fault(Fault::CardPulled),
        ] {
            assert_eq!(asked(&padless, whole), (true, whole));
        }
    }
}
