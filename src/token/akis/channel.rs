//! The line to a card through PC/SC: connected to, held alone, let go.
//!
//! Whoever holds a card alone holds it in a transaction: PC/SC lets no other client's command through, and
//! resets the card itself when this process dies. It knows no command and no file.

use std::{ffi::CString, time::Duration};

use pcsc::{Context, Disposition, Protocol, Protocols, Scope, ShareMode, Transaction};

use super::{
    apdu::{self, Answer, Command, Failure, Line},
    status::{Meaning, meaning},
};
use crate::{
    card::{
        ReaderName,
        profile::{Card, Dialect, recognise},
    },
    link::signer::Fault,
    token::{
        reader::{Seen, wait_for_removal, why_none},
        watch::Watch,
    },
};

/// How long PC/SC may take to notice a card that was pulled during a command.
const PULL_NOTICED: Duration = Duration::from_millis(1500);
/// A status word and the longest answer to a command with short lengths, or with long ones.
const SHORT_ANSWER: usize = 256 + 2;
const LONG_ANSWER: usize = 65_536 + 2;

/// What PC/SC says plainly. The rest is what comes while a card is being pulled: the reader tells then.
const LINE: &[(pcsc::Error, Fault)] = &[
    (pcsc::Error::RemovedCard, Fault::CardPulled),
    (pcsc::Error::NoSmartcard, Fault::CardPulled),
    (pcsc::Error::UnknownReader, Fault::CardPulled),
    (pcsc::Error::ReaderUnavailable, Fault::CardPulled),
    (pcsc::Error::SharingViolation, Fault::ReaderBusy),
    (pcsc::Error::UnresponsiveCard, Fault::CardMute),
    (pcsc::Error::UnpoweredCard, Fault::CardMute),
];

/// Why the card did not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// PC/SC did not carry it.
    Line(pcsc::Error),
    /// The card said no.
    Status {
        /// To what.
        doing: &'static str,
        /// With this status word.
        status: u16,
    },
    /// What the card said makes no sense.
    Nonsense(&'static str),
    /// No card this driver speaks to.
    Foreign(&'static str),
    /// It is judged already.
    Judged(Fault),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Judged(fault)
    }
}

/// A card that is connected to, and shared with other clients while nothing is done with it.
pub(super) struct Channel {
    card: pcsc::Card,
    reader: ReaderName,
    dialect: &'static Dialect,
    line: Line,
    watch: Watch,
}

/// A card nobody else can speak to as long as this lives.
pub(super) struct Alone<'a> {
    held: Held<'a>,
    dialect: &'static Dialect,
    line: Line,
}

enum Held<'a> {
    /// The transaction, there until it is let go; what becomes of the card then.
    Transaction(Option<Transaction<'a>>, Disposition, &'a Watch),
    /// A card made of its answers.
    #[cfg(test)]
    Script(&'a script::Script),
}

impl Channel {
    /// Connects to the card in a reader, if it is one whose dialect is known.
    pub(super) fn open(reader: &ReaderName, watch: &Watch) -> Result<Self, Trouble> {
        Self::connect(reader, watch, |atr| match recognise(atr) {
            Card::Speaks(dialect) => Ok(dialect),
            Card::SecureMessaging => Err(Trouble::Foreign("an AKİS card that demands secure messaging")),
            Card::Unknown => Err(Trouble::Foreign("no answer to reset of an AKİS card")),
        })
    }

    /// Connects to whatever card is in a reader; its answer to reset names the dialect it is spoken to in.
    pub(super) fn connect(
        reader: &ReaderName,
        watch: &Watch,
        dialect: impl FnOnce(&[u8]) -> Result<&'static Dialect, Trouble>,
    ) -> Result<Self, Trouble> {
        let name = CString::new(reader.0.as_str()).map_err(|_| Trouble::Line(pcsc::Error::UnknownReader))?;
        let context = watch.call(|| Context::establish(Scope::User)).map_err(Trouble::Line)?;
        // Both wait as long as another client's transaction lasts.
        let card = watch.lock(|| context.connect(&name, ShareMode::Shared, Protocols::ANY));
        let card = card.map_err(Trouble::Line)?;
        let status = watch.lock(|| card.status2_owned()).map_err(Trouble::Line)?;
        let dialect = dialect(status.atr())?;
        let t0 = matches!(status.protocol2(), Some(Protocol::T0));
        let line = Line { t0, most_sent: dialect.most_sent, extended: dialect.extended };
        Ok(Self { card, reader: reader.clone(), dialect, line, watch: watch.clone() })
    }

    pub(super) fn reader(&self) -> &ReaderName {
        &self.reader
    }

    pub(super) fn dialect(&self) -> &'static Dialect {
        self.dialect
    }

    /// Whether it is still the card that was connected to, and nobody has reset it.
    pub(super) fn holds(&mut self) -> bool {
        self.alone(Disposition::LeaveCard).is_ok()
    }

    /// Whether it speaks in character frames, T=0.
    pub(super) fn in_characters(&self) -> bool {
        self.line.t0
    }

    /// Lets go of the card without resetting it: another program may have something begun with it.
    pub(super) fn leave(self) {
        let Self { card, watch, .. } = self;
        if let Err((_, error)) = watch.call(|| card.disconnect(Disposition::LeaveCard)) {
            log::info!(CAUSE = error.to_string(); "the card could not be let go");
        }
    }

    /// Holds the card alone, until the end, when it is left as it is or reset.
    pub(super) fn alone(&mut self, end: Disposition) -> Result<Alone<'_>, Trouble> {
        let (card, watch) = (&mut self.card, &self.watch);
        let transaction = watch.lock(|| card.transaction()).map_err(Trouble::Line)?;
        let held = Held::Transaction(Some(transaction), end, watch);
        Ok(Alone { held, dialect: self.dialect, line: self.line })
    }

    /// Goes on with a card that was reset by [`Alone`]'s end. False when it is not there any more.
    pub(super) fn goes_on(&mut self) -> bool {
        let (card, watch) = (&mut self.card, &self.watch);
        watch.call(|| card.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::LeaveCard)).is_ok()
    }
}

impl Alone<'_> {
    pub(super) fn dialect(&self) -> &'static Dialect {
        self.dialect
    }

    /// One command and its whole answer, whatever its status word.
    pub(super) fn run(&self, command: &Command) -> Result<Answer, Trouble> {
        self.run_heard(command, |_, _| ())
    }

    /// The same, and each frame that goes out is told with what came back.
    pub(super) fn run_heard(
        &self,
        command: &Command,
        mut hear: impl FnMut(&[u8], &Result<Vec<u8>, pcsc::Error>),
    ) -> Result<Answer, Trouble> {
        let long = self.line.extended && command.le.is_some_and(|le| le > 256);
        let mut room = vec![0; if long { LONG_ANSWER } else { SHORT_ANSWER }];
        apdu::exchange(command, self.line, |frame| {
            let answer = self.held.transmit(frame, &mut room);
            hear(frame, &answer);
            answer
        })
        .map_err(|failure| match failure {
            Failure::Line(error) => Trouble::Line(error),
            Failure::TooLong => Trouble::Nonsense("a command longer than the line"),
            Failure::Malformed => Trouble::Nonsense("an answer that is none"),
        })
    }

    /// One word to the reader itself, which may take so long over it because it waits for a person.
    pub(super) fn control(&self, code: u32, data: &[u8], takes: Duration) -> Result<Vec<u8>, pcsc::Error> {
        self.held.control(code, data, takes)
    }

    /// One command that must succeed.
    pub(super) fn done(&self, doing: &'static str, command: &Command) -> Result<Vec<u8>, Trouble> {
        let answer = self.run(command)?;
        match answer.status {
            0x9000 => Ok(answer.data),
            status => Err(Trouble::Status { doing, status }),
        }
    }
}

impl Held<'_> {
    fn control(&self, code: u32, data: &[u8], takes: Duration) -> Result<Vec<u8>, pcsc::Error> {
        match self {
            Self::Transaction(Some(transaction), _, watch) => {
                let mut room = [0; SHORT_ANSWER];
                watch.person(takes, || transaction.control(code.into(), data, &mut room).map(<[u8]>::to_vec))
            }
            Self::Transaction(None, ..) => Err(pcsc::Error::NotTransacted),
            #[cfg(test)]
            Self::Script(script) => script.control(code, data),
        }
    }

    fn transmit(&self, frame: &[u8], room: &mut [u8]) -> Result<Vec<u8>, pcsc::Error> {
        match self {
            Self::Transaction(Some(transaction), _, watch) => {
                watch.call(|| transaction.transmit(frame, room)).map(<[u8]>::to_vec)
            }
            Self::Transaction(None, ..) => Err(pcsc::Error::NotTransacted),
            #[cfg(test)]
            Self::Script(script) => script.answer(frame),
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        match self {
            Self::Transaction(transaction, end, watch) => {
                let Some(transaction) = transaction.take() else { return };
                // The card is reset before it is let go. Where that fails it is gone, or `Channel::goes_on` fails
                // too and the connection is given up, which resets once more.
                if let Err((_, error)) = watch.call(|| transaction.end(*end)) {
                    log::info!(CAUSE = error.to_string(); "the card could not be let go");
                }
            }
            #[cfg(test)]
            Self::Script(_) => {}
        }
    }
}

impl Trouble {
    /// What it is to whoever asked; where the line does not say, the reader does.
    pub(super) fn fault(self, reader: &ReaderName, watch: &Watch) -> Fault {
        log::info!(CAUSE = self.to_string(); "the card refused");
        match self {
            Self::Line(error) => LINE
                .iter()
                .find(|(known, _)| *known == error)
                .map_or_else(|| unclear(reader, watch), |(_, fault)| *fault),
            Self::Status { status, .. } if meaning(status) == Meaning::SecureMessaging => Fault::UnknownCard,
            Self::Status { .. } => Fault::ModuleFailed,
            Self::Nonsense(_) => unclear(reader, watch),
            Self::Foreign(_) => Fault::UnknownCard,
            Self::Judged(fault) => fault,
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(error) => write!(f, "PC/SC: {error}"),
            Self::Status { doing, status } => write!(f, "{doing}: {status:04X}, {:?}", meaning(*status)),
            Self::Nonsense(what) | Self::Foreign(what) => f.write_str(what),
            Self::Judged(fault) => fault.fmt(f),
        }
    }
}

fn unclear(reader: &ReaderName, watch: &Watch) -> Fault {
    match watch.call(|| wait_for_removal(reader, PULL_NOTICED)) {
        Seen::Empty => Fault::CardPulled,
        Seen::Mute => Fault::CardMute,
        Seen::Busy => Fault::ReaderBusy,
        Seen::Card | Seen::Unknown => Fault::ModuleFailed,
    }
}

/// Why there is no card to connect to in a reader.
pub(super) fn not_there(trouble: Trouble, reader: &ReaderName, watch: &Watch) -> Fault {
    let fault = trouble.fault(reader, watch);
    if fault == Fault::CardPulled {
        // It may have gone just now, or never have answered.
        watch.call(|| why_none(reader)).unwrap_or(Fault::NoCard)
    } else {
        fault
    }
}

#[cfg(test)]
pub(super) mod script {
    //! A card that is nothing but its answers, in order; after the last one it is gone.

    use std::cell::RefCell;

    use super::{Alone, Dialect, Held, Line};

    pub(in crate::token::akis) struct Script {
        answers: RefCell<std::vec::IntoIter<Vec<u8>>>,
        /// What was sent.
        pub(in crate::token::akis) sent: RefCell<Vec<Vec<u8>>>,
        /// What the reader itself answers, in order; after the last one it does not know how.
        said: RefCell<std::vec::IntoIter<Result<Vec<u8>, pcsc::Error>>>,
        /// What the reader itself was asked.
        pub(in crate::token::akis) asked: RefCell<Vec<(u32, Vec<u8>)>>,
    }

    impl Script {
        pub(in crate::token::akis) fn new(answers: Vec<Vec<u8>>) -> Self {
            Self::of_reader(answers, Vec::new())
        }

        pub(in crate::token::akis) fn of_reader(
            answers: Vec<Vec<u8>>,
            said: Vec<Result<Vec<u8>, pcsc::Error>>,
        ) -> Self {
            Self {
                answers: RefCell::new(answers.into_iter()),
                sent: RefCell::default(),
                said: RefCell::new(said.into_iter()),
                asked: RefCell::default(),
            }
        }

        pub(super) fn control(&self, code: u32, data: &[u8]) -> Result<Vec<u8>, pcsc::Error> {
            self.asked.borrow_mut().push((code, data.to_vec()));
            self.said.borrow_mut().next().unwrap_or(Err(pcsc::Error::UnsupportedFeature))
        }

        pub(super) fn answer(&self, frame: &[u8]) -> Result<Vec<u8>, pcsc::Error> {
            self.sent.borrow_mut().push(frame.to_vec());
            self.answers.borrow_mut().next().ok_or(pcsc::Error::RemovedCard)
        }

        pub(in crate::token::akis) fn alone(&self, dialect: &'static Dialect, t0: bool) -> Alone<'_> {
            let line = Line { t0, most_sent: dialect.most_sent, extended: dialect.extended };
            Alone { held: Held::Script(self), dialect, line }
        }
    }
}
