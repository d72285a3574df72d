//! The line to a card through PC/SC: connected to, held alone, let go.
//!
//! Whoever holds a card alone holds it in a transaction: PC/SC lets no other client's command through, and
//! resets the card itself when this process dies. It knows no command and no file.

use std::ffi::CString;

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
const PULL_NOTICED: std::time::Duration = std::time::Duration::from_millis(1500);
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
    /// There until it is let go.
    transaction: Option<Transaction<'a>>,
    end: Disposition,
    dialect: &'static Dialect,
    line: Line,
    watch: &'a Watch,
}

impl Channel {
    /// Connects to the card in a reader, if it is one whose dialect is known.
    pub(super) fn open(reader: &ReaderName, watch: &Watch) -> Result<Self, Trouble> {
        let name = CString::new(reader.0.as_str()).map_err(|_| Trouble::Line(pcsc::Error::UnknownReader))?;
        let context = watch.call(|| Context::establish(Scope::User)).map_err(Trouble::Line)?;
        let card = watch.call(|| context.connect(&name, ShareMode::Shared, Protocols::ANY));
        let card = card.map_err(Trouble::Line)?;
        let status = watch.call(|| card.status2_owned()).map_err(Trouble::Line)?;
        let dialect = match recognise(status.atr()) {
            Card::Speaks(dialect) => dialect,
            Card::SecureMessaging => {
                return Err(Trouble::Foreign("an AKİS card that demands secure messaging"));
            }
            Card::Unknown => return Err(Trouble::Foreign("no answer to reset of an AKİS card")),
        };
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

    /// Holds the card alone, until the end, when it is left as it is or reset.
    pub(super) fn alone(&mut self, end: Disposition) -> Result<Alone<'_>, Trouble> {
        let (card, watch) = (&mut self.card, &self.watch);
        let transaction = watch.lock(|| card.transaction()).map_err(Trouble::Line)?;
        Ok(Alone { transaction: Some(transaction), end, dialect: self.dialect, line: self.line, watch })
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
        let Some(transaction) = &self.transaction else { return Err(Trouble::Nonsense("let go")) };
        let long = self.line.extended && command.le.is_some_and(|le| le > 256);
        let mut room = vec![0; if long { LONG_ANSWER } else { SHORT_ANSWER }];
        apdu::exchange(command, self.line, |frame| {
            self.watch.call(|| transaction.transmit(frame, &mut room)).map(<[u8]>::to_vec)
        })
        .map_err(|failure| match failure {
            Failure::Line(error) => Trouble::Line(error),
            Failure::TooLong => Trouble::Nonsense("a command longer than the line"),
            Failure::Malformed => Trouble::Nonsense("an answer that is none"),
        })
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

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        let Some(transaction) = self.transaction.take() else { return };
        // The card is reset before it is let go. Where that fails it is gone, or `Channel::goes_on` fails too and
        // the connection is given up, which resets once more.
        if let Err((_, error)) = self.watch.call(|| transaction.end(self.end)) {
            log::info!(CAUSE = error.to_string(); "the card could not be let go");
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
