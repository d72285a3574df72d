//! A PIN is given another: by whoever knows it, or with the PUK where it is locked.
//!
//! The old PIN or the PUK goes out once at most; nothing is sent where a length cannot be right. Who may do it,
//! and whether a new PIN is a good one, is not judged here.

use pcsc::Disposition;
use zeroize::Zeroizing;

use super::{
    Driver, Live,
    apdu::Command,
    channel::{Alone, Trouble},
    may_have_spent,
    reading::Reading,
    sign::{Verified, said},
    status::{Meaning, meaning},
};
use crate::{
    card::{
        ReaderName,
        profile::{ChangePin, Unblock},
    },
    link::{
        pin::{FEWEST_DIGITS, Pin},
        signer::{Fault, Fingerprint},
    },
    token::watch::Watch,
};

/// Why a PIN was not given another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReplaced {
    /// The old PIN, or the PUK, is wrong; so many tries are left of it, where the card tells, and 0 is locked.
    #[error("the PIN or PUK is wrong")]
    Wrong(Option<u8>),
    /// One of the two cannot be right by its form; no try was spent.
    #[error("no PIN has this form")]
    Unfit,
    /// Something else was in the way.
    #[error("the card cannot be used: {0}")]
    Fault(Fault),
}

/// Why the card was not brought to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Before the command that sets the PIN: the old one holds, or is locked as before.
    Before(Trouble),
    /// By that command or after it.
    During(Trouble),
}

impl From<Trouble> for Cut {
    fn from(trouble: Trouble) -> Self {
        Self::Before(trouble)
    }
}

impl From<Fault> for Cut {
    fn from(fault: Fault) -> Self {
        Self::Before(fault.into())
    }
}

impl Cut {
    /// What it is to whoever asked. A status word is an answer, and one that refuses changed nothing, unless the card says
    /// that its memory failed.
    fn fault(self, reader: &ReaderName, watch: &Watch) -> Fault {
        let (Self::Before(trouble) | Self::During(trouble)) = self;
        let fault = trouble.fault(reader, watch);
        let refused = match trouble {
            Trouble::Status { status, .. } => match meaning(status) {
                Meaning::UnknownCommand => return Fault::NotSupported,
                Meaning::Broken => false,
                Meaning::Done
                | Meaning::EndOfFile
                | Meaning::WrongPin(_)
                | Meaning::Locked
                | Meaning::NotVerified
                | Meaning::SecureMessaging
                | Meaning::NotFound
                | Meaning::WrongLength
                | Meaning::WrongData
                | Meaning::Refused => true,
            },
            Trouble::Line(_) | Trouble::Nonsense(_) => false,
            Trouble::Foreign(_) | Trouble::Judged(_) => true,
        };
        match self {
            Self::Before(_) => fault,
            Self::During(_) if refused => fault,
            Self::During(_) => Fault::ChangeUnknown,
        }
    }
}

impl Driver {
    pub(super) fn replace(
        &mut self,
        reader: &ReaderName,
        certificate: Fingerprint,
        secret: &Pin,
        new: &Pin,
        how: impl FnOnce(&mut Live, &Pin, &Pin) -> Result<Verified, Cut>,
    ) -> Result<(), NotReplaced> {
        // The tries of these cards are not to be spent on a slip of the finger.
        if secret.len() < FEWEST_DIGITS {
            return Err(NotReplaced::Unfit);
        }
        let watch = self.watch.clone();
        let live = self.ready(reader).map_err(NotReplaced::Fault)?;
        if new.len() != live.channel.dialect().pin_digits {
            return Err(NotReplaced::Unfit);
        }
        // On another card than the one that was asked about, nothing is changed.
        live.check(certificate).map_err(|trouble| NotReplaced::Fault(trouble.fault(reader, &watch)))?;
        let said = how(live, secret, new).map_err(|cut| cut.fault(reader, &watch));
        let goes_on = live.channel.goes_on();
        if !goes_on {
            self.close();
        }
        match said.map_err(NotReplaced::Fault)? {
            Verified::Right => Ok(()),
            Verified::Wrong(left) => Err(NotReplaced::Wrong(left)),
            Verified::Unfit => Err(NotReplaced::Unfit),
        }
    }
}

impl Live {
    pub(super) fn change_pin(&mut self, old: &Pin, new: &Pin) -> Result<Verified, Cut> {
        let card = self.channel.alone(Disposition::ResetCard)?;
        let contents = self.contents.as_ref().ok_or(Fault::OtherCard)?;
        contents.require_pin_reference(Reading::of(&card), None)?;
        contents.enter(Reading::of(&card))?;
        let said = change(&card, old, new);
        if let Err(Cut::During(_)) = said {
            self.tries = may_have_spent(self.tries);
        }
        let said = said?;
        match said {
            Verified::Right => self.tries = None,
            Verified::Wrong(left) => self.tries = left,
            Verified::Unfit => {}
        }
        Ok(said)
    }

    pub(super) fn unblock(&mut self, puk: &Pin, new: &Pin) -> Result<Verified, Cut> {
        let card = self.channel.alone(Disposition::ResetCard)?;
        let contents = self.contents.as_ref().ok_or(Fault::OtherCard)?;
        contents.require_pin_reference(Reading::of(&card), None)?;
        if let Unblock::VerifyFirst(reference) = card.dialect().unblock {
            contents.require_puk_reference(Reading::of(&card), reference)?;
        }
        contents.enter(Reading::of(&card))?;
        let said = unblock(&card, puk, new)?;
        if said == Verified::Right {
            self.tries = None;
        }
        Ok(said)
    }
}

/// CHANGE REFERENCE DATA (ISO/IEC 7816-4, 11.5.7).
pub(super) fn change(card: &Alone<'_>, old: &Pin, new: &Pin) -> Result<Verified, Cut> {
    let reference = card.dialect().pin_reference;
    let command = match card.dialect().change {
        ChangePin::Counted => {
            let lengths = [old, new].map(|pin| u8::try_from(pin.len()).ok());
            let [Some(of_old), Some(of_new)] = lengths else { return Ok(Verified::Unfit) };
            let data = joined(&[&[of_old], old.expose(), &[of_new], new.expose()]);
            Command { header: [0x00, 0x24, 0x02, reference & 0x7F], data, le: None }
        }
        // With a digit too many the card would take it for the first one of the new PIN, which then nobody knows.
        ChangePin::Joined(digits) if [old, new].iter().any(|pin| pin.len() != digits) => {
            return Ok(Verified::Unfit);
        }
        ChangePin::Joined(_) => {
            let data = joined(&[old.expose(), new.expose()]);
            Command { header: [0x00, 0x24, 0x00, reference], data, le: None }
        }
    };
    set(card, &command, "CHANGE REFERENCE DATA")
}

/// RESET RETRY COUNTER (11.5.10), after a VERIFY of the PUK where the dialect wants that.
pub(super) fn unblock(card: &Alone<'_>, puk: &Pin, new: &Pin) -> Result<Verified, Cut> {
    let reference = card.dialect().pin_reference;
    let command = match card.dialect().unblock {
        // It cannot be this card's: as wrong as another one, and nothing is spent.
        Unblock::Joined(digits) if puk.len() != digits => return Ok(Verified::Wrong(None)),
        Unblock::Joined(_) => {
            let data = joined(&[puk.expose(), new.expose()]);
            Command { header: [0x00, 0x2C, 0x00, reference], data, le: None }
        }
        Unblock::VerifyFirst(of_puk) => {
            let data = joined(&[puk.expose()]);
            let verify = Command { header: [0x00, 0x20, 0x00, of_puk], data, le: None };
            match said(card.run(&verify)?.status, "VERIFY")? {
                Verified::Right => {}
                Verified::Unfit => return Ok(Verified::Wrong(None)),
                wrong @ Verified::Wrong(_) => return Ok(wrong),
            }
            Command { header: [0x00, 0x2C, 0x02, reference], data: joined(&[new.expose()]), le: None }
        }
    };
    set(card, &command, "RESET RETRY COUNTER")
}

/// The command that sets the PIN: from here on nobody knows which one holds until the card has answered.
fn set(card: &Alone<'_>, command: &Command, doing: &'static str) -> Result<Verified, Cut> {
    card.run(command).and_then(|answer| said(answer.status, doing)).map_err(Cut::During)
}

/// In one piece of memory from the start: growing would leave copies behind.
fn joined(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut data = Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len()).sum()));
    parts.iter().for_each(|part| data.extend_from_slice(part));
    data
}
