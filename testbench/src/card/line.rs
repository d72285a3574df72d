//! The line from a slot to its reader, whichever kind of reader it is.
//!
//! It knows frames and what they ask; what a card answers is not its affair.

use std::{
    io,
    net::{Shutdown, TcpStream},
};

use super::{vpcd, vsc};

/// A connection to a reader; a card is in as long as it stands.
#[derive(Debug)]
pub(super) enum Line {
    /// To vpcd, inside a pcscd.
    Vpcd(TcpStream),
    /// To the passthru card of a virtual machine's reader.
    Vsc(vsc::Wire),
}

/// What a reader asks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The card is powered up or reset.
    PowerOn,
    /// The card is switched off.
    PowerOff,
    /// The answer to reset, which also says that there is a card at all.
    Atr,
    /// An answer to this command.
    Command(Vec<u8>),
    /// Nothing that a card would notice.
    Nothing,
}

impl Line {
    /// Makes a fresh connection fit for frames, and says what its reader wants to hear first.
    pub(super) fn open(&mut self) -> io::Result<()> {
        match self {
            Self::Vpcd(line) => vpcd::prepare(line),
            Self::Vsc(line) => line.introduce(),
        }
    }

    pub(super) fn try_clone(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Vpcd(line) => Self::Vpcd(line.try_clone()?),
            Self::Vsc(line) => Self::Vsc(line.try_clone()?),
        })
    }

    /// The next thing the reader asks; an error when the line has ended.
    pub(super) fn receive(&mut self) -> io::Result<Asked> {
        match self {
            Self::Vpcd(line) => vpcd::receive(line).map(|frame| match frame.as_slice() {
                vpcd::POWER_ON | vpcd::RESET => Asked::PowerOn,
                vpcd::POWER_OFF => Asked::PowerOff,
                vpcd::ATR => Asked::Atr,
                _ => Asked::Command(frame),
            }),
            Self::Vsc(line) => line.receive(),
        }
    }

    /// The answer to reset.
    pub(super) fn send_atr(&mut self, atr: &[u8]) -> io::Result<()> {
        match self {
            Self::Vpcd(line) => vpcd::send(line, atr),
            Self::Vsc(line) => line.send(vsc::Kind::Atr, atr),
        }
    }

    /// The answer to a command.
    pub(super) fn send(&mut self, answer: &[u8]) -> io::Result<()> {
        match self {
            Self::Vpcd(line) => vpcd::send(line, answer),
            Self::Vsc(line) => line.send(vsc::Kind::Apdu, answer),
        }
    }

    /// The card is out: whoever reads this line is woken, and the reader learns of it.
    pub(super) fn pull(&mut self) {
        match self {
            // Nothing is told before the reset of the connection tells it.
            Self::Vpcd(line) => drop(line.shutdown(Shutdown::Read)),
            // The reader keeps the card until it is told; it hangs up once it has read this.
            Self::Vsc(line) => {
                let _ = line.send(vsc::Kind::CardRemove, &[]);
                let _ = line.shutdown(Shutdown::Write);
            }
        }
    }

    /// The reader is gone, the card is not.
    pub(super) fn abandon(&mut self) {
        let _ = match self {
            Self::Vpcd(line) => line.shutdown(Shutdown::Both),
            Self::Vsc(line) => line.shutdown(Shutdown::Both),
        };
    }
}
