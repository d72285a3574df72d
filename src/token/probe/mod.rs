//! Looks at readers and cards for staff: what is there, what the kiosk would do with it, and why not.
//!
//! No PIN is asked for and none is sent. With a trace nothing but reading is said to a card, and no module is let
//! near it; only then a card that nobody knows is tried at all, in each dialect. It needs no other process of the
//! kiosk and decides nothing about a renewal.

mod arguments;
mod print;
mod report;
mod verdict;

use std::{
    ffi::CString,
    fs::File,
    io,
    time::{Duration, SystemTime},
};

use pcsc::{Context, ReaderState, Scope, State};

pub use arguments::{Arguments, Usage};
pub use report::Report;
use report::{CardSeen, CertificateSeen, ModuleSeen, ReaderSeen, Tries};
pub use verdict::Verdict;

use super::{
    akis::{NotRead, Survey, Trace, survey},
    backend::{Way, way},
    found::Found,
    module::Module,
    reader::{self, Seen},
    restart,
    watch::Watch,
};
use crate::{
    card::{
        ReaderName,
        certificate::Certificate,
        profile::{Card, DIALECTS, recognise},
    },
    config::{self, CardSide},
    link::signer::Fault,
};

/// Looks at every reader. With `trace`, what goes over the line is written there as it happens, without what is
/// personal in it. Does not return when a call to a card does not: it ends the process with [`Verdict::Hung`]'s
/// code, or with [`Verdict::Busy`]'s when another program holds the card.
///
/// # Errors
/// When the system gives no thread, or the trace cannot be written.
pub fn probe(side: &CardSide, trace: Option<File>) -> io::Result<Report> {
    let patience = Duration::from_millis(side.token.call_deadline_ms);
    let watch = Watch::start(patience, |fault| {
        let verdict = if fault == Fault::ReaderBusy { Verdict::Busy } else { Verdict::Hung };
        let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("kiosk-token: {verdict}\n"));
        restart::end_at_once(i32::from(verdict.code()))
    })?;
    let trace = trace.map(Trace::new);
    let mut probe = Probe { side, watch, trace, module: None, now: now() };
    let report = probe.run();
    probe.module.iter_mut().for_each(Module::close);
    probe.trace.map_or(Ok(()), Trace::end)?;
    Ok(report)
}

struct Probe<'a> {
    side: &'a CardSide,
    watch: Watch,
    trace: Option<Trace>,
    module: Option<Module>,
    now: i64,
}

impl Probe<'_> {
    fn run(&mut self) -> Report {
        let clock_is_set = self.now >= self.side.rules.clock_not_before;
        let states = self.watch.call(states);
        let module = self.load_module(states.is_ok());
        let readers = match &states {
            Ok(states) => states.iter().map(|state| self.reader(state)).collect(),
            Err(_) => Vec::new(),
        };
        Report::new(self.side.token.backend, states.err(), module, clock_is_set, readers)
    }

    /// Loads the configured module where the signer would, unless there is a trace: it would speak to the card while
    /// it initialises.
    fn load_module(&mut self, service: bool) -> Option<ModuleSeen> {
        let path = self.side.token.module.as_deref()?;
        if self.trace.is_some() || !service || self.side.token.backend == config::Backend::Akis {
            return Some(ModuleSeen::not_asked(path));
        }
        let loaded = Module::load(path, &self.side.token, self.watch.clone(), false);
        Some(match loaded {
            Ok(module) => {
                let module = self.module.insert(module);
                let version = module.version();
                if self.side.token.backend == config::Backend::Auto {
                    // As the signer does: as long as it is open, it may hold cards that are not for it.
                    module.close();
                }
                ModuleSeen::loaded(path, version)
            }
            Err(error) => ModuleSeen::failed(path, error.to_string()),
        })
    }

    fn reader(&mut self, state: &ReaderState) -> ReaderSeen {
        let name = ReaderName(state.name().to_string_lossy().into_owned());
        let what = reader::seen(state.event_state());
        let mut reader = ReaderSeen::new(name.0.clone(), what);
        if what != Seen::Card {
            return reader;
        }
        let card = recognise(state.atr());
        let way = way(self.side.token.backend, card, self.side.token.module.is_some());
        let mut seen = CardSeen::new(state.atr(), card, way);
        self.say(&format!("{}: answer to reset {}", name.0, seen.atr));
        if self.trace.is_some() || way != Way::Pkcs11 {
            self.by_driver(&name, card, &mut seen);
        } else {
            self.by_module(&name, &mut seen);
        }
        reader.settle(seen);
        reader
    }

    /// Reads a card with the kiosk's own driver, whether or not a visit would go that way.
    fn by_driver(&self, reader: &ReaderName, card: Card, seen: &mut CardSeen) {
        let dialects = match card {
            Card::Speaks(dialect) => vec![dialect],
            // Reading costs nothing, and this is how a card comes to be known.
            Card::SecureMessaging | Card::Unknown if self.trace.is_some() => DIALECTS.to_vec(),
            Card::SecureMessaging | Card::Unknown => Vec::new(),
        };
        for dialect in dialects {
            self.say(&format!("read as {}", dialect.name));
            match survey(reader, &self.watch, dialect, self.trace.as_ref()) {
                Ok(Survey { in_characters, certificates, pin, tries }) => {
                    seen.protocol = Some(if in_characters { "T=0" } else { "T=1" });
                    seen.tries = match (dialect.tries_can_be_asked, tries) {
                        (false, _) => Tries::NotAllowed,
                        (true, None) => Tries::NotTold,
                        (true, Some(left)) => Tries::Left(left),
                    };
                    seen.pin = Some(pin);
                    self.judge(certificates, seen);
                    if !seen.certificates.is_empty() {
                        seen.read_as = Some(dialect.name);
                        return;
                    }
                }
                Err(NotRead { fault, secure_messaging, cause }) => {
                    self.say(&cause);
                    seen.failed(fault, secure_messaging, cause);
                }
            }
        }
    }

    fn by_module(&mut self, reader: &ReaderName, seen: &mut CardSeen) {
        let Some(module) = &mut self.module else { return };
        match module.read(reader) {
            Ok(Found { certificates, .. }) => {
                self.judge(certificates.into_iter().map(|der| (der, true)).collect(), seen);
            }
            Err(Fault::NoCertificate) => {}
            Err(fault) => seen.failed(fault, false, fault.to_string()),
        }
    }

    /// Judges what was read; authorities' certificates are nobody's.
    fn judge(&self, certificates: Vec<(Vec<u8>, bool)>, seen: &mut CardSeen) {
        let window = self.side.rules.renewal_window_days;
        for (der, has_key) in certificates {
            match Certificate::parse(&der) {
                Ok(certificate) if certificate.is_authority() => {}
                Ok(certificate) => {
                    let judged = certificate.judge(self.now, window);
                    seen.certificates.push(CertificateSeen::new(&certificate, has_key, judged));
                }
                Err(error) => seen.certificates.push(CertificateSeen::unreadable(&error)),
            }
        }
    }

    fn say(&self, what: &str) {
        if let Some(trace) = &self.trace {
            trace.say(what);
        }
    }
}

/// Every reader as it is now; why PC/SC does not tell.
fn states() -> Result<Vec<ReaderState>, pcsc::Error> {
    let context = Context::establish(Scope::User)?;
    let names = context.list_readers_owned()?;
    let mut states: Vec<ReaderState> =
        names.into_iter().map(|name: CString| ReaderState::new(name, State::UNAWARE)).collect();
    if !states.is_empty() {
        context.get_status_change(Duration::ZERO, &mut states)?;
    }
    Ok(states)
}

/// Unix seconds.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
