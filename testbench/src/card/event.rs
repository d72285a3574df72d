//! What a slot tells of what happened: names of commands and status words, never content or digits.

use std::fmt;

/// One thing that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A card was put in.
    Inserted,
    /// The card was pulled.
    Removed,
    /// The reader powered the card up or reset it.
    Powered,
    /// The reader switched the card off.
    Off,
    /// The card answered a command.
    Answered {
        /// The command's name in ISO/IEC 7816-4.
        command: &'static str,
        /// The status word.
        status: u16,
    },
    /// The card was told to stop answering, and a command came.
    Silent,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inserted => f.write_str("card inserted"),
            Self::Removed => f.write_str("card removed"),
            Self::Powered => f.write_str("powered"),
            Self::Off => f.write_str("off"),
            Self::Answered { command, status } => write!(f, "{command} {status:04X}"),
            Self::Silent => f.write_str("silent"),
        }
    }
}
