//! What may be read of a card and costs nothing: no command that spends a try, changes a file or uses a key can
//! be said here.
//!
//! Whoever holds a [`Reading`] or a [`ReadOnly`] has no other way to the card. It knows no file.

use pcsc::Disposition;

use super::{
    apdu::{Answer, Command},
    channel::{Alone, Channel, Trouble},
    trace::Trace,
};
use crate::{card::ReaderName, card::profile::Dialect, token::watch::Watch};

/// A question to a card, and all there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question<'a> {
    /// SELECT (ISO/IEC 7816-4, 11.2.2), with file control information: P1, and the path, name or identifier.
    Select(u8, &'a [u8]),
    /// READ BINARY (11.3.3) of the current file: from where, at most 7FFF, and how much at most.
    Binary(u16, usize),
    /// AKİS's GET DATA of the card itself: which data, and how many bytes they have.
    System(u8, usize),
}

/// A card that is held alone and only read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    card: &'a Alone<'a>,
    trace: Option<&'a Trace>,
}

/// A connection to a card through which it can only be read.
pub(super) struct ReadOnly(Channel);

impl Question<'_> {
    fn command(self) -> Command {
        match self {
            Self::Select(by, what) => Command::new([0x00, 0xA4, by, 0x00], what, Some(256)),
            Self::Binary(offset, most) => {
                let [high, low] = (offset & 0x7FFF).to_be_bytes();
                Command::new([0x00, 0xB0, high, low], &[], Some(most))
            }
            Self::System(which, length) => Command::new([0x00, 0xCA, 0x01, which], &[], Some(length)),
        }
    }
}

impl<'a> Reading<'a> {
    /// Of a card that can be asked for more than this.
    pub(super) fn of(card: &'a Alone<'a>) -> Self {
        Self { card, trace: None }
    }

    pub(super) fn dialect(self) -> &'static Dialect {
        self.card.dialect()
    }

    /// One question and its whole answer, whatever its status word.
    pub(super) fn ask(self, question: Question<'_>) -> Result<Answer, Trouble> {
        let hear = |frame: &[u8], answer: &Result<Vec<u8>, pcsc::Error>| {
            if let Some(trace) = self.trace {
                trace.frame(question, frame, answer);
            }
        };
        self.card.run_heard(&question.command(), hear)
    }

    /// Tells whoever traces what a directory's content is made of.
    pub(super) fn tell_directory(self, content: &[u8]) {
        if let Some(trace) = self.trace {
            trace.directory(content);
        }
    }
}

impl ReadOnly {
    /// Connects to a card and speaks this dialect to it, whatever its answer to reset says.
    pub(super) fn open(
        reader: &ReaderName,
        watch: &Watch,
        dialect: &'static Dialect,
    ) -> Result<Self, Trouble> {
        Channel::connect(reader, watch, |_| Ok(dialect)).map(Self)
    }

    /// Whether it speaks in character frames, T=0.
    pub(super) fn in_characters(&self) -> bool {
        self.0.in_characters()
    }

    /// Reads what is to be read while nobody else reaches the card.
    pub(super) fn read<T>(
        &mut self,
        trace: Option<&Trace>,
        what: impl FnOnce(Reading<'_>) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let card = self.0.alone(Disposition::LeaveCard)?;
        what(Reading { card: &card, trace })
    }

    /// Lets go of the card as it is.
    pub(super) fn leave(self) {
        self.0.leave();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Question;
    use crate::token::akis::apdu::{Line, exchange};

    proptest! {
        /// Whatever a card answers, the line carries SELECT, READ BINARY, GET DATA and GET RESPONSE and nothing else.
        #[test]
        fn no_question_and_no_answer_make_a_command_that_does_more_than_read(
            kind in 0..3, p1 in any::<u8>(), offset in any::<u16>(), length in 0_usize..70_000,
            what in proptest::collection::vec(any::<u8>(), 0..40),
            t0 in any::<bool>(), extended in any::<bool>(),
            answers in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..12),
        ) {
            let question = match kind {
                0 => Question::Select(p1, &what),
                1 => Question::Binary(offset, length),
                _ => Question::System(p1, length),
            };
            let line = Line { t0, most_sent: 244, extended };
            let mut answers = answers.into_iter();
            let mut sent = Vec::new();
            let _ = exchange(&question.command(), line, |frame| {
                sent.push((frame[0], frame[1]));
                answers.next().ok_or(())
            });
            for command in sent {
                prop_assert!(matches!(command, (0x00, 0xA4 | 0xB0 | 0xCA | 0xC0)), "{command:02X?}");
            }
        }
    }
}
