//! One card looked at for staff, without a PIN: what it holds, and how far it was understood.
//!
//! With a trace it is read through [`ReadOnly`] and nothing else. It judges no certificate.

use pcsc::Disposition;

use super::{
    channel::{Channel, Trouble},
    files::{Contents, Naming},
    reading::{Question, ReadOnly},
    sign,
    status::{Meaning, meaning},
    trace::Trace,
};
use crate::{
    card::{ReaderName, profile::Dialect},
    link::signer::Fault,
    token::watch::Watch,
};

/// Bytes of what GET DATA tells of the card's life cycle, and of its chip with the serial number.
const SYSTEM: [(u8, usize); 2] = [(0x04, 10), (0x06, 77)];

/// What is on a card.
pub(in crate::token) struct Survey {
    /// It speaks in character frames, T=0, and not in blocks, T=1.
    pub(in crate::token) in_characters: bool,
    /// DER of each certificate, and whether its key is there.
    pub(in crate::token) certificates: Vec<(Vec<u8>, bool)>,
    /// What the card's directory says of the PIN.
    pub(in crate::token) pin: Naming,
    /// Tries left of the PIN, where the dialect lets that be asked and the card tells.
    pub(in crate::token) tries: Option<u8>,
}

/// Why a card was not read.
pub(in crate::token) struct NotRead {
    /// What the kiosk would make of it.
    pub(in crate::token) fault: Fault,
    /// The card wants secure messaging.
    pub(in crate::token) secure_messaging: bool,
    /// For staff.
    pub(in crate::token) cause: String,
}

/// Reads a card as one of this dialect, whatever its answer to reset says.
pub(in crate::token) fn survey(
    reader: &ReaderName,
    watch: &Watch,
    dialect: &'static Dialect,
    trace: Option<&Trace>,
) -> Result<Survey, NotRead> {
    read(reader, watch, dialect, trace).map_err(|trouble| NotRead {
        cause: trouble.to_string(),
        secure_messaging: matches!(
            trouble,
            Trouble::Status { status, .. } if meaning(status) == Meaning::SecureMessaging
        ),
        fault: trouble.fault(reader, watch),
    })
}

fn read(
    reader: &ReaderName,
    watch: &Watch,
    dialect: &'static Dialect,
    trace: Option<&Trace>,
) -> Result<Survey, Trouble> {
    let mut card = ReadOnly::open(reader, watch, dialect)?;
    let in_characters = card.in_characters();
    let contents = card.read(trace, |card| {
        if trace.is_some() {
            for (which, length) in SYSTEM {
                card.ask(Question::System(which, length))?;
            }
        }
        let contents = Contents::read(card)?;
        let key = contents.certificates.iter().find_map(|found| found.key.as_ref());
        let pin = contents.naming(card, key)?;
        Ok((contents, pin))
    });
    card.leave();
    let (contents, pin) = contents?;
    let certificates = contents.certificates.into_iter().map(|found| (found.der, found.key.is_some()));
    // An empty VERIFY is no reading: never in a trace.
    let tries = match trace {
        None if dialect.tries_can_be_asked => {
            let mut card = Channel::connect(reader, watch, |_| Ok(dialect))?;
            let tries = sign::tries_left(&card.alone(Disposition::LeaveCard)?);
            card.leave();
            tries?
        }
        None | Some(_) => None,
    };
    Ok(Survey { in_characters, certificates: certificates.collect(), pin, tries })
}
